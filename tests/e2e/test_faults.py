"""What goes wrong in the world, and what phones notice of it: nothing, where that can be."""

import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stack import Stack, running_stack
from tests.tools import eventually

ALICE = "001F9F16E849"
ALICE_DN = "uid=alice.martin,ou=people,dc=example,dc=org"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("faults"), ldap={"operation_timeout": 1}) as stack:
        yield stack


def names_found(stack: Stack, query: str) -> list[str]:
    return re.findall(r"<Name>(.*?)</Name>", stack.get(f"/search?q={query}").body.decode("iso-8859-1"))


def change(dn: str, attribute: str, *values: str) -> str:
    lines = [f"dn: {dn}", "changetype: modify", f"replace: {attribute}", *(f"{attribute}: {value}" for value in values)]
    return "\n".join(lines) + "\n"


def status_of(stack: Stack, mac: str) -> int:
    return stack.get(f"/provisioning/ST2030/config/ST2030S_{mac}.txt").status


def log_of(stack: Stack, service: str = "provision") -> str:
    return (stack.folder / f"{service}.log").read_text(encoding="utf-8")


def test_a_killed_and_restarted_server_is_followed_again(stack: Stack) -> None:
    before = stack.file_of(ALICE)
    stack.slapd.kill()
    assert stack.file_of(ALICE) == before
    stack.slapd.start()
    stack.slapd.modify(change(ALICE_DN, "displayName", "Alice Reborn"))
    eventually(lambda: b"DisplayName1=Alice Reborn\r\n" in stack.file_of(ALICE), 30)


def test_a_frozen_server_is_noticed_and_followed_again(stack: Stack) -> None:
    stack.slapd.freeze()
    try:
        eventually(lambda: 'dialtree_store_connected{service="provision"} 0.0' in metrics(stack), 30)
        assert stack.file_of(ALICE)
    finally:
        stack.slapd.thaw()
    stack.slapd.modify(change(ALICE_DN, "displayName", "Alice Thawed"))
    eventually(lambda: b"DisplayName1=Alice Thawed\r\n" in stack.file_of(ALICE), 30)


def test_a_mirror_killed_with_9_is_started_again_and_goes_on(stack: Stack) -> None:
    killed = mirror_process(stack)
    import os

    os.kill(killed, signal.SIGKILL)
    eventually(lambda: mirror_process(stack) not in (0, killed), 30)
    stack.slapd.modify(change(ALICE_DN, "displayName", "Alice Again"))
    eventually(lambda: b"DisplayName1=Alice Again\r\n" in stack.file_of(ALICE), 30)


def test_a_missing_secret_refuses_that_phone_only_and_says_why(stack: Stack) -> None:
    others = stack.file_of("00147FE149A3")
    stack.slapd.modify(change(ALICE_DN, "AstAccountSecret"))
    eventually(lambda: status_of(stack, ALICE) == 404)
    assert stack.file_of("00147FE149A3") == others
    eventually(lambda: ALICE_DN in log_of(stack) and "AstAccountSecret" in log_of(stack))
    stack.slapd.modify(change(ALICE_DN, "AstAccountSecret", "back-again"))
    eventually(lambda: status_of(stack, ALICE) == 200)
    assert "back-again" not in log_of(stack)


def test_a_newline_in_a_display_name_injects_nothing(stack: Stack) -> None:
    import base64

    value = base64.b64encode(b"Alice\r\nTelnetPWD=owned").decode()
    stack.slapd.modify(f"dn: {ALICE_DN}\nchangetype: modify\nreplace: displayName\ndisplayName:: {value}\n")
    eventually(lambda: status_of(stack, ALICE) == 404)
    stack.slapd.modify(change(ALICE_DN, "displayName", "Alice Martin"))
    eventually(lambda: status_of(stack, ALICE) == 200)
    assert b"owned" not in stack.file_of(ALICE)


def test_a_cyrillic_name_is_refused_for_the_phone_and_found_in_the_phonebook(stack: Stack) -> None:
    stack.slapd.modify(change(ALICE_DN, "displayName", "Алиса Мартин"))
    eventually(lambda: status_of(stack, ALICE) == 404)
    eventually(lambda: names_found(stack, "alisa"))
    stack.slapd.modify(change(ALICE_DN, "displayName", "Alice Martin"))
    eventually(lambda: status_of(stack, ALICE) == 200)


def test_two_entries_with_one_mac_are_both_refused(stack: Stack) -> None:
    twin = "cn=phone-1002,ou=phones,dc=example,dc=org"
    stack.slapd.modify(change(twin, "macAddress", "00:1F:9F:16:E8:49"))
    eventually(lambda: status_of(stack, ALICE) == 404)
    stack.slapd.modify(change(twin, "macAddress", "00:14:7f:e1:49:a3"))
    eventually(lambda: status_of(stack, ALICE) == 200)


