"""`/lookup` through a real nginx: its own networks and rate, silence in the logs, and never a body that could be a name."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.directory.app import create_app
from shared.config import Config
from tests.directory.desk import Mirror, TableReader, person
from tests.nginx.conftest import config_of, front
from tests.tools import eventually
from tests.web.http import ask
from tests.web.thread import served

PEOPLE = [person("elodie", "Élodie Lefèvre", "Lefèvre", AstAccountName="1003", telephoneNumber="+33 1 99 00 20 12")]


@contextmanager
def directory(config: Config) -> Iterator[None]:
    """The directory service with one person, in a thread of this process."""
    mirror = Mirror(config).load(PEOPLE)
    listen = config.directory.listen
    with served(create_app(config, TableReader(mirror.db)), listen.host, listen.port):
        yield


def test_a_name_passes_whatever_the_number_looks_like(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    with directory(config), front(config, tmp_path / "n"):
        for target in (
            "/lookup?number=1003",
            "//lookup/?number=%2B33%201%2099%2000%2020%2012",
            "/lookup?number=0199002012",
        ):
            answer = ask(config.nginx.listen.port, target, Accept_Encoding="gzip")
            assert (answer.status, answer.body.decode()) == (200, "Lefèvre, Élodie")
            assert answer.headers["content-type"] == "text/plain; charset=utf-8"
            assert answer.headers["content-length"] == str(len(answer.body))
            assert answer.headers["cache-control"] == "no-store"
        head = ask(config.nginx.listen.port, "/lookup?number=1003", method="HEAD")
        assert (head.status, head.body, head.headers["content-length"]) == (200, b"", "17")
        stranger = ask(config.nginx.listen.port, "/lookup?number=0299002012")
        assert (stranger.status, stranger.body) == (200, b"")
        malformed = ask(config.nginx.listen.port, "/lookup")
        assert (malformed.status, malformed.body) == (400, b"")


@pytest.mark.parametrize(
    ("networks", "status"), [({"lookup_allow": "10.0.0.0/8"}, 404), ({"allow": "10.0.0.0/8"}, 200)]
)
def test_telephone_systems_are_let_in_by_networks_of_their_own(
    tmp_path: Path, networks: dict[str, str], status: int
) -> None:
    config = config_of(tmp_path, directory=networks)
    with directory(config), front(config, tmp_path / "n"):
        answer = ask(config.nginx.listen.port, "/lookup?number=1003")
        assert answer.status == status
        assert answer.body == (b"" if status == 404 else "Lefèvre, Élodie".encode())


def test_without_any_worker_there_is_no_name(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    with front(config, tmp_path / "n"):
        for method in ("GET", "HEAD"):
            answer = ask(config.nginx.listen.port, "/lookup?number=1003", method=method)
            assert (answer.status, answer.body) == (503, b"")
            assert answer.headers["content-length"] == "0"
            assert answer.headers["retry-after"] == "30"


def test_who_asks_too_often_gets_no_name(tmp_path: Path) -> None:
    config = config_of(tmp_path, nginx={"lookup_rate": 1, "directory_rate": 1})
    with directory(config), front(config, tmp_path / "n"):
        found = [ask(config.nginx.listen.port, "/lookup?number=1003") for _ in range(8)]
        assert {(answer.status, answer.body.decode()) for answer in found} == {(200, "Lefèvre, Élodie"), (429, "")}
        assert ask(config.nginx.listen.port, "/search?q=lefevre").status == 200


def test_logs_hold_no_number(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    nginx = front(config, tmp_path / "n")
    with directory(config), nginx:
        ask(config.nginx.listen.port, "/lookup?number=0199002012")
        ask(config.nginx.listen.port, "/provisioning/the-end.inf")

        def logs() -> str:
            return "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "n").glob("*.log"))

        eventually(lambda: "the-end.inf" in logs())
        assert "GET /lookup 200" in logs()
        assert "0199002012" not in logs()


@pytest.mark.parametrize("path", ["/lookup/1003", "/lookups", "/lookup/../metrics"])
def test_nothing_else_is_reached_by_it(tmp_path: Path, path: str) -> None:
    config = config_of(tmp_path)
    with directory(config), front(config, tmp_path / "n"):
        answer = ask(config.nginx.listen.port, f"{path}?number=1003")
        assert (answer.status, answer.body) == (404, b"not found\n")
