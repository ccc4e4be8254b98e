"""What the mirror keeps: incremental changes against deriving everything anew, places, counts, the index' integrity."""

import random
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.directory.places import GAP
from services.directory.tables import DirectoryTables, LeftOut, count_left_out
from shared.ldap.entry import Entry
from shared.ldap.source import Kind
from shared.tables import EntryChange
from tests.directory.desk import Mirror, configuration, person

NAMES = st.sampled_from(["a", "ab", "ab c", "b", "B", "é", "z z", "abcde", "cabde abcde"])
NUMBERS = st.lists(st.sampled_from(["1001", "1002", "01 99 00 20 10", "*8"]), max_size=3, unique=True).map(tuple)
PERSONS = st.tuples(st.sampled_from("pqrstu"), NAMES, NUMBERS).map(
    lambda drawn: person(drawn[0], drawn[1], telephoneNumber=drawn[2])
)
BATCHES = st.lists(
    st.tuples(st.lists(PERSONS, max_size=5), st.sets(st.sampled_from("pqrstu")), st.booleans()), max_size=6
)


def contents(db: sqlite3.Connection) -> list[tuple[str, ...]]:
    return db.execute("SELECT person, sort, name, label, telephone, terms FROM contacts ORDER BY place").fetchall()


def left_out(db: sqlite3.Connection) -> list[tuple[str, int, int]]:
    return db.execute("SELECT * FROM left_out ORDER BY person").fetchall()


def known_words(db: sqlite3.Connection) -> list[list[tuple[str, ...]]]:
    return [db.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in ("name_words", "name_ends")]


@settings(max_examples=200, deadline=None)
@given(st.lists(PERSONS, max_size=6), BATCHES)
def test_changes_one_by_one_give_what_deriving_anew_gives(
    start: list[Entry], batches: list[tuple[list[Entry], set[str], bool]]
) -> None:
    crowd = [person(f"x{at}", f"m{at}") for at in range(60)]  # so that few changes are applied row by row
    mirror = Mirror().load([*crowd, *start])
    for after, gone, bulk in batches:
        uuids = {person(uid, "").uuid for uid in gone} & mirror.entries.keys()
        mirror.change(after, gone=sorted(uuids - {entry.uuid for entry in after}), bulk=bulk)
    anew = Mirror().load(mirror.entries.values())
    assert contents(mirror.db) == contents(anew.db)
    assert left_out(mirror.db) == left_out(anew.db)
    assert known_words(mirror.db) == known_words(anew.db)


def test_one_entry_several_times_in_a_batch_counts_once() -> None:
    one, two, three = (
        person("p", name, telephoneNumber=number) for name, number in (("a", "*8"), ("b", "1001"), ("c", "*9"))
    )
    tables, db = DirectoryTables(configuration()), sqlite3.connect(":memory:", isolation_level=None)
    tables.create(db)
    tables.derive(db, [_change(None, one), _change(one, two)])
    tables.derive(db, [_change(two, three), _change(three, None), _change(None, two)])
    tables.settle(db, bulk=False)
    assert [row[2:5] for row in contents(db)] == [("b", "", "1001")]
    assert count_left_out(db) == LeftOut(0, 0)


def crowd_of(count: int) -> list[Entry]:
    return [person(f"p{at}", f"Name{at % 700} Given{at % 90}", telephoneNumber=f"0199{at:06}") for at in range(count)]


def test_a_large_load_gives_what_small_ones_give() -> None:
    crowd = [*crowd_of(4000), person("none", "None", telephoneNumber="*8")]
    edited = [person(f"p{at}", f"Edited{at}", telephoneNumber="1001") for at in range(1000, 1010)]
    large, small = Mirror(), Mirror()
    large.tables.derive(large.db, [_change(None, entry) for entry in crowd])
    large.tables.derive(large.db, [_change(crowd[1000 + at], entry) for at, entry in enumerate(edited)])
    large.tables.derive(large.db, [_change(crowd[at], None) for at in range(20)])
    large.tables.settle(large.db, bulk=True)
    latest = {entry.uuid: entry for entry in (*crowd[20:], *edited)}
    for at in range(0, len(latest), 500):
        small.load(list(latest.values())[at : at + 500])
    assert contents(large.db) == contents(small.db)
    assert left_out(large.db) == left_out(small.db)
    assert known_words(large.db) == known_words(small.db)


