"""One answer of the source, written into the writer's open transaction: entries, then the service's rows, chunk by chunk.

Constant memory, whatever the size: what was mentioned is kept in a temporary table that SQLite spills to disk.
Nothing here begins or ends a transaction, or decides whether the batch is believed.
"""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from json.encoder import encode_basestring
from typing import Final

from shared.comparison import identity_mark
from shared.errors import SourceUnavailable
from shared.guard import Tally
from shared.hiding import NO_USE, Hidden, HiddenEntries
from shared.ldap.entry import Entry
from shared.ldap.source import Change, Delete, Done, Kind, Present, Upsert
from shared.tables import EntryChange, Tables

CHUNK: Final = 1000
"""Entries that are looked up, written and derived at once."""
_SEEN: Final = "CREATE TEMP TABLE IF NOT EXISTS seen (uuid TEXT PRIMARY KEY) WITHOUT ROWID"
"""What the answer mentioned."""
_LOOK_UP: Final = (
    "SELECT uuid, dn, secret, body, mark FROM entries WHERE kind = ? AND uuid IN (SELECT value FROM json_each(?))"
)
_WRITE: Final = """INSERT INTO entries (kind, uuid, dn, secret, body, mark) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (kind, uuid)
    DO UPDATE SET dn = excluded.dn, secret = excluded.secret, body = excluded.body, mark = excluded.mark"""
_MARK: Final = "UPDATE entries SET mark = ? WHERE kind = ? AND uuid = ?"
_COUNT_UNSEEN: Final = """SELECT count(*), coalesce(sum(secret), 0) FROM entries
    WHERE kind = ? AND uuid NOT IN (SELECT uuid FROM temp.seen)"""
_UNSEEN_PAGE: Final = """SELECT uuid, dn, secret, body, mark FROM entries
    WHERE kind = ? AND uuid > ? AND uuid NOT IN (SELECT uuid FROM temp.seen) ORDER BY uuid LIMIT ?"""
_PAGE: Final = "SELECT uuid, dn, secret, body, mark FROM entries WHERE kind = ? AND uuid > ? ORDER BY uuid LIMIT ?"

_quote: Final[Callable[[str], str]] = encode_basestring
_Row = tuple[str, str, int, str, int | None]


class Batch:
    """What one answer does to one kind of entry. `tally` and `removed` are right once `take` has returned."""

    def __init__(
        self, db: sqlite3.Connection, tables: Tables, kind: Kind, secrets: Iterable[str], before: Tally
    ) -> None:
        """`secrets`: attributes that hold one, in lower case. `before`: how many entries of the kind are stored."""
        self._db = db
        self._tables = tables
        self._kind = kind
        self._secrets = frozenset(secrets)
        self._hidden = HiddenEntries(db, kind)
        self._was_empty = not (before.entries or self._hidden.any)
        self._pending: dict[str, Entry | Hidden | None] = {}
        self._marks: dict[str, int | None] = {}
        """Of what is pending: see `shared.comparison`."""
        self.tally = before
        """What is stored now."""
        self.removed = Tally()
        """What went, and which secrets were lost."""
        self.touched = 0
        """Entries that were added, changed or removed."""
        self.moved = False
        """An entry went, or has another DN: what stands below it may have gone with it."""
        self.left_traces = False
        """Something that was stored is not any more."""
        db.execute(_SEEN)
        db.execute("DELETE FROM temp.seen")

    def take(self, answer: Iterable[Change | Done]) -> Done:
        """Write all that the answer mentions, and return its end."""
        for item in answer:
            match item:
                case Upsert(entry):
                    self._pending[entry.uuid] = self._tables.admit(self._kind, entry) or NO_USE
                    self._marks[entry.uuid] = _mark(entry)
                case Delete(uuids):
                    self._pending.update(dict.fromkeys(uuids))
                case Present(uuids):
                    self._see(uuids)
                case Done():
                    self._flush()
                    return item
            if len(self._pending) >= CHUNK:
                self._flush()
        raise SourceUnavailable("the answer of the directory has no end; it is asked again")

    def unmentioned(self) -> Tally:
        """Return how much is stored that the answer did not mention: in a complete answer, what is gone."""
        if self._was_empty:
            return Tally()
        return Tally(*self._db.execute(_COUNT_UNSEEN, (self._kind,)).fetchone())

    def sweep(self) -> None:
        """Remove what the answer did not mention."""
        if self._was_empty:
            return
        self._hidden.sweep()
        last = ""
        while rows := self._db.execute(_UNSEEN_PAGE, (self._kind, last, CHUNK)).fetchall():
            last = rows[-1][0]
            self._apply(dict.fromkeys(row[0] for row in rows), {row[0]: row for row in rows})

    def _flush(self) -> None:
        pending, self._pending = iter(self._pending.items()), {}
        while chunk := dict(islice(pending, CHUNK)):
            rows = self._db.execute(_LOOK_UP, (self._kind, json.dumps(list(chunk))))
            self._hidden.follow(chunk, self._marks)
            wanted = {uuid: found if isinstance(found, Entry) else None for uuid, found in chunk.items()}
            self._apply(wanted, {row[0]: row for row in rows})
            self._see(uuid for uuid, found in chunk.items() if found is not None)
        self._marks.clear()

    def _see(self, uuids: Iterable[str]) -> None:
        if not self._was_empty:
            self._db.executemany("INSERT OR IGNORE INTO temp.seen VALUES (?)", ((uuid,) for uuid in uuids))

    def _apply(self, wanted: Mapping[str, Entry | None], stored: Mapping[str, _Row]) -> None:
        """Bring the stored rows to what is wanted; those that are so already are left alone."""
        written: list[tuple[Kind, str, str, int, str, int | None]] = []
        marked: list[tuple[int, Kind, str]] = []
        changes: list[EntryChange] = []
        came = went = gained = lost = 0
        for uuid, entry in wanted.items():
            row = stored.get(uuid)
            has = 0
            if entry is not None:
                new = _row(entry, self._secrets)
                mark = self._marks.get(uuid)
                if row is not None and row[:4] == new:
                    if mark is not None and mark != row[4]:
                        marked.append((mark, self._kind, uuid))
                    continue
                has = new[2]
                written.append((self._kind, *new, mark))
                came += row is None
                self.moved |= row is not None and row[1] != new[1]
            elif row is None:
                continue
            else:
                went += 1
            had = row[2] if row else 0
            gained += has > had
            lost += had > has
            changes.append(EntryChange(self._kind, uuid, row and _entry(row), entry))
        if marked:
            self._db.executemany(_MARK, marked)
        if changes:
            self.moved |= bool(went)
            self.left_traces |= bool(stored)
            self._db.executemany(_WRITE, written)
            remove_entries(self._db, self._kind, (change.uuid for change in changes if change.after is None))
            self.tally = Tally(self.tally.entries + came - went, self.tally.secrets + gained - lost)
            self.removed += Tally(went, lost)
            self.touched += len(changes)
            self._tables.derive(self._db, changes)


