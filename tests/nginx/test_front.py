"""What phones get through a real nginx, byte for byte."""

import ast
import gzip
import os
import signal
from pathlib import Path

import pytest
from lxml import etree

from tests.nginx.conftest import VENDOR_FILE, Front, config_of, front
from tests.tools import eventually, free_port
from tests.web.http import Answer, ask, send
from tests.web.sample import answers, running_sample

DATA = "/provisioning/ST2030/data/"


def assert_plain(answer: Answer) -> None:
    """What every answer must be for a client of 2010 (design law 8)."""
    assert answer.headers["content-length"] == str(len(answer.body))
    assert not {"transfer-encoding", "content-encoding", "location"} & answer.headers.keys()
    assert answer.status // 100 != 3


def assert_unknown(answer: Answer) -> None:
    """The uniform refusal, whoever gives it."""
    assert (answer.status, answer.body) == (404, b"not found\n")
    assert answer.headers["content-type"] == "text/plain; charset=iso-8859-1"
    assert answer.headers["cache-control"] == "no-store"
    assert_plain(answer)


def row_of(answer: Answer) -> str:
    """Return the only name of a phonebook document."""
    assert answer.headers["content-type"].lower() == "text/xml; charset=iso-8859-1"
    book = etree.fromstring(answer.body)
    assert book.tag == "ThomsonPhoneBook"
    [name] = book.findall("DirectoryEntry/Name")
    return name.text or ""


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/ST2030.inf", b"ST2030.inf\r\n"),
        ("/st2030s-IP.INF", b"st2030s-IP.INF\r\n"),
        ("//ST2030.inf", b"ST2030.inf\r\n"),
        ("/ST2030S_001F9F16E849.txt", b"ST2030S_001F9F16E849.txt\r\n"),
        ("/provisioning/ST2030/config/ST2030S_001F9F16E849.txt", b"ST2030/config/ST2030S_001F9F16E849.txt\r\n"),
        ("/provisioning//ST2030/config//a.txt", b"ST2030/config/a.txt\r\n"),
        ("/provisioning/ST2030/config/ST2030S_001F9F16E849.ser", b"ST2030/config/ST2030S_001F9F16E849.ser\r\n"),
        ("http://phones.example.org/provisioning/a.inf", b"a.inf\r\n"),
        ("http://phones.example.org:8080//provisioning//a.inf?x", b"a.inf\r\n"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_provisioning_files_pass_byte_for_byte(web: Front, path: str, body: bytes, method: str) -> None:
    answer = ask(web.port, path, method=method, Accept_Encoding="gzip, deflate", Range="bytes=0-1")
    assert (answer.status, answer.body) == (200, body if method == "GET" else b"")
    assert answer.headers["content-length"] == str(len(body))
    assert not {"transfer-encoding", "content-encoding", "location"} & answer.headers.keys()
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("target", "query"),
    [
        (b"/search?q=M%FCller+A%20B", b"q=M%FCller+A%20B"),
        (b"/search?q=M\xfcller", b"q=M%FCller"),
        ("/search?q=Müller".encode(), b"q=M%C3%BCller"),
        (b"/search/?q=%00%zz%", b"q=%00%zz%"),
        (b"/search?q=" + b"x" * 5000, b"q=" + b"x" * 5000),
        (b"//search?q=\xe9", b"q=%E9"),
        (b"http://phones.example.org//search?q=\xe9", b"q=%E9"),
        (b"/search/1-z/dup%20je", b"1-z/dup je"),
    ],
    ids=lambda value: repr(value[:30]),
)
def test_a_search_reaches_the_directory_however_it_is_written(web: Front, target: bytes, query: bytes) -> None:
    answer = ask(web.port, target, Accept_Encoding="gzip")
    assert (answer.status, answer.body) == (200, query)
    assert_plain(answer)


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/index.html",
        "/healthz",
        "/readyz",
        "/metrics",
        "//metrics",
        "/search/../metrics",
        "/%6detrics",
        "/searching",
        "/provisioning",
        "/ST2030/config/a.txt",
        DATA + "ST2030S_001F9F16E849.ser",
        DATA + "st2030s_001f9f16e849.SER",
    ],
)
def test_everything_else_is_unknown(web: Front, target: str) -> None:
    assert_unknown(ask(web.port, target))


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_health_and_metrics_are_there_for_the_machine_itself(web: Front, path: str) -> None:
    assert ask(web.config.provision.listen.port, path).status == 200


