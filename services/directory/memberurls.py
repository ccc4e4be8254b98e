"""Groups that name their members by a search: the `memberURL` of a `groupOfURLs`, an LDAP URL (RFC 4516). Pure: no SQL, no LDAP.

The mirror answers the search itself, from the persons that it follows, so that a change of a person takes effect at once.
That is right only for a search in the followed tree by attributes that the service reads; every other URL is refused with
the reason, and `dialtree lint` reports it. A URL may name hidden persons: stored are digests (marks) of the base and of
the values that the filter compares, never the text.
"""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from shared.config import Ldap
from shared.hiding import mark_of
from shared.ldap.attributetypes import usual_name
from shared.ldap.dn import is_within
from shared.ldap.entry import Entry, dn_key, is_dn, parent_key
from shared.ldap.filters import (
    Attributes,
    Compare,
    Extensible,
    Filter,
    FilterError,
    Group,
    Present,
    Substrings,
    folded,
    folded_part,
    names_in,
    needs_server,
    parse_filter,
)

_URL: Final = re.compile(r"ldaps?://(?P<host>[^/?]*)(?:/(?P<fields>.*))?", re.IGNORECASE | re.DOTALL)
_SCOPES: Final = {"": "base", "base": "base", "one": "one", "sub": "subtree"}
_MOST_FIELDS: Final = 5
_ORDERED: Final = re.compile(r"\d+(?:\.\d+)?z?")
"""A number, or a time of LDAP: what is stored as it is, since only its order counts."""
_CLASS: Final = "objectclass"
_SUPERIORS: Final = {
    "inetorgperson": ("organizationalperson", "person", "top"),
    "organizationalperson": ("person", "top"),
    "residentialperson": ("person", "top"),
    "person": ("top",),
    "user": ("organizationalperson", "person", "top"),
}
"""What servers add to a class of persons, although the entry does not list it."""
_Tree = Sequence[Any]
"""A filter as it is stored: `["&", part, …]`, `["=", name, mark]`, `["*", name]`, `[">=", name, text]`,
`["s", name, initial, [middle, …], final]`, where the parts of a text are `[length, mark]`."""


class UnusableUrlError(ValueError):
    """The URL is not one search that can be answered here; the message says why, and how to mend it."""


class MemberSearch(NamedTuple):
    """The search of a `memberURL`, without its text."""

    base: int
    """The mark of the base."""
    scope: str
    tree: _Tree

    def finds(self, entry: Entry) -> bool:
        """Tell whether the search finds this person, as stored."""
        key = dn_key(entry.dn)
        if self.scope == "base":
            reached = _mark(key) == self.base
        elif self.scope == "one":
            reached = bool(key) and _mark(parent_key(key)) == self.base
        else:
            reached = _mark(key) == self.base or self.base in _marks_above(parent_key(key))
        return reached and _matches(self.tree, entry.attributes)


class MemberUrls:
    """Reads the URLs of groups, for one configuration."""

    def __init__(self, ldap: Ldap, readable: Collection[str]) -> None:
        """`readable`: the attributes, in lower case, that are stored of every person."""
        self._followed = dn_key(ldap.person.base or ldap.base)
        self._hosts = frozenset((urlsplit(url).hostname or "").lower() for url in ldap.urls)
        self._readable = frozenset(readable)

    @property
    def depends_on(self) -> str:
        """What of the configuration decides which URLs are used."""
        return "\0".join((self._followed, *sorted(self._hosts), "", *sorted(self._readable)))

    def usable(self, urls: Collection[str]) -> tuple[str, ...]:
        """Return those searches that can be answered here, as `stored_search` reads them; sorted."""
        found = set()
        for url in urls:
            try:
                found.add(json.dumps(self.read(url), separators=(",", ":")))
            except UnusableUrlError:  # `lint` reports it
                continue
        return tuple(sorted(found))

    def read(self, url: str) -> MemberSearch:
        """Return the search of a URL. Raises `UnusableUrlError`."""
        base, scope, filter_text = self._split(url)
        if base and not is_dn(base):
            raise UnusableUrlError(f"{base!r} is not a DN; correct the URL")
        key = dn_key(base)
        if not (is_within(key, self._followed) or is_within(self._followed, key)):
            raise UnusableUrlError(
                "its base is outside of the tree in which persons are followed; see ldap.person.base"
            )
        try:
            tree = parse_filter(filter_text)
        except FilterError as error:
            raise UnusableUrlError(str(error)) from error
        if needs_server(tree):
            raise UnusableUrlError("the mirror decides it and knows no matching rules; write the filter without :=")
        unread = sorted(name for name in names_in(tree) if usual_name(name) not in self._readable)
        if unread:
            raise UnusableUrlError(
                f"{' and '.join(unread)} is not read of persons, or hidden; name it in ldap.mapping.person.member_filter"
            )
        return MemberSearch(_mark(key), scope, _digested(tree))

    def _split(self, url: str) -> tuple[str, str, str]:
        """Return base, scope and filter."""
        match = _URL.fullmatch(url.strip())
        if match is None:
            raise UnusableUrlError("it is not an LDAP URL such as ldap:///ou=people,dc=example,dc=org??sub?(l=Lyon)")
        host = (urlsplit(f"//{match['host']}").hostname or "").lower()
        if host and host not in self._hosts:
            raise UnusableUrlError(f"{host} is not a server of ldap.urls; write the URL without a host")
        fields = [*(match["fields"] or "").split("?"), "", "", "", ""]
        if len(fields) - 4 > _MOST_FIELDS:
            raise UnusableUrlError("it has too many parts; write a question mark of a value as %3F")
        if any(extension.strip().startswith("!") for extension in fields[4].split(",")):
            raise UnusableUrlError("it has a critical extension; write it without")
        scope = _SCOPES.get(fields[2].strip().lower())
        if scope is None:
            raise UnusableUrlError(f"{fields[2]!r} is no scope; write base, one or sub")
        try:
            base, filter_text = (unquote(field, errors="strict").strip() for field in (fields[0], fields[3]))
        except UnicodeDecodeError as error:
            raise UnusableUrlError("what follows a % is not UTF-8; correct the URL") from error
        return base, scope, filter_text or f"({_CLASS}=*)"


