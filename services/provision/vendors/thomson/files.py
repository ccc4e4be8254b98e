"""Which of the vendor's files a folder holds, known by their names. Nothing here reads what is in them."""

import os
import re
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import Final

_PATTERNS: Final = {
    "fwurl": "v2030sg*.zz",
    "dspurl": "v2030_dsp*.zz",
    "booturl": "v2030_boot*.zz",
    "telcfg": "telconf2030*.txt",
    "melodies": "tone-melodies.txt",
    "system_melodies": "tone-rg.txt",
    "call_waiting_tone": "tone-cw.txt",
    "tone_table": "tonetbl*.zz",
    "language_table": "langtbl*.zz",
}
"""The line of the `.inf` that names a file, and the file's name in lower case."""
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
        for field in fields(self):
            name = getattr(self, field.name)
            if name:
                yield field.name, name


@dataclass(frozen=True, slots=True)
class _Listing:
    stamp: tuple[int, int]
    """Inode and modification time of the folder; (0, 0) for a listing that must not be kept."""
    files: VendorFiles
    paths: Mapping[str, Path]
    """By name in lower case."""


_UNKEPT: Final = (0, 0)
_EMPTY: Final = _Listing(_UNKEPT, VendorFiles(), {})


class VendorFolder:
    """The folder of vendor files; listed again only when it changed. Safe to share between threads."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._listing = _EMPTY

    def files(self) -> VendorFiles:
        """Return which vendor files there are now."""
        return self._current().files

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


def choose_files(names: Iterable[str]) -> VendorFiles:
    """Choose the newest file for each line, by the natural order of the versions in their names."""
    ordered = sorted(names, key=_version)
    chosen = {
        line: name for name in ordered for line, pattern in _PATTERNS.items() if fnmatchcase(name.lower(), pattern)
    }
    return VendorFiles(**chosen)


def _version(name: str) -> tuple[list[str | int], str]:
    parts: list[str | int] = list(re.split(r"(\d+)", Path(name).stem.lower()))
    parts[1::2] = [int(part) for part in parts[1::2]]
    return parts, name


def _list(folder: Path, stamp: tuple[int, int]) -> _Listing:
    """A file that is empty or unreadable does not count. Then nothing is kept: filling it would leave no mark on the folder."""
    paths: dict[str, Path] = {}
    complete = True
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if _usable(path):
            paths[path.name.lower()] = path
        elif not path.is_dir():
            complete = False
    files = choose_files(path.name for path in paths.values())
    return _Listing(stamp if complete else _UNKEPT, files, MappingProxyType(paths))


def _usable(path: Path) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size > 0 and os.access(path, os.R_OK)
