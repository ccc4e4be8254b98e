"""What went leaves a store's file and its log too: people who are hidden shall be in no byte of them.

A deleted row's page is overwritten by SQLite itself (`secure_delete`); its log, and an index that keeps deletions beside
what was deleted, are not. Nothing here decides what goes.
"""

import time
from typing import Final

from shared.storefile import StoreFile
from shared.tables import Tables

_LEAST_SECONDS: Final = 5.0
_SHARE: Final = 0.05
"""An index is cleaned at once where that is cheap; a large one in a small share of the time."""


class Traces:
    """What the file, an index in it, or its log may hold of what is not stored any more. The status keeps `residue`."""

    def __init__(self, file: StoreFile, tables: Tables) -> None:
        self._file = file
        self._tables = tables
        self._are_left = True
        self._are_in_log = True
        self._due = 0.0
        self._spent = 0.0
        """Seconds that this cleaning has taken so far."""

    def note(self) -> None:
        """Take note that something went."""
        self._are_left = self._are_in_log = True

    def remove_some(self) -> None:
        """Empty the log at once, an index piece by piece; to be called while nothing else is to do."""
        if not self._are_left:
            return
        if self._are_in_log:
            self._are_in_log = not self._file.empty_log()
        elif not self._file.db.execute("SELECT residue FROM status").fetchone()[0]:
            self._are_left = False
        elif time.monotonic() >= self._due:
            self._clean_index()

    def _clean_index(self) -> None:
        began = time.monotonic()
        with self._file.transaction(durable=False) as db:
            goes_on = self._tables.clean(db)
            if not goes_on:
                db.execute("UPDATE status SET residue = 0")
        now = time.monotonic()
        self._spent += now - began
        if not goes_on:
            self._are_in_log = True
            self._due = now + max(_LEAST_SECONDS, self._spent / _SHARE)
            self._spent = 0.0
