"""A changed configuration: commands say that the service runs with the older one, SIGHUP brings it to the phones."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.demo.processes import Children
from tests.e2e.stack import SAMPLE, Stack, get, run_dialtree, running_stack
from tests.tools import eventually, free_port

ALICE = "001F9F16E849"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("reload")) as running:
        yield running


def test_a_command_names_the_process_to_reload_and_the_reload_reaches_the_phones(stack: Stack) -> None:
    assert "older configuration" not in stack.dialtree("check").stderr
    text = stack.config_file.read_text(encoding="utf-8")
    stack.config_file.write_text(text.replace("10.0.8.165", "10.0.8.200"), encoding="utf-8")
    said = stack.dialtree("check").stderr
    match = re.search(r"the provision service at \S+ runs with an older configuration .*kill -HUP (\d+)", said)
    assert match is not None, said
    for command in (["render", ALICE], ["diff", "--ldif", str(SAMPLE)], ["explain", ALICE], ["firmware", "list"]):
        assert "older configuration" in stack.dialtree(*command).stderr, command
    for command in (["lint"], ["search", "martin"]):
        assert "the directory service at" in stack.dialtree(*command).stderr, command
    assert b"=10.0.8.165\r\n" in both_files(stack)
    os.kill(int(match[1]), signal.SIGHUP)
    eventually(lambda: b"=10.0.8.200\r\n" in both_files(stack) and b"10.0.8.165" not in both_files(stack))
    assert "older configuration" not in stack.dialtree("check").stderr


def both_files(stack: Stack) -> bytes:
    """The common file that the general file of the moment names, and the phone file."""
    found = re.search(rb"common_config=(?:\S*/)?(\S+)", stack.get("/ST2030.inf").body)
    assert found is not None
    return stack.get(f"/provisioning/ST2030/config/{found[1].decode()}").body + stack.file_of(ALICE)


def test_a_faulty_configuration_is_named_by_the_service_that_goes_on(stack: Stack) -> None:
    text = stack.config_file.read_text(encoding="utf-8")
    before = stack.file_of(ALICE)
    stack.config_file.write_text(text + "\n[guard]\nshare = 7\n", encoding="utf-8")
    try:
        process = get_process(stack)
        os.kill(process, signal.SIGHUP)
        log = stack.folder / "provision.log"
        eventually(lambda: "nothing is reloaded" in log.read_text(encoding="utf-8"))
        assert "reload: configuration: guard.share" in log.read_text(encoding="utf-8")
        assert stack.file_of(ALICE) == before
    finally:
        stack.config_file.write_text(text, encoding="utf-8")


def get_process(stack: Stack) -> int:
    found = re.search(rb'"process": (\d+)', get(stack.provision_port, "/readyz").body)
    assert found is not None
    return int(found[1])


def test_the_directory_service_needs_no_secret_of_the_provision_service(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "dialtree.toml").write_text(
        f"""[ldap]
source = "ldif"
ldif_file = "{SAMPLE}"
[ldap.provision_bind]
dn = "cn=provision,dc=example,dc=org"
password_file = "not for this process"
[provision.settings_file]
"sys.WebPWD" = "neither is this"
[directory]
listen = "127.0.0.1:{port}"
""",
        encoding="utf-8",
    )
    children = Children(tmp_path)
    try:
        children.start_dialtree("directory", ["--config", str(tmp_path / "dialtree.toml"), "directory", "serve"])
        eventually(lambda: is_ready(children, port), 30)
        assert b"Martin" in get(port, "/search?q=martin").body
    finally:
        children.end()
    refused = run_dialtree("--config", str(tmp_path / "dialtree.toml"), "provision", "serve")
    assert refused.returncode == 2
    assert "ldap.provision_bind.password_file: cannot read" in refused.stderr
    assert "provision.settings_file.sys.WebPWD: cannot read" in refused.stderr


def is_ready(children: Children, port: int) -> bool:
    children.check()
    try:
        return get(port, "/readyz").status == 200
    except OSError:
        return False
