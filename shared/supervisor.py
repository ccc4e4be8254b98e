"""Keeps a service's processes alive, replaces them on SIGHUP without a gap, and ends them together.

The parent forks and does nothing else, so forking is safe. Children ignore signals: each ends when
the parent closes the pipe of its generation, which is also what happens when the parent dies.

A **generation** is a set of processes that start and end together: the workers are one, the mirror
is another. On SIGHUP a new generation of workers starts beside the old one. Only when all of it is
ready does the old one end; the mirror is replaced afterwards, since a store has one writer. A new
generation that does not become ready ends, and the old one goes on. No HTTP, LDAP or SQLite here.
"""

import logging
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Self

from shared.errors import ConfigurationError, DialtreeError, crash_report

CONFIGURATION_FAULT: Final = 2
"""Exit code of a configuration that cannot work, of ours and of a child; other failures are 1."""
GRACE_SECONDS: Final = 12.0
"""How long a process has to end once it is asked to."""
_STEADY_SECONDS: Final = 5.0
"""A child that lived longer did its work: it is started again at once."""
_LONGEST_PAUSE: Final = 30.0
_READY_SECONDS: Final = 60.0
"""How long a new generation has to become ready."""
_LOOK_SECONDS: Final = 0.05
"""How often the parent looks whether a new generation is ready."""
_STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
_SIGNALS: Final = (*_STOP_SIGNALS, signal.SIGHUP, signal.SIGCHLD)

log = logging.getLogger("dialtree.workers")


class Life(NamedTuple):
    """What a child gets from its parent. `ends`: a file descriptor that can be read when it is to end."""

    ends: int
    ready: Callable[[], None]
    """To be called once the child does its work."""


class Task(NamedTuple):
    """What one process does, and its name in the log."""

    name: str
    run: Callable[[Life], None]


class Plan(NamedTuple):
    """The processes that a configuration asks for."""

    workers: tuple[Task, ...]
    mirror: Task | None
    in_use: Callable[[], None] = lambda: None
    """Called in the parent once the workers of this plan answer and those before them are asked to end."""


@dataclass(slots=True)
class _Child:
    """A process to keep alive."""

    task: Task
    pid: int = 0
    lives: int = 0
    failures: int = 0
    born: float = 0.0
    due: float = 0.0

    def on_exit(self) -> None:
        """It ended by itself: decide when it is started again. The first time at once, then ever later."""
        now = time.monotonic()
        self.pid = 0
        self.failures = self.failures + 1 if now - self.born < _STEADY_SECONDS else 0
        self.due = now + (min(_LONGEST_PAUSE, 0.25 * 2**self.failures) if self.failures > 1 else 0.0)


@dataclass(slots=True)
class _Generation:
    """Processes that end together: each waits for the end of the pipe (`ends`, `alive`)."""

    children: list[_Child]
    ends: int
    alive: int
    is_ready: int
    """The pipe in which each child leaves one byte when it is ready: (`is_ready`, `ready`)."""
    ready: int
    count: int = 0
    """How many are ready."""
    deadline: float = field(default=float("inf"))
    """When it must be ready, later when it must have ended."""

    @classmethod
    def of(cls, tasks: Sequence[Task]) -> Self:
        """Return a generation of which nothing runs yet."""
        ends, alive = os.pipe()
        is_ready, ready = os.pipe()
        os.set_blocking(is_ready, False)  # as the library names it
        return cls([_Child(task) for task in tasks], ends, alive, is_ready, ready)

    def is_whole(self) -> bool:
        """Tell whether every child has been ready once."""
        with suppress(BlockingIOError):
            self.count += len(os.read(self.is_ready, 4096))
        return self.count >= len(self.children)

    def ask_to_end(self) -> None:
        """Let every child read the end of the pipe."""
        os.close(self.alive)
        self.alive = -1
        self.deadline = time.monotonic() + GRACE_SECONDS + 1.0

    def close(self) -> None:
        """Close the pipes of a generation that has ended."""
        for number in (self.ends, self.is_ready, self.ready, *((self.alive,) if self.alive >= 0 else ())):
            os.close(number)

    def runs(self) -> bool:
        """Tell whether a process of it is left."""
        return any(child.pid for child in self.children)


