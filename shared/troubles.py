"""What hinders a mirror at the moment, said once in the log and kept for the status. It decides nothing."""

import logging
from collections.abc import Iterator

from shared.text import printable

log = logging.getLogger("dialtree.mirror")


class Troubles:
    """What is wrong now, by subject (a kind of entry, "link", "store"); a message is logged once until all is well again."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._now: dict[str, str] = {}
        self._told: set[str] = set()

    def __iter__(self) -> Iterator[str]:
        return iter(self._now)

    def __str__(self) -> str:
        """Return all messages, each once; "" when all is well."""
        return "; ".join(dict.fromkeys(self._now.values()))

    def add(self, subject: str, message: str) -> None:
        """Say what is wrong with the subject, in one line whatever a server put into it."""
        message = printable(message)
        self._now[subject] = message
        if message not in self._told:
            self._told.add(message)
            log.warning("%s: %s", self._service, message)

    def end(self, subject: str) -> None:
        """Say that the subject is well; once nothing is wrong any more, the log says so."""
        if self._now.pop(subject, None) is not None and not self._now:
            self._told.clear()
            log.info("%s: all is well again, the directory is followed", self._service)
