"""The words of names and queries: what is asked for fits what is indexed, exactly."""

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.directory.words import PREFIX_LENGTHS, TOKENIZER, match_expression, pair_terms, parse_query, words_of

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


def test_a_word_that_another_one_begins_with_asks_for_nothing() -> None:
    assert parse_query("mar martin a Martin").words == ("martin", "a")
    assert parse_query("mar martin").letters == 6


def key_prefixes(digits: str) -> tuple[str, ...]:
    return (digits,)


@settings(max_examples=500, deadline=None)
@given(st.lists(WORDS, max_size=6), WORDS)
def test_a_name_is_found_when_each_word_begins_one_of_its_words(names: list[str], typed: str) -> None:
    query = parse_query(typed)
    if not query.words:
        return
    db = sqlite3.connect(":memory:")
    db.execute(f'CREATE VIRTUAL TABLE t USING fts5(x, detail=none, prefix="{PREFIX_LENGTHS}", tokenize="{TOKENIZER}")')
    for number, name in enumerate(names):
        words = words_of(name)
        db.execute("INSERT INTO t (rowid, x) VALUES (?, ?)", (number, " ".join((*words, *pair_terms(words)))))
    found = {
        row for (row,) in db.execute("SELECT rowid FROM t WHERE t MATCH ?", (match_expression(query, key_prefixes),))
    }
    expected = {
        number
        for number, name in enumerate(names)
        if all(any(word.startswith(asked) for word in name.split()) for asked in typed.split())
    }
    assert found == expected
