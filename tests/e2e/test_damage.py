"""The service's databases are damaged, replaced or removed while real workers and mirrors run: phones get 200 or 503, never 404."""

import json
import os
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from tests.e2e.stack import Answer, Stack, get, running_stack
from tests.tools import eventually

ALICE = "/provisioning/ST2030/config/ST2030S_001F9F16E849.txt"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("damage")) as stack:
        yield stack


def readyz(stack: Stack) -> Answer:
    return get(stack.provision_port, "/readyz")


def problem_of(stack: Stack) -> str:
    return str(json.loads(readyz(stack).body)["problem"])


def mirror_process(stack: Stack) -> int:
    """The process id of the provision service's mirror, from the lock it holds; 0 while there is none."""
    lock = stack.folder / "state" / "provision.lock"
    inode = lock.stat().st_ino if lock.exists() else -1
    for line in Path("/proc/locks").read_text(encoding="ascii").splitlines():
        fields = line.split()
        if f":{inode}" in line and "FLOCK" in fields:
            return int(fields[4])
    return 0


def checkpointed(path: Path) -> Path:
    """The file, with all that it says in it and nothing in its log."""

    def is_empty() -> bool:
        db = sqlite3.connect(path, timeout=5)
        try:
            return not db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            db.close()

    eventually(is_empty)
    return path


def overwrite_middle(path: Path) -> None:
    with checkpointed(path).open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(4096)
        file.write(b"\xa5" * (size - 2 * 4096))


def cut(path: Path) -> None:
    with checkpointed(path).open("r+b") as file:
        file.truncate(3 * 4096)


def write_over(path: Path) -> None:
    path.write_bytes(b"<html>not a database</html>" * 1000)


def copy_the_other(path: Path) -> None:
    checkpointed(path).write_bytes(checkpointed(path.with_name("directory.db")).read_bytes())


def take_the_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name("taken"))
    shutil.rmtree(path.parent.with_name("taken"))


def remove_the_log(path: Path) -> None:
    path.with_name(f"{path.name}-wal").unlink()


@pytest.mark.parametrize(
    ("damage", "killed"),
    [
        *product((overwrite_middle, cut, write_over, copy_the_other, take_the_folder), (False, True)),
        (remove_the_log, False),
    ],
)
def test_a_damaged_database_is_answered_with_503_and_loaded_anew(stack: Stack, damage: object, *, killed: bool) -> None:
    assert callable(damage)
    path = stack.folder / "state" / "provision.db"
    eventually(lambda: stack.get(ALICE).status == 200, 60)
    good = stack.file_of("001F9F16E849")
    eventually(lambda: problem_of(stack) == "", 60)
    mirror, inode = eventually(lambda: mirror_process(stack)), path.stat().st_ino
    seen = {200}
    damage(path)
    if killed:
        os.kill(mirror, signal.SIGKILL)

    def is_repaired() -> bool:
        answer = stack.get(ALICE)
        seen.add(answer.status)
        assert answer.status != 200 or answer.body == good
        return path.exists() and path.stat().st_ino != inode and answer.status == 200

    eventually(is_repaired, 60)
    eventually(lambda: readyz(stack).status == 200 and problem_of(stack) == "", 60)
    assert seen <= {200, 503}
    assert stack.get(ALICE).body == good
    assert len(list(path.parent.glob("provision.db.corrupt-?"))) <= 2
    assert not list(path.parent.glob("*.damaged"))


def test_the_log_names_the_file(stack: Stack) -> None:
    log = (stack.folder / "provision.log").read_text(encoding="utf-8")
    assert "state/provision.db cannot be read as it should (" in log
    assert "state/provision.db is damaged (" in log
    assert "Traceback" not in log


def test_workers_go_on_following_a_mirror_that_was_killed_once_the_log_was_gone(stack: Stack) -> None:
    path = stack.folder / "state" / "provision.db"
    mirror = eventually(lambda: mirror_process(stack))
    remove_the_log(path)
    os.kill(mirror, signal.SIGKILL)
    eventually(lambda: mirror_process(stack) not in (0, mirror), 60)
    stack.slapd.modify(
        "dn: uid=alice.martin,ou=people,dc=example,dc=org\nchangetype: modify\nreplace: displayName\ndisplayName: Alice Back\n"
    )
    eventually(lambda: b"DisplayName1=Alice Back\r\n" in stack.get(ALICE).body, 60)
    eventually(lambda: problem_of(stack) == "", 60)
