"""What is asked of the index: for each typed word the terms it may mean, and by which rule; and what of it a row fulfils. Pure.

A row is found when it has, for each typed word, one of its alternatives. Rules are ranks: a row's class is the worst rule
that it needs, and the expressions below ask for one class at a time, so that classes share no row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from itertools import pairwise
from typing import Final, NamedTuple

from services.directory.paging import Step
from services.directory.terms import pair_of, pair_says_all
from services.directory.words import Query

NOTHING: Final = '"~~"'
"""An expression that no row fulfils: a mark alone is no term."""


class Rule(IntEnum):
    """Why a typed word finds a row, the best reason first."""

    EXACT = 0
    """It is a word of the name, or a writing of the number."""
    BEGINS = 1
    """A word of the name or a writing of the number begins so."""
    NUMBER_PART = 2
    """It stands within the number, or at its end."""
    ELSEWHERE = 3
    """A word of company, department or title begins so."""
    SITE = 4
    """A word of the site begins so."""
    KEYPAD = 5
    """Its digits spell words of the name."""
    KEYPAD_BEGINS = 6
    """Its digits spell beginnings of words of the name."""
    PART = 7
    """It stands within a word of the name."""
    NEAR = 8
    """One letter from a word of the name."""
    NEAR_BEGINS = 9
    """One letter from the beginning of a word of the name."""
    FAR = 10
    """Two letters from a word of the name."""
    SOUND = 11
    """It sounds like a word of the name."""


_AS_TYPED: Final = (Rule.EXACT, Rule.BEGINS)


class Alternative(NamedTuple):
    """Terms by which a typed word finds a row.

    `expression`: FTS5's. `needles`: the same for one row: of each group one stands in its terms; a needle is a term
    between blanks, or the beginning of one behind a blank. `part`: instead of needles, digits that stand in the row's number.
    """

    rule: Rule
    expression: str
    needles: tuple[tuple[str, ...], ...]
    part: str = ""

    def found_in(self, terms: str, digits: str) -> str:
        """Return the needle by which a row is found (the first of several), or ""; `terms`: between blanks."""
        if self.part:
            return self.part if self.part in digits else ""
        if len(self.needles) == 1:
            for needle in self.needles[0]:
                if needle in terms:
                    return needle
            return ""
        first = ""
        for group in self.needles:
            for needle in group:
                if needle in terms:
                    first = first or needle
                    break
            else:
                return ""
        return first


class Asked(NamedTuple):
    """A typed word, and its alternatives, the best rule first."""

    typed: str
    alternatives: tuple[Alternative, ...]

    @property
    def is_as_typed(self) -> bool:
        """A word of the name is meant, in no other spelling: one that is it, or begins so."""
        return not self.typed.isdigit() and sum(one.rule <= Rule.BEGINS for one in self.alternatives) <= len(_AS_TYPED)


class Match(NamedTuple):
    """Why a typed word finds a row; `term` is the row's."""

    typed: str
    rule: Rule
    term: str


def exactly(rule: Rule, term: str) -> Alternative:
    """Return the alternative that a term is there."""
    return Alternative(rule, f'"{term}"', ((f" {term} ",),))


def beginning(rule: Rule, term: str) -> Alternative:
    """Return the alternative that a term begins so."""
    return Alternative(rule, f'"{term}"*', ((f" {term}",),))


def one_of(rule: Rule, terms: list[str]) -> Alternative:
    """Return the alternative that one of these terms is there, `x*` for the beginning `x` of one."""
    needles = tuple(f" {term[:-1]}" if term.endswith("*") else f" {term} " for term in terms)
    return Alternative(rule, either(_quoted(term) for term in terms), (needles,))


def both(rule: Rule, alternatives: list[Alternative]) -> Alternative:
    """Return the alternative that all of these hold."""
    expression = " AND ".join(f"({one.expression})" for one in alternatives)
    return Alternative(rule, expression, tuple(group for one in alternatives for group in one.needles))


def either(expressions: Iterator[str] | list[str]) -> str:
    """Return an expression for rows that fulfil one of these at least."""
    return " OR ".join(expressions) or NOTHING


def _quoted(term: str) -> str:
    return f'"{term[:-1]}"*' if term.endswith("*") else f'"{term}"'


@dataclass(frozen=True)
class Plan:
    """All that is asked in one step. Every word has an alternative."""

    step: Step
    query: Query
    asked: tuple[Asked, ...]

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The classes that there may be, best first."""
        least = max(word.alternatives[0].rule for word in self.asked)
        return tuple(sorted({one.rule for word in self.asked for one in word.alternatives if one.rule >= least}))

    def upto(self, worst: Rule) -> str:
        """Return the expression for all rows of these classes, up to and with the worst."""
        if len(self.asked) == 1:
            return _any_of(self.asked[0], worst)
        if worst <= Rule.BEGINS:
            return " AND ".join(self._names(worst))
        names = f"({self.upto(Rule.BEGINS)}) OR " if self.rules[0] <= Rule.BEGINS else ""
        others = either(
            [one.expression for word in self.asked for one in word.alternatives if Rule.BEGINS < one.rule <= worst]
        )
        return f"{names}(({others}) AND {' AND '.join(_allowed(word, worst) for word in self.asked)})"

    def only(self, rule: Rule) -> str:
        """Return the expression for the rows of one class."""
        before = [other for other in self.rules if other < rule]
        if len(self.asked) == 1:
            own = either([one.expression for one in self.asked[0].alternatives if one.rule == rule])
        else:
            own = self.upto(rule)
        return f"({own}) NOT ({self.upto(before[-1])})" if before else own

    def matches(self, terms: str, digits: str) -> tuple[Match, ...]:
        """Return by which rules a row is found, one for each word, or () when it is not; `terms`: between blanks."""
        found: list[Match] = []
        for word in self.asked:
            for one in word.alternatives:
                needle = one.found_in(terms, digits)
                if needle:
                    found.append(Match(word.typed, one.rule, needle))
                    break
            else:
                return ()
        return tuple(found)

    def _names(self, worst: Rule) -> Iterator[str]:
        said: set[str] = set()
        letters = [word.typed for word in self.asked if word.is_as_typed] if len(self.asked) > 1 else []
        for one, two in pairwise(letters):
            yield f'"{pair_of(one, two)}"*'
            if worst == Rule.BEGINS and pair_says_all(one, two):
                said |= {one, two}
        for word in self.asked:
            if word.typed not in said:
                yield _allowed(word, worst)


def _allowed(word: Asked, worst: Rule) -> str:
    return f"({_any_of(word, worst)})"


def _any_of(word: Asked, worst: Rule) -> str:
    """Whatever is a word or a number begins as it, too, where beginnings are asked for."""
    begins = worst >= Rule.BEGINS and any(one.rule == Rule.BEGINS for one in word.alternatives)
    least = Rule.BEGINS if begins else Rule.EXACT
    return " OR ".join([one.expression for one in word.alternatives if least <= one.rule <= worst])
