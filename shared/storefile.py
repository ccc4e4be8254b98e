"""The files around a service's store: who may read them, who may write them, how a damaged or outdated one is replaced.

No table and no query of the store stands here. A file that cannot be used stays in place, and serves as well as it can,
while a new one is loaded beside it (`<name>.db.new`); then the new one takes its place in one step.
"""

import errno
import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from shared.damage import (
    ANY_FILE,
    FileId,
    Report,
    Verdict,
    clear_report,
    describe,
    file_id,
    file_id_or_none,
    find_damage,
    is_corrupt,
    read_report,
    verdict_on,
    write_report,
)
from shared.errors import StoreUnavailable
from shared.store import SCHEMA
from shared.writerlock import WriterLock

log = logging.getLogger("dialtree.mirror")

_BUSY_SECONDS: Final = 1.0
"""How long the writer waits for another writer (`--accept`) or, when it trims the log, for readers."""
_CACHE_KIB: Final = 32 * 1024
"""Page cache of the writer; beyond it a large transaction spills into the write-ahead log, so memory stays constant."""
_TRIM_BYTES: Final = 16 * 1024 * 1024
_LOOK_SECONDS: Final = 30.0
"""How often the mirror itself looks whether the file is still what it wrote; the look costs less than a millisecond."""
_LOOK_SHARE: Final = 20
"""A thorough look that took a second is not made again for so many seconds."""
_BELIEF_SECONDS: Final = 600.0
"""How often damage is believed that only a worker found: no faulty report may make the mirror load for ever."""
_CORRUPT_KEPT: Final = 2
"""Damaged files that are kept for study."""


