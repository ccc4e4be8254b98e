"""What several entries mean together, kept beside the phonebook: whose phone a MAC address is, who is in which group.

Persons are known here by marks of their DN (and of their login name, where groups name that), as phones and groups name
them (`services.directory.visibility`). A group that changes changes the terms of its members' rows, so these persons are
derived anew in the same transaction. No query of a request stands here, and nothing that orders or shows a row.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from services.directory.belonging import department_terms, site_term
from services.directory.callers import CREATE, TABLES
from services.directory.phonebooks import FilterBooks, books_of
from services.directory.visibility import GROUP, HOLDERS, MACS, MEMBERS, Visibility, dn_mark, login_mark
from shared.batch import CHUNK, find_entries
from shared.config import Config
from shared.errors import Malformed
from shared.ldap.entry import Entry, dn_key
from shared.ldap.source import Kind
from shared.locations import Locations
from shared.mac import parse_mac
from shared.tables import EntryChange

_CREATE: Final = (
    *CREATE,
    "CREATE TABLE group_members (member INTEGER NOT NULL, slot INTEGER NOT NULL, PRIMARY KEY (member, slot)) WITHOUT ROWID",
    """CREATE TABLE expiries (kind TEXT NOT NULL, at REAL NOT NULL, entry TEXT NOT NULL, PRIMARY KEY (kind, at, entry))
        WITHOUT ROWID""",
    "CREATE TABLE logins (login INTEGER NOT NULL, mark INTEGER NOT NULL, PRIMARY KEY (login, mark)) WITHOUT ROWID",
)
_TABLES: Final = (*TABLES, "group_members", "expiries", "logins")
_SLOTS: Final = "SELECT DISTINCT slot FROM group_members WHERE member IN (?, ?) ORDER BY slot"
_PERSONS: Final = """SELECT person FROM people WHERE mark IN (SELECT value FROM json_each(?1))
    UNION SELECT p.person FROM logins l JOIN people p ON p.mark = l.mark WHERE l.login IN (SELECT value FROM json_each(?1))"""


class Relations:
    """The tables of callers and groups. `follow` comes before the rows of the same changes are derived."""

    def __init__(self, config: Config, visibility: Visibility) -> None:
        self._visibility = visibility
        names = config.ldap.mapping.person.lowered
        self._site, self._department, self._login = names["site"], names["department"], names["login"]
        self._locations = Locations(config.numbers)
        self._filters = FilterBooks(config)
        self._has_groups = bool(config.directory.groups)
        self._slots: dict[int, list[int]] = {}
        for book in books_of(config):
            if book.group:
                self._slots.setdefault(dn_mark(dn_key(book.group)), []).append(book.slot)

    def create(self, db: sqlite3.Connection) -> None:
        """Create the tables, empty."""
        for statement in _CREATE:
            db.execute(statement)

    def drop(self, db: sqlite3.Connection) -> None:
        """Drop the tables."""
        for table in _TABLES:
            db.execute(f"DROP TABLE IF EXISTS {table}")

    def slots(self, db: sqlite3.Connection, entry: Entry) -> tuple[int, ...]:
        """Return the slots of the phonebooks of groups and filters that list a person."""
        slots = tuple(self._filters.slots(entry))
        if self._has_groups:
            marks = dn_mark(dn_key(entry.dn)), login_mark(entry.first(self._login))
            slots += tuple(slot for (slot,) in db.execute(_SLOTS, marks))
        return slots

    def expired(self, db: sqlite3.Connection, kind: Kind) -> list[Entry]:
        """Return persons or phones whose date has come."""
        asked = "SELECT entry FROM expiries WHERE kind = ? AND at <= ? LIMIT ?"
        found = [entry for (entry,) in db.execute(asked, (kind, self._visibility.now(), CHUNK))]
        return find_entries(db, kind, found) if found else []

    def next_expiry(self, db: sqlite3.Connection, kind: Kind) -> float | None:
        """Return the first date to come, Unix seconds; None where there is none."""
        ((at,),) = db.execute("SELECT min(at) FROM expiries WHERE kind = ?", (kind,))
        return None if at is None else float(at)

    def follow(self, db: sqlite3.Connection, changes: Sequence[EntryChange]) -> Iterator[list[EntryChange]]:
        """Follow these changes, and yield the persons whose terms change with a group, about a thousand at a time.

        They are as they were: `before` and `after` are equal.
        """
        self._follow_people(db, [change for change in changes if change.kind is Kind.PERSON])
        _follow_phones(db, [change for change in changes if change.kind is Kind.PHONE])
        self._follow_expiries(db, changes)
        concerned: set[int] = set()
        for change in changes:
            if change.kind is Kind.GROUP:
                concerned |= self._follow_group(db, change)
        if not concerned:
            return
        persons = (person for (person,) in db.execute(_PERSONS, (json.dumps(list(concerned)),)).fetchall())
        while chunk := list(islice(persons, CHUNK)):
            found = find_entries(db, Kind.PERSON, chunk)
            yield [EntryChange(Kind.PERSON, entry.uuid, entry, entry) for entry in found]

    def _follow_people(self, db: sqlite3.Connection, changes: Sequence[EntryChange]) -> None:
        gone = [change.before for change in changes if change.before is not None]
        come = [change.after for change in changes if change.after is not None]
        marks = [(dn_mark(dn_key(entry.dn)), entry.uuid) for entry in gone]
        db.executemany("DELETE FROM people WHERE mark = ? AND person = ?", marks)
        rows = sorted(map(self._row, come))  # marks are random: in their order each page is looked for once
        db.executemany("INSERT OR REPLACE INTO people VALUES (?, ?, ?, ?, ?)", rows)
        if self._has_groups:
            db.executemany("DELETE FROM logins WHERE login = ? AND mark = ?", self._logins(gone))
            db.executemany("INSERT OR IGNORE INTO logins VALUES (?, ?)", self._logins(come))

    def _row(self, entry: Entry) -> tuple[int, str, str, str, str]:
        site = entry.first(self._site)  # two fields only: a first load comes here for each person
        found = entry.values(self._department)
        departments = " ".join(department_terms(found)) if found else ""
        location = self._locations.of_person(entry.dn, site)
        return dn_mark(dn_key(entry.dn)), entry.uuid, site_term(site) if site else "", departments, location

    def _follow_expiries(self, db: sqlite3.Connection, changes: Sequence[EntryChange]) -> None:
        changed = [change for change in changes if change.kind in (Kind.PERSON, Kind.PHONE)]
        gone = self._expiries((change.kind, change.before) for change in changed)
        db.executemany("DELETE FROM expiries WHERE kind = ? AND at = ? AND entry = ?", gone)
        come = self._expiries((change.kind, change.after) for change in changed)
        db.executemany("INSERT OR IGNORE INTO expiries VALUES (?, ?, ?)", come)

    def _expiries(self, entries: Iterable[tuple[Kind, Entry | None]]) -> Iterator[tuple[Kind, float, str]]:
        for kind, entry in entries:
            at = self._visibility.expiry(entry) if entry is not None else None
            if entry is not None and at is not None:
                yield kind, at, entry.uuid

    def _logins(self, entries: Sequence[Entry]) -> Iterator[tuple[int, int]]:
        for entry in entries:
            login = entry.first(self._login)
            if login:
                yield login_mark(login), dn_mark(dn_key(entry.dn))

    def _follow_group(self, db: sqlite3.Connection, change: EntryChange) -> set[int]:
        """Bring the members of a group up to date; return the marks of those who came or went."""
        before, after = _members(change.before), _members(change.after)
        group = change.after or change.before
        slots = self._slots.get(int(group.attributes[GROUP][0]), []) if group else []
        for slot in slots:
            db.executemany(
                "DELETE FROM group_members WHERE member = ? AND slot = ?", ((m, slot) for m in before - after)
            )
            db.executemany("INSERT OR IGNORE INTO group_members VALUES (?, ?)", ((m, slot) for m in after - before))
        return before ^ after if slots else set()


def _members(group: Entry | None) -> set[int]:
    return {int(mark) for mark in group.attributes.get(MEMBERS, ())} if group else set()


def _follow_phones(db: sqlite3.Connection, changes: Sequence[EntryChange]) -> None:
    for change in changes:
        if change.before is not None:
            macs = [(mac, change.uuid) for mac in _macs(change.before)]
            db.executemany("DELETE FROM phone_macs WHERE mac = ? AND phone = ?", macs)
        if change.after is not None:
            holders = [int(mark) if mark else None for mark in change.after.attributes[HOLDERS]]
            rows = [(mac, change.uuid, *holders) for mac in _macs(change.after)]
            db.executemany("INSERT OR REPLACE INTO phone_macs VALUES (?, ?, ?, ?, ?, ?)", rows)


def _macs(phone: Entry) -> Iterator[str]:
    """The addresses that can be read; the provision service reports the others."""
    for value in phone.attributes.get(MACS, ()):
        try:
            yield parse_mac(value)
        except Malformed:
            continue
