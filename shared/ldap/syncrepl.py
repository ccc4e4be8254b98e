"""The directory followed by RFC 4533 refreshOnly polling (OpenLDAP with the overlay syncprov). Knows neither sockets nor ldap3.

One poll is one search with a Sync Request control. With a cookie the server answers only what changed, in about a millisecond.
Which entries of an answer are gone: those it deletes, and, after a present phase, those it did not mention (`Done.complete`).
"""

import logging
import re
import shlex
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from shared.config import Bind, Ldap
from shared.errors import RefreshRequired, SourceUnavailable
from shared.ldap.ber import BerError
from shared.ldap.entry import Entry
from shared.ldap.filters import FilterError, parse_filter
from shared.ldap.messages import (
    INTERMEDIATE,
    SEARCH_DONE,
    SEARCH_ENTRY,
    SEARCH_REFERENCE,
    Message,
    PresentPhaseEnds,
    Result,
    State,
    SyncSearch,
    WantedNames,
    read_entry,
    read_result,
    read_sync_info,
    read_sync_state,
)
from shared.ldap.server import Session
from shared.ldap.source import Change, Delete, Done, Present, Stream, Upsert

_log = logging.getLogger(__name__)

_SUCCESS: Final = 0
_UNWILLING: Final = 53
"""What slapd answers to a cookie newer than itself (a restored backup)."""
_REFRESH_REQUIRED: Final = 4096
_CSN: Final = re.compile(rb"csn=\d{14}")
"""What a cookie of slapd must hold. To one without it slapd sends everything, but says that it named all deletions,
so what is gone would stay for ever; asked without a cookie, it is the same answer, and complete."""
_LIMITS: Final = {3: "time", 4: "size", 11: "administrative"}
_SCOPES: Final = {"base": "base", "one": "one", "subtree": "sub"}
_MENDS: Final = {
    10: "the entries are on another server (referral); name that one in ldap.urls",
    12: "the server cannot be followed there; load OpenLDAP's overlay syncprov on that database, or check the base DN",
    32: "the base does not exist, or this account may not see it; check the base DN and the server's ACLs",
    50: "this account may not search there; check the server's ACLs",
}


class SyncreplSource:
    """A `Source` over one connection at a time, to the servers of `ldap.urls` in turn."""

    def __init__(self, ldap: Ldap, bind: Bind) -> None:
        self._ldap = ldap
        self._bind = bind
        self._session: Session | None = None
        self._at = 0
        self._proven = False
        self._logged: set[str] = set()

    def connect(self) -> str:
        """Connect if need be; the identity is the server's URL.

        A server that has answered is tried again when its connection breaks: another one would cost a full refresh.
        One that does not let us in, or has answered nothing yet, is followed by the next of the list.
        """
        if self._session is None:
            url = self._ldap.urls[self._at % len(self._ldap.urls)]
            try:
                self._session = Session(url, self._ldap, self._bind)
            except SourceUnavailable:
                self._next_server()
                raise
            self._logged.clear()
        return self._session.url

    def poll(self, stream: Stream, cookie: bytes | None) -> Iterator[Change | Done]:
        """Ask what changed; see `Source.poll`."""
        session = self._session
        if session is None:
            raise SourceUnavailable("not connected to an LDAP server; connect first")
        if cookie is not None and not _CSN.search(cookie):
            cookie = None
        search, wanted = _prepared(stream)
        self._log_command(session.url, stream, cookie)
        answered = False
        try:
            with session.errors(f"poll of {stream.kind} entries"):
                answer = _Answer(session.search(search, cookie), wanted)
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

    def close(self) -> None:
        """End the connection."""
        if self._session is not None:
            self._session.end()
        self._session = None

    def _done(self, url: str, stream: Stream, cookie: bytes | None, answer: "_Answer") -> Done:
        result = answer.result
        if result.code == _REFRESH_REQUIRED or (result.code == _UNWILLING and cookie is not None):
            raise RefreshRequired(f"{url}: the server does not know the cookie of {stream.kind} entries: {result.text}")
        if result.code != _SUCCESS:
            raise SourceUnavailable(f"{url}: {stream.kind} entries below {stream.base!r}: {self._mend(result)}")
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
        words += ["-b", stream.base, "-s", _SCOPES[stream.scope], "-E", sync, stream.filter, *stream.attributes]
        _log.debug("%s", shlex.join(words))


class _Answer:
    """The answer to one poll, read once from its messages; `result` and `present_phase` are valid after `changes` ended.

    `present_phase`: what it did not mention is gone.
    """

    def __init__(self, messages: Iterator[Message], wanted: WantedNames) -> None:
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
        return Upsert(Entry(uuid, *read_entry(message, self._wanted)))

    def _info_changes(self, message: Message) -> Iterator[Change]:
        info = read_sync_info(message)
        if isinstance(info, PresentPhaseEnds):
            self.present_phase = True
        elif info is not None and info.uuids:
            yield Delete(info.uuids) if info.deleted else Present(info.uuids)


@lru_cache(maxsize=16)
def _prepared(stream: Stream) -> tuple[SyncSearch, WantedNames]:
    try:
        parsed = parse_filter(stream.filter)
    except FilterError as error:
        raise SourceUnavailable(str(error)) from error
    return SyncSearch(stream.base, stream.scope, parsed, stream.attributes), WantedNames(stream.attributes)
