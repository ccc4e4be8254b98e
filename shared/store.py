"""A service's SQLite file: the entries, the tables the service answers from, the cookies, the status. One writer, many readers.

This is what both sides share, and the readers' side. The writer's side is `shared.writer`; the mirror alone imports that.
Nothing here knows LDAP or HTTP, and nothing here writes.
"""

import os
import sqlite3
import threading
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Final

from shared import comparison
from shared.comparison import NEVER_COMPARED, Compared
from shared.damage import ANY_FILE, FileId, Report, Reporter, Verdict, describe, file_id_or_none, read_report
from shared.errors import StoreUnavailable
from shared.ldap.source import Kind

SCHEMA: Final = 5
"""Version of the tables below, kept as SQLite's `user_version`; a file of another version is loaded anew."""

DDL: Final = (
    """CREATE TABLE status (
        one INTEGER PRIMARY KEY CHECK (one = 1), tables TEXT NOT NULL, version INTEGER NOT NULL, fingerprint TEXT NOT NULL,
        loaded INTEGER NOT NULL, connected INTEGER NOT NULL, server TEXT NOT NULL, changed_at REAL NOT NULL, problem TEXT NOT NULL,
        residue INTEGER NOT NULL, edition INTEGER NOT NULL
    )""",
    """CREATE TABLE streams (
        kind TEXT PRIMARY KEY, server TEXT NOT NULL, fingerprint TEXT NOT NULL, cookie BLOB,
        entries INTEGER NOT NULL, secrets INTEGER NOT NULL, confirmed_at REAL NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE entries (
        kind TEXT NOT NULL, uuid TEXT NOT NULL, dn TEXT NOT NULL, secret INTEGER NOT NULL, body TEXT NOT NULL,
        mark INTEGER, PRIMARY KEY (kind, uuid)
    )""",
    """CREATE TABLE hidden (
        kind TEXT NOT NULL, mark INTEGER NOT NULL, rule TEXT NOT NULL, seen INTEGER, PRIMARY KEY (kind, mark)
    ) WITHOUT ROWID""",
    "CREATE TABLE removals (kind TEXT NOT NULL, at REAL NOT NULL, entries INTEGER NOT NULL, secrets INTEGER NOT NULL)",
    """CREATE TABLE holds (
        kind TEXT PRIMARY KEY, what TEXT NOT NULL, since REAL NOT NULL, entries INTEGER NOT NULL, secrets INTEGER NOT NULL,
        accepted INTEGER NOT NULL
    ) WITHOUT ROWID""",
    "INSERT INTO status VALUES (1, '', 0, '', 0, 0, '', 0, '', 0, 0)",
    *comparison.DDL,
)
"""The tables of the mirror itself, and the one row of `status`; those of a service (`shared.tables`) must have other names.

A stream has a row once it was read completely. `residue`: something went whose traces an index may still hold
(`Tables.clean`). `edition`: see `read_edition`. `hidden`: see `shared.hiding`. `entries.mark`,
`hidden.seen`: see `shared.comparison`; NULL where it is not known.
"""

NEW_EDITION: Final = "UPDATE status SET edition = random()"
"""Part of each batch. Random, since a count would begin anew with a new file."""
_EDITION: Final = "SELECT edition FROM status"
_BUSY_SECONDS: Final = 1.0
"""Readers wait for nobody in WAL mode but a recovery after a crash."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A batch that the guard did not believe (law 11)."""

    kind: Kind
    what: str
    """A sentence: what would have gone, and the command that accepts it."""
    since: float


@dataclass(frozen=True, slots=True)
class Status:
    """What the mirror last said of itself. Times are Unix seconds, 0.0 for never."""

    loaded: bool
    """Every kind was once read completely: the file can be answered from."""
    connected: bool
    server: str
    confirmed_at: float
    """When the source last confirmed that the copy is up to date: the age of the copy counts from here."""
    changed_at: float
    entries: dict[Kind, int]
    holds: tuple[Hold, ...]
    problem: str
    """Why the source cannot be followed right now, or ""."""
    compared: Compared = NEVER_COMPARED


