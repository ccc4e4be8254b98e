"""The processes of a service: its workers and its mirror, started, watched, started again, ended together.

The parent binds every socket, forks, and does nothing else, so that forking is safe and a worker that dies leaves its
socket open: connections wait in the kernel until the next one is there. Children ignore signals; they end when the
parent closes a pipe, which is also what happens when the parent dies. No service, LDAP or SQLite is known here.
"""

import gc
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Self

from flask import Flask

from shared.config import Service
from shared.errors import ConfigurationError, DialtreeError, crash_report
from shared.serving import BACKLOG, DRAIN_SECONDS, Server
from shared.settings import Address

_CONFIGURATION: Final = 2
"""Exit code of a configuration that cannot work, of ours and of a child; other failures are 1."""
_STEADY_SECONDS: Final = 5.0
"""A child that lived longer did its work: it is started again at once."""
_LONGEST_PAUSE: Final = 30.0
_GRACE_SECONDS: Final = DRAIN_SECONDS + 2.0
_HIGHEST_PORT: Final = 65535
_STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
_SIGNALS: Final = (*_STOP_SIGNALS, signal.SIGCHLD)

log = logging.getLogger("dialtree.workers")


class CannotListen(DialtreeError):
    """An address of the configuration cannot be listened on."""


def run_service(
    name: str,
    service: Service,
    create_app: Callable[[], Flask],
    mirror: Callable[[threading.Event], None] | None,
) -> int:
    """Run `service.workers` worker processes and the mirror until SIGTERM or SIGINT; return the command's exit code.

    0: ended as asked. 2: an address cannot be listened on, or a child's first run ended with a configuration error;
    the log says which. `create_app` and `mirror` are called in the children. Call it from a process without threads.
    """
    try:
        listeners = _bind_all(name, service)
    except CannotListen as error:
        log.error("%s", error)  # noqa: TRY400  # one line for the operator
        return _CONFIGURATION
    children = [
        _Child(f"{name} worker {index + 1}", partial(_work, create_app, listeners, index))
        for index in range(service.workers)
    ]
    if mirror is not None:
        children.append(_Child(f"{name} mirror", partial(_follow, mirror, listeners)))
    with _Family(children) as family:
        code = family.watch()
        for listener in listeners:
            listener.close()
    return code


@dataclass(slots=True)
class _Child:
    """A process to keep alive. `run` gets the end of the pipe that tells it to end."""

    name: str
    run: Callable[[int], None]
    pid: int = 0
    lives: int = 0
    failures: int = 0
    born: float = 0.0
    due: float = 0.0

    def buried(self) -> None:
        """It ended by itself: decide when it is started again. The first time at once, then ever later."""
        now = time.monotonic()
        self.pid = 0
        self.failures = self.failures + 1 if now - self.born < _STEADY_SECONDS else 0
        self.due = now + (min(_LONGEST_PAUSE, 0.25 * 2**self.failures) if self.failures > 1 else 0.0)


