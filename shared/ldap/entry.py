"""One LDAP object as dialtree sees it, and the names of such objects (`shared.ldap.dn`). No I/O, and no attribute is named."""

import uuid
from collections.abc import Mapping
from typing import NamedTuple

from shared.ldap.dn import dn_key, is_dn, parent_key, split_first_rdn
from shared.text import is_blank

__all__ = ["AllOf", "Entry", "dn_key", "is_dn", "parent_key", "rdn_values", "uuid_of_dn"]

_NAMESPACE = uuid.UUID("9a6f9d5c-7a55-4b62-8f0c-5c0f3f7d2f41")


class AllOf(tuple[str, ...]):
    """Attributes of which all values count, in this order. Of any other tuple the first attribute with a value counts.

    The mapping says which fields are so (`shared.ldap.mapping`); nobody else makes one.
    """

    __slots__ = ()


class Entry(NamedTuple):
    """An entry and those of its attributes that were asked for. A named tuple: a first load makes them by the hundred thousand.

    `uuid`: entryUUID in lower case, 36 characters (an LDIF entry without one: `uuid_of_dn`).
    `attributes`: attribute name in lower case to its values in the server's order; never an empty tuple. Values with a
    language tag stand under a key of their own, `cn;lang-pl` (`shared.ldap.descriptions`).
    A value that is not UTF-8 is read as ISO-8859-1.
    `stamp`: what the server changes with every change of the entry (entryCSN); "" where it shows none, None where it is
    not known, as of what is read from a store.
    """

    uuid: str
    dn: str
    attributes: Mapping[str, tuple[str, ...]]
    stamp: str | None = ""

    def values(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the values of these attributes, as `AllOf` or the lack of it says, each once; () when there are none.

        Those of one attribute are sorted: LDAP does not order values, and the same directory must give the same bytes
        (law 1). A blank value counts as absent. Values in a language are left out.
        """
        attributes = self.attributes
        found: list[str] = []
        for name in names:
            values = attributes.get(name) or attributes.get(name.lower())
            if values:
                if len(values) == 1 == len(names) and not is_blank(values[0]):  # nearly all: a first load comes here
                    return values
                found += [value for value in sorted(values) if not is_blank(value)]
                if found and not isinstance(names, AllOf):
                    break
        return tuple(found) if len(found) < 2 else tuple(dict.fromkeys(found))  # noqa: PLR2004

    def first(self, names: tuple[str, ...]) -> str:
        """Return the first of `values`, the smallest of its attribute, or ""."""
        values = self.values(names)
        return values[0] if values else ""


def rdn_values(dn: str) -> tuple[str, ...]:
    """Return the values of the RDN, unescaped: `cn=Doe\\, John+uid=jd,ou=x` gives `Doe, John` and `jd`."""
    pairs, _ = split_first_rdn(dn)
    return tuple(pair.value.strip() for pair in pairs)


def uuid_of_dn(dn: str) -> str:
    """Return a stable identity for an entry that has no entryUUID: a rename is then a delete and an add."""
    return str(uuid.uuid5(_NAMESPACE, dn_key(dn)))
