"""The files of a store: for whom they are, how they grow, and what happens when one is damaged, outdated or removed."""

import os
import shutil
import sqlite3
import stat
from pathlib import Path

import pytest

from shared.errors import MirrorRunning, StoreUnavailable
from shared.ldap.source import Kind, Upsert
from shared.store import DDL, SCHEMA
from shared.writerlock import sole_writer
from tests.mirror.parts import (
    PERSONS,
    SERVER,
    Cards,
    entries,
    entry,
    gone,
    make_store,
    names,
    prepared_store,
    reader_of,
    some,
    whole,
)


def test_all_files_are_for_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    before = os.umask(0)
    try:
        with sole_writer(folder, "provision"):
            store = prepared_store(folder)
            store.apply(PERSONS, SERVER, None, whole(entries(1)))
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.glob("provision.db*")}
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(("provision.db", "provision.db-wal", "provision.db-shm"), 0o600)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    prepared_store(tmp_path).close()
    (tmp_path / "provision.db").chmod(0o644)
    prepared_store(tmp_path)
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.glob("provision.db*")} == {0o600}


def test_only_one_mirror_of_a_service_runs(tmp_path: Path) -> None:
    with sole_writer(tmp_path, "provision"):
        with pytest.raises(MirrorRunning, match="another mirror of provision"), sole_writer(tmp_path, "provision"):
            pass
        with sole_writer(tmp_path, "directory"):
            pass
    with sole_writer(tmp_path, "provision"):
        pass


def test_the_log_does_not_grow_without_bound(tmp_path: Path) -> None:
    store = prepared_store(tmp_path)
    for round_ in range(3):
        store.apply(PERSONS, SERVER, None, whole(entries(20_000, f"{round_} {'x' * 800}")))
        assert (tmp_path / "provision.db-wal").stat().st_size < 17_000_000


def spoil(path: Path) -> bytes:
    """Overwrite all but the first page."""
    content = path.read_bytes()
    damaged = content[:4096] + b"\xa5" * (len(content) - 4096)
    path.write_bytes(damaged)
    return damaged


@pytest.mark.parametrize("whole_file", [False, True], ids=["malformed", "not a database"])
def test_a_damaged_file_is_set_aside_once_a_new_one_is_loaded(tmp_path: Path, *, whole_file: bool) -> None:
    path = tmp_path / "provision.db"
    store = prepared_store(tmp_path)
    store.apply(PERSONS, SERVER, None, whole(entries(500)))
    store.close()
    damaged = spoil(path)
    if whole_file:
        damaged = b"\xa5" * len(damaged)
        path.write_bytes(damaged)
    for attempt in (1, 2):
        store = make_store(tmp_path, kinds=(Kind.PERSON,))
        if attempt == 1:  # another process knows it at once
            with pytest.raises(StoreUnavailable, match=r"provision\.db cannot be written"):
                store.prepare()
        store.prepare()
        assert store.cookie(PERSONS, SERVER) is None
        assert path.read_bytes() == damaged
        if attempt == 1:
            store.close()  # the mirror ends before the load, and begins again
    store.apply(PERSONS, SERVER, None, whole(entries(2)))
    assert names(reader_of(tmp_path)) == ["name 0", "name 1"]
    assert (tmp_path / "provision.db.corrupt-1").read_bytes() == damaged
    assert store.cookie(PERSONS, SERVER) == b"1"
    store.apply(PERSONS, SERVER, b"1", some(gone(entry(0))))
    assert names(reader_of(tmp_path)) == ["name 1"]
    store.close()
    assert sorted(file.name for file in tmp_path.glob("*.new*")) == []


def test_the_last_two_damaged_files_are_kept(tmp_path: Path) -> None:
    for number in range(4):
        store = make_store(tmp_path, kinds=(Kind.PERSON,))
        (tmp_path / "provision.db").write_bytes(f"no database at all {number}".encode() * 1000)
        with pytest.raises(StoreUnavailable):
            store.prepare()
        store.prepare()
        store.apply(PERSONS, SERVER, None, whole(entries(1)))
        store.close()
    assert sorted(file.name for file in tmp_path.glob("*.corrupt-*")) == [
        "provision.db.corrupt-3",
        "provision.db.corrupt-4",
    ]
    assert (tmp_path / "provision.db.corrupt-4").read_bytes().startswith(b"no database at all 3")


