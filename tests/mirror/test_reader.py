"""What workers see of the store, while the mirror writes, is down, or puts another file in place."""

import os
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.errors import StoreUnavailable
from shared.ldap.source import Kind, Upsert
from shared.store import Reader
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
from tests.tools import eventually


def refused(reader: Reader) -> str:
    """The message with which a snapshot is refused."""
    with pytest.raises(StoreUnavailable) as refusal, reader.snapshot():
        pytest.fail("the snapshot was given")
    return str(refusal.value)


def test_a_missing_file_is_unavailable_and_is_read_once_it_is_there(tmp_path: Path) -> None:
    reader = reader_of(tmp_path)
    assert refused(reader) == (
        f"{tmp_path}/provision.db does not exist yet: start `dialtree provision mirror` (or `serve`) and see its log"
    )
    with pytest.raises(StoreUnavailable):
        reader.status()
    prepared_store(tmp_path).apply(PERSONS, SERVER, None, whole(entries(1)))
    assert names(reader) == ["name 0"]


def test_a_file_that_was_only_just_made_is_unavailable(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "provision.db").close()
    (tmp_path / "provision.db").touch()
    reader = reader_of(tmp_path)
    assert "is being made" in refused(reader)
    prepared_store(tmp_path).apply(PERSONS, SERVER, None, whole(entries(1)))
    assert names(reader) == ["name 0"]


def test_the_status_can_be_read_before_the_first_load(tmp_path: Path) -> None:
    store = prepared_store(tmp_path)
    store.report(connected=True, server=SERVER, problem="slow")
    status = reader_of(tmp_path).status()
    assert (status.loaded, status.connected, status.server, status.problem) == (False, True, SERVER, "slow")
    assert (status.confirmed_at, status.changed_at, status.entries, status.holds) == (0.0, 1000.0, {}, ())


@pytest.mark.parametrize("tables", [Cards(version=2), Cards(name="directory")], ids=["version", "service"])
def test_a_file_of_other_tables_is_unavailable(tmp_path: Path, tables: Cards) -> None:
    prepared_store(tmp_path).apply(PERSONS, SERVER, None, whole(entries(1)))
    reader = Reader(tmp_path / "provision.db", tables.name, tables.version)
    assert "is of another version of dialtree" in refused(reader)
    with pytest.raises(StoreUnavailable):
        reader.status()


def test_a_reader_notices_when_the_tables_change_under_it(tmp_path: Path) -> None:
    store = prepared_store(tmp_path)
    store.apply(PERSONS, SERVER, None, whole(entries(1)))
    reader, later = reader_of(tmp_path), reader_of(tmp_path, Cards(version=2))
    assert names(reader) == ["name 0"]
    store.close()
    prepared_store(tmp_path, Cards(version=2, suffix="!"))
    assert "another version" in refused(reader)
    assert names(later) == ["name 0!"]


def test_a_reader_that_trusts_for_a_moment_notices_too(tmp_path: Path) -> None:
    store = prepared_store(tmp_path)
    store.apply(PERSONS, SERVER, None, whole(entries(1)))
    reader = reader_of(tmp_path, trusted=0.1)
    assert names(reader) == ["name 0"]
    store.close()
    prepared_store(tmp_path, Cards(version=2, suffix="!"))
    eventually(lambda: is_refused(reader))


def is_refused(reader: Reader) -> bool:
    try:
        with reader.snapshot():
            return False
    except StoreUnavailable:
        return True


def test_a_damaged_file_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "provision.db").write_bytes(b"no database at all" * 1000)
    assert "cannot be read (file is not a database)" in refused(reader_of(tmp_path))


def test_a_fault_in_a_query_is_unavailable_and_the_next_snapshot_works(tmp_path: Path) -> None:
    prepared_store(tmp_path).apply(PERSONS, SERVER, None, whole(entries(1)))
    reader = reader_of(tmp_path)
    with pytest.raises(StoreUnavailable, match="no such table"), reader.snapshot() as db:
        db.execute("SELECT 1 FROM nowhere")
    with pytest.raises(KeyError), reader.snapshot():
        raise KeyError
    assert names(reader) == ["name 0"]


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    prepared_store(tmp_path).apply(PERSONS, SERVER, None, whole(entries(1)))
    with pytest.raises(StoreUnavailable, match="readonly"), reader_of(tmp_path).snapshot() as db:
        db.execute("DELETE FROM cards")


