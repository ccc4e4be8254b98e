"""From a query to what is asked of the index, step by step: what each typed word may mean. Reads the vocabulary; no rows."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from services.directory.matching import Alternative, Asked, Plan, Rule, beginning, both, exactly, one_of
from services.directory.paging import Step
from services.directory.sounds import sound_of
from services.directory.terms import (
    ELSEWHERE,
    HOME_KEY,
    LONGEST_PREFIX,
    MOST_PART_DIGITS,
    PART_DIGITS,
    end_sign,
    part_sign,
)
from services.directory.vocabulary import LEAST_PART, SITE_MARK, Vocabulary
from services.directory.words import Query, contracted, respelled
from shared.numbers import NumberReader

_MOST_WORDS: Final = 6
"""Words of a query that later steps look at; each costs time, and no name of so many is typed on a telephone."""
_SPELLED: Final = re.compile("[2-9]+(?:0[2-9]+)*0?")
_LEAST_SAME: Final = 3
_LEAST_PLAIN: Final = 4
"""Letters of a word without the `e` of an umlaut that may be a beginning: `muell` is `mull`, `joel` is not `jol`."""
_MOST_DIGITS: Final = 20
_LOOKED_UP: Final = 3
"""Digits from which on the vocabulary says which letters they spell; before, all letters are asked for."""
_LEAST_SPELLED: Final = 5
"""Digits that may be two words; fewer are an extension, and a letter each would mean half of all names."""
_OTHER_KEYS: Final = " OR ".join(f'"{mark}"*' for mark in "+0123456789")
"""Rows of numbers that have another key than `HOME_KEY`."""
_KEYS: Final = dict(zip("23456789", ("abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"), strict=True))


class Planner:
    """Plans the steps of a search (issue: words, parts, near misses, sounds) for the numbers and the language of a site."""

    def __init__(self, numbers: NumberReader, language: str) -> None:
        self._numbers = numbers
        self._language = language

    def plans(self, vocabulary: Vocabulary, query: Query, location: str) -> Iterator[Plan]:
        """Yield what to ask, in order, until something is found; each plan is made when it is asked for."""
        yield self.plan(vocabulary, query, location, Step.WORDS)
        if len(query.words) > _MOST_WORDS:
            return
        for other in respelled(query):
            yield self.plan(vocabulary, other, location, Step.WORDS)
        for step in (Step.PARTS, Step.NEAR, Step.SOUNDS):
            plan = self.plan(vocabulary, query, location, step)
            if plan.asked:
                yield plan

    def plan(self, vocabulary: Vocabulary, query: Query, location: str, step: Step) -> Plan:
        """Return what is asked in one step; without any word where this step has nothing to say."""
        widen = self._widening(vocabulary, step)
        is_alone = len(query.words) == 1
        asked = []
        is_wider = widen is None
        for word in query.words:
            if word.isdigit():
                meant = self._number(vocabulary, word, location, is_alone=is_alone)
            else:
                meant = _name(vocabulary, word)
                if widen is not None:
                    wider = widen(word)
                    is_wider = is_wider or bool(wider)
                    meant += wider
            asked.append(Asked(word, tuple(meant)))
        return Plan(step, query, tuple(asked) if is_wider else ())

    def _widening(self, vocabulary: Vocabulary, step: Step) -> Callable[[str], list[Alternative]] | None:
        if step == Step.PARTS:
            return lambda word: _parts(vocabulary, word)
        if step == Step.NEAR:
            return lambda word: [one_of(rule, words) for rule, words in vocabulary.near(word).items()]
        if step == Step.SOUNDS:
            return lambda word: _sounds(vocabulary, sound_of(word, self._language))
        return None

    def _number(self, vocabulary: Vocabulary, digits: str, location: str, *, is_alone: bool) -> list[Alternative]:
        """Return what digits mean; keypad spelling only where nothing else was typed."""
        keys = list(self._numbers.key_prefixes(digits, location))
        found = [one_of(Rule.EXACT, keys), one_of(Rule.BEGINS, [f"{key}*" for key in keys])]
        reaching = list(self._numbers.part_prefixes(digits, location))
        if len(digits) >= PART_DIGITS:
            reaching.append(HOME_KEY + digits)
        if reaching:
            found.append(one_of(Rule.NUMBER_PART, [f"{key}*" for key in reaching]))
        if len(digits) <= MOST_PART_DIGITS:
            found.append(_within(digits))
        if is_alone and len(digits) <= _MOST_DIGITS and _SPELLED.fullmatch(digits):
            found += _spelled(vocabulary, digits)
        return [*found[:2], *map(_beyond_home, found[2:])] if HOME_KEY in keys else found


def _beyond_home(alternative: Alternative) -> Alternative:
    """Return an alternative without the rows that begin so anyway: all of the default location's country.

    `0033` is the beginning of each of its numbers; to find by its parts that no other is left would take all of them.
    """
    return alternative._replace(expression=f"({alternative.expression}) AND ({_OTHER_KEYS})")


def _name(vocabulary: Vocabulary, word: str) -> list[Alternative]:
    plain = contracted(word) if "e" in word else word
    if plain != word and len(plain) >= _LEAST_SAME:
        found = [exactly(Rule.EXACT, word), _begun(word, _long_ones(vocabulary, word))]
        short = len(plain) < _LEAST_PLAIN
        found.append(exactly(Rule.BEGINS, plain) if short else _begun(plain, _long_ones(vocabulary, plain)))
    else:
        found = list(_as_typed(vocabulary, word))
    found += _elsewhere(vocabulary, Rule.ELSEWHERE, word)
    found += _elsewhere(vocabulary, Rule.SITE, SITE_MARK + word)
    return found


def _elsewhere(vocabulary: Vocabulary, rule: Rule, word: str) -> Iterator[Alternative]:
    """Yield the alternative that a word of company, department, title or site begins so, where there is one."""
    if len(word) < LONGEST_PREFIX:
        if vocabulary.elsewhere(word, 1):
            yield beginning(rule, ELSEWHERE + word)
    else:
        others = vocabulary.elsewhere(word)
        if others:
            yield one_of(rule, [ELSEWHERE + other for other in others])


def _as_typed(vocabulary: Vocabulary, word: str) -> Iterator[Alternative]:
    """Yield the alternatives that a word of the name is this one, and that one begins so: either only where there is one.

    Otherwise all rows of one would be gone through to find that none is left for the other.
    """
    long = _long_ones(vocabulary, word)
    known = long or vocabulary.beginning(word, 2)
    is_name = known[:1] == [word]
    is_letter = word[0].isalpha()  # of words that begin with a digit nothing is known
    if is_name or not known:
        yield exactly(Rule.EXACT, word)
    if len(known) > is_name or not is_letter:
        yield _begun(word, long)


def _long_ones(vocabulary: Vocabulary, word: str) -> list[str]:
    """Return the words that begin with one that is longer than the beginnings that the index keeps lists of."""
    return vocabulary.beginning(word) if len(word) > LONGEST_PREFIX else []


def _begun(word: str, long: list[str]) -> Alternative:
    return one_of(Rule.BEGINS, long) if long else beginning(Rule.BEGINS, word)


def _within(digits: str) -> Alternative:
    """Return the alternative that digits stand within a number, wherever that may be; one or two only at its end."""
    if len(digits) < PART_DIGITS:
        return exactly(Rule.NUMBER_PART, end_sign(digits))
    starts = sorted({*range(0, len(digits) - PART_DIGITS, PART_DIGITS), len(digits) - PART_DIGITS})
    parts = [(digits[at : at + PART_DIGITS], len(digits) - at - PART_DIGITS) for at in starts]
    places = [
        '" AND "'.join([part_sign(part, behind + after) for part, after in parts])
        for behind in range(MOST_PART_DIGITS - len(digits) + 1)
    ]
    return Alternative(Rule.NUMBER_PART, '("' + '") OR ("'.join(places) + '")', (), digits)


def _spelled(vocabulary: Vocabulary, digits: str) -> Iterator[Alternative]:
    """Yield the alternatives that digits spell names; `0` separates words."""
    spelled = [part for part in digits.split("0") if part]
    if len(spelled) > 1 and len(digits) < _LEAST_SPELLED:
        return
    exact = [_with_contracted(vocabulary.spelled(part)) for part in spelled]
    if all(exact):
        yield both(Rule.KEYPAD, [one_of(Rule.KEYPAD, words) for words in exact])
    begun = [_beginnings(vocabulary, part) for part in spelled]
    if all(begun):
        yield both(Rule.KEYPAD_BEGINS, [one_of(Rule.KEYPAD_BEGINS, terms) for terms in begun])


def _with_contracted(words: list[str]) -> list[str]:
    return list(dict.fromkeys([*words, *map(contracted, words)]))


def _beginnings(vocabulary: Vocabulary, digits: str) -> list[str]:
    if len(digits) > LONGEST_PREFIX:
        short = vocabulary.spelled_beginnings(digits)
        return [word for letters in short for word in vocabulary.beginning(letters)]
    if len(digits) < _LOOKED_UP:
        letters = [""]
        for digit in digits:
            letters = [before + letter for before in letters for letter in _KEYS[digit]]
    else:
        letters = vocabulary.spelled_beginnings(digits)
    return [f"{each}*" for each in letters]


def _parts(vocabulary: Vocabulary, word: str) -> list[Alternative]:
    words = vocabulary.containing(word) if len(word) >= LEAST_PART else []
    return [one_of(Rule.PART, words)] if words else []


def _sounds(vocabulary: Vocabulary, code: str) -> list[Alternative]:
    words = vocabulary.sounding(code) if code else []
    return [one_of(Rule.SOUND, words)] if words else []
