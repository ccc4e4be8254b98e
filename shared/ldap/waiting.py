"""How long a server may keep us waiting: for a message, for a whole answer, for a bind. Sockets, and no LDAP.

A timeout of a socket begins anew with every byte, so a server that sends one byte a second would hold us for hours.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

_CHUNK: Final = 65536
_LEAST_RATE: Final = 16 * 1024
"""Bytes a second of a slow but honest line: what comes at this rate or faster is no waiting."""
_ANSWER: Final = 30
"""A whole answer may keep us waiting so many times as long as one message."""
_SLICE: Final = 0.5
"""Seconds after which whoever waits is asked whether to go on."""


class Waiting:
    """The patience with one connection. `receive` raises `TimeoutError` when it ends."""

    def __init__(self, allowed: float) -> None:
        """`allowed`: seconds for one message."""
        self._allowed = allowed
        self.ask: Callable[[float], None] = lambda _: None
        """Called about each half second of waiting, with the seconds waited for this message; may raise to end it."""
        self._asked_at = 0.0
        self._message = 0.0
        """Seconds waited for this message, less what its bytes excuse."""
        self._answer = 0.0

    def begin(self) -> None:
        """Begin to wait for an answer."""
        self._answer = 0.0
        self.next_message()

    def next_message(self) -> None:
        """Begin to wait for the next message of the answer: the last one came whole."""
        self._message = self._asked_at = 0.0

    def receive(self, connection: socket.socket) -> bytes:
        """Return what comes, b"" at the end of the connection."""
        while True:
            left = min(self._allowed - self._message, _ANSWER * self._allowed - self._answer)
            if left <= 0:
                raise TimeoutError
            connection.settimeout(min(left, _SLICE))
            began = time.monotonic()
            try:
                chunk = connection.recv(_CHUNK)
            except TimeoutError:
                chunk = None
            self._count(time.monotonic() - began - (len(chunk) / _LEAST_RATE if chunk else 0.0))
            if chunk is not None:
                return chunk

    def _count(self, seconds: float) -> None:
        self._message = max(0.0, self._message + seconds)
        self._answer = max(0.0, self._answer + seconds)
        if self._message - self._asked_at >= _SLICE:
            self._asked_at = self._message
            self.ask(self._message)


@contextmanager
def deadline(seconds: float, opened: Callable[[], socket.socket | None]) -> Iterator[Callable[[], bool]]:
    """End what is done inside after so many seconds, by ending the connection that `opened` returns then.

    Gives a function that tells whether that happened.
    """
    over = threading.Event()

    def end() -> None:
        over.set()
        connection = opened()
        if connection is not None:
            with suppress(OSError):
                # not its own method: that of an encrypted one says goodbye first
                socket.socket.shutdown(connection, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield over.is_set
    finally:
        timer.cancel()
