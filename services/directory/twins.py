"""One row for one number of one person, also where several sources name both: rows of equal folded name and number.

The table `contacts` holds one row of each such group: that of the entry with most numbers, so that a person's rows stay
together; else the first name (capitals come first). It has the terms of all of them. The table `twins` holds all rows of
groups of two or more, so that the others come to light when one goes. Nothing here knows a word or a page.
"""

import sqlite3
from collections.abc import Iterable
from typing import Final

from services.directory.contacts import Contact
from services.directory.places import IndexChanges, find_named, insert_row, remove_row

CREATE: Final = (
    """CREATE TABLE twins (who TEXT NOT NULL, person TEXT NOT NULL, sort TEXT NOT NULL, name TEXT NOT NULL,
        label TEXT NOT NULL, telephone TEXT NOT NULL, digits TEXT NOT NULL, terms TEXT NOT NULL,
        PRIMARY KEY (who, person)) WITHOUT ROWID""",
    "CREATE INDEX twins_by_person ON twins (person)",
)
TABLES: Final = ("twins",)
_INSERT: Final = """INSERT OR REPLACE INTO twins (who, person, sort, name, label, telephone, digits, terms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_FIND_GROUPS: Final = """SELECT json_group_array(place) FROM contacts
    GROUP BY substr(sort, 1, instr(sort, char(31))), telephone HAVING count(*) > 1"""
_BEST_FIRST: Final = "ORDER BY length(sort) - length(replace(sort, ' ', '')) DESC, name, person"
"""By blanks: of those in `sort` as many are the name's in every row of a group, and one stands between two numbers."""
_GROUP: Final = f"""SELECT place, person, sort, name, label, telephone, digits, terms FROM contacts
    WHERE place IN (SELECT value FROM json_each(?)) {_BEST_FIRST}"""  # noqa: S608  # constants only
_MEMBERS: Final = f"""SELECT person, sort, name, label, telephone, digits, terms FROM twins
    WHERE who = ? {_BEST_FIRST}"""  # noqa: S608  # constants only
_ROWS_OF: Final = """SELECT sort, name, label, telephone, digits, terms FROM contacts WHERE person = ?1
    UNION ALL SELECT sort, name, label, telephone, digits, terms FROM twins WHERE person = ?1"""


def merge(db: sqlite3.Connection) -> None:
    """Leave one row of each group in the table `contacts`, which holds all rows, and fill `twins` anew."""
    db.execute("DELETE FROM twins")
    for (places,) in db.execute(_FIND_GROUPS).fetchall():
        members = db.execute(_GROUP, (places,)).fetchall()
        db.executemany(_INSERT, ((Contact(*row[2:]).who, *row[1:]) for row in members))
        terms = _merged(row[-1] for row in members)
        db.execute("UPDATE contacts SET terms = ? WHERE place = ?", (terms, members[0][0]))
        db.executemany("DELETE FROM contacts WHERE place = ?", ((row[0],) for row in members[1:]))


def rows_of(db: sqlite3.Connection, person: str) -> list[Contact]:
    """Return the rows of a person, in their order, whether they are shown or not."""
    own = {row[0]: Contact(*row) for row in db.execute(_ROWS_OF, (person,))}  # a twin's own terms come last
    return [own[sort] for sort in sorted(own)]


def add_row(db: sqlite3.Connection, person: str, contact: Contact, changes: IndexChanges) -> None:
    """Add a row of a person, shown or beside the one that is."""
    there = find_named(db, contact)
    if there is None:
        insert_row(db, person, contact, changes)
        return
    place, other, shown = there
    if not db.execute("SELECT 1 FROM twins WHERE who = ?", (contact.who,)).fetchone():
        db.execute(_INSERT, (contact.who, other, *shown))
    db.execute(_INSERT, (contact.who, person, *contact))
    _show(db, contact.who, place, changes)


def take_row(db: sqlite3.Connection, person: str, contact: Contact, changes: IndexChanges) -> None:
    """Take a row of a person away; a twin's is shown in its place."""
    there = find_named(db, contact)
    assert there is not None  # noqa: S101  # one of its group is shown
    db.execute("DELETE FROM twins WHERE who = ? AND person = ?", (contact.who, person))
    _show(db, contact.who, there[0], changes)


def _show(db: sqlite3.Connection, who: str, place: int, changes: IndexChanges) -> None:
    """Show of a group what its rows say now, instead of the row at this place."""
    remove_row(db, place, changes)
    members = db.execute(_MEMBERS, (who,)).fetchall()
    if len(members) == 1:
        db.execute("DELETE FROM twins WHERE who = ?", (who,))
    if members:
        person, *columns = members[0]
        contact = Contact(*columns)._replace(terms=_merged(row[-1] for row in members))
        insert_row(db, person, contact, changes)


def _merged(each: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(term for terms in each for term in terms.split()))
