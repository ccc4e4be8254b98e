"""The web base, asked through WSGI."""

import json
import logging
import os
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import TestResponse

from shared.config import Directory
from shared.store import Reader
from shared.web import caller_of, metrics_of
from tests.web.sample import SECRET, STATUS, FixedReader, create_sample

LAN = {"allow": "127.0.0.0/8, 192.168.0.0/16, fd00::/8", "trusted_proxies": "127.0.0.1, 10.9.9.9"}


def client(reader: Reader | None = None, **settings: object) -> FlaskClient:
    return create_sample(Directory.model_validate(LAN | settings), reader).test_client()


def get(path: str, peer: str = "127.0.0.1", forwarded: str | None = None, method: str = "GET") -> TestResponse:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return client().open(path, method=method, headers=headers, environ_base={"REMOTE_ADDR": peer})


@pytest.mark.parametrize("peer", ["192.168.1.20", "::ffff:192.168.1.20", "fd00::1"])
def test_a_phone_of_an_allowed_network_is_answered(peer: str) -> None:
    assert get("/search", peer).status_code == 200


@pytest.mark.parametrize("peer", ["8.8.8.8", "2001:db8::1", "10.9.9.9"])
def test_a_client_outside_the_allowed_networks_gets_the_refusal_of_an_unknown_path(peer: str) -> None:
    refused, unknown = get("/search", peer), get("/a/path/that/nobody/knows")
    assert (refused.status_code, refused.data, dict(refused.headers)) == (404, unknown.data, dict(unknown.headers))


@pytest.mark.parametrize(
    ("forwarded", "status"),
    [
        ("192.168.1.20", 200),
        ("fd00::1", 200),
        ("8.8.8.8", 404),
        ("192.168.1.20, 8.8.8.8", 404),
        ("8.8.8.8, 192.168.1.20", 404),
        ("192.168.1.20:5060", 404),
        ("localhost", 404),
        ("", 404),
        ("1" * 5000, 404),
    ],
)
def test_a_trusted_proxy_names_exactly_one_client(forwarded: str, status: int) -> None:
    assert get("/search", "127.0.0.1", forwarded).status_code == status


def test_a_client_that_is_no_proxy_cannot_name_another_address() -> None:
    assert get("/search", "8.8.8.8", "192.168.1.20").status_code == 404
    assert get("/search", "192.168.1.20", "8.8.8.8").status_code == 200


def test_what_clients_invent_does_not_fill_the_memory() -> None:
    caller = caller_of(Directory.model_validate(LAN))
    assert caller("127.0.0.1", "1" * 5000) is caller("127.0.0.1", "2" * 5000)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"])
def test_only_get_and_head_are_allowed(method: str) -> None:
    response = get("/search", method=method)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")
    assert response.headers["Content-Length"] == str(len(response.data))


def test_a_forbidden_client_learns_nothing_from_a_method() -> None:
    assert get("/search", "8.8.8.8", method="POST").status_code == 404


def test_head_has_the_length_of_get_and_no_body() -> None:
    response = get("/search", method="HEAD")
    assert (response.status_code, response.headers["Content-Length"], response.data) == (200, "2048", b"")


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        ("unknown", 404, b"Unknown\n"),
        ("malformed", 400, b"Malformed\n"),
        ("unavailable", 503, b"Unavailable\n"),
        ("crash", 503, b"Unavailable\n"),
    ],
)
def test_the_outcomes_stay_apart(kind: str, status: int, body: bytes) -> None:
    response = get(f"/search/fail/{kind}")
    assert (response.status_code, response.data) == (status, body)
    assert ("Retry-After" in response.headers) == (status == 503)


