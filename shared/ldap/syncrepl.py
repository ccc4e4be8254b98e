"""The directory followed by RFC 4533 refreshOnly polling (OpenLDAP with the overlay syncprov). Knows neither sockets nor ldap3.

One poll is one search with a Sync Request control. With a cookie the server answers only what changed, in about a millisecond.
Which entries of an answer are gone: those it deletes, and, after a present phase, those it did not mention (`Done.complete`).
"""

import logging
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Final

from shared.config import Bind, Ldap
from shared.errors import RefreshRequired, SourceUnavailable
from shared.ldap.ber import BerError
from shared.ldap.entry import Entry
from shared.ldap.filters import FilterError, parse_filter
from shared.ldap.looking import FETCHED_TOGETHER, access_digest, found_entries, identified_by, identity_page
from shared.ldap.mapping import IDENTITY, STAMP
from shared.ldap.messages import (
    INTERMEDIATE,
    SEARCH_DONE,
    SEARCH_ENTRY,
    SEARCH_REFERENCE,
    Message,
    PresentPhaseEnds,
    Result,
    SearchRequest,
    State,
    WantedNames,
    read_entry,
    read_result,
    read_sync_info,
    read_sync_state,
    sync_request,
)
from shared.ldap.server import Session
from shared.ldap.source import Change, Delete, Done, Identity, Present, Stream, Upsert

_log = logging.getLogger(__name__)

_SUCCESS: Final = 0
_UNWILLING: Final = 53
"""What slapd answers to a cookie newer than itself (a restored backup)."""
_REFRESH_REQUIRED: Final = 4096
_CSN: Final = re.compile(rb"csn=\d{14}")
"""What a cookie of slapd must hold. To one without it slapd sends everything, but says that it named all deletions,
so what is gone would stay for ever; asked without a cookie, it is the same answer, and complete."""
_LIMITS: Final = {3: "time", 4: "size", 11: "administrative"}
_STAMP: Final = STAMP.lower()
_NO_STAMP: Final = ("",)
_SCOPES: Final = {"base": "base", "one": "one", "subtree": "sub"}
_MENDS: Final = {
    10: "the entries are on another server (referral); name that one in ldap.urls",
    12: "the server cannot be followed there; load OpenLDAP's overlay syncprov on that database, or check the base DN",
    32: "the base does not exist, or this account may not see it; check the base DN and the server's ACLs",
    50: "this account may not search there; check the server's ACLs",
}


