"""The writer's side of a service's store (`shared.store`); the mirror alone uses it, while it holds the file's lock.

One batch is one transaction: entries, the service's rows, cookie, status. Nothing here knows LDAP, or when to ask again.

A commit that changes content is synced to the disk, so that a power cut with the directory down loses nothing either.
One that only says how fresh the copy is is not: after a power cut it is some seconds older, and consistent all the same.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from shared.batch import CHUNK, Batch
from shared.bringup import derive_anew
from shared.config import Guard
from shared.errors import StoreUnavailable
from shared.guard import Removal, Tally, describe, is_believed
from shared.ldap.entry import Entry
from shared.ldap.source import Change, Done, Kind, Stream, Upsert
from shared.ledger import Ledger
from shared.store import DDL, NEW_EDITION, SCHEMA, Hold
from shared.storefile import StoreFile
from shared.tables import Tables
from shared.traces import Traces
from shared.writerlock import WriterLock

_CONFIRM_SECONDS: Final = 5.0
"""How often a poll without changes is written down: the age of the copy is right to about this."""
_SET_BACK_SECONDS: Final = 60.0
"""A clock that is so far behind the last answer's time was set back."""
_BULK_SHARE: Final = 4
"""A batch that touches more than one in so many of all entries is a bulk."""

_SAVE_STREAM: Final = """INSERT INTO streams (kind, server, fingerprint, cookie, entries, secrets, confirmed_at)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind) DO UPDATE SET server = excluded.server, fingerprint = excluded.fingerprint,
    cookie = excluded.cookie, entries = excluded.entries, secrets = excluded.secrets, confirmed_at = excluded.confirmed_at"""
_SAVE_TABLES: Final = (
    "UPDATE status SET tables = ?, version = ?, fingerprint = ?, changed_at = ?, residue = residue OR ?"
)
_SAVE_HOLD: Final = """INSERT INTO holds (kind, what, since, entries, secrets, accepted) VALUES (?, ?, ?, ?, ?, 0)
    ON CONFLICT (kind) DO UPDATE SET what = excluded.what, entries = excluded.entries, secrets = excluded.secrets, accepted = 0"""
