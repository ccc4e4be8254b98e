"""A service's SQLite file: the entries, the tables the service answers from, the cookies, the status. One writer, many readers.

The writer is the mirror; it alone imports `Store`. Workers read through `Reader`. Nothing here knows LDAP or HTTP.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from shared.ldap.entry import Entry
from shared.ldap.source import Kind


@dataclass(frozen=True, slots=True)
class EntryChange:
    """What became of one entry of one kind: `before` is None when it is new, `after` when it is gone; never both."""

    kind: Kind
    uuid: str
    before: Entry | None
    after: Entry | None


class Tables(Protocol):
    """What a service keeps beside the entries. All calls happen in the writer's open transaction.

    `name`: "provision" or "directory". `version`: raise it when DDL or derivation changes.
    `fingerprint`: what of the configuration the rows depend on. A change of either drops, creates and derives all again.
    """

    name: str
    version: int
    fingerprint: str

    def create(self, db: sqlite3.Connection) -> None:
        """Create the service's own tables, empty."""
        ...

    def drop(self, db: sqlite3.Connection) -> None:
        """Drop them where they exist."""
        ...

    def derive(self, db: sqlite3.Connection, changes: Sequence[EntryChange]) -> None:
        """Follow these changes (at most about a thousand at a time; a batch may call this many times)."""
        ...

    def settle(self, db: sqlite3.Connection, *, bulk: bool) -> None:
        """End a batch, just before the commit; also called once at the start of the mirror.

        `bulk`: the batch touched a large part of all entries, so an index is better built anew than row by row.
        """
        ...


@dataclass(frozen=True, slots=True)
class Hold:
    """A batch that the guard did not believe (law 11)."""

    kind: Kind
    what: str
    """A sentence: what would have gone, and the command that accepts it."""
    since: float


@dataclass(frozen=True, slots=True)
class Status:
    """What the mirror last said of itself. Times are Unix seconds, 0.0 for never."""

    loaded: bool
    """Every kind was once read completely: the file can be answered from."""
    connected: bool
    server: str
    confirmed_at: float
    """When the source last confirmed that the copy is up to date: the age of the copy counts from here."""
    changed_at: float
    entries: dict[Kind, int]
    holds: tuple[Hold, ...]
    problem: str
    """Why the source cannot be followed right now, or ""."""


class Reader:
    """Read access for workers, safe to share between threads; each thread has its own read-only connection."""

    def __init__(self, path: Path, tables: str, version: int) -> None:
        """`tables` and `version` are those of the `Tables` that wrote the file; another one is `StoreUnavailable`."""

    def snapshot(self) -> AbstractContextManager[sqlite3.Connection]:
        """One read transaction: all that is read inside belongs to the same moment.

        Raises `StoreUnavailable` when the file is missing, unreadable, of another version, or not loaded yet.
        """
        raise NotImplementedError

    def status(self) -> Status:
        """What the mirror last said; works before the first load too. Raises `StoreUnavailable`."""
        raise NotImplementedError


class Store:
    """The writer's side; see `shared.mirror`."""

    def entries(self, kind: Kind) -> Iterator[Entry]:
        """All entries of a kind, in constant memory."""
        raise NotImplementedError
