"""The terms that the index holds of a row, and their marks: one module, so that what is asked for fits what is indexed. Pure.

The index (`tables.py`) answers "which rows have a term that begins so": one such question costs the same for one hit and
for a million rows. What a row is found by:

* the words of the name, as they are (`words.spellings_of`);
* *pair terms*, the first letters of two words of a name, the lesser word first: `=djuepa` for Jean Dupin (`=`, then d-j,
  u-e, p-a), since two words of a query would be two long lists to compare. The beginning `=djue` of a pair term says that
  one word begins with "du" and another one with "je";
* words of company, department and title behind a `~`, words of the site behind `~~`;
* where the person belongs, behind `==` (`belonging.py`);
* keys of the number, behind `#` and `+` or as they are (`shared.numberkeys`);
* *parts* of the number: each three digits that stand together, with how many are behind them, the last two and the last
  one, each as a single sign beyond ASCII, since the index keeps lists for every beginning of a term, and a sign has only
  one. Parts that stand one behind the other say exactly which digits do.
"""

from collections.abc import Iterator
from itertools import combinations, zip_longest
from typing import Final

LONGEST_PREFIX: Final = 7
"""Letters of the longest beginnings that the index keeps lists of. Longer ones are looked up in the vocabulary."""
PREFIX_LENGTHS: Final = " ".join(map(str, range(1, LONGEST_PREFIX + 1)))
TOKENIZER: Final = "ascii tokenchars '#+=~'"
"""Terms hold ASCII letters and digits, the marks, and the signs of parts, all of which lie beyond ASCII."""
ELSEWHERE: Final = "~"
SITE: Final = "~~"
HOME_KEY: Final = "#"
"""Mark of the keys of the default location's country (`shared.numberkeys`)."""
PART_DIGITS: Final = 3
MOST_PART_DIGITS: Final = 13
"""Digits, from the end, of which parts are kept."""
_PAIR_LETTERS: Final = 3
_SIGNS: Final = 0x4E00
"""Where 12,000 signs of one class stand together; what they mean in a script does not matter."""


def pair_terms(words: tuple[str, ...]) -> Iterator[str]:
    """Yield the pair terms of the words of a name, one for each two of them."""
    for one, two in combinations(words, 2):
        yield pair_of(one, two)


def pair_of(one: str, two: str) -> str:
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


def pair_says_all(one: str, two: str) -> bool:
    """Tell whether the pair of two beginnings asks for all of both."""
    lesser, greater = (one, two) if one < two else (two, one)
    return len(lesser) - len(greater) in (0, 1) and len(lesser) <= _PAIR_LETTERS


def end_sign(digits: str) -> str:
    """Return the sign of the last two digits of a number, or of the last one."""
    return (_ONE, _TWO)[len(digits) - 1][digits]


def part_sign(digits: str, behind: int) -> str:
    """Return the sign of three digits that stand together with so many digits behind them."""
    return _THREE[behind][digits]


def part_terms(digits: str, key: str) -> str:
    """Return the signs of a number: parts of three digits, and its end.

    Parts at the beginning of its writings are left out, since those are found by the key's beginning.
    """
    size = min(len(key) - 2 if key[0] == HOME_KEY else len(digits) - 1, MOST_PART_DIGITS)
    if len(digits) <= 2:  # noqa: PLR2004
        return _ONE[digits[-1]] if len(digits) > 1 else ""
    return " ".join([signs[digits[cut]] for signs, cut in _CUTS[size]])


_ONE: Final = {f"{number}": chr(_SIGNS + number) for number in range(10)}
_TWO: Final = {f"{number:02}": chr(_SIGNS + 100 + number) for number in range(100)}
_THREE: Final = tuple(
    {f"{number:03}": chr(_SIGNS + 1000 * (behind + 1) + number) for number in range(1000)}
    for behind in range(MOST_PART_DIGITS - PART_DIGITS + 1)
)


class _Neighbours(dict[str, str]):
    """The signs of the first and of the last three of four digits with so many behind them, each made once."""

    def __init__(self, behind: int) -> None:
        super().__init__()
        self._behind = behind

    def __missing__(self, digits: str) -> str:
        self[digits] = signs = f"{_THREE[self._behind + 1][digits[:3]]} {_THREE[self._behind][digits[1:]]}"
        return signs


def _cuts(size: int) -> list[tuple[dict[str, str], slice]]:
    """Return how the last digits of a number, so many of them, are cut up, and where the signs of each piece are found."""
    cuts: list[tuple[dict[str, str], slice]] = []
    if size >= PART_DIGITS and size % 2:
        cuts.append((_THREE[size - PART_DIGITS], slice(-size, PART_DIGITS - size or None)))
        size -= 1
    cuts += [(_FOUR[behind], slice(-behind - 4, -behind or None)) for behind in range(size - 4, -1, -2)]
    return [*cuts, (_END, slice(-2, None))]


_FOUR: Final = tuple(map(_Neighbours, range(MOST_PART_DIGITS - PART_DIGITS)))
_END: Final = {number: f"{sign} {_ONE[number[-1]]}" for number, sign in _TWO.items()}
_CUTS: Final = [_cuts(size) for size in range(MOST_PART_DIGITS + 1)]
