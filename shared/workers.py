"""What the processes of a service do: workers that answer, and the mirror beside them.

How they are kept alive, replaced and ended is `shared.supervisor`; their sockets are
`shared.listeners`. No service, LDAP or SQLite is known here.
"""

import gc
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from flask import Flask

from shared.config import Service
from shared.listeners import CannotListen, Listeners, inherited_sockets
from shared.serving import Server
from shared.supervisor import CONFIGURATION_FAULT, GRACE_SECONDS, Life, Plan, Supervisor, Task

__all__ = ["CannotListen", "Setup", "run_service"]

log = logging.getLogger("dialtree.workers")


class Setup(NamedTuple):
    """What a configuration makes of a service. The functions are called in the children."""

    service: Service
    create_app: Callable[[], Flask]
    mirror: Callable[[threading.Event], None] | None
    """Follows the directory until the event is set; None: it runs elsewhere."""


def run_service(name: str, setup: Setup, reload: Callable[[], Setup]) -> int:
    """Run `workers` worker processes and the mirror until SIGTERM or SIGINT; return the command's exit code.

    On SIGHUP `reload` reads the configuration again, and new processes take the place of the old
    ones without refusing a request; where it raises a `DialtreeError`, the old ones go on.

    0: ended as asked. 2: an address cannot be listened on, or a child's first run ended with a
    configuration error; the log says which. Call it from a process without threads.
    """
    listeners = Listeners(inherited_sockets())
    try:
        plan = _plan(name, setup, listeners)
    except CannotListen as error:
        log.error("%s", error)  # noqa: TRY400  # one line for the operator
        return CONFIGURATION_FAULT
    with Supervisor(plan, lambda: _plan(name, reload(), listeners)) as supervisor:
        code = supervisor.watch()
        listeners.close_others(())
    return code


def _plan(name: str, setup: Setup, listeners: Listeners) -> Plan:
    sockets = listeners.open(name, setup.service)
    workers = tuple(
        Task(f"{name} worker {number}", partial(_work, setup.create_app, listeners, own))
        for number, own in enumerate(sockets, 1)
    )
    mirror = Task(f"{name} mirror", partial(_follow, setup.mirror, listeners)) if setup.mirror else None
    return Plan(workers, mirror, in_use=lambda: listeners.close_others(sockets))


def _work(create_app: Callable[[], Flask], listeners: Listeners, own: socket.socket, life: Life) -> None:
    listeners.close_others([own])
    server = Server(create_app(), own)
    gc.freeze()  # what stands now stays: the collector need not look through it again and again between requests
    _when_asked(life.ends, server.stop)
    life.ready()
    server.run()


def _follow(mirror: Callable[[threading.Event], None], listeners: Listeners, life: Life) -> None:
    listeners.close_others(())
    stop = threading.Event()
    _when_asked(life.ends, stop.set)
    life.ready()
    mirror(stop)


def _when_asked(ends: int, stop: Callable[[], None]) -> None:
    """Call `stop` when the parent ends or asks to; a child that does not follow within the grace ends all the same."""

    def wait() -> None:
        os.read(ends, 1)
        stop()
        time.sleep(GRACE_SECONDS)
        os._exit(1)

    threading.Thread(target=wait, name="parent", daemon=True).start()
