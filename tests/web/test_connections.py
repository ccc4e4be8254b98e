"""Connections that do nothing do not keep others from being answered."""

import logging
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import connections
from shared.config import Directory
from shared.connections import MOST, MOST_OF_ONE, Connection, excess, overdue
from shared.serving import Server
from tests.tools import eventually
from tests.web.http import ask
from tests.web.sample import create_sample

LARGE = 24 << 20
NOW = 1000.0
states = st.sampled_from(["asking", "reading", "idle", "busy"])
crowds = st.lists(
    st.builds(
        Connection, st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.3"]), states, st.floats(900, NOW), st.just(NOW)
    ),
    max_size=600,
)


class Running:
    def __init__(self) -> None:
        app = create_sample(Directory())

        @app.get("/large/answer")
        def large() -> bytes:
            return b"x" * LARGE

        listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port: int = listener.getsockname()[1]
        self.server = Server(app, listener)
        self._thread = threading.Thread(target=self.server.run)
        self._thread.start()

    @property
    def open(self) -> int:
        return len(self.server._server.active_channels)

    def end(self) -> None:
        self.server.stop()
        self._thread.join(30)
        assert not self._thread.is_alive()


@pytest.fixture
def running() -> Iterator[Running]:
    server = Running()
    yield server
    server.end()


@pytest.fixture
def crowd() -> Iterator[list[socket.socket]]:
    clients: list[socket.socket] = []
    yield clients
    for each in clients:
        each.close()


def connect(port: int, begun: bytes) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=20)
    client.sendall(begun)
    return client


BEGINNINGS = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"GET /search HTTP/1.1\r\nX: ", id="half a request"),
    pytest.param(b"GET /search HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc", id="half a body"),
    pytest.param(b"GET /search HTTP/1.1\r\nHost: a\r\n\r\n", id="idle after an answer"),
]


@pytest.mark.parametrize("begun", BEGINNINGS)
def test_more_connections_than_there_are_places_keep_nobody_waiting(
    running: Running, crowd: list[socket.socket], begun: bytes
) -> None:
    crowd.extend(connect(running.port, begun) for _ in range(700))
    for _ in range(5):
        assert ask(running.port, "/search?q=honest").body == b"q=honest"
    eventually(lambda: running.open <= MOST)


def test_clients_that_never_read_are_closed_for_others(
    running: Running, crowd: list[socket.socket], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connections, "MOST", 8)
    monkeypatch.setattr("shared.serving.MOST", 8)
    with caplog.at_level(logging.WARNING, "dialtree.connections"):
        crowd.extend(connect(running.port, b"GET /large/answer HTTP/1.1\r\nHost: a\r\n\r\n") for _ in range(12))
        assert ask(running.port, "/search?q=honest").body == b"q=honest"
        eventually(lambda: running.open <= 8)
    (line,) = [record.getMessage() for record in caplog.records if record.name == "dialtree.connections"]
    assert line.endswith("most of them of 127.0.0.1")


@pytest.mark.parametrize(
    ("begun", "name"),
    [
        (b"", "_REQUEST_SECONDS"),
        (b"GET /search HTTP/1.1\r\nX: ", "asking"),
        (b"GET /large/answer HTTP/1.1\r\nHost: a\r\n\r\n", "reading"),
        (b"GET /search HTTP/1.1\r\nHost: a\r\n\r\n", "idle"),
    ],
)
def test_a_connection_that_waits_for_its_client_ends_by_itself(
    running: Running, crowd: list[socket.socket], monkeypatch: pytest.MonkeyPatch, begun: bytes, name: str
) -> None:
    state = name if name in connections._LONGEST else "asking"
    monkeypatch.setitem(connections._LONGEST, state, 0.5)
    crowd.append(connect(running.port, begun))
    eventually(lambda: running.open == 1)
    eventually(lambda: running.open == 0)
    assert ask(running.port, "/search?q=honest").body == b"q=honest"


@given(crowds)
def test_nothing_that_waits_for_us_is_closed_and_idle_ones_go_last(crowd: list[Connection]) -> None:
    known = list(enumerate(crowd))
    gone = [crowd[at] for at in excess(known, NOW)]
    assert len(set(excess(known, NOW))) == len(gone)
    assert "busy" not in {each.state for each in gone}
    assert all(NOW - each.since > connections.GRACE_SECONDS for each in gone)
    idle_went = any(each.state == "idle" for each in gone)
    left = [each for at, each in known if at not in set(excess(known, NOW))]
    may_go = [each for each in left if each.state != "busy" and NOW - each.since > connections.GRACE_SECONDS]
    assert len(left) <= MOST or not may_go
    assert not idle_went or not [each for each in may_go if each.state != "idle"]


def test_the_address_that_holds_most_loses_first_and_its_oldest_before_all() -> None:
    greedy = [Connection("10.0.0.66", "asking", NOW - 1 - at / 1000, NOW) for at in range(MOST_OF_ONE + 2)]
    honest = [Connection("10.0.0.1", "asking", NOW - 9, NOW)]
    gone = list(excess(enumerate([*honest, *greedy]), NOW))
    assert gone == [MOST_OF_ONE + 2, MOST_OF_ONE + 1]


def test_idle_connections_of_nginx_are_no_share_of_an_address() -> None:
    crowd = [Connection("127.0.0.1", "idle", NOW - 9, NOW)] * MOST
    assert not list(excess(enumerate(crowd), NOW))
    assert len(list(excess(enumerate([*crowd, Connection("10.0.0.1", "busy", NOW, NOW)]), NOW))) == 1


def test_a_request_in_small_pieces_is_overdue_and_a_slow_reader_is_not() -> None:
    crowd = [Connection("10.0.0.1", state, NOW - 50, NOW - 1) for state in ("asking", "reading", "idle", "busy")]
    assert list(overdue(enumerate(crowd), NOW)) == [0]
