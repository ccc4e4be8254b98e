"""Child processes of the demonstration: started together, watched, ended together. Knows nothing of phones or LDAP."""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from shared.errors import DialtreeError

_PATIENCE: Final = 20.0
"""Seconds a child has to end after SIGTERM: workers drain for about ten."""


@dataclass(frozen=True, slots=True)
class Child:
    """A process that we started, and the log file that takes what it says."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def ended(self) -> bool:
        """Tell whether the process is gone."""
        return self.process.poll() is not None

    def last_words(self, lines: int = 5) -> str:
        """Return the end of its log."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])


class Children:
    """The processes of one demonstration; leaving the context ends every one of them, by its own id."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def start_dialtree(self, name: str, arguments: Sequence[str]) -> Child:
        """Start `dialtree <arguments>` in a session of its own, so that Ctrl-C reaches only the demonstration."""
        log = self._folder / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603  # our own program with our own arguments
                [sys.executable, "-m", "services.cli", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        child = Child(name, process, log)
        self._children.append(child)
        return child

    def check(self) -> None:
        """Raise a `DialtreeError` with the last words of a child that ended by itself."""
        for child in self._children:
            if child.ended():
                code = child.process.returncode
                raise DialtreeError(
                    f"{child.name} ended with code {code}; its log {child.log} says:\n{child.last_words()}"
                )

    def end(self) -> None:
        """End all children, the latest first; one that does not listen is killed."""
        for child in reversed(self._children):
            if not child.ended():
                child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + _PATIENCE
        for child in reversed(self._children):
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
        self._children.clear()
