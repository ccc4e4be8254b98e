"""The port through which the mirror follows a directory. Adapters: `syncrepl` (OpenLDAP), `ldif` (a file).

A directory is followed kind by kind. One poll of one kind is one answer of RFC 4533 refreshOnly, streamed:
changes, then exactly one `Done`. Polls are fast, and none of them sees everything: no server reports the entries below
a branch that was moved. So there is a sweep too: all identities of a kind, which the mirror compares with its copy.
Nothing here knows SQLite, a service, or how often to poll.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple, Protocol

from shared.ldap.entry import Entry


class Kind(StrEnum):
    """What an entry is followed as; one entry may be several (a person who carries the MAC address of the phone)."""

    GROUP = "group"
    PERSON = "person"
    ACCOUNT = "account"
    PHONE = "phone"
    PROFILE = "profile"
    CONTAINER = "container"
    """An entry under which others stand, such as an organizational unit: followed for its DN, and never stored."""


Scope = Literal["base", "one", "subtree"]


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of entry and the search that finds all of it."""

    kind: Kind
    base: str
    scope: Scope
    filter: str
    """RFC 4515."""
    attributes: tuple[str, ...]
    """The attributes to ask for, in the mapping's own spelling; never more than the service needs."""
    rules: str = ""
    """See `Read.rules`."""

    @property
    def fingerprint(self) -> str:
        """What a cookie is bound to beside the server: a cookie is never used with another search (RFC 4533 section 3.3)."""
        names = sorted(name.lower() for name in self.attributes)
        asked = "\0".join((self.base, self.scope, self.filter, self.rules, *names))
        return hashlib.sha256(asked.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Read:
    """What a service reads of one kind of entry, and no more than it needs."""

    fields: tuple[str, ...]
    """Of the kind's part of the mapping."""
    attributes: tuple[str, ...] = ()
    """Others, which a filter of the configuration names."""
    without: frozenset[str] = frozenset()
    """Attributes, in lower case, that are not asked for although a field names them."""
    filter: str = ""
    """What an entry must pass beside the kind's own filter."""
    rules: str = ""
    """What else of the configuration decides about what is stored: when it changes, everything is asked for again."""


Reads = Mapping[Kind, Read]
"""The kinds that a service follows."""


class Upsert(NamedTuple):
    """The entry is in the directory, with this content. A named tuple: a first load makes them by the hundred thousand."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class Delete:
    """These entries left the directory, the base, or the filter."""

    uuids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Present:
    """These entries are still there, as they were (the present phase of RFC 4533 section 3.3.1)."""

    uuids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """The end of an answer.

    `cookie`: what to send next time; None when the source gives none.
    `complete`: everything that is there was mentioned (by `Upsert` or `Present`), so what was not mentioned is gone.
    """

    cookie: bytes | None
    complete: bool


Change = Upsert | Delete | Present


class Identity(NamedTuple):
    """What a sweep says of an entry: enough to see whether the copy has it as it is now."""

    uuid: str
    dn: str
    stamp: str
    """See `Entry.stamp`."""


class Source(Protocol):
    """A directory that can be followed. One thread owns it, and reads one answer after the other."""

    is_exact: bool
    """Polls miss nothing, so the mirror needs neither sweeps nor complete reads."""

    def connect(self) -> str:
        """Connect if need be (to the next server of the list when the last one failed) and return the server's identity.

        A cookie is valid only for the identity it was got from. Raises `SourceUnavailable`.
        """
        ...

    def poll(self, stream: Stream, cookie: bytes | None) -> Iterator[Change | Done]:
        """Ask what changed since `cookie` (None: for everything), entry by entry in constant memory.

        The last item is the only `Done`. Raises `SourceUnavailable` (the connection is closed; `connect` again),
        `RefreshRequired` (ask again with None), `LdifError` (the file does not parse; keep what you have).
        """
        ...

    def sweep(self, stream: Stream) -> Iterator[Sequence[Identity]]:
        """Yield the identities of all entries of the stream, a page at a time; other questions may be asked between pages.

        Only when it ends without an error all were named. Raises `SourceUnavailable`, `LdifError`: what came is worth nothing.
        """
        ...

    def fetch(self, stream: Stream, uuids: Sequence[str]) -> Iterator[Entry]:
        """Yield those of these entries that the stream finds, as they are now. Raises `SourceUnavailable`, `LdifError`."""
        ...

    def access(self) -> str:
        """Return a digest of what decides which entries and attributes are shown to us, as far as that can be seen; or "".

        When it changes, entries may look different although none of them changed. Raises `SourceUnavailable`.
        """
        ...

    def watch(self, waiting: Callable[[float], None]) -> None:
        """Call this about each half second while the source keeps us waiting, with the seconds that it did so far.

        What it raises ends the waiting, and passes through.
        """
        ...

    def close(self) -> None:
        """End the connection; `connect` opens it again."""
        ...
