"""Reports phones that are refused: one log line when a phone's reason changes, not one a request.

Nothing here decides anything, and no value of a secret attribute ever reaches it: `EntryError` carries none.
"""

import logging
from collections import OrderedDict
from threading import Lock
from typing import Final

from shared.errors import EntryError, Unknown
from shared.mac import Mac

log = logging.getLogger("dialtree.provision")

_MOST_REMEMBERED: Final = 4096
"""Somebody who tries every address must not fill the memory; a forgotten phone is reported once more."""


class Refusals:
    """What was last reported of which phone. Safe to share between threads."""

    def __init__(self) -> None:
        self._reported: OrderedDict[Mac, str] = OrderedDict()
        self._lock = Lock()

    def refused(self, mac: Mac, error: Unknown | EntryError) -> None:
        """Report a refusal unless its reason is the one reported last."""
        reason = str(error)
        with self._lock:
            if self._reported.get(mac) == reason:
                return
            self._reported[mac] = reason
            self._reported.move_to_end(mac)
            if len(self._reported) > _MOST_REMEMBERED:
                self._reported.popitem(last=False)
        level = logging.INFO if isinstance(error, Unknown) else logging.WARNING
        log.log(level, "phone %s is refused: %s", mac, "".join(c if c.isprintable() else " " for c in reason))

    def served(self, mac: Mac) -> None:
        """Forget a phone that is well again, and say so."""
        if mac in self._reported:
            with self._lock:
                known = self._reported.pop(mac, None)
            if known is not None:
                log.info("phone %s is served again", mac)
