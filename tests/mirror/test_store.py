"""What an answer does to the store: entries, derived rows, cookies, holds, files."""

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from shared.config import Guard
from shared.errors import MirrorRunning, SourceUnavailable, StoreUnavailable
from shared.ldap.entry import Entry
from shared.ldap.source import Kind, Upsert
from shared.store import DDL, SCHEMA, EntryChange, Status
from shared.storefile import sole_writer
from shared.writer import Store, accept_holds
from tests.mirror.parts import (
    ACCOUNTS,
    KINDS,
    PERSONS,
    SERVER,
    Cards,
    entries,
    entry,
    gone,
    make_store,
    names,
    prepared_store,
    present,
    reader_of,
    some,
    stream,
    whole,
)


def status_of(folder: Path) -> Status:
    return reader_of(folder).status()


def test_the_first_answer_is_stored_whole(tmp_path: Path) -> None:
    store = prepared_store(tmp_path)
    applied = store.apply(PERSONS, SERVER, None, whole(entries(3)))
    assert (applied.touched, applied.entries, applied.hold) == (3, 3, None)
    assert names(reader_of(tmp_path)) == ["name 0", "name 1", "name 2"]


def test_entries_are_added_changed_moved_and_removed(tmp_path: Path) -> None:
    store = prepared_store(tmp_path)
    store.apply(PERSONS, SERVER, None, whole(entries(4)))
    moved = Entry(entry(1).uuid, "uid=u1,ou=moved,dc=example,dc=org", entry(1).attributes)
    answer = some(Upsert(entry(0, "changed")), Upsert(moved), gone(entry(2)), Upsert(entry(7)))
    applied = store.apply(PERSONS, SERVER, b"1", answer)
    assert (applied.touched, applied.entries) == (4, 4)
    with reader_of(tmp_path).snapshot() as db:
        assert db.execute("SELECT text, dn FROM cards ORDER BY uuid").fetchall() == [
            ("changed", "uid=u0,dc=example,dc=org"),
            ("name 1", "uid=u1,ou=moved,dc=example,dc=org"),
            ("name 3", "uid=u3,dc=example,dc=org"),
            ("name 7", "uid=u7,dc=example,dc=org"),
        ]


def test_what_a_complete_answer_does_not_mention_is_gone(tmp_path: Path) -> None:
    store = prepared_store(tmp_path)
    store.apply(PERSONS, SERVER, None, whole(entries(5)))
    answer = iter([present(entry(1), entry(3)), *whole([entry(4, "changed")], b"2")])
    assert store.apply(PERSONS, SERVER, b"1", answer).entries == 3
    assert names(reader_of(tmp_path)) == ["name 1", "name 3", "changed"]


def test_what_an_incomplete_answer_does_not_mention_stays(tmp_path: Path) -> None:
    store = prepared_store(tmp_path)
    store.apply(PERSONS, SERVER, None, whole(entries(3)))
    store.apply(PERSONS, SERVER, b"1", some(present(entry(0)), Upsert(entry(1, "changed"))))
    assert names(reader_of(tmp_path)) == ["name 0", "changed", "name 2"]


def test_an_answer_to_no_cookie_is_complete_whatever_it_says(tmp_path: Path) -> None:
    store = prepared_store(tmp_path)
    store.apply(PERSONS, SERVER, None, whole(entries(3)))
    store.apply(PERSONS, SERVER, None, some(Upsert(entry(1))))
    assert names(reader_of(tmp_path)) == ["name 1"]


def test_an_empty_complete_answer_removes_all(tmp_path: Path) -> None:
    store = prepared_store(tmp_path)
    store.apply(PERSONS, SERVER, None, whole(entries(3)))
    store.apply(PERSONS, SERVER, b"1", whole([], b"2"))
    assert names(reader_of(tmp_path)) == []
    assert status_of(tmp_path).loaded


def test_an_answer_that_says_nothing_new_derives_nothing(tmp_path: Path) -> None:
    tables = Cards()
    store = prepared_store(tmp_path, tables)
    store.apply(PERSONS, SERVER, None, whole(entries(3)))
    before, tables.settled = status_of(tmp_path), []
    assert store.apply(PERSONS, SERVER, None, whole(entries(3))).touched == 0
    assert tables.settled == []
    assert status_of(tmp_path).changed_at == before.changed_at


