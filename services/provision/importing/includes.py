"""Finds the files that an `#include` means, in a tree that may be a copy from another machine. No file is read here.

Source: `config_text_file_load` in Asterisk's main/config.c: a relative name counts from Asterisk's configuration folder, and
every name is a pattern of glob(3), braces included.
"""

import os
import re
from collections.abc import Iterable
from glob import escape, glob
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

_BRACES: Final = re.compile(r"\{([^{}]*)\}")
_CONFIGURATION: Final = ("etc", "asterisk")
_MOST_PATTERNS: Final = 256


class IncludedFiles(NamedTuple):
    """The files of one include, in the order in which Asterisk reads them; or why there are none."""

    files: tuple[Path, ...] = ()
    why: str = "there is no such file"
    is_foreign: bool = False
    """They lie outside the tree, on this machine."""


class IncludeFinder:
    """Finds files below `root`, or, without one, below the folder of the first file."""

    def __init__(self, folder: Path, root: Path | None) -> None:
        self._folder = folder
        self._root = root
        self._bases = (root,) if root else (folder, *_copied_root(folder))

    def find(self, pattern: str) -> IncludedFiles:
        """Return the files of one include. An absolute name is looked for below the tree, then on this machine."""
        path = PurePosixPath(pattern)
        if not path.is_absolute():
            bases = (self._folder, self._root) if self._root else (self._folder,)
            found = self._first([(base, pattern) for base in bases])
            return found._replace(is_foreign=any(not _is_below(file, self._bases) for file in found.files))
        parts = path.parts[1:]
        below = [(base, "/".join(parts[at:])) for at in range(len(parts)) for base in self._bases]
        found = self._first(below)
        if found.files or self._root:
            return found
        here = self._first([(Path("/"), pattern.lstrip("/"))])
        return here._replace(is_foreign=True) if here.files else found

    def shown(self, path: Path) -> str:
        """Return how messages name a file: below the tree by its place in it, else whole."""
        for base in (self._folder, *self._bases):
            if path.is_relative_to(base):
                return path.relative_to(base).as_posix()
        return str(path)

    def _first(self, wanted: list[tuple[Path, str]]) -> IncludedFiles:
        """Return what the first of these patterns means that means anything."""
        why = IncludedFiles().why
        for base, pattern in wanted:
            there = sorted({match for each in _expanded(pattern) for match in _matches(base, each)})
            files = [Path(os.path.normpath(match)) for match in there if os.path.isfile(match)]  # noqa: PTH113  # never raises
            inside = [file for file in files if self._root is None or _is_below(file, (self._root,))]
            if inside:
                return IncludedFiles(tuple(inside))
            if files:
                why = "it lies outside the folder that --root names"
            elif there:
                why = "it is a folder and no file"
        return IncludedFiles(why=why)


def _copied_root(folder: Path) -> tuple[Path, ...]:
    """The folder into which a whole machine was copied, where the first file lies in its etc/asterisk."""
    whole = folder.absolute()
    return (
        (whole.parents[1],) if whole.parts[-2:] == _CONFIGURATION and len(whole.parts) > len(_CONFIGURATION) + 1 else ()
    )


def _matches(base: Path, pattern: str) -> list[str]:
    """Return what a pattern finds; `Path.glob` refuses patterns that glob(3) takes, such as a folder or `**.conf`."""
    return glob(f"{escape(str(base))}/{pattern}")  # noqa: PTH207


def _expanded(pattern: str) -> list[str]:
    """Return the patterns that braces stand for: `{a,b}.conf` is `a.conf` and `b.conf`."""
    done: list[str] = []
    waiting = [pattern]
    while waiting and len(done) + len(waiting) <= _MOST_PATTERNS:
        each = waiting.pop(0)
        match = _BRACES.search(each)
        if match is None:
            done.append(each)
        else:
            waiting += [each[: match.start()] + part + each[match.end() :] for part in match[1].split(",")]
    return done


def _is_below(path: Path, folders: Iterable[Path]) -> bool:
    return any(path.resolve().is_relative_to(folder.resolve()) for folder in folders)