class Reader:
    """Read access for workers, safe to share between threads; each thread has its own read-only connection.

    It follows the path, not the file: when the mirror puts a new file in place, the next snapshot reads that one.
    """

    def __init__(self, path: Path, tables: str, version: int, trusted: float = 1.0) -> None:
        """`tables` and `version` are those of the `Tables` that wrote the file; another one is `StoreUnavailable`.

        `trusted`: for so many seconds a thread does not ask again whether the path still is the file that it has open, and
        whether that is loaded: asking costs as much as a search.
        """
        self._path = path
        self._trusted = trusted
        self._tables = tables
        self._version = version
        self._log_path = path.with_name(f"{path.name}-wal")
        self._own = _Connection()
        self._reporter = Reporter(path)
        self._sound = ANY_FILE
        """The last file that was one of this service."""

    def snapshot(self) -> AbstractContextManager[sqlite3.Connection]:
        """One read transaction: all that is read inside belongs to the same moment. Not nested; cursors end with it.

        Raises `StoreUnavailable` when the file is missing, unreadable, of another version, or not loaded yet.
        """
        return _Snapshot(self)

    def status(self) -> Status:
        """What the mirror last said; works before the first load too. Raises `StoreUnavailable`."""
        with _Snapshot(self, loaded=False) as db:
            status, file = read_status(db), self._own.file
        report = read_report(self._path)
        if report is None or report.file not in (ANY_FILE, file):
            return status
        return replace(status, problem="; ".join(filter(None, (f"{self._path}: {report}", status.problem))))

    def begin(self, *, loaded: bool) -> sqlite3.Connection:
        """Begin a read transaction on this thread's connection; for `snapshot`, which ends it."""
        own = self._own
        db = self._connection()
        db.execute("BEGIN")
        if not loaded or own.checked_until < time.monotonic():
            try:
                self._check(db, loaded=loaded)
            except BaseException:  # also when it is interrupted: nobody would end the transaction later
                db.execute("ROLLBACK")
                raise
            if own.log is None:  # what was just read is
                own.log = file_id_or_none(self._log_path)
            if loaded:
                own.checked_until = time.monotonic() + self._trusted
        return db

    def unavailable(self, error: OSError | sqlite3.Error) -> StoreUnavailable:
        """Return what a failed transaction means, and forget its connection."""
        if isinstance(error, FileNotFoundError):
            return StoreUnavailable(f"{self._path} does not exist yet: {self._start_mirror}")
        self.report(error)
        return StoreUnavailable(f"{self._path} cannot be read ({describe(error)}): {self._start_mirror}")

    def report(self, error: Exception) -> None:
        """Tell the mirror of an error that damage may have caused, and forget the connection."""
        self._reporter.report(error, self._own.file)
        self._own.forget()

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection to the file that is at the path now."""
        own = self._own
        if own.db is not None and own.checked_until >= time.monotonic():
            return own.db
        found = os.stat(self._path)  # noqa: PTH116  # Path.stat costs more
        file = (found.st_dev, found.st_ino)
        if own.db is not None and own.file == file and self._has_lost_log(own):
            self._reporter.suspect(Report(file, Verdict.DAMAGE, "somebody removed or replaced its write-ahead log"))
            own.forget()
        if own.db is None or own.file != file:
            own.forget()
            own.file = file
            own.db = self._open(file)
        return own.db

    def _has_lost_log(self, own: "_Connection") -> bool:
        """Tell whether the log that the connection reads is not the one at its path: it would never see a change again."""
        log, own.log = own.log, file_id_or_none(self._log_path)
        return log is not None and log != own.log

    def _open(self, file: FileId) -> sqlite3.Connection:
        uri = f"{self._path.absolute().as_uri()}?mode=ro"
        db = sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            db.execute("PRAGMA query_only = ON")
            schema: int = db.execute("PRAGMA user_version").fetchone()[0]
        except sqlite3.Error:
            db.close()
            raise
        if schema == SCHEMA:
            return db
        db.close()
        if schema or file == self._sound:
            self._suspect(file, "it is not the file that the mirror wrote")
        what = "is of another version of dialtree" if schema else "is being made"
        raise StoreUnavailable(f"{self._path} {what}: {self._start_mirror}")

    def _check(self, db: sqlite3.Connection, *, loaded: bool) -> None:
        row = db.execute("SELECT tables, version, loaded FROM status").fetchone()
        if row is None or row[:2] != (self._tables, self._version):
            self._suspect(self._own.file, "it is not the file that the mirror wrote")
            raise StoreUnavailable(f"{self._path} is of another version of dialtree: {self._start_mirror}")
        if loaded and not row[2]:
            raise StoreUnavailable(
                f"{self._path} is not loaded yet: wait for the first load of the mirror, or see its log"
            )
        self._sound = self._own.file

    def _suspect(self, file: FileId, what: str) -> None:
        self._reporter.suspect(Report(file, Verdict.SUSPECT, what))

    @property
    def _start_mirror(self) -> str:
        return f"start `dialtree {self._tables} mirror` (or `serve`) and see its log"


class _Snapshot(AbstractContextManager[sqlite3.Connection]):
    """A read transaction of a `Reader`. A class, since two generators would cost a request as much as a question."""

    __slots__ = ("_db", "_loaded", "_reader")

    def __init__(self, reader: Reader, *, loaded: bool = True) -> None:
        self._reader = reader
        self._loaded = loaded

    def __enter__(self) -> sqlite3.Connection:
        try:
            self._db = self._reader.begin(loaded=self._loaded)
        except (OSError, sqlite3.Error) as error:
            raise self._reader.unavailable(error) from error
        return self._db

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._db.execute("ROLLBACK")
        except sqlite3.Error as failure:
            raise self._reader.unavailable(failure) from failure
        if isinstance(error, (OSError, sqlite3.Error)):
            raise self._reader.unavailable(error) from error
        if isinstance(error, (ValueError, TypeError, LookupError)):
            self._reader.report(error)  # the row may not be what the mirror wrote


def read_status(db: sqlite3.Connection) -> Status:
    """Return what the mirror last said of itself."""
    loaded, connected, server, changed_at, problem = db.execute(
        "SELECT loaded, connected, server, changed_at, problem FROM status"
    ).fetchone()
    streams = db.execute("SELECT kind, entries, confirmed_at FROM streams ORDER BY kind").fetchall()
    return Status(
        loaded=bool(loaded),
        connected=bool(connected),
        server=server,
        confirmed_at=min((at for _, _, at in streams), default=0.0) if loaded else 0.0,
        changed_at=changed_at,
        entries={Kind(kind): entries for kind, entries, _ in streams},
        holds=read_holds(db),
        problem=problem,
        compared=comparison.read_compared(db),
    )


def read_edition(db: sqlite3.Connection) -> int:
    """Return a number that is another one after each batch: while it stays, the same questions have the same answers."""
    ((edition,),) = db.execute(_EDITION)
    return int(edition)


def read_holds(db: sqlite3.Connection) -> tuple[Hold, ...]:
    """Return what the guard holds, by kind."""
    rows = db.execute("SELECT kind, what, since FROM holds ORDER BY kind")
    return tuple(Hold(Kind(kind), what, since) for kind, what, since in rows)


class _Connection(threading.local):
    """A thread's connection, and which file (device, inode) it has open."""

    db: sqlite3.Connection | None = None
    file: FileId = ANY_FILE
    log: FileId | None = None
    """Which file its write-ahead log was when that was asked last; SQLite removes it with the last connection only."""
    checked_until: float = -1.0
    """On the monotonic clock: until then the file is taken to be the right one, and loaded."""

    def forget(self) -> None:
        self.checked_until = -1.0
        if self.db is not None:
            self.db.close()
            self.db = None
            self.log = None
