"""Work done aside: the answers are those that would be given here, whatever becomes of the process."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import aside
from shared.aside import Aside
from tests.tools import eventually

Q = TypeVar("Q")
A = TypeVar("A")


def lengths(words: list[str]) -> list[tuple[str, int]]:
    """The pure function that is applied in these tests; a word of 1 sign is also told by whom."""
    return [(word, len(word)) if word != "who" else (word, os.getpid()) for word in words]


@contextmanager
def at_once() -> Iterator[Aside[list[str], list[tuple[str, int]]]]:
    """Everything is asked of another process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aside, "_cores", lambda: 2)
        beside = Aside(lengths, few=0)
        try:
            yield beside
        finally:
            beside.end()


def answers_of(beside: Aside[Q, A], questions: list[Q]) -> list[A]:
    answers = [answer for question in questions for answer in beside.ask(question)]
    return answers + beside.rest()


def process_of(beside: Aside[list[str], list[tuple[str, int]]]) -> int:
    ((_, process),) = answers_of(beside, [["who"]])[-1]
    return process


def is_running(process: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.text(max_size=20), max_size=5), max_size=40))
def test_answers_come_in_the_order_of_the_questions(questions: list[list[str]]) -> None:
    with at_once() as beside:
        answers = answers_of(beside, questions)
    assert answers == [lengths(question) for question in questions]


def test_questions_and_answers_may_be_larger_than_a_pipe() -> None:
    questions = [[f"{number}" * 1_000_000] * 3 for number in range(10)]
    with at_once() as beside:
        answers = answers_of(beside, questions)
    assert answers == [lengths(question) for question in questions]


def test_a_few_questions_are_answered_here_and_more_aside() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aside, "_cores", lambda: 2)
        beside = Aside(lengths, few=2)
        processes = [process_of(beside) for _ in range(4)]
        beside.end()
        processes.append(process_of(beside))
    here = os.getpid()
    assert [process == here for process in processes] == [True, True, False, False, True]
    assert processes[2] == processes[3]


def test_without_a_second_core_all_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "_cores", lambda: 1)
    assert process_of(Aside(lengths, few=0)) == os.getpid()


def test_where_no_process_can_be_had_all_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> int:
        raise BlockingIOError

    monkeypatch.setattr(aside, "_cores", lambda: 2)
    monkeypatch.setattr(os, "fork", fail)
    assert process_of(Aside(lengths, few=0)) == os.getpid()


def test_what_a_dead_process_left_is_answered_here() -> None:
    with at_once() as beside:
        os.kill(process_of(beside), signal.SIGKILL)
        questions = [[f"{number}"] for number in range(20)]
        assert answers_of(beside, questions) == [lengths(question) for question in questions]
        assert process_of(beside) == os.getpid()


def test_a_fault_of_the_work_is_raised_here() -> None:
    def work(question: list[str]) -> list[str]:
        raise ZeroDivisionError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aside, "_cores", lambda: 2)
        beside = Aside(work, few=0)
        with pytest.raises(ZeroDivisionError):
            answers_of(beside, [["a"]])
        beside.end()


def test_what_was_asked_before_the_end_is_forgotten() -> None:
    with at_once() as beside:
        beside.ask(["a"])
        process = process_of(beside)
        beside.ask(["b"])
        beside.end()
        assert not is_running(process)
        assert beside.rest() == []
        assert answers_of(beside, [["c"]]) == [lengths(["c"])]


def test_the_process_holds_nothing_of_ours_but_its_pipes(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w", encoding="utf-8"), at_once() as beside:
        links = list(Path(f"/proc/{process_of(beside)}/fd").iterdir())
        files = [str(link.readlink()) for link in links if int(link.name) > 2]
    assert [file.partition(":")[0] for file in files] == ["pipe", "pipe"]


def test_signals_for_the_whole_family_do_not_end_it() -> None:
    with at_once() as beside:
        process = process_of(beside)
        for number in (signal.SIGTERM, signal.SIGINT):
            os.kill(process, number)
        assert process_of(beside) == process


def test_it_ends_with_the_process_that_asks() -> None:
    program = (
        "import os, signal; from shared import aside; aside._cores = lambda: 2; "
        "beside = aside.Aside(lambda _: os.getpid(), few=0); "
        "print(*beside.ask(1), *beside.rest(), flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, stdout=subprocess.PIPE, encoding="utf-8")
    process = int(done.stdout)
    eventually(lambda: not is_running(process))
