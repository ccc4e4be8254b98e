"""The copy compared with what LDAP shows: by identity, DN and stamp, without reading an entry twice. SQL; no LDAP, no schedule.

An entry's mark is a digest of the three, stored beside it. Of an entry that is hidden, or of no use, the mark is all that is
stored, so a comparison knows that it was seen and does not ask for it again and again.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from shared.hiding import mark_of
from shared.ldap.source import Identity, Kind

DDL: Final = (
    """CREATE TABLE comparison (
        one INTEGER PRIMARY KEY CHECK (one = 1), at REAL NOT NULL, difference TEXT NOT NULL, access TEXT NOT NULL,
        wanted INTEGER NOT NULL
    )""",
    "CREATE TABLE complete_reads (kind TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID",
    "INSERT INTO comparison VALUES (1, 0, '', '', 0)",
)
"""`at`, `difference`: when all was last compared, and what was not as LDAP shows it. `access`: see `Source.access`.
`wanted`: somebody wants everything to be read (`mirror --refresh`). `complete_reads`: when all of a kind was last read."""

_SWEPT: Final = "CREATE TEMP TABLE IF NOT EXISTS swept (uuid TEXT PRIMARY KEY, mark INTEGER NOT NULL) WITHOUT ROWID"
_NOTE: Final = "INSERT OR REPLACE INTO temp.swept VALUES (?, ?)"
_DIFFERENT: Final = """SELECT s.uuid FROM temp.swept s LEFT JOIN entries e ON e.kind = ?1 AND e.uuid = s.uuid
    WHERE e.mark IS NOT s.mark AND NOT EXISTS
        (SELECT 1 FROM hidden h WHERE h.kind = ?1 AND h.mark = mark_of(s.uuid) AND h.seen = s.mark)
    LIMIT ?2"""
_MISSING: Final = (
    "SELECT uuid FROM entries WHERE kind = ?1 AND uuid NOT IN (SELECT uuid FROM temp.swept) ORDER BY uuid LIMIT ?2"
)
_FORGET_HIDDEN: Final = """DELETE FROM hidden WHERE kind = ? AND mark NOT IN (SELECT mark_of(uuid) FROM temp.swept)"""
_SHARE: Final = 5
_FEW: Final = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the copy of one kind is not as a sweep says."""

    swept: int
    """How many entries LDAP shows."""
    different: tuple[str, ...]
    """Entries that are not in the copy, or there with another DN or stamp."""
    missing: tuple[str, ...]
    """Entries of the copy that the sweep did not name."""
    is_large: bool
    """Reading everything is cheaper than reading these: more than a fifth; the two tuples hold only some of them."""

    def __bool__(self) -> bool:
        return bool(self.different or self.missing)


@dataclass(frozen=True, slots=True)
class Compared:
    """What the last comparison of everything found."""

    at: float
    """Unix seconds, 0.0 for never."""
    difference: str
    """What was not as LDAP showed it, and was put right; "" when nothing."""


NEVER_COMPARED: Final = Compared(0.0, "")


def identity_mark(uuid: str, dn: str, stamp: str) -> int:
    """Return the mark of an entry. Nobody can try DNs on it: the identity is random and in no file where it is hidden."""
    return mark_of(f"{uuid}\0{dn}\0{stamp}")


def begin_sweep(db: sqlite3.Connection) -> None:
    """Forget the last sweep."""
    db.execute(_SWEPT)
    db.execute("DELETE FROM temp.swept")


def note_page(db: sqlite3.Connection, page: Iterable[Identity]) -> None:
    """Take a page of a sweep."""
    db.execute("BEGIN")
    try:
        db.executemany(_NOTE, ((identity.uuid, identity_mark(*identity)) for identity in page))
    finally:
        db.execute("COMMIT")


def find_difference(db: sqlite3.Connection, kind: Kind) -> Difference:
    """Return where the copy of a kind differs from the sweep that was noted."""
    db.create_function("mark_of", 1, mark_of, deterministic=True)
    (swept,) = db.execute("SELECT count(*) FROM temp.swept").fetchone()
    many = max(_FEW, swept // _SHARE)
    different = tuple(uuid for (uuid,) in db.execute(_DIFFERENT, (kind, many + 1)))
    missing = tuple(uuid for (uuid,) in db.execute(_MISSING, (kind, many + 1)))
    return Difference(swept, different, missing, is_large=len(different) + len(missing) > many)


def forget_hidden(db: sqlite3.Connection, kind: Kind) -> None:
    """Forget the marks of hidden entries that the sweep did not name."""
    if db.execute("SELECT 1 FROM hidden WHERE kind = ?", (kind,)).fetchone() is not None:
        db.create_function("mark_of", 1, mark_of, deterministic=True)
        db.execute(_FORGET_HIDDEN, (kind,))


def read_compared(db: sqlite3.Connection) -> Compared:
    """Return what the last comparison found."""
    return Compared(*db.execute("SELECT at, difference FROM comparison").fetchone())