class Supervisor:
    """The parent of a service's processes; leaving the context ends them all."""

    def __init__(self, plan: Plan, reload: Callable[[], Plan]) -> None:
        """`reload`: makes the plan that takes the place of this one on SIGHUP; may raise `DialtreeError`."""
        self._reload = reload
        self._workers = _Generation.of(plan.workers)
        self._mirror = _Generation.of([plan.mirror] if plan.mirror else [])
        self._next: tuple[Plan, _Generation] | None = None
        self._next_mirror: Task | None = None
        self._leaving: list[_Generation] = []
        self._is_asked_again = False
        self._was_reloaded = False

    def __enter__(self) -> Self:
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        return self

    def watch(self) -> int:
        """Keep all alive until a signal asks to end; return the exit code."""
        while True:
            for child, generation in self._to_keep_alive():
                if not child.pid and child.due <= time.monotonic():
                    self._start(child, generation)
            number = _wait_for_signal(self._rest())
            if number in _STOP_SIGNALS:
                return 0
            if number == signal.SIGHUP:
                self._begin_reload()
            for child, generation, code in list(self._reap()):
                if generation is self._workers or generation is self._mirror:
                    if code == CONFIGURATION_FAULT and child.lives == 1 and not self._was_reloaded:
                        return CONFIGURATION_FAULT  # whoever started us is still looking; the child said what is wrong
                    pause = max(0.0, child.due - time.monotonic())
                    log.error("%s ended with code %d; started again in %.1f s", child.task.name, code, pause)
                elif self._next is not None and generation is self._next[1]:
                    self._abandon_reload(f"{child.task.name} ended with code {code}")
            self._go_on()

    def __exit__(self, *_: object) -> None:
        generations = [self._workers, self._mirror, *([self._next[1]] if self._next else [])]
        for generation in generations:
            generation.ask_to_end()
        self._leaving += generations
        deadline = time.monotonic() + GRACE_SECONDS + 1.0
        for _ in self._reap():
            pass
        while any(generation.runs() for generation in self._leaving):
            asked_twice = _wait_for_signal(max(0.0, deadline - time.monotonic())) in _STOP_SIGNALS
            if asked_twice or time.monotonic() > deadline:
                for generation in self._leaving:
                    _kill(generation)
                deadline = float("inf")
            for _ in self._reap():
                pass
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)

    def _to_keep_alive(self) -> Iterator[tuple[_Child, _Generation]]:
        for generation in (self._workers, self._mirror):
            for child in generation.children:
                yield child, generation

    def _all(self) -> Iterator[_Generation]:
        yield self._workers
        yield self._mirror
        if self._next is not None:
            yield self._next[1]
        yield from self._leaving

    def _rest(self) -> float:
        """Return the seconds until the parent has something to do, unless a signal comes first."""
        due = min((child.due for child, _ in self._to_keep_alive() if not child.pid), default=float("inf"))
        if self._next is not None:
            due = min(due, time.monotonic() + _LOOK_SECONDS)
        due = min([due, *(generation.deadline for generation in self._leaving)])
        return min(3600.0, max(0.0, due - time.monotonic()))

    def _start(self, child: _Child, generation: _Generation) -> None:
        child.lives += 1
        child.born = time.monotonic()
        pid = os.fork()
        if pid == 0:
            for other in self._all():
                if other.alive >= 0:
                    os.close(other.alive)
            _live(child.task, Life(generation.ends, lambda: _report_ready(generation.ready)), self._mask)
        child.pid = pid

    def _reap(self) -> Iterator[tuple[_Child, _Generation, int]]:
        """Yield who ended by itself, or as asked."""
        for generation in list(self._all()):
            for child in generation.children:
                if child.pid:
                    pid, status = os.waitpid(child.pid, os.WNOHANG)
                    if pid:
                        child.on_exit()
                        yield child, generation, os.waitstatus_to_exitcode(status)

    def _begin_reload(self) -> None:
        if self._next is not None:
            self._is_asked_again = True
            return
        try:
            plan = self._reload()
        except ConfigurationError as error:
            for fault in error.faults:
                log.error("reload: configuration: %s", fault)  # noqa: TRY400  # one line a fault
            log.error("nothing is reloaded: the service goes on as it is")  # noqa: TRY400
            return
        except DialtreeError as error:
            log.error("nothing is reloaded: the service goes on as it is: %s", error)  # noqa: TRY400
            return
        generation = _Generation.of(plan.workers)
        generation.deadline = time.monotonic() + _READY_SECONDS
        self._next = plan, generation
        for child in generation.children:
            self._start(child, generation)

    def _go_on(self) -> None:
        """Finish what can be finished: a reload whose workers are ready, a generation that has ended."""
        if self._next is not None:
            plan, generation = self._next
            if generation.is_whole():
                self._take_over(plan, generation)
            elif time.monotonic() > generation.deadline:
                self._abandon_reload(f"the new workers are not ready after {_READY_SECONDS:.0f} s")
        for generation in list(self._leaving):
            if not generation.runs():
                generation.close()
                self._leaving.remove(generation)
            elif time.monotonic() > generation.deadline:
                _kill(generation)
                generation.deadline = float("inf")
        if self._next_mirror is not None and not self._leaving:
            self._mirror = _Generation.of([self._next_mirror])
            self._next_mirror = None
        if self._is_asked_again and self._next is None:
            self._is_asked_again = False
            self._begin_reload()

    def _take_over(self, plan: Plan, generation: _Generation) -> None:
        generation.deadline = float("inf")
        for old in (self._workers, self._mirror):
            old.ask_to_end()
            self._leaving.append(old)
        self._workers, self._mirror, self._next = generation, _Generation.of([]), None
        self._was_reloaded = True
        self._next_mirror = plan.mirror  # a store has one writer: it starts when the one before has ended
        plan.in_use()
        log.info("reloaded: new workers answer with the configuration as it is now")

    def _abandon_reload(self, reason: str) -> None:
        assert self._next is not None  # noqa: S101  # only called during a reload
        _, generation = self._next
        log.error("nothing is reloaded: the service goes on as it is: %s", reason)
        generation.ask_to_end()
        self._leaving.append(generation)
        self._next = None


def _kill(generation: _Generation) -> None:
    for child in generation.children:
        if child.pid:
            log.warning("%s does not end and is killed", child.task.name)
            os.kill(child.pid, signal.SIGKILL)


def _wait_for_signal(seconds: float) -> int | None:
    info = signal.sigtimedwait(_SIGNALS, min(seconds, 3600.0))
    return info.si_signo if info else None


def _report_ready(pipe: int) -> None:
    os.write(pipe, b"\n")


def _live(task: Task, life: Life, mask: set[signal.Signals] | set[int]) -> None:
    """Be the child, and never return."""
    code = 1
    try:
        for number in (*_STOP_SIGNALS, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # Ctrl-C and systemd reach us too; the parent decides
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        task.run(life)
        code = 0
    except ConfigurationError as error:
        for fault in error.faults:
            log.error("%s: configuration: %s", task.name, fault)  # noqa: TRY400  # one line a fault
        code = CONFIGURATION_FAULT
    except BaseException as error:  # noqa: BLE001  # the outermost loop of a process: said, then started again
        log.error("%s: %s", task.name, crash_report(error))  # noqa: TRY400  # the message may hold what was read
    finally:
        logging.shutdown()
        os._exit(code)
