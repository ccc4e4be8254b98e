"""A process that writes and stops at a given point, to be killed there: `python -m tests.mirror.victim FOLDER POINT`.

It prints one line when it is at the point, and then waits for ever.
"""

import signal
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

from shared import storefile
from shared.ldap.source import Change, Done, Upsert
from tests.mirror.parts import PERSONS, SERVER, Cards, entries, prepared_store

COUNT = 3000


def here() -> None:
    sys.stdout.write("here\n")
    sys.stdout.flush()
    while True:
        signal.pause()


class Victim(Cards):
    """Cards that stop in the last moment before the commit."""

    def __init__(self, point: str) -> None:
        super().__init__()
        self.point = point

    def settle(self, db: sqlite3.Connection, *, bulk: bool) -> None:
        super().settle(db, bulk=bulk)
        if self.point == "settle" and len(self.settled) > 1:
            here()


def answer(point: str) -> Iterator[Change | Done]:
    for number, each in enumerate(entries(COUNT, "after")):
        if point == str(number):
            here()
        yield Upsert(each)
    if point == "end":
        here()
    yield Done(b"after", complete=True)


def main(folder: Path, point: str) -> None:
    storefile._CACHE_KIB = 64  # type: ignore[misc]  # so that pages reach the log before the commit, as in a large refresh
    store = prepared_store(folder, Victim(point))
    store.apply(PERSONS, SERVER, store.cookie(PERSONS, SERVER), answer(point))
    here()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
