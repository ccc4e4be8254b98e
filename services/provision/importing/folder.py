"""Which common file each phone goes with, as the general files say (phone-spec 2.4).

A common file may have any name and stand in any folder. One that is named and missing is reported and never replaced by another.
Only where no general file speaks of a model does a name say it: `ComConf2030….txt`, if there is one alone.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote

from services.provision.importing.filetree import Tree, TreeFile, TreePhone, read_tree, report_left_out, text_of
from services.provision.importing.phonefiles import (
    COMMON_CONFIG,
    CommonFile,
    Folder,
    GeneralFile,
    PhoneFile,
    Value,
    WrittenFile,
    parse_written,
)
from services.provision.importing.report import Place, Report
from shared.mac import Mac

_MODEL_IN_NAME: Final = re.compile(r"(ST20\d\d|TB30)", re.IGNORECASE)
_MODEL_IN_FILE: Final = re.compile(r"(?:v|Conf|Tbl[_-]?|ST)(20(?:20|22|30))(?!\d)|(TB30)", re.IGNORECASE)
_DIGITS: Final = re.compile(r"(\d+)")


@dataclass(slots=True)
class _General:
    """A general file that was read, and what it names."""

    found: TreeFile
    model: str
    written: WrittenFile
    named: Value | None
    common: TreeFile | None = None


@dataclass(slots=True)
class _Used:
    """A common file while it is being found out who goes with it."""

    found: TreeFile
    written: WrittenFile
    models: dict[str, None] = field(default_factory=dict)
    is_named: bool = False
    has_phones: bool = False


def read_folder(folder: Path, report: Report) -> Folder:
    """Read all files of phones in a folder and below it. Raises `ImportFault` when there is no such folder."""
    return _FolderReader(read_tree(folder, report), folder.name, report).folder()


class _FolderReader:
    def __init__(self, tree: Tree, name: str, report: Report) -> None:
        self._tree = tree
        self._name = name
        self._report = report
        self._used: dict[TreeFile, _Used] = {}
        self._generals: list[_General] = []
        self._own: dict[Mac, _General] = {}
        self._by_file_name: dict[str, list[TreeFile]] = {}
        for found in tree.everything:
            self._by_file_name.setdefault(found.name.casefold(), []).append(found)

    def folder(self) -> Folder:
        """Read everything."""
        tree, report = self._tree, self._report
        self._generals = [general for found in tree.generals for general in self._general(found)]
        self._own = {
            phone.mac: replace(general, model=phone.model)
            for phone in tree.own_generals
            for general in self._general(phone.file)
        }
        phones: dict[Mac, tuple[TreePhone, WrittenFile, _Used | None]] = {}
        for phone in tree.phones.values():
            text = text_of(phone.file, report)
            if text is not None:
                written = parse_written(phone.file.shown, text, report)
                phones[phone.mac] = phone, written, self._common_of(phone)
        for found in tree.commons:
            self._take(found)
        self._settle_models()
        commons = {used.found: _common_file(used) for used in self._used.values()}
        report_left_out(tree, [found for found in tree.others if found not in self._used], report)
        if not phones and not commons:
            report.lost(
                self._name, Place(self._name), "holds no file of a phone", "name the folder of ST2030S_<MAC>.txt"
            )
        files = [
            PhoneFile(mac, phone.model, phone.file.place, written, commons[used.found] if used else None)
            for mac, (phone, written, used) in sorted(phones.items())
        ]
        generals = [GeneralFile(each.model, each.found.place, each.written) for each in self._all_generals()]
        return Folder(tuple(files), tuple(commons.values()), tuple(generals))

    def _all_generals(self) -> list[_General]:
        return [*self._generals, *self._own.values()]

    def _general(self, found: TreeFile) -> Iterable[_General]:
        """Read a general file, and find the common file that it names."""
        text = text_of(found, self._report)
        if text is None:
            return
        written = parse_written(found.shown, text, self._report)
        named = written.values.get(COMMON_CONFIG)
        general = _General(found, _model_of(found, written), written, named)
        if named is not None and named.text:
            general.common = self._named(named, found)
        if general.common is not None:
            used = self._take(general.common)
            if used is not None:
                used.is_named = True
                used.models |= {general.model: None} if general.model else {}
        yield general

    def _named(self, named: Value, general: TreeFile) -> TreeFile | None:
        """Return the file that a general file names; None, and a row, where it is not there."""
        parts = _parts(named.text)
        rivals = self._by_file_name.get(parts[-1].casefold(), []) if parts else []
        if not rivals:
            why = "names no file"  # not quoted whole: a URL may hold a password
            if parts:
                why = f"names {parts[-1]}, which is not in the folder; its phones got no other instead"
            self._report.lost(COMMON_CONFIG, named.place, why, "put it below the folder and import again")
            return None
        likeness = {found: (*_likeness(found, parts), -_distance(found, general)) for found in rivals}
        best = max(rivals, key=likeness.__getitem__)
        equals = [found for found in rivals if likeness[found] == likeness[best] and found != best]
        differing = [found for found in equals if text_of(found, self._report) != text_of(best, self._report)]
        if differing:
            why = f"could mean {best.shown} as well as {differing[0].shown}; the first was taken"
            self._report.lost(COMMON_CONFIG, named.place, why, "delete one of the two")
        return best

    def _take(self, found: TreeFile) -> _Used | None:
        if found not in self._used:
            text = text_of(found, self._report)
            if text is None:
                return None
            self._used[found] = _Used(found, parse_written(found.shown, text, self._report))
        return self._used[found]

    def _common_of(self, phone: TreePhone) -> _Used | None:
        general = self._own.get(phone.mac) or self._general_for(phone)
        if general is not None and general.common is None:
            return None
        used = self._used.get(general.common) if general and general.common else self._by_name(phone)
        if used is not None:
            used.models[phone.model] = None
            used.has_phones = True
        return used

    def _general_for(self, phone: TreePhone) -> _General | None:
        """Return the general file of a phone's model that stands nearest to its file."""
        fitting = [each for each in self._generals if each.model in ("", phone.model)]
        if not fitting:
            return None
        nearest = min((_distance(each.found, phone.file), not each.model) for each in fitting)
        fitting = [each for each in fitting if (_distance(each.found, phone.file), not each.model) == nearest]
        best = max(fitting, key=lambda each: _rank(each.found.name, phone.model))
        for other in fitting:
            if other.named is not None and other.common != best.common:
                why = f"{best.found.shown} names another common file and was taken; DHCP says which one counts"
                mend = "leave only the general file that DHCP names"
                self._report.lost(COMMON_CONFIG, other.named.place, why, mend)
        return best

    def _by_name(self, phone: TreePhone) -> _Used | None:
        """Return the common file that its name gives to a model of which no general file speaks."""
        fitting = [found for found in self._tree.commons if _model_in(found.name) in ("", phone.model)]
        own = [found for found in fitting if _model_in(found.name)] or fitting
        if not self._tree.commons:
            return None
        if len(own) != 1:
            problem = "several common files fit" if own else "no common file of its model is there"
            why = f"{problem}, and no general file names one: it goes with none"
            self._report.lost(phone.file.shown, phone.file.place, why, "put the general file (.inf) beside it")
            return None
        self._report.note(own[0].shown, own[0].place, "no general file is there; its name says which phones get it")
        return self._take(own[0])

    def _settle_models(self) -> None:
        """Say of each common file for which models it is, and note those that no phone gets."""
        for used in self._used.values():
            if not used.models:
                used.models[_model_in(used.found.name)] = None
            if not used.has_phones and self._tree.phones:
                why = "no phone gets it; the profile made of it stands ready"
                if not used.is_named:
                    why = f"no general file names it, so {why}"
                self._report.note(used.found.shown, used.found.place, why)


