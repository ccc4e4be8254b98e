"""Why a row was found, in words: each rule by a query of a small directory, compared whole."""

import pytest

from services.directory.explain import STEPS, sentence_of
from services.directory.lookup import Reason, find_rows
from services.directory.matching import Match, Rule
from services.directory.paging import Step
from tests.directory.desk import Mirror, TableReader, person

PEOPLE = [
    person("alice", "Alice Martin", "Martin", AstAccountName="1001", departmentNumber="Sales"),
    person("paul", "Paul Dupont", "Dupont", AstAccountName="2345"),
    person("karl", "Karl Hoffmann", "Hoffmann", AstAccountName="7001"),
]


@pytest.fixture(scope="module")
def mirror() -> Mirror:
    return Mirror().load(PEOPLE)


@pytest.mark.parametrize(
    ("query", "step", "sentences"),
    [
        ("martin", Step.WORDS, ["martin is martin"]),
        ("mart al", Step.WORDS, ["mart begins martin, al begins alice"]),
        ("sales", Step.WORDS, ["sales begins a word of company, department or title"]),
        ("345", Step.WORDS, ["345 is a part of the number 2345"]),
        ("387668", Step.WORDS, ["387668 spells dupont on the keypad"]),
        ("offman", Step.PARTS, ["offman is a part of hoffmann"]),
        ("dupomt", Step.NEAR, ["near miss: dupomt ~ dupont, distance 1"]),
        ("xyzzy", None, []),
    ],
)
def test_each_row_says_by_which_rule_each_word_found_it(
    mirror: Mirror, query: str, step: Step | None, sentences: list[str]
) -> None:
    found = find_rows(mirror.config, TableReader(mirror.db), query, 10)
    assert [sentence_of(reason) for reason in found.reasons] == sentences
    assert step is None or found.step == step


def test_every_step_has_a_sentence() -> None:
    assert set(STEPS) == set(Step)


@pytest.mark.parametrize("rule", Rule)
def test_every_rule_has_a_sentence_that_names_what_was_typed(rule: Rule) -> None:

    assert "typed" in sentence_of(Reason((Match("typed", rule, "term"),), 2))


def test_a_row_before_others_says_whose_it_is() -> None:

    matches = (Match("a", Rule.BEGINS, "alice"),)
    assert sentence_of(Reason(matches, 0)) == "a begins alice; the caller's department, so before others"
    assert sentence_of(Reason(matches, 1)) == "a begins alice; the caller's site, so before others"