@pytest.mark.parametrize(
    "mac",
    ["001F9F8500EA", "001F9F850391", "AAAAAAAAAAAA"],
    ids=["no secret", "owner does not exist", "unknown"],
)
def test_refused_phones_look_like_unknown_ones(stack: Stack, mac: str) -> None:
    answer = stack.get(f"/provisioning/ST2030/config/ST2030S_{mac}.txt")
    unknown = stack.get("/provisioning/ST2030/config/ST2030S_BBBBBBBBBBBB.txt")
    assert (answer.status, answer.body) == (404, unknown.body)
    assert {**answer.headers, "date": ""} == {**unknown.headers, "date": ""}


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/search?q=" + "a" * 5000, (200, 400)),
        ("/search?q=%zz%", (200, 400)),
        ("/search?q=%00", (200,)),
        ("/search?q=martin%00", (200,)),
        ("/provisioning/ST2030/config/../../../etc/passwd", (404, 400)),
        ("/provisioning/ST2030/data/..%2f..%2f..%2fetc/passwd", (404, 400)),
        ("/provisioning/ST2030/data/%2e%2e/%2e%2e/dialtree.toml", (404, 400)),
        ("/provisioning/ST2030/data/", (404,)),
        ("/provisioning/ST2030/data", (404,)),
        ("//provisioning//ST2030//config//ST2030S_001F9F16E849.txt", (200,)),
        ("//search?q=martin", (200,)),
        ("/sT2030.INF", (200,)),
        ("/metrics", (404,)),
        ("/readyz", (404,)),
        ("/healthz", (404,)),
        ("/", (404,)),
    ],
)
def test_odd_requests_get_a_plain_answer(stack: Stack, target: str, status: tuple[int, ...]) -> None:
    answer = stack.get(target)
    assert answer.status in status, answer
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    "line",
    [
        b"GET http://phones.example.org/ST2030.inf HTTP/1.1",
        b"GET http://phones.example.org/provisioning/ST2030/config/ST2030S_001F9F16E849.txt HTTP/1.1",
        b"GET /search?q=Zo\xe9 HTTP/1.1",
        b"GET /search?q=Zo\xc3\xa9 HTTP/1.1",
        b"GET //ST2030.inf HTTP/1.1",
    ],
    ids=["absolute-form inf", "absolute-form phone", "raw ISO-8859-1", "raw UTF-8", "doubled slash"],
)
def test_request_lines_of_old_phones_are_understood(stack: Stack, line: bytes) -> None:
    with socket.create_connection(("127.0.0.1", stack.port), timeout=10) as connection:
        connection.sendall(line + b"\r\nHost: phones.example.org\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 "), answer[:300]
    assert b"\r\nContent-Length: " in answer
    if b"search" in line:
        assert "Zoé".encode("iso-8859-1") in answer


def test_only_get_and_head_are_answered(stack: Stack) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert stack.get("/ST2030.inf", method).status in (403, 404, 405)
    head, whole = stack.get("/ST2030.inf", "HEAD"), stack.get("/ST2030.inf")
    assert head.status == 200
    assert head.body == b""
    assert head.headers["content-length"] == str(len(whole.body))


def test_no_secret_and_no_query_reaches_a_log(stack: Stack) -> None:
    secret = re.search(rb"regpwd1=([^\r\n]+)", stack.file_of(ALICE))
    assert secret is not None
    stack.get("/search?q=verysecretquery")
    logs = "".join(p.read_text(encoding="utf-8", errors="replace") for p in stack.folder.rglob("*.log"))
    assert "ST2030" in logs
    assert secret.group(1).decode() not in logs
    assert "verysecretquery" not in logs


def test_an_emptied_directory_is_held_until_it_is_accepted(tmp_path: Path) -> None:
    with running_stack(tmp_path) as stack:
        before = stack.file_of(ALICE)
        stack.slapd.delete_tree("ou=people,dc=example,dc=org")
        eventually(lambda: re.search(r'dialtree_store_holds{service="provision"} [1-9]', metrics(stack)))
        assert stack.file_of(ALICE) == before
        assert names_found(stack, "martin")
        for service in ("provision", "directory"):
            accepted = eventually(lambda service=service: accept(stack, service), 30)  # type: ignore[misc]
            assert "Accepted" in accepted
        eventually(lambda: names_found(stack, "martin") == [], 30)
        eventually(lambda: status_of(stack, ALICE) == 404, 30)


def test_a_size_limit_is_reported_and_nothing_is_lost(tmp_path: Path) -> None:
    with running_stack(tmp_path) as stack:
        before = stack.file_of(ALICE)
        stack.slapd.stop()
        stack.slapd.size_limit = 5
        stack.slapd.start()
        stack.stop_services()
        for database in (stack.folder / "state").glob("directory.db*"):
            database.unlink()
        with pytest.raises(BaseException):  # noqa: B017, PT011  # the directory service cannot become ready
            stack.start_services()
        assert "size" in log_of(stack, "directory")
        assert stack.file_of(ALICE) == before


def accept(stack: Stack, service: str) -> str:
    done = stack.dialtree(service, "mirror", "--accept")
    return done.stdout if "Accepted" in done.stdout else ""


def metrics(stack: Stack) -> str:
    from tests.e2e.stack import get

    return get(stack.provision_port, "/metrics").body.decode()


def mirror_process(stack: Stack) -> int:
    """The process id of the provision service's mirror, from the lock it holds; 0 while there is none."""
    lock = stack.folder / "state" / "provision.lock"
    inode = lock.stat().st_ino if lock.exists() else -1
    for line in Path("/proc/locks").read_text(encoding="ascii").splitlines():
        fields = line.split()
        if f":{inode}" in line and "FLOCK" in fields:
            return int(fields[4])
    return 0
