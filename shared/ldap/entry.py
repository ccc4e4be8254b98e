"""One LDAP object as dialtree sees it. No I/O here, and no attribute is named."""

import re
import uuid
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from shared.text import is_blank

_NAMESPACE = uuid.UUID("9a6f9d5c-7a55-4b62-8f0c-5c0f3f7d2f41")
_RDN = re.compile(r"\s*[A-Za-z0-9][A-Za-z0-9.-]*\s*=\s*\S.*", re.DOTALL)
_ESCAPE = re.compile(r"\\([0-9A-Fa-f]{2}|.)")


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
            values = attributes.get(name.lower())
            if values:
                found += [value for value in sorted(values) if not is_blank(value)]
                if found and not isinstance(names, AllOf):
                    break
        return tuple(found) if len(found) < 2 else tuple(dict.fromkeys(found))  # noqa: PLR2004

    def first(self, names: tuple[str, ...]) -> str:
        """Return the first of `values`, the smallest of its attribute, or ""."""
        values = self.values(names)
        return values[0] if values else ""


def dn_key(dn: str) -> str:
    """Return a form in which two writings of one DN are equal (RFC 4514: case, blanks, escapes); "" stays "".

    `CN=Doe\\, John , dc=Example` and `cn=doe\\2c john,dc=example` give the same key.
    """
    if not dn:
        return ""
    if "\\" in dn:
        return ",".join(_rdn_key(rdn) for rdn in _split_unescaped(dn, ","))
    rdn, comma, above = dn.partition(",")
    return f"{_rdn_key(rdn)},{_above_key(above)}" if comma else _rdn_key(rdn)


@lru_cache(maxsize=4096)
def _above_key(dn: str) -> str:
    """Thousands of entries stand below the same one."""
    return ",".join(map(_rdn_key, dn.split(",")))


def parent_key(key: str) -> str:
    """Return the key of the entry above, for a key made by `dn_key`; "" above the topmost."""
    return ",".join(_split_unescaped(key, ",")[1:])


def is_dn(text: str) -> bool:
    """Tell whether the text could be a DN: each of its parts names an attribute and a value (RFC 4514)."""
    return all(_RDN.fullmatch(pair) for rdn in _split_unescaped(text, ",") for pair in _split_unescaped(rdn, "+"))


def rdn_values(dn: str) -> tuple[str, ...]:
    """Return the values of the RDN, unescaped: `cn=Doe\\, John+uid=jd,ou=x` gives `Doe, John` and `jd`."""
    rdn = _split_unescaped(dn, ",")[0]
    values = (pair.partition("=")[2].strip() for pair in _split_unescaped(rdn, "+"))
    return tuple(_unescape(value) if "\\" in value else value for value in values)


def uuid_of_dn(dn: str) -> str:
    """Return a stable identity for an entry that has no entryUUID: a rename is then a delete and an add."""
    return str(uuid.uuid5(_NAMESPACE, dn_key(dn)))


def _rdn_key(rdn: str) -> str:
    if "+" not in rdn:  # nearly all
        name, _, value = rdn.partition("=")
        return f"{name.strip().lower()}={_value_key(value)}"
    pairs = (pair.partition("=") for pair in _split_unescaped(rdn, "+"))
    return "+".join(sorted(f"{name.strip().lower()}={_value_key(value)}" for name, _, value in pairs))


def _value_key(value: str) -> str:
    plain = _unescape(value.strip()) if "\\" in value else value
    folded = " ".join(plain.split()).casefold()
    return folded if folded.isalnum() else re.sub(r'([,+"\\<>;=])', r"\\\1", folded)


def _unescape(value: str) -> str:
    raw = bytearray()
    at = 0
    for match in _ESCAPE.finditer(value):
        raw += value[at : match.start()].encode()
        escaped = match.group(1)
        raw += bytes.fromhex(escaped) if len(escaped) == 2 else escaped.encode()  # noqa: PLR2004
        at = match.end()
    raw += value[at:].encode()
    return raw.decode("utf-8", errors="replace")


def _split_unescaped(text: str, separator: str) -> list[str]:
    if "\\" not in text:  # nearly all names; a first load spends its time here
        return text.split(separator)
    parts: list[str] = []
    start = at = 0
    while at < len(text):
        if text[at] == "\\":
            at += 2
            continue
        if text[at] == separator:
            parts.append(text[start:at])
            start = at + 1
        at += 1
    parts.append(text[start:])
    return parts
