"""What the mirror keeps for this service beside the entries: the rows of the phonebook in their order, and an index of their terms.

Changes are collected in temporary tables (`derive`) and applied at the end of a batch (`settle`): a few of them row by row,
in about a millisecond each; many of them at once, sorted by SQLite, so that memory does not grow with the directory.
Nothing here knows a query, a page or a vendor.
"""

import hashlib
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

import phonenumbers

from services.directory import languagenames, twins, vocabulary
from services.directory.contacts import MOST_VALUES, Contact
from services.directory.derivation import Derivation, Derived
from services.directory.places import GAP, IndexChanges
from services.directory.relations import Relations
from services.directory.terms import PREFIX_LENGTHS, TOKENIZER
from services.directory.visibility import Visibility
from shared.aside import Aside
from shared.bounds import bounded
from shared.config import Config
from shared.hiding import Hidden
from shared.ldap.entry import Entry
from shared.ldap.source import Kind
from shared.tables import EntryChange

NAME: Final = "directory"
VERSION: Final = 16

_CREATE: Final = (
    """CREATE TABLE contacts (place INTEGER PRIMARY KEY, person TEXT NOT NULL, sort TEXT NOT NULL,
        name TEXT NOT NULL, label TEXT NOT NULL, telephone TEXT NOT NULL, digits TEXT NOT NULL, terms TEXT NOT NULL)""",
    "CREATE INDEX contacts_by_person ON contacts (person)",
    "CREATE INDEX contacts_by_tail ON contacts (substr(telephone, -7))",
    f"""CREATE VIRTUAL TABLE contact_terms USING fts5(terms, content='contacts', content_rowid='place', columnsize=0,
        detail=none, prefix='{PREFIX_LENGTHS}', tokenize="{TOKENIZER}")""",
    "CREATE TABLE left_out (person TEXT PRIMARY KEY, numbers INTEGER NOT NULL, rows INTEGER NOT NULL) WITHOUT ROWID",
    *twins.CREATE,
    *vocabulary.CREATE,
    *languagenames.CREATE,
)
_TABLES: Final = (
    "contact_terms", "contacts", "left_out", *twins.TABLES, *vocabulary.TABLES, *languagenames.TABLES, "temp.coming",
    "temp.going",
)  # fmt: skip
_COLLECT: Final = (
    """CREATE TABLE IF NOT EXISTS temp.coming (position INTEGER PRIMARY KEY, person TEXT NOT NULL, sort TEXT NOT NULL,
        name TEXT NOT NULL, label TEXT NOT NULL, telephone TEXT NOT NULL, digits TEXT NOT NULL, terms TEXT NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS temp.going (person TEXT PRIMARY KEY, before INTEGER NOT NULL) WITHOUT ROWID",
)
_ADD_COMING: Final = (
    "INSERT INTO temp.coming (person, sort, name, label, telephone, digits, terms) VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_DROP_OVERTAKEN: Final = """DELETE FROM temp.coming
    WHERE position <= (SELECT before FROM temp.going WHERE going.person = coming.person)"""
_KEEP_UNCHANGED: Final = """INSERT INTO temp.coming (person, sort, name, label, telephone, digits, terms)
    SELECT person, sort, name, label, telephone, digits, terms FROM contacts
    WHERE sort NOT IN (SELECT sort FROM twins) AND person NOT IN (SELECT person FROM temp.going)
    UNION ALL SELECT person, sort, name, label, telephone, digits, terms FROM twins
    WHERE person NOT IN (SELECT person FROM temp.going)"""
_FILL_IN_ORDER: Final = """INSERT INTO contacts (place, person, sort, name, label, telephone, digits, terms)
    SELECT next_place(), * FROM
    (SELECT person, sort, name, label, telephone, digits, terms FROM temp.coming ORDER BY sort, person)"""
"""A function in the outer SELECT is called row by row once the inner one is sorted (sqlite.org/optoverview.html, "Deferred
work using co-routines"). Numbering by `row_number()` takes three times as long, and so does a table in between."""
_COMING_OF: Final = (
    "SELECT sort, name, label, telephone, digits, terms FROM temp.coming WHERE person = ? ORDER BY position"
)
_WITHOUT_ROWS: Final = "SELECT person FROM left_out WHERE rows = 0 ORDER BY person LIMIT ?"
_TELL_INDEX: Final = "INSERT INTO contact_terms (contact_terms, rank) VALUES (?, ?)"
_TOGETHER: Final = 250
"""Persons whose rows are made at once."""
_FEW: Final = 5
"""Up to a fifth of all rows are changed one by one."""
_SLICE: Final = 500
"""Persons whose changes are kept in memory together."""
_PIECE: Final = 256
"""Pages of the index that a step of cleaning writes; a negative number begins to merge all of it."""
_MERGE_LATER: Final = (("automerge", 0), ("crisismerge", 64))
_MERGE_AT_ONCE: Final = (("automerge", 4), ("crisismerge", 16))
"""What is built in one go is merged once, at its end; SQLite's own values else."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is not in the phonebook: `numbers` that cannot be dialled or are too many, `people` who have no other one."""

    numbers: int
    people: int


def count_left_out(db: sqlite3.Connection) -> LeftOut:
    """Return what the mirror left out."""
    numbers, people = db.execute(
        "SELECT coalesce(sum(numbers), 0), coalesce(sum(rows = 0), 0) FROM left_out"
    ).fetchone()
    return LeftOut(numbers, people)


class DirectoryTables:
    """The `Tables` of the directory service."""

    name = NAME
    version = VERSION
    keeps_damaged = False

    def __init__(self, config: Config, now: Callable[[], float] = time.time) -> None:
        """`now`: Unix seconds, for accounts that expire."""
        self._language = config.phonebook_language
        self._aside = Aside(Derivation(config).rows_of)
        self._going: deque[list[str]] = deque()
        """Whose earlier rows count no more, for each piece that is with `_aside`."""
        self._visibility = Visibility(config, now)
        self._relations = Relations(config, self._visibility)
        self._is_cleaning = False
        depends_on = (
            config.ldap.mapping.person.model_dump_json(),
            *config.ldap.mapping.account.user,
            config.numbers.model_dump_json(),
            *(book.model_dump_json(exclude={"name"}) for book in config.directory.phonebooks),
            config.directory.visibility.model_dump_json(),
            self._language,
            config.phonebook_locale,
            str(config.directory.rows_per_person),
            phonenumbers.__version__,
        )
        self.fingerprint = hashlib.sha256("\0".join(depends_on).encode()).hexdigest()[:16]

    def admit(self, kind: Kind, entry: Entry) -> Entry | Hidden | None:
        """Return what of an entry may be stored (`services.directory.visibility`)."""
        admitted = self._visibility.admit(kind, entry)
        return bounded(admitted, MOST_VALUES) if kind is Kind.PERSON and isinstance(admitted, Entry) else admitted

    def create(self, db: sqlite3.Connection) -> None:
        """Create the tables, empty."""
        for statement in _CREATE:
            db.execute(statement)
        self._relations.create(db)

    def drop(self, db: sqlite3.Connection) -> None:
        """Drop the tables and forget what was collected."""
        self.abandon()
        for table in _TABLES:
            db.execute(f"DROP TABLE IF EXISTS {table}")
        self._relations.drop(db)

    def derive(self, db: sqlite3.Connection, changes: Sequence[EntryChange]) -> None:
        """Collect the rows of these persons, and of those whose terms change with a phone's or a group's entry."""
        self._begin(db)
        for concerned in self._relations.follow(db, changes):
            self._collect(db, concerned)
        self._collect(db, [change for change in changes if change.kind is Kind.PERSON])

    def abandon(self) -> None:
        """Forget the rows that are not in a table yet."""
        self._aside.end()
        self._going.clear()

    @staticmethod
    def _begin(db: sqlite3.Connection) -> None:
        for statement in _COLLECT:
            db.execute(statement)

    def _collect(self, db: sqlite3.Connection, changes: Sequence[EntryChange]) -> None:
        """Collect the rows of these persons; what was collected of them before counts no more."""
        for start in range(0, len(changes), _TOGETHER):
            piece = changes[start : start + _TOGETHER]
            latest = {change.uuid: change.after for change in piece}
            persons = [(*entry[:3], self._relations.slots(db, entry)) for entry in latest.values() if entry is not None]
            self._going.append([change.uuid for change in piece if change.before is not None])
            self._add(db, self._aside.ask(persons))

    def _add(self, db: sqlite3.Connection, derived: Sequence[Derived]) -> None:
        """Put rows that were made into the tables of what comes and goes, piece by piece."""
        for rows, left_out, names in derived:
            going = self._going.popleft()
            if going:
                (position,) = db.execute("SELECT coalesce(max(position), 0) FROM temp.coming").fetchone()
                db.executemany(
                    "INSERT OR REPLACE INTO temp.going VALUES (?, ?)", ((person, position) for person in going)
                )
                db.executemany("DELETE FROM left_out WHERE person = ?", ((person,) for person in going))
                languagenames.forget(db, going)
            db.executemany(_ADD_COMING, rows)
            db.executemany("INSERT INTO left_out VALUES (?, ?, ?)", left_out)
            if names:
                languagenames.store(db, names)

    def settle(self, db: sqlite3.Connection, *, bulk: bool) -> None:
        """Apply what was collected."""
        self._begin(db)
        self._add(db, self._aside.rest())
        self._aside.end()
        (going,) = db.execute("SELECT count(*) FROM temp.going").fetchone()
        (coming,) = db.execute("SELECT count(*) FROM temp.coming").fetchone()
        if not (going or coming):
            return
        if going:
            db.execute(_DROP_OVERTAKEN)
        if bulk or _is_large_part(db, going + coming):
            _rebuild(db)
            vocabulary.build(db, self._language)
        else:
            _apply(db, self._language)
        db.execute("DELETE FROM temp.going")
        db.execute("DELETE FROM temp.coming")

    def expired(self, db: sqlite3.Connection, kind: Kind) -> list[Entry]:
        """Return persons, and phones that are a person's entry, whose account has expired."""
        return self._relations.expired(db, kind)

    def next_expiry(self, db: sqlite3.Connection, kind: Kind) -> float | None:
        """Return when the next account expires, Unix seconds."""
        return self._relations.next_expiry(db, kind)

    def incomplete(self, db: sqlite3.Connection, kind: Kind, most: int) -> list[str]:
        """Return persons without a number that could be dialled."""
        if kind is not Kind.PERSON:
            return []
        return [person for (person,) in db.execute(_WITHOUT_ROWS, (most,))]

    def clean(self, db: sqlite3.Connection) -> bool:
        """Merge a piece of the index: a deleted row's terms stay in it until they are merged with their deletion."""
        before = db.total_changes
        db.execute(_TELL_INDEX, ("merge", _PIECE if self._is_cleaning else -_PIECE))
        self._is_cleaning = db.total_changes - before > 1
        return self._is_cleaning


def _is_large_part(db: sqlite3.Connection, changes: int) -> bool:
    if changes <= _SLICE:  # counting a million rows would cost more than following these
        return db.execute("SELECT 1 FROM contacts").fetchone() is None
    (rows,) = db.execute("SELECT count(*) FROM contacts").fetchone()
    return bool(changes * _FEW > rows)


def _rebuild(db: sqlite3.Connection) -> None:
    """Order all rows anew and build the index in one go."""
    db.execute(_KEEP_UNCHANGED)
    db.execute("DROP INDEX contacts_by_person")
    db.execute("DROP INDEX contacts_by_tail")
    db.execute("DELETE FROM contacts")
    db.create_function("next_place", 0, count(GAP, GAP).__next__)
    db.execute(_FILL_IN_ORDER)
    db.execute("DELETE FROM temp.coming")
    twins.merge(db)
    db.execute("CREATE INDEX contacts_by_person ON contacts (person)")
    db.execute("CREATE INDEX contacts_by_tail ON contacts (substr(telephone, -7))")
    db.executemany(_TELL_INDEX, _MERGE_LATER)
    db.execute("INSERT INTO contact_terms (contact_terms) VALUES ('rebuild')")
    db.execute("INSERT INTO contact_terms (contact_terms) VALUES ('optimize')")
    db.executemany(_TELL_INDEX, _MERGE_AT_ONCE)


def _apply(db: sqlite3.Connection, language: str) -> None:
    """Change the rows of the persons that were collected, and no other row."""
    persons = "SELECT person FROM temp.going UNION SELECT person FROM temp.coming"
    changed = [person for (person,) in db.execute(persons)]
    db.execute("CREATE INDEX temp.coming_by_person ON coming (person)")
    for start in range(0, len(changed), _SLICE):
        changes = IndexChanges()
        for person in changed[start : start + _SLICE]:
            _change_person(db, person, changes)
        _follow(db, changes)
        vocabulary.follow(db, _terms(changes.removed), _terms(changes.added), language)
    db.execute("DROP INDEX temp.coming_by_person")


def _change_person(db: sqlite3.Connection, person: str, changes: IndexChanges) -> None:
    new = [Contact(*row) for row in db.execute(_COMING_OF, (person,))]
    kept = set()
    for contact in twins.rows_of(db, person):
        if contact in new:
            kept.add(contact)
        else:
            twins.take_row(db, person, contact, changes)
    for contact in new:
        if contact not in kept:
            twins.add_row(db, person, contact, changes)


def _terms(rows: dict[int, str]) -> set[str]:
    return {term for terms in rows.values() for term in terms.split()}


def _follow(db: sqlite3.Connection, changes: IndexChanges) -> None:
    """Bring the index up to the table; in the order of places, since the index writes a new segment when they fall."""
    for place in sorted(changes.removed.keys() | changes.added.keys()):
        if place in changes.removed:
            old = changes.removed[place]
            db.execute("INSERT INTO contact_terms (contact_terms, rowid, terms) VALUES ('delete', ?, ?)", (place, old))
        if place in changes.added:
            db.execute("INSERT INTO contact_terms (rowid, terms) VALUES (?, ?)", (place, changes.added[place]))
