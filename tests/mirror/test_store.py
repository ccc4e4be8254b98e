"""What an answer does to the store: entries, derived rows, cookies, times."""

import sqlite3
from pathlib import Path

import pytest

from shared.errors import SourceUnavailable, StoreUnavailable
from shared.ldap.entry import Entry
from shared.ldap.source import Kind, Upsert
from shared.store import read_edition
from shared.tables import EntryChange
from tests.mirror.parts import (
    ACCOUNTS,
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
    status_of,
    stream,
    whole,
)


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
        EntryChange(Kind.PERSON, odd.uuid, odd._replace(stamp=None), None),
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


def test_the_edition_is_another_one_after_each_change_and_stays_meanwhile(tmp_path: Path) -> None:
    time = [1000.0]
    store, reader = make_store(tmp_path, now=lambda: time[0]), reader_of(tmp_path)
    store.prepare()

    def edition() -> int:
        with reader.snapshot() as db:
            return read_edition(db)

    store.apply(PERSONS, SERVER, None, whole(entries(3)))
    store.apply(ACCOUNTS, SERVER, None, whole(entries(1)))
    first = edition()
    time[0] = 1010.0
    store.apply(PERSONS, SERVER, b"1", some())
    store.report(connected=False, server=SERVER, problem="gone")
    assert edition() == first
    store.apply(PERSONS, SERVER, b"1", some(Upsert(entry(0, "changed"))))
    second = edition()
    store.apply(PERSONS, SERVER, b"2", some(gone(entry(0))))
    assert len({first, second, edition()}) == 3


def test_a_new_file_is_another_edition(tmp_path: Path) -> None:
    editions = set()
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        prepared_store(folder).apply(PERSONS, SERVER, None, whole(entries(3)))
        with reader_of(folder).snapshot() as db:
            editions.add(read_edition(db))
    assert len(editions) == 2


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


def test_a_fault_in_the_tables_is_no_fault_of_the_disk(tmp_path: Path) -> None:
    store = prepared_store(tmp_path, tables := Cards())
    store.apply(PERSONS, SERVER, None, whole(entries(1)))
    tables.suffix = "these are not the cards of before"
    with pytest.raises(AssertionError):
        store.apply(PERSONS, SERVER, b"1", some(gone(entry(0))))
    assert names(reader_of(tmp_path)) == ["name 0"]
    assert store.cookie(PERSONS, SERVER) == b"1"
    assert tables.abandoned == 1
