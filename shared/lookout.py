"""What polls do not tell, looked for beside them: moved branches, repaired access rules, entries that lack something.

A change protocol reports entries that changed. It says nothing of entries below a branch that was moved, and nothing of
entries that look different because the server shows more of them, or less. So the mirror looks:

* at containers, each second: one that came, went or moved is a hint to sweep;
* at all identities (a sweep), at the start, at each new connection, on a hint, and by its cost;
* at entries that lack something, each minute;
* at the bind account, its groups and the access rules, each minute: when they change, everything is read;
* at everything, after a lost connection and once a day.

Nothing here decides what is stored: that is the writer's and the guard's.
"""

import logging
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, Protocol

from shared.containers import containers_of
from shared.errors import LdifError, SourceUnavailable
from shared.ldap.source import Change, Delete, Done, Kind, Source, Stream, Upsert
from shared.ledger import Ledger
from shared.pace import look_pause
from shared.sweeper import Sweeper
from shared.writer import Applied, Store

log = logging.getLogger("dialtree.mirror")

_CONTAINERS_SECONDS: Final = 1.0
_FAILED_SECONDS: Final = 60.0
_MOST_INCOMPLETE: Final = 1000
"""With more of them than this, everything is read instead."""
_SPREAD: Final = 0.25
"""A complete read comes up to so much of its interval early, by chance: not all hosts shall read at once."""
_SOON: Final = 30.0
"""Seconds within which a complete read that is due follows a start or a lost connection, by chance."""


class LookClock(Protocol):
    """Time and chance, see `shared.mirror.Clock`."""

    def ticks(self) -> float:
        """Return seconds since some moment."""
        ...

    def chance(self) -> float:
        """Return a number from 0 to 1."""
        ...


class Wish(NamedTuple):
    """What a look asks the mirror for."""

    poll: Kind | None = None
    """Poll this kind now: what was swept is compared after that."""
    read: frozenset[Kind] = frozenset()
    """Read these kinds completely."""


