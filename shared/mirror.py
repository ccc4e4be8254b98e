"""Follows a directory into a service's store: when to ask, what to do when asking fails, what to say about it.

Each kind of entry is polled on its own, at the pace of `shared.pace`. What an answer does to the file is `shared.writer`,
what is believed is `shared.guard`. No attribute's value is ever logged.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Final

from shared.config import Config
from shared.errors import LdifError, RefreshRequired, SourceUnavailable, StoreUnavailable
from shared.guard import LOOK_AGAIN_SECONDS, Leaving
from shared.ldap.source import Change, Done, Reads, Source, Stream
from shared.ldap.streams import streams_of
from shared.pace import Backoff, Pace
from shared.progress import shown_progress
from shared.tables import Tables
from shared.troubles import Troubles
from shared.writer import Applied, Store
from shared.writerlock import sole_writer

__all__ = ["Clock", "Mirror", "run_mirror"]

log = logging.getLogger("dialtree.mirror")

_HELD_PAUSE: Final = 15.0
"""How often a held batch is asked for again, to see whether the source came back to sense."""
_WATCH_SECONDS: Final = 1.0
"""How often the mirror looks for an acceptance while something is held."""
_EXPIRY_SECONDS: Final = 10.0
"""Where something expires later, the mirror looks so often: while a host sleeps, or its clock is set, no waiting is right."""
_LEAST_REST: Final = 0.05
_TICK_ITEMS: Final = 256
"""After so many items of an answer the mirror looks whether it is to stop."""


def run_mirror(
    config: Config, tables: Tables, reads: Reads, source: Source, stop: threading.Event, *, progress: bool
) -> None:
    """Follow the directory into the service's file until `stop`; a large load is given up, a blocked read is waited for.

    `progress`: show the first load, where standard error is a terminal. Faults of the source and of the disk are logged,
    reported in the status, and retried. Raises `MirrorRunning`.
    """
    path = config.state_dir / f"{tables.name}.db"
    secrets = config.ldap.mapping.account.secret
    with sole_writer(config.state_dir, tables.name) as lock:
        store = Store(path, tables, tuple(reads), secrets=secrets, guard=config.guard, lock=lock)
        streams = streams_of(config.ldap, reads)
        Mirror(tables.name, store, source, streams, config.ldap.poll_interval, Clock(stop), progress=progress).run()


class Clock:
    """Time, chance and the end, as the mirror sees them."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def ticks(self) -> float:
        """Return seconds since some moment, never going back."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Wait, or return early when the mirror is to stop."""
        self._stop.wait(seconds)

    def is_over(self) -> bool:
        """Tell whether the mirror is to stop."""
        return self._stop.is_set()

    def chance(self) -> float:
        """Return a number from 0 to 1."""
        return random.random()  # noqa: S311  # spreads retries, guards nothing


class _Stopped(Exception):
    """Ends a long piece of work when the mirror is to stop."""


class _Follow:
    """One stream, and where following it stands."""

    def __init__(self, stream: Stream, poll_interval: float) -> None:
        self.stream = stream
        self.pace = Pace(poll_interval)
        self.backoff = Backoff()
        self.due = 0.0
        self.spent = 0.0
        """What the last poll cost the source, in seconds."""
        self.was_whole = False
        """The last poll asked for everything."""
        self.is_held = False
        self.leaving = Leaving()


