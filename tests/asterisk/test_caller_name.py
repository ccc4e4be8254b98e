"""The dialplan of deploy/asterisk/caller-name.conf, evaluated by `tests.asterisk.dialplan` against the real service."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.directory.app import create_app
from shared.errors import StoreUnavailable
from tests.asterisk.dialplan import Channel, read_contexts, run
from tests.directory.desk import Mirror, TableReader, client_of, configuration, person
from tests.tools import free_port, need_tool
from tests.web.thread import served

SNIPPET = Path(__file__).resolve().parents[2] / "deploy" / "asterisk" / "caller-name.conf"
PEOPLE = [
    person("elodie", "Élodie Lefèvre", "Lefèvre", AstAccountName="1003", telephoneNumber="+33 1 99 00 20 12"),
    person("odd", 'Labo "R & D" (${EXTEN}) $[1 = 1], ?x:y=z', AstAccountName="1004"),
]


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    with serving(Mirror().load(PEOPLE)) as url:
        yield url


@contextmanager
def serving(mirror: Mirror | None) -> Iterator[str]:
    """The directory service over HTTP in a thread of this process; without tables its store is missing."""
    app = create_app(mirror.config if mirror else configuration(), TableReader(mirror.db if mirror else None))
    with served(app) as port:
        yield f"http://127.0.0.1:{port}/lookup"


def call(url: str, number: str, name: str = "FROM TRUNK", presentation: str = "allowed_not_screened") -> Channel:
    need_tool("curl")
    channel = Channel({"num": number, "name": name, "num-pres": presentation})
    run(read_contexts(SNIPPET, url=url)["dialtree-caller-name"], channel)
    return channel


@pytest.mark.parametrize("number", ["0199002012", "+33199002012", "0033199002012", "1003", "+33 1 99 00 20 12"])
def test_a_caller_of_the_directory_rings_with_the_name(service: str, number: str) -> None:
    channel = call(service, number)
    assert channel.caller == {"num": number, "name": "Lefèvre, Élodie", "num-pres": "allowed_not_screened"}


def test_a_name_is_no_dialplan(service: str) -> None:
    assert call(service, "1004").caller["name"] == 'Labo "R & D" (${EXTEN}) $[1 = 1], ?x:y=z'


@pytest.mark.parametrize(
    "number",
    ["0299002012", "anonymous", "1003,x=y", "1003&format=json", '1003")', "1003 or 1", "?number=1003", "%31003", "é"],
)
def test_a_stranger_keeps_the_name_that_came_with_the_call(service: str, number: str) -> None:
    channel = call(service, number)
    assert channel.caller["name"] == "FROM TRUNK"
    assert len(channel.transfers) == 1


@pytest.mark.parametrize(
    ("number", "presentation"),
    [("", "allowed_not_screened"), ("1003", "prohib_passed_screen"), ("1003", "prohib")],
)
def test_who_shows_no_number_is_not_asked_for(service: str, number: str, presentation: str) -> None:
    channel = call(service, number, presentation=presentation)
    assert channel.caller["name"] == "FROM TRUNK"
    assert channel.transfers == []


def test_the_call_goes_on_when_the_service_is_down() -> None:
    channel = call(f"http://127.0.0.1:{free_port()}/lookup", "1003")
    assert channel.caller["name"] == "FROM TRUNK"
    assert len(channel.transfers) == 1


def test_the_call_goes_on_when_the_service_is_slow() -> None:
    """It takes the connection and never answers; without the timeouts of the snippet this would not end."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        channel = call(f"http://127.0.0.1:{silent.getsockname()[1]}/lookup", "1003")
    assert channel.caller["name"] == "FROM TRUNK"
    assert len(channel.transfers) == 1


def test_the_call_goes_on_when_the_directory_is_not_loaded() -> None:
    with pytest.raises(StoreUnavailable), TableReader(None).snapshot():
        pass
    assert client_of(None).get("/lookup?number=1003").status_code == 503
    with serving(None) as url:
        assert call(url, "1003").caller["name"] == "FROM TRUNK"


def test_a_call_waits_a_second_at_most(service: str) -> None:
    options = call(service, "1003").options
    assert 0 < float(options["conntimeout"]) <= float(options["httptimeout"]) <= 1


def test_the_snippet_asks_where_dialtree_listens_unless_it_is_told_otherwise() -> None:
    steps = read_contexts(SNIPPET)["dialtree-caller-name"]
    assert steps[0].data == f"LOCAL(url)=http://{configuration().nginx.listen}/lookup"
