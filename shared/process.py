"""What every long-running command does first: logging, and an end on request. No service is known here."""

import logging
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def start_logging(level: str) -> None:
    """Log to stderr from this level on: "debug", "info", "warning" or "error"; called again, only the level changes."""
    logging.basicConfig(format=_FORMAT, stream=sys.stderr)
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
