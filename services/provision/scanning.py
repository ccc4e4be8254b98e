"""Notices who asks for the files of many phones that are not served: the sign of somebody who tries MAC addresses.

Bounded memory and constant time, whatever is asked. Nothing here decides what is answered, and no MAC address leaves it.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Final

from shared.mac import Mac

PHONES: Final = 20
"""Different phones that are refused to one address within `WINDOW_SECONDS`, from which on it is a scan."""
WINDOW_SECONDS: Final = 600.0
_MOST_ADDRESSES: Final = 4096

log = logging.getLogger("dialtree.provision")


class _Asker:
    """One address in its present window."""

    __slots__ = ("began", "phones", "scans")

    def __init__(self, began: float, *, scans: bool) -> None:
        self.began = began
        self.phones: set[Mac] = set()
        self.scans = scans


class Scanning:
    """Which addresses scan. Safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._askers: OrderedDict[str, _Asker] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        """The number of addresses that scan now."""
        now = self._clock()
        with self._lock:
            return sum(each.scans and now - each.began <= WINDOW_SECONDS for each in self._askers.values())

    def refused(self, address: str, mac: Mac) -> bool:
        """Note that a phone was refused; True when the address scans, so that single phones are not worth a log line."""
        now = self._clock()
        with self._lock:
            asker = self._askers.get(address)
            if asker is None or now - asker.began > WINDOW_SECONDS:
                asker = self._askers[address] = _Asker(now, scans=False)
                self._askers.move_to_end(address)
                if len(self._askers) > _MOST_ADDRESSES:
                    self._askers.popitem(last=False)
            if asker.scans:
                return True
            asker.phones.add(mac)
            if len(asker.phones) < PHONES:
                return False
            asker.scans = True
            asker.phones.clear()
        log.warning(
            "%s asked for the files of %d phones that are not served within %d minutes: a scan of MAC addresses, "
            "or an address that many phones share; see provision.allow",
            address,
            PHONES,
            WINDOW_SECONDS // 60,
        )
        return True
