"""The names of the few people who have one in another language (`cn;lang-pl`), kept beside the rows of the phonebook.

A row shows its person's name in the language of the site, and stands where that name sorts. A phone of another language
shows the name in that one, else the one without a language. Whoever has such names has the term `TERM` in the rows, so that
nobody is looked up in vain, and nothing is stored of all others. No word, no place and no page here.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from services.directory.contacts import shown_name
from shared.languages import best_tag
from shared.ldap.entry import Entry
from shared.people import PersonReader

CREATE: Final = (
    """CREATE TABLE names_in_languages (person TEXT NOT NULL, language TEXT NOT NULL, name TEXT NOT NULL,
        PRIMARY KEY (person, language)) WITHOUT ROWID""",
)
"""`language`: a tag in lower case; "" for the name without one."""
TABLES: Final = ("names_in_languages",)
TERM: Final = "==l"
_FIND: Final = """SELECT n.language, n.name FROM contacts c JOIN names_in_languages n ON n.person = c.person
    WHERE c.place = ? ORDER BY n.language"""


class NameIn(NamedTuple):
    """The name of a person (the entry's uuid) in a language."""

    person: str
    language: str
    name: str


def names_in_languages(entry: Entry, reader: PersonReader) -> Iterator[NameIn]:
    """Yield the name in each language that the entry has, and the one without; nothing for nearly everybody."""
    tags = reader.languages(entry)
    for tag in ("", *tags) if tags else ():
        yield NameIn(entry.uuid, tag, shown_name(reader.read(entry, tag)))


def forget(db: sqlite3.Connection, persons: Iterable[str]) -> None:
    """Take away the names of these persons."""
    db.executemany("DELETE FROM names_in_languages WHERE person = ?", ((person,) for person in persons))


def store(db: sqlite3.Connection, names: Iterable[tuple[str, str, str]]) -> None:
    """Add these names (`NameIn`)."""
    db.executemany("INSERT OR REPLACE INTO names_in_languages VALUES (?, ?, ?)", names)


def are_any(db: sqlite3.Connection) -> bool:
    """Tell whether anybody has a name in a language: where nobody has, no answer depends on a phone's."""
    return db.execute("SELECT 1 FROM names_in_languages LIMIT 1").fetchone() is not None


def name_at(db: sqlite3.Connection, place: int, language: str) -> str:
    """Return the name that the row at a place has in a language, "" where there is none to show."""
    names = dict(db.execute(_FIND, (place,)).fetchall())
    return str(names.get(best_tag(language, filter(None, names)), ""))
