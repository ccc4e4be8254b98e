"""Which of the vendor's files a folder holds, known by their names. Nothing here reads what is in them."""

import os
import stat
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import Final

from services.provision.vendors.thomson.models import InfLine, Model
from services.provision.vendors.thomson.versions import natural, read_version

MANIFEST: Final = "SHA256SUMS"
"""Digests of the files that were placed here; no phone's."""
HELD: Final = "HELD"
"""Names of files that phones get only where a profile or `provision.pinned_files` names them, one a line; no phone's.

It stands before all names of the vendor, so that a folder copied in the order of names holds it before it holds the files.
"""
_OUR_OWN: Final = (MANIFEST, HELD)
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
    held_stamp: tuple[int, int]
    """Inode and modification time of the list of held files; (0, 0) without one."""
    paths: Mapping[str, Path]
    """By name in lower case."""
    held: frozenset[str] = frozenset()
    """Names of files that only those get who pin them, in lower case."""
    unusable: Mapping[Path, int] = field(default_factory=dict)
    """What was empty or unreadable, with the time of its last change (`_changed_at`): a repair leaves no mark on the folder."""
    chosen: dict[tuple[Model, tuple[str, ...]], VendorFiles] = field(default_factory=dict)
    """What was chosen from it, by model and by what was pinned."""


_UNKEPT: Final = (0, 0)
_EMPTY: Final = _Listing(_UNKEPT, _UNKEPT, {})


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
            names = [path.name for path in listing.paths.values()]
            chosen = choose_files(names, model.vendor_files, pinned, listing.held)
            if len(listing.chosen) < _MOST_CHOICES:
                listing.chosen[model, pinned] = chosen
        return chosen

    def find(self, name: str) -> Path | None:
        """Return the file of this name, any letter case, directly in the folder; None for all else."""
        return self._current().paths.get(name.lower())

    @property
    def names(self) -> tuple[str, ...]:
        """The files that can be given to phones."""
        return tuple(path.name for path in self._current().paths.values())

    @property
    def held(self) -> frozenset[str]:
        """Names of files that only those get who pin them, in lower case, see `HELD`."""
        return self._current().held

    def _current(self) -> _Listing:
        if self._folder is None:
            return _EMPTY
        try:
            stamp, settled = _stamp_of(self._folder)
            known = self._listing
            if (
                known.stamp != stamp
                or (known.held_stamp != _UNKEPT and known.held_stamp != _stamp_of(self._folder / HELD)[0])
                or any(_changed_at(path) != changed for path, changed in known.unusable.items())
            ):
                self._listing = _list(self._folder, stamp if settled else _UNKEPT)
        except OSError:  # the folder is away or may not be read: its files do not count
            return _EMPTY
        return self._listing


def choose_files(
    names: Iterable[str],
    patterns: Mapping[InfLine, Sequence[str]],
    pinned: Sequence[str] = (),
    held: Collection[str] = (),
) -> VendorFiles:
    """Choose a file for each line of the general file.

    `patterns`: see `Model.vendor_files`. Of all files that fit any pattern of a line the newest is taken, see `FileVersion`;
    an earlier pattern decides only between equal versions. Where a `pinned` name fits, the first such name counts alone:
    without that file the line is left out, and the phone keeps what it has. `held`: names in lower case that count only where
    they are pinned.
    """
    known = list(names)
    chosen = {line: _choose(known, own, pinned, held) for line, own in patterns.items()}
    return VendorFiles(**chosen)


def _choose(names: Sequence[str], patterns: Sequence[str], pinned: Sequence[str], held: Collection[str]) -> str:
    unwanted = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    wanted = [pattern for pattern in patterns if not pattern.startswith("!")]

    def specificity(name: str) -> int | None:
        """Return how much the first pattern says that a name fits: 0 for the first one, less for each later one."""
        lower = name.lower()
        if any(fnmatchcase(lower, pattern) for pattern in unwanted):
            return None
        return next((-at for at, pattern in enumerate(wanted) if fnmatchcase(lower, pattern)), None)

    pin = next((name.lower() for name in pinned if specificity(name) is not None), None)
    if pin is not None:
        return next((name for name in names if name.lower() == pin), "")
    fitting = [
        (read_version(name).order(rank), natural(name), name)
        for name in names
        if name.lower() not in held and (rank := specificity(name)) is not None
    ]
    return max(fitting)[-1] if fitting else ""


def line_of(name: str, model: Model) -> InfLine | None:
    """Return what a file of this name is for a model; None where the model does not know it."""
    known = choose_files([name], model.vendor_files)
    return next((line for line in model.vendor_files if getattr(known, line)), None)


def read_held(folder: Path) -> frozenset[str]:
    """Return the names of held files as they are written. Raises `OSError`."""
    try:
        text = (folder / HELD).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return frozenset()
    return frozenset(name for line in text.splitlines() if (name := line.strip()))


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


def _stamp_of(path: Path) -> tuple[tuple[int, int], bool]:
    """Return inode and modification time, and whether the last change is long ago. A file that is not there has (0, 0)."""
    try:
        status = path.stat()
    except FileNotFoundError:
        if path.name == HELD:
            return _UNKEPT, True
        raise
    return (status.st_ino, status.st_mtime_ns), time.time_ns() - status.st_mtime_ns > _SETTLED


def _list(folder: Path, stamp: tuple[int, int]) -> _Listing:
    """A file that is empty or unreadable does not count; it is looked at again each time, as long as it is so.

    Raises `OSError`, also where the list of held files cannot be read: to give held files to all would be worse than none.
    """
    held_stamp, settled = _stamp_of(folder / HELD)
    held = frozenset(name.lower() for name in read_held(folder))
    paths: dict[str, Path] = {}
    unusable: dict[Path, int] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in _OUR_OWN:
            continue
        if _usable(path):
            paths[path.name.lower()] = path
        elif not path.is_dir():
            unusable[path] = _changed_at(path)
    settled = settled and all(time.time_ns() - changed > _SETTLED for changed in unusable.values())
    return _Listing(stamp if settled else _UNKEPT, held_stamp, MappingProxyType(paths), held, unusable)


def _changed_at(path: Path) -> int:
    """Return when the content or the rights of a file last changed, in nanoseconds; 0 for one that cannot be looked at."""
    try:
        return path.stat().st_ctime_ns
    except OSError:
        return 0


def _usable(path: Path) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size > 0 and os.access(path, os.R_OK)
