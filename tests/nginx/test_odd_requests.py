"""Odd requests get the same through nginx as at a worker; what nginx cannot read gets a document and never its own page."""

from pathlib import Path

import pytest

from services.directory.dialects.table import DIALECTS
from services.directory.texts import _TEXTS, texts_in
from tests.nginx.conftest import Front, config_of, front
from tests.nginx.test_dialects import directory
from tests.nginx.test_front import assert_plain
from tests.tools import eventually
from tests.web.http import Answer, ask, send

SAME = [
    b"/search?q=dup",
    b"/search?q=M%FCller+A%20B",
    b"/search?q=M\xfcller",
    "/search?q=Müller".encode(),
    b"/search?q=jean paul",
    b"/search?q=jean  paul",
    b"/search?q= jean",
    b"/search?q=a b c d e f g",
    b"/search?q=M\xfcller a%20b c+d",
    b"/search?q=%00%zz% x",
    b"/search?a=b c&q=d",
    b"/search/?q=jean paul",
    b"//search//?q=jean paul",
    b"http://phones.example.org//search?q=\xe9 b",
    b"http://phones.example.org:8080//search/?q=dup",
    b"/search?q=%00%zz%",
    b"/search?q=" + b"x" * 5000,
    b"///search//?q=a//b",
]


@pytest.mark.parametrize("target", SAME, ids=lambda target: repr(target[:30]))
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_search_gets_the_same_through_nginx_as_at_a_worker(web: Front, target: bytes, method: str) -> None:
    through = ask(web.port, target, method=method)
    direct = ask(web.config.directory.listen.port, target, method=method)
    assert (through.status, through.body) == (direct.status, direct.body)
    assert (through.status, through.headers["content-length"]) == (200, direct.headers["content-length"])
    assert method == "HEAD" or b"q=" in through.body


@pytest.mark.parametrize("path", ["/search", "/yealink/search", "/b3/snom/search", "/json/search"])
def test_a_blank_reaches_the_dialect_that_the_path_names(tmp_path: Path, path: str) -> None:
    config = config_of(tmp_path, directory={"phonebooks": [{"slot": 3}]}).model_copy(update={"state_dir": tmp_path})
    with directory(config), front(config, tmp_path / "n"):
        through = ask(config.nginx.listen.port, f"{path}?q=jean paul")
        direct = ask(config.nginx.listen.port, f"{path}?q=jean%20paul")
    assert (through.status, through.body) == (direct.status, direct.body)
    assert [through.headers.get(name) for name in ("content-type", "retry-after")] == [
        direct.headers.get(name) for name in ("content-type", "retry-after")
    ]


@pytest.mark.parametrize(("allow", "status"), [("198.51.100.0/24", 404), ("127.0.0.0/8", 503)])
def test_a_blank_opens_no_door_and_is_refused_in_the_words_of_the_service(
    tmp_path: Path, allow: str, status: int
) -> None:
    config = config_of(tmp_path, directory={"allow": allow})
    with front(config, tmp_path / "n"):
        spaced, usual = (ask(config.nginx.listen.port, f"/search?q={q}") for q in ("a b", "a+b"))
    assert (spaced.status, spaced.body, spaced.headers["content-type"]) == (
        status,
        usual.body,
        usual.headers["content-type"],
    )
    assert_plain(spaced)


def test_searches_with_blanks_have_the_rate_of_all_searches(tmp_path: Path) -> None:
    config = config_of(tmp_path, nginx={"directory_rate": 1})
    with front(config, tmp_path / "n"):
        statuses = [ask(config.nginx.listen.port, "/search?q=a b").status for _ in range(8)]
    assert (statuses[0], statuses[-1]) == (503, 429)


@pytest.mark.parametrize("language", sorted(_TEXTS))
def test_more_blanks_than_nginx_can_take_get_a_document_that_says_so(tmp_path: Path, language: str) -> None:
    config = config_of(tmp_path, directory={"language": language})
    with front(config, tmp_path / "n"):
        for dialect in DIALECTS:
            answer = ask(config.nginx.listen.port, f"/{dialect.name}/search?q=a b c d e f g h")
            usual = ask(config.nginx.listen.port, f"/{dialect.name}/search?q=a")
            assert answer.status == 400
            assert texts_in(language).blanks.encode() in answer.body
            assert answer.headers["content-type"] == usual.headers["content-type"]
            assert_plain(answer)


ODD = [
    b"GET /search HTTP/1.1\r\n\r\n",
    b"GET /search HTTP/1.1\r\nHost: \xff<>\r\nConnection: close\r\n\r\n",
    b"GET /search HTTP/2.0\r\nHost: a\r\n\r\n",
    b"TRACE /search HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    b"GET /search HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\nConnection: close\r\n\r\n",
    b"GET /ST2030.inf HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\nConnection: close\r\n\r\n",
    b"GET /search HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\nConnection: close\r\n\r\n",
    b"GET /search HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    b"GET /search?" + b"x" * 40_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /search HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 40_000 + b"\r\n\r\n",
    b"GET /search HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
    b"GET /search HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n",
    b"GET /search?q=a\x00b HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /search?q=a\tb HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /search?q=a\x00b c HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /x y.inf HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /metrics?/search?q=a b HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /search/../metrics?q=a b HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /search?q=a b HTTP/1.1\r\nHost: a\r\n\r\n",
    b"HEAD /search/a b c HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /../../search HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET http://[/search HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET * HTTP/1.1\r\nHost: a\r\n\r\n",
    b"get /search HTTP/1.1\r\nHost: a\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET /dialtree/malformed HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    b"GET /dialtree/spaced HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    b"FOO BAR\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    b"\x00\r\n\r\n",
]


def assert_no_page_of_nginx(answer: Answer) -> None:
    assert b"<html" not in answer.body.lower()
    assert answer.status < 500 or "retry-after" in answer.headers
    assert_plain(answer) if answer.body else None


@pytest.mark.parametrize("request_", ODD, ids=lambda request: repr(request[:40]))
def test_nginx_never_answers_with_a_page_of_its_own(web: Front, request_: bytes) -> None:
    answer = send(web.port, request_)
    assert_no_page_of_nginx(answer)
    assert b"dialtree_requests" not in answer.body


def test_what_is_no_search_and_no_request_is_called_malformed(web: Front) -> None:
    answer = send(web.port, b"FOO BAR\r\n\r\n")
    assert (answer.status, answer.body) == (400, b"malformed request\n")
    assert answer.headers["cache-control"] == "no-store"


def test_a_caller_s_name_is_never_made_of_a_refusal(web: Front) -> None:
    for target in ("/lookup?number=1 2", "//lookup/?number=1 2", "http://a/lookup?number=1 2 3 4 5 6 7 8 9"):
        answer = ask(web.port, target)
        assert (answer.status, answer.body, answer.headers["content-length"]) == (400, b"", "0")
    assert ask(web.port, "/lookup?number=12", Content_Length="x").body == b""


def test_logs_hold_nothing_of_a_search_with_blanks(web: Front) -> None:
    ask(web.port, "/search?q=Dupont b")
    ask(web.port, "/search?q=Dupont b c d e f g h i j")
    ask(web.port, "/provisioning/end-of-blanks.inf")
    eventually(lambda: "/provisioning/end-of-blanks.inf" in web.logs())
    assert "Dupont" not in web.logs()
