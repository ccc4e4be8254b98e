"""LDAP search filters (RFC 4515): text to tree, and the tree asked of an entry's attributes. No I/O, no BER here.

Without a schema: every attribute compares as caseIgnoreMatch does (`shared.ldap.dn.folded_value`), and `objectClass` matches only
the classes that the entry lists, not those that they inherit from.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from shared.ldap.descriptions import values_of_all
from shared.ldap.dn import folded_value

_DESCRIPTION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.;_-]*")
_EXTENSIBLE: Final = re.compile(r"(?P<name>[A-Za-z0-9.;_-]*)(?P<dn>:dn)?(?::(?P<rule>[A-Za-z0-9.-]+))?:", re.IGNORECASE)
_ESCAPE: Final = re.compile(rb"\\([0-9A-Fa-f]{2})?")
_DEEPEST: Final = 50
"""More levels than any filter of a person; it bounds the recursion."""

Attributes = Mapping[str, Sequence[str]]
"""As those of an entry."""


class FilterError(ValueError):
    """The text is not a filter, or not one that can be answered here; the message says where and what."""


@dataclass(frozen=True, slots=True)
class Group:
    """`(&…)` all, `(|…)` any of the parts; `(!…)` has one part and is true when it is not."""

    kind: Literal["&", "|", "!"]
    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """`(name=value)`, `(name~=value)`, `(name>=value)`, `(name<=value)`."""

    kind: Literal["=", "~=", ">=", "<="]
    name: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Present:
    """`(name=*)`."""

    name: str


@dataclass(frozen=True, slots=True)
class Substrings:
    """`(name=initial*middle*final)`; `initial` and `final` may be empty."""

    name: str
    initial: bytes
    middle: tuple[bytes, ...]
    final: bytes


@dataclass(frozen=True, slots=True)
class Extensible:
    """`(name:dn:rule:=value)`: only a server can answer it."""

    name: str
    rule: str
    value: bytes
    dn_attributes: bool


Filter = Group | Compare | Present | Substrings | Extensible


def parse_filter(text: str) -> Filter:
    """Return the filter. Raises `FilterError`."""
    parsed, at = _parse(text.strip(), 0, 0)
    if at != len(text.strip()):
        raise FilterError(f"filter {text!r}: something follows the closing parenthesis")
    return parsed


def needs_server(tree: Filter) -> bool:
    """Tell whether a part of the filter can only be answered by a server with its schema."""
    if isinstance(tree, Group):
        return any(needs_server(part) for part in tree.parts)
    return isinstance(tree, Extensible)


def names_in(tree: Filter) -> frozenset[str]:
    """Return the attributes that the filter compares, as it writes them, without options."""
    if isinstance(tree, Group):
        return frozenset().union(*(names_in(part) for part in tree.parts))
    return frozenset({tree.name.partition(";")[0]} if tree.name else ())


def matches(tree: Filter, attributes: Attributes) -> bool:
    """Tell whether an entry with these attributes passes the filter."""
    if isinstance(tree, Group):
        found = (matches(part, attributes) for part in tree.parts)
        return all(found) if tree.kind == "&" else any(found) if tree.kind == "|" else not any(found)
    if isinstance(tree, Extensible):
        raise FilterError(f"the matching rule {tree.rule or tree.name!r} needs an LDAP server; write a plain filter")
    values = tuple(values_of_all(attributes, _base_name(tree.name)))
    if isinstance(tree, Present):
        return bool(values)
    if isinstance(tree, Substrings):
        return any(_has_substrings(folded(value), tree) for value in values)
    wanted = folded(_text(tree.value))
    return any(_compares(folded(value), tree.kind, wanted) for value in values)


folded = folded_value
"""A value as it is compared."""


def folded_part(raw: bytes) -> str:
    """Return a part of a value as it is compared: blanks at its ends count."""
    return _text(raw).casefold()


def _parse(text: str, at: int, depth: int) -> tuple[Filter, int]:
    if depth > _DEEPEST:
        raise FilterError(f"filter {text[:40]!r}…: more than {_DEEPEST} levels")
    at = _skip_blanks(text, at)
    if text[at : at + 1] != "(":
        raise FilterError(f"filter {text!r}: no opening parenthesis at character {at + 1}")
    at = _skip_blanks(text, at + 1)
    if text[at : at + 1] in ("&", "|", "!"):
        return _parse_group(text, at, depth)
    end = text.find(")", at)
    if end < 0:
        raise FilterError(f"filter {text!r}: the parenthesis before character {at + 1} is not closed")
    return _parse_item(text[at:end], text), end + 1


def _parse_group(text: str, at: int, depth: int) -> tuple[Filter, int]:
    kinds: dict[str, Literal["&", "|", "!"]] = {"&": "&", "|": "|", "!": "!"}
    kind = kinds[text[at]]
    parts: list[Filter] = []
    at = _skip_blanks(text, at + 1)
    while text[at : at + 1] == "(":
        part, at = _parse(text, at, depth + 1)
        parts.append(part)
        at = _skip_blanks(text, at)
    if text[at : at + 1] != ")":
        raise FilterError(f"filter {text!r}: a parenthesis is missing at character {at + 1}")
    if kind == "!" and len(parts) != 1:
        raise FilterError(f"filter {text!r}: (!…) takes exactly one filter")
    return Group(kind, tuple(parts)), at + 1


def _parse_item(item: str, text: str) -> Filter:
    left, equals, value = item.partition("=")
    if not equals:
        raise FilterError(f"filter {text!r}: {item!r} has no =")
    if "(" in value:
        raise FilterError(f"filter {text!r}: a parenthesis in a value is written \\28 or \\29")
    if left.endswith(":"):
        return _parse_extensible(left, value, text)
    kinds: dict[str, Literal["=", "~=", ">=", "<="]] = {"~": "~=", ">": ">=", "<": "<="}
    kind = kinds.get(left[-1:], "=")
    name = (left if kind == "=" else left[:-1]).strip()
    if not _DESCRIPTION.fullmatch(name):
        raise FilterError(f"filter {text!r}: {name!r} is not an attribute name")
    if kind != "=" or "*" not in value:
        return Compare(kind, name, _unescape(value, text))
    if not value.strip().strip("*"):
        return Present(name)
    first, *middle, last = (_unescape(part, text) for part in value.split("*"))
    return Substrings(name, first, tuple(part for part in middle if part), last)


def _parse_extensible(left: str, value: str, text: str) -> Filter:
    match = _EXTENSIBLE.fullmatch(left.strip())
    if match is None or not (match["name"] or match["rule"]):
        raise FilterError(f"filter {text!r}: {left}= is not name:dn:rule:=")
    return Extensible(match["name"], match["rule"] or "", _unescape(value, text), match["dn"] is not None)


def _unescape(value: str, text: str) -> bytes:
    def byte(match: re.Match[bytes]) -> bytes:
        if match.group(1) is None:
            raise FilterError(f"filter {text!r}: a backslash is followed by two hexadecimal digits, \\5c for itself")
        return bytes.fromhex(match.group(1).decode())

    return _ESCAPE.sub(byte, value.encode())


def _skip_blanks(text: str, at: int) -> int:
    while text[at : at + 1].isspace():
        at += 1
    return at


def _base_name(description: str) -> str:
    return description.partition(";")[0].lower()


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace")


def _compares(value: str, kind: str, wanted: str) -> bool:
    if kind in ("=", "~="):
        return value == wanted
    if value.isdecimal() and wanted.isdecimal():
        return int(value) >= int(wanted) if kind == ">=" else int(value) <= int(wanted)
    return value >= wanted if kind == ">=" else value <= wanted


def _has_substrings(value: str, tree: Substrings) -> bool:
    initial, final = folded_part(tree.initial), folded_part(tree.final)
    if not value.startswith(initial):
        return False
    at = len(initial)
    for raw in tree.middle:
        part = folded_part(raw)
        found = value.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(value) - at >= len(final) and value.endswith(final)
