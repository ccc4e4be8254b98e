"""What is hidden is never stored. Counted is how much that is, by rule; of the entry itself nothing is kept, not even its uuid.

Which entries are hidden the service's tables say (`Tables.admit`); a hidden entry is to the store one that is not there.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from types import MappingProxyType
from typing import Final

from shared.ldap.entry import Entry
from shared.ldap.source import Kind

_ADD: Final = "INSERT OR REPLACE INTO hidden (kind, mark, rule, seen) VALUES (?, ?, ?, ?)"
_COUNT: Final = "SELECT rule, count(*) FROM hidden WHERE kind = ? AND rule <> '' GROUP BY rule ORDER BY rule"
_REMOVE: Final = "DELETE FROM hidden WHERE kind = ? AND mark = ?"
_SWEEP: Final = "DELETE FROM hidden WHERE kind = ? AND mark NOT IN (SELECT mark_of(uuid) FROM temp.seen)"


@dataclass(frozen=True, slots=True)
class Hidden:
    """Instead of an entry: it is hidden, by this rule."""

    rule: str


NO_USE: Final = Hidden("")
"""Instead of an entry that the service has no use for: nobody counts it, and a sweep knows that it was looked at."""


def mark_of(text: str) -> int:
    """Return a number that stands for the text, equal for equal texts, from which the text cannot be read."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)


def count_hidden(db: sqlite3.Connection, kind: Kind) -> dict[str, int]:
    """Return how many entries of the kind each rule hides."""
    return dict(db.execute(_COUNT, (kind,)))


class HiddenEntries:
    """The hidden entries of one kind, as one answer changes them."""

    def __init__(self, db: sqlite3.Connection, kind: Kind) -> None:
        self._db = db
        self._kind = kind
        self.any = db.execute("SELECT 1 FROM hidden WHERE kind = ?", (kind,)).fetchone() is not None
        """Whether there are any: where nothing is hidden, hiding costs nothing."""

    def follow(
        self, wanted: Mapping[str, Entry | Hidden | None], marks: Mapping[str, int | None] = MappingProxyType({})
    ) -> None:
        """Note which of these (by uuid) are hidden now, and their marks (`shared.comparison`)."""
        hidden = [
            (self._kind, mark_of(uuid), found.rule, marks.get(uuid))
            for uuid, found in wanted.items()
            if isinstance(found, Hidden)
        ]
        if self.any:
            self._db.executemany(_REMOVE, ((self._kind, mark_of(uuid)) for uuid in wanted))
        if hidden:
            self._db.executemany(_ADD, hidden)
            self.any = True

    def sweep(self) -> None:
        """Forget those that are not in the table `temp.seen` of what a complete answer mentioned."""
        if self.any:
            self._db.create_function("mark_of", 1, mark_of, deterministic=True)
            self._db.execute(_SWEEP, (self._kind,))
