"""Gives a new row its place between its neighbours: places order the rows of the table `contacts` as `sort` does.

Places have gaps, so that a new row takes the middle of one and no other row moves. A gap that is used up is widened by
spreading out the rows around it, as few as make room: rare, and the only time when a row's place changes.
Nothing here knows a word, a person or a page.
"""

import sqlite3
from dataclasses import dataclass, field
from typing import Final

from services.directory.contacts import Contact
from services.directory.paging import LAST_PLACE

GAP: Final = 1024
"""Between two rows after a load."""
_ROOM: Final = 16
"""Least gap after spreading, so that the next new rows find room."""
_AROUND: Final = 32
"""Rows to spread out at first; twice as many each time that is not enough."""

_INSERT: Final = (
    "INSERT INTO contacts (place, person, sort, name, label, telephone, digits, terms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(slots=True)
class IndexChanges:
    """What the index of terms must follow: places whose terms it holds and that are gone, and places that are new."""

    removed: dict[int, str] = field(default_factory=dict)
    added: dict[int, str] = field(default_factory=dict)

    def remove(self, place: int, terms: str) -> None:
        """The row left this place."""
        if self.added.pop(place, None) is None:
            self.removed[place] = terms

    def add(self, place: int, terms: str) -> None:
        """A row came to this place."""
        self.added[place] = terms


def remove_row(db: sqlite3.Connection, place: int, changes: IndexChanges) -> None:
    """Take a row out of the table."""
    (terms,) = db.execute("DELETE FROM contacts WHERE place = ? RETURNING terms", (place,)).fetchone()
    changes.remove(place, terms)


def insert_row(db: sqlite3.Connection, person: str, contact: Contact, changes: IndexChanges) -> None:
    """Put a row into the table, at a place between the rows before and after it; no row there has its `sort`."""
    below, above = _neighbours(db, contact.sort)
    if above - below < 2:  # noqa: PLR2004  # no whole number between them
        _spread(db, below, above, changes)
        below, above = _neighbours(db, contact.sort)
    place = min(below + GAP, (below + above) // 2)
    db.execute(_INSERT, (place, person, *contact))
    changes.add(place, contact.terms)


def find_named(db: sqlite3.Connection, contact: Contact) -> tuple[int, str, Contact] | None:
    """Return the row of the same folded name and number: its place, its person and what it shows."""
    below, _ = _neighbours(db, contact.named)
    rows = db.execute(
        "SELECT place, person, sort, name, label, telephone, digits, terms FROM contacts WHERE place > ? ORDER BY place",
        (below,),
    )
    for place, person, *columns in rows:
        found = Contact(*columns)
        if not found.sort.startswith(contact.named):
            return None
        if found.telephone == contact.telephone:
            return place, person, found
    return None


def _neighbours(db: sqlite3.Connection, sort: str) -> tuple[int, int]:
    """Return the place of the last row before `sort`, and the place after that; 0 and `LAST_PLACE + 1` where there is none."""
    (last,) = db.execute("SELECT coalesce(max(place), 0) FROM contacts").fetchone()
    below, above = 0, last + 1
    while above - below > 1:
        middle = (below + above) // 2
        found = db.execute(
            "SELECT place, sort FROM contacts WHERE place BETWEEN ? AND ? ORDER BY place LIMIT 1", (middle, above - 1)
        ).fetchone()
        if found is None or found[1] >= sort:
            above = middle
        else:
            below = found[0]
    (after,) = db.execute(
        "SELECT coalesce(min(place), ?) FROM contacts WHERE place > ?", (LAST_PLACE + 1, below)
    ).fetchone()
    return below, after


def _spread(db: sqlite3.Connection, below: int, above: int, changes: IndexChanges) -> None:
    """Move the rows around two neighbours apart."""
    around = _AROUND
    while True:
        (low,) = db.execute(
            "SELECT coalesce(min(place), 0) FROM (SELECT place FROM contacts WHERE place <= ? ORDER BY place DESC LIMIT ?)",
            (below, around),
        ).fetchone()
        (high,) = db.execute(
            "SELECT coalesce(max(place), 0) FROM (SELECT place FROM contacts WHERE place >= ? ORDER BY place LIMIT ?)",
            (above, around),
        ).fetchone()
        rows = db.execute("SELECT * FROM contacts WHERE place BETWEEN ? AND ? ORDER BY place", (low, high)).fetchall()
        (start,) = db.execute("SELECT coalesce(max(place), 0) FROM contacts WHERE place < ?", (low,)).fetchone()
        (end,) = db.execute(
            "SELECT coalesce(min(place), ?) FROM contacts WHERE place > ?", (LAST_PLACE + 1, high)
        ).fetchone()
        step = min((end - start) // (len(rows) + 1), GAP)
        if step >= _ROOM:
            break
        around *= 2
    db.execute("DELETE FROM contacts WHERE place BETWEEN ? AND ?", (low, high))
    for place, *_, terms in rows:
        changes.remove(place, terms)
    moved = [(start + step * at, *row[1:]) for at, row in enumerate(rows, 1)]
    db.executemany(_INSERT, moved)
    for place, *_, terms in moved:
        changes.add(place, terms)
