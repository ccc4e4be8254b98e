"""What a search finds, through the service and all its links, against a second opinion (`reference.py`)."""

import random
import re
from collections.abc import Iterator
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.directory.belonging import department_terms, site_terms
from services.directory.callers import Caller
from services.directory.lookup import find_rows
from services.directory.matching import Rule
from services.directory.paging import EVERYTHING, MENUS, Book, Layout, Menu, Page, Row, Span, Step, parse_span
from services.directory.search import Request, Search
from services.directory.words import parse_query
from shared.ldap.entry import Entry
from tests.directory.desk import (
    Mirror,
    TableReader,
    ask,
    checked,
    client_of,
    configuration,
    items_of,
    person,
    reach,
    rows_of,
)
from tests.directory.reference import WRITINGS, matching_rows

WORDS = [
    "ab",
    "abc",
    "abcde",
    "bacd",
    "b",
    "bca",
    "c",
    "12",
    "1",
    "é",
    "ß",
    "Œ",
    "ø",
    "Δ",
    "李",
    "O'A",
    "a-b",
    "(x)",
    ",",
]
NAMES = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)
TYPED = ["a", "ab", "abc", "b", "bc", "c", "1", "10", "0", "01", "33", "0033", "00", "49", "3305", "é", "ss", "oe", "x"]
TYPED += [
    "muell",
    "mull",
    "mue",
    "muelle",
    "bcd",
    "acde",
    "abdce",
    "bcad",
    "22",
    "2",
    "222",
    "20220",
    "002",
    "9900",
    "010",
    "02010",
    "33199",
    "3199",
    "33",
    "003",
    "0",
]
QUERIES = st.lists(st.sampled_from(TYPED), min_size=1, max_size=3).map(" ".join)
NUMBERS = st.lists(st.sampled_from(sorted(WRITINGS)), max_size=4, unique=True).map(tuple)


@st.composite
def directories(draw: st.DrawFn, size: int = 12) -> list[Entry]:
    return [
        person(f"p{at}", draw(NAMES), draw(st.sampled_from(["", "a", "abc", "c"])), telephoneNumber=draw(NUMBERS))
        for at in range(draw(st.integers(0, size)))
    ]


def answer(mirror: Mirror, typed: str, layout: Layout = MENUS, caller: Caller | None = None) -> tuple[Page, list[Row]]:
    """The first page, and all rows that are reached from it, in order."""
    search = Search(mirror.config)

    def find(query: str, span: Span) -> Page:
        page = search.find_page(mirror.db, Request(parse_query(query), span, layout, None, caller))
        lines = page.items if isinstance(page, Menu) else page.rows
        assert len(lines) <= layout.rows
        return page

    def reach_all(page: Page) -> Iterator[Row]:
        if isinstance(page, Menu):
            for item in page.items:
                yield from reach_all(go(item.url))
            return
        yield from page.rows
        if page.next:
            following = go(page.next)
            assert isinstance(following, Book)
            assert go(following.previous) == page
            yield from reach_all(following)

    def go(url: str) -> Page:
        assert len(url) <= layout.longest_url
        path, _, query = url.partition("?q=")
        return find(query.replace("+", " "), parse_span(path.rpartition("/")[2]))

    first = find(typed, EVERYTHING)
    return first, list(reach_all(first))


@settings(max_examples=200, deadline=None)
@given(directories(), QUERIES)
def test_a_search_finds_what_the_second_opinion_finds(entries: list[Entry], typed: str) -> None:
    step, expected = matching_rows(entries, typed)
    page, rows = answer(Mirror().load(entries), typed)
    assert [(row.name, row.telephone) for row in rows] == expected
    assert page.step == step
    assert isinstance(page, Menu) == (len(expected) > (32 if step == "w" else 31))


@settings(max_examples=60, deadline=None)
@given(directories(30), QUERIES, st.sampled_from(["menu", "pages", "mixed"]), st.integers(6, 12))
def test_every_row_is_reached_exactly_once_in_every_layout(
    entries: list[Entry], typed: str, style: Literal["menu", "pages", "mixed"], lines: int
) -> None:
    mirror = Mirror().load(entries)
    _, expected = matching_rows(entries, typed)
    _, rows = answer(mirror, typed, Layout(lines, style))
    assert sorted((row.name, row.telephone) for row in rows) == sorted(expected)


@settings(max_examples=150, deadline=None)
@given(directories(4), st.binary(max_size=40), st.sampled_from(["ISO-8859-1", "UTF-8"]))
def test_any_bytes_are_answered_with_a_document(entries: list[Entry], typed: bytes, charset: str) -> None:
    client = client_of(Mirror(configuration(charset=charset)).load(entries))
    status, _ = checked(client, "/search", b"q=" + typed)
    assert status == 200


