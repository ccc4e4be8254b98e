"""What one client can take: rates on every kind of file, connections, time; and where passwords never are."""

import os
import re
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.demo.nginx import find_nginx
from services.nginx import render_nginx
from tests.nginx.conftest import config_of, front
from tests.nginx.test_front import assert_unknown
from tests.tools import eventually, need_tool
from tests.web.http import ask
from tests.web.sample import answers, running_sample

PHONE_FILE = "/provisioning/ST2030/config/ST2030S_001F9F16E849.txt"


@pytest.mark.parametrize(
    "path",
    [
        "/ST2030.inf",
        "/ST2030S_001F9F16E849.txt",
        "/ST2030S_001F9F16E849.ser",
        PHONE_FILE,
        "/provisioning/ST2030/data/file.zz",
        "/provisioning/ST2030/data/nothing.zz",
    ],
)
def test_every_kind_of_file_has_a_rate(tmp_path: Path, path: str) -> None:
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "file.zz").write_bytes(b"vendor")
    config = config_of(tmp_path, provision={"vendor_dir": str(tmp_path / "vendor")}, nginx={"provision_rate": 1})
    with running_sample(tmp_path, listen=config.provision.listen), front(config, tmp_path / "n"):
        eventually(lambda: answers(config.provision.listen.port))
        statuses = [ask(config.nginx.listen.port, path).status for _ in range(12)]
        assert (statuses[0], statuses[-1]) == (200, 429)
        assert ask(config.nginx.listen.port, "/provisioning/other.inf").status == 429  # one rate for all files together


def test_a_phone_gets_all_files_of_its_boot_at_once(tmp_path: Path) -> None:
    """Thirteen files in the longest boot, two phones behind one address."""
    config = config_of(tmp_path)
    with running_sample(tmp_path, listen=config.provision.listen), front(config, tmp_path / "n"):
        eventually(lambda: answers(config.provision.listen.port))
        assert {ask(config.nginx.listen.port, f"/provisioning/{n}.txt").status for n in range(26)} == {200}


@pytest.mark.parametrize("begun", [b"", b"GET /search HT", b"GET /search HTTP/1.1\r\nHost: a\r\nX: "])
def test_a_request_that_is_not_finished_is_given_up(tmp_path: Path, begun: bytes) -> None:
    config = config_of(tmp_path)
    with front(config, tmp_path / "n"), socket.create_connection(("127.0.0.1", config.nginx.listen.port)) as phone:
        phone.settimeout(30)
        phone.sendall(begun)
        assert phone.recv(1) == b""


def test_a_body_that_does_not_come_is_given_up(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    with front(config, tmp_path / "n"), socket.create_connection(("127.0.0.1", config.nginx.listen.port)) as phone:
        phone.settimeout(30)
        phone.sendall(b"GET /search HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
        assert b"".join(iter(lambda: phone.recv(4096), b"")) == b""


@contextmanager
def listening_but_deaf(port: int) -> Iterator[list[socket.socket]]:
    """A worker that accepts and never answers."""
    taken: list[socket.socket] = []
    listener = socket.create_server(("127.0.0.1", port), backlog=64)

    def accept() -> None:
        try:
            while True:
                taken.append(listener.accept()[0])
        except OSError:
            return

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield taken
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)
        for each in taken:
            each.close()


def test_one_client_has_so_many_requests_in_progress_and_no_more(tmp_path: Path) -> None:
    config = config_of(tmp_path, nginx={"connections": 3, "directory_rate": 1000})
    port = config.nginx.listen.port
    waiting = []
    with listening_but_deaf(config.directory.listen.port) as taken, front(config, tmp_path / "n"):
        for _ in range(3):
            waiting.append(socket.create_connection(("127.0.0.1", port)))
            waiting[-1].sendall(b"GET /search HTTP/1.1\r\nHost: a\r\n\r\n")
        eventually(lambda: len(taken) == 3)
        refused = ask(port, "/search")
        assert (refused.status, refused.headers["retry-after"]) == (429, "1")
        assert b"Too many searches" in refused.body
        for phone in waiting:
            phone.close()
        eventually(lambda: ask(port, "/nothing").status == 404)


def test_no_answer_is_ever_written_to_the_disk(tmp_path: Path) -> None:
    """A phone that does not read makes nginx hold the answer: in its memory and in the worker, never in a file."""
    config = config_of(tmp_path)
    text = render_nginx(config)
    assert re.findall(r"^\s*(proxy_max_temp_file_size .*?);", text, re.MULTILINE) == ["proxy_max_temp_file_size 0"]
    assert re.findall(r"^\s*(proxy_cache .*?);", text, re.MULTILINE) == ["proxy_cache off"]
    assert not re.search(r"proxy_store|proxy_cache_path|proxy_buffering on;(?s:.*)proxy_max_temp_file_size [1-9]", text)
    body = 64 << 20
    with large_worker(config.provision.listen.port, body), front(config, tmp_path / "n"):
        with socket.create_connection(("127.0.0.1", config.nginx.listen.port)) as phone:
            phone.sendall(b"GET /provisioning/large.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            assert phone.recv(1)
            master = int((tmp_path / "n" / "nginx.pid").read_text(encoding="ascii"))
            for _ in range(200):
                assert not files_of(master, tmp_path / "n" / "tmp")
            rest = sum(map(len, iter(lambda: phone.recv(1 << 20), b"")))
            assert rest > body
            assert not files_of(master, tmp_path / "n" / "tmp")
        assert not list((tmp_path / "n" / "tmp").rglob("*.*"))


@contextmanager
def large_worker(port: int, size: int) -> Iterator[None]:
    """A worker that answers one request with so many bytes."""
    listener = socket.create_server(("127.0.0.1", port))

    def answer() -> None:
        while True:
            try:
                taken = listener.accept()[0]
            except OSError:
                return
            with taken:
                if taken.recv(65536):
                    taken.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size)

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(20)


def files_of(master: int, folder: Path) -> list[str]:
    """Return what nginx's processes have open below a folder, also what has no name any more."""
    children = [
        int(child) for child in Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()
    ]
    opened = []
    for process in (master, *children):
        for entry in Path(f"/proc/{process}/fd").iterdir():
            try:
                opened.append(str(entry.readlink()))
            except OSError:
                continue
    assert opened
    return [name for name in opened if name.startswith(str(folder.resolve()))]


def test_a_vendor_file_that_nginx_cannot_read_is_the_uniform_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root reads everything, so as root nginx is started without the privileges to."""
    (tmp_path / "vendor").mkdir()
    secret = tmp_path / "vendor" / "closed.zz"
    secret.write_bytes(b"closed")
    secret.chmod(0)
    if os.geteuid() == 0:
        program, setpriv = find_nginx(), need_tool("setpriv")
        assert program is not None
        wrapper = tmp_path / "bin" / "nginx"
        wrapper.parent.mkdir()
        wrapper.write_text(
            f'#!/bin/sh\nexec "{setpriv}" --bounding-set=-dac_override,-dac_read_search "{program}" "$@"\n',
            encoding="utf-8",
        )
        wrapper.chmod(stat.S_IRWXU)
        monkeypatch.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")
    config = config_of(tmp_path, provision={"vendor_dir": str(secret.parent)})
    with front(config, tmp_path / "n"):
        answer = ask(config.nginx.listen.port, "/provisioning/ST2030/data/closed.zz")
    assert_unknown(answer)
