"""The report that a service's database is damaged: a small file beside it (`<name>.db.damaged`), and the look that it asks for.

Workers cannot repair anything and hold no channel to the mirror, so they write the report; the mirror looks for it, decides,
and loads a new database beside the damaged one. As a file it outlives a killed process. It holds no value of any entry.
"""

import logging
import os
import sqlite3
from contextlib import closing, suppress
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

from shared.errors import DialtreeError

log = logging.getLogger("dialtree.store")

FileId = tuple[int, int]
"""Device and inode of a file."""
ANY_FILE: Final[FileId] = (0, 0)
"""The file of a report that does not tell which one it means."""
_CORRUPT: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_PASSING: Final = (
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_FULL,
)  # fmt: skip
"""What ends by itself and says nothing of the content."""
_BUSY_SECONDS: Final = 1.0


class Verdict(StrEnum):
    """How sure a report is."""

    SUSPECT = "suspect"
    """Something failed that a sound database does not do; a look decides."""
    DAMAGE = "damage"
    """SQLite found damage: believed, even where a look finds none, since it reads other pages."""
    CONDEMNED = "condemned"
    """The mirror decided: a new database is being loaded, and takes the place of this one."""


class Report(NamedTuple):
    """What is said of a database."""

    file: FileId
    verdict: Verdict
    what: str
    """One line, without any value of an entry."""

    def __str__(self) -> str:
        if self.verdict is Verdict.SUSPECT:
            return f"it could not be read as it should ({self.what}), and the mirror is to look at it"
        loading = "; a new one is being loaded" if self.verdict is Verdict.CONDEMNED else ""
        return f"it is damaged ({self.what}){loading}"


def is_corrupt(error: BaseException) -> bool:
    """Tell whether SQLite says that a file is damaged, or holds text that was never written (no UTF-8)."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return isinstance(error, sqlite3.OperationalError)  # raised by Python: "Could not decode to UTF-8 column …"
    return code & 0xFF in _CORRUPT or code == sqlite3.SQLITE_IOERR_SHORT_READ  # the file or its log was cut


def verdict_on(error: BaseException) -> Verdict | None:
    """Return what an error says of the database that was read or written; None: nothing."""
    if isinstance(error, DialtreeError):
        return None
    if not isinstance(error, sqlite3.Error):
        # a value that the mirror did not write so, or a fault in our code
        return Verdict.SUSPECT if isinstance(error, OSError | ValueError | TypeError | LookupError) else None
    if is_corrupt(error) or str(error).startswith(("no such table", "no such column")):
        return Verdict.DAMAGE
    return None if getattr(error, "sqlite_errorcode", 0) & 0xFF in _PASSING else Verdict.SUSPECT


def describe(error: BaseException) -> str:
    """Return the message of an error where it is SQLite's or the system's own; Python's quote what was read."""
    if hasattr(error, "sqlite_errorcode") or isinstance(error, OSError):
        return str(error)
    if isinstance(error, sqlite3.OperationalError):
        return "a text in it is not UTF-8"
    return f"what was read of it caused {type(error).__name__}"


def file_id(path: Path) -> FileId:
    """Return which file is at the path. Raises `OSError`."""
    found = path.stat()
    return found.st_dev, found.st_ino


def file_id_or_none(path: Path) -> FileId | None:
    """Return which file is at the path, None where there is none. Raises `OSError`."""
    try:
        return file_id(path)
    except FileNotFoundError:
        return None


def report_path(database: Path) -> Path:
    """Return where the report about a database is."""
    return database.with_name(f"{database.name}.damaged")


def read_report(database: Path) -> Report | None:
    """Return the report about a database, None when there is none. One that was cut off is a suspicion of any file."""
    try:
        text = report_path(database).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    head, _, what = text.partition("\n")
    try:
        device, inode, verdict = head.split()
        return Report((int(device), int(inode)), Verdict(verdict), " ".join(what.split())[:500])
    except ValueError:
        return Report(ANY_FILE, Verdict.SUSPECT, "a worker could not read it")


def write_report(database: Path, report: Report) -> bool:
    """Write a report unless there is one, and return whether this one was written. A condemnation replaces another one.

    Raises `OSError`.
    """
    path = report_path(database)
    if report.verdict is Verdict.CONDEMNED:
        path.unlink(missing_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{report.file[0]} {report.file[1]} {report.verdict}\n{report.what}\n")
    return True


def clear_report(database: Path) -> None:
    """Remove the report, where there is one."""
    with suppress(OSError):
        report_path(database).unlink(missing_ok=True)


class Reporter:
    """Reports what a worker met when it read a database; each report is logged once, by whoever wrote it."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._told: set[FileId] = set()
        """Files of which a report could not be written and was logged instead."""

    def report(self, error: BaseException, file: FileId) -> None:
        """Report what an error says of this file, if anything."""
        verdict = verdict_on(error)
        if verdict is not None:
            self.suspect(Report(file, verdict, describe(error)))

    def suspect(self, report: Report) -> None:
        """Report this."""
        try:
            is_new = write_report(self._database, report)
        except OSError:  # no room, or no such folder any more
            is_new = report.file not in self._told
            self._told.add(report.file)
        if is_new:
            log.error("%s cannot be read as it should (%s); the mirror looks at it", self._database, report.what)


def find_damage(database: Path, tables: str, schema: int, *, thorough: bool) -> str:
    """Return what is wrong with a database as it is on the disk, "" when nothing is found.

    A connection of its own looks, since an open one would find its own pages in memory. `thorough`: SQLite reads every page.
    Never opens the file in another way: closing it would free the locks of this process (sqlite.org/howtocorrupt.html 2.2).
    """
    try:
        uri = f"{database.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)) as db:
            found: int = db.execute("PRAGMA user_version").fetchone()[0]
            row = db.execute("SELECT tables FROM status").fetchone() if found == schema else None
            if row is None or row[0] != tables:
                return "another file was written over it"
            said = str(db.execute("PRAGMA integrity_check(1)").fetchone()[0]) if thorough else "ok"
            return "" if said == "ok" else "SQLite finds it malformed"
    except sqlite3.Error as error:
        return describe(error) if verdict_on(error) is Verdict.DAMAGE else ""