class SyncreplSource:
    """A `Source` over one connection at a time, to the servers of `ldap.urls` in turn."""

    is_exact = False

    def __init__(self, ldap: Ldap, bind: Bind) -> None:
        self._ldap = ldap
        self._bind = bind
        self._session: Session | None = None
        self._at = 0
        self._proven = False
        self._logged: set[str] = set()
        self._waiting: Callable[[float], None] = lambda _: None

    def connect(self) -> str:
        """Connect if need be; the identity is the server's URL.

        A server that has answered is tried again when its connection breaks: another one would cost a full refresh.
        One that does not let us in, or has answered nothing yet, is followed by the next of the list.
        """
        if self._session is None:
            url = self._ldap.urls[self._at % len(self._ldap.urls)]
            try:
                self._session = Session(url, self._ldap, self._bind)
                self._session.waiting.ask = self._waiting
            except SourceUnavailable:
                self._next_server()
                raise
            self._logged.clear()
        return self._session.url

    def poll(self, stream: Stream, cookie: bytes | None) -> Iterator[Change | Done]:
        """Ask what changed; see `Source.poll`."""
        session = self._connected()
        if cookie is not None and not _CSN.search(cookie):
            cookie = None
        search, wanted = _prepared(stream)
        self._log_command(session.url, stream, cookie)
        answered = False
        try:
            with session.errors(f"poll of {stream.kind} entries"):
                answer = _Answer(session.search(search, sync_request(cookie)), wanted)
                yield from answer.changes()
            done = self._done(session.url, stream, cookie, answer)
            answered = self._proven = True
            yield done
        except RefreshRequired:
            answered = True
            raise
        finally:
            if not answered:
                self._drop(session)

    def sweep(self, stream: Stream) -> Iterator[Sequence[Identity]]:
        """Read all identities, page by page; see `Source.sweep`."""
        session = self._connected()
        search, _ = _prepared(stream)
        cookie = b""
        while True:
            with self._dropped_unless_done(session), session.errors(f"sweep of {stream.kind} entries"):
                page, result, cookie = identity_page(session, search, cookie)
                self._insist(result, session.url, stream)
                if any(not identity.uuid for identity in page):
                    raise SourceUnavailable(f"{session.url}: this account may not read {IDENTITY}; check the ACLs")
            yield page
            if not cookie:
                return
            if self._session is not session:
                raise SourceUnavailable(f"{session.url}: the connection ended during a sweep of {stream.kind} entries")

    def fetch(self, stream: Stream, uuids: Sequence[str]) -> Iterator[Entry]:
        """Read these entries, some at a time; see `Source.fetch`."""
        session = self._connected()
        search, wanted = _prepared(stream)
        for start in range(0, len(uuids), FETCHED_TOGETHER):
            some = identified_by(search, uuids[start : start + FETCHED_TOGETHER])
            some = SearchRequest(some.base, some.scope, some.filter, (*some.attributes, IDENTITY))
            with self._dropped_unless_done(session), session.errors(f"reading {stream.kind} entries again"):
                found, result = found_entries(session, some, WantedNames(some.attributes))
                self._insist(result, session.url, stream)
            for dn, attributes in found:
                (uuid,) = attributes.pop(IDENTITY.lower(), ("",))
                if uuid:
                    yield _entry(uuid.lower(), dn, attributes, wanted)

    def access(self) -> str:
        """Return a digest of account, groups and access rules, as far as they can be read; see `Source.access`."""
        session = self._connected()
        with self._dropped_unless_done(session), session.errors("looking at the access rules"):
            return access_digest(session, self._bind.dn, self._ldap.base)

    def watch(self, waiting: Callable[[float], None]) -> None:
        """Call this while a server keeps us waiting."""
        self._waiting = waiting

    def _connected(self) -> Session:
        if self._session is None:
            raise SourceUnavailable("not connected to an LDAP server; connect first")
        return self._session

    @contextmanager
    def _dropped_unless_done(self, session: Session) -> Iterator[None]:
        """Whatever ends a question early leaves an answer half read, and a connection that is of no use."""
        try:
            yield
        except BaseException:
            self._drop(session)
            raise

    def _insist(self, result: Result, url: str, stream: Stream) -> None:
        if result.code != _SUCCESS:
            raise SourceUnavailable(f"{url}: {stream.kind} entries below {stream.base!r}: {self._mend(result)}")

    def close(self) -> None:
        """End the connection."""
        if self._session is not None:
            self._session.end()
        self._session = None

    def _done(self, url: str, stream: Stream, cookie: bytes | None, answer: "_Answer") -> Done:
        result = answer.result
        if result.code == _REFRESH_REQUIRED or (result.code == _UNWILLING and cookie is not None):
            raise RefreshRequired(f"{url}: the server does not know the cookie of {stream.kind} entries: {result.text}")
        self._insist(result, url, stream)
        if cookie is None:
            return Done(result.cookie, complete=True)
        # A server that gives no other cookie says that nothing changed, so a missing refreshDeletes means nothing either.
        changed = result.cookie not in (None, cookie)
        return Done(result.cookie or cookie, complete=changed and answer.present_phase)

    def _mend(self, result: Result) -> str:
        said = f"result {result.code} {result.text}".strip()
        if result.code in _LIMITS:
            who = f'dn.exact="{self._bind.dn}"' if self._bind.dn else "anonymous"
            return (
                f"{said}: the server's {_LIMITS[result.code]} limit ends the search before all was read; "
                f"lift it on the server: limits {who} size=unlimited time=unlimited"
            )
        return f"{said}: {_MENDS[result.code]}" if result.code in _MENDS else said

    def _drop(self, session: Session) -> None:
        session.hang_up()
        self._session = None
        if not self._proven:
            self._next_server()

    def _next_server(self) -> None:
        self._at += 1
        self._proven = False

    def _log_command(self, url: str, stream: Stream, cookie: bytes | None) -> None:
        """Log the command that repeats this poll: the first of each stream on a connection, and every full one."""
        if not _log.isEnabledFor(logging.DEBUG) or (cookie is not None and stream.fingerprint in self._logged):
            return
        self._logged.add(stream.fingerprint)
        words = ["ldapsearch", "-x", "-H", url] + (["-ZZ"] if self._ldap.start_tls else [])
        if self._bind.password_file is not None:
            words += ["-D", self._bind.dn, "-y", str(self._bind.password_file.path)]
        sync = "!sync=ro" + (f"/{cookie.decode(errors='replace')}" if cookie else "")
        words += ["-b", stream.base, "-s", _SCOPES[stream.scope], "-E", sync, stream.filter, *stream.attributes, STAMP]
        _log.debug("%s", shlex.join(words))


