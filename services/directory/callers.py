"""Who calls: the MAC address of a phone to the person it belongs to, by keys alone.

It chooses what is listed first and which phonebook "mine" is, and never what anybody may see: a MAC address is a name,
not a proof (design law 13). Persons are found by marks of their DN (`services.directory.visibility`), so that neither the DN
nor anything else of a hidden person stands here.
"""

import sqlite3
from typing import Final, NamedTuple

from shared.mac import Mac

CREATE: Final = (
    """CREATE TABLE people (mark INTEGER PRIMARY KEY, person TEXT NOT NULL, site TEXT NOT NULL, departments TEXT NOT NULL,
        location TEXT NOT NULL, language TEXT NOT NULL)""",
    """CREATE TABLE phone_macs (mac TEXT NOT NULL, phone TEXT NOT NULL, owner INTEGER, above_owner INTEGER,
        own INTEGER, above_own INTEGER, PRIMARY KEY (mac, phone)) WITHOUT ROWID""",
)
"""`owner` and `own`: marks of the DNs of the owner and of the phone's own entry; `above_…`: of the entries above those,
since either may be an account below a person. `site` and `departments` are terms of the index, with blanks between them.
`language`: the tag of the one that the person prefers, "" where none is known."""
TABLES: Final = ("people", "phone_macs")
_HOLDERS: Final = "SELECT phone, owner, above_owner, own, above_own FROM phone_macs WHERE mac = ? ORDER BY phone"
_PERSON: Final = "SELECT person, site, departments, location, language FROM people WHERE mark = ?"


class Caller(NamedTuple):
    """What an answer depends on of whoever asks: equal callers get equal answers.

    `sites` and `departments` are terms (`services.directory.belonging`), () of none. `location`: the name of the one
    by whose rules the phone dials, "" of none. `language`: the tag of the one in which names are shown, "" for the site's.
    """

    sites: tuple[str, ...]
    departments: tuple[str, ...]
    location: str
    language: str = ""


class Owner(NamedTuple):
    """The person whose phone asks. `person`: the entry's uuid."""

    person: str
    caller: Caller


def find_caller(db: sqlite3.Connection, mac: Mac) -> Caller | None:
    """Return who calls, or None where no visible person owns the phone."""
    owner = find_owner(db, mac)
    return owner.caller if owner else None


def find_owner(db: sqlite3.Connection, mac: Mac) -> Owner | None:
    """Return whose phone it is, or None where no visible person owns it."""
    for _, *marks in db.execute(_HOLDERS, (mac,)).fetchall():
        for mark in marks:
            found = db.execute(_PERSON, (mark,)).fetchone() if mark is not None else None
            if found is not None:
                person, sites, departments, location, language = found
                return Owner(person, Caller(tuple(sites.split()), tuple(departments.split()), location, language))
    return None
