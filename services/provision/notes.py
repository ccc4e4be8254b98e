"""Tells what of a phone's entry was left out of its file: one log line when that changes, and a gauge."""

import logging

from services.provision.reports import Reports, printable
from shared.mac import Mac

log = logging.getLogger("dialtree.provision")


class Notes:
    """What was last told of which phone. Safe to share between threads."""

    def __init__(self) -> None:
        self._reports = Reports()

    def __len__(self) -> int:
        return len(self._reports)

    def tell(self, mac: Mac, notes: tuple[str, ...]) -> None:
        """Tell what was left out of a phone's file; nothing where nothing was."""
        if not notes:
            self._reports.forget(mac)
        elif self._reports.is_new(mac, "; ".join(notes)):
            for note in notes:
                log.warning("phone %s: %s", mac, printable(note))