def _common_file(used: _Used) -> CommonFile:
    return CommonFile(used.found.path.stem, tuple(used.models), used.found.place, used.written)


def _parts(text: str) -> tuple[str, ...]:
    """Return the path that a URL or a file's name holds, as its parts."""
    _, scheme, rest = text.partition("://")
    path = rest.partition("/")[2].partition("?")[0].partition("#")[0] if scheme else text
    return tuple(part for part in PurePosixPath(unquote(path).replace("\\", "/")).parts if part not in ("/", ".", ".."))


def _likeness(found: TreeFile, parts: Sequence[str]) -> tuple[int, bool]:
    """Say how many of the last parts of a path a file's own has, and whether its name is written alike."""
    own = found.shown.split("/")
    same = 0
    for ours, theirs in zip(reversed(own), reversed(parts), strict=False):
        if ours.casefold() != theirs.casefold():
            break
        same += 1
    return same, found.name == parts[-1]


def _distance(one: TreeFile, other: TreeFile) -> int:
    """Return how many folders lie between two files."""
    here, there = one.folder, other.folder
    shared = 0
    for ours, theirs in zip(here, there, strict=False):
        if ours != theirs:
            break
        shared += 1
    return len(here) + len(there) - 2 * shared


def _rank(name: str, model: str) -> tuple[int, tuple[tuple[bool, int, str], ...]]:
    """Prefer the name that a phone asks for without DHCP, then the usual ones, then the highest version."""
    usual = [f"{model}S.inf".casefold(), f"{model}.inf".casefold(), f"{model}S-ip.inf".casefold()]
    at = usual.index(name.casefold()) if name.casefold() in usual else len(usual)
    version = tuple(
        (part.isdigit(), int(part) if part.isdigit() else 0, part) for part in _DIGITS.split(name.casefold())
    )
    return -at, version


def _model_of(found: TreeFile, written: WrittenFile) -> str:
    """Return the model that a general file is for, as its name says, else what it names, else its folders."""
    named = _MODEL_IN_NAME.search(found.name)
    if named:
        return named[1].upper()
    texts = (*(_parts(value.text)[-1:] for value in written.values.values()), found.folder)
    models = [model for text in texts for part in text if (model := _model_in(part))]
    return max(sorted(set(models)), key=models.count, default="")


def _model_in(name: str) -> str:
    match = _MODEL_IN_FILE.search(name)
    if match is None:
        return ""
    return "TB30" if match[2] else f"ST{match[1]}"
