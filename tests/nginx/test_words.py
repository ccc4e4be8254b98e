"""A refusal looks the same whether a service gives it or nginx in its place."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from services.directory.app import create_app as create_directory
from services.provision.app import create_app as create_provision
from shared.config import Config
from tests.nginx.conftest import config_of, front
from tests.web.http import ask

COMPARED = ("content-type", "content-length", "retry-after")


@pytest.mark.parametrize("charset", ["ISO-8859-1", "UTF-8"])
@pytest.mark.parametrize(
    ("create_app", "path"),
    [(create_provision, "/provisioning/ST2030/config/ST2030S_001F9F16E849.txt"), (create_directory, "/search?q=dup")],
)
@pytest.mark.parametrize(("peer", "status"), [("192.0.2.9", 404), ("127.0.0.1", 503)])
def test_nginx_refuses_in_the_words_of_the_service(
    tmp_path: Path, create_app: Callable[[Config], Flask], path: str, charset: str, peer: str, status: int
) -> None:
    """No store is there, and no worker: both say so in the same bytes. To a client outside, neither says anything."""
    allow = {"allow": "127.0.0.0/8" if status == 503 else "198.51.100.0/24"}
    config = config_of(tmp_path, provision=allow, directory=allow | {"charset": charset})
    config = config.model_copy(update={"state_dir": tmp_path})
    own = create_app(config).test_client().get(path, environ_base={"REMOTE_ADDR": peer})
    with front(config, tmp_path / "n"):
        given = ask(config.nginx.listen.port, path)
    assert (own.status_code, given.status) == (status, status)
    assert given.body == own.data
    assert [given.headers.get(name) for name in COMPARED] == [own.headers.get(name) for name in COMPARED]
