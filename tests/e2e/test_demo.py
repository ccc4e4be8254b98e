"""`make run`, as a person meets it: what it prints is true, and Ctrl-C ends all that it started."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from services.demo.run import plan_demo, run_demo
from tests.e2e.stack import SAMPLE, get, run_dialtree
from tests.tools import eventually, free_port, need_tool


def free_range() -> int:
    """A port whose two successors are free too."""
    return free_port(1, 2)


@contextmanager
def running_demo(folder: Path, port: int, *options: str) -> Iterator[tuple["subprocess.Popen[str]", Path]]:
    said = folder / "said"
    with said.open("w", encoding="utf-8") as output:
        command = [sys.executable, "-m", "services.cli", "demo", "--port", str(port), "--folder", str(folder / "demo")]
        process = subprocess.Popen(
            [*command, *options], stdout=output, stderr=output, text=True, start_new_session=True
        )
    try:
        eventually(lambda: process.poll() is not None or "Ctrl-C ends" in said.read_text(encoding="utf-8"), 60)
        yield process, said
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def family(pid: int) -> list[int]:
    """Return the process and all below it; one that ends while they are listed is left out."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [pid, *(below for child in children for below in family(child))]


@pytest.mark.parametrize("ldap", ["ldif", "slapd"])
def test_the_lines_that_it_prints_can_be_tried_and_ctrl_c_ends_everything(tmp_path: Path, ldap: str) -> None:
    need_tool("nginx")
    need_tool("slapd")
    directory = tmp_path / "people.ldif"
    directory.write_bytes(SAMPLE.read_bytes())
    port = free_range()
    with running_demo(tmp_path, port, "--ldap", ldap, "--ldif", str(directory)) as (process, said):
        printed = said.read_text(encoding="utf-8")
        started = family(process.pid)
        answers = [fetch(url) for url in re.findall(r"curl '?(http[^ '\n]*)", printed)]
        assert [b"[config]" in answers[0], b"config_sn=" in answers[1], b"Martin" in answers[2]] == [True, True, True]
        for line in re.findall(r"dialtree (simulate .*)", printed):
            assert run_dialtree(*line.split(), "--strict").returncode == 0, line
        if ldap == "slapd":
            command = re.search(r"printf .*\n.*ldapmodify .*", printed)
            assert command is not None
            subprocess.run(command.group(), shell=True, check=True, capture_output=True)
        else:
            text = directory.read_text(encoding="utf-8").replace(
                "displayName: Alice Martin", "displayName: Alice Dupont"
            )
            directory.write_text(text, encoding="utf-8")
        eventually(lambda: b"Dupont" in get(port, "/search?q=dupont").body)
    assert process.returncode == 0
    assert [pid for pid in started if is_alive(pid)] == []


def test_a_broken_edit_of_the_file_keeps_the_last_good_content(tmp_path: Path) -> None:
    need_tool("nginx")
    directory = tmp_path / "people.ldif"
    good = SAMPLE.read_text(encoding="utf-8")
    directory.write_text(good, encoding="utf-8")
    port = free_range()
    with running_demo(tmp_path, port, "--ldif", str(directory)) as (_, _said):
        before = get(port, "/search?q=martin").body
        directory.write_text(good.replace("sn: Dupin", "sn Dupin"), encoding="utf-8")
        log = tmp_path / "demo" / "directory.log"
        line = good.partition("sn: Dupin")[0].count("\n") + 1
        eventually(lambda: re.search(rf"people\.ldif.*\b{line}\b", log.read_text(encoding="utf-8")))
        assert get(port, "/search?q=martin").body == before
        directory.write_text(good.replace("Jean Dupin", "Jean Mended"), encoding="utf-8")
        eventually(lambda: b"Mended" in get(port, "/search?q=mended").body)


def test_without_nginx_the_services_answer_on_their_own_ports_and_it_says_so(tmp_path: Path) -> None:
    plan = replace(plan_demo(free_range(), tmp_path / "demo", "ldif"), with_nginx=False)
    said: list[str] = []
    stop = threading.Event()
    demo = threading.Thread(target=run_demo, args=(plan, said.append, stop))
    demo.start()
    try:
        eventually(lambda: any("Ctrl-C" in line for line in said), 60)
        assert any("nginx is not installed" in line for line in said)
        inf = get(plan.provision_port, "/ST2030.inf").body
        assert f"http://127.0.0.1:{plan.provision_port}/provisioning/ST2030/config/".encode() in inf
        (plan.folder / "vendor" / "Tone-CW.txt").write_bytes(b"stand-in\r\n")
        tone = eventually(
            lambda: re.search(rb"call_waiting_tone=http://[^/]*(/\S*)", get(plan.provision_port, "/ST2030.inf").body)
        )
        assert tone is not None
        assert get(plan.provision_port, tone.group(1).decode()).body == b"stand-in\r\n"
        assert b"Martin" in get(plan.directory_port, "/search?q=martin").body
    finally:
        stop.set()
        demo.join()


def test_a_port_in_use_is_one_clear_line(tmp_path: Path) -> None:
    port = free_port(-1)
    with socket.create_server(("127.0.0.1", port)):
        done = run_dialtree("demo", "--port", str(port - 1), "--folder", str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"port {port} of 127.0.0.1 cannot be used" in done.stderr


def test_a_broken_configuration_is_reported_whole_before_a_socket_opens(tmp_path: Path) -> None:
    file = tmp_path / "dialtree.toml"
    file.write_text("[ldap]\nspeed = 1\n[guard]\nshare = 7\n", encoding="utf-8")
    for command in (["provision", "serve"], ["directory", "mirror"], ["check-config"], ["export", "nginx"]):
        done = run_dialtree("--config", str(file), *command)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 2
        assert "Traceback" not in done.stderr


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:
        body: bytes = answer.read()
    return body


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
