"""What a service gives the mirror: its own tables beside the entries, and what of an entry may be stored. No SQL, no file."""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from shared.hiding import Hidden
from shared.ldap.entry import Entry
from shared.ldap.source import Kind


class EntryChange(NamedTuple):
    """What became of one entry of one kind: `before` is None when it is new, `after` when it is gone; never both.

    A named tuple, since a first load makes them by the hundred thousand.
    """

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
    keeps_damaged: bool
    """A damaged file is kept for study, beside the new one; not where what is hidden must be in no file."""

    def admit(self, kind: Kind, entry: Entry) -> Entry | Hidden | None:
        """Return what of an entry may be stored; None: it is of no use. Pure, and the same for what was admitted before."""
        ...

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

    def abandon(self) -> None:
        """The batch is not stored: forget what was kept of it outside of the transaction."""
        ...

    def expired(self, db: sqlite3.Connection, kind: Kind) -> list[Entry]:
        """Return stored entries that `admit` would hide by now, since their time has come; at most about a thousand."""
        ...

    def incomplete(self, db: sqlite3.Connection, kind: Kind, most: int) -> list[str]:
        """Return the uuids of stored entries that lack what the service needs of them, at most so many.

        LDAP may show it one day without a change of the entry, when access rules are repaired.
        """
        ...

    def next_expiry(self, db: sqlite3.Connection, kind: Kind) -> float | None:
        """Return when the next stored entry's time comes, Unix seconds; None: nothing depends on the time."""
        ...

    def clean(self, db: sqlite3.Connection) -> bool:
        """Remove a piece of what deleted rows left in an index; False when nothing is left. Called while nothing else is to do."""
        ...
