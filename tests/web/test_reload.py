"""SIGHUP: new processes take the place of the old ones, and nobody is refused meanwhile."""

import os
import signal
import socket
import threading
from contextlib import ExitStack
from pathlib import Path

from shared.config import Directory
from tests.tools import eventually, free_port
from tests.web.http import ask
from tests.web.load import load_on
from tests.web.sample import Running, answers, running_sample
from tests.web.test_workers import gone, mirror_pid, pid_of, two_ports


def reload_with(folder: Path, service: Running, **settings: object) -> None:
    """Write what the next SIGHUP reads, and send it."""
    written = folder / "reload.new"
    written.write_text(Directory.model_validate(settings).model_dump_json(), encoding="utf-8")
    written.replace(folder / "reload")  # the service may read it at any moment
    service.process.send_signal(signal.SIGHUP)


def test_sighup_replaces_every_process_and_the_parent_stays(tmp_path: Path) -> None:
    listen = f"127.0.0.1:{free_port()}"
    port = int(listen.rpartition(":")[2])
    with running_sample(tmp_path, "follow", listen=listen) as service:
        eventually(lambda: answers(port))
        before = [pid_of(port), mirror_pid(tmp_path)]
        reload_with(tmp_path, service, listen=listen)
        eventually(lambda: pid_of(port) != before[0] and mirror_pid(tmp_path) != before[1])
        eventually(lambda: all(gone(pid) for pid in before))
        assert service.process.poll() is None
        lives = (tmp_path / "mirror.lives").read_text(encoding="ascii").splitlines()
        assert lives == [str(before[1]), f"{before[1]} ended", str(mirror_pid(tmp_path))]  # never two at once


def test_no_request_is_refused_while_processes_are_replaced(tmp_path: Path) -> None:
    port = free_port()
    listen = f"127.0.0.1:{port}"
    with running_sample(tmp_path, "follow", listen=listen) as service:
        eventually(lambda: answers(port))
        with load_on(port, "/search") as load:
            for _ in range(3):
                before = pid_of(port)
                reload_with(tmp_path, service, listen=listen)
                eventually(lambda before=before: pid_of(port) != before)  # type: ignore[misc]
                load.more(100)
    assert load.bad == {}


def test_a_request_in_flight_is_answered_by_the_old_worker(tmp_path: Path) -> None:
    port, marker = free_port(), tmp_path / "slow request"
    listen = f"127.0.0.1:{port}"
    with running_sample(tmp_path, listen=listen) as service:
        eventually(lambda: answers(port))
        before = pid_of(port)
        got: list[bytes] = []
        target = f"/search/slow?marker={marker}".replace(" ", "%20")
        slow = threading.Thread(target=lambda: got.append(ask(port, target).body))
        slow.start()
        eventually(marker.exists)
        reload_with(tmp_path, service, listen=listen)
        eventually(lambda: "reloaded" in service.said())
        assert pid_of(port) != before
        marker.unlink()
        slow.join(20)
        assert got == [b"slow, but answered"]
        eventually(lambda: gone(before))


def test_a_connection_that_was_accepted_may_still_ask_when_its_worker_ends(tmp_path: Path) -> None:
    port = free_port()
    listen = f"127.0.0.1:{port}"
    with running_sample(tmp_path, listen=listen) as service:
        eventually(lambda: answers(port))
        with socket.create_connection(("127.0.0.1", port), timeout=20) as accepted:
            pid_of(port)  # asked after it, so the worker has accepted both
            reload_with(tmp_path, service, listen=listen)
            eventually(lambda: "reloaded" in service.said())
            accepted.sendall(b"GET /search?q HTTP/1.0\r\n\r\n")
            assert accepted.recv(65536).startswith(b"HTTP/1.0 200")


def test_a_faulty_configuration_changes_nothing_and_is_named(tmp_path: Path) -> None:
    port = free_port()
    with running_sample(tmp_path, "follow", listen=f"127.0.0.1:{port}") as service:
        eventually(lambda: answers(port))
        before = [pid_of(port), mirror_pid(tmp_path)]
        (tmp_path / "reload").write_text("faulty", encoding="utf-8")
        service.process.send_signal(signal.SIGHUP)
        eventually(lambda: "nothing is reloaded" in service.said())
        assert "reload: configuration: directory.workers: is no number; write one" in service.said()
        assert [pid_of(port), mirror_pid(tmp_path)] == before