def crowd(count: int, seed: int = 1) -> list[Entry]:
    dice = random.Random(seed)
    surnames = ["Martin", "Martinez", "Dupin", "Lefèvre", "Øre", "Zola"]
    given_names = ["Alice", "Jean", "Jeanne", "Martin", "Élodie", "Zoé", "Anne-Marie"]
    people = []
    for at in range(count):
        surname, given_name = dice.choice(surnames), dice.choice(given_names)
        people.append(person(f"p{at}", f"{given_name} {surname}", surname, AstAccountName=f"{at % 10_000:04d}"))
    return people


@pytest.mark.parametrize("count", [32, 33, 64, 1024, 1025, 2500])
def test_every_row_of_a_crowd_is_reached_exactly_once(count: int) -> None:
    entries = [person(f"p{at:05d}", f"Name {at:05d}", AstAccountName=str(at % 10)) for at in range(count)]
    client = client_of(Mirror(configuration(charset="UTF-8")).load(entries))
    document = ask(client, "na")
    assert [name for name, _ in reach(client, document)] == [f"Name {at:05d}" for at in range(count)]
    if document.tag == "ThomsonPhoneMenu":
        assert all(len(label) > 0 for label, _ in items_of(document))


def test_more_rows_than_are_read_are_cut_evenly_and_all_are_reached() -> None:
    entries = crowd(9_000)
    client = client_of(Mirror(configuration(charset="UTF-8")).load(entries))
    for typed in ("m", "j", "martin", "z", "0"):
        document = ask(client, typed)
        found = [telephone for _, telephone in reach(client, document)]
        assert sorted(found) == sorted(
            entry.attributes["astaccountname"][0] for entry in entries if _fits(entry, typed)
        ), typed


def _fits(entry: Entry, typed: str) -> bool:
    words = re.findall(r"\w+", entry.attributes["displayname"][0].lower().replace("é", "e").replace("ø", "o"))
    number = entry.attributes["astaccountname"][0]
    return any(word.startswith(typed) for word in [*words, number]) or number.endswith(typed)


def test_rare_matches_far_apart_are_all_reached() -> None:
    many = [person(f"m{at:05d}", f"Mmx {at:05d}", AstAccountName="1001") for at in range(8_300)]
    early = [person(f"a{at}", f"A Mmx{at}", AstAccountName="1001") for at in range(3)]
    late = [person(f"z{at}", f"Z Mmx{at}", AstAccountName="1001") for at in range(2)]
    others = [person(f"n{at:05d}", f"Nn {at:05d}", AstAccountName="1001") for at in range(9_000)]
    client = client_of(Mirror(configuration(charset="UTF-8")).load([*many, *early, *late, *others]))
    names = [name for name, _ in reach(client, ask(client, "mm"))]
    assert names == ["A Mmx0", "A Mmx1", "A Mmx2", *(f"Mmx {at:05d}" for at in range(8_300)), "Z Mmx0", "Z Mmx1"]


def test_rows_that_come_and_go_between_two_key_presses_do_not_lose_others() -> None:
    entries = [person(f"p{at:03d}", f"Name {at:03d}") for at in range(100)]
    mirror = Mirror(configuration(charset="UTF-8")).load(entries)
    client = client_of(mirror)
    document = ask(client, "na")
    new = [person(f"n{at:03d}", f"Name 010 {at:03d}") for at in range(60)]
    first = [person("first", "Name")]
    last = [person("last", "Name 999")]
    mirror.change([*new, *first, *last], gone=[entry.uuid for entry in entries[40:60]])
    names = [name for name, _ in reach(client, document)]
    expected = [entry.attributes["displayname"][0] for entry in [*first, *entries[:40], *entries[60:], *new, *last]]
    assert names == sorted(expected)


def test_labels_are_shown_in_a_book() -> None:
    entry = person("jean", "Jean Dupin", "Dupin", AstAccountName="1002", mobile="06 39 98 10 60")
    client = client_of(Mirror().load([entry]))
    assert rows_of(ask(client, "dupin")) == [("Dupin, Jean", "1002"), ("Dupin, Jean (mobile)", "00639981060")]


def test_digits_find_the_row_with_that_number_only() -> None:
    entry = person("jean", "Jean Dupin", "Dupin", AstAccountName="1002", mobile="06 39 98 10 60")
    client = client_of(Mirror().load([entry]))
    assert rows_of(ask(client, "dupin 0639")) == [("Dupin, Jean (mobile)", "00639981060")]


