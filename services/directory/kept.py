"""Answers that are kept as long as the tables they were made from are the same. Pure: no SQL, no HTTP, no clock.

A question must hold all that its answer depends on beside the tables: the function that answers gets nothing else.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, NamedTuple, TypeVar

Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")


class _Edition(NamedTuple, Generic[Question, Answer]):
    """The answers of one edition of the tables, the oldest first."""

    edition: int
    answers: OrderedDict[Question, Answer]


class Kept(Generic[Question, Answer]):
    """The last `most` answers. Threads may share it: the worst that happens is that an answer is made twice."""

    def __init__(self, most: int) -> None:
        self.made = 0
        """Answers that were not there, so far."""
        self._most = most
        self._lock = Lock()
        self._current: _Edition[Question, Answer] = _Edition(0, OrderedDict())

    def answer(self, edition: int, question: Question, make: Callable[[Question], Answer]) -> Answer:
        """Return what `make` says to the question in this edition of the tables (`shared.store.read_edition`).

        What `make` raises passes through, and is not kept.
        """
        current = self._current
        if current.edition != edition:  # what was hidden or removed since then is not to stay in memory either
            current = self._current = _Edition(edition, OrderedDict())
        known = current.answers.get(question)
        if known is not None:
            return known
        self.made += 1
        made = make(question)
        with self._lock:
            current.answers[question] = made
            if len(current.answers) > self._most:
                current.answers.popitem(last=False)
        return made