class Mirror:
    """Follows the streams of one service. One thread runs it."""

    def __init__(
        self,
        service: str,
        store: Store,
        source: Source,
        streams: Sequence[Stream],
        poll_interval: float,
        clock: Clock,
        *,
        progress: bool = False,
    ) -> None:
        self._service = service
        self._store = store
        self._source = source
        self._follows = [_Follow(stream, poll_interval) for stream in streams]
        self._clock = clock
        self._progress = progress
        self._link = Backoff()
        self._disk = Backoff()
        self._troubles = Troubles(service)
        self._server = ""
        self._is_linked = False
        self._said: tuple[bool, str, str] | None = None

    def run(self) -> None:
        """Follow until the clock says that it is over."""
        try:
            while not self._clock.is_over():
                self.turn()
                self._clock.wait(self._rest())
        except _Stopped:
            log.info("%s: stopped in the middle of a load; what was stored before still serves", self._service)
        finally:
            self._source.close()
            self._say(connected=False, problem="the mirror is not running")
            self._store.close()

    def turn(self) -> None:
        """Poll what is due, once."""
        try:
            done = self._store.prepare(self._tick)
            if done:
                log.info("%s: %s", self._service, done)
            self._store.look()
            self._store.expire()
            self._notice_acceptance()
            for follow in self._follows:
                if follow.due <= self._clock.ticks() and not self._clock.is_over():
                    self._poll(follow)
        except StoreUnavailable as error:
            self._source.close()  # an answer may be half read
            self._put_off(self._disk.after_failure(self._clock.chance()))
            self._said = None
            self._troubles.add("store", str(error))
        self._say(connected=self._is_linked and not self._is_source_troubled(), problem=str(self._troubles))

    def _poll(self, follow: _Follow) -> None:
        kind = follow.stream.kind
        try:
            self._connect()
            applied = self._ask(follow)
        except SourceUnavailable as error:
            self._source.close()
            self._retreat(follow, error)
        except LdifError as error:
            self._troubles.add(kind, f"{error}; the last good content still serves")
            follow.due = self._clock.ticks() + follow.pace.pause_after(follow.spent)
        else:
            self._troubles.end(kind)
            self._troubles.end("store")
            self._disk.reset()
            follow.backoff.reset()
            follow.due = self._clock.ticks() + max(
                follow.pace.pause_after(follow.spent), self._note_unstored(follow, applied)
            )

    def _connect(self) -> None:
        try:
            server = self._source.connect()
        except SourceUnavailable:
            self._is_linked = False
            raise
        self._is_linked = True
        if server != self._server:
            log.info("%s: following %s", self._service, server)
            self._server = server
        self._link.reset()
        self._troubles.end("link")
        self._say(connected=not self._is_source_troubled(), problem=str(self._troubles))

    def _retreat(self, follow: _Follow, error: SourceUnavailable) -> None:
        """Without a connection nothing can be asked; with one, what fails for one stream must not stop the others."""
        if self._is_linked:
            self._troubles.add(follow.stream.kind, f"{follow.stream.kind} entries cannot be followed: {error}")
            follow.due = self._clock.ticks() + follow.backoff.after_failure(self._clock.chance())
        else:
            self._troubles.add("link", str(error))
            self._put_off(self._link.after_failure(self._clock.chance()))

    def _ask(self, follow: _Follow) -> Applied:
        stream, server = follow.stream, self._server
        asked = self._store.cookie(stream, server)
        try:
            return self._take(follow, asked)
        except RefreshRequired as error:
            if asked is None:
                raise SourceUnavailable(f"{server} refuses to send everything: {error}") from error
            log.info("%s: %s asks for a full refresh of %s entries", self._service, server, stream.kind)
            return self._take(follow, None)

    def _take(self, follow: _Follow, asked: bytes | None) -> Applied:
        stream, server = follow.stream, self._server
        began = self._clock.ticks()
        with shown_progress(f"{server}: {stream.kind}", enabled=self._progress and asked is None) as show:
            follow.spent = 0.0
            answer = self._timed(follow, self._source.poll(stream, asked), show)
            limit = None if asked is None else follow.leaving.limit(began)  # nobody reads everything twice
            applied = self._store.apply(stream, server, asked, answer, limit)
        if asked is None and not follow.was_whole:
            follow.spent = 0.0  # a first load says nothing about the polls to come
            seconds = self._clock.ticks() - began
            log.info(
                "%s: read all %s entries from %s: %d, of which %d changed, in %.1f s (%.0f/s)",
                *(self._service, stream.kind, server, applied.entries, applied.touched),
                *(seconds, applied.entries / max(seconds, 0.001)),
            )
        follow.was_whole = asked is None
        return applied

    def _timed(
        self, follow: _Follow, answer: Iterator[Change | Done], show: Callable[[int], None]
    ) -> Iterator[Change | Done]:
        """Pass the answer on, and measure what it costs the source; the time that storing it takes is ours."""
        ticks = self._clock.ticks
        count = 0
        while True:
            began = ticks()
            item = next(answer, None)
            follow.spent += ticks() - began
            if item is None:
                return
            count += 1
            if count % _TICK_ITEMS == 0:
                self._tick()
                show(count)
            yield item

    def _note_unstored(self, follow: _Follow, applied: Applied) -> float:
        """Return the seconds that what was not stored waits at least."""
        follow.leaving.note(applied.leaving, self._clock.ticks())
        if applied.leaving and applied.hold is None:
            return LOOK_AGAIN_SECONDS
        if applied.hold is not None and not follow.is_held:
            log.error("%s: %s", self._service, applied.hold.what)
        elif applied.hold is None and follow.is_held:
            log.info("%s: nothing of the %s entries is held any more", self._service, follow.stream.kind)
        follow.is_held = applied.hold is not None
        return _HELD_PAUSE if follow.is_held else 0.0

    def _notice_acceptance(self) -> None:
        """Ask at once for what a person accepted; what goes beyond it is a hold of its own."""
        held = [follow for follow in self._follows if follow.is_held]
        accepted = self._store.accepted() if held else frozenset()
        for follow in held:
            if follow.stream.kind in accepted:
                log.info("%s: the removal of %s entries was accepted", self._service, follow.stream.kind)
                follow.is_held = False
                follow.due = self._clock.ticks()

    def _is_source_troubled(self) -> bool:
        return any(subject != "store" for subject in self._troubles)

    def _put_off(self, seconds: float) -> None:
        for follow in self._follows:
            follow.due = max(follow.due, self._clock.ticks() + seconds)

    def _rest(self) -> float:
        """Return the seconds until something is to be done."""
        rests = [min(follow.due for follow in self._follows) - self._clock.ticks()]
        if any(follow.is_held for follow in self._follows):
            rests.append(_WATCH_SECONDS)
        expiry = None if "store" in self._troubles else self._seconds_to_expiry()
        if expiry is not None:
            rests.append(min(max(expiry, _LEAST_REST), _EXPIRY_SECONDS))
        return max(0.0, min(rests))

    def _seconds_to_expiry(self) -> float | None:
        try:
            return self._store.seconds_to_expiry()
        except StoreUnavailable:  # the next turn tells
            return None

    def _tick(self) -> None:
        if self._clock.is_over():
            raise _Stopped

    def _say(self, *, connected: bool, problem: str) -> None:
        """Write the status where it changed; where it cannot be written, the log has said why."""
        said = (connected, self._server, problem)
        if said != self._said:
            with suppress(StoreUnavailable):
                self._store.report(connected=connected, server=self._server, problem=problem)
                self._said = said
