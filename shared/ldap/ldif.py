"""An LDIF file followed as if it were a directory: for demonstrations, tests and sites without an LDAP server.

The file is the whole truth: each new content is one complete answer. Its digest decides whether it is new; its stat only saves
reading it. A file that does not parse, or is still being written, changes nothing. What nobody asked for may be missing:
an attribute that the file only points to (`:<`) is an error where a search needs it, and never fetched.
"""

import hashlib
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Final

from shared.errors import LdifError, SourceUnavailable
from shared.ldap.entry import Entry
from shared.ldap.entrysearch import EntrySearch
from shared.ldap.filters import FilterError
from shared.ldap.ldiflines import error_at
from shared.ldap.ldiftext import Defect, LdifEntry, read_ldif
from shared.ldap.source import Change, Done, Identity, Stream, Upsert

log = logging.getLogger("dialtree.ldif")

_SETTLED_SECONDS: Final = 2.0
"""A file changed more recently may change again within the same tick of its clock (two seconds on the coarsest file systems)."""
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class _Version:
    """One content of the file: what stat said of it, whether that is to be trusted (`settled`), and its digest: the cookie."""

    stat: tuple[int, ...]
    settled: bool
    digest: bytes


@dataclass(frozen=True, slots=True)
class _Content:
    """The entries of one version, or what is wrong with it."""

    digest: bytes
    entries: tuple[LdifEntry, ...]
    problem: str


class _BeingWrittenError(SourceUnavailable):
    """The file changes while it is read, or ends in mid-line a moment after it was written."""