def test_a_damaged_file_that_may_hold_what_is_hidden_now_is_not_kept(tmp_path: Path) -> None:
    tables = Cards()
    tables.keeps_damaged = False
    store = make_store(tmp_path, tables, kinds=(Kind.PERSON,))
    (tmp_path / "provision.db").write_bytes(b"Ottilie, in no database at all" * 1000)
    with pytest.raises(StoreUnavailable):
        store.prepare()
    store.prepare()
    store.apply(PERSONS, SERVER, None, whole(entries(1)))
    store.close()
    assert [file.name for file in tmp_path.iterdir() if b"Ottilie" in file.read_bytes()] == []


def test_a_file_of_another_schema_serves_until_the_new_one_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "provision.db"
    old = sqlite3.connect(path)
    old.execute("PRAGMA journal_mode = WAL")
    old.execute("CREATE TABLE served (text)")
    old.execute("INSERT INTO served VALUES ('old')")
    old.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    old.commit()
    store = prepared_store(tmp_path)
    with pytest.raises(StoreUnavailable, match="another version"):
        reader_of(tmp_path).status()
    store.apply(PERSONS, SERVER, None, some(Upsert(entry(0))))
    assert old.execute("SELECT text FROM served").fetchall() == [("old",)]
    old.close()
    assert names(reader_of(tmp_path)) == ["name 0"]
    assert [file.name for file in tmp_path.glob("*.corrupt-*")] == []


def test_a_new_file_that_was_loaded_but_not_put_in_place_is_put_in_place_at_the_start(tmp_path: Path) -> None:
    store = prepared_store(tmp_path)
    store.apply(PERSONS, SERVER, None, whole(entries(2)))
    store.close()
    (tmp_path / "provision.db").rename(tmp_path / "provision.db.new")
    old = sqlite3.connect(tmp_path / "provision.db")
    old.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    old.close()
    store = prepared_store(tmp_path)
    assert names(reader_of(tmp_path)) == ["name 0", "name 1"]
    assert store.cookie(PERSONS, SERVER) == b"1"


def test_a_removed_file_is_noticed_and_loaded_anew(tmp_path: Path) -> None:
    time = [1000.0]
    store = make_store(tmp_path, kinds=(Kind.PERSON,), now=lambda: time[0])
    store.prepare()
    store.apply(PERSONS, SERVER, None, whole(entries(1)))
    (tmp_path / "provision.db").unlink()
    time[0] += 10
    with pytest.raises(StoreUnavailable, match="removed or replaced"):
        store.apply(PERSONS, SERVER, b"1", some())
    store.prepare()
    assert store.cookie(PERSONS, SERVER) is None
    store.apply(PERSONS, SERVER, None, whole(entries(2)))
    assert names(reader_of(tmp_path)) == ["name 0", "name 1"]


def test_the_mirrors_own_tables_are_what_the_contract_names() -> None:
    db = sqlite3.connect(":memory:")
    for statement in DDL:
        db.execute(statement)
    found = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")}
    db.close()
    assert found == {
        "status", "streams", "entries", "removals", "holds", "hidden", "comparison", "complete_reads",
    }  # fmt: skip


def test_a_file_from_a_backup_is_followed_from_its_own_cookie(tmp_path: Path) -> None:
    path, backup = tmp_path / "provision.db", tmp_path / "backup"
    time = [1000.0]
    store = make_store(tmp_path, kinds=(Kind.PERSON,), now=lambda: time[0])
    store.prepare()
    store.apply(PERSONS, SERVER, None, whole(entries(1), b"old"))
    store.close()
    shutil.copy(path, backup)
    store.prepare()
    store.apply(PERSONS, SERVER, b"old", some(Upsert(entry(0, "changed")), cookie=b"new"))
    store.apply(PERSONS, SERVER, b"new", some(cookie=b"newest"))
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"provision.db{suffix}").unlink()
    backup.replace(path)
    time[0] += 10
    with pytest.raises(StoreUnavailable, match="removed or replaced"):
        store.apply(PERSONS, SERVER, b"newest", some(cookie=b"newest"))
    store.prepare()
    assert store.cookie(PERSONS, SERVER) == b"old"
    assert names(reader_of(tmp_path)) == ["name 0"]


def test_a_new_file_that_is_needed_no_more_is_removed(tmp_path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        (tmp_path / f"provision.db.new{suffix}").touch()
    prepared_store(tmp_path)
    assert list(tmp_path.glob("*.new*")) == []
