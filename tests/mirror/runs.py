"""A mirror that runs on a directory in memory, from its start to its end."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.config import Guard
from shared.mirror import Mirror
from shared.store import Status
from shared.writerlock import WriterLock
from tests.mirror.parts import (
    ACCOUNTS,
    PERSONS,
    TRUSTING,
    Cards,
    Directory,
    Steps,
    make_store,
    names,
    reader_of,
)


class Run:
    """A mirror of persons and accounts of a directory in memory, from its start to its end."""

    def __init__(
        self, folder: Path, *steps: Callable[[], None], guard: Guard = TRUSTING, source: Directory | None = None
    ) -> None:
        self.folder = folder
        self.source = source or Directory()
        self.clock = Steps(*steps)
        self.guard = guard
        self.tables = Cards()
        self.streams = [PERSONS, ACCOUNTS]
        self.lock: WriterLock | None = None

    def follow(self, *steps: Callable[[], None]) -> None:
        """Run until the steps are done; each happens while the mirror waits."""
        if steps:
            self.clock = Steps(*steps)
        kinds = [stream.kind for stream in self.streams]
        store = make_store(self.folder, self.tables, kinds, self.guard, lock=self.lock)
        Mirror("provision", store, self.source, self.streams, 0.1, self.clock).run()

    def names(self) -> list[str]:
        return names(reader_of(self.folder, self.tables))

    def status(self) -> Status:
        return reader_of(self.folder, self.tables).status()


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno >= logging.WARNING]
