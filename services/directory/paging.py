"""What a phone shows (a book of rows, or a menu of ranges), the links between them, and the labels of ranges. Pure.

Every row of the directory has a *place*, a number in the order of the phonebook. A link names a range of places and the
query; the ranges of a menu share out the range it was asked for, so every row is reached exactly once, also when rows
came or went between two key presses, and the server remembers nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
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
_PLACE_DIGITS: Final = 8
LAST_PLACE: Final = 36**_PLACE_DIGITS - 1
_SPAN: Final = re.compile(rf"([0-9a-z]{{1,{_PLACE_DIGITS}}})-([0-9a-z]{{1,{_PLACE_DIGITS}}})")


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


@dataclass(frozen=True, slots=True)
class Span:
    """A range of places, both ends included."""

    low: int
    high: int


EVERYTHING: Final = Span(0, LAST_PLACE)


@dataclass(frozen=True, slots=True)
class Ends:
    """The first and the last row of a range: places and names."""

    first: int
    first_name: str
    last_name: str


def parse_span(text: str) -> Span:
    """Read the range of a link, `1z3-20k`. Raises `Malformed`."""
    match = _SPAN.fullmatch(text)
    span = Span(int(match[1], 36), int(match[2], 36)) if match else None
    if span is None or span.low > span.high:
        raise Malformed("the link does not name a range of this phonebook")
    return span


def render_span(span: Span) -> str:
    """Write a range so that `parse_span` reads it."""
    return f"{_base36(span.low)}-{_base36(span.high)}"


def longest_query(public_url: str) -> int:
    """Return how many characters of a query fit into every link."""
    return LONGEST_URL - len(_link(public_url, "z" * _PLACE_DIGITS + "-" + "z" * _PLACE_DIGITS, ""))


def url_faults(config: Config) -> tuple[Fault, ...]:
    """Return what keeps the links of a menu from fitting into the phone (design law 9)."""
    room = longest_query(config.directory.public_url)
    if room >= LEAST_QUERY:
        return ()
    problem = f"is {LEAST_QUERY - room} characters too long: a link would exceed the phone's {LONGEST_URL} characters"
    return (Fault("directory.public_url", f"{problem}; use a shorter host name or path"),)


def menu_of(ranges: Sequence[Ends], span: Span, query: Query, public_url: str) -> Menu:
    """Return the menu that shares out the span: each item reaches from its first row to just before the next item's.

    Raises `SearchTooLong` when the query does not fit into a link.
    """
    asked = "+".join(query.words)
    if len(asked) > longest_query(public_url):
        raise SearchTooLong("the search finds too much for one page and is too long for a menu; type fewer letters")
    lows = [span.low, *(ends.first for ends in ranges[1:])]
    highs = [*(low - 1 for low in lows[1:]), span.high]
    spans = (render_span(Span(low, high)) for low, high in zip(lows, highs, strict=True))
    labels = labels_of([(ends.first_name, ends.last_name) for ends in ranges])
    return Menu(tuple(Item(label, _link(public_url, s, asked)) for label, s in zip(labels, spans, strict=True)))


def labels_of(ranges: Sequence[tuple[str, str]]) -> list[str]:
    """Return a label for each range (first name, last name), cut behind the word in which a name differs from its neighbours.

    `Dupin, Jean` to `Martin, Alice` before `Martin, Jean` to `Zola, Émile`: `Dupin – Martin, Alice`, `Martin, Jean – Zola`.
    Ranges that cannot be told apart, because all names in them are equal, are numbered.
    """
    folded = [(_folded_words(first), _folded_words(last)) for first, last in ranges]
    nobody: tuple[str, ...] = ()
    labels: list[str] = []
    previous, same = "", 1
    for at, (first, last) in enumerate(ranges):
        begin, end = folded[at]
        before = folded[at - 1][1] if at else nobody
        after = folded[at + 1][0] if at + 1 < len(ranges) else nobody
        label = first if begin == end else f"{_cut(first, begin, before, end)} – {_cut(last, end, begin, after)}"
        same = same + 1 if label == previous else 1
        previous = label
        labels.append(f"{label} ({same})" if same > 1 else label)
    return labels


def _folded_words(name: str) -> tuple[str, ...]:
    return tuple(fold(name).replace(",", "").split(" "))


def _cut(name: str, folded: tuple[str, ...], *others: tuple[str, ...]) -> str:
    keep = 1 + max(_count_common(folded, other) for other in others)
    return " ".join(name.split(" ")[:keep]).rstrip(",") if keep < len(folded) else name


def _count_common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    for count, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return count
    return min(len(one), len(other))


def _link(public_url: str, span: str, asked: str) -> str:
    return f"{public_url}/search/{span}?q={asked}"


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
