"""Every vendor's path through a real nginx: allow-list, rates, logs, and refusals in the words of the service."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.directory.app import create_app
from services.directory.dialects.table import DIALECTS
from shared.config import Config
from tests.directory.agents import AGENTS
from tests.nginx.conftest import Front, config_of, front
from tests.tools import eventually
from tests.web.http import ask
from tests.web.sample import answers, running_sample
from tests.web.thread import served

WAYS = [
    *(("/search", agent) for agent in AGENTS.values()),
    *((f"/{dialect.name}/search", "curl/8.5.0") for dialect in DIALECTS),
    ("/b3/snom/search", AGENTS["yealink"]),
    ("/b3/search", "curl/8.5.0"),
    ("/search/w2.0-9", AGENTS["cisco"]),
]
COMPARED = ("content-type", "content-length", "retry-after")
SLOTS = [{"slot": slot} for slot in (1, 3)]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(("allow", "status"), [("198.51.100.0/24", 404), ("127.0.0.0/8", 503)])
def test_nginx_refuses_every_phone_in_the_words_of_the_service(
    tmp_path: Path, language: str, allow: str, status: int
) -> None:
    """No store is there, and no worker: both say so in the same bytes."""
    config = config_of(
        tmp_path, directory={"allow": allow, "phonebooks": SLOTS}, provision={"language": language}
    ).model_copy(update={"state_dir": tmp_path})
    client = create_app(config).test_client()
    with front(config, tmp_path / "n"):
        for path, agent in WAYS:
            own = client.get(f"{path}?q=dup", headers={"User-Agent": agent}, environ_base={"REMOTE_ADDR": "127.0.0.1"})
            given = ask(config.nginx.listen.port, f"{path}?q=dup", User_Agent=agent)
            assert (own.status_code, given.status) == (status, status), path
            assert given.body == own.data, (path, agent)
            assert [given.headers.get(name) for name in COMPARED] == [own.headers.get(name) for name in COMPARED]
            assert given.headers["cache-control"] == "no-store"


def test_the_directory_is_asked_on_every_path_and_sees_the_user_agent(tmp_path: Path) -> None:
    config = config_of(tmp_path, directory={"phonebooks": SLOTS}).model_copy(update={"state_dir": tmp_path})
    with directory(config), front(config, tmp_path / "n"):
        for path, agent in WAYS:
            own = create_app(config).test_client().get(path, headers={"User-Agent": agent})
            given = ask(config.nginx.listen.port, path, User_Agent=agent)
            assert given.status == own.status_code == 200
            assert (given.body, given.headers["content-type"]) == (own.data, own.headers["Content-Type"])


@pytest.mark.parametrize(
    "path", ["/b9/search", "/b0/search", "/yealink", "/yealink/searching", "/aastra/search", "/b1/b2/search"]
)
def test_no_other_path_reaches_the_directory(web: Front, path: str) -> None:
    answer = ask(web.port, path)
    assert (answer.status, answer.body) == (404, b"not found\n")


def test_who_asks_too_often_is_told_so_on_every_path_together(tmp_path: Path) -> None:
    config = config_of(tmp_path, nginx={"directory_rate": 1})
    with running_sample(tmp_path, listen=config.directory.listen), front(config, tmp_path / "n"):
        eventually(lambda: answers(config.directory.listen.port))
        for path in ("/search", "/yealink/search", "/b2/search", "/json/search"):
            last = [ask(config.nginx.listen.port, f"{path}?q=Dupont") for _ in range(3)][-1]
        assert last.status == 429
        assert last.headers["retry-after"] == "1"
        assert b"Too many searches" in last.body
        assert last.headers["content-type"] == "application/json"


def test_logs_hold_nothing_that_was_searched_on_any_path(web: Front) -> None:
    for path in ("/yealink/search", "/b2/search", "/b8/json/search"):
        ask(web.port, f"{path}?q=Dupont")
        ask(web.port, f"{path}/1-z/Dupont")
    ask(web.port, "/provisioning/end-of-dialects.inf")
    eventually(lambda: "/provisioning/end-of-dialects.inf" in web.logs())
    assert "Dupont" not in web.logs()
    assert " GET /b8/json/search " in web.logs()


@contextmanager
def directory(config: Config) -> Iterator[None]:
    """The directory service without a store, in a thread of this process: enough for input pages and hints."""
    listen = config.directory.listen
    with served(create_app(config), listen.host, listen.port):
        yield
