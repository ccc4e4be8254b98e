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
from shared.lookout import Lookout
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
_STALLED_SECONDS: Final = 5.0
"""A source that keeps us waiting so long is not connected, as far as the status says."""
_LONGEST_STALL: Final = 8.0
"""In the middle of a batch nothing can be written, so one that waits for the source so long is given up."""
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
        mirror = Mirror(
            tables.name, store, source, streams, config.ldap.poll_interval, Clock(stop), progress=progress,
            read_interval=config.ldap.complete_read_interval,
        )  # fmt: skip
        mirror.run()


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
        self.reads_all = False
        """The next poll is to ask for everything, whatever the cookie."""
        self.is_held = False
        self.leaving = Leaving()


class Mirror:
    """Follows the streams of one service. One thread runs it."""

    def __init__(  # noqa: PLR0913  # each is a different thing
        self,
        service: str,
        store: Store,
        source: Source,
        streams: Sequence[Stream],
        poll_interval: float,
        clock: Clock,
        *,
        progress: bool = False,
        read_interval: float = 86400.0,
    ) -> None:
        """`poll_interval`, `read_interval`: see the settings `ldap.poll_interval` and `ldap.complete_read_interval`."""
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
        self._is_open = self._was_open = False
        self._is_lost = True
        self._lookout = Lookout(service, store, source, streams, clock, read_interval)
        source.watch(self._waited)
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
            self._notice_wish()
            for follow in self._follows:
                if follow.due <= self._clock.ticks() and not self._clock.is_over():
                    self._poll(follow)
            self._look()
        except StoreUnavailable as error:
            self._close()  # an answer may be half read
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
            self._close()
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

    def _look(self) -> None:
        """Look for what polls do not tell; where that fails, polls go on."""
        if not self._is_open or self._clock.is_over():
            return
        try:
            wish = self._lookout.turn(self._server)
        except (SourceUnavailable, LdifError) as error:
            self._close(lost=not self._lookout.is_hopeless)
            self._troubles.add("look", f"entries cannot be compared with LDAP: {error}")
            return
        if self._lookout.is_well:
            self._troubles.end("look")
        for follow in self._follows:
            if follow.stream.kind in wish.read:
                follow.reads_all = True
            if follow.stream.kind in wish.read or follow.stream.kind == wish.poll:
                follow.due = self._clock.ticks()

    def _close(self, *, lost: bool = True) -> None:
        """End the connection. `lost`: its end may mean that the server, or what it shows, is another now."""
        self._source.close()
        self._lookout.abandon()
        self._is_open = False
        self._is_lost |= lost

    def _connect(self) -> None:
        if not self._is_open:  # it may take long, and the last one's status may be an earlier process's
            self._say(connected=False, problem=str(self._troubles) or "connecting to the directory")
        try:
            server = self._source.connect()
        except SourceUnavailable:
            self._is_linked = False
            raise
        self._is_linked = True
        if not self._is_open:
            self._is_open = True
            if self._is_lost:
                self._lookout.connected(again=self._was_open)
            self._is_lost, self._was_open = False, True
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
        asked = None if follow.reads_all else self._store.cookie(stream, server)
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
        if asked is None and applied.leaving is None:
            self._lookout.was_read(stream.kind, follow.spent, applied, is_first=not follow.reads_all)
        elif applied.moved:
            self._lookout.moved()
        follow.reads_all = asked is None and applied.hold is not None
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

    def _notice_wish(self) -> None:
        """Read everything when somebody wants it (`mirror --refresh`)."""
        if self._store.ledger.take_wish():
            log.info("%s: everything is read again, as somebody asked", self._service)
            for follow in self._follows:
                follow.reads_all = True
                follow.due = self._clock.ticks()

    def _is_source_troubled(self) -> bool:
        return any(subject not in ("store", "look") for subject in self._troubles)

    def _waited(self, seconds: float) -> None:
        """The source keeps us waiting, so long already."""
        self._tick()
        if self._store.is_writing:
            if seconds >= _LONGEST_STALL:
                raise SourceUnavailable(f"{self._server} stopped in the middle of an answer for {seconds:.0f} s")
        elif seconds >= _STALLED_SECONDS:
            problem = f"{self._server} has not answered for {_STALLED_SECONDS:.0f} s; it is waited for"
            self._say(connected=False, problem=problem)

    def _put_off(self, seconds: float) -> None:
        for follow in self._follows:
            follow.due = max(follow.due, self._clock.ticks() + seconds)

    def _rest(self) -> float:
        """Return the seconds until something is to be done."""
        rests = [min(follow.due for follow in self._follows) - self._clock.ticks()]
        if any(follow.is_held for follow in self._follows):
            rests.append(_WATCH_SECONDS)
        if self._is_open:
            rests.append(self._lookout.rest())
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
