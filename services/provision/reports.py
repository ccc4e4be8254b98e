"""What was last told of which phone, so that a log has one line when something changes and not one a request. Decides nothing."""

from collections import OrderedDict
from threading import Lock
from typing import Final

from shared.mac import Mac

_MOST_REMEMBERED: Final = 4096
"""Somebody who tries every address must not fill the memory; a forgotten phone is told of once more."""


class Reports:
    """One sentence a phone, which is known by its hardware address, or by its host. Safe to share between threads."""

    def __init__(self) -> None:
        self._told: OrderedDict[Mac | str, str] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._told)

    def is_new(self, phone: Mac | str, sentence: str) -> bool:
        """Remember what is to be told of a phone; False when it is what was told last."""
        with self._lock:
            if self._told.get(phone) == sentence:
                return False
            self._told[phone] = sentence
            self._told.move_to_end(phone)
            if len(self._told) > _MOST_REMEMBERED:
                self._told.popitem(last=False)
            return True

    def forget(self, mac: Mac) -> bool:
        """Forget a phone of which there is nothing more to tell; False when nothing was told of it."""
        if mac not in self._told:
            return False
        with self._lock:
            return self._told.pop(mac, None) is not None


def printable(text: str) -> str:
    """Return a text that cannot break a line of a log."""
    return "".join(c if c.isprintable() else " " for c in text)
