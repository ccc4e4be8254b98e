"""The words of names and queries: what is asked for fits what is indexed, exactly."""

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.directory.matching import Asked, Plan, Rule, beginning, exactly
from services.directory.paging import Step
from services.directory.terms import PREFIX_LENGTHS, TOKENIZER, pair_terms
from services.directory.words import keypad_of, parse_query, respelled, spellings_of, words_of
from shared.text import fold

WORDS = st.lists(st.text("abc", min_size=1, max_size=5), max_size=5).map(" ".join)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Jean-Luc Müller", ("jean", "luc", "muller")),
        ("O'Brien, Seán", ("o", "brien", "sean")),
        ("Straße STRASSE", ("strasse",)),
        ("Δημήτρης", ("dimitris",)),
        ("", ()),
        (" ,.;\0", ()),
    ],
)
def test_a_text_is_folded_into_words(text: str, words: tuple[str, ...]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("name", "spellings"),
    [
        ("Müller", {"muller", "mueller"}),
        ("Mu\u0308ller", {"muller", "mueller"}),
        ("Mueller", {"mueller", "muller"}),
        ("Øre", {"ore", "oere"}),
        ("Œuvrard", {"oeuvrard"}),
        ("Łódź", {"lodz"}),
        ("Groß", {"gross"}),
        ("Jean-Luc", {"jean", "luc", "jeanluc", "jl"}),
        ("Moreau, Jean Luc", {"moreau", "jean", "luc", "jl"}),
        ("J.-L. Moreau", {"j", "l", "jl", "moreau"}),
        ("H&M", {"h", "m", "hm"}),
        ("H & M", {"h", "m", "hm"}),
        ("AT&T", {"at", "t", "att"}),
        ("Hotline 24/7", {"hotline", "24", "7", "247"}),
        ("Salle 3 12", {"salle", "3", "12", "312"}),
        ("van der Berg, Anna", {"van", "der", "berg", "anna", "vanderberg", "derberg"}),
        ("de La Tour, Antoine", {"de", "la", "tour", "antoine", "delatour", "latour"}),
        ("Van, Linh", {"van", "linh"}),
        ("van Gogh", {"van", "gogh", "vangogh"}),
        ("Tolkien, J. R.", {"tolkien", "j", "r", "jr"}),
        ("O’Brien", {"o", "brien", "obrien"}),
        ("Guérin", {"guerin"}),
        ("Юрий", {"yurii"}),
        ("Παπαδόπουλος", {"papadopoulos"}),
        ("'t Hart", {"t", "hart", "thart"}),
    ],
)
def test_a_name_is_indexed_under_every_way_to_type_it(name: str, spellings: set[str]) -> None:
    assert set(spellings_of(name, fold(name))) == spellings


def test_a_word_that_another_one_begins_with_asks_for_nothing() -> None:
    assert parse_query("mar martin a Martin").words == ("martin", "a")
    assert parse_query("mar martin").letters == 6


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("01 99 00", ("019900",)),
        ("dupin 06 39", ("dupin", "0639")),
        ("+33 (0)1 99", ("33199",)),
        ("(089) 123", ("089123",)),
        ("salle 12", ("salle", "12")),
    ],
)
def test_digits_with_blanks_between_them_are_one_number(typed: str, words: tuple[str, ...]) -> None:
    assert parse_query(typed).words == words


def test_a_query_that_finds_nothing_is_spelled_otherwise() -> None:
    assert [query.words for query in respelled(parse_query("jean luc mueller"))] == [
        ("jeanluc", "mueller"),
        ("jean", "lucmueller"),
    ]
    assert list(respelled(parse_query("1001"))) == []


def test_the_keypad_spells_a_word() -> None:
    assert keypad_of("dupin") == "38746"


@settings(max_examples=500, deadline=None)
@given(st.lists(WORDS, max_size=6), WORDS, st.sampled_from([Rule.EXACT, Rule.BEGINS]))
def test_a_name_is_found_when_each_word_is_or_begins_one_of_its_words(names: list[str], typed: str, rule: Rule) -> None:
    query = parse_query(typed)
    if not query.words:
        return
    db = sqlite3.connect(":memory:")
    db.execute(f'CREATE VIRTUAL TABLE t USING fts5(x, detail=none, prefix="{PREFIX_LENGTHS}", tokenize="{TOKENIZER}")')
    for number, name in enumerate(names):
        words = words_of(name)
        db.execute("INSERT INTO t (rowid, x) VALUES (?, ?)", (number, " ".join((*words, *pair_terms(words)))))
    asked = tuple(Asked(word, (exactly(Rule.EXACT, word), beginning(Rule.BEGINS, word))) for word in query.words)
    plan = Plan(Step.WORDS, query, asked)
    found = {row for (row,) in db.execute("SELECT rowid FROM t WHERE t MATCH ?", (plan.upto(rule),))}
    expected = {
        number
        for number, name in enumerate(names)
        if all(
            any(word == wanted if rule == Rule.EXACT else word.startswith(wanted) for word in name.split())
            for wanted in query.words
        )
    }
    assert found == expected
