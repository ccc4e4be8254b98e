"""Small questions to a server beside following it: the page of a sweep, entries by identity, who may see what.

Nothing here knows a socket, or decides what an answer means for the copy.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from shared.errors import SourceUnavailable
from shared.ldap import ber
from shared.ldap.ber import BerError
from shared.ldap.filters import Compare, Filter, Group, parse_filter
from shared.ldap.mapping import ACCESS_RULES, IDENTITY, MEMBERS, STAMP
from shared.ldap.messages import (
    SEARCH_DONE,
    SEARCH_ENTRY,
    Message,
    Result,
    SearchRequest,
    WantedNames,
    critical_control,
    find_control,
    read_entry,
    read_result,
)
from shared.ldap.server import Session
from shared.ldap.source import Identity

FETCHED_TOGETHER: Final = 50
"""Entries that one search asks for by their identities."""
_PAGED: Final = "1.2.840.113556.1.4.319"
_PAGE: Final = 500
_SUCCESS: Final = 0
_PASSING: Final = (1, 3, 4, 11, 51, 52, 80)
"""Results that say nothing about rights: a limit, or a server that is busy or in trouble."""
_IDENTITY: Final = IDENTITY.lower()
_STAMP: Final = STAMP.lower()
_NAMES: Final = WantedNames((IDENTITY, STAMP))
_RULES: Final = WantedNames((STAMP, ACCESS_RULES))
_CONFIGURATION: Final = "cn=config"

Found = tuple[str, dict[str, tuple[str, ...]]]
"""DN and attributes of an entry."""


def identity_page(session: Session, search: SearchRequest, cookie: bytes) -> tuple[list[Identity], Result, bytes]:
    """Return a page of the identities that a search finds, how it ended, and the cookie of the next page, b"" after the last.

    `cookie`: b"" for the first page. Raises `SourceUnavailable`, `BerError` and the errors of the connection.
    """
    value = ber.element(ber.SEQUENCE, ber.integer(_PAGE), ber.octets(cookie))
    page = []
    named = SearchRequest(search.base, search.scope, search.filter, (IDENTITY, STAMP))
    for message in session.search(named, critical_control(_PAGED, value)):
        if message.tag == SEARCH_ENTRY:
            dn, attributes = read_entry(message, _NAMES)
            page.append(Identity(_only(attributes, _IDENTITY).lower(), dn, _only(attributes, _STAMP)))
        elif message.tag == SEARCH_DONE:
            result = read_result(message)
            return page, result, _next_page(message) if result.code == _SUCCESS else b""
    raise BerError("a search without an end")


def _next_page(message: Message) -> bytes:
    value = find_control(message, _PAGED.encode())
    if value is None:
        raise SourceUnavailable(
            "the server leaves out the control of paged results (RFC 2696), so the end is not known"
        )
    start, end = ber.expect_element(value, 0, len(value), ber.SEQUENCE)
    _, start = ber.expect_element(value, start, end, ber.INTEGER)
    return value[slice(*ber.expect_element(value, start, end, ber.OCTETS))]


def identified_by(search: SearchRequest, uuids: Sequence[str]) -> SearchRequest:
    """Return the search for those of these entries that `search` finds."""
    those = Group("|", tuple(Compare("=", IDENTITY, uuid.encode()) for uuid in uuids))
    return SearchRequest(search.base, search.scope, Group("&", (search.filter, those)), search.attributes)


def found_entries(session: Session, search: SearchRequest, wanted: WantedNames) -> tuple[list[Found], Result]:
    """Return what a search without controls finds, and how it ended."""
    found = []
    for message in session.search(search):
        if message.tag == SEARCH_ENTRY:
            found.append(read_entry(message, wanted))
        elif message.tag == SEARCH_DONE:
            return found, read_result(message)
    raise BerError("a search without an end")


def access_digest(session: Session, bind_dn: str, base: str) -> str:
    """Return a digest of the bind account's entry, its groups, and the server's access rules, as far as they can be read.

    "" when the server cannot say at the moment.
    """
    anything = parse_filter("(objectClass=*)")
    groups: Filter = Group("|", tuple(Compare("=", name, bind_dn.encode()) for name in MEMBERS))
    ruled = parse_filter(f"({ACCESS_RULES}=*)")
    questions = [SearchRequest(_CONFIGURATION, "subtree", ruled, (STAMP, ACCESS_RULES))]
    if bind_dn:
        questions.append(SearchRequest(bind_dn, "base", anything, (STAMP,)))
        questions.append(
            SearchRequest(base, "subtree", groups, ("1.1",))
        )  # not their stamps: other members come and go
    digest = hashlib.sha256()
    for question in questions:
        found, result = found_entries(session, question, _RULES)
        if result.code in _PASSING:
            return ""
        parts = sorted(repr((dn, sorted(attributes.items()))) for dn, attributes in found)
        digest.update(repr((result.code, parts)).encode())
    return digest.hexdigest()[:32]


def _only(attributes: dict[str, tuple[str, ...]], name: str) -> str:
    return attributes.get(name, ("",))[0]
