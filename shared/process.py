"""What every long-running command does first: logging, and an end on request. No service is known here."""

import logging
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from shared.text import printable


class _OneLine(logging.Formatter):
    """Escapes what is not printable: what a server or an entry says must not look like lines of ours, or move a cursor."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines of a record; those after the first (a traceback's) are indented."""
        lines = super().format(record).splitlines() or [""]
        return "\n    ".join(printable(line, _LONGEST_LINE) for line in lines)


_LONGEST_LINE: Final = 4000
_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def start_logging(level: str) -> None:
    """Log to stderr from this level on: "debug", "info", "warning" or "error"; called again, only the level changes."""
    logging.basicConfig(stream=sys.stderr)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(_OneLine(_FORMAT))
    logging.getLogger().setLevel(level.upper())
    logging.getLogger("ldap3").setLevel(logging.ERROR)  # at INFO it would log what it sends


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """Give an event that SIGTERM and Ctrl-C set; the handlers from before are back afterwards."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