class _Answer:
    """The answer to one poll, read once from its messages; `result` and `present_phase` are valid after `changes` ended.

    `present_phase`: what it did not mention is gone.
    """

    def __init__(self, messages: Iterator[Message], wanted: "_Wanted") -> None:
        self._messages = messages
        self._wanted = wanted
        self.result = Result(code=-1, text="no answer", cookie=None, refresh_deletes=True)
        self.present_phase = False

    def changes(self) -> Iterator[Change]:
        """Yield what the answer says of entries. Raises `BerError` and the errors of the connection."""
        for message in self._messages:
            if message.tag == SEARCH_ENTRY:
                yield self._entry_change(message)
            elif message.tag == INTERMEDIATE:
                yield from self._info_changes(message)
            elif message.tag == SEARCH_DONE:
                self.result = read_result(message)
                self.present_phase |= not self.result.refresh_deletes
            elif message.tag != SEARCH_REFERENCE:  # a part of the tree on another server is not ours to follow
                raise BerError(f"a message of tag {message.tag:#04x} in a search")

    def _entry_change(self, message: Message) -> Change:
        state = read_sync_state(message)
        if state is None:
            raise BerError("an entry without its sync state")
        kind, uuid = state
        if kind is State.DELETE:
            return Delete((uuid,))
        if kind is State.PRESENT:
            return Present((uuid,))
        return Upsert(_entry(uuid, *read_entry(message, self._wanted), self._wanted))

    def _info_changes(self, message: Message) -> Iterator[Change]:
        info = read_sync_info(message)
        if isinstance(info, PresentPhaseEnds):
            self.present_phase = True
        elif info is not None and info.uuids:
            yield Delete(info.uuids) if info.deleted else Present(info.uuids)


def _entry(uuid: str, dn: str, attributes: dict[str, tuple[str, ...]], wanted: "_Wanted") -> Entry:
    stamp = attributes.get(_STAMP, _NO_STAMP)[0] if wanted.shows_stamp else attributes.pop(_STAMP, _NO_STAMP)[0]
    return Entry(uuid, dn, attributes, stamp)


class _Wanted(WantedNames):
    """The attributes of a stream and the stamp, which is content only where the stream itself asks for it."""

    def __init__(self, stream: Stream) -> None:
        super().__init__((*stream.attributes, STAMP))
        self.shows_stamp = _STAMP in (name.lower() for name in stream.attributes)


@lru_cache(maxsize=16)
def _prepared(stream: Stream) -> tuple[SearchRequest, _Wanted]:
    try:
        parsed = parse_filter(stream.filter)
    except FilterError as error:
        raise SourceUnavailable(str(error)) from error
    asked = dict.fromkeys((*stream.attributes, STAMP))
    return SearchRequest(stream.base, stream.scope, parsed, tuple(asked)), _Wanted(stream)