def test_the_last_word_on_an_entry_counts(tmp_path: Path) -> None:
    store = prepared_store(tmp_path)
    store.apply(PERSONS, SERVER, None, whole([entry(0, "a"), entry(0, "b"), entry(1)]))
    store.apply(
        PERSONS, SERVER, b"1", some(gone(entry(0)), Upsert(entry(0, "c")), Upsert(entry(1, "d")), gone(entry(1)))
    )
    assert names(reader_of(tmp_path)) == ["c"]


def test_removing_or_confirming_what_is_not_there_does_nothing(tmp_path: Path) -> None:
    store = prepared_store(tmp_path)
    store.apply(PERSONS, SERVER, None, whole(entries(1)))
    assert store.apply(PERSONS, SERVER, b"1", some(gone(entry(8)), present(entry(9)))).touched == 0
    assert names(reader_of(tmp_path)) == ["name 0"]


def test_values_come_back_as_they_were(tmp_path: Path) -> None:
    odd = Entry(entry(0).uuid, "cn=a\\2cb", {"cn": ('b"\n\x00é', "a\u2028"), "x": ("", "🦊")})
    store = prepared_store(tmp_path, tables := Cards())
    store.apply(PERSONS, SERVER, None, whole([odd]))
    store.apply(PERSONS, SERVER, b"1", some(gone(odd)))
    assert tables.changes == [
        EntryChange(Kind.PERSON, odd.uuid, None, odd),
        EntryChange(Kind.PERSON, odd.uuid, odd, None),
    ]


def test_a_large_answer_is_derived_in_parts_and_settled_once(tmp_path: Path) -> None:
    tables = Cards()
    store = prepared_store(tmp_path, tables)
    tables.settled = []
    store.apply(PERSONS, SERVER, None, whole(entries(2500)))
    store.apply(PERSONS, SERVER, b"1", some(gone(*entries(2400))))
    store.apply(PERSONS, SERVER, b"2", some(Upsert(entry(5000)), cookie=b"3"))
    assert tables.settled == [True, True, False]
    assert tables.most == 1000
    assert len(names(reader_of(tmp_path))) == 101