def test_a_snapshot_belongs_to_one_moment_and_the_next_one_to_a_later(tmp_path: Path) -> None:
    store = prepared_store(tmp_path)
    store.apply(PERSONS, SERVER, None, whole(entries(1)))
    reader = reader_of(tmp_path)
    with reader.snapshot() as db:
        store.apply(PERSONS, SERVER, b"1", some(Upsert(entry(0, "later"))))
        assert db.execute("SELECT text FROM cards").fetchall() == [("name 0",)]
    assert names(reader) == ["later"]


def test_a_replaced_file_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    for folder, name in ((tmp_path, "old"), (tmp_path / "other", "new")):
        store = prepared_store(folder)
        store.apply(PERSONS, SERVER, None, whole([entry(0, name)]))
        store.close()
    reader = reader_of(tmp_path)
    assert names(reader) == ["old"]
    (tmp_path / "other" / "provision.db").replace(tmp_path / "provision.db")
    assert names(reader) == ["new"]


def test_a_reader_works_with_the_mirror_down(tmp_path: Path) -> None:
    store = prepared_store(tmp_path)
    store.apply(PERSONS, SERVER, None, whole(entries(2)))
    store.close()
    assert [file.name for file in tmp_path.iterdir()] == ["provision.db"]
    assert names(reader_of(tmp_path)) == ["name 0", "name 1"]


def test_a_reader_works_in_a_fresh_process_after_the_mirror_was_killed(tmp_path: Path) -> None:
    writer = (
        "import os, sys; from pathlib import Path; from tests.mirror.parts import *\n"
        "prepared_store(Path(sys.argv[1])).apply(PERSONS, SERVER, None, whole(entries(2)))\n"
        "os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", writer, tmp_path], check=False).returncode == -9
    assert (tmp_path / "provision.db-wal").stat().st_size > 0
    reader = "import sys; from pathlib import Path; from tests.mirror.parts import *; print(names(reader_of(Path(sys.argv[1]))))"
    done = subprocess.run([sys.executable, "-c", reader, tmp_path], check=True, capture_output=True, text=True)
    assert done.stdout == "['name 0', 'name 1']\n"


def test_a_path_with_signs_of_a_url_can_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "a?mode=rw#b%20c"
    folder.mkdir()
    prepared_store(folder).apply(PERSONS, SERVER, None, whole(entries(1)))
    assert names(reader_of(folder)) == ["name 0"]


def test_a_relative_path_can_be_read(tmp_path: Path) -> None:
    prepared_store(tmp_path).apply(PERSONS, SERVER, None, whole(entries(1)))
    assert names(reader_of(Path(os.path.relpath(tmp_path)))) == ["name 0"]


def test_no_thread_ever_sees_half_a_change(tmp_path: Path) -> None:
    """Each batch gives all 1200 entries, and one more, the same new name."""
    store = make_store(tmp_path, Cards(), (Kind.PERSON,))
    store.prepare()
    store.apply(PERSONS, SERVER, None, whole(entries(1200, "0")))
    reader = reader_of(tmp_path)
    over = threading.Event()

    def watch() -> list[str]:
        seen: list[str] = []
        while not over.is_set():
            with reader.snapshot() as db:
                (found,) = db.execute("SELECT min(text), max(text), count(*) FROM cards").fetchall()
                stored = db.execute("SELECT count(*) FROM entries").fetchone()[0]
            assert found[0] == found[1]
            assert found[2] == stored == 1200 + int(found[0])
            seen.append(found[0])
        return seen

    with ThreadPoolExecutor(4) as pool:
        watching = [pool.submit(watch) for _ in range(4)]
        try:
            for number in range(1, 9):
                store.apply(PERSONS, SERVER, b"1", whole(entries(1200 + number, str(number))))
            store.apply(PERSONS, SERVER, b"1", some(gone(entry(1207)), Upsert(entry(1209, "8"))))
        finally:
            over.set()
        for seen in (each.result() for each in watching):
            assert seen == sorted(seen)
            assert seen[-1] in {"7", "8"}
