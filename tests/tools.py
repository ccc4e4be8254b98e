"""What tests need of the machine. A missing tool skips at a desk and fails where CI=true."""

import os
import shutil
import socket
import time
from collections.abc import Callable
from typing import TypeVar

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


_GIVEN: set[int] = set()


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listened on a moment ago, and that was not given to a test before."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in _GIVEN:
            _GIVEN.add(port)
            return port


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