def test_of_a_load_that_is_given_up_nothing_is_left() -> None:
    mirror = Mirror()
    mirror.db.execute("BEGIN")
    mirror.tables.derive(mirror.db, [_change(None, entry) for entry in crowd_of(4000)])
    mirror.db.execute("ROLLBACK")
    mirror.tables.abandon()
    mirror.load([person("p", "a", telephoneNumber="1001")])
    assert [row[2] for row in contents(mirror.db)] == ["a"]


def _change(before: Entry | None, after: Entry | None) -> EntryChange:
    there = after or before
    assert there is not None
    return EntryChange(Kind.PERSON, there.uuid, before, after)


def test_an_edit_moves_no_other_row() -> None:
    mirror = Mirror().load(person(f"p{at:03d}", f"Name {at:03d}") for at in range(300))
    before = dict(mirror.db.execute("SELECT person, place FROM contacts"))
    edited = person("p007", "Zola")
    mirror.change([edited])
    after = dict(mirror.db.execute("SELECT person, place FROM contacts"))
    assert {uuid for uuid in before if before[uuid] != after[uuid]} == {edited.uuid}
    assert max(after, key=lambda uuid: after[uuid]) == edited.uuid


def test_an_edit_of_what_is_not_shown_changes_nothing() -> None:
    mirror = Mirror().load(person(f"p{at}", f"Name {at}") for at in range(30))
    before = mirror.db.total_changes
    places = mirror.db.execute("SELECT * FROM contacts").fetchall()
    mirror.change([person("p7", "Name 7")])
    assert mirror.db.execute("SELECT * FROM contacts").fetchall() == places
    assert mirror.db.total_changes - before < 10  # the temporary tables, not the index


@pytest.mark.parametrize("direction", [1, -1])
def test_a_gap_that_is_used_up_is_widened(direction: int) -> None:
    count = 3 * GAP
    mirror = Mirror().load(
        [person("a", "A"), person("z", "Z"), *(person(f"y{at}", f"Y {at}") for at in range(count // 20))]
    )
    numbers = [direction * at for at in range(400)]
    for number in numbers:
        mirror.change([person(f"m{number}", f"M {number + 1000:05d}")])
    names = [name for _, _, name, *_ in contents(mirror.db)]
    assert names[1:401] == sorted(f"M {number + 1000:05d}" for number in numbers)


def test_places_hold_their_order_under_many_random_changes() -> None:
    dice = random.Random(5)
    mirror = Mirror().load(person(f"p{at}", f"Name {at:05d}") for at in range(200))
    for batch in range(60):
        mirror.change([person(f"p{dice.randrange(220)}", f"Name 00100 {dice.randrange(9)} {batch}") for _ in range(4)])
    rows = contents(mirror.db)
    assert rows == sorted(rows, key=lambda row: row[1])
    assert len({row[0] for row in rows}) == len(rows)


def test_what_is_left_out_is_counted_and_forgotten_with_its_entry() -> None:
    mirror = Mirror().load(
        [
            person("a", "A", telephoneNumber=("*8", "1001")),
            person("b", "B", telephoneNumber="*8"),
            person("c", "C", telephoneNumber=()),
            *(person(f"p{at}", "P") for at in range(40)),
        ]
    )
    assert count_left_out(mirror.db) == LeftOut(numbers=2, people=2)
    mirror.change([person("b", "B", telephoneNumber="1002")], gone=[person("c", "C").uuid])
    assert count_left_out(mirror.db) == LeftOut(numbers=1, people=0)


def test_rows_depend_on_how_numbers_and_names_are_read() -> None:
    prints = {
        DirectoryTables(configuration()).fingerprint,
        DirectoryTables(configuration(outside_prefix="9")).fingerprint,
        DirectoryTables(configuration(region="DE")).fingerprint,
    }
    assert len(prints) == 3
    assert DirectoryTables(configuration(charset="UTF-8")).fingerprint in prints


def test_tables_can_be_dropped_and_made_again() -> None:
    mirror = Mirror().load([person("a", "A")])
    mirror.tables.drop(mirror.db)
    left = {name for (name,) in mirror.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    own = {"comparison", "complete_reads", "entries", "hidden", "holds", "removals", "status", "streams"}
    assert left == own  # the mirror's
    mirror.tables.drop(mirror.db)
    mirror.tables.create(mirror.db)
    mirror.tables.settle(mirror.db, bulk=False)
    assert contents(mirror.db) == []
