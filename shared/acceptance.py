"""A person's word to the guard (design law 11): what is held in a service's file is meant, and may be applied.

Called in another process than the mirror's, which may be running or not.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from shared.errors import StoreUnavailable
from shared.store import SCHEMA, Hold, read_holds

_WAIT_SECONDS: Final = 30.0
"""How long to wait for a batch that is being written."""


def accept_holds(path: Path) -> tuple[Hold, ...]:
    """Accept what the guard holds in this file, and return it; the mirror applies it next. Raises `StoreUnavailable`."""
    mend = "run the mirror once, as the same user, and try again"
    try:
        db = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=_WAIT_SECONDS, isolation_level=None
        )
        with closing(db):
            if db.execute("PRAGMA user_version").fetchone()[0] != SCHEMA:
                raise StoreUnavailable(f"{path} is of another version of dialtree: {mend}")
            db.execute("BEGIN IMMEDIATE")
            holds = read_holds(db)
            db.execute("UPDATE holds SET accepted = 1")
            db.execute("COMMIT")
            return holds
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{path} cannot be written ({error}): {mend}") from error