def write_entries(db: sqlite3.Connection, kind: Kind, entries: Iterable[Entry], secrets: Collection[str]) -> None:
    """Store these entries as they are now. `secrets`: attributes that hold one, in lower case."""
    db.executemany(_WRITE, ((kind, *_row(entry, secrets), None) for entry in entries))


def remove_entries(db: sqlite3.Connection, kind: Kind, uuids: Iterable[str]) -> None:
    """Remove these entries where they are stored."""
    db.executemany("DELETE FROM entries WHERE kind = ? AND uuid = ?", ((kind, uuid) for uuid in uuids))


def find_entries(db: sqlite3.Connection, kind: Kind, uuids: Sequence[str]) -> list[Entry]:
    """Return those of these entries that are stored; about a thousand at a time."""
    return [_entry(row) for row in db.execute(_LOOK_UP, (kind, json.dumps(uuids)))]


def stored_entries(db: sqlite3.Connection, kind: Kind) -> Iterator[list[Entry]]:
    """Yield all stored entries of a kind in chunks, so that the caller may write in between."""
    last = ""
    while rows := db.execute(_PAGE, (kind, last, CHUNK)).fetchall():
        last = rows[-1][0]
        yield [_entry(row) for row in rows]


def _entry(row: _Row) -> Entry:
    uuid, dn, _, body, _ = row
    return Entry(uuid, dn, {name: tuple(values) for name, values in json.loads(body).items()}, None)


def _mark(entry: Entry) -> int | None:
    return None if entry.stamp is None else identity_mark(entry.uuid, entry.dn, entry.stamp)


def _row(entry: Entry, secrets: Collection[str]) -> tuple[str, str, int, str]:
    has_secret = not entry.attributes.keys().isdisjoint(secrets)
    return entry.uuid, entry.dn, int(has_secret), _body(entry.attributes)


def _body(attributes: Mapping[str, tuple[str, ...]]) -> str:
    """Return what `json.dumps` does (sorted, without blanks), in half the time."""
    parts = []
    for name in sorted(attributes):
        values = attributes[name]
        value = _quote(values[0]) if len(values) == 1 else ",".join(map(_quote, values))
        parts.append(f"{_quote(name)}:[{value}]")
    return f"{{{','.join(parts)}}}"
