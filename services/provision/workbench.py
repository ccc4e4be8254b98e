"""The service's tables in memory, filled from a directory that was read whole: for commands that look before anything happens.

Nothing here follows, stores or serves.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import islice

from services.provision.tables import ProvisionTables
from shared.config import Config
from shared.ldap.entry import Entry
from shared.ldap.source import Kind
from shared.tables import EntryChange

_AT_ONCE = 1000


@contextmanager
def filled_tables(config: Config, found: Iterable[tuple[Kind, Entry]]) -> Iterator[sqlite3.Connection]:
    """Give the tables as a mirror leaves them after a first load of these entries, each as a kind that finds it."""
    tables = ProvisionTables(config)
    changes = (EntryChange(kind, entry.uuid, None, entry) for kind, entry in found)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        tables.create(db)
        while batch := list(islice(changes, _AT_ONCE)):
            tables.derive(db, batch)
        tables.settle(db, bulk=True)
        yield db
