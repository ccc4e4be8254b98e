"""Finds out of each file below a folder what it is: a phone's own, a general one, or one that may be a common file.

Names are taken as people and servers write them; where a name says nothing, the first section of the file does. What looks like
a phone's file and is not taken for one is reported: nothing is left out in silence.
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, NamedTuple

from services.provision.importing.report import Place, Report
from services.provision.importing.textfile import ImportFault, read_text
from services.provision.vendors.thomson.catalog import COMMON_SECTIONS
from shared.mac import Mac

_MODEL: Final = r"(?P<model>ST20\d\d|TB30)S?"
_ADDRESS: Final = r"(?P<mac>[0-9A-F]{2}(?:[-:._ ]?[0-9A-F]{2}){5})"
_PHONE: Final = re.compile(rf"{_MODEL}[-_. ]?{_ADDRESS}\.(?P<kind>txt|ser|inf)", re.IGNORECASE)
_USUAL_PHONE: Final = re.compile(r"(?:ST20\d\dS?|TB30S?)_[0-9A-F]{12}\.\w+", re.IGNORECASE)
_LIKE_PHONE: Final = re.compile(rf"{_MODEL}_.*\.txt", re.IGNORECASE)
_WITH_ADDRESS: Final = re.compile(rf".*{_ADDRESS}.*", re.IGNORECASE)
_COMMON: Final = re.compile(r"ComConf.*\.txt|.*[_-]common[_-].*\.txt", re.IGNORECASE)
_GENERAL: Final = re.compile(r".*\.inf|(?:ST20\d\d|TB30)S?(?:-ip)?", re.IGNORECASE)
_VENDORS: Final = re.compile(r".*\.zz|TelConf.*\.txt|Tone-.*\.txt", re.IGNORECASE)
_SNIFFED: Final = 4096
"""Bytes in which a file must show its first section."""
_SECTION: Final = re.compile(rb"\s*(?:[;#][^\n]*\s*)*\[(\w+)\]")
_PHONE_SECTIONS: Final = frozenset(COMMON_SECTIONS) - {"customer"}
_GENERAL_SECTIONS: Final = frozenset({"application", "config"})

Content = Literal["phone", "general", ""]


class TreeFile(NamedTuple):
    """A file below the folder; `shown`: its path there, as messages name it."""

    path: Path
    shown: str

    @property
    def place(self) -> Place:
        """The file as a whole."""
        return Place(self.shown)

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.path.name

    @property
    def folder(self) -> tuple[str, ...]:
        """The folders below which it stands."""
        return tuple(self.shown.split("/")[:-1])


class TreePhone(NamedTuple):
    """A phone's own file, or the general file that bears a phone's address."""

    file: TreeFile
    mac: Mac
    model: str


@dataclass(slots=True)
class Tree:
    """The files of a folder by what they are."""

    everything: list[TreeFile] = field(default_factory=list)
    phones: dict[Mac, TreePhone] = field(default_factory=dict)
    own_generals: list[TreePhone] = field(default_factory=list)
    generals: list[TreeFile] = field(default_factory=list)
    commons: list[TreeFile] = field(default_factory=list)
    """Those that their names call common files, in the order of their names."""
    others: list[TreeFile] = field(default_factory=list)
    """Those that hold sections of phones' files, and no name says what they are."""


def read_tree(folder: Path, report: Report) -> Tree:
    """Sort the files below a folder. Raises `ImportFault` when there is no such folder."""
    if not folder.is_dir():
        raise ImportFault(f"{folder} is no folder; name the one that holds ST2030S_<MAC>.txt files")
    tree = Tree(everything=sorted(_files(folder, report), key=_usual_names_first))
    for found in tree.everything:
        match = _PHONE.fullmatch(found.name)
        if match:
            _take_phone(found, match, tree, report)
        elif _VENDORS.fullmatch(found.name):
            why = "is the vendor's; phones get the newest one of provision.vendor_dir"
            report.note(
                found.shown, found.place, why, "put it there: `dialtree firmware add`", together=True, whole=True
            )
        elif _GENERAL.fullmatch(found.name) and _content(found, report) != "phone":
            tree.generals.append(found)
        elif _COMMON.fullmatch(found.name):
            tree.commons.append(found)
        else:
            kind = _content(found, report)
            if kind == "general":
                tree.generals.append(found)
            elif kind == "phone" or _LIKE_PHONE.fullmatch(found.name):
                tree.others.append(found)
    return tree