def test_the_command_line_gets_rows_and_their_count() -> None:
    mirror = Mirror().load(crowd(50))
    reader = TableReader(mirror.db)
    found = find_rows(mirror.config, reader, "0001", 10)
    assert found.total == 1
    assert isinstance(found.rows[0], Row)
    assert find_rows(mirror.config, reader, "0", 10).total == 50
    assert len(find_rows(mirror.config, reader, "0", 10).rows) == 10
    assert find_rows(mirror.config, reader, " ", 10).total == 0


def test_the_command_line_is_told_why_a_row_was_found() -> None:
    people = [
        person("a", "Klaus Hoffmann", "Hoffmann", AstAccountName="2001", ou="Vertrieb"),
        person("b", "Jean Dupin", "Dupin", AstAccountName="2002"),
    ]
    mirror = Mirror().load(people)
    told = {}
    for typed in ("hoffmann klaus", "mann", "hofman", "38746", "001", "vertr kl", "dupin 2002", "upan"):
        found = find_rows(mirror.config, TableReader(mirror.db), typed, 10)
        told[typed] = [(found.step, *(match[1:] for match in reason.matches)) for reason in found.reasons]
    assert told == {
        "hoffmann klaus": [(Step.WORDS, (Rule.EXACT, "hoffmann"), (Rule.EXACT, "klaus"))],
        "mann": [(Step.PARTS, (Rule.PART, "hoffmann"))],
        "hofman": [(Step.NEAR, (Rule.NEAR_BEGINS, "hoffmann"))],
        "38746": [(Step.WORDS, (Rule.KEYPAD, "dupin"))],
        "001": [(Step.WORDS, (Rule.NUMBER_PART, "2001"))],
        "vertr kl": [(Step.WORDS, (Rule.ELSEWHERE, "~vertrieb"), (Rule.BEGINS, "klaus"))],
        "dupin 2002": [(Step.WORDS, (Rule.EXACT, "dupin"), (Rule.EXACT, "2002"))],
        "upan": [],
    }


def test_the_callers_department_and_site_come_first_and_nobody_is_left_out() -> None:
    people = [
        person(f"p{at:02d}", f"Name {at:02d}", AstAccountName=f"10{at:02d}", ou="ab"[at % 2], l="cd"[at % 3 > 0])
        for at in range(60)
    ]
    mirror = Mirror().load(people)
    caller = Caller(site_terms(["c"]), department_terms(["b"]), "")
    _, rows = answer(mirror, "na", caller=caller)
    own = [at for at in range(60) if at % 2]
    near = [at for at in range(60) if at % 3 == 0 and not at % 2]
    others = [at for at in range(60) if at % 3 and not at % 2]
    assert [row.name for row in rows] == [f"Name {at:02d}" for at in (*own, *near, *others)]


def test_one_number_of_one_name_from_two_sources_is_one_row() -> None:
    mirror = Mirror().load(
        [
            person("a", "Renée Roux", "Roux", AstAccountName="1001", ou="Ventes"),
            person("b", "ROUX Renee", "Roux", AstAccountName=("1001", "1002"), ou="Achats"),
            *(person(f"x{at}", f"Other {at}", AstAccountName=f"2{at:03d}") for at in range(50)),
        ]
    )
    rows = [("ROUX, Renee", "", "1001"), ("ROUX, Renee", "extension 2", "1002")]
    for typed in ("roux", "roux renee"):
        assert [
            (row.name, "extension 2" if row.label else "", row.telephone) for row in answer(mirror, typed)[1]
        ] == rows
    assert len(answer(mirror, "ventes")[1]) == 1
    mirror.change(gone=[person("b", "").uuid])
    assert [tuple(row) for row in answer(mirror, "roux")[1]] == [("Roux, Renée", "", "1001")]
    assert answer(mirror, "achats")[1] == []


def test_a_number_of_two_entries_stands_with_the_entry_that_has_most_numbers_however_long_they_are() -> None:
    few = person("a", "Renée Roux", telephoneNumber=("01 99 00 20 10", "+49 89 123456"))
    many = person("b", "Renée Roux", telephoneNumber=("01 99 00 20 10", "1001", "1002"))
    rows = ["00199002010", "1001", "1002", "0004989123456"]
    mirror = Mirror().load([few, many])
    assert [row.telephone for row in answer(mirror, "roux")[1]] == rows
    mirror = Mirror().load([few])
    mirror.change([many])
    assert [row.telephone for row in answer(mirror, "roux")[1]] == rows
