"""A database that is damaged while workers answer from it: the report, the look, the new file; the lock and its folder."""

import contextlib
import logging
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.damage import Report, Verdict, clear_report, read_report, report_path, write_report
from shared.errors import MirrorRunning, StoreUnavailable
from shared.ldap.source import Kind
from shared.store import SCHEMA
from shared.writer import Store
from shared.writerlock import WriterLock, sole_writer
from tests.mirror.parts import (
    PERSONS,
    SERVER,
    TRUSTING,
    Cards,
    entries,
    entry,
    make_store,
    names,
    nothing,
    prepared_store,
    reader_of,
    whole,
)
from tests.mirror.runs import Run

PAGE = 4096


def loaded(folder: Path, count: int = 2000) -> Store:
    """A store whose file holds everything, with nothing in its log."""
    store = prepared_store(folder)
    store.apply(PERSONS, SERVER, None, whole(entries(count, "x" * 200)))
    assert store._file.empty_log()
    return store


def overwrite_middle(path: Path) -> None:
    with path.open("r+b") as file:
        size = file.seek(0, 2)
        for page in range(size // PAGE // 3, size // PAGE * 2 // 3):
            file.seek(page * PAGE)
            file.write(b"\xa5" * PAGE)


def truncate(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(5 * PAGE)


def empty(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(0)


def overwrite_with(other: Callable[[Path], None]) -> Callable[[Path], None]:
    def overwrite(path: Path) -> None:
        copy = path.with_name("other")
        other(copy)
        path.write_bytes(copy.read_bytes())

    return overwrite


def of_another_program(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE entries (what)")
    db.commit()
    db.close()


def of_another_service(path: Path) -> None:
    store = prepared_store(path.parent / "elsewhere", Cards(name="directory"))
    store.apply(PERSONS, SERVER, None, whole(entries(3)))
    store.close()
    shutil.copy(path.parent / "elsewhere" / "directory.db", path)


DAMAGES = {
    "pages in the middle": overwrite_middle,
    "cut": truncate,
    "empty": empty,
    "text": lambda path: path.write_bytes(b"no database at all" * 1000),
    "a database of another program": overwrite_with(of_another_program),
    "a database of another service": overwrite_with(of_another_service),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_what_a_worker_meets_is_loaded_anew_beside_it(
    tmp_path: Path, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "elsewhere").mkdir()
    path = tmp_path / "provision.db"
    store = loaded(tmp_path)
    readers = [reader_of(tmp_path) for _ in range(3)]
    for reader in readers:
        reader.status()
    damage(path)
    for reader in readers:
        reader._own.forget()  # and the pages that it has in memory
        for _ in range(3):
            with pytest.raises(StoreUnavailable):
                names(reader)
    assert [str(path) in record.getMessage() for record in caplog.records if record.name == "dialtree.store"] == [True]
    with pytest.raises(StoreUnavailable):
        store.look()
    store.prepare()
    if damage is overwrite_middle:
        assert "it is damaged (" in readers[0].status().problem
    assert store.cookie(PERSONS, SERVER) is None
    store.apply(PERSONS, SERVER, None, whole(entries(2)))
    assert [names(reader) for reader in readers] == [["name 0", "name 1"]] * 3
    assert readers[0].status().problem == ""
    assert not report_path(path).exists()
    assert len(list(tmp_path.glob("provision.db.corrupt-?"))) == 1


def test_each_is_noticed_by_the_mirror_itself_where_no_worker_asks(tmp_path: Path) -> None:
    for damage in (empty, overwrite_with(of_another_program)):
        folder = tmp_path / str(id(damage))
        folder.mkdir()
        store = loaded(folder)
        damage(folder / "provision.db")
        with pytest.raises(StoreUnavailable, match="damaged"):
            store.look()


def test_a_killed_mirror_goes_on_with_the_new_file(tmp_path: Path) -> None:
    path = tmp_path / "provision.db"
    store = loaded(tmp_path)
    overwrite_middle(path)
    write_report(path, Report((path.stat().st_dev, path.stat().st_ino), Verdict.SUSPECT, "x"))
    with pytest.raises(StoreUnavailable):
        store.look()
    store.prepare()
    inode = (tmp_path / "provision.db.new").stat().st_ino
    store._file.close()  # killed: nothing else is written
    store = prepared_store(tmp_path)
    assert (tmp_path / "provision.db.new").stat().st_ino == inode
    store.apply(PERSONS, SERVER, None, whole(entries(2)))
    assert names(reader_of(tmp_path)) == ["name 0", "name 1"]
    assert path.stat().st_ino == inode


def test_a_report_of_a_file_that_is_sound_is_removed_and_loads_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = loaded(tmp_path, 10)
    path = tmp_path / "provision.db"
    path.chmod(0o644)
    report_path(path).write_text("cut of", encoding="utf-8")
    assert "could not be read as it should" in reader_of(tmp_path).status().problem
    store.look()
    assert not report_path(path).exists()
    assert path.stat().st_mode & 0o777 == 0o600
    assert "nothing is wrong with it" in caplog.text
    assert store.cookie(PERSONS, SERVER) == b"1"
    write_report(path, Report((1, 2), Verdict.CONDEMNED, "an earlier file"))
    assert reader_of(tmp_path).status().problem == ""
    store.look()
    assert not report_path(path).exists()


def test_damage_that_only_a_worker_finds_is_believed_once_in_a_while(tmp_path: Path) -> None:
    store = loaded(tmp_path, 10)
    path = tmp_path / "provision.db"
    said = Report((path.stat().st_dev, path.stat().st_ino), Verdict.DAMAGE, "malformed")
    write_report(path, said)
    with pytest.raises(StoreUnavailable):
        store.look()
    store.prepare()
    store.apply(PERSONS, SERVER, None, whole(entries(2)))
    said = said._replace(file=(path.stat().st_dev, path.stat().st_ino))
    store._file._thorough_at = 0.0
    write_report(path, said)
    store.look()
    assert read_report(path) == said
    assert store.cookie(PERSONS, SERVER) == b"1"


@pytest.mark.parametrize(
    ("query", "is_reported"),
    [
        ("SELECT CAST(x'e9ff' AS TEXT) FROM status", True),
        ("SELECT 1 FROM nowhere", True),
        ("SELECT 1 FROM status", False),
    ],
)
def test_what_a_value_holds_is_in_no_report_log_or_error(
    tmp_path: Path, query: str, caplog: pytest.LogCaptureFixture, *, is_reported: bool
) -> None:
    loaded(tmp_path, 10)
    reader = reader_of(tmp_path)
    said = ""
    try:
        with reader.snapshot() as db:
            db.execute(query.replace("x'e9ff'", "x'73336372657420e9'")).fetchall()
    except StoreUnavailable as error:
        said = str(error)
    report = read_report(tmp_path / "provision.db")
    assert (report is not None) == is_reported
    assert "s3cret" not in f"{said}{report}{caplog.text}"


def test_a_value_that_cannot_be_understood_makes_the_mirror_look(tmp_path: Path) -> None:
    loaded(tmp_path, 10)
    with pytest.raises(ValueError, match="s3cret"), reader_of(tmp_path).snapshot():
        int("s3cret")
    report = read_report(tmp_path / "provision.db")
    assert report is not None
    assert (report.verdict, report.what) == (Verdict.SUSPECT, "what was read of it caused ValueError")


def test_a_folder_that_no_report_can_be_written_to_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> bool:
        raise PermissionError

    monkeypatch.setattr("shared.damage.write_report", refuse)
    loaded(tmp_path)
    overwrite_middle(tmp_path / "provision.db")
    reader = reader_of(tmp_path)
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            names(reader)
    assert [record.levelno for record in caplog.records if record.name == "dialtree.store"] == [logging.ERROR]


@pytest.mark.parametrize("suffix", ["-wal", "-shm"])
def test_a_log_that_was_removed_is_noticed_before_the_next_commit(tmp_path: Path, suffix: str) -> None:
    store = loaded(tmp_path, 10)
    (tmp_path / f"provision.db{suffix}").unlink()
    with pytest.raises(StoreUnavailable, match="removed or replaced its log"):
        store.apply(PERSONS, SERVER, b"1", whole(entries(3)))
    store.prepare()
    store.apply(PERSONS, SERVER, None, whole(entries(2)))
    assert names(reader_of(tmp_path)) == ["name 0", "name 1"]


def test_a_worker_whose_log_was_removed_reports_it_and_reads_the_new_one(tmp_path: Path) -> None:
    store = loaded(tmp_path, 10)
    path = tmp_path / "provision.db"
    reader = reader_of(tmp_path)
    for _ in range(3):
        assert len(names(reader)) == 10
    store._file.close()  # as a mirror that is killed
    path.with_name("provision.db-wal").unlink()
    with contextlib.suppress(StoreUnavailable):
        names(reader)
    report = read_report(path)
    assert report is not None
    assert report.verdict is Verdict.DAMAGE
    store = prepared_store(tmp_path)
    with pytest.raises(StoreUnavailable):
        store.look()
    store.prepare()
    store.apply(PERSONS, SERVER, None, whole(entries(2)))
    assert names(reader) == ["name 0", "name 1"]


def test_a_file_that_cannot_be_opened_since_its_log_was_removed_is_loaded_anew(tmp_path: Path) -> None:
    store = prepared_store(tmp_path)
    store.apply(PERSONS, SERVER, None, whole(entries(10)))  # in the log alone
    with reader_of(tmp_path).snapshot() as db:  # a worker that goes on reading keeps the index of the log
        (tmp_path / "provision.db-wal").unlink()
        store._file._connection = None  # killed
        store = make_store(tmp_path, kinds=(Kind.PERSON,))
        for _ in range(2):
            with contextlib.suppress(StoreUnavailable):
                store.prepare()
                store.look()
        store.prepare()
        store.apply(PERSONS, SERVER, None, whole(entries(2)))
        assert db.execute("SELECT count(*) FROM cards").fetchone()
    assert names(reader_of(tmp_path)) == ["name 0", "name 1"]


class TestTheFolder:
    """Removed, replaced or locked by another mirror while this one runs."""

    def locked(self, folder: Path, lock: WriterLock) -> Store:
        cards = Cards()
        path = folder / "provision.db"
        store = Store(path, cards, (Kind.PERSON,), secrets=(), guard=TRUSTING, now=lambda: 1000.0, lock=lock)
        store.prepare()
        return store

    def test_a_removed_folder_is_made_anew(self, tmp_path: Path) -> None:
        folder = tmp_path / "state"
        with sole_writer(folder, "provision") as lock:
            store = self.locked(folder, lock)
            store.apply(PERSONS, SERVER, None, whole(entries(1)))
            shutil.rmtree(folder)
            with pytest.raises(StoreUnavailable, match=r"provision\.lock"):
                store.apply(PERSONS, SERVER, b"1", whole(entries(3)))
            store.prepare()
            assert store.cookie(PERSONS, SERVER) is None
            store.apply(PERSONS, SERVER, None, whole(entries(2)))
            assert names(reader_of(folder)) == ["name 0", "name 1"]
            assert folder.stat().st_mode & 0o777 == 0o700
            with pytest.raises(MirrorRunning), sole_writer(folder, "provision"):
                pass

    def test_nothing_is_committed_once_the_lock_is_another_one(self, tmp_path: Path) -> None:
        with sole_writer(tmp_path, "provision") as lock:
            store = self.locked(tmp_path, lock)
            store.apply(PERSONS, SERVER, None, whole(entries(1)))

            def change() -> None:
                lock.path.unlink()

            store._tables.on_settle = lambda **_: change()  # type: ignore[attr-defined]
            with pytest.raises(StoreUnavailable, match="removed or replaced"):
                store.apply(PERSONS, SERVER, b"1", whole([entry(0, "changed")]))
            assert names(reader_of(tmp_path)) == ["name 0"]
            with sole_writer(tmp_path, "provision"), pytest.raises(MirrorRunning):
                store.prepare()
            store._tables.on_settle = lambda **_: None  # type: ignore[attr-defined]
            store.prepare()
            assert store.cookie(PERSONS, SERVER) == b"1"

    def test_a_mirror_ends_when_another_one_took_the_lock(self, tmp_path: Path) -> None:
        run = Run(tmp_path)
        run.source.put(Kind.PERSON, *entries(3))
        with sole_writer(tmp_path, "provision") as lock:
            run.lock = lock
            others = WriterLock(tmp_path, "provision")

            def take() -> None:
                lock.path.unlink()
                others.hold()
                run.source.put(Kind.PERSON, entry(0, "changed"))

            with pytest.raises(MirrorRunning):
                run.follow(take, nothing, nothing, nothing)
        others.release()
        assert run.names() == ["name 0", "name 1", "name 2"]


def test_a_running_mirror_repairs_what_a_worker_reported(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    problems: list[str] = []
    path = run.folder / "provision.db"

    def damage() -> None:
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        reader = reader_of(run.folder)
        assert len(names(reader)) == 40
        overwrite_with(of_another_program)(path)
        reader._own.forget()
        with pytest.raises(StoreUnavailable):
            names(reader)

    run.follow(damage, lambda: problems.append(str(read_report(path))), nothing)
    assert problems == ["it is damaged (another file was written over it); a new one is being loaded"]
    assert len(run.names()) == 40
    assert run.status().problem == "the mirror is not running"
    assert f"{path} was loaded anew" in caplog.text
    clear_report(path)
    assert sqlite3.connect(path).execute("PRAGMA user_version").fetchone() == (SCHEMA,)
