"""Who calls: the MAC address of a phone to the person it belongs to, by one indexed question.

It chooses what is listed first and which phonebook "mine" is, and never what anybody may see: a MAC address is a name,
not a proof (design law 13). Persons are found by marks of their DN (`services.directory.marks`), so that neither the DN
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
_FIND: Final = """SELECT p.person, p.site, p.departments, p.location FROM phone_macs m
    JOIN people p ON p.mark IN (m.owner, m.above_owner, m.own, m.above_own) WHERE m.mac = ?
    ORDER BY CASE p.mark WHEN m.owner THEN 0 WHEN m.above_owner THEN 1 WHEN m.own THEN 2 ELSE 3 END, m.phone LIMIT 1"""


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
    found = db.execute(_FIND, (mac,)).fetchone()
    if found is None:
        return None
    person, site, departments, location = found
    return Caller(mac, person, site, tuple(departments.split()), location)
