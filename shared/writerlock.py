"""The lock of a service's store: one mirror alone writes, whatever becomes of the state folder while it runs."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.errors import MirrorRunning


class WriterLock:
    """The lock file `<name>.lock`, held by this process; the kernel frees it when the process ends, however it ends."""

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / f"{name}.lock"
        self._name = name
        self._descriptor: int | None = None

    def hold(self) -> None:
        """Take the lock, unless it is held; anew where somebody removed or replaced its file. The folder is made if need be.

        Raises `MirrorRunning` and `OSError`.
        """
        while not self.is_held():
            self.release()
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                self.release()
                raise MirrorRunning(
                    f"another mirror of {self._name} runs already (it holds {self.path});"
                    " `serve` has one of its own: end one of them"
                ) from error

    def is_held(self) -> bool:
        """Tell whether the file at the path is the one that is held: another process could lock another one."""
        if self._descriptor is None:
            return False
        try:
            found = os.stat(self.path)  # noqa: PTH116  # Path.stat costs more
        except OSError:
            return False
        return os.path.samestat(found, os.fstat(self._descriptor))

    def release(self) -> None:
        """Let the lock go, if it is held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@contextmanager
def sole_writer(folder: Path, name: str) -> Iterator[WriterLock]:
    """Hold the lock of the service's store. Raises `MirrorRunning` and `OSError`."""
    lock = WriterLock(folder, name)
    lock.hold()
    try:
        yield lock
    finally:
        lock.release()
