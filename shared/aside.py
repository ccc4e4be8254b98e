"""Work done aside: a pure function, applied to one question after the other in a process of its own, on the second core.

For a first load, in which making rows takes as long as reading and storing entries. Answers come in the order of the
questions; only so many are under way that memory stays constant. Where there is no second core, or the process dies, the
work is done here, so that it can only be slower. It holds no file, lock or connection of ours, and ends with this process.
"""

import fcntl
import gc
import logging
import marshal
import os
import select
import signal
import struct
import weakref
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Generic, NoReturn, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")

_FEW: Final = 2
_MOST_SENT: Final = 8
"""Questions that are with the process."""
_MOST_WAITING: Final = 32
"""Questions whose answers are kept because an earlier one is missing."""
_PIPE_BYTES: Final = 2**20
"""What a pipe holds, where the system allows it: both sides go on while the other one is busy."""
_LENGTH: Final = struct.Struct("<I")
_encode: Final[Callable[..., bytes]] = marshal.dumps
_READ_BYTES: Final = 2**18
_STANDARD_ERROR: Final = 2

log = logging.getLogger("dialtree.mirror")


class Aside(Generic[Question, Answer]):
    """Applies `work` to questions, which are what `marshal` takes, as answers are: plain texts, numbers, tuples, lists, dicts.

    A few questions are answered here; the process begins when there are more, and lives until `end`. While it has enough
    to do, the next question is answered here too.
    """

    def __init__(self, work: Callable[[Question], Answer], few: int = _FEW) -> None:
        """`few`: how many questions are answered here before the process begins."""
        self._work = work
        self._few = few
        self._count = 0
        self._asked: deque[tuple[Question, list[Answer]]] = deque()
        """Each question with its answer, once that is there."""
        self._sent: deque[list[Answer]] = deque()
        """Where the answers of the process belong, in the order in which they come."""
        self._unsent = b""
        self._unread = bytearray()
        self._child: _Child | None = None

    def ask(self, question: Question) -> list[Answer]:
        """Ask, and return the answers that are there by now, in the order of the questions."""
        self._count += 1
        if self._count == self._few + 1:
            self._child = _fork(self._work)
        answer: list[Answer] = []
        self._asked.append((question, answer))
        if self._child is not None and len(self._sent) < _MOST_SENT:
            frame = _encode(question)
            self._unsent += _LENGTH.pack(len(frame)) + frame
            self._sent.append(answer)
        else:
            answer.append(self._work(question))
        return self._exchange(_MOST_WAITING)

    def rest(self) -> list[Answer]:
        """Return the answers that are still to come."""
        return self._exchange(0)

    def end(self) -> None:
        """End the process; what was asked is forgotten, and counting begins anew."""
        if self._child is not None:
            self._child.end()
            self._child = None
        self._asked.clear()
        self._sent.clear()
        self._unsent = b""
        self._unread.clear()
        self._count = 0

    def _exchange(self, most: int) -> list[Answer]:
        """Write and read what goes without waiting, then until at most so many answers are missing or have to wait."""
        answers: list[Answer] = []
        if self._child is not None:
            try:
                self._pass_on(self._child, answers)
                while len(self._asked) > most:
                    self._wait(self._child)
                    self._pass_on(self._child, answers)
            except (OSError, EOFError) as error:
                log.warning("the process that works aside ended (%r); it goes on without", error)
                self._child.end()
                self._child = None
                self._sent.clear()
                for question, answer in self._asked:
                    if not answer:
                        answer.append(self._work(question))
        self._take(answers)
        return answers

    def _pass_on(self, child: "_Child", answers: list[Answer]) -> None:
        self._write(child)
        self._read(child)
        self._take(answers)

    def _take(self, answers: list[Answer]) -> None:
        """Take the answers that are there up to the first one that is missing."""
        while self._asked and self._asked[0][1]:
            answers += self._asked.popleft()[1]

    def _wait(self, child: "_Child") -> None:
        poll = select.poll()
        poll.register(child.answers, select.POLLIN)
        if self._unsent:
            poll.register(child.questions, select.POLLOUT)
        poll.poll()

    def _write(self, child: "_Child") -> None:
        with suppress(BlockingIOError):
            while self._unsent:
                self._unsent = self._unsent[os.write(child.questions, self._unsent) :]

    def _read(self, child: "_Child") -> None:
        unread = self._unread
        with suppress(BlockingIOError):
            while self._sent:
                chunk = os.read(child.answers, _READ_BYTES)
                if not chunk:
                    raise EOFError
                unread += chunk
                while len(unread) >= _LENGTH.size:
                    end = _LENGTH.size + _LENGTH.unpack_from(unread)[0]
                    if len(unread) < end:
                        break
                    answer = marshal.loads(memoryview(unread)[_LENGTH.size : end])  # noqa: S302  # our own child
                    self._sent.popleft().append(answer)
                    del unread[:end]


class _Child:
    """A forked process, and the ends of the two pipes to it."""

    def __init__(self, pid: int, questions: int, answers: int) -> None:
        self.pid = pid
        self.questions = questions
        self.answers = answers
        for end in (questions, answers):
            os.set_blocking(end, False)
            with suppress(OSError):
                fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        self.end: Final = weakref.finalize(self, _end, pid, questions, answers)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _fork(work: Callable[[Question], Answer]) -> _Child | None:
    if _cores() == 1:
        return None
    pipes: list[int] = []
    try:
        pipes += os.pipe()
        pipes += os.pipe()
        pid = os.fork()
    except OSError as error:
        log.warning("no process to work aside (%s); it goes on without", error)
        for pipe in pipes:
            os.close(pipe)
        return None
    theirs, questions, answers, back = pipes
    if pid == 0:
        _live(work, theirs, back)
    os.close(theirs)
    os.close(back)
    return _Child(pid, questions, answers)


def _end(pid: int, *pipes: int) -> None:
    for pipe in pipes:
        os.close(pipe)
    with suppress(ProcessLookupError, ChildProcessError):  # where the system buries the dead by itself
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _live(work: Callable[[Question], Answer], questions: int, answers: int) -> NoReturn:
    """Be the process aside, and never return. It ends when its pipes do, whatever signals reach the whole family."""
    code = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        _close_all_but(questions, answers)  # locks and connections are the parent's, which may end before us
        gc.disable()  # questions and answers have no cycles
        with open(questions, "rb") as asked:  # a pipe
            while length := asked.read(_LENGTH.size):
                frame = _encode(work(marshal.loads(asked.read(*_LENGTH.unpack(length)))))  # noqa: S302  # our parent
                _write_all(answers, _LENGTH.pack(len(frame)) + frame)
        code = 0
    finally:  # the parent sees that the answer is missing, and meets the fault itself
        os._exit(code)


def _close_all_but(*kept: int) -> None:
    """Those that are open, not all that could be: a system may allow a billion."""
    for name in os.listdir("/dev/fd"):  # noqa: PTH208  # names are all that is needed
        if int(name) > _STANDARD_ERROR and int(name) not in kept:
            with suppress(OSError):  # the listing's own
                os.close(int(name))


def _write_all(pipe: int, data: bytes) -> None:
    while data:
        data = data[os.write(pipe, data) :]
