"""The service over real HTTP: request lines as fragile phones and as attackers write them."""

import socket
import threading
from collections.abc import Iterator

import pytest

from services.provision.app import create_app
from shared.config import Config
from shared.serving import Server
from tests.provision.desk import parameters
from tests.provision.office import PHONE_FILE, phone_path
from tests.web.http import ask, send


@pytest.fixture(scope="module")
def port(config: Config) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    number: int = listener.getsockname()[1]
    server = Server(create_app(config), listener)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield number
    server.stop()
    thread.join(20)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    "target",
    [
        PHONE_FILE,
        f"/{PHONE_FILE}",
        f"http://10.0.8.165{PHONE_FILE}",
        f"http://10.0.8.165/{PHONE_FILE}",
        PHONE_FILE.replace("config/", "config//"),
        PHONE_FILE.replace("S_", "%53_"),
        f"{PHONE_FILE}?x=1",
    ],
)
def test_odd_request_lines_get_the_phone_file(port: int, target: str) -> None:
    answer = ask(port, target)
    assert answer.status == 200
    assert answer.headers["content-length"] == str(len(answer.body))
    assert "transfer-encoding" not in answer.headers
    assert parameters(answer.body)["sip.regid1"] == "1001"


@pytest.mark.parametrize(
    "target",
    [
        b"/provisioning/ST2030/data/../../../secret.txt",
        b"/provisioning/ST2030/data/../../../etc/passwd",
        b"/provisioning/ST2030/data/%2e%2e/secret.txt",
        b"/provisioning/ST2030/data/..%2fsecret.txt",
        b"/provisioning/ST2030/data/%2e%2e%2fsecret.txt",
        b"/provisioning/ST2030/data/..%5csecret.txt",
        b"/provisioning/ST2030/data//etc/passwd",
        b"/provisioning/ST2030/data/v2030SG.2.72.zz%00.txt",
        b"/provisioning/../ST2030.inf/..",
        b"/provisioning/../provisioning/ST2030/config/ST2030S_001F9F16E849.txt",
        b"/provisioning/ST2030/config/ST2030S_001F9F16E849.txt%00",
        b"/provisioning/ST2030/config/ST2030S_001F9F16E849.txt%0a",
        b"/provisioning/ST2030/config/ST2030S_001F9F16E849\xff.txt",
        b"/%ff%fe",
        b"/",
    ],
)
def test_tricks_with_paths_are_unknown(port: int, target: bytes) -> None:
    answer = ask(port, target)
    unknown = ask(port, phone_path("BBBBBBBBBBBB"))
    assert (answer.status, answer.body) == (404, unknown.body)
    assert {**answer.headers, "date": ""} == {**unknown.headers, "date": ""}


def test_an_http_1_0_phone_is_answered(port: int) -> None:
    answer = send(port, f"GET {PHONE_FILE} HTTP/1.0\r\n\r\n".encode())
    assert answer.status == 200
    assert answer.headers["content-length"] == str(len(answer.body))
