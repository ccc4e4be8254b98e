"""Which of the vendor's files a folder holds, known by their names. Nothing here reads what is in them."""

import os
import re
import stat
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import Final

from services.provision.vendors.thomson.models import InfLine, Model

MANIFEST: Final = "SHA256SUMS"
"""Digests of the files that were placed here; no phone's."""
_MOST_CHOICES: Final = 256
_SETTLED: Final = 2_000_000_000
"""Nanoseconds after its last change from which on a listing may be kept: coarser clocks could hide a second change."""


@dataclass(frozen=True, slots=True)
class VendorFiles:
    """The file for each line of the `.inf`, by name; "" where the folder has none."""

    fwurl: str = ""
    dspurl: str = ""
    booturl: str = ""
    telcfg: str = ""
    melodies: str = ""
    system_melodies: str = ""
    call_waiting_tone: str = ""
    tone_table: str = ""
    language_table: str = ""

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield (line of the `.inf`, file name) for what is there."""
        for line in fields(self):
            name = getattr(self, line.name)
            if name:
                yield line.name, name


@dataclass(frozen=True, slots=True)
class _Listing:
    stamp: tuple[int, int]
    """Inode and modification time of the folder; (0, 0) for a listing that must not be kept."""
    paths: Mapping[str, Path]
    """By name in lower case."""
    chosen: dict[tuple[Model, tuple[str, ...]], VendorFiles] = field(default_factory=dict)
    """What was chosen from it, by model and by what was pinned."""


_UNKEPT: Final = (0, 0)
_EMPTY: Final = _Listing(_UNKEPT, {})


class VendorFolder:
    """The folder of vendor files; listed again only when it changed. Safe to share between threads."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._listing = _EMPTY

    def files(self, model: Model, pinned: tuple[str, ...] = ()) -> VendorFiles:
        """Return which vendor files there are now for a model, see `choose_files`."""
        listing = self._current()
        chosen = listing.chosen.get((model, pinned))
        if chosen is None:
            chosen = choose_files((path.name for path in listing.paths.values()), model.vendor_files, pinned)
            if len(listing.chosen) < _MOST_CHOICES:
                listing.chosen[model, pinned] = chosen
        return chosen

    def find(self, name: str) -> Path | None:
        """Return the file of this name, any letter case, directly in the folder; None for all else."""
        return self._current().paths.get(name.lower())

    def _current(self) -> _Listing:
        if self._folder is None:
            return _EMPTY
        try:
            status = self._folder.stat()
            stamp = (status.st_ino, status.st_mtime_ns)
            if self._listing.stamp != stamp:
                settled = time.time_ns() - status.st_mtime_ns > _SETTLED
                self._listing = _list(self._folder, stamp if settled else _UNKEPT)
        except OSError:  # the folder is away or may not be read: its files do not count
            return _EMPTY
        return self._listing


def choose_files(
    names: Iterable[str], patterns: Mapping[InfLine, Sequence[str]], pinned: Sequence[str] = ()
) -> VendorFiles:
    """Choose a file for each line of the general file.

    `patterns`: see `Model.vendor_files`. Of the files of the first pattern that any fits, the newest is taken by the natural
    order of the versions in their names. Where a `pinned` name fits, the first such name counts alone: without that file the
    line is left out, and the phone keeps what it has.
    """
    ordered = sorted(names, key=_version)
    chosen = {line: _choose(ordered, own, pinned) for line, own in patterns.items()}
    return VendorFiles(**chosen)


def _choose(ordered: Sequence[str], patterns: Sequence[str], pinned: Sequence[str]) -> str:
    unwanted = [pattern[1:] for pattern in patterns if pattern.startswith("!")]

    def fit(names: Iterable[str], pattern: str) -> list[str]:
        wanted = (name for name in names if fnmatchcase(name.lower(), pattern))
        return [name for name in wanted if not any(fnmatchcase(name.lower(), other) for other in unwanted)]

    pin = next((name.lower() for name in pinned if any(fit([name], pattern) for pattern in patterns)), None)
    if pin is not None:
        return next((name for name in ordered if name.lower() == pin), "")
    return next((fitting[-1] for pattern in patterns if (fitting := fit(ordered, pattern))), "")


def unusable_files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield what of a folder cannot be given to phones, and why, with the mend."""
    try:
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        yield folder, f"cannot be listed: {error.strerror}; correct provision.vendor_dir or the folder's permissions"
        return
    for path in paths:
        try:
            status = path.stat()
        except OSError as error:
            yield path, f"cannot be read: {error.strerror}; delete it or mend the link"
            continue
        if not stat.S_ISREG(status.st_mode):
            continue
        if status.st_size == 0:
            yield path, "is empty; place the file again, or delete it"
        elif not status.st_mode & stat.S_IROTH:
            yield path, "may not be read by nginx; give everybody the right to read it: chmod o+r"


def _version(name: str) -> tuple[list[str | int], str]:
    parts: list[str | int] = list(re.split(r"(\d+)", Path(name).stem.lower()))
    parts[1::2] = [int(part) for part in parts[1::2]]
    return parts, name


def _list(folder: Path, stamp: tuple[int, int]) -> _Listing:
    """A file that is empty or unreadable does not count. Then nothing is kept: filling it would leave no mark on the folder."""
    paths: dict[str, Path] = {}
    complete = True
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name == MANIFEST:
            continue
        if _usable(path):
            paths[path.name.lower()] = path
        elif not path.is_dir():
            complete = False
    return _Listing(stamp if complete else _UNKEPT, MappingProxyType(paths))


def _usable(path: Path) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size > 0 and os.access(path, os.R_OK)