@lru_cache(maxsize=256)
def stored_search(text: str) -> MemberSearch:
    """Return a search that `MemberUrls.usable` gave."""
    base, scope, tree = json.loads(text)
    return MemberSearch(base, scope, tree)


def _digested(tree: Filter) -> _Tree:
    if isinstance(tree, Group):
        return [tree.kind, *map(_digested, tree.parts)]
    name = usual_name(tree.name.partition(";")[0])
    if isinstance(tree, Present):
        return ["*", name]
    if isinstance(tree, Substrings):
        initial, *middle, final = (_part(name, raw) for raw in (tree.initial, *tree.middle, tree.final))
        return ["s", name, initial, middle, final]
    if isinstance(tree, Extensible):
        raise UnusableUrlError("the mirror decides it and knows no matching rules; write the filter without :=")
    return _digested_compare(tree, name)


def _digested_compare(tree: Compare, name: str) -> _Tree:
    value = folded(tree.value.decode(errors="replace"))
    if tree.kind in ("=", "~="):
        return ["=", name, _value_mark(name, value)]
    if not _ORDERED.fullmatch(value):
        raise UnusableUrlError(f"{tree.kind} compares numbers and times only here; write the filter without it")
    return [tree.kind, name, value]


def _part(name: str, raw: bytes) -> list[int]:
    text = folded_part(raw)
    return [len(text), _value_mark(name, text)]


def _matches(tree: _Tree, attributes: Attributes) -> bool:
    kind = tree[0]
    if kind in ("&", "|", "!"):
        found = (_matches(part, attributes) for part in tree[1:])
        return all(found) if kind == "&" else any(found) if kind == "|" else not any(found)
    name = tree[1]
    values = attributes.get(name, ())
    if kind == "*":
        return bool(values)
    if kind == "=":
        return any(_value_mark(name, value) == tree[2] for value in _values(name, values))
    if kind == "s":
        return any(_has_parts(name, value, *tree[2:]) for value in _values(name, values))
    return any(_is_ordered(value, kind, tree[2]) for value in _values(name, values))


def _values(name: str, values: Sequence[str]) -> Iterator[str]:
    for value in map(folded, values):
        yield value
        if name == _CLASS:
            yield from _SUPERIORS.get(value, ())


def _is_ordered(value: str, kind: str, bound: str) -> bool:
    if value.isdecimal() and bound.isdecimal():
        return int(value) >= int(bound) if kind == ">=" else int(value) <= int(bound)
    return value >= bound if kind == ">=" else value <= bound


def _has_parts(name: str, value: str, initial: list[int], middle: list[list[int]], final: list[int]) -> bool:
    if _value_mark(name, value[: initial[0]]) != initial[1]:
        return False
    at = initial[0]
    for length, mark in middle:
        ends = range(at + length, len(value) + 1)
        end = next((end for end in ends if _value_mark(name, value[end - length : end]) == mark), None)
        if end is None:
            return False
        at = end
    rest = len(value) - final[0]
    return rest >= at and _value_mark(name, value[rest:]) == final[1]


@lru_cache(maxsize=4096)
def _value_mark(name: str, text: str) -> int:
    return mark_of(f"value {name} {text}")


def _mark(key: str) -> int:
    return mark_of(f"base {key}")


@lru_cache(maxsize=4096)
def _marks_above(key: str) -> frozenset[int]:
    """Return the marks of an entry and of all above it, the root included."""
    marks = {_mark(key)}
    while key:
        key = parent_key(key)
        marks.add(_mark(key))
    return frozenset(marks)
