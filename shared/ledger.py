"""What the mirror writes down of its looking beside the polls: sweeps, complete reads, access, what somebody asked for.

It shares the writer's open file (`shared.writer`). Every method may raise `StoreUnavailable`. No LDAP, no schedule.
"""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Final

from shared.comparison import Difference, begin_sweep, find_difference, forget_hidden, note_page
from shared.ldap.source import Identity, Kind
from shared.storefile import StoreFile
from shared.tables import Tables

_NOTE_READ: Final = "INSERT OR REPLACE INTO complete_reads VALUES (?, ?)"


class Ledger:
    """The part of a store that says how the copy was compared with LDAP."""

    def __init__(self, file: StoreFile, tables: Tables, now: Callable[[], float]) -> None:
        self._file = file
        self._tables = tables
        self._now = now

    def begin_sweep(self) -> None:
        """Begin to note a sweep."""
        with self._file.faults():
            begin_sweep(self._file.db)

    def note_page(self, page: Sequence[Identity]) -> None:
        """Note a page of the sweep that was begun."""
        with self._file.faults():
            note_page(self._file.db, page)

    def difference(self, kind: Kind) -> Difference:
        """Return where the copy differs from the sweep, and forget hidden entries that are there no more."""
        with self._file.faults():
            found = find_difference(self._file.db, kind)
            forget_hidden(self._file.db, kind)
        return found

    def note_comparison(self, difference: str) -> None:
        """Write down what a comparison of everything found, "" for nothing."""
        self._write("UPDATE comparison SET at = ?, difference = ?", (self._now(), difference))

    def incomplete(self, kind: Kind, most: int) -> list[str]:
        """Return entries that lack something, by the service's tables; at most so many."""
        with self._file.faults():
            return self._tables.incomplete(self._file.db, kind, most)

    def follow_access(self, access: str) -> bool:
        """Note what `Source.access` says, and tell whether it said something else before; "" says nothing."""
        with self._file.faults():
            (before,) = self._file.db.execute("SELECT access FROM comparison").fetchone()
        if access and access != before:
            self._write("UPDATE comparison SET access = ?", (access,))
        return bool(access and before and access != before)

    def take_wish(self) -> bool:
        """Tell whether somebody wants everything to be read; asked once, it is answered once."""
        with self._file.faults():
            (wanted,) = self._file.db.execute("SELECT wanted FROM comparison").fetchone()
        if wanted:
            self._write("UPDATE comparison SET wanted = 0", ())
        return bool(wanted)

    def age_of_read(self, kind: Kind) -> float | None:
        """Return how many seconds ago all of a kind was read; None for never."""
        with self._file.faults():
            row = self._file.db.execute("SELECT at FROM complete_reads WHERE kind = ?", (kind,)).fetchone()
        return max(0.0, self._now() - row[0]) if row else None

    def note_read(self, db: sqlite3.Connection, kind: Kind) -> None:
        """Write down, in the writer's open transaction, that all of a kind was read."""
        db.execute(_NOTE_READ, (kind, self._now()))

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        with self._file.faults(), self._file.transaction(durable=False) as db:
            db.execute(statement, values)