class Lookout:
    """The looks of one mirror. Its methods raise what the source and the store raise."""

    def __init__(  # each is a different thing, and none has a default
        self,
        service: str,
        store: Store,
        source: Source,
        streams: Sequence[Stream],
        clock: LookClock,
        read_interval: float,
    ) -> None:
        """`read_interval`: seconds between two complete reads."""
        self._service = service
        self._store = store
        self._ledger: Ledger = store.ledger
        self._source = source
        self._streams = tuple(streams)
        self._clock = clock
        self._interval = read_interval
        self._sweeper = Sweeper(store.ledger, source, clock.ticks)
        self._containers = containers_of(streams)
        self._swept: Stream | None = None
        """Swept, and polled since then: to be compared."""
        self._failures = 0
        """Looks that failed since one succeeded."""
        self._found: list[str] = []
        """What the sweep under way found."""
        self._containers_due = self._access_due = self._incomplete_due = clock.ticks()
        self._read_due: dict[Kind, float] = {}
        self._read_cost: dict[Kind, float] = {}
        self._read_at: dict[Kind, float] = {}

    def rest(self) -> float:
        """Return the seconds until there is something to look at."""
        if self._source.is_exact:
            return float("inf")
        if self._sweeper.is_running:
            return 0.0
        dues = (self._containers_due, self._access_due, self._incomplete_due, self._sweeper.due)
        return min(*dues, *self._read_due.values()) - self._clock.ticks()

    def connected(self, *, again: bool) -> None:
        """A connection was opened. `again`: one was lost, so the server may have been started with other access rules."""
        self._swept = None
        self._sweeper.begin_soon()
        self._access_due = self._clock.ticks()
        if again:
            for kind, at in self._read_at.items():
                earliest = max(self._clock.ticks(), at + look_pause(self._read_cost.get(kind, 0.0)))
                due = earliest + self._clock.chance() * _SOON
                self._read_due[kind] = min(self._read_due.get(kind, due), due)

    @property
    def is_well(self) -> bool:
        """Tell whether the last look of each sort succeeded, as far as is known."""
        return not self._failures

    @property
    def is_hopeless(self) -> bool:
        """Tell whether looks fail again and again, so that failing says nothing about the connection."""
        return self._failures > 1

    def abandon(self) -> None:
        """The connection or the file is gone: what is under way is worth nothing."""
        self._swept = None
        self._found = []
        self._sweeper.abandon()

    def moved(self) -> None:
        """A followed entry went, or has another DN: what stands below it may have gone with it."""
        self._sweeper.ask()

    def was_read(self, kind: Kind, cost: float, applied: Applied, *, is_first: bool) -> None:
        """A kind was read completely, which took the source so many seconds. `is_first`: no cookie was known."""
        self._read_cost[kind] = cost
        self._schedule_read(kind, 0.0)
        if applied.touched and not is_first:
            self._tell(f"{_count(applied.touched, kind)} were not as LDAP shows them")
            self._ledger.note_comparison(f"{_count(applied.touched, kind)} differed when everything was read")

    def turn(self, server: str) -> Wish:
        """Take the next steps that are due."""
        if self._source.is_exact:
            return Wish()
        try:
            return self._take_turn(server)
        except (SourceUnavailable, LdifError):
            self._failures += 1
            raise

    def _take_turn(self, server: str) -> Wish:
        now = self._clock.ticks()
        if self._containers_due <= now:
            self._look_at_containers(server)
        read = self._due_reads(now)
        if self._access_due <= now:
            read |= self._look_at_access(server)
        if self._incomplete_due <= now:
            read |= self._look_at_incomplete(server)
        if self._swept is not None:
            read |= self._compare(self._swept, server)
        try:
            swept = self._sweeper.step(
                lambda: [stream for stream in self._streams if self._is_followed(stream, server)]
            )
        except (SourceUnavailable, LdifError):
            self._sweeper.put_off(_FAILED_SECONDS)
            raise
        self._swept = swept
        return Wish(swept.kind if swept else None, read)

    def _is_followed(self, stream: Stream, server: str) -> bool:
        """Without a cookie everything is read at each poll, so there is nothing to sweep."""
        return self._store.cookie(stream, server) is not None

    def _may_repair(self, stream: Stream, server: str) -> bool:
        """Tell whether a few entries may be stored: not where the guard holds others, which would count as answered by that."""
        return self._is_followed(stream, server) and not self._store.is_held(stream.kind)

    def _look_at_containers(self, server: str) -> None:
        try:
            moved = [containers.have_moved(self._source, server) for containers in self._containers]
            if any(moved):
                log.info("%s: a branch of the directory changed: all entries are compared", self._service)
                self._sweeper.ask()
        except SourceUnavailable:
            self._containers_due = self._clock.ticks() + _FAILED_SECONDS
            raise
        self._containers_due = self._clock.ticks() + _CONTAINERS_SECONDS

    def _look_at_access(self, server: str) -> frozenset[Kind]:
        began = self._clock.ticks()
        access = self._source.access()
        self._access_due = self._clock.ticks() + look_pause(self._clock.ticks() - began)
        if not self._ledger.follow_access(f"{server} {access}" if access else ""):
            return frozenset()
        self._tell("the bind account, its groups or the server's access rules changed: everything is read again")
        return frozenset(stream.kind for stream in self._streams)

    def _look_at_incomplete(self, server: str) -> frozenset[Kind]:
        began = self._clock.ticks()
        self._incomplete_due = began + _FAILED_SECONDS
        read: set[Kind] = set()
        cost = 0.0
        for stream in self._streams:
            uuids = self._ledger.incomplete(stream.kind, _MOST_INCOMPLETE + 1)
            if len(uuids) > _MOST_INCOMPLETE:
                read.add(stream.kind)
                cost += self._read_cost.get(stream.kind, 0.0)
            elif uuids and self._may_repair(stream, server):
                self._repair(stream, server, uuids)
        self._incomplete_due = began + look_pause(cost + self._clock.ticks() - began)
        return frozenset(read)

    def _compare(self, stream: Stream, server: str) -> frozenset[Kind]:
        """Put right what a sweep found; much of it, or what the guard holds, is read completely instead."""
        difference = self._ledger.difference(stream.kind)
        read: frozenset[Kind] = frozenset()
        if not self._may_repair(stream, server):
            pass
        elif difference.is_large:
            read = frozenset({stream.kind})
            self._found.append(f"many {stream.kind} entries")
        elif difference:
            applied = self._repair(stream, server, difference.different, difference.missing)
            if applied.touched:
                self._found.append(_count(applied.touched, stream.kind))
            if applied.hold is not None:
                read = frozenset({stream.kind})
        if self._sweeper.end_stream():
            self._failures = 0
            found = ", ".join(self._found)
            self._found = []
            if found:
                self._tell(f"{found} differed from LDAP, as polls did not tell, and are put right")
            self._ledger.note_comparison(f"{found} differed" if found else "")
        return read

    def _repair(self, stream: Stream, server: str, different: Sequence[str], missing: Sequence[str] = ()) -> Applied:
        """Read these entries again, whatever the cookie says; those that are `missing` go when they are not found."""
        cookie = self._store.cookie(stream, server)
        applied = self._store.apply(stream, server, cookie, self._afresh(stream, cookie, different, missing))
        if applied.moved:
            self._sweeper.ask()
        return applied

    def _afresh(
        self, stream: Stream, cookie: bytes | None, different: Sequence[str], missing: Sequence[str]
    ) -> Iterator[Change | Done]:
        gone = set(missing)
        for entry in self._source.fetch(stream, (*different, *missing)):
            gone.discard(entry.uuid)
            yield Upsert(entry)
        if gone:
            yield Delete(tuple(sorted(gone)))
        yield Done(cookie, complete=False)

    def _due_reads(self, now: float) -> frozenset[Kind]:
        for stream in self._streams:
            if stream.kind not in self._read_due:
                age = self._ledger.age_of_read(stream.kind)
                if age is not None:
                    self._schedule_read(stream.kind, age)
        due = frozenset(kind for kind, at in self._read_due.items() if at <= now)
        for kind in due:
            self._read_due[kind] = now + self._interval
        return due

    def _schedule_read(self, kind: Kind, age: float) -> None:
        chance = self._clock.chance()
        now = self._clock.ticks()
        self._read_at.setdefault(kind, now)
        if not age:
            self._read_at[kind] = now
        self._read_due[kind] = now + max(self._interval * (1 - _SPREAD * chance) - age, chance * _SOON)

    def _tell(self, what: str) -> None:
        log.info("%s: %s", self._service, what)


def _count(entries: int, kind: Kind) -> str:
    return f"{entries} {kind} {'entry' if entries == 1 else 'entries'}"
