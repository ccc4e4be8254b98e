"""Who calls: the MAC address of a phone to the person it belongs to, by keys alone.

It chooses what is listed first and which phonebook "mine" is, and never what anybody may see: a MAC address is a name,
not a proof (design law 13). Persons are found by marks of their DN (`services.directory.visibility`), so that neither the DN
nor anything else of a hidden person stands here.
"""

import sqlite3
from dataclasses import dataclass
from typing import Final

from shared.mac import Mac

CREATE: Final = (
    """CREATE TABLE people (mark INTEGER PRIMARY KEY, person TEXT NOT NULL, site TEXT NOT NULL, departments TEXT NOT NULL,
        location TEXT NOT NULL)""",
    """CREATE TABLE phone_macs (mac TEXT NOT NULL, phone TEXT NOT NULL, owner INTEGER, above_owner INTEGER,
        own INTEGER, above_own INTEGER, PRIMARY KEY (mac, phone)) WITHOUT ROWID""",
)
"""`owner` and `own`: marks of the DNs of the owner and of the phone's own entry; `above_…`: of the entries above those,
since either may be an account below a person. `site` and `departments` are terms of the index, the latter with blanks."""
TABLES: Final = ("people", "phone_macs")
_HOLDERS: Final = "SELECT phone, owner, above_owner, own, above_own FROM phone_macs WHERE mac = ? ORDER BY phone"
_PERSON: Final = "SELECT person, site, departments, location FROM people WHERE mark = ?"


@dataclass(frozen=True, slots=True)
class Caller:
    """The person whose phone asks. `site` and `departments` are terms (`services.directory.belonging`), "" and () of none."""

    mac: Mac
    person: str
    """The entry's uuid."""
    site: str
    departments: tuple[str, ...]
    location: str
    """Name of the location by whose rules the phone dials, "" of none."""


def find_caller(db: sqlite3.Connection, mac: Mac) -> Caller | None:
    """Return who calls, or None where no visible person owns the phone."""
    for _, *marks in db.execute(_HOLDERS, (mac,)).fetchall():
        for mark in marks:
            found = db.execute(_PERSON, (mark,)).fetchone() if mark is not None else None
            if found is not None:
                person, site, departments, location = found
                return Caller(mac, person, site, tuple(departments.split()), location)
    return None
