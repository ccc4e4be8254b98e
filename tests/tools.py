"""What tests need of the machine. A missing tool skips at a desk and fails where CI=true."""

import fcntl
import os
import random
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

import pytest

T = TypeVar("T")


def need_tool(name: str) -> str:
    """Return the path of a program of the system; without it the test is skipped, or fails in CI."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/sbin")
    if found is None:
        message = f"{name} is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return found


_PORTS: Final = range(10_000, 32_000)
"""Below the ports that the kernel gives to outgoing connections, so that none of those takes one of ours."""
_GIVEN: Final[set[int]] = set()
_RESERVATIONS: Final = Path(tempfile.gettempdir()) / f"dialtree-test-ports-{os.getuid()}"
"""Byte N of this file is locked by the test process that was given port N; the kernel frees it with the process."""


def free_port(*others: int) -> int:
    """Return a TCP port of 127.0.0.1 that is free and reserved for this process, among all test processes.

    `others`: distances of further ports that are reserved with it, such as 10 for the second worker of a service.
    """
    candidates = random.sample(_PORTS, len(_PORTS))
    return next(port for port in candidates if _reserve([port, *(port + other for other in others)]))


def _reserve(ports: Sequence[int]) -> bool:
    if not _GIVEN.isdisjoint(ports) or not all(map(_is_free, ports)):
        return False
    file = _reservations()
    for port in ports:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
        except OSError:
            return False  # those before it stay reserved: there are plenty
        _GIVEN.add(port)
    return True


@cache
def _reservations() -> int:
    return os.open(_RESERVATIONS, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the programs under test do
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def eventually(condition: Callable[[], T], seconds: float = 15.0) -> T:
    """Return the condition's first true value; fail when there is none in time. It says nothing about speed."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            pytest.fail(f"{condition} did not become true within {seconds} s")
        time.sleep(0.02)
