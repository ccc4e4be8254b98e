"""A service as it runs: several processes, killed, stopped and asked over real HTTP."""

import os
import signal
import socket
import threading
from pathlib import Path

import pytest

from tests.tools import eventually, free_port
from tests.web.http import ask, need_ipv6
from tests.web.sample import answers, running_sample


def gone(pid: int) -> bool:
    """Tell whether a process ended; one that nobody has waited for yet has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def mirror_pid(folder: Path) -> int:
    file = folder / "mirror.pid"
    return int(eventually(lambda: file.exists() and file.read_text(encoding="ascii")))


def pid_of(port: int) -> int:
    return int(ask(port, "/search/pid").body)


def two_ports() -> int:
    """A port that is free, as is that of the second worker."""
    return free_port(10)


def test_each_worker_answers_on_its_own_port(tmp_path: Path) -> None:
    port = two_ports()
    with running_sample(tmp_path, listen=f"127.0.0.1:{port}", workers=2) as service:
        eventually(lambda: answers(port) and answers(port + 10))
        pids = {pid_of(port), pid_of(port + 10)}
        assert len(pids) == 2
        assert service.process.pid not in pids
        service.process.terminate()
        assert service.process.wait(20) == 0
    assert all(gone(pid) for pid in pids)


def test_a_worker_that_dies_is_started_again_and_nobody_is_refused(tmp_path: Path) -> None:
    port = free_port()
    with running_sample(tmp_path, listen=f"127.0.0.1:{port}") as service:
        eventually(lambda: answers(port))
        for _ in range(2):
            first = pid_of(port)
            os.kill(first, signal.SIGKILL)
            assert pid_of(port) != first  # asked at once: the connection waits, it is not refused
        assert "worker 1 ended with code -9" in service.said()


def test_sigterm_lets_a_request_finish_and_ends_every_process(tmp_path: Path) -> None:
    port, marker = free_port(), tmp_path / "slow request"
    with running_sample(tmp_path, "follow", listen=f"127.0.0.1:{port}") as service:
        eventually(lambda: answers(port))
        pids = [pid_of(port), mirror_pid(tmp_path)]
        got: list[bytes] = []
        target = f"/search/slow?marker={marker}".replace(" ", "%20")
        slow = threading.Thread(target=lambda: got.append(ask(port, target).body))
        idle = socket.create_connection(("127.0.0.1", port))  # a keep-alive connection must not hold the end up
        slow.start()
        eventually(marker.exists)
        service.process.send_signal(signal.SIGTERM)
        eventually((tmp_path / "mirror.ended").exists)  # so the worker was told too
        assert not got
        marker.unlink()
        slow.join(20)
        assert got == [b"slow, but answered"]
        assert service.process.wait(20) == 0
        idle.close()
        assert all(gone(pid) for pid in pids)


def test_no_process_is_left_when_the_parent_is_killed(tmp_path: Path) -> None:
    port = free_port()
    with running_sample(tmp_path, "follow", listen=f"127.0.0.1:{port}") as service:
        eventually(lambda: answers(port))
        pids = [pid_of(port), mirror_pid(tmp_path)]
        service.process.kill()
        service.process.wait()
        eventually(lambda: all(gone(pid) for pid in pids))


def test_a_second_signal_ends_what_does_not_listen(tmp_path: Path) -> None:
    port = free_port()
    with running_sample(tmp_path, "deaf", listen=f"127.0.0.1:{port}") as service:
        eventually(lambda: answers(port))
        mirror = mirror_pid(tmp_path)
        service.process.send_signal(signal.SIGINT)
        eventually(lambda: not answers(port))
        service.process.send_signal(signal.SIGINT)
        assert service.process.wait(20) == 0
        assert gone(mirror)
        assert "mirror does not end and is killed" in service.said()


def test_a_mirror_that_dies_is_started_again(tmp_path: Path) -> None:
    with running_sample(tmp_path, "follow", listen=f"127.0.0.1:{free_port()}"):
        first = mirror_pid(tmp_path)
        os.kill(first, signal.SIGKILL)
        eventually(lambda: mirror_pid(tmp_path) != first)


def test_a_configuration_error_of_the_mirror_ends_the_service_with_its_sentence(tmp_path: Path) -> None:
    with running_sample(tmp_path, "misconfigured", listen=f"127.0.0.1:{free_port()}") as service:
        assert service.process.wait(20) == 2
        assert "directory mirror: configuration: ldap.ca_file: does not exist; name a file" in service.said()
        assert "Traceback" not in service.said()


@pytest.mark.parametrize("taken", [0, 1])
def test_a_port_in_use_is_one_clear_line(tmp_path: Path, taken: int) -> None:
    port = two_ports()
    with (
        socket.create_server(("127.0.0.1", port + 10 * taken)),
        running_sample(tmp_path, listen=f"127.0.0.1:{port}", workers=2) as service,
    ):
        assert service.process.wait(20) == 2
        [line] = service.said().splitlines()
        assert f"directory.listen: cannot listen on 127.0.0.1:{port + 10 * taken}" in line
        assert "Address already in use" in line


@pytest.mark.parametrize("listen", ["127.0.0.1:65530", "192.0.2.1:8081"])
def test_an_address_that_cannot_be_is_one_clear_line(tmp_path: Path, listen: str) -> None:
    with running_sample(tmp_path, listen=listen, workers=2) as service:
        assert service.process.wait(20) == 2
        [line] = service.said().splitlines()
        assert "directory.listen: cannot listen on" in line


def test_a_service_listens_on_ipv6(tmp_path: Path) -> None:
    need_ipv6()
    port = free_port()
    with running_sample(tmp_path, listen=f"[::1]:{port}"):
        with socket.create_server(("127.0.0.1", port)):  # IPv6 only: the IPv4 port stays free for another
            pass
        eventually(lambda: answers(port, "::1"))
