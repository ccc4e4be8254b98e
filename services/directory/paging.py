"""What a phone shows (a book of rows, or a menu of ranges), the links between them, and the labels of ranges. Pure.

Every row of the directory has a *place*, a number in the order of the phonebook. An answer is one *class* after the other
(`matching.Rule`, and whether it is the caller's own department or site), in each the places in order. A link names a class,
a range of places and the query; the ranges of a menu share out the range it was asked for, so every row is reached exactly
once, also when rows came or went between two key presses, and the server remembers nothing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from services.directory.words import Query
from shared.config import Config
from shared.errors import Fault, Malformed
from shared.text import fold

ROWS: Final = 32
"""Rows of a book and items of a menu at most (phone-spec 1.5)."""
LONGEST_URL: Final = 128
"""Characters that the phone keeps of a URL (phone-spec 1.1)."""
LEAST_QUERY: Final = 16
"""Characters of a query that every link must have room for."""
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_PAIRS: Final = tuple(one + other for one in _DIGITS for other in _DIGITS)
_PLACE_DIGITS: Final = 8
_TWO_DIGITS: Final = len(_PAIRS)
_FOUR_DIGITS: Final = _TWO_DIGITS**2
LAST_PLACE: Final = 36**_PLACE_DIGITS - 1
_SPAN: Final = re.compile(
    rf"([wpns])([0-9a-z])\.(?:([0-9a-z]{{1,{_PLACE_DIGITS}}}))?-(?:([0-9a-z]{{1,{_PLACE_DIGITS}}}))?"
)


class SearchTooLong(Malformed):
    """The query finds too much for one page and is too long for the links of a menu."""


class Step(StrEnum):
    """How a page was found: each step is taken only when the ones before give nothing. The letter is that of links."""

    WORDS = "w"
    """As typed: words and their beginnings, numbers, keypad spelling."""
    PARTS = "p"
    """Typed words are parts of words."""
    NEAR = "n"
    """Typed words have a letter or two wrong."""
    SOUNDS = "s"
    """Typed words sound like words of the directory."""


class Row(NamedTuple):
    """One line of a phonebook. `telephone`: what the phone dials; "" in a row that only tells something.

    `label` tells two numbers of a person apart, "" where nothing is to be said; a dialect shortens the name before it.
    """

    name: str
    label: str
    telephone: str

    @property
    def text(self) -> str:
        """The name with its label, at full length."""
        return f"{self.name} ({self.label})" if self.label else self.name


@dataclass(frozen=True, slots=True)
class Book:
    """At most `Layout.rows` rows. `previous`, `next`: links as in `Item`, "" where there is nothing or no paging."""

    rows: tuple[Row, ...]
    title: str = ""
    note: str = ""
    previous: str = ""
    next: str = ""
    step: Step = Step.WORDS


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a menu. `url`: absolute, at most `Layout.longest_url` characters, no `&`."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Menu:
    """At most `Layout.rows` items."""

    items: tuple[Item, ...]
    title: str = ""
    note: str = ""
    step: Step = Step.WORDS


Page = Book | Menu


@dataclass(frozen=True, slots=True)
class Layout:
    """How a model shows what does not fit on one page. From its profile.

    `style`: "menu": menus of ranges. "pages": books with `previous` and `next`. "mixed": the same, but the links take
    lines of the book, so that two rows fewer fit. `label_width`: characters of a menu's label, 0 for any.
    """

    rows: int = ROWS
    style: Literal["menu", "pages", "mixed"] = "menu"
    label_width: int = 0
    longest_url: int = LONGEST_URL


MENUS: Final = Layout()
"""What every firmware of the Thomson family understands."""


Way = Literal["range", "onward", "back"]


class Span(NamedTuple):
    """A part of an answer: the places from `low` to `high`, both included, in the class `rank` of a step.

    `way`: "range" is these places only; "onward" is a page from `low` on, through the classes that follow; "back" is the
    page that ends at `high`. `rank` is -1 for the whole answer, before its step is known.
    """

    low: int
    high: int
    rank: int = -1
    step: Step = Step.WORDS
    way: Way = "range"


EVERYTHING: Final = Span(0, LAST_PLACE)


@dataclass(frozen=True, slots=True)
class Ends:
    """The first and the last row of a range: places and names."""

    first: int
    first_name: str
    last_name: str


def parse_span(text: str) -> Span:
    """Read the part of an answer that a link names: `w3.1z3-20k`, `w3.1z3-` or `w3.-20k`. Raises `Malformed`."""
    match = _SPAN.fullmatch(text)
    if match is None or not (match[3] or match[4]):
        raise Malformed("the link does not name a part of this phonebook")
    low = int(match[3], 36) if match[3] else 0
    high = int(match[4], 36) if match[4] else LAST_PLACE
    if low > high:
        raise Malformed("the link does not name a part of this phonebook")
    way: Way = "onward" if not match[4] else "range" if match[3] else "back"
    return Span(low, high, int(match[2], 36), Step(match[1]), way)


def render_span(span: Span) -> str:
    """Write a part of an answer so that `parse_span` reads it."""
    low = "" if span.way == "back" else _base36(span.low)
    high = "" if span.way == "onward" else _base36(span.high)
    return f"{_class_of(span)}{low}-{high}"


def _class_of(span: Span) -> str:
    return f"{span.step}{_DIGITS[span.rank]}."


@dataclass(frozen=True)
class Links:
    """Makes the links of one answer. `path`: what stands before `/search`, such as `/b2`; "" for everyone's phonebook."""

    public_url: str
    path: str
    query: Query
    longest: int = LONGEST_URL

    @cached_property
    def _ends(self) -> tuple[str, str]:
        return f"{self.public_url}{self.path}/search/", f"?q={'+'.join(self.query.words)}"

    def to(self, span: Span) -> str:
        """Return the URL of a part of the answer. Raises `SearchTooLong` where the phone would not keep it whole."""
        begin, end = self._ends
        return self._kept(begin + render_span(span) + end)

    def through(self, span: Span, lows: Sequence[int]) -> Iterator[str]:
        """Yield the URLs of the parts of a span that begin at these places, each up to the next one. Raises as `to`."""
        begin, end = self._ends
        begin += _class_of(span)
        low = _base36(span.low)
        for following in lows[1:]:
            yield self._kept(f"{begin}{low}-{_base36(following - 1)}{end}")
            low = _base36(following)
        yield self._kept(f"{begin}{low}-{_base36(span.high)}{end}")

    def _kept(self, url: str) -> str:
        if len(url) > self.longest:
            raise SearchTooLong("the search finds too much for one page and is too long for a link; type fewer letters")
        return url


