"""The mirror as a process: it ends when it is asked to, and says what it sees, whatever the server does."""

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.demo.slapd import PrivateSlapd
from shared.configfile import toml_value
from shared.store import Reader
from tests.e2e.stack import SAMPLE, SCHEMAS, SUFFIX, get, run_dialtree, running_stack
from tests.ldap.fakes import done, fake_server
from tests.mirror.houses import house
from tests.tools import eventually, need_tool

PATIENCE = 10.0
"""Seconds in which a process must have ended that is to end within two: the machine may be busy."""


def config_file(folder: Path, **ldap: object) -> Path:
    file = folder / "dialtree.toml"
    settings = {"base": SUFFIX, "operation_timeout": 30, "connect_timeout": 30, **ldap}
    lines = [f"state_dir = {toml_value(str(folder / 'state'))}", "[ldap]"]
    file.write_text("\n".join((*lines, *(f"{name} = {toml_value(value)}" for name, value in settings.items()))) + "\n")
    return file


@contextmanager
def mirror(file: Path, service: str = "provision") -> Iterator[subprocess.Popen[bytes]]:
    """Run a mirror; its log is beside the configuration."""
    with (file.parent / "mirror.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.cli", "--config", str(file), service, "mirror"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def log_of(file: Path) -> str:
    return (file.parent / "mirror.log").read_text(encoding="utf-8", errors="replace")


def ends(process: subprocess.Popen[bytes]) -> bool:
    process.send_signal(signal.SIGTERM)
    return process.wait(PATIENCE) == 0


@pytest.fixture
def slapd(tmp_path: Path) -> Iterator[PrivateSlapd]:
    need_tool("slapd")
    with PrivateSlapd(tmp_path / "slapd", schemas=SCHEMAS, suffix=SUFFIX, ldif=SAMPLE) as running:
        yield running


def reader(file: Path) -> Reader:
    from services.provision.tables import ProvisionTables

    return Reader(file.parent / "state" / "provision.db", "provision", ProvisionTables.version, 0.0)


def test_a_mirror_ends_while_a_frozen_server_keeps_it_waiting_and_said_so_before(
    slapd: PrivateSlapd, tmp_path: Path
) -> None:
    file = config_file(tmp_path, urls=[slapd.url])
    with mirror(file) as process:
        eventually(lambda: "read all profile entries" in log_of(file))
        slapd.freeze()
        try:
            problem = eventually(lambda: not reader(file).status().connected and reader(file).status().problem)
            assert problem == f"{slapd.url} has not answered for 5 s; it is waited for"
            assert ends(process)
        finally:
            slapd.thaw()


def test_a_mirror_ends_while_it_waits_for_a_bind(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connected = threading.Event()
        opened: list[socket.socket] = []

        def accept() -> None:
            opened.append(listener.accept()[0])
            connected.set()

        thread = threading.Thread(target=accept)
        thread.start()
        with mirror(config_file(tmp_path, urls=[f"ldap://127.0.0.1:{listener.getsockname()[1]}"])) as process:
            assert connected.wait(30)
            assert ends(process)
        thread.join()
        opened[0].close()


def test_a_mirror_ends_in_the_middle_of_a_large_load_and_loads_again(tmp_path: Path) -> None:
    content = tmp_path / "house.ldif"
    content.write_text(house(15_000), encoding="utf-8")
    file = config_file(tmp_path, source="ldif", ldif_file=str(content))
    database = tmp_path / "state" / "directory.db"
    with mirror(file, "directory") as process:
        eventually(database.exists)
        assert ends(process)
    with mirror(file, "directory") as process:
        eventually(lambda: "person entries" in log_of(file), 60)
        assert ends(process)


def test_what_a_server_says_makes_no_lines_and_no_colours_in_the_log(tmp_path: Path) -> None:
    with fake_server(done(52, "\x1b[31mred\r\n2026-01-01 ERROR dialtree: forged \u202e")) as url:
        file = config_file(tmp_path, urls=[url])
        with mirror(file) as process:
            eventually(lambda: "forged" in log_of(file))
            problem = eventually(lambda: reader(file).status().problem)
            assert ends(process)
    assert problem.isprintable()
    assert "\x1b" not in log_of(file)
    assert [line for line in log_of(file).splitlines() if line.startswith("2026-01-01 ERROR")] == []


def test_a_service_says_what_the_last_comparison_found_and_reads_everything_when_it_is_asked(tmp_path: Path) -> None:
    with running_stack(tmp_path) as stack:

        def readiness() -> dict[str, object]:
            found: dict[str, object] = json.loads(get(stack.provision_port, "/readyz").body)
            return found

        eventually(lambda: readiness()["compared_seconds_ago"] is not None)
        assert readiness()["difference"] == ""
        said = stack.dialtree("provision", "mirror", "--refresh")
        assert (said.returncode, said.stdout) == (0, "The mirror reads everything again: now, or when it starts.\n")
        log = stack.folder / "provision.log"
        eventually(lambda: "everything is read again, as somebody asked" in log.read_text(encoding="utf-8"))
        eventually(lambda: log.read_text(encoding="utf-8").count("read all person entries") == 2)
        checked = stack.dialtree("check")
        assert "are not as LDAP shows them" not in checked.stdout


def test_a_refresh_of_a_service_that_never_ran_says_what_to_do(tmp_path: Path) -> None:
    said = run_dialtree(
        "--config", str(config_file(tmp_path, urls=["ldap://127.0.0.1"])), "directory", "mirror", "--refresh"
    )
    assert said.returncode == 1
    assert "run the mirror once" in said.stderr
