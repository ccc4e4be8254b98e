"""What is hidden is never stored: what the store does with entries that the service's tables do not admit."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.config import Guard
from shared.hiding import count_hidden
from shared.ldap.entry import Entry
from shared.ldap.source import Kind, Stream, Upsert
from shared.writer import Store
from tests.mirror.parts import (
    PERSONS,
    SERVER,
    TRUSTING,
    Cards,
    entries,
    entry,
    gone,
    names,
    prepared_store,
    present,
    reader_of,
    some,
    status_of,
    whole,
)


def hiding(fingerprint: str = "f") -> Cards:
    """Tables that hide whoever is called `hidden…`, and for another reason whoever is called `secret…`."""
    tables = Cards(fingerprint=fingerprint)
    tables.hides = lambda found: next((rule for rule in ("hidden", "secret") if rule in found.attributes["cn"][0]), "")
    return tables


def counts(folder: Path) -> dict[str, int]:
    with reader_of(folder).snapshot() as db:
        return count_hidden(db, Kind.PERSON)


def files(folder: Path) -> bytes:
    """Every byte of every file of the store."""
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()) if file.is_file())


@contextmanager
def hiding_store(folder: Path, guard: Guard = TRUSTING, tables: Cards | None = None) -> Iterator[Store]:
    store = prepared_store(folder, tables or hiding(), guard)
    try:
        yield store
    finally:
        store.close()


def idle(store: Store, times: int = 3) -> None:
    """Polls that bring nothing."""
    for _ in range(times):
        store.apply(PERSONS, SERVER, b"2", some(cookie=b"2"))


def test_a_hidden_entry_is_not_stored_but_counted_by_its_rule(tmp_path: Path) -> None:
    with hiding_store(tmp_path) as store:
        store.apply(
            PERSONS, SERVER, None, whole([entry(0), entry(1, "hidden A"), entry(2, "secret B"), entry(3, "secret C")])
        )
        assert names(reader_of(tmp_path)) == ["name 0"]
        assert counts(tmp_path) == {"hidden": 1, "secret": 2}
        assert status_of(tmp_path).entries == {Kind.PERSON: 1}


def test_nothing_of_a_hidden_entry_is_in_any_file_of_the_store(tmp_path: Path) -> None:
    hidden = Entry("deadbeef-0000-4000-8000-000000000000", "uid=veryhidden,dc=example", {"cn": ("hidden Ottilie",)})
    with hiding_store(tmp_path) as store:
        store.apply(PERSONS, SERVER, None, whole([entry(0), hidden]))
        found = files(tmp_path)
    for text in (b"Ottilie", b"veryhidden", b"deadbeef"):
        assert text not in found
    assert b"name 0" in found


def test_an_entry_that_is_hidden_goes_and_one_that_is_shown_again_comes(tmp_path: Path) -> None:
    with hiding_store(tmp_path) as store:
        store.apply(PERSONS, SERVER, None, whole(entries(2)))
        store.apply(PERSONS, SERVER, b"1", some(Upsert(entry(1, "hidden"))))
        assert (names(reader_of(tmp_path)), counts(tmp_path)) == (["name 0"], {"hidden": 1})
        store.apply(PERSONS, SERVER, b"2", some(Upsert(entry(1, "shown"))))
        assert (names(reader_of(tmp_path)), counts(tmp_path)) == (["name 0", "shown"], {})


def test_a_hidden_entry_that_is_removed_counts_no_more(tmp_path: Path) -> None:
    with hiding_store(tmp_path) as store:
        store.apply(PERSONS, SERVER, None, whole([entry(0), entry(1, "hidden"), entry(2, "hidden")]))
        store.apply(PERSONS, SERVER, b"1", some(gone(entry(1))))
        assert counts(tmp_path) == {"hidden": 1}


def test_a_complete_answer_leaves_no_count_of_what_it_does_not_mention(tmp_path: Path) -> None:
    with hiding_store(tmp_path) as store:
        store.apply(PERSONS, SERVER, None, whole([entry(0), *(entry(n, "hidden") for n in (1, 2, 3))]))
        store.apply(PERSONS, SERVER, b"1", whole([entry(1, "hidden")]))
        assert (names(reader_of(tmp_path)), counts(tmp_path)) == ([], {"hidden": 1})


def test_a_hidden_entry_that_is_still_present_stays_counted(tmp_path: Path) -> None:
    with hiding_store(tmp_path) as store:
        store.apply(PERSONS, SERVER, None, whole([entry(0), entry(1, "hidden"), entry(2, "hidden")]))
        answer = (present(entry(0), entry(1)), *whole([]))
        store.apply(PERSONS, SERVER, b"1", iter(answer))
        assert (names(reader_of(tmp_path)), counts(tmp_path)) == (["name 0"], {"hidden": 1})


def test_hiding_many_at_once_is_held_like_a_removal(tmp_path: Path) -> None:
    guard = Guard(share=0.2, least=3, window=100)
    with hiding_store(tmp_path, guard) as store:
        store.apply(PERSONS, SERVER, None, whole(entries(10)))
        applied = store.apply(PERSONS, SERVER, b"1", some(*(Upsert(entry(n, "hidden")) for n in range(5))))
        assert applied.hold is not None
        assert (len(names(reader_of(tmp_path))), counts(tmp_path)) == (10, {})


@pytest.mark.parametrize("change", ["hidden", "gone"])
def test_what_went_leaves_every_byte_of_the_files(tmp_path: Path, change: str) -> None:
    with hiding_store(tmp_path) as store:
        store.apply(PERSONS, SERVER, None, whole([*entries(50), entry(99, "Ottilie")]))
        assert b"Ottilie" in files(tmp_path)
        what = Upsert(entry(99, "hidden")) if change == "hidden" else gone(entry(99))
        store.apply(PERSONS, SERVER, b"1", some(what))
        idle(store)
        assert b"Ottilie" not in files(tmp_path)


def test_while_a_reader_holds_the_log_it_is_emptied_later(tmp_path: Path) -> None:
    with hiding_store(tmp_path) as store:
        store.apply(PERSONS, SERVER, None, whole([entry(0), entry(1, "Ottilie")]))
        reader = sqlite3.connect(tmp_path / "provision.db", isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM cards").fetchall()
        store.apply(PERSONS, SERVER, b"1", some(gone(entry(1))))
        idle(store)
        reader.execute("COMMIT")
        reader.close()
        idle(store)
        assert b"Ottilie" not in files(tmp_path)


def test_rules_that_become_stricter_hold_at_once_and_before_ldap_is_asked(tmp_path: Path) -> None:
    with hiding_store(tmp_path, tables=Cards()) as store:
        store.apply(PERSONS, SERVER, None, whole([entry(0), entry(1, "hidden Ottilie"), entry(2, "secret")]))
    with hiding_store(tmp_path, tables=hiding("stricter")) as store:
        assert (names(reader_of(tmp_path)), counts(tmp_path)) == (["name 0"], {"hidden": 1, "secret": 1})
        assert status_of(tmp_path).entries == {Kind.PERSON: 1}
        idle(store)
        assert b"Ottilie" not in files(tmp_path)


def test_a_kind_that_is_not_followed_any_more_leaves_nothing(tmp_path: Path) -> None:
    both = Store(tmp_path / "provision.db", Cards(), (Kind.GROUP, Kind.PERSON), secrets=(), guard=TRUSTING)
    both.prepare()
    for kind in (Kind.GROUP, Kind.PERSON):
        both.apply(Stream(kind, "", "subtree", "(cn=*)", ("cn",)), SERVER, None, whole(entries(2, f"a {kind}")))
    both.close()
    with hiding_store(tmp_path, tables=hiding("without groups")):
        assert names(reader_of(tmp_path)) == ["a person", "a person"]
        assert status_of(tmp_path).entries == {Kind.PERSON: 2}


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["", "hidden", "secret", "gone"])), max_size=30))
def test_the_counts_are_right_after_any_changes(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, str]]
) -> None:
    folder = tmp_path_factory.mktemp("store")
    state: dict[int, str] = {}
    with hiding_store(folder) as store:
        store.apply(PERSONS, SERVER, None, whole([]))
        for number, what in steps:
            state[number] = what
            change = gone(entry(number)) if what == "gone" else Upsert(entry(number, what))
            store.apply(PERSONS, SERVER, b"1", some(change))
        shown = [number for number, what in sorted(state.items()) if what == ""]
        assert names(reader_of(folder)) == [f"name {number}" for number in shown]
        rules = [what for what in state.values() if what in ("hidden", "secret")]
        assert counts(folder) == {rule: rules.count(rule) for rule in rules}