def text_of(found: TreeFile, report: Report) -> str | None:
    """Return the text of a file; None, and a row, where it cannot be read."""
    try:
        return read_text(found.path, report, found.shown)
    except ImportFault as fault:
        report.lost(found.shown, found.place, str(fault), "make it readable and import again", whole=True)
        return None


def report_left_out(tree: Tree, left: Iterable[TreeFile], report: Report) -> None:
    """Report files that hold parameters of phones and were not read."""
    read = [found.file.path.stem.casefold() for found in tree.phones.values()]
    for found in left:
        stem = next((stem for stem in read if found.name.casefold().startswith(stem)), "")
        if stem:
            why = "is a copy of a phone's file beside it, which counts"
            report.note(found.shown, found.place, why, "delete it, or name it as the file", whole=True)
        elif _LIKE_PHONE.fullmatch(found.name) or _WITH_ADDRESS.fullmatch(found.name):
            mend = "name it ST2030S_<MAC>.txt, as phones ask for it"
            report.lost(found.shown, found.place, "its name is not model and MAC address", mend, whole=True)
        else:
            why = "holds parameters of phones, and no general file names it"
            report.lost(found.shown, found.place, why, "name it in common_config of the general file", whole=True)


def _take_phone(found: TreeFile, match: re.Match[str], tree: Tree, report: Report) -> None:
    mac, model = Mac(re.sub(r"[^0-9A-Fa-f]", "", match["mac"]).upper()), match["model"].upper()
    phone = TreePhone(found, mac, model)
    kind = match["kind"].lower()
    other = tree.phones.get(mac)
    if kind == "ser":
        mend = "put the .txt file it was made from beside it"
        report.lost(found.shown, found.place, "is encrypted", mend, whole=True)
    elif kind == "inf":
        tree.own_generals.append(phone)
    elif other:
        why = f"{mac} has {other.file.shown} too, which was taken"
        report.lost(found.shown, found.place, why, "delete one of the two", whole=True)
    else:
        tree.phones[mac] = phone
        if not _USUAL_PHONE.fullmatch(found.name):
            why = f"was read as the file of {mac}, though phones ask for ST2030S_<MAC>.txt"
            report.note(found.shown, found.place, why)


def _usual_names_first(found: TreeFile) -> tuple[bool, str]:
    return not _USUAL_PHONE.fullmatch(found.name), found.shown


def _files(folder: Path, report: Report) -> Iterator[TreeFile]:
    """Yield every file once; a folder that is reached again, by a link, is not walked again."""

    def unreadable(error: OSError) -> None:
        name = os.path.relpath(error.filename, folder)
        report.lost(name, Place(name), f"cannot be read: {error.strerror}", "make it readable and import again")

    walked = {folder.resolve()}
    for at, folders, names in os.walk(folder, followlinks=True, onerror=unreadable):
        here = Path(at)
        folders.sort()
        for name in tuple(folders):
            real = (here / name).resolve()
            if real in walked:
                folders.remove(name)
            walked.add(real)
        for name in sorted(names):
            path = here / name
            found = TreeFile(path, path.relative_to(folder).as_posix())
            if path.is_file():
                yield found
            elif path.is_symlink() and (_PHONE.fullmatch(name) or _GENERAL.fullmatch(name) or _COMMON.fullmatch(name)):
                why = "is a link to a file that is not there"
                report.lost(found.shown, found.place, why, "copy the file that it means", whole=True)


def _content(found: TreeFile, report: Report) -> Content:
    """Return what the first section of a file says that it is."""
    try:
        with found.path.open("rb") as file:
            head = file.read(_SNIFFED)
    except OSError as error:
        why = f"cannot be read: {error.strerror}"
        report.lost(found.shown, found.place, why, "make it readable and import again", whole=True)
        return ""
    match = _SECTION.match(head.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").removeprefix(b"\xff\xfe"))
    section = match[1].decode("ascii", errors="replace") if match and not head.startswith(b"#VPD") else ""
    if section in _GENERAL_SECTIONS:
        return "general"
    return "phone" if section in _PHONE_SECTIONS else ""
