"""Derives a service's rows anew from the stored entries: after a change of the configuration or of the version.

What the new configuration hides goes at once, as far as the stored entries tell; all else comes with the answer to a
full poll, which the streams' fingerprints ask for. Everything happens in the writer's open transaction.
"""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final

from shared.batch import remove_entries, stored_entries, write_entries
from shared.hiding import HiddenEntries
from shared.ldap.entry import Entry
from shared.ldap.source import Kind
from shared.tables import EntryChange, Tables

_UNKNOWN_KINDS: Final = "kind NOT IN (SELECT value FROM json_each(?))"
_COUNT_AGAIN: Final = """UPDATE streams SET (entries, secrets) =
    (SELECT count(*), coalesce(sum(secret), 0) FROM entries WHERE entries.kind = streams.kind) WHERE kind = ?"""


def derive_anew(
    db: sqlite3.Connection, tables: Tables, kinds: Sequence[Kind], secrets: Collection[str], tick: Callable[[], None]
) -> None:
    """Drop, create and derive all rows; forget kinds that are not followed any more. `tick` may raise to end it."""
    for table in ("entries", "streams", "removals", "holds", "hidden"):
        db.execute(f"DELETE FROM {table} WHERE {_UNKNOWN_KINDS}", (json.dumps(kinds),))  # noqa: S608  # our own names
    tables.drop(db)
    tables.create(db)
    for kind in kinds:
        hidden = HiddenEntries(db, kind)
        for chunk in stored_entries(db, kind):
            tick()
            found = {entry.uuid: tables.admit(kind, entry) for entry in chunk}
            hidden.follow(found)
            admitted = [entry for entry in found.values() if isinstance(entry, Entry)]
            _store(db, kind, chunk, admitted, secrets)
            tables.derive(db, [EntryChange(kind, entry.uuid, None, entry) for entry in admitted])
        db.execute(_COUNT_AGAIN, (kind,))
    tables.settle(db, bulk=True)


def _store(
    db: sqlite3.Connection, kind: Kind, before: Iterable[Entry], after: Iterable[Entry], secrets: Collection[str]
) -> None:
    stored = {entry.uuid: entry for entry in before}
    write_entries(db, kind, [entry for entry in after if entry != stored[entry.uuid]], secrets)
    remove_entries(db, kind, stored.keys() - {entry.uuid for entry in after})
