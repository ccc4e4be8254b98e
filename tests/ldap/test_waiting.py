"""A server that keeps us waiting: each answer has an end, however slowly its bytes come."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from shared.errors import SourceUnavailable
from shared.ldap import ber
from shared.ldap.waiting import Waiting, deadline
from shared.text import printable, printable_lines
from tests.ldap.directories import persons
from tests.ldap.fakes import BIND_SUCCESS, done, fake_server, message
from tests.ldap.test_syncrepl import following

ESCAPES = "\x1b[2J\x1b]0;owned\x07 fine\r\nERROR forged line\u202edlrow"


@contextmanager
def trickling_server(answers: Callable[[bytes], bytes], pause: float) -> Iterator[str]:
    """Serve one connection: the bind is answered at once, all else byte by byte with pauses, until the test ends."""
    over = threading.Event()

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            first = True
            while not over.is_set():
                try:
                    request = connection.recv(65536)
                    if not request:
                        return
                    answer = answers(request) if not first else message(number_of(request), BIND_SUCCESS)
                    for byte in answer:
                        if not first and over.wait(pause):
                            return
                        connection.sendall(bytes([byte]))
                except OSError:
                    return
                first = False

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        try:
            yield f"ldap://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            with socket.create_connection(listener.getsockname()):
                pass
            thread.join()


def number_of(request: bytes) -> int:
    start, end = ber.expect_element(request, 0, len(request), ber.SEQUENCE)
    return ber.read_integer(request, *ber.expect_element(request, start, end, ber.INTEGER))


def test_an_answer_that_comes_byte_by_byte_is_given_up() -> None:
    with (
        trickling_server(lambda _: b"\x30\x82\x10\x00" + bytes(200), 0.02) as url,
        following(url, operation_timeout=0.5) as source,
    ):
        source.connect()
        with pytest.raises(SourceUnavailable, match=r"no whole message for 0\.5 s"):
            list(source.poll(persons(), None))


def test_whoever_waits_is_asked_and_may_end_it() -> None:
    class Enough(Exception):
        pass

    asked: list[float] = []

    def waiting(seconds: float) -> None:
        asked.append(seconds)
        if len(asked) > 1:
            raise Enough

    with trickling_server(lambda _: b"\x30\x82\x10\x00" + bytes(2000), 0.02) as url, following(url) as source:
        source.watch(waiting)
        source.connect()
        with pytest.raises(Enough):
            list(source.poll(persons(), None))
    assert asked == sorted(asked)


def test_a_bind_that_is_never_answered_whole_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        over = threading.Event()

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                while not over.wait(0.05):
                    try:
                        connection.sendall(b"\x30\x84\x00\x10\x00\x00"[:1])
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        url = f"ldap://127.0.0.1:{listener.getsockname()[1]}"
        try:
            with following(url, operation_timeout=0.5, connect_timeout=0.5) as source, pytest.raises(SourceUnavailable):
                source.connect()
        finally:
            over.set()
            thread.join()


def test_a_slow_line_that_never_rests_is_no_waiting() -> None:
    one, other = socket.socketpair()
    with one, other:
        waiting = Waiting(0.2)
        waiting.begin()
        for _ in range(8):
            other.sendall(bytes(65536))
            received = 0
            while received < 65536:
                received += len(waiting.receive(one))
        with pytest.raises(TimeoutError):
            waiting.receive(one)


def test_a_deadline_ends_the_connection_that_is_open_then() -> None:
    one, other = socket.socketpair()
    with one, other, deadline(0.05, lambda: one) as is_over:
        assert one.recv(1) == b""
        assert is_over()


@pytest.mark.parametrize("tag", [0x65, 0x78], ids=["result", "notice of disconnection"])
def test_what_a_server_says_is_shown_in_one_printable_line(tag: int) -> None:
    with fake_server(done(52, ESCAPES, tag=tag)) as url, following(url) as source:
        source.connect()
        with pytest.raises(SourceUnavailable) as caught:
            list(source.poll(persons(), None))
    assert str(caught.value).isprintable()


def test_what_a_server_says_to_a_bind_is_shown_in_one_printable_line() -> None:
    refused, _ = done(53, ESCAPES, tag=0x61)
    with fake_server(bind=refused) as url, following(url) as source, pytest.raises(SourceUnavailable) as caught:
        source.connect()
    assert "fine" in str(caught.value)
    assert str(caught.value).isprintable()


def test_printable_text_stays_and_everything_else_is_escaped() -> None:
    assert printable("Zoë Ľ 山田 🦊 a\u00a0b") == "Zoë Ľ 山田 🦊 a\u00a0b"
    assert printable(ESCAPES) == r"\x1b[2J\x1b]0;owned\x07 fine\r\nERROR forged line\u202edlrow"
    assert printable("\u2066\u200f\u2028\x9b\ud800\x00") == r"\u2066\u200f\u2028\x9b\ud800\x00"
    assert printable("x" * 2000, 10) == "x" * 10 + "…"
    assert printable_lines("a\nb\x1bc") == "a\nb\\x1bc"