def longest_query(public_url: str) -> int:
    """Return how many characters of a query fit into every link."""
    longest = render_span(Span(LAST_PLACE, LAST_PLACE, 0))
    return LONGEST_URL - len(f"{public_url}/b8/search/{longest}?q=")


def url_faults(config: Config) -> tuple[Fault, ...]:
    """Return what keeps the links of a menu from fitting into the phone (design law 9)."""
    room = longest_query(config.directory.public_url)
    if room >= LEAST_QUERY:
        return ()
    problem = f"is {LEAST_QUERY - room} characters too long: a link would exceed the phone's {LONGEST_URL} characters"
    return (Fault("directory.public_url", f"{problem}; use a shorter host name or path"),)


def items_of(ranges: Sequence[Ends], span: Span, links: Links) -> Iterator[Item]:
    """Yield the items that share out a span: each reaches from its first row to just before the next item's.

    Raises `SearchTooLong` when the query does not fit into a link.
    """
    labels = labels_of([(ends.first_name, ends.last_name) for ends in ranges])
    urls = links.through(span, [ends.first for ends in ranges])
    for label, url in zip(labels, urls, strict=True):
        yield Item(label, url)


def share_out(needs: Sequence[int], lines: int) -> list[int]:
    """Share out the lines of a menu among classes that need so many: small ones get all, the others what is left."""
    shares = [0] * len(needs)
    for done, at in enumerate(sorted(range(len(needs)), key=lambda at: needs[at])):
        shares[at] = max(1, min(needs[at], (lines - sum(shares)) // (len(needs) - done)))
    return shares


def labels_of(ranges: Sequence[tuple[str, str]]) -> list[str]:
    """Return a label for each range (first name, last name), cut behind the word in which a name differs from its neighbours.

    `Dupin, Jean` to `Martin, Alice` before `Martin, Jean` to `Zola, Émile`: `Dupin – Martin, Alice`, `Martin, Jean – Zola`.
    Ranges that cannot be told apart, because all names in them are equal, are numbered.
    """
    names = [name for ends in ranges for name in ends]
    folded = [fold(name).replace(",", "").split(" ") for name in names]
    common = [_count_common(one, other) for one, other in pairwise(folded)]
    labels: list[str] = []
    previous, same = "", 1
    for at in range(0, len(names), 2):
        begin, end, within = folded[at], folded[at + 1], common[at]
        if begin == end:
            label = names[at]
        else:
            before = max(common[at - 1], within) if at else within
            after = max(within, common[at + 1]) if at + 2 < len(names) else within
            label = f"{_cut(names[at], len(begin), before)} – {_cut(names[at + 1], len(end), after)}"
        same = same + 1 if label == previous else 1
        previous = label
        labels.append(f"{label} ({same})" if same > 1 else label)
    return labels


def _cut(name: str, size: int, common: int) -> str:
    """Return so many words of a name of `size` words, and the one behind them."""
    return " ".join(name.split(" ")[: common + 1]).rstrip(",") if common + 1 < size else name


def _count_common(one: list[str], other: list[str]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _base36(number: int) -> str:
    """Written out for the digits of a place: every line of a menu has two of them."""
    high, low = divmod(number, _FOUR_DIGITS)
    digits = _PAIRS[high // _TWO_DIGITS] + _PAIRS[high % _TWO_DIGITS]
    digits += _PAIRS[low // _TWO_DIGITS] + _PAIRS[low % _TWO_DIGITS]
    return digits.lstrip("0") or "0"