class StoreFile:
    """The file that the writer has open: the one at `path`, or a new one beside it that will take its place."""

    def __init__(self, path: Path, tables: str, *, keeps_damaged: bool, lock: WriterLock | None = None) -> None:
        """`tables`: whose the file is. `lock`: what makes this process its only writer, checked before each commit.

        `keeps_damaged`: a damaged file is kept under another name, not removed, when a new one takes its place.
        """
        self._path = path
        self._tables = tables
        self._lock = lock
        self._keeps_damaged = keeps_damaged
        self._new = path.with_name(f"{path.name}.new")
        self._place = path
        self._identity = ANY_FILE
        self._log_files: list[FileId | None] | None = None
        self._connection: sqlite3.Connection | None = None
        self._is_damaged = False
        self._look_at = 0.0
        self._thorough_at = 0.0
        self._believe_at = 0.0

    @property
    def db(self) -> sqlite3.Connection:
        """The open connection, in autocommit mode. Raises `StoreUnavailable` when there is none."""
        if self._connection is None:
            raise StoreUnavailable(f"{self._path} is not open")
        return self._connection

    @property
    def is_open(self) -> bool:
        """Tell whether `db` can be used."""
        return self._connection is not None

    @property
    def is_beside(self) -> bool:
        """Tell whether the open file is a new one that is still to be put in place."""
        return self._place != self._path

    def open(self) -> None:
        """Open the file; one that is damaged or of another schema stays where it is, and a new one is made beside it."""
        if self._lock is not None:
            self._lock.hold()
        self._recall_damage()
        db = None if self._is_damaged else self._open_current()
        if db is not None:
            _remove(self._new)
            self._opened(db, self._path)
            return
        with suppress(sqlite3.DatabaseError):  # one that an earlier process began is of no use either: make it again
            db = _open_writable(self._new, self._tables)
        if db is None:
            _remove(self._new)
            db = _open_writable(self._new, self._tables)
        if db is not None:
            self._opened(db, self._new)

    def _open_current(self) -> sqlite3.Connection | None:
        try:
            return _open_writable(self._path, self._tables)
        except sqlite3.OperationalError:
            report = read_report(self._path)
            if report is not None and report.verdict is Verdict.DAMAGE:  # it cannot be looked at
                self._condemn(report.what)
            raise

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def check_place(self) -> None:
        """Raise `FileNotFoundError`, and close, when somebody removed or replaced the file, its log, or the lock."""
        if self._lock is not None and not self._lock.is_held():
            self.close()
            raise FileNotFoundError(errno.ENOENT, f"somebody removed or replaced {self._lock.path}; it is taken anew")
        if file_id_or_none(self._place) != self._identity:
            self.close()
            raise FileNotFoundError(errno.ENOENT, "somebody removed or replaced the file; it is loaded anew")
        if self._log_files not in (None, [file_id_or_none(file) for file in _companions(self._place)]):
            self._condemn("somebody removed or replaced its write-ahead log")
            raise FileNotFoundError(errno.ENOENT, "somebody removed or replaced its log; it is loaded anew")

    def look(self) -> None:
        """Look at the file where a worker reported it, and now and then; condemn it when it is damaged.

        Raises `StoreUnavailable`: the next `open` makes a new file beside it.
        """
        report = None if self.is_beside else read_report(self._path)
        now = time.monotonic()
        if report is not None and report.file not in (ANY_FILE, self._identity):
            clear_report(self._path)  # it means a file that is not here any more
        elif report is not None and now >= self._thorough_at:
            self._follow_report(report)
        elif report is None and not self.is_beside and now >= self._look_at:
            self._look_at = now + _LOOK_SECONDS
            self._judge(find_damage(self._path, self._tables, SCHEMA, thorough=False))

    def _follow_report(self, report: Report) -> None:
        began = time.monotonic()
        for file in (self._path, *_companions(self._path)):
            if file.exists():
                file.chmod(0o600)  # somebody may have taken it from the workers
        found = find_damage(self._path, self._tables, SCHEMA, thorough=True)
        now = time.monotonic()
        self._thorough_at = now + (now - began) * _LOOK_SHARE
        if not found and report.verdict is Verdict.DAMAGE:
            if now < self._believe_at:
                return  # the report stays, and `/readyz` shows it
            self._believe_at = now + _BELIEF_SECONDS
            found = report.what
        self._judge(found)
        log.warning("%s: a worker could not read it (%s), but nothing is wrong with it", self._path, report.what)
        clear_report(self._path)

    def _judge(self, found: str) -> None:
        if found:
            self._condemn(found)
            raise StoreUnavailable(f"{self._path} is damaged ({found}); a new one is loaded beside it")

    def _recall_damage(self) -> None:
        """Go on where an earlier process condemned the file that is at the path."""
        report = read_report(self._path)
        if report is not None and report.file not in (ANY_FILE, file_id_or_none(self._path)):
            clear_report(self._path)
        elif report is not None and report.verdict is Verdict.CONDEMNED:
            self._is_damaged = True

    def put_in_place(self) -> None:
        """Let the new file, now loaded, take the place of the old one. There is a file at the path at every moment.

        The old one's log goes first: it must never meet a file that is not its own.
        """
        self.check_place()
        self.close()
        keeps = self._keeps_damaged and self._is_damaged and self._path.exists()
        kept = _name_to_keep(self._path) if keeps else None
        if kept is not None:
            os.link(self._path, kept)
        for old in _companions(self._path):
            if kept is None or not old.exists():
                old.unlink(missing_ok=True)
            else:
                old.rename(old.with_name(old.name.replace(self._path.name, kept.name)))
        self._new.replace(self._path)
        self._is_damaged = False
        clear_report(self._path)
        log.warning("%s was loaded anew%s", self._path, f"; the damaged file is kept as {kept}" if kept else "")
        self.open()

    def trim_log(self) -> None:
        """Give the space of a large write-ahead log back; while readers hold it, a later call does."""
        journal = self._place.with_name(f"{self._place.name}-wal")
        if journal.exists() and journal.stat().st_size > _TRIM_BYTES:
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def empty_log(self) -> bool:
        """Write the log into the file and leave nothing in it; False while readers hold it."""
        busy: int = self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        return not busy

    @contextmanager
    def transaction(self, *, durable: bool) -> Iterator[sqlite3.Connection]:
        """Commit what is done inside, or nothing of it. `durable`: synced to the disk before it returns."""
        db = self.db
        self.check_place()
        db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        db.execute("BEGIN IMMEDIATE")
        try:
            if self._log_files is None:
                self._log_files = [file_id_or_none(file) for file in _companions(self._place)]
            yield db
            self.check_place()
            db.execute("COMMIT")
        except BaseException:  # also when it is interrupted: a batch is stored whole or not at all
            with suppress(sqlite3.Error):  # SQLite may have rolled back by itself
                db.execute("ROLLBACK")
            raise

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Turn what SQLite and the file system report into `StoreUnavailable`; a fault in our own SQL stays what it is."""
        try:
            yield
        except (sqlite3.DatabaseError, OSError) as error:
            place = self._place
            if is_corrupt(error):
                self._condemn(describe(error))
            elif not isinstance(error, sqlite3.OperationalError | OSError):
                self._suspect(error)
                raise
            elif self._connection is not None:
                self._suspect(error)
                with suppress(sqlite3.Error, OSError):
                    self.trim_log()
            raise StoreUnavailable(
                f"{place} cannot be written ({describe(error)}); what it holds still serves"
            ) from error

    def _suspect(self, error: Exception) -> None:
        """Have the file looked at, by the next process too: what our own SQL meets there may be damage."""
        verdict = None if isinstance(error, OSError) or self.is_beside else verdict_on(error)
        if verdict is Verdict.DAMAGE or (verdict and not isinstance(error, sqlite3.OperationalError)):
            with suppress(OSError):
                write_report(self._path, Report(self._identity, verdict, describe(error)))

    def _condemn(self, what: str) -> None:
        self.close()
        if self.is_beside:
            _remove(self._new)
            return
        self._is_damaged = True
        with suppress(OSError):  # without it, another process finds out for itself
            write_report(self._path, Report(file_id(self._path), Verdict.CONDEMNED, what))
        log.error("%s is damaged (%s); a new one is loaded beside it", self._path, what)

    def _opened(self, db: sqlite3.Connection, place: Path) -> None:
        self._connection = db
        self._place = place
        self._identity = file_id(place)
        self._log_files = None


def _open_writable(path: Path, tables: str) -> sqlite3.Connection | None:
    """Open the file, made if need be, readable by its owner only: it may hold SIP secrets.

    None: it is of another schema, or another program's or service's.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    for file in (path, *_companions(path)):
        if file.exists():
            file.chmod(0o600)  # what SQLite makes beside it later gets the mode of the first
    db = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        if not _is_ours(db, tables):
            db.close()
            return None
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        db.execute("PRAGMA temp_store = FILE")
        db.execute("PRAGMA main.secure_delete = ON")  # what is deleted is gone: it may have been hidden
        db.execute("PRAGMA temp.secure_delete = OFF")  # these files have no name, and end with the connection
    except sqlite3.Error:
        db.close()
        raise
    return db


def _is_ours(db: sqlite3.Connection, tables: str) -> bool:
    schema: int = db.execute("PRAGMA user_version").fetchone()[0]
    names: set[str] = {row[0] for row in db.execute("SELECT name FROM sqlite_master")}
    if schema != SCHEMA:
        return schema == 0 and not names
    row = db.execute("SELECT tables FROM status").fetchone() if "status" in names else None
    return row is not None and row[0] in ("", tables)


def _remove(path: Path) -> None:
    for file in (path, *_companions(path)):
        file.unlink(missing_ok=True)


def _name_to_keep(path: Path) -> Path:
    """Return a name for a damaged file, once there is room for it: the oldest ones go."""
    begins = f"{path.name}.corrupt-"
    numbers = sorted(
        int(number) for file in path.parent.glob(f"{begins}*") if (number := file.name.removeprefix(begins)).isdigit()
    )
    for old in numbers[: max(0, len(numbers) - _CORRUPT_KEPT + 1)]:
        _remove(path.with_name(f"{begins}{old}"))
    return path.with_name(f"{begins}{numbers[-1] + 1 if numbers else 1}")


def _companions(path: Path) -> tuple[Path, Path]:
    return path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")
