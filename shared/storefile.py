"""The files around a service's store: who may read them, who may write them, how a damaged or outdated one is replaced.

No table and no query of the store stands here. A file that cannot be used stays in place, and serves as well as it can,
while a new one is loaded beside it (`<name>.db.new`); then the new one takes its place in one step.
"""

import errno
import fcntl
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from shared.errors import MirrorRunning, StoreUnavailable
from shared.store import SCHEMA

log = logging.getLogger("dialtree.mirror")

_BUSY_SECONDS: Final = 1.0
"""How long the writer waits for another writer (`--accept`) or, when it trims the log, for readers."""
_CACHE_KIB: Final = 32 * 1024
"""Page cache of the writer; beyond it a large transaction spills into the write-ahead log, so memory stays constant."""
_TRIM_BYTES: Final = 16 * 1024 * 1024
_DAMAGE: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@contextmanager
def sole_writer(folder: Path, name: str) -> Iterator[None]:
    """Hold the lock of the service's store; the kernel frees it when the process ends, however it ends.

    Raises `MirrorRunning`.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{name}.lock"
    with path.open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise MirrorRunning(
                f"another mirror of {name} runs already (it holds {path}); `serve` has one of its own: end one of them"
            ) from error
        yield


class StoreFile:
    """The file that the writer has open: the one at `path`, or a new one beside it that will take its place."""

    def __init__(self, path: Path, *, keeps_damaged: bool) -> None:
        """`keeps_damaged`: a damaged file is kept under another name, not removed, when a new one takes its place."""
        self._path = path
        self._keeps_damaged = keeps_damaged
        self._new = path.with_name(f"{path.name}.new")
        self._place = path
        self._identity = (0, 0)
        self._connection: sqlite3.Connection | None = None
        self._is_damaged = False

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
        db = None if self._is_damaged else _open_writable(self._path)
        if db is not None:
            _remove(self._new)
            self._opened(db, self._path)
            return
        with suppress(sqlite3.DatabaseError):  # one that an earlier process began is of no use either: make it again
            db = _open_writable(self._new)
        if db is None:
            _remove(self._new)
            db = _open_writable(self._new)
        if db is not None:
            self._opened(db, self._new)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def check_place(self) -> None:
        """Raise `FileNotFoundError`, and close, when somebody removed or replaced the file."""
        try:
            same = _identity_of(self._place) == self._identity
        except FileNotFoundError:
            same = False
        if not same:
            self.close()
            raise FileNotFoundError(errno.ENOENT, "somebody removed or replaced the file; it is loaded anew")

    def put_in_place(self) -> None:
        """Let the new file, now loaded, take the place of the old one. There is a file at the path at every moment.

        The old one's log goes first: it must never meet a file that is not its own.
        """
        self.close()
        keeps = self._keeps_damaged and self._is_damaged and self._path.exists()
        kept = _free_name(self._path) if keeps else None
        if kept is not None:
            os.link(self._path, kept)
        for old in _companions(self._path):
            if kept is None or not old.exists():
                old.unlink(missing_ok=True)
            else:
                old.rename(old.with_name(old.name.replace(self._path.name, kept.name)))
        self._new.replace(self._path)
        self._is_damaged = False
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
        db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
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
            if _is_damage(error):
                self._condemn(error)
            elif not isinstance(error, sqlite3.OperationalError | OSError):
                raise
            elif self._connection is not None:
                with suppress(sqlite3.Error, OSError):
                    self.trim_log()
            raise StoreUnavailable(f"{place} cannot be written ({error}); what it holds still serves") from error

    def _condemn(self, error: Exception) -> None:
        self.close()
        if self.is_beside:
            _remove(self._new)
        else:
            self._is_damaged = True
            log.error("%s is damaged (%s); a new one is loaded beside it", self._path, error)

    def _opened(self, db: sqlite3.Connection, place: Path) -> None:
        self._connection = db
        self._place = place
        self._identity = _identity_of(place)


def _open_writable(path: Path) -> sqlite3.Connection | None:
    """Open the file, made if need be, readable by its owner only: it may hold SIP secrets. None: it is of another schema."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    for file in (path, *_companions(path)):
        if file.exists():
            file.chmod(0o600)  # what SQLite makes beside it later gets the mode of the first
    db = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        if db.execute("PRAGMA user_version").fetchone()[0] not in (0, SCHEMA):
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


def _is_damage(error: BaseException) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE


def _identity_of(path: Path) -> tuple[int, int]:
    found = path.stat()
    return (found.st_dev, found.st_ino)


def _remove(path: Path) -> None:
    for file in (path, *_companions(path)):
        file.unlink(missing_ok=True)


def _free_name(path: Path) -> Path:
    number = 1
    while (free := path.with_name(f"{path.name}.corrupt-{number}")).exists():
        number += 1
    return free


def _companions(path: Path) -> tuple[Path, Path]:
    return path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")