def test_workers_and_addresses_may_change(tmp_path: Path) -> None:
    port, other = two_ports(), free_port()
    with running_sample(tmp_path, listen=f"127.0.0.1:{port}") as service:
        eventually(lambda: answers(port))
        reload_with(tmp_path, service, listen=f"127.0.0.1:{port}", workers=2)
        eventually(lambda: answers(port + 10))
        assert pid_of(port) != pid_of(port + 10)
        reload_with(tmp_path, service, listen=f"127.0.0.1:{other}")
        eventually(lambda: answers(other) and not answers(port) and not answers(port + 10))


def test_an_address_that_is_taken_keeps_the_service_as_it_is(tmp_path: Path) -> None:
    port = two_ports()
    with running_sample(tmp_path, listen=f"127.0.0.1:{port}") as service:
        eventually(lambda: answers(port))
        before = pid_of(port)
        with socket.create_server(("127.0.0.1", port + 10)):
            reload_with(tmp_path, service, listen=f"127.0.0.1:{port}", workers=2)
            eventually(lambda: "cannot listen on" in service.said())
        assert pid_of(port) == before


def test_new_workers_that_do_not_start_leave_the_old_ones(tmp_path: Path) -> None:
    port = free_port()
    with running_sample(tmp_path, listen=f"127.0.0.1:{port}") as service:
        eventually(lambda: answers(port))
        before = pid_of(port)
        (tmp_path / "reload").write_text("broken app", encoding="utf-8")
        service.process.send_signal(signal.SIGHUP)
        eventually(
            lambda: "nothing is reloaded: the service goes on as it is: directory worker 1 ended" in service.said()
        )
        assert pid_of(port) == before
        reload_with(tmp_path, service, listen=f"127.0.0.1:{port}")
        eventually(lambda: pid_of(port) != before)


def test_of_many_reloads_in_a_row_the_last_configuration_is_in_force(tmp_path: Path) -> None:
    ports = [free_port() for _ in range(4)]
    with running_sample(tmp_path, listen=f"127.0.0.1:{ports[0]}") as service:
        eventually(lambda: answers(ports[0]))
        for port in ports[1:]:
            reload_with(tmp_path, service, listen=f"127.0.0.1:{port}")
        eventually(lambda: [answers(port) for port in ports] == [False, False, False, True])
        eventually(lambda: len(children_of(service.process.pid)) == 1)


def test_a_service_that_is_stopped_and_started_on_a_socket_of_systemd_refuses_nobody(tmp_path: Path) -> None:
    with ExitStack() as last, socket.create_server(("127.0.0.1", 0), backlog=256) as held:
        port = held.getsockname()[1]
        with load_on(port, "/search") as load:
            for _ in range(3):
                with running_sample(tmp_path, handed_over=held, listen=f"127.0.0.1:{port}"):
                    load.more(50)
            last.enter_context(running_sample(tmp_path, handed_over=held, listen=f"127.0.0.1:{port}"))
            load.more(50)
    assert load.bad == {}


def test_a_worker_that_is_told_to_end_by_itself_goes_on_answering(tmp_path: Path) -> None:
    port, marker = free_port(), tmp_path / "slow request"
    with running_sample(tmp_path, listen=f"127.0.0.1:{port}"):
        eventually(lambda: answers(port))
        worker = pid_of(port)
        got: list[bytes] = []
        target = f"/search/slow?marker={marker}".replace(" ", "%20")
        slow = threading.Thread(target=lambda: got.append(ask(port, target).body))
        slow.start()
        eventually(marker.exists)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            os.kill(worker, number)  # as systemd does to every process of a service
        marker.unlink()
        slow.join(20)
        assert got == [b"slow, but answered"]
        assert pid_of(port) == worker


def test_a_configuration_fault_at_a_later_restart_is_retried_and_ends_nothing(tmp_path: Path) -> None:
    port = free_port()
    with running_sample(tmp_path, "later", listen=f"127.0.0.1:{port}") as service:
        eventually((tmp_path / "mirror.follows").exists)
        (tmp_path / "later").touch()
        first = mirror_pid(tmp_path)
        os.kill(first, signal.SIGKILL)
        eventually(lambda: "mirror ended with code 2; started again in" in service.said())
        assert service.process.poll() is None
        (tmp_path / "later").unlink()
        eventually(lambda: not gone(mirror_pid(tmp_path)) and mirror_pid(tmp_path) != first, 30)


def test_a_process_that_crashes_quickly_is_started_again_ever_later(tmp_path: Path) -> None:
    port = free_port()
    said = [f"mirror ended with code 2; started again in {pause} s" for pause in (1.0, 2.0)]
    with running_sample(tmp_path, "later", listen=f"127.0.0.1:{port}") as service:
        eventually((tmp_path / "mirror.follows").exists)
        (tmp_path / "later").touch()
        os.kill(mirror_pid(tmp_path), signal.SIGKILL)
        eventually(lambda: all(line in service.said() for line in said), 30)


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
