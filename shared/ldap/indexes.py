"""Which attributes an OpenLDAP server indexes, as far as an ordinary account may know: its own configuration, `cn=config`."""

from collections.abc import Iterable, Mapping
from typing import Final

from shared.errors import SourceUnavailable
from shared.ldap.entry import dn_key
from shared.ldap.filters import Compare, Filter, Group, Present, Substrings, parse_filter
from shared.ldap.server import Session
from shared.sections.ldap import Bind, Ldap

Indexes = Mapping[str, frozenset[str]]
"""Attribute in lower case to kinds of index (`eq`, `pres`, `sub`)."""

_NEEDED_BY_SYNCPROV: Final = (("entrycsn", "eq"), ("entryuuid", "eq"))


def read_indexes(ldap: Ldap, bind: Bind, base: str) -> Indexes | None:
    """Return the indexes of the database that holds this base; None where the account may not read them.

    Raises `SourceUnavailable`.
    """
    failed: SourceUnavailable | None = None
    for url in ldap.urls:
        try:
            session = Session(url, ldap, bind)
        except SourceUnavailable as error:
            failed = error
            continue
        try:
            return indexes_of(session.read("cn=config", "(olcSuffix=*)", ["olcSuffix", "olcDbIndex"]), base)
        finally:
            session.end()
    raise failed or SourceUnavailable("ldap.urls names no server")


def indexes_of(databases: Iterable[Mapping[str, tuple[str, ...]]], base: str) -> Indexes | None:
    """Return the indexes of the database with the nearest suffix above a base, None where there is none."""
    key = dn_key(base)
    near = [
        (len(dn_key(suffix)), database)
        for database in databases
        for suffix in database.get("olcsuffix", ())
        if key == dn_key(suffix) or key.endswith(f",{dn_key(suffix)}")
    ]
    if not near:
        return None
    _, database = max(near, key=lambda found: found[0])
    lines = [line.partition(" ") for line in database.get("olcdbindex", ())]
    usual = next((kinds for name, _, kinds in lines if name.lower() == "default"), "")
    indexes: dict[str, set[str]] = {}
    for names, _, kinds in lines:
        for name in names.split(","):
            indexes.setdefault(name.strip().lower(), set()).update(_kinds(kinds or usual))
    return {name: frozenset(kinds) for name, kinds in indexes.items()}


def _kinds(text: str) -> Iterable[str]:
    """`subinitial`, `subany` and `subfinal` are parts of `sub`: each helps some filter with a `*`."""
    words = (word.strip().lower() for word in text.split(","))
    return ["sub" if word.startswith("sub") else word for word in words if word]


def missing_indexes(indexes: Indexes, filters: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return (attribute, kind) of every index that these filters and following changes would use and that is not there."""
    needed = dict.fromkeys((*_NEEDED_BY_SYNCPROV, *(need for text in filters for need in _needs(parse_filter(text)))))
    return tuple((name, kind) for name, kind in needed if kind not in indexes.get(name, frozenset()))


def _needs(tree: Filter) -> Iterable[tuple[str, str]]:
    """What is negated no index finds, so it needs none."""
    if isinstance(tree, Group):
        return () if tree.kind == "!" else [need for part in tree.parts for need in _needs(part)]
    kinds = ((Compare, "eq"), (Present, "pres"), (Substrings, "sub"))
    return [(tree.name.partition(";")[0].lower(), kind) for of, kind in kinds if isinstance(tree, of)]
