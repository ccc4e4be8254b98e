"""One LDAP object as dialtree sees it, and the names of such objects (`shared.ldap.dn`). No I/O, and no attribute is named."""

import uuid
from collections.abc import Mapping
from typing import NamedTuple

from shared.ldap.dn import dn_key, is_dn, parent_key

__all__ = ["Entry", "dn_key", "is_dn", "parent_key", "uuid_of_dn"]

_NAMESPACE = uuid.UUID("9a6f9d5c-7a55-4b62-8f0c-5c0f3f7d2f41")


class Entry(NamedTuple):
    """An entry and those of its attributes that were asked for. A named tuple: a first load makes them by the hundred thousand.

    `uuid`: entryUUID in lower case, 36 characters (an LDIF entry without one: `uuid_of_dn`).
    `attributes`: attribute name in lower case, without options, to its values in the server's order; never an empty tuple.
    A value that is not UTF-8 is read as ISO-8859-1.
    """

    uuid: str
    dn: str
    attributes: Mapping[str, tuple[str, ...]]

    def values(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return all values of the first of these attributes that has any; () when none has."""
        attributes = self.attributes
        for name in names:
            found = attributes.get(name.lower())
            if found:
                return found
        return ()

    def first(self, names: tuple[str, ...]) -> str:
        """Return the smallest value of the first attribute that has any, or "".

        The smallest, not the first: LDAP does not order values, and the same directory must give the same bytes (law 1).
        """
        values = self.values(names)
        if not values:
            return ""
        return values[0] if len(values) == 1 else min(values)


def uuid_of_dn(dn: str) -> str:
    """Return a stable identity for an entry that has no entryUUID: a rename is then a delete and an add."""
    return str(uuid.uuid5(_NAMESPACE, dn_key(dn)))
