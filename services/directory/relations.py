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

from services.directory.belonging import department_terms, site_terms
from services.directory.callers import CREATE, TABLES
from services.directory.memberurls import MemberSearch, stored_search
from services.directory.phonebooks import FilterBooks, books_of
from services.directory.visibility import GROUP, HOLDERS, MACS, MEMBERS, SEARCHES, Visibility, dn_mark, login_mark
from shared.batch import CHUNK, find_entries, stored_entries
from shared.config import Config
from shared.errors import Malformed
from shared.languages import preferred_languages
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
    "CREATE TABLE group_searches (slot INTEGER NOT NULL, search TEXT NOT NULL, PRIMARY KEY (slot, search)) WITHOUT ROWID",
)
_TABLES: Final = (*TABLES, "group_members", "expiries", "logins", "group_searches")
_SLOTS: Final = "SELECT DISTINCT slot FROM group_members WHERE member IN (SELECT value FROM json_each(?)) ORDER BY slot"
_PERSONS: Final = """SELECT person FROM people WHERE mark IN (SELECT value FROM json_each(?1))
    UNION SELECT p.person FROM logins l JOIN people p ON p.mark = l.mark WHERE l.login IN (SELECT value FROM json_each(?1))"""


class Relations:
    """The tables of callers and groups. `follow` comes before the rows of the same changes are derived."""

    def __init__(self, config: Config, visibility: Visibility) -> None:
        self._visibility = visibility
        names = config.ldap.mapping.person.lowered
        self._site, self._department, self._login = names["site"], names["department"], names["login"]
        self._language = names["language"]
        self._locations = Locations(config.numbers)
        self._filters = FilterBooks(config)
        self._has_groups = bool(config.directory.groups)
        self._searches: list[tuple[int, MemberSearch]] = []
        """As the table `group_searches` has them."""
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
            marks = [dn_mark(dn_key(entry.dn)), *self._login_marks(entry)]
            slots += tuple(slot for (slot,) in db.execute(_SLOTS, (json.dumps(marks),)))
            slots += tuple(slot for slot, search in self._searches if slot not in slots and search.finds(entry))
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
        searched = _Searched()
        for change in changes:
            if change.kind is Kind.GROUP:
                concerned |= self._follow_group(db, change, searched)
        if self._has_groups:
            found = db.execute("SELECT slot, search FROM group_searches ORDER BY slot, search")
            self._searches = [(slot, stored_search(text)) for slot, text in found]
        named = {person for (person,) in db.execute(_PERSONS, (json.dumps(list(concerned)),))} if concerned else set()
        everybody: Iterator[str] = iter(sorted(named))
        if searched:  # every person may come or go
            everybody = (person for (person,) in db.execute("SELECT person FROM people").fetchall())
        while chunk := list(islice(everybody, CHUNK)):
            entries = find_entries(db, Kind.PERSON, chunk)
            yield [
                EntryChange(Kind.PERSON, entry.uuid, entry, entry)
                for entry in entries
                if entry.uuid in named or searched.changes(entry)
            ]

    def _follow_people(self, db: sqlite3.Connection, changes: Sequence[EntryChange]) -> None:
        gone = [change.before for change in changes if change.before is not None]
        come = [change.after for change in changes if change.after is not None]
        marks = [(dn_mark(dn_key(entry.dn)), entry.uuid) for entry in gone]
        db.executemany("DELETE FROM people WHERE mark = ? AND person = ?", marks)
        rows = sorted(map(self._row, come))  # marks are random: in their order each page is looked for once
        db.executemany("INSERT OR REPLACE INTO people VALUES (?, ?, ?, ?, ?, ?)", rows)
        if self._has_groups:
            db.executemany("DELETE FROM logins WHERE login = ? AND mark = ?", self._logins(gone))
            db.executemany("INSERT OR IGNORE INTO logins VALUES (?, ?)", self._logins(come))

    def _row(self, entry: Entry) -> tuple[int, str, str, str, str, str]:
        sites = entry.values(self._site)  # three fields only: a first load comes here for each person
        found = entry.values(self._department)
        site, departments = (
            " ".join(site_terms(sites)) if sites else "",
            " ".join(department_terms(found)) if found else "",
        )
        location = self._locations.of_person(entry.dn, sites)
        preferred = entry.first(self._language)
        language = next(iter(preferred_languages(preferred)), "") if preferred else ""
        return dn_mark(dn_key(entry.dn)), entry.uuid, site, departments, location, language

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
            for mark in self._login_marks(entry):
                yield mark, dn_mark(dn_key(entry.dn))

    def _login_marks(self, entry: Entry) -> set[int]:
        return {login_mark(login) for name in self._login for login in entry.attributes.get(name, ()) if login.strip()}

    def _follow_group(self, db: sqlite3.Connection, change: EntryChange, searched: "_Searched") -> set[int]:
        """Bring the members of a group up to date; return the marks of those who came or went."""
        group = change.after or change.before
        if group and change.after is None:  # another entry may have taken the place of the one that is gone
            stored = (each for chunk in stored_entries(db, Kind.GROUP) for each in chunk)
            heir = next((each for each in stored if each.attributes[GROUP] == group.attributes[GROUP]), None)
            change = change._replace(after=heir)
        before, after = _members(change.before), _members(change.after)
        slots = self._slots.get(int(group.attributes[GROUP][0]), []) if group else []
        for slot in slots:
            db.executemany(
                "DELETE FROM group_members WHERE member = ? AND slot = ?", ((m, slot) for m in before - after)
            )
            db.executemany("INSERT OR IGNORE INTO group_members VALUES (?, ?)", ((m, slot) for m in after - before))
        gone, come = _searches(change.before), _searches(change.after)
        if slots and gone != come:
            for slot in slots:
                db.execute("DELETE FROM group_searches WHERE slot = ?", (slot,))  # a phonebook lists one group
                db.executemany("INSERT INTO group_searches VALUES (?, ?)", ((slot, text) for text in come))
            searched.add(gone, come)
        return before ^ after if slots else set()


class _Searched:
    """The searches of groups before and after a change."""

    def __init__(self) -> None:
        self._groups: list[tuple[list[MemberSearch], list[MemberSearch]]] = []

    def __bool__(self) -> bool:
        return bool(self._groups)

    def add(self, before: Iterable[str], after: Iterable[str]) -> None:
        """Note the searches of a group."""
        self._groups.append((list(map(stored_search, before)), list(map(stored_search, after))))

    def changes(self, entry: Entry) -> bool:
        """Tell whether this person comes or goes."""
        return any(
            any(search.finds(entry) for search in before) != any(search.finds(entry) for search in after)
            for before, after in self._groups
        )


def _searches(group: Entry | None) -> tuple[str, ...]:
    return group.attributes.get(SEARCHES, ()) if group else ()


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
