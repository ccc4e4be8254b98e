"""Through a real nginx nobody notices that a service is reloaded, or stopped and started on sockets that stay open."""

import signal
import socket
from contextlib import ExitStack
from pathlib import Path

from tests.nginx.conftest import config_of, front
from tests.tools import eventually
from tests.web.load import load_on
from tests.web.sample import answers, running_sample
from tests.web.test_workers import pid_of

_RATES = {"provision_rate": 10_000, "directory_rate": 10_000}


def test_a_reload_under_load_costs_no_phone_an_answer(tmp_path: Path) -> None:
    config = config_of(tmp_path, nginx=_RATES)
    listen = str(config.directory.listen)
    (tmp_path / "reload").write_text(config.directory.model_dump_json(), encoding="utf-8")
    with running_sample(tmp_path, listen=listen) as service, front(config, tmp_path / "nginx"):
        eventually(lambda: answers(config.directory.listen.port))
        with load_on(config.nginx.listen.port, "/search?q=a", clients=8) as load:
            for _ in range(4):
                before = pid_of(config.directory.listen.port)
                service.process.send_signal(signal.SIGHUP)
                eventually(lambda before=before: pid_of(config.directory.listen.port) != before)  # type: ignore[misc]
                load.more(200)
    assert load.bad == {}


def test_a_stop_and_a_start_under_load_cost_no_phone_an_answer_where_systemd_keeps_the_socket(tmp_path: Path) -> None:
    config = config_of(tmp_path, nginx=_RATES)
    address = config.directory.listen
    with ExitStack() as last, socket.create_server((address.host, address.port), backlog=256) as held:
        last.enter_context(front(config, tmp_path / "nginx"))
        with load_on(config.nginx.listen.port, "/search?q=a", clients=8) as load:
            for _ in range(3):
                with running_sample(tmp_path, handed_over=held, listen=str(address)):
                    load.more(200)
            last.enter_context(running_sample(tmp_path, handed_over=held, listen=str(address)))
            load.more(200)
    assert load.bad == {}
