"""The listening sockets of a service's workers: bound here, or handed over by systemd (socket activation).

A socket that is open stays open while workers come and go, so that connections wait in the kernel
and none is refused. Nothing here forks, serves or knows HTTP.
"""

import os
import socket
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import suppress
from typing import Final

from shared.config import Service
from shared.errors import DialtreeError
from shared.serving import BACKLOG
from shared.settings import Address

_HIGHEST_PORT: Final = 65535
_FIRST_INHERITED: Final = 3
"""File descriptor of the first socket that systemd hands over, see sd_listen_fds(3)."""


class CannotListen(DialtreeError):
    """An address of the configuration cannot be listened on."""


class Listeners:
    """The sockets that are open, by address. One process owns it; its children inherit the sockets."""

    def __init__(self, inherited: Iterable[socket.socket] = ()) -> None:
        """`inherited`: sockets that listen already, see `inherited_sockets`."""
        self._inherited = list(inherited)
        self._open: dict[Address, socket.socket] = {}

    def open(self, name: str, service: Service) -> list[socket.socket]:
        """Return the socket of each worker, the first worker's first; open ones are used again.

        Raises `CannotListen`; then what was open before is open still, and nothing else.
        """
        fresh: dict[Address, socket.socket] = {}
        addresses = [service.listen.of_worker(index) for index in range(service.workers)]
        for index, address in enumerate(addresses):
            if address in self._open:
                continue
            try:
                fresh[address] = self._take(address)
            except (OSError, OverflowError) as error:
                for listener in fresh.values():
                    listener.close()
                reason = error.strerror if isinstance(error, OSError) else error
                whose = f" (worker {index + 1} of {name}.workers)" if index else ""
                raise CannotListen(
                    f"{name}.listen: cannot listen on {address}{whose}: {reason}; {_fix(error)}"
                ) from error
        self._open |= fresh
        return [self._open[address] for address in addresses]

    def close_others(self, used: Iterable[socket.socket]) -> None:
        """Close every socket that is not one of these."""
        kept = set(used)
        for address, listener in list(self._open.items()):
            if listener not in kept:
                listener.close()
                del self._open[address]

    def _take(self, address: Address) -> socket.socket:
        if address.port > _HIGHEST_PORT:  # the C library would count on from 0
            raise OverflowError(f"ports end at {_HIGHEST_PORT}")
        family, kind, protocol, where = _resolve(address)
        for listener in self._inherited:
            if listener.family == family and listener.getsockname()[:2] == where[:2]:
                self._inherited.remove(listener)
                return listener
        return _bind(family, kind, protocol, where)


def inherited_sockets(environment: MutableMapping[str, str] = os.environ) -> Iterator[socket.socket]:
    """Yield the sockets that systemd handed over to this process, and forget how it said so.

    The protocol is that of sd_listen_fds(3): `LISTEN_PID` is our process id, `LISTEN_FDS` a count.
    """
    meant = environment.pop("LISTEN_PID", "")
    count = environment.pop("LISTEN_FDS", "")
    environment.pop("LISTEN_FDNAMES", None)
    if meant != str(os.getpid()) or not count.isdecimal():
        return
    for number in range(_FIRST_INHERITED, _FIRST_INHERITED + int(count)):
        os.set_inheritable(number, False)  # as the library names it
        with suppress(OSError):  # a pipe or a file: not ours
            yield socket.socket(fileno=number)


def _resolve(address: Address) -> tuple[int, int, int, tuple[object, ...]]:
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, where = found[0]
    return family, kind, protocol, where


def _bind(family: int, kind: int, protocol: int, where: tuple[object, ...]) -> socket.socket:
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


def _fix(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return "ports below 1024 need the privilege CAP_NET_BIND_SERVICE; set a higher port, nginx takes port 80"
    return "end what uses it, or set another address"