def test_kinds_are_kept_apart(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.prepare()
    store.apply(PERSONS, SERVER, None, whole(entries(3)))
    store.apply(ACCOUNTS, SERVER, None, whole([entry(1, "account", secret="s")]))
    store.apply(PERSONS, SERVER, b"1", whole([entry(1, "person")], b"2"))
    assert names(reader_of(tmp_path)) == ["account", "person"]
    assert status_of(tmp_path).entries == {Kind.ACCOUNT: 1, Kind.PERSON: 1}


def test_an_answer_without_an_end_is_not_stored(tmp_path: Path) -> None:
    store = prepared_store(tmp_path)
    store.apply(PERSONS, SERVER, None, whole(entries(1)))
    for broken in ([Upsert(entry(5))], []):
        with pytest.raises(SourceUnavailable):
            store.apply(PERSONS, SERVER, b"1", iter(broken))
    assert names(reader_of(tmp_path)) == ["name 0"]
    assert store.cookie(PERSONS, SERVER) == b"1"


def test_a_cookie_is_kept_for_its_server_and_search_only(tmp_path: Path) -> None:
    store = prepared_store(tmp_path)
    assert store.cookie(PERSONS, SERVER) is None
    store.apply(PERSONS, SERVER, None, whole(entries(1), b"\x00cookie"))
    store.close()
    store = prepared_store(tmp_path)
    assert store.cookie(PERSONS, SERVER) == b"\x00cookie"
    assert store.cookie(PERSONS, "ldap://two.example.org") is None
    assert store.cookie(stream(Kind.PERSON, "(cn=a*)"), SERVER) is None


def test_the_cookie_of_a_poll_without_changes_is_used_at_once_and_kept_at_the_end(tmp_path: Path) -> None:
    store = prepared_store(tmp_path)
    store.apply(PERSONS, SERVER, None, whole(entries(1), b"1"))
    for cookie in (b"2", b"3"):
        store.apply(PERSONS, SERVER, b"1", some(cookie=cookie))
        assert store.cookie(PERSONS, SERVER) == cookie
    store.close()
    assert prepared_store(tmp_path).cookie(PERSONS, SERVER) == b"3"


def test_polls_without_changes_write_every_five_seconds_at_most(tmp_path: Path) -> None:
    time = [1000.0]
    store = make_store(tmp_path, kinds=(Kind.PERSON,), now=lambda: time[0])
    store.prepare()
    store.apply(PERSONS, SERVER, None, whole(entries(1)))
    other = sqlite3.connect(tmp_path / "provision.db")
    seen = set()
    for _ in range(100):
        time[0] += 0.1
        store.apply(PERSONS, SERVER, b"1", some(cookie=b"1"))
        seen.add(other.execute("PRAGMA data_version").fetchone()[0])
    other.close()
    assert len(seen) == 3  # what the first load left, and two more in ten seconds
    assert status_of(tmp_path).confirmed_at == pytest.approx(1010, abs=5)


def test_the_copy_is_as_old_as_its_oldest_kind(tmp_path: Path) -> None:
    time = [1000.0]
    store = make_store(tmp_path, now=lambda: time[0])
    store.prepare()
    store.apply(PERSONS, SERVER, None, whole(entries(1)))
    time[0] = 2000.0
    store.apply(ACCOUNTS, SERVER, None, whole(entries(1)))
    assert status_of(tmp_path).confirmed_at == 1000.0
    assert status_of(tmp_path).changed_at == 2000.0
    time[0] = 2010.0
    store.apply(PERSONS, SERVER, b"1", some())
    assert status_of(tmp_path).confirmed_at == 2000.0
    store.apply(ACCOUNTS, SERVER, b"1", some())
    store.close()
    assert status_of(tmp_path).confirmed_at == 2010.0


def test_the_store_is_loaded_when_every_kind_was_read(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.prepare()
    store.apply(PERSONS, SERVER, None, whole(entries(1)))
    assert not status_of(tmp_path).loaded
    with pytest.raises(StoreUnavailable, match="not loaded yet"), reader_of(tmp_path).snapshot():
        pass
    store.apply(ACCOUNTS, SERVER, None, whole([]))
    assert status_of(tmp_path).loaded
    assert names(reader_of(tmp_path)) == ["name 0"]


@pytest.mark.parametrize(
    "after", [Cards(version=2, suffix="!"), Cards(fingerprint="g", suffix="!")], ids=["version", "configuration"]
)
def test_another_version_or_configuration_derives_anew_from_what_is_stored(tmp_path: Path, after: Cards) -> None:
    store = prepared_store(tmp_path)
    store.apply(PERSONS, SERVER, None, whole(entries(2100)))
    store.close()
    store = make_store(tmp_path, after, (Kind.PERSON,))
    assert "derived anew" in store.prepare()
    assert after.settled == [True]
    assert after.most == 1000
    found = names(reader_of(tmp_path, after))
    assert found[:2] == ["name 0!", "name 1!"]
    assert len(found) == 2100
    assert store.cookie(PERSONS, SERVER) == b"1"


def test_deriving_anew_can_be_ended_and_leaves_the_old_rows(tmp_path: Path) -> None:
    store = prepared_store(tmp_path)
    store.apply(PERSONS, SERVER, None, whole(entries(2)))
    store.close()

    def tick() -> None:
        raise KeyboardInterrupt

    store = make_store(tmp_path, Cards(fingerprint="g", suffix="!"), (Kind.PERSON,))
    with pytest.raises(KeyboardInterrupt):
        store.prepare(tick)
    assert names(reader_of(tmp_path)) == ["name 0", "name 1"]


def test_an_unchanged_version_settles_once_at_the_start(tmp_path: Path) -> None:
    prepared_store(tmp_path).close()
    tables = Cards()
    store = prepared_store(tmp_path, tables)
    assert store.prepare() == ""
    assert tables.settled == [False]


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


# Damaged, outdated, removed


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


def test_a_second_damaged_file_gets_a_name_of_its_own(tmp_path: Path) -> None:
    for _ in range(2):
        store = make_store(tmp_path, kinds=(Kind.PERSON,))
        (tmp_path / "provision.db").write_bytes(b"no database at all" * 1000)
        with pytest.raises(StoreUnavailable):
            store.prepare()
        store.prepare()
        store.apply(PERSONS, SERVER, None, whole(entries(1)))
        store.close()
    assert sorted(file.name for file in tmp_path.glob("*.corrupt-*")) == [
        "provision.db.corrupt-1",
        "provision.db.corrupt-2",
    ]


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


def test_a_fault_in_the_tables_is_no_fault_of_the_disk(tmp_path: Path) -> None:
    store = prepared_store(tmp_path, tables := Cards())
    store.apply(PERSONS, SERVER, None, whole(entries(1)))
    tables.suffix = "these are not the cards of before"
    with pytest.raises(AssertionError):
        store.apply(PERSONS, SERVER, b"1", some(gone(entry(0))))
    assert names(reader_of(tmp_path)) == ["name 0"]
    assert store.cookie(PERSONS, SERVER) == b"1"


# The guard


GUARD = Guard(share=0.2, least=3, window=100)


class Guarded:
    """A store with a guard that holds more than a fifth (and at least 3) within 100 seconds."""

    def __init__(self, folder: Path, count: int = 20) -> None:
        self.folder = folder
        self.time = 1000.0
        self.store: Store = make_store(folder, kinds=(Kind.PERSON,), guard=GUARD, now=lambda: self.time)
        self.store.prepare()
        self.store.apply(PERSONS, SERVER, None, whole([entry(number, secret="s3cret") for number in range(count)]))

    def keep(self, *numbers: int) -> bool:
        """Let the source have these only; tell whether that was believed."""
        found = [entry(number, secret="s3cret") for number in numbers]
        cookie = self.store.cookie(PERSONS, SERVER)
        return self.store.apply(PERSONS, SERVER, cookie, whole(found, b"2")).hold is None

    def count(self) -> int:
        return len(names(reader_of(self.folder)))


def test_an_emptied_source_is_held_and_the_copy_serves(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path)
    assert not guarded.keep()
    assert guarded.count() == 20
    assert guarded.store.cookie(PERSONS, SERVER) == b"1"
    (hold,) = status_of(tmp_path).holds
    assert (hold.kind, hold.since) == (Kind.PERSON, 1000.0)
    assert hold.what.startswith("20 of 20 person entries and 20 of 20 person secrets would go.")
    assert hold.what.endswith("dialtree provision mirror --accept")
    assert "s3cret" not in hold.what


def test_a_hold_keeps_its_time_and_clears_when_the_source_is_back_to_sense(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path)
    guarded.keep()
    guarded.time += 50
    assert not guarded.keep(1)
    assert status_of(tmp_path).holds[0].since == 1000.0
    assert status_of(tmp_path).holds[0].what.startswith("19 of 20")
    assert guarded.keep(*range(19))
    assert status_of(tmp_path).holds == ()
    assert guarded.count() == 19


def test_a_hold_clears_when_nothing_changed_after_all(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path)
    guarded.keep()
    guarded.store.apply(PERSONS, SERVER, b"1", some(cookie=b"1"))
    assert status_of(tmp_path).holds == ()


def test_small_removals_are_believed(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path)
    assert guarded.keep(*range(16))
    assert guarded.count() == 16


def test_a_drip_of_small_removals_is_held_within_the_window(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path)
    believed = []
    for left in range(19, 13, -1):
        guarded.time += 1
        believed.append(guarded.keep(*range(left)))
    assert believed == [True, True, True, True, False, False]
    assert guarded.count() == 16


def test_a_drip_is_believed_once_the_window_has_passed(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path)
    assert guarded.keep(*range(16))
    assert not guarded.keep(*range(13))
    guarded.time += 101
    assert guarded.keep(*range(13))


def test_removals_one_by_one_count_like_a_complete_answer(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path)
    assert guarded.store.apply(PERSONS, SERVER, b"1", some(*(gone(entry(n)) for n in range(5)))).hold is not None
    assert guarded.count() == 20


def test_lost_secrets_are_held_and_small_losses_believed(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path)
    without = [Upsert(entry(number)) for number in range(5)]
    assert guarded.store.apply(PERSONS, SERVER, b"1", some(*without)).hold is not None
    assert "0 of 20 person entries and 5 of 20 person secrets would go" in status_of(tmp_path).holds[0].what
    assert guarded.store.apply(PERSONS, SERVER, b"1", some(*without[:4])).hold is None


def test_what_is_held_is_applied_once_it_is_accepted(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path)
    guarded.keep(1)
    assert guarded.store.accepted() == frozenset()
    (hold,) = accept_holds(tmp_path / "provision.db")
    assert hold.what.startswith("19 of 20")
    assert guarded.store.accepted() == {Kind.PERSON}
    assert guarded.keep(1)
    assert guarded.count() == 1
    assert status_of(tmp_path).holds == ()
    assert accept_holds(tmp_path / "provision.db") == ()


def test_an_acceptance_is_used_up_and_the_window_begins_anew(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path)
    guarded.keep(*range(10))
    accept_holds(tmp_path / "provision.db")
    assert guarded.keep(*range(10))
    assert guarded.keep(*range(8))
    assert not guarded.keep()


def test_an_acceptance_does_not_cover_a_much_larger_removal(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path)
    guarded.keep(*range(10))
    accept_holds(tmp_path / "provision.db")
    assert not guarded.keep()
    assert guarded.count() == 20
    assert guarded.store.accepted() == frozenset()
    assert status_of(tmp_path).holds[0].what.startswith("20 of 20")
    assert not guarded.keep(*range(10))


def test_an_acceptance_ends_with_the_hold_it_was_given_for(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path)
    guarded.keep()
    accept_holds(tmp_path / "provision.db")
    assert guarded.keep(*range(20))
    assert not guarded.keep()


def test_an_acceptance_outlives_a_restart_of_the_mirror(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path)
    guarded.keep()
    guarded.store.close()
    accept_holds(tmp_path / "provision.db")
    store = make_store(tmp_path, kinds=(Kind.PERSON,), guard=GUARD)
    store.prepare()
    assert store.apply(PERSONS, SERVER, b"1", whole([], b"2")).hold is None
    assert names(reader_of(tmp_path)) == []


def test_another_server_or_search_is_guarded_like_every_refresh(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path)
    narrow = stream(Kind.PERSON, "(cn=nobody)")
    assert guarded.store.apply(narrow, SERVER, None, whole([])).hold is not None
    assert guarded.store.apply(PERSONS, "ldap://two", None, whole([])).hold is not None
    assert guarded.count() == 20


def test_kinds_are_guarded_each_on_their_own(tmp_path: Path) -> None:
    store = make_store(tmp_path, kinds=KINDS, guard=GUARD)
    store.prepare()
    store.apply(PERSONS, SERVER, None, whole(entries(20)))
    store.apply(ACCOUNTS, SERVER, None, whole(entries(20)))
    assert store.apply(PERSONS, SERVER, b"1", whole([], b"2")).hold is not None
    assert store.apply(ACCOUNTS, SERVER, b"1", whole(entries(18), b"2")).hold is None
    assert [hold.kind for hold in status_of(tmp_path).holds] == [Kind.PERSON]


def test_accepting_needs_a_file_of_this_version(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="run the mirror once"):
        accept_holds(tmp_path / "provision.db")
    sqlite3.connect(tmp_path / "provision.db").close()
    with pytest.raises(StoreUnavailable, match="another version"):
        accept_holds(tmp_path / "provision.db")


def test_the_mirrors_own_tables_are_what_the_contract_names() -> None:
    db = sqlite3.connect(":memory:")
    for statement in DDL:
        db.execute(statement)
    found = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")}
    db.close()
    assert found == {"status", "streams", "entries", "removals", "holds"}
