"""The words of a name as they are indexed, and of a query as they are asked for: one module, so that both agree. Pure.

The index (`tables.py`) answers "which rows have a term that begins so": one such question costs the same for one hit and
for a million rows. Two words of a query would be two long lists to compare, so the index also has *pair terms*, which hold
the first letters of two words of a name at once, the lesser word first: `=djuepa` for Jean Dupin (`=`, then d-j, u-e, p-a).
The beginning `=djue` of a pair term says that one word begins with "du" and another one with "je".
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise, zip_longest
from typing import Final

from shared.text import fold

PREFIX_LENGTHS: Final = "1 2 3 4 5 6 7 8 9 10 11 12"
"""Beginnings of terms that the index keeps lists of; longer ones are rare enough to be put together when asked for."""
TOKENIZER: Final = "ascii tokenchars '#+='"
"""Terms hold ASCII letters and digits, `#` and `+` of number keys (`shared.numbers`), and `=` of pairs."""
_PAIR_LETTERS: Final = 3
_WORDS: Final = re.compile("[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for: folded words, none the beginning of another one. Empty: nothing was typed."""

    words: tuple[str, ...]

    @property
    def letters(self) -> int:
        """How many letters and digits there are; repeated words do not count."""
        return sum(map(len, self.words))


def words_of(text: str) -> tuple[str, ...]:
    """Return the folded words of a text, each once, in order. `Jean-Luc Müller` gives `jean`, `luc`, `muller`."""
    return split_folded(fold(text))


def split_folded(folded: str) -> tuple[str, ...]:
    """Return the words of a text that is folded already."""
    return tuple(dict.fromkeys(_WORDS.findall(folded)))


def parse_query(text: str) -> Query:
    """Read what was typed. A word that another one begins with asks for nothing more, so it is left out."""
    words = words_of(text)
    return Query(tuple(w for w in words if not any(other != w and other.startswith(w) for other in words)))


def pair_terms(words: tuple[str, ...]) -> Iterator[str]:
    """Yield the pair terms of the words of a name, one for each two of them."""
    for one, two in combinations(words, 2):
        yield _pair(one, two)


def match_expression(query: Query, key_prefixes: Callable[[str], tuple[str, ...]]) -> str:
    """Return the FTS5 expression for the rows in which each word of the query is the beginning of a term.

    `key_prefixes`: digits → beginnings of number keys. The query is not empty.
    """
    digits = [word for word in query.words if word.isdigit()]
    letters = [word for word in query.words if not word.isdigit()]
    asked: list[str] = []
    said: set[str] = set()
    for one, two in pairwise(letters):
        asked.append(_begins(_pair(one, two)))
        lesser, greater = sorted((one, two))
        if len(lesser) - len(greater) in (0, 1) and len(lesser) <= _PAIR_LETTERS:
            said |= {one, two}
    asked += [_begins(word) for word in letters if word not in said]
    for word in digits:
        asked.append("(" + " OR ".join(_begins(key) for key in key_prefixes(word)) + ")")
    return " AND ".join(asked)


def _pair(one: str, two: str) -> str:
    """Take letters from the lesser and the greater word in turn, until either has none left.

    Of two words, neither the beginning of the other, the lesser one stays the lesser however they go on: so what is
    asked for fits what is indexed.
    """
    if one > two:
        one, two = two, one
    if len(one) >= _PAIR_LETTERS <= len(two):  # most names: by hand, since a first load makes millions
        return f"={one[0]}{two[0]}{one[1]}{two[1]}{one[2]}{two[2]}"
    letters = "="
    for left, right in zip_longest(one[:_PAIR_LETTERS], two[:_PAIR_LETTERS], fillvalue=""):
        letters += left + right if left else ""
        if not (left and right):
            break
    return letters


def _begins(term: str) -> str:
    return f'"{term}"*'