class LdifSource:
    """A `Source` over one file; its identity is the file's path."""

    is_exact = True

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._version: _Version | None = None
        self._content: _Content | None = None

    def connect(self) -> str:
        """Return the identity; raises `SourceUnavailable` when there is no such file."""
        self._stat()
        return f"ldif:{self._path}"

    def poll(self, stream: Stream, cookie: bytes | None) -> Iterator[Change | Done]:
        """Ask what changed; see `Source.poll`."""
        try:
            version = self._read(cookie)
        except _BeingWrittenError:
            if cookie is None:
                raise
            yield Done(cookie, complete=False)
            return
        if version.digest == cookie:
            self._content = None  # every stream has had its first poll of this content by now, and memory is dear
            yield Done(cookie, complete=False)
            return
        try:
            yield from self._answer(stream)
        except FilterError as error:
            raise SourceUnavailable(f"{stream.kind} entries: {error}") from error

    def sweep(self, stream: Stream) -> Iterator[Sequence[Identity]]:
        """Yield all identities in one page; see `Source.sweep`."""
        yield [Identity(entry.uuid, entry.dn, entry.stamp or "") for entry in self._entries(stream)]

    def fetch(self, stream: Stream, uuids: Sequence[str]) -> Iterator[Entry]:
        """Yield these entries; see `Source.fetch`."""
        wanted = frozenset(uuids)
        return (entry for entry in self._entries(stream) if entry.uuid in wanted)

    def access(self) -> str:
        """Return "": who may read the file may read all of it."""
        return ""

    def watch(self, waiting: Callable[[float], None]) -> None:
        """A file keeps nobody waiting."""

    def _entries(self, stream: Stream) -> Iterator[Entry]:
        self._read(None)
        try:
            for item in self._answer(stream):
                if isinstance(item, Upsert):
                    yield item.entry
        except FilterError as error:
            raise SourceUnavailable(f"{stream.kind} entries: {error}") from error

    def close(self) -> None:
        """Forget what was read."""
        self._version = self._content = None

    def _answer(self, stream: Stream) -> Iterator[Change | Done]:
        content = self._content
        if content is None or content.problem:
            raise LdifError(content.problem if content else f"{self._path} was not read")
        search = EntrySearch(stream)
        reached = False
        partial: list[Defect] = []
        for found in content.entries:
            if not search.reaches(found.key):
                continue
            reached = True
            if found.defects:
                partial += self._needed(search, found)
            if search.takes(found.key, found.entry):
                yield Upsert(search.reduced(found.entry))
        if not reached:
            raise SourceUnavailable(
                f"{self._path}: no entry is at or below {stream.base!r}; check the base of the {stream.kind} entries"
            )
        for defect in partial:
            log.warning("%s", error_at(str(self._path), defect.line, defect.problem))
        yield Done(content.digest, complete=True)

    def _needed(self, search: EntrySearch, found: LdifEntry) -> list[Defect]:
        """Return of which attributes that the search needs some values are missing. Raises `LdifError` where all are."""
        partial = needed_defects(search, found)
        missing = next((defect for defect in partial if not defect.is_partial), None)
        if missing is not None:
            raise error_at(str(self._path), missing.line, f"{missing.attribute} is needed, and {missing.problem}")
        return partial

    def _read(self, cookie: bytes | None) -> _Version:
        """Return the file's version as it is now, and have its content in `_content` unless the cookie is of this version."""
        known = self._version
        if known is not None and known.settled and known.stat == _signature(self._stat()):  # noqa: SIM102  # one question each
            if cookie == known.digest or (self._content is not None and self._content.digest == known.digest):
                return known
        for _ in range(_TRIES):
            with self._open() as file:
                before = os.fstat(file.fileno())
                young = abs(time.time() - before.st_mtime) < _SETTLED_SECONDS
                if young and not _ends_with_line(file):
                    break
                digest = _digest(file)
                content = self._content
                if digest != cookie and (content is None or content.digest != digest):
                    content = self._parse(file, digest)
                if _signature(os.fstat(file.fileno())) != _signature(before):
                    continue
            self._version, self._content = _Version(_signature(before), not young, digest), content
            return self._version
        raise _BeingWrittenError(f"{self._path} is still being written")

    def _parse(self, file: BufferedReader, digest: bytes) -> _Content:
        file.seek(0)
        try:
            entries = tuple(read_ldif(str(self._path), file))
        except LdifError as error:
            return _Content(digest, (), str(error))
        problem = "" if entries else f"{self._path}, line 1: no entry; an empty file is taken for a mistake"
        return _Content(digest, entries, problem)

    def _open(self) -> BufferedReader:
        try:
            return self._path.open("rb")
        except OSError as error:
            raise self._missing(error) from error

    def _stat(self) -> os.stat_result:
        try:
            return self._path.stat()
        except OSError as error:
            raise self._missing(error) from error

    def _missing(self, error: OSError) -> SourceUnavailable:
        return SourceUnavailable(f"{self._path}: {error.strerror}; check ldap.ldif_file and the file's permissions")


def _signature(stat: os.stat_result) -> tuple[int, ...]:
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def _digest(file: BufferedReader) -> bytes:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest().encode()


def _ends_with_line(file: BufferedReader) -> bool:
    """In UTF-16 too, with the line ends of any system, or with DOS's Ctrl-Z."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 2))
    return file.read().rstrip(b"\0").endswith((b"\n", b"\r", b"\x1a"))


def needed_defects(search: EntrySearch, found: LdifEntry) -> list[Defect]:
    """Return of which attributes that a search needs values of this entry are missing."""
    needed = [defect for defect in found.defects if search.needs(defect.attribute)]
    if any(search.chooses_by(defect.attribute) for defect in needed) or search.takes(found.key, found.entry):
        return needed
    return []


def partial_values(path: Path, streams: Sequence[Stream]) -> Iterator[tuple[Stream, str, Defect]]:
    """Yield what of the values that these searches ask for is not in the file: the search, the DN, the defect.

    Raises `LdifError`, `OSError`.
    """
    searches = [(stream, EntrySearch(stream)) for stream in streams]
    with path.open("rb") as file:
        for found in read_ldif(str(path), file):
            for stream, search in searches if found.defects else ():
                if search.reaches(found.key):
                    for defect in needed_defects(search, found):
                        yield stream, found.entry.dn, defect
