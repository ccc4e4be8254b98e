"""A person's word to a mirror, left in the service's file: what the guard holds is meant (law 11); read everything again.

Called in another process than the mirror's, which may be running or not.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from shared.errors import StoreUnavailable
from shared.store import SCHEMA, Hold, read_holds

_WAIT_SECONDS: Final = 30.0
"""How long to wait for a batch that is being written."""


def accept_holds(path: Path) -> tuple[Hold, ...]:
    """Accept what the guard holds in this file, and return it; the mirror applies it next. Raises `StoreUnavailable`."""
    with _written(path) as db:
        holds = read_holds(db)
        db.execute("UPDATE holds SET accepted = 1")
        return holds


def want_everything(path: Path) -> None:
    """Let the mirror of this file read everything, whatever it holds; at once, or when it starts. Raises `StoreUnavailable`."""
    with _written(path) as db:
        db.execute("UPDATE comparison SET wanted = 1")


@contextmanager
def _written(path: Path) -> Iterator[sqlite3.Connection]:
    mend = "run the mirror once, as the same user, and try again"
    try:
        db = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=_WAIT_SECONDS, isolation_level=None
        )
        with closing(db):
            if db.execute("PRAGMA user_version").fetchone()[0] != SCHEMA:
                raise StoreUnavailable(f"{path} is of another version of dialtree: {mend}")
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{path} cannot be written ({error}): {mend}") from error
