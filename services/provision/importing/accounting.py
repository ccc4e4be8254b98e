"""Accounts for every `key=value` of the files that were read: phones get the same, or a row of the report says why not."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from services.provision.importing.phonefiles import (
    COMMON_CONFIG,
    CommonFile,
    Folder,
    GeneralFile,
    WrittenFile,
    is_repeated,
)
from services.provision.importing.rendered import Texts
from services.provision.importing.report import Place, Report
from shared.errors import EntryError
from shared.mac import Mac


class FileCount(NamedTuple):
    """What became of the lines of one file; `silent`: names of those that nobody accounts for, which is a fault."""

    file: str
    keys: int
    same: int
    reported: int
    silent: tuple[str, ...]


def account_for(
    folder: Folder, phones: Mapping[Mac, Texts | EntryError], profiles: Mapping[Place, Texts], report: Report
) -> tuple[FileCount, ...]:
    """Count the lines of all files. One that is silent becomes a row, so that nothing is lost without a word.

    `phones`: what they get in the end. `profiles`: what a phone would get of each common file's profile, by its place.
    """
    counts = [_count(file.place, file.written, _followed(file, report), report) for file in folder.generals]
    counts += [
        _count(file.place, file.written, _of_common(file, folder, phones, profiles), report) for file in folder.commons
    ]
    counts += [_count(file.place, file.written, _received(phones[file.mac]), report) for file in folder.phones]
    return tuple(counts)


def _count(place: Place, written: WrittenFile, is_same: Callable[[str, str], bool], report: Report) -> FileCount:
    same = reported = 0
    silent: list[str] = []
    for name, value in written.lines:
        last = written.values.get(name)
        is_earlier = last is not None and last.place != value.place
        if (is_earlier and last is not None and is_repeated(value, last)) or is_same(name, value.text):
            same += 1
        elif report.covers(name, value.place):
            reported += 1
        else:
            silent.append(name)
            why = "does not reach the phone, and dialtree cannot say why"
            report.lost(name, value.place, why, "compare with `dialtree explain`")
    return FileCount(place.file, len(written.lines), same, reported, tuple(silent))


def _received(texts: Texts | EntryError) -> Callable[[str, str], bool]:
    return lambda name, text: not isinstance(texts, EntryError) and texts.get(name) == text


def _followed(general: GeneralFile, report: Report) -> Callable[[str, str], bool]:
    """A general file is not carried over but for one line: the common file that it names was read."""
    named = general.written.values.get(COMMON_CONFIG)

    def is_same(name: str, text: str) -> bool:
        return name == COMMON_CONFIG and named is not None and bool(text) and not report.covers(name, named.place)

    return is_same


def _of_common(
    common: CommonFile,
    folder: Folder,
    phones: Mapping[Mac, Texts | EntryError],
    profiles: Mapping[Place, Texts],
) -> Callable[[str, str], bool]:
    """A common file's value is the same where all its phones get it whose own files do not say otherwise."""
    used = [(file, phones[file.mac]) for file in folder.phones if file.common is common]
    got = [(file.values, texts) for file, texts in used if not isinstance(texts, EntryError)]

    def is_same(name: str, text: str) -> bool:
        found = [texts[name] for values, texts in got if name not in values and name in texts]
        return all(each == text for each in found) if found else profiles[common.place].get(name) == text

    return is_same