_EARLIER: Final = "SELECT coalesce(sum(entries), 0), coalesce(sum(secrets), 0) FROM removals WHERE kind = ? AND at > ?"


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of an answer."""

    touched: int
    """Entries added, changed or removed; 0 when it is held."""
    entries: int
    """Entries of the kind that are stored now."""
    hold: Hold | None = None
    """Set when the guard did not believe it: nothing of it is stored."""
    leaving: Tally | None = None
    """Set when nothing is stored: so much would go. Without a hold it is more than the caller allowed, and is asked for again."""
    moved: bool = False
    """An entry went, or has another DN."""


class _NotStored(Exception):
    """Ends the transaction of a batch that the guard holds, or that takes away more than the caller allowed."""

    def __init__(self, removal: Removal, *, waits: bool) -> None:
        super().__init__()
        self.removal = removal
        self.waits = waits


class Store:
    """A service's file, open for writing. One thread owns it.

    Every method may raise `StoreUnavailable` (the disk is full, the file is damaged or was removed): nothing of that
    call is stored, what was committed before still serves, and `prepare` makes it ready for the next attempt.
    """

    def __init__(
        self,
        path: Path,
        tables: Tables,
        kinds: Sequence[Kind],
        *,
        secrets: Iterable[str],
        guard: Guard,
        now: Callable[[], float] = time.time,
        lock: WriterLock | None = None,
    ) -> None:
        """`secrets`: the attributes that hold one. `now`: Unix seconds. `lock`: checked before each commit."""
        self._file = StoreFile(path, tables.name, keeps_damaged=tables.keeps_damaged, lock=lock)
        self._tables = tables
        self._kinds = tuple(kinds)
        self._secrets = frozenset(name.lower() for name in secrets)
        self._guard = guard
        self._now = now
        self._prepared: sqlite3.Connection | None = None
        self._confirmed: dict[Kind, tuple[bytes | None, float]] = {}
        """Cookie and time of polls without changes that are not written down yet."""
        self._written_at = 0.0
        self._traces = Traces(self._file, tables)
        self.ledger = Ledger(self._file, tables, now)
        """What is written down of looking at the directory beside the polls."""

    @property
    def is_writing(self) -> bool:
        """Tell whether a batch is under way."""
        return self._file.is_open and self._file.db.in_transaction

    def prepare(self, tick: Callable[[], None] = lambda: None) -> str:
        """Open the file, bring it to this version and configuration, and return what had to be done, or "".

        Does nothing when that is done already. `tick` is called now and then during long work, and may raise to end it.
        """
        if self._file.is_open and self._prepared is self._file.db:
            return ""
        with self._file.faults():
            if not self._file.is_open:
                self._file.open()
            self._confirmed.clear()
            with self._batch() as db:
                done = self._bring_up(db, tick)
            self._end_batch()
        return done

    def look(self) -> None:
        """Look at the file where a worker reported damage; one that is damaged is loaded anew beside it."""
        with self._file.faults():
            self._file.look()

    def cookie(self, stream: Stream, server: str) -> bytes | None:
        """Return the cookie for this search at this server; None: everything is to be asked for.

        That is so too when the clock was set back: what had expired by the wrong time was hidden, and is not stored.
        """
        with self._file.faults():
            row = self._file.db.execute(
                "SELECT cookie, confirmed_at FROM streams WHERE kind = ? AND server = ? AND fingerprint = ?",
                (stream.kind, server, stream.fingerprint),
            ).fetchone()
        if row is None:
            return None
        cookie: bytes | None
        cookie, at = self._confirmed.get(stream.kind, row)
        return None if self._now() < at - _SET_BACK_SECONDS else cookie

    def expire(self) -> None:
        """Remove what is stored and has expired by now, whatever the directory says or does not say at the moment.

        The guard is not asked: each entry said beforehand when this would be (law 11 is about what nobody said).
        """
        with self._file.faults():
            for kind in self._kinds:
                while expired := self._tables.expired(self._file.db, kind):
                    with self._batch() as db:
                        touched = self._expire(db, kind, expired)
                    self._end_batch()
                    if not touched:  # the clock went back in between
                        break

    def seconds_to_expiry(self) -> float | None:
        """Return the seconds until something expires, 0 when it has; None: nothing will."""
        with self._file.faults():
            dates = [at for kind in self._kinds if (at := self._tables.next_expiry(self._file.db, kind)) is not None]
        return max(0.0, min(dates) - self._now()) if dates else None

    def apply(
        self,
        stream: Stream,
        server: str,
        asked: bytes | None,
        answer: Iterator[Change | Done],
        limit: Tally | None = None,
    ) -> Applied:
        """Store the answer to `asked` (what `cookie` returned, or None) in one transaction, or hold all of it.

        An answer to None mentions everything that is there, whatever its end says. What the answer raises passes through.
        `limit`: an answer that takes away more waits, unless a person accepted it (`shared.guard.Leaving`); None: no limit.
        """
        first = next(answer, None)  # before the transaction begins: the server may take its time
        with self._file.faults():
            if isinstance(first, Done) and not first.complete and asked is not None and not self._is_held(stream.kind):
                return self._confirm(stream.kind, first.cookie)
            try:
                with self._batch() as db:
                    whole = chain(() if first is None else (first,), answer)
                    applied = self._apply(db, stream, server, asked, whole, limit)
                self._confirmed.clear()
            except _NotStored as not_stored:
                applied = self._put_off(stream.kind, not_stored)
            self._end_batch()
        return applied

    def report(self, *, connected: bool, server: str, problem: str) -> None:
        """Write down how following goes, for health and metrics."""
        with self._file.faults(), self._file.transaction(durable=False) as db:
            db.execute("UPDATE status SET connected = ?, server = ?, problem = ?", (connected, server, problem))

    def is_loaded(self) -> bool:
        """Tell whether every kind was read completely."""
        with self._file.faults():
            return self._is_loaded(self._file.db)

    def is_held(self, kind: Kind) -> bool:
        """Tell whether the guard holds something of this kind."""
        with self._file.faults():
            return self._is_held(kind)

    def accepted(self) -> frozenset[Kind]:
        """Return the kinds whose hold a person accepted."""
        with self._file.faults():
            rows = self._file.db.execute("SELECT kind FROM holds WHERE accepted")
            return frozenset(Kind(row[0]) for row in rows)

    def close(self) -> None:
        """Write down what is only remembered, and close the file."""
        if self._file.is_open:
            with suppress(StoreUnavailable), self._file.faults(), self._file.transaction(durable=False) as db:
                self._write_confirmed(db)
            self._file.close()

    @contextmanager
    def _batch(self) -> Iterator[sqlite3.Connection]:
        """One batch of changes, stored whole or not at all."""
        try:
            with self._file.transaction(durable=True) as db:
                yield db
                db.execute(NEW_EDITION)
        except BaseException:  # also when it is interrupted
            self._tables.abandon()
            raise

    def _bring_up(self, db: sqlite3.Connection, tick: Callable[[], None]) -> str:
        if db.execute("PRAGMA user_version").fetchone()[0] == SCHEMA:
            was = db.execute("SELECT tables, version, fingerprint FROM status").fetchone()
        else:
            was = ()
            for statement in DDL:
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {SCHEMA}")
        now = (self._tables.name, self._tables.version, self._tables.fingerprint)
        if was == now:
            self._tables.settle(db, bulk=False)
            return ""
        derive_anew(db, self._tables, self._kinds, self._secrets, tick)
        db.execute(_SAVE_TABLES, (*now, self._now(), bool(was)))
        self._write_loaded(db)
        return "derived anew: the configuration or the version changed" if was else ""

    def _apply(
        self,
        db: sqlite3.Connection,
        stream: Stream,
        server: str,
        asked: bytes | None,
        answer: Iterator[Change | Done],
        limit: Tally | None,
    ) -> Applied:
        kind = stream.kind
        self._write_confirmed(db)
        known = db.execute("SELECT entries, secrets FROM streams WHERE kind = ?", (kind,)).fetchone()
        before = Tally(*known) if known else Tally()
        batch = Batch(db, self._tables, kind, self._secrets, before)
        done = batch.take(answer)
        is_whole = done.complete or asked is None
        gone = batch.removed + (batch.unmentioned() if is_whole else Tally())
        if known:
            removal = self._removal(db, kind, before, gone)
            waits = not (limit is None or removal.accepted or gone.is_within(limit))
            if waits or not is_believed(self._guard, removal):
                raise _NotStored(removal, waits=waits)
            self._write_believed(db, removal, kind)
        if is_whole:
            batch.sweep()
        if asked is None:
            self.ledger.note_read(db, kind)
        now = self._now()
        db.execute(
            _SAVE_STREAM,
            (kind, server, stream.fingerprint, done.cookie, batch.tally.entries, batch.tally.secrets, now),
        )
        self._write_loaded(db)
        self._settle(db, batch)
        return Applied(batch.touched, batch.tally.entries, moved=batch.moved)

    def _expire(self, db: sqlite3.Connection, kind: Kind, expired: Iterable[Entry]) -> int:
        """Let these stored entries be admitted anew; return how many are not any more."""
        before = Tally(*db.execute("SELECT entries, secrets FROM streams WHERE kind = ?", (kind,)).fetchone())
        batch = Batch(db, self._tables, kind, self._secrets, before)
        batch.take(chain(map(Upsert, expired), (Done(None, complete=False),)))
        count = (batch.tally.entries, batch.tally.secrets, kind)
        db.execute("UPDATE streams SET entries = ?, secrets = ? WHERE kind = ?", count)
        self._settle(db, batch)
        return batch.touched

    def _settle(self, db: sqlite3.Connection, batch: Batch) -> None:
        """End a batch that is stored."""
        if not batch.touched:
            return
        total = db.execute("SELECT sum(entries) FROM streams").fetchone()[0]
        bulk = batch.touched >= CHUNK and batch.touched * _BULK_SHARE > total
        self._tables.settle(db, bulk=bulk)
        changed = (self._now(), batch.left_traces)
        db.execute("UPDATE status SET changed_at = ?, residue = residue OR ?", changed)
        if batch.left_traces:
            self._traces.note()

    def _removal(self, db: sqlite3.Connection, kind: Kind, before: Tally, gone: Tally) -> Removal:
        earlier = db.execute(_EARLIER, (kind, self._now() - self._guard.window)).fetchone()
        accepted = db.execute("SELECT entries, secrets FROM holds WHERE kind = ? AND accepted", (kind,)).fetchone()
        return Removal(before, Tally(*earlier), gone, Tally(*accepted) if accepted else Tally())

    def _write_believed(self, db: sqlite3.Connection, removal: Removal, kind: Kind) -> None:
        """An acceptance is used up by the first batch that is stored, and the window begins anew."""
        db.execute("DELETE FROM holds WHERE kind = ?", (kind,))
        now = self._now()
        since = now if removal.accepted else now - self._guard.window
        db.execute("DELETE FROM removals WHERE kind = ? AND at <= ?", (kind, since))
        counted = removal.now.less(removal.accepted)
        if counted:
            db.execute("INSERT INTO removals VALUES (?, ?, ?, ?)", (kind, now, counted.entries, counted.secrets))

    def _put_off(self, kind: Kind, not_stored: _NotStored) -> Applied:
        removal = not_stored.removal
        hold = None if not_stored.waits else self._hold(kind, removal)
        return Applied(0, removal.before.entries, hold, removal.now)

    def _hold(self, kind: Kind, removal: Removal) -> Hold:
        """Write down what is held; an acceptance that was given a moment ago for the same is left for the next poll."""
        what = describe(self._guard, self._tables.name, kind, removal)
        with self._file.transaction(durable=True) as db:
            written = db.execute("SELECT what, since FROM holds WHERE kind = ?", (kind,)).fetchone()
            if written is None or written[0] != what:
                db.execute(_SAVE_HOLD, (kind, what, self._now(), removal.now.entries, removal.now.secrets))
        since = written[1] if written else self._now()
        return Hold(kind, what, since)

    def _confirm(self, kind: Kind, cookie: bytes | None) -> Applied:
        db = self._file.db
        self._confirmed[kind] = (cookie, self._now())
        if abs(self._now() - self._written_at) >= _CONFIRM_SECONDS:
            self._file.check_place()
            with self._file.transaction(durable=False):
                self._write_confirmed(db)
            self._confirmed.clear()
            self._file.trim_log()
        self._traces.remove_some()
        entries: int = db.execute("SELECT entries FROM streams WHERE kind = ?", (kind,)).fetchone()[0]
        return Applied(0, entries)

    def _write_confirmed(self, db: sqlite3.Connection) -> None:
        rows = [(cookie, at, kind) for kind, (cookie, at) in self._confirmed.items()]
        db.executemany("UPDATE streams SET cookie = ?, confirmed_at = ? WHERE kind = ?", rows)
        self._written_at = self._now()

    def _write_loaded(self, db: sqlite3.Connection) -> None:
        known = {row[0] for row in db.execute("SELECT kind FROM streams")}
        db.execute("UPDATE status SET loaded = ?", (known.issuperset(self._kinds),))

    def _end_batch(self) -> None:
        """After a commit: give back the space of the log, and put a new file in place once it can be answered from."""
        self._file.trim_log()
        if self._file.is_beside and self._is_loaded(self._file.db):
            self._file.put_in_place()
        self._prepared = self._file.db

    def _is_held(self, kind: Kind) -> bool:
        return self._file.db.execute("SELECT 1 FROM holds WHERE kind = ?", (kind,)).fetchone() is not None

    @staticmethod
    def _is_loaded(db: sqlite3.Connection) -> bool:
        return bool(db.execute("SELECT loaded FROM status").fetchone()[0])
