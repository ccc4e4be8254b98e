"""Design law 11 in the store: what is held, what is believed, and what an acceptance covers."""

import sqlite3
from pathlib import Path

import pytest

from shared.acceptance import accept_holds
from shared.config import Guard
from shared.errors import StoreUnavailable
from shared.guard import Tally
from shared.ldap.source import Kind, Upsert
from shared.writer import Store
from tests.mirror.parts import (
    ACCOUNTS,
    KINDS,
    PERSONS,
    SERVER,
    entries,
    entry,
    gone,
    make_store,
    names,
    reader_of,
    some,
    status_of,
    stream,
    whole,
)

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


def test_more_than_the_caller_allows_waits_unless_it_was_accepted(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path)
    two = [entry(18), entry(19)]
    assert guarded.store.apply(PERSONS, SERVER, b"1", some(gone(*two)), Tally(1, 2)).leaving == Tally(2, 2)
    assert guarded.count() == 20
    assert guarded.store.cookie(PERSONS, SERVER) == b"1"
    assert status_of(tmp_path).holds == ()
    assert guarded.store.apply(PERSONS, SERVER, b"1", some(gone(*two)), Tally(2, 2)).leaving is None
    assert guarded.count() == 18
    everybody = guarded.store.apply(PERSONS, SERVER, b"2", whole([], b"3"), Tally())
    assert (everybody.hold, everybody.leaving) == (None, Tally(18, 18))
    guarded.keep()
    accept_holds(tmp_path / "provision.db")
    guarded.store.apply(PERSONS, SERVER, b"2", whole([], b"3"), Tally())
    assert guarded.count() == 0


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


def test_what_went_before_an_acceptance_counts_no_more(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path)
    assert guarded.keep(*range(16))
    assert not guarded.keep(*range(6))
    accept_holds(tmp_path / "provision.db")
    assert guarded.keep(*range(6))
    assert guarded.keep(*range(5))


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
