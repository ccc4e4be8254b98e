"""One row for one person whom several sources name: rows with the same `sort` are shown once, with the terms of all of them.

The table `contacts` holds one row of each such group, that of the first name (capitals come first). The table `twins` holds
all rows of groups of two or more, so that the others come to light when one goes. Nothing here knows a word or a page.
"""

import sqlite3
from collections.abc import Iterable
from typing import Final

from services.directory.contacts import Contact
from services.directory.places import IndexChanges, find_row, insert_row, remove_row

CREATE: Final = (
    """CREATE TABLE twins (sort TEXT NOT NULL, person TEXT NOT NULL, name TEXT NOT NULL, label TEXT NOT NULL,
        telephone TEXT NOT NULL, digits TEXT NOT NULL, terms TEXT NOT NULL, PRIMARY KEY (sort, person)) WITHOUT ROWID""",
    "CREATE INDEX twins_by_person ON twins (person)",
)
TABLES: Final = ("twins",)
_INSERT: Final = """INSERT OR REPLACE INTO twins (person, sort, name, label, telephone, digits, terms)
    VALUES (?, ?, ?, ?, ?, ?, ?)"""
_FIND_PAIRS: Final = """SELECT DISTINCT later.sort FROM temp.ordered one
    JOIN temp.ordered later ON later.rowid = one.rowid + 1 WHERE one.sort = later.sort"""
_ORDERED: Final = """SELECT rowid, person, sort, name, label, telephone, digits, terms FROM temp.ordered WHERE sort = ?
    ORDER BY name, person"""
_MEMBERS: Final = (
    "SELECT person, sort, name, label, telephone, digits, terms FROM twins WHERE sort = ? ORDER BY name, person"
)


def merge_ordered(db: sqlite3.Connection) -> None:
    """Leave one row of each group in the temporary table `ordered`, which is in the order of `sort`, and fill `twins`."""
    db.execute("DELETE FROM twins")
    groups = [sort for (sort,) in db.execute(_FIND_PAIRS)]
    if not groups:
        return
    db.execute("CREATE INDEX temp.ordered_by_sort ON ordered (sort)")
    for sort in groups:
        members = db.execute(_ORDERED, (sort,)).fetchall()
        db.executemany(_INSERT, (row[1:] for row in members))
        terms = _merged(row[-1] for row in members)
        db.execute("UPDATE temp.ordered SET terms = ? WHERE rowid = ?", (terms, members[0][0]))
        db.executemany("DELETE FROM temp.ordered WHERE rowid = ?", ((row[0],) for row in members[1:]))


def rows_of(db: sqlite3.Connection, person: str) -> list[Contact]:
    """Return the rows of a person, in their order, whether they are shown or not."""
    twins = db.execute(
        "SELECT sort, name, label, telephone, digits, terms FROM twins WHERE person = ?", (person,)
    ).fetchall()
    shown = db.execute(
        "SELECT sort, name, label, telephone, digits, terms FROM contacts WHERE person = ?", (person,)
    ).fetchall()
    own = {row[0]: Contact(*row) for row in (*shown, *twins)}
    return [own[sort] for sort in sorted(own)]


def add_row(db: sqlite3.Connection, person: str, contact: Contact, changes: IndexChanges) -> None:
    """Add a row of a person, shown or beside the one that is."""
    there = find_row(db, contact.sort)
    if there is None:
        insert_row(db, person, contact, changes)
        return
    _, other, shown = there
    if not db.execute("SELECT 1 FROM twins WHERE sort = ?", (contact.sort,)).fetchone():
        db.execute(_INSERT, (other, *shown))
    db.execute(_INSERT, (person, *contact))
    _show(db, contact.sort, changes)


def take_row(db: sqlite3.Connection, person: str, sort: str, changes: IndexChanges) -> None:
    """Take a row of a person away; a twin's is shown in its place."""
    db.execute("DELETE FROM twins WHERE sort = ? AND person = ?", (sort, person))
    _show(db, sort, changes)


def _show(db: sqlite3.Connection, sort: str, changes: IndexChanges) -> None:
    """Show of a group what its rows say now."""
    there = find_row(db, sort)
    if there is not None:
        remove_row(db, there[0], changes)
    members = db.execute(_MEMBERS, (sort,)).fetchall()
    if not members:
        return
    person, *columns = members[0]
    contact = Contact(*columns)
    if len(members) == 1:
        db.execute("DELETE FROM twins WHERE sort = ?", (sort,))
    insert_row(db, person, contact._replace(terms=_merged(row[-1] for row in members)), changes)


def _merged(each: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(term for terms in each for term in terms.split()))
