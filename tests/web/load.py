"""Clients that ask again and again while something happens to the service, and remember every answer that was not good."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from tests.tools import eventually
from tests.web.http import ask


class Load:
    """What the clients saw. `good`: answers with 200; `bad`: everything else, by what it was."""

    def __init__(self) -> None:
        self.good = 0
        self.bad: Counter[str] = Counter()
        self._lock = threading.Lock()

    def count(self, outcome: str) -> None:
        """Note one answer."""
        with self._lock:
            if outcome == "200":
                self.good += 1
            else:
                self.bad[outcome] += 1

    def more(self, answers: int) -> None:
        """Wait until so many further good answers came."""
        wanted = self.good + answers
        eventually(lambda: self.good >= wanted or self.bad, 60)


@contextmanager
def load_on(port: int, target: str, clients: int = 4) -> Iterator[Load]:
    """Ask for the target, each client one request after the other on new connections, until the context is left."""
    load, stop = Load(), threading.Event()

    def client() -> None:
        while not stop.is_set():
            try:
                load.count(str(ask(port, target).status))
            except (OSError, IndexError, ValueError) as error:
                load.count(type(error).__name__)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        stop.set()
        for thread in threads:
            thread.join()
