"""What a service's file holds that LDAP shows otherwise, or not at all, from a fresh and complete read. Pure SQL and entries."""

import sqlite3
from collections.abc import Iterable, Mapping

from shared.batch import stored_entries
from shared.ldap.entry import Entry
from shared.ldap.source import Kind
from shared.tables import Tables

_Content = tuple[str, tuple[tuple[str, tuple[str, ...]], ...]]


def differing(
    db: sqlite3.Connection, tables: Tables, found: Iterable[tuple[Kind, Entry]]
) -> Mapping[Kind, tuple[str, ...]]:
    """Return the entries that are not stored as LDAP shows them, by kind: their DNs, or their uuids where no DN is stored.

    `found`: all that the service's streams find. What is hidden counts as not there.
    """
    shown: dict[Kind, dict[str, tuple[int, str]]] = {kind: {} for kind in Kind}
    for kind, entry in found:
        admitted = tables.admit(kind, entry)
        if isinstance(admitted, Entry):
            shown[kind][entry.uuid] = (hash(_content(admitted)), entry.dn)
    result: dict[Kind, tuple[str, ...]] = {}
    for kind in Kind:
        names = []
        for chunk in stored_entries(db, kind):
            for entry in chunk:
                content, dn = shown[kind].pop(entry.uuid, (None, entry.dn or entry.uuid))
                if content != hash(_content(entry)):
                    names.append(dn)
        names += [dn for _, dn in shown[kind].values()]
        if names:
            result[kind] = tuple(sorted(names))
    return result


def _content(entry: Entry) -> _Content:
    """Servers may give values in any order."""
    return entry.dn, tuple(sorted((name, tuple(sorted(values))) for name, values in entry.attributes.items()))