class _Family:
    """The children of this process; leaving the context ends them all."""

    def __init__(self, children: Sequence[_Child]) -> None:
        self._children = children

    def __enter__(self) -> Self:
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        self._ends, self._alive = os.pipe()
        return self

    def watch(self) -> int:
        """Keep all alive until a signal asks to end; return the exit code."""
        while True:
            for child in self._children:
                if not child.pid and child.due <= time.monotonic():
                    self._start(child)
            due = min((child.due for child in self._children if not child.pid), default=float("inf"))
            if _signal(min(3600.0, max(0.0, due - time.monotonic()))) in _STOP_SIGNALS:
                return 0
            for child, code in list(self._reap()):
                if code == _CONFIGURATION and child.lives == 1:
                    return _CONFIGURATION  # whoever started us is still looking; the child has said what is wrong
                pause = max(0.0, child.due - time.monotonic())
                log.error("%s ended with code %d; started again in %.1f s", child.name, code, pause)

    def __exit__(self, *_: object) -> None:
        os.close(self._alive)  # every child reads the end of the pipe, and ends
        deadline = time.monotonic() + _GRACE_SECONDS + 1.0
        while self._any_left():
            asked_twice = _signal(max(0.0, deadline - time.monotonic())) in _STOP_SIGNALS
            if asked_twice or time.monotonic() > deadline:
                self._kill()
                deadline = float("inf")
        os.close(self._ends)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)

    def _start(self, child: _Child) -> None:
        child.lives += 1
        child.born = time.monotonic()
        pid = os.fork()
        if pid == 0:
            os.close(self._alive)
            _live(child, self._ends, self._mask)
        child.pid = pid

    def _reap(self) -> Iterator[tuple[_Child, int]]:
        for child in self._children:
            if child.pid:
                pid, status = os.waitpid(child.pid, os.WNOHANG)
                if pid:
                    child.buried()
                    yield child, os.waitstatus_to_exitcode(status)

    def _any_left(self) -> bool:
        for _ in self._reap():
            pass
        return any(child.pid for child in self._children)

    def _kill(self) -> None:
        for child in self._children:
            if child.pid:
                log.warning("%s does not end and is killed", child.name)
                os.kill(child.pid, signal.SIGKILL)


def _signal(seconds: float) -> int | None:
    info = signal.sigtimedwait(_SIGNALS, min(seconds, 3600.0))
    return info.si_signo if info else None


def _live(child: _Child, ends: int, mask: set[signal.Signals] | set[int]) -> None:
    """Be the child, and never return."""
    code = 1
    try:
        for number in _STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)  # Ctrl-C and systemd reach us too; the parent decides
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        child.run(ends)
        code = 0
    except ConfigurationError as error:
        for fault in error.faults:
            log.error("%s: configuration: %s", child.name, fault)  # noqa: TRY400  # one line a fault
        code = _CONFIGURATION
    except BaseException as error:  # noqa: BLE001  # the outermost loop of a process: said, then started again
        log.error("%s: %s", child.name, crash_report(error))  # noqa: TRY400  # the message may hold what was read
    finally:
        logging.shutdown()
        os._exit(code)


def _work(create_app: Callable[[], Flask], listeners: Sequence[socket.socket], index: int, ends: int) -> None:
    for other in (*listeners[:index], *listeners[index + 1 :]):
        other.close()
    server = Server(create_app(), listeners[index])
    gc.freeze()  # what stands now stays: the collector need not look through it again and again between requests
    _when_asked(ends, server.stop)
    server.run()


def _follow(mirror: Callable[[threading.Event], None], listeners: Sequence[socket.socket], ends: int) -> None:
    for listener in listeners:
        listener.close()
    stop = threading.Event()
    _when_asked(ends, stop.set)
    mirror(stop)


def _when_asked(ends: int, stop: Callable[[], None]) -> None:
    """Call `stop` when the parent ends or asks to; a child that does not follow within the grace ends all the same."""

    def wait() -> None:
        os.read(ends, 1)
        stop()
        time.sleep(_GRACE_SECONDS)
        os._exit(1)

    threading.Thread(target=wait, name="parent", daemon=True).start()


def _bind_all(name: str, service: Service) -> list[socket.socket]:
    listeners: list[socket.socket] = []
    for index in range(service.workers):
        address = service.listen.of_worker(index)
        try:
            listeners.append(_bind(address))
        except (OSError, OverflowError) as error:
            for listener in listeners:
                listener.close()
            reason = error.strerror if isinstance(error, OSError) else error
            whose = f" (worker {index + 1} of {name}.workers)" if index else ""
            raise CannotListen(
                f"{name}.listen: cannot listen on {address}{whose}: {reason}; end what uses it, or set another address"
            ) from error
    return listeners


def _bind(address: Address) -> socket.socket:
    if address.port > _HIGHEST_PORT:  # the C library would count on from 0
        raise OverflowError(f"ports end at {_HIGHEST_PORT}")
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, where = found[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(where)
        listener.listen(BACKLOG)
    except BaseException:  # also when it is interrupted: the port is free again
        listener.close()
        raise
    return listener