@pytest.mark.parametrize(
    "target",
    [
        b"/provisioning/metrics/../../metrics",
        b"/provisioning/../outside.txt",
        b"/provisioning/%2e%2e/metrics",
        b"/provisioning/%2e%2e%2fmetrics",
        b"/provisioning/%2E%2E/../metrics",
        b"/search/%2e%2e/metrics",
        b"/search/..%2f..%2fetc/passwd",
        DATA.encode() + b"../../../../outside.txt",
        DATA.encode() + b"%2e%2e%2foutside.txt",
        DATA.encode() + b"..%2foutside.txt",
        DATA.encode() + b".hidden",
        b"/search%00",
        b"/search\x00",
        b"/search?q=a\x00b",
        b"/search?q=a b",
        b"*",
        b"/search HTTP/1.1\r\nX-Forwarded-For: 10.0.0.1",
    ],
    ids=repr,
)
def test_no_spelling_leads_out_of_what_is_served(web: Front, target: bytes) -> None:
    answer = ask(web.port, target)
    assert b"outside" not in answer.body.replace(b"outside.txt", b"")
    assert b"dialtree_requests" not in answer.body
    assert answer.body != b"hidden"
    assert_plain(answer)


@pytest.mark.parametrize("name", ["v2030SG.zz", "/v2030SG.zz", "v2030SG.zz?x=y"])
def test_a_vendor_file_comes_from_the_disk(web: Front, name: str) -> None:
    answer = ask(web.port, DATA + name, Accept_Encoding="gzip", Range="bytes=0-9")
    assert (answer.status, answer.body) == (200, VENDOR_FILE)
    assert_plain(answer)


@pytest.mark.parametrize("folder", ["ST2022", "tb30", "Lobby-2"])
def test_vendor_files_are_in_the_folder_of_every_model(web: Front, folder: str) -> None:
    answer = ask(web.port, f"/provisioning/{folder}/data/v2030SG.zz")
    assert (answer.status, answer.body) == (200, VENDOR_FILE)
    assert_unknown(ask(web.port, f"/provisioning/{folder}/data/ST2030S_001F9F16E849.ser"))


def test_the_digests_of_vendor_files_are_not_given(web: Front) -> None:
    for name in ("SHA256SUMS", "sha256sums", "/SHA256SUMS", "HELD", "held"):
        assert_unknown(ask(web.port, DATA + name))


def test_a_vendor_file_has_a_head_and_may_be_empty(web: Front) -> None:
    head, empty = ask(web.port, DATA + "v2030SG.zz", method="HEAD"), ask(web.port, DATA + "empty.txt")
    assert (head.status, head.headers["content-length"], head.body) == (200, str(len(VENDOR_FILE)), b"")
    assert (empty.status, empty.body, empty.headers["content-length"]) == (200, b"", "0")


@pytest.mark.parametrize("name", ["V2030sg.ZZ", "nothing.zz", "sub", "sub/", ""])
def test_what_the_disk_has_not_is_left_to_the_service(web: Front, name: str) -> None:
    answer = ask(web.port, DATA + name)
    assert (answer.status, answer.body) == (200, f"ST2030/data/{name}\r\n".encode())  # the sample echoes the path
    assert_plain(answer)


@pytest.mark.parametrize("path", ["/search", "/search/", "/provisioning", DATA[:-1], DATA, DATA + "sub"])
def test_nothing_is_redirected(web: Front, path: str) -> None:
    assert_plain(ask(web.port, path))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"])
@pytest.mark.parametrize("path", ["/search?q=a", "/ST2030.inf", DATA + "v2030SG.zz", "/nothing"])
def test_only_get_and_head_are_allowed(web: Front, method: str, path: str) -> None:
    answer = ask(web.port, path, method=method, Content_Length="0")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
    assert_plain(answer)


def test_a_client_cannot_say_who_it_is(web: Front) -> None:
    answer = ask(
        web.port,
        "/provisioning/forwarding",
        X_Forwarded_For="8.8.8.8",
        Forwarded="for=8.8.8.8",
        X_Real_IP="8.8.8.8",
        X_Forwarded_Host="evil.example",
        Accept_Encoding="gzip",
        Host="phones.example.org:8080",
    )
    assert ast.literal_eval(answer.body.decode()) == [
        ("Host", "phones.example.org:8080"),
        ("X-Forwarded-For", "127.0.0.1"),
    ]


def test_a_request_without_host_is_served(web: Front) -> None:
    answer = send(web.port, b"GET /search HTTP/1.0\r\n\r\n")
    assert (answer.status, len(answer.body)) == (200, 2048)


def test_connections_to_the_workers_are_kept(web: Front) -> None:
    for _ in range(20):
        assert ask(web.port, "/search").status == 200
    assert len({ask(web.port, "/search/pid").body for _ in range(20)}) == 2


def test_logs_hold_no_query_and_no_searched_name(web: Front) -> None:
    ask(web.port, "/search?q=Dupont")
    ask(web.port, "/search/1-z/Dupont")
    ask(web.port, "/provisioning/a.inf?token=Dupont")
    ask(web.port, "/search?q=Dupont", method="POST")
    ask(web.port, "/search?q=Dupont b")
    ask(web.port, "/provisioning/last.inf")
    eventually(lambda: "/provisioning/last.inf" in web.logs())
    assert "Dupont" not in web.logs()
    assert "127.0.0.1 [" in web.logs()
    assert " GET /search 200 " in web.logs()


