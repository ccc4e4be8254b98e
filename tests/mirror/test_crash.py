"""The mirror is killed, or the disk is full, at the worst moment: what was committed stays, what was not is as if never begun."""

import contextlib
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.errors import StoreUnavailable
from shared.ldap.source import Upsert
from shared.writer import Store
from tests.mirror.parts import PERSONS, SERVER, Cards, entries, entry, names, prepared_store, reader_of, some, whole
from tests.mirror.victim import COUNT


def kill_at(folder: Path, point: str) -> None:
    """Let a process write up to the point, and kill it there."""
    command = [sys.executable, "-m", "tests.mirror.victim", str(folder), point]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as victim:
        assert victim.stdout is not None
        try:
            assert victim.stdout.readline() == "here\n"
        finally:
            victim.kill()
    assert victim.returncode == -9


def first_load(folder: Path) -> None:
    store = prepared_store(folder)
    store.apply(PERSONS, SERVER, None, whole(entries(COUNT + 2, "before"), b"before"))
    store.close()


@pytest.mark.parametrize("point", ["0", "1", "1500", "2999", "end", "settle"])
def test_a_kill_during_a_refresh_leaves_the_old_state_and_cookie(tmp_path: Path, point: str) -> None:
    first_load(tmp_path)
    kill_at(tmp_path, point)
    assert names(reader_of(tmp_path)) == ["before"] * (COUNT + 2)
    store = prepared_store(tmp_path)
    assert store.cookie(PERSONS, SERVER) == b"before"
    store.apply(PERSONS, SERVER, b"before", whole(entries(COUNT, "after"), b"after"))
    assert names(reader_of(tmp_path)) == ["after"] * COUNT


def test_a_kill_after_the_commit_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    first_load(tmp_path)
    kill_at(tmp_path, "committed")
    assert names(reader_of(tmp_path)) == ["after"] * COUNT
    store = prepared_store(tmp_path, tables := Cards())
    assert store.cookie(PERSONS, SERVER) == b"after"
    assert store.apply(PERSONS, SERVER, b"after", whole(entries(COUNT, "after"), b"after")).touched == 0
    assert tables.changes == []


def test_kills_again_and_again_during_the_first_load_leave_nothing_behind(tmp_path: Path) -> None:
    for point in ("1500", "settle", "end", "2000"):
        kill_at(tmp_path, point)
        with pytest.raises(StoreUnavailable, match="not loaded yet"), reader_of(tmp_path).snapshot():
            pass
    store = prepared_store(tmp_path)
    assert store.cookie(PERSONS, SERVER) is None
    assert store.apply(PERSONS, SERVER, None, whole(entries(3))).touched == 3
    assert names(reader_of(tmp_path)) == ["name 0", "name 1", "name 2"]


def test_a_kill_before_the_commit_of_another_configuration_leaves_the_old_rows(tmp_path: Path) -> None:
    first_load(tmp_path)
    script = (
        "import sys; from pathlib import Path; from tests.mirror.parts import *; from tests.mirror.victim import *\n"
        "tables = Victim('settle'); tables.settled = [True]; tables.fingerprint = 'g'; tables.suffix = '!'\n"
        "prepared_store(Path(sys.argv[1]), tables)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True) as victim:
        assert victim.stdout is not None
        assert victim.stdout.readline() == "here\n"
        victim.kill()
    assert set(names(reader_of(tmp_path))) == {"before"}
    prepared_store(tmp_path, Cards(fingerprint="g", suffix="!"))
    assert names(reader_of(tmp_path)) == ["before!"] * (COUNT + 2)


@contextlib.contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond the size, as a full disk would (Python ignores SIGXFSZ)."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def fill(store: Store, folder: Path) -> None:
    """A batch that does not fit."""
    with (
        files_up_to((folder / "provision.db").stat().st_size + 200_000),
        pytest.raises(StoreUnavailable, match=r"provision\.db cannot be written"),
    ):
        store.apply(PERSONS, SERVER, b"1", whole(entries(30_000, "y" * 500), b"2"))


def test_a_full_disk_leaves_the_old_copy_and_the_batch_is_stored_once_there_is_room(tmp_path: Path) -> None:
    store = prepared_store(tmp_path)
    store.apply(PERSONS, SERVER, None, whole(entries(500)))
    before = names(reader_of(tmp_path))
    for _ in range(3):
        fill(store, tmp_path)
        store.prepare()
        assert names(reader_of(tmp_path)) == before
        assert store.cookie(PERSONS, SERVER) == b"1"
    assert store.apply(PERSONS, SERVER, b"1", some(Upsert(entry(0, "small")), cookie=b"2")).touched == 1
    store.apply(PERSONS, SERVER, b"2", whole(entries(3000, "y" * 500), b"3"))
    assert set(names(reader_of(tmp_path))) == {"y" * 500}


def test_a_full_disk_can_be_reported(tmp_path: Path) -> None:
    store = prepared_store(tmp_path)
    store.apply(PERSONS, SERVER, None, whole(entries(500)))
    fill(store, tmp_path)
    store.report(connected=True, server=SERVER, problem="the disk is full")
    assert reader_of(tmp_path).status().problem == "the disk is full"


def test_a_database_that_may_not_grow_leaves_the_old_copy(tmp_path: Path) -> None:
    store = prepared_store(tmp_path)
    store.apply(PERSONS, SERVER, None, whole(entries(50)))
    pages = store._file.db.execute("PRAGMA page_count").fetchone()[0]
    store._file.db.execute(f"PRAGMA max_page_count = {pages + 5}")
    with pytest.raises(StoreUnavailable, match="database or disk is full"):
        store.apply(PERSONS, SERVER, b"1", some(*map(Upsert, entries(5000))))
    assert names(reader_of(tmp_path)) == [f"name {number}" for number in range(50)]
    store._file.db.execute("PRAGMA max_page_count = 1000000")
    store.apply(PERSONS, SERVER, b"1", some(*map(Upsert, entries(5000))))
    assert len(names(reader_of(tmp_path))) == 5000


def test_a_full_disk_at_the_start_is_unavailable_and_tried_again(tmp_path: Path) -> None:
    with files_up_to(0), pytest.raises(StoreUnavailable):
        prepared_store(tmp_path)
    prepared_store(tmp_path).apply(PERSONS, SERVER, None, whole(entries(1)))
    assert names(reader_of(tmp_path)) == ["name 0"]
