"""How often one address, and all of them together, may ask by TFTP, and how much a log says of it. No sockets here.

A datagram costs its sender nothing, and its source may be false: whatever is over a rate gets no answer at all, and
a phone repeats by itself.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

BURST_SECONDS: Final = 4
"""Seconds of requests that an address may send at once."""
_ALL: Final = 500.0
_STRANGERS: Final = 50.0
"""Requests per second of all that are in no network of `provision.allow`: they take nothing from phones."""
_MOST_ADDRESSES: Final = 4096
_TELL_SECONDS: Final = 60.0

log = logging.getLogger("dialtree.tftp")


class Bucket:
    """A token bucket: `rate` a second, `BURST_SECONDS` of them at once."""

    __slots__ = ("_at", "_left", "_rate")

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._left = rate * BURST_SECONDS
        self._at = now

    def take(self, now: float) -> bool:
        """Take one; False when there is none."""
        self._left = min(self._rate * BURST_SECONDS, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Limits:
    """Who may ask now. For one thread; bounded memory."""

    def __init__(self, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`rate`: requests per second of one address."""
        self._rate = float(rate)
        self._clock = clock
        self._all = Bucket(max(_ALL, self._rate), clock())
        self._strangers = Bucket(_STRANGERS, clock())
        self._of_address: OrderedDict[str, Bucket] = OrderedDict()

    def allow(self, host: str, *, is_known: bool) -> bool:
        """Count a request. `is_known`: the address is in a network that is answered."""
        now = self._clock()
        bucket = self._of_address.get(host)
        if bucket is None:
            bucket = self._of_address[host] = Bucket(self._rate, now)
            if len(self._of_address) > _MOST_ADDRESSES:
                self._of_address.popitem(last=False)
        self._of_address.move_to_end(host)
        return bucket.take(now) and (self._all if is_known else self._strangers).take(now)


class Quiet:
    """One log line an address and minute of what is not served, with the number of those that had none. For one thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def tell(self, host: str, what: str) -> None:
        """Write the line, or count it."""
        now = self._clock()
        told = self._told.get(host)
        if told is not None and now - told[0] < _TELL_SECONDS:
            self._told[host] = (told[0], told[1] + 1)
            return
        more = f" (and {told[1]} more since the last line)" if told is not None and told[1] else ""
        log.info("%s %s%s", host, what, more)
        self._told[host] = (now, 0)
        self._told.move_to_end(host)
        if len(self._told) > _MOST_ADDRESSES:
            self._told.popitem(last=False)
