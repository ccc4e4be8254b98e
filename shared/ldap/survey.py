"""A look at what a directory holds, for commands that tell why a search finds nothing. Bounded, whatever the directory's size.

Looked at are DNs, classes and names of attributes, never values of others. What is seen may belong to somebody who is hidden:
those who tell of it name containers, classes and attributes, and no entry of a person.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple, Protocol

from shared.errors import SourceUnavailable
from shared.ldap.entry import Entry
from shared.ldap.entrysearch import EntrySearch
from shared.ldap.filters import parse_filter
from shared.ldap.filtertext import filter_text
from shared.ldap.ldiftext import parse_ldif
from shared.ldap.server import Session
from shared.ldap.source import Kind, Scope, Stream
from shared.sections.ldap import Bind, Ldap

OBJECT_CLASS: Final = "objectClass"
EVERYTHING: Final = "(objectClass=*)"
MOST: Final = 1000
"""Entries that are looked at."""


class Seen(NamedTuple):
    """The first entries that a search finds."""

    entries: tuple[Entry, ...]
    """Without identities. Of a look at names, each attribute has no value."""
    is_cut: bool
    """There are more: of them or of the server's limit."""


class Survey(Protocol):
    """A directory that can be looked at. Every method raises `SourceUnavailable`."""

    account: str
    """Who looks, and may not see all; "" for a file."""

    def look(self, base: str, scope: Scope, text: str, most: int = MOST) -> Seen | None:
        """Return the first entries that a search finds, with their classes; None where the base is not, or may not be seen.

        `text`: the filter.
        """
        ...

    def names(self, stream: Stream, most: int) -> Seen | None:
        """Return the first entries that a search finds, with the names of all attributes that may be read."""
        ...

    def suffixes(self) -> tuple[str, ...]:
        """Return the topmost DNs of the directory, as far as they are known."""
        ...


class _ServerSurvey:
    """A look at the first of the servers that answers; it connects when it is first asked."""

    def __init__(self, ldap: Ldap, bind: Bind) -> None:
        self.account = bind.dn or "anonymous"
        self._ldap = ldap
        self._bind = bind
        self._session: Session | None = None

    def look(self, base: str, scope: Scope, text: str, most: int = MOST) -> Seen | None:
        return self._look(base, scope, text, most, names_only=False)

    def names(self, stream: Stream, most: int) -> Seen | None:
        return self._look(stream.base, stream.scope, stream.filter, most, names_only=True)

    def suffixes(self) -> tuple[str, ...]:
        return self._connected().suffixes()

    def end(self) -> None:
        if self._session is not None:
            self._session.end()

    def _look(self, base: str, scope: Scope, text: str, most: int, *, names_only: bool) -> Seen | None:
        attributes = ["*"] if names_only else [OBJECT_CLASS]
        plain = filter_text(parse_filter(text))  # ldap3 knows no blanks between parentheses
        found = self._connected().look(base, scope, plain, attributes, most, names_only=names_only)
        return None if found is None else Seen(tuple(Entry("", *each) for each in found.entries), found.is_cut)

    def _connected(self) -> Session:
        failed = SourceUnavailable("ldap.urls names no server")
        for url in self._ldap.urls if self._session is None else ():
            try:
                self._session = Session(url, self._ldap, self._bind)
                break
            except SourceUnavailable as error:
                failed = error
        if self._session is None:
            raise failed
        return self._session


class _FileSurvey:
    """A look at an LDIF file."""

    account = ""

    def __init__(self, ldap: Ldap) -> None:
        self._path = ldap.ldif_file
        self._entries: tuple[tuple[str, Entry], ...] | None = None

    def look(self, base: str, scope: Scope, text: str, most: int = MOST) -> Seen | None:
        search = EntrySearch(Stream(Kind.PERSON, base, scope, text, (OBJECT_CLASS,)))
        reached = [(key, entry) for key, entry in self._read() if search.reaches(key)]
        found = [search.reduced(entry) for key, entry in reached if search.takes(key, entry)]
        return Seen(tuple(found[:most]), len(found) > most) if reached else None

    def names(self, stream: Stream, most: int) -> Seen | None:
        search = EntrySearch(stream)
        found = [entry for key, entry in self._read() if search.reaches(key) and search.takes(key, entry)]
        named = tuple(entry._replace(attributes=dict.fromkeys(entry.attributes, ())) for entry in found[:most])
        return Seen(named, len(found) > most)

    def suffixes(self) -> tuple[str, ...]:
        """A file need not hold the entries above those of people, so the suffix is what all DNs have in common."""
        parts = [key.split(",")[::-1] for key, _ in self._read()]
        common = []
        for same in zip(*parts, strict=False):
            if len(set(same)) > 1:
                break
            common.append(same[0])
        return (",".join(reversed(common)),) if common else ()

    def end(self) -> None:
        self._entries = None

    def _read(self) -> tuple[tuple[str, Entry], ...]:
        if self._entries is None:
            try:
                with open(self._path or "", "rb") as file:  # noqa: PTH123  # a path, or none
                    self._entries = tuple(parse_ldif(str(self._path), file))
            except OSError as error:
                raise SourceUnavailable(f"{self._path}: {error.strerror}") from error
        return self._entries


@contextmanager
def surveyed(ldap: Ldap, bind: Bind) -> Iterator[Survey]:
    """Give a survey of the directory that the configuration names; it connects when it is first asked."""
    survey = _FileSurvey(ldap) if ldap.source == "ldif" else _ServerSurvey(ldap, bind)
    try:
        yield survey
    finally:
        survey.end()
