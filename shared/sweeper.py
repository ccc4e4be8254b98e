"""When the copy is compared with LDAP entry by entry, and how far that is: one stream after the other, a page a turn.

A sweep is complete or worth nothing (design law 15). What to do about a difference is decided elsewhere.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from shared.ldap.source import Identity, Source, Stream
from shared.ledger import Ledger
from shared.pace import hinted_pause, look_pause

_FIRST_AFTER: Final = 1.0
"""Seconds after the start, or after a connection was opened, before the first sweep."""


class Sweeper:
    """The sweeps of one mirror. `ticks`: seconds on the mirror's clock."""

    def __init__(self, ledger: Ledger, source: Source, ticks: Callable[[], float]) -> None:
        self._ledger = ledger
        self._source = source
        self._ticks = ticks
        self._left: list[Stream] = []
        self._pages: Iterator[Sequence[Identity]] | None = None
        self._cost = 0.0
        """Seconds that the sweep under way, or the last one, took the source."""
        self._ended = -look_pause(0.0)
        self._is_asked = False
        self.due = ticks() + _FIRST_AFTER

    @property
    def is_running(self) -> bool:
        """Tell whether a sweep is under way."""
        return bool(self._left)

    def ask(self) -> None:
        """Something hints at a difference: sweep soon."""
        if self.is_running:
            self._is_asked = True
        else:
            self.due = min(self.due, max(self._ticks(), self._ended + hinted_pause(self._cost)))

    def begin_soon(self) -> None:
        """A connection was opened: sweep once the first polls are answered."""
        self.abandon()
        self.due = min(self.due, self._ticks() + _FIRST_AFTER)

    def abandon(self) -> None:
        """What was swept is worth nothing: the connection ended, or the file did."""
        self._left, self._pages = [], None

    def put_off(self, seconds: float) -> None:
        """It failed: the next one begins no sooner than after so many seconds."""
        self.abandon()
        self.due = self._ticks() + seconds

    def step(self, streams: Callable[[], Sequence[Stream]]) -> Stream | None:
        """Take a page; return a stream once all of its identities are noted. Raises what the source raises.

        `streams`: returns what a sweep that begins now is for.
        """
        if not self._left:
            if self.due > self._ticks():
                return None
            self._left, self._cost, self._is_asked = list(streams()), 0.0, False
            if not self._left:
                self.due = self._ticks() + look_pause(0.0)
                return None
        stream = self._left[0]
        if self._pages is None:
            self._ledger.begin_sweep()
            self._pages = self._source.sweep(stream)
        began = self._ticks()
        page = next(self._pages, None)
        self._cost += self._ticks() - began
        if page is not None:
            self._ledger.note_page(page)
            return None
        self._pages = None
        return stream

    def end_stream(self) -> bool:
        """The stream that `step` returned is dealt with; tell whether it was the last one."""
        self._left.pop(0)
        if self._left:
            return False
        self._ended = self._ticks()
        self.due = self._ended + (hinted_pause(self._cost) if self._is_asked else look_pause(self._cost))
        return True