def test_a_file_is_not_compressed_even_when_it_would_be_shorter(web: Front) -> None:
    answer = ask(web.port, "/search", Accept_Encoding="gzip")
    assert len(gzip.compress(answer.body)) < len(answer.body) == 2048


def test_clients_outside_the_networks_get_the_refusal_of_what_does_not_exist(tmp_path: Path) -> None:
    outside = {"allow": "192.0.2.0/24"}
    (tmp_path / "file.zz").write_bytes(b"vendor")
    provision = outside | {"vendor_dir": str(tmp_path)}
    config = config_of(tmp_path, provision=provision, directory=outside)
    with front(config, tmp_path / "n"):
        for path in ("/ST2030.inf", "/provisioning/a.txt", DATA + "file.zz", "/nothing"):
            assert_unknown(ask(config.nginx.listen.port, path))
        search = ask(config.nginx.listen.port, "/search?q=Dupont")
        assert (search.status, row_of(search)) == (404, "Not available")
        assert_plain(search)
        assert "Dupont" not in "".join(file.read_text() for file in (tmp_path / "n").glob("*.log"))


def test_one_service_may_be_open_to_other_networks_than_the_other(tmp_path: Path) -> None:
    config = config_of(tmp_path, provision={"allow": "192.0.2.0/24"})
    with (
        running_sample(tmp_path, listen=config.directory.listen),
        front(config, tmp_path / "n"),
    ):
        eventually(lambda: answers(config.directory.listen.port))
        assert ask(config.nginx.listen.port, "/search").status == 200
        assert_unknown(ask(config.nginx.listen.port, "/ST2030.inf"))


def test_who_asks_too_often_is_told_to_wait(tmp_path: Path) -> None:
    (tmp_path / "file.zz").write_bytes(b"vendor")
    rates = {"provision_rate": 1, "directory_rate": 1}
    config = config_of(tmp_path, provision={"vendor_dir": str(tmp_path)}, nginx=rates)
    port = config.nginx.listen.port
    with running_sample(tmp_path, listen=config.directory.listen), front(config, tmp_path / "n"):
        eventually(lambda: answers(config.directory.listen.port))
        searches = [ask(port, "/search?q=Dupont") for _ in range(8)]
        files = [ask(port, DATA + "file.zz") for _ in range(8)]
        assert (searches[0].status, searches[-1].status) == (200, 429)
        assert (files[0].status, files[-1].status) == (200, 429)
        for refused in (searches[-1], files[-1]):
            assert refused.headers["retry-after"] == "1"
            assert refused.headers["cache-control"] == "no-store"
            assert_plain(refused)
        assert "Too many searches" in row_of(searches[-1])
        assert "Dupont" not in "".join(file.read_text() for file in (tmp_path / "n").glob("*.log"))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_without_any_worker_the_answer_is_unavailable_in_each_service_s_words(tmp_path: Path, method: str) -> None:
    config = config_of(tmp_path, provision={"workers": 2}, directory={"workers": 2})
    with front(config, tmp_path / "n"):
        search = ask(config.nginx.listen.port, "/search?q=Dupont", method=method)
        file = ask(config.nginx.listen.port, "/provisioning/ST2030/config/a.txt?Dupont", method=method)
        for answer in (search, file):
            assert (answer.status, answer.headers["retry-after"]) == (503, "30")
            assert answer.headers["cache-control"] == "no-store"
            assert int(answer.headers["content-length"]) > 0
        if method == "GET":
            assert_plain(search)
            assert "unavailable" in row_of(search).lower()
            assert file.body == b"unavailable, ask again later\n"
        assert "Dupont" not in "".join(file.read_text() for file in (tmp_path / "n").glob("*.log"))


def test_a_worker_that_is_dead_costs_nobody_an_answer(tmp_path: Path) -> None:
    port = free_port()
    config = config_of(tmp_path, directory={"listen": f"127.0.0.1:{port}", "workers": 2})
    # Only the second worker's address answers: the first one is as dead as a process can be.
    with running_sample(tmp_path, listen=config.directory.listen.of_worker(1)), front(config, tmp_path / "n"):
        eventually(lambda: answers(config.directory.listen.of_worker(1).port))
        assert {ask(config.nginx.listen.port, "/search").status for _ in range(20)} == {200}


def test_killing_a_worker_between_requests_is_not_noticed(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    with running_sample(tmp_path, listen=config.directory.listen), front(config, tmp_path / "n"):
        eventually(lambda: answers(config.directory.listen.port))
        first = int(ask(config.nginx.listen.port, "/search/pid").body)
        os.kill(first, signal.SIGKILL)
        again = ask(config.nginx.listen.port, "/search/pid")
        assert (again.status, int(again.body) != first) == (200, True)
