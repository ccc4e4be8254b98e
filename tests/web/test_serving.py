"""What a phone may send, on the wire, to a waitress server of ours without nginx before it."""

import re
import socket
import threading
from collections.abc import Iterator

import pytest

from shared.config import Directory
from shared.serving import Server
from tests.web.http import ask, send
from tests.web.sample import create_sample


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    number: int = listener.getsockname()[1]
    server = Server(create_sample(Directory()), listener)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield number
    server.stop()
    thread.join(20)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("target", "query"),
    [
        (b"/search?q=dup", b"q=dup"),
        (b"/search?q=M%FCller+A%20B", b"q=M%FCller+A%20B"),
        (b"/search?q=M\xfcller", b"q=M%FCller"),
        ("/search?q=Müller".encode(), b"q=M%C3%BCller"),
        (b"/search?q=jean paul", b"q=jean%20paul"),
        (b"/search?q=a\tb\x00c", b"q=a%09b%00c"),
        (b"/search?q=%00%zz%", b"q=%00%zz%"),
        (b"/search?q=" + b"x" * 5000, b"q=" + b"x" * 5000),
        (b"http://phones.example.org/search?q=\xe9", b"q=%E9"),
        (b"http://phones.example.org:8080//search/?q=dup", b"q=dup"),
        (b"//search?q=\xe9", b"q=%E9"),
        (b"///search//?q=a//b", b"q=a//b"),
    ],
    ids=lambda value: repr(value[:30]),
)
def test_a_search_reaches_the_service_however_it_is_written(port: int, target: bytes, query: bytes) -> None:
    answer = ask(port, target)
    assert (answer.status, answer.body) == (200, query)


@pytest.mark.parametrize(
    "target",
    [
        b"/provisioning/../search",
        b"/provisioning/%2e%2e/search",
        b"/search%00",
        b"/search\x00",
        b"/metrics%2f..",
        b"/%0d%0aX-Injected:%20yes/x",
    ],
    ids=repr,
)
def test_a_strange_path_gets_an_answer_and_no_file(port: int, target: bytes) -> None:
    answer = ask(port, target)
    assert answer.status in (200, 404)  # below a prefix the sample echoes what it was asked for
    assert "x-injected" not in answer.headers
    assert answer.headers["content-length"] == str(len(answer.body))


def test_a_broken_absolute_form_is_answered_all_the_same(port: int) -> None:
    answer = ask(port, b"http://[/search")
    assert answer.status == 400
    assert answer.headers["content-length"] == str(len(answer.body))


@pytest.mark.parametrize(
    "head",
    [
        b"GET /search HTTP/1.0\r\n\r\n",
        b"GET /search HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"GET /search HTTP/1.1\r\nHost: \xff<>\r\nConnection: close\r\n\r\n",
        b"GET /search HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc",
        b"GET /search HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept-Encoding: gzip\r\nRange: bytes=0-9\r\n\r\n",
    ],
)
def test_old_and_odd_clients_are_served_plainly(port: int, head: bytes) -> None:
    answer = send(port, head)
    assert (answer.status, answer.headers["content-length"], len(answer.body)) == (200, "2048", 2048)
    assert not {"transfer-encoding", "content-encoding", "location"} & answer.headers.keys()


def test_head_is_as_long_as_get_on_the_wire(port: int) -> None:
    answer = ask(port, "/search", method="HEAD")
    assert (answer.status, answer.headers["content-length"], answer.body) == (200, "2048", b"")


def test_requests_that_are_sent_together_are_answered_in_turn(port: int) -> None:
    asked = [b"GET /search?q=%d HTTP/1.1\r\nHost: a\r\n" % number for number in range(50)]
    with socket.create_connection(("127.0.0.1", port), timeout=20) as phone:
        phone.sendall(b"\r\n".join([*asked, b"GET /search?q=end HTTP/1.1\r\nConnection: close\r\n\r\n"]))
        data = b"".join(iter(lambda: phone.recv(65536), b""))
    assert re.findall(rb"\r\n\r\n(q=(?:\d+|end))", data) == [*(b"q=%d" % number for number in range(50)), b"q=end"]


def test_a_large_body_is_refused(port: int) -> None:
    answer = ask(port, "/search", method="POST", Content_Length="1000000000")
    assert answer.status == 413


def test_the_server_does_not_tell_its_version(port: int) -> None:
    assert not re.search(r"\d", ask(port, "/search").headers["server"])


def test_a_forwarding_header_reaches_the_web_base(port: int) -> None:
    assert ask(port, "/search", X_Forwarded_For="8.8.8.8").status == 404
    assert ask(port, "/search", X_Forwarded_For="10.0.0.1").status == 200