def test_a_crash_is_logged_with_its_place_and_without_query_or_message(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        get("/search/fail/crash?q=Dupont")
    assert "KeyError" in caplog.text
    assert "in fail" in caplog.text
    assert SECRET not in caplog.text
    assert "Dupont" not in caplog.text


def test_a_view_that_streams_is_sent_with_its_length() -> None:
    response = get("/search/stream")
    assert (response.data, response.headers["Content-Length"]) == (b"onetwo", "6")


@pytest.mark.parametrize("path", ["/search", "/search/", "/search//", "/search///"])
def test_slashes_neither_matter_nor_redirect(path: str) -> None:
    assert get(path).status_code == 200


def test_the_access_log_has_a_line_without_the_query(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "dialtree.access"):
        get("/search?q=Dupont", forwarded="192.168.1.20")
        get("/search?q=Dupont", "192.168.1.21")
    proxied, direct = caplog.records
    assert proxied.getMessage().startswith("192.168.1.20 GET /search 200 8 ")
    assert direct.getMessage().startswith("192.168.1.21 GET /search 200 8 ")
    assert (proxied.levelname, direct.levelname) == ("DEBUG", "INFO")  # nginx wrote the first one down already


def test_the_access_log_does_not_show_what_links_of_a_phonebook_carry(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        get("/search/fail/crash/Dupont")
        get("/search/Dupont")
    assert "GET /search/… 200" in caplog.text
    assert "Dupont" not in caplog.text


def test_a_line_of_the_access_log_stays_one_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "dialtree.access"):
        get("/nothing%0A127.0.0.1%1b[2J")
    [record] = caplog.records
    assert record.getMessage().isprintable()


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
@pytest.mark.parametrize(
    ("peer", "forwarded", "visible"),
    [
        ("127.0.0.1", None, True),
        ("::1", None, True),
        ("10.9.9.9", None, True),
        ("192.168.1.20", None, False),
        ("8.8.8.8", None, False),
        ("127.0.0.1", "192.168.1.20", False),
        ("127.0.0.1", "127.0.0.1", False),
        ("127.0.0.1", "", False),
    ],
)
def test_health_is_shown_to_the_machine_itself_only(path: str, peer: str, forwarded: str | None, visible: bool) -> None:  # noqa: FBT001
    assert get(path, peer, forwarded).status_code == (200 if visible else 404)


def test_a_service_is_alive_without_a_store_and_not_ready() -> None:
    web = client(FixedReader(None))
    alive, ready = web.get("/healthz"), web.get("/readyz")
    assert (alive.status_code, alive.data) == (200, b"alive\n")
    assert (ready.status_code, ready.json and ready.json["ready"]) == (503, False)
    assert "Retry-After" in ready.headers
    assert ready.json is not None
    assert ready.json["warnings"] == []
    assert b'dialtree_store_usable{service="directory"} 0.0' in web.get("/metrics").data


def test_readiness_tells_what_the_mirror_said() -> None:
    body = json.loads(client().get("/readyz").data)
    assert body.pop("age_seconds") > 1_000_000
    assert body == {
        "ready": True,
        "connected": True,
        "server": "ldap://127.0.0.1",
        "entries": {"person": 40, "phone": 12},
        "holds": ["11 of 12 phones would go; dialtree provision mirror --accept"],
        "problem": "",
        "compared_seconds_ago": None,
        "difference": "",
        "configuration": "",
        "process": os.getppid(),
        "warnings": [],
    }


def test_a_copy_that_is_not_loaded_yet_is_not_ready() -> None:
    response = client(FixedReader(replace(STATUS, loaded=False, confirmed_at=0.0))).get("/readyz")
    assert (response.status_code, response.json and response.json["age_seconds"]) == (503, None)


def samples(web: FlaskClient) -> dict[tuple[str, ...], float]:
    text = web.get("/metrics").data.decode()
    families = text_string_to_metric_families(text)
    return {(s.name, *sorted(s.labels.values())): s.value for family in families for s in family.samples}


def test_requests_are_counted_by_handler_and_outcome() -> None:
    web = client()
    for path in ("/search?q=Dupont", "/search", "/search/fail/unknown", "/search/fail/crash", "/no/such/path"):
        web.get(path)
    web.post("/search")
    got = samples(web)
    assert got["dialtree_requests_total", "ok", "search"] == 2
    assert got["dialtree_requests_total", "fail", "unknown"] == 1
    assert got["dialtree_requests_total", "fail", "unavailable"] == 1
    assert got["dialtree_requests_total", "none", "unknown"] == 1
    assert got["dialtree_requests_total", "method", "none"] == 1
    assert got["dialtree_request_seconds_count",] == 6
    assert not any("Dupont" in part for key in got for part in key)


def test_the_store_is_measured_when_it_is_asked_for() -> None:
    got = samples(client())
    assert got["dialtree_store_entries", "directory", "person"] == 40
    assert got["dialtree_store_holds", "directory"] == 1
    assert got["dialtree_store_connected", "directory"] == 1
    assert got["dialtree_store_age_seconds", "directory"] > 0


def test_two_apps_of_one_process_count_apart() -> None:
    one, two = (create_sample(Directory.model_validate(LAN)) for _ in range(2))
    metrics_of(one).refused("secret")
    assert samples(one.test_client())["dialtree_refused_phones_total", "secret"] == 1
    assert ("dialtree_refused_phones_total", "secret") not in samples(two.test_client())
