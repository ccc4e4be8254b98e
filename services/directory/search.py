"""From a query to a page: reads the tables in one snapshot, never more than a bounded number of rows. No HTTP, no XML.

How many rows a menu has to share out decides how: up to 32 rows are a book; up to 8,192 places are read and cut into
ranges of whole books; beyond that the places are cut evenly, without counting what lies between.
So one letter costs the same among a thousand people and among a million.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from services.directory.paging import EVERYTHING, MENUS, ROWS, Book, Ends, Layout, Page, Row, Span, menu_of
from services.directory.words import Query, match_expression
from shared.config import Config
from shared.dialling import Dialler
from shared.numbers import NumberReader

_READ_AT_MOST: Final = 8 * ROWS * ROWS
_MATCHES: Final = "FROM contact_terms t WHERE t.contact_terms MATCH ? AND t.rowid BETWEEN ? AND ?"
_ROWS: Final = """SELECT c.name, c.label, c.telephone
    FROM contact_terms t CROSS JOIN contacts c ON c.place = t.rowid
    WHERE t.contact_terms MATCH ? AND t.rowid BETWEEN ? AND ? ORDER BY t.rowid LIMIT ?"""
_PLACES: Final = """SELECT count(*), json_group_array(place) FROM (SELECT t.rowid AS place FROM contact_terms t
    WHERE t.contact_terms MATCH ? AND t.rowid BETWEEN ? AND ? ORDER BY t.rowid LIMIT ?)"""
"""As one text: thousands of rows would cost more on their way into Python than in the search."""
_NEXT: Final = f"SELECT t.rowid {_MATCHES} ORDER BY t.rowid LIMIT 2"
_LAST: Final = f"SELECT t.rowid {_MATCHES} ORDER BY t.rowid DESC LIMIT 1"
_COUNT: Final = "SELECT count(*) FROM contact_terms t WHERE t.contact_terms MATCH ?"
_NAMES: Final = "SELECT place, name FROM contacts WHERE place IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class Request:
    """What a phone asks: the query, which part of the answer, and how its model shows pages."""

    query: Query
    span: Span = EVERYTHING
    layout: Layout = MENUS


class Search:
    """Finds pages in the tables of the directory service, as the configuration reads numbers."""

    def __init__(self, config: Config) -> None:
        self._numbers = NumberReader(config.numbers)
        self._dialler = Dialler(config.numbers)
        self._public_url = config.directory.public_url

    def find_page(self, db: sqlite3.Connection, asked: Request) -> Page:
        """Return the rows of a span, or the menu that leads to them; the query is not empty. Raises `SearchTooLong`."""
        query, span = asked.query, asked.span
        matches = self._matches(db, query, span)
        rows = matches.rows(ROWS + 1)
        if len(rows) <= ROWS:
            return Book(tuple(rows))
        ranges = list(_ranges(matches))
        names = matches.names([place for ends in ranges for place in ends])
        named = [Ends(first, names[first], names[last]) for first, last in ranges]
        return menu_of(named, span, query, self._public_url)

    def find_rows(self, db: sqlite3.Connection, query: Query, limit: int) -> tuple[list[Row], int]:
        """Return the first rows of all, and how many there are."""
        matches = self._matches(db, query, EVERYTHING)
        return matches.rows(limit), matches.count()

    def _matches(self, db: sqlite3.Connection, query: Query, span: Span) -> "_Matches":
        return _Matches(db, match_expression(query, self._numbers.key_prefixes), span, self._dialler)


@dataclass(frozen=True, slots=True)
class _Matches:
    """The rows that match, within a span; each call is one question to SQLite."""

    db: sqlite3.Connection
    expression: str
    span: Span
    dialler: Dialler

    def rows(self, limit: int) -> list[Row]:
        found = self.db.execute(_ROWS, (self.expression, self.span.low, self.span.high, limit))
        return [Row(name, label, self.dialler.dial(telephone)) for name, label, telephone in found]

    def places(self) -> list[int]:
        """Return all places, or none where there are more than `_READ_AT_MOST`."""
        limit = _READ_AT_MOST + 1
        count, places = self.db.execute(_PLACES, (self.expression, self.span.low, self.span.high, limit)).fetchone()
        return sorted(json.loads(places)) if count < limit else []  # sorted already, though SQLite does not promise it

    def next_two(self, low: int) -> list[int]:
        return [place for (place,) in self.db.execute(_NEXT, (self.expression, low, self.span.high))]

    def last(self, low: int, high: int) -> int:
        """Return the last place of a range in which there is one."""
        (place,) = self.db.execute(_LAST, (self.expression, low, high)).fetchone()
        return int(place)

    def count(self) -> int:
        """Count all matches, whatever the span: the only question whose cost grows with the answer."""
        (count,) = self.db.execute(_COUNT, (self.expression,)).fetchone()
        return int(count)

    def names(self, places: Sequence[int]) -> dict[int, str]:
        return dict(self.db.execute(_NAMES, (json.dumps(places),)))


def _ranges(matches: _Matches) -> Iterator[tuple[int, int]]:
    """Yield (first place, last place) of at most `ROWS` ranges, in order, that hold all matches."""
    places = matches.places()
    if not places:
        yield from _even_ranges(matches)
        return
    size = -(-len(places) // (ROWS * ROWS)) * ROWS
    for block in (places[at : at + size] for at in range(0, len(places), size)):
        yield block[0], block[-1]


def _even_ranges(matches: _Matches) -> Iterator[tuple[int, int]]:
    """Cut the places from the first match to the last one evenly; ranges without a match are left out.

    The two matches at a cut are the end of one range and the beginning of the next, so that one question answers for
    both; where matches are so rare that they lie beyond the next cut, the end is asked for (backwards costs more).
    """
    first, *_ = matches.next_two(matches.span.low)
    end = matches.last(first, matches.span.high)
    step = (end - first) // ROWS + 1
    for cut in range(first + step, end + 1, step):
        last, *following = matches.next_two(cut)
        if last == first:
            continue
        if following and following[0] < cut + step:
            yield first, last
            (first,) = following
        else:
            yield first, matches.last(first, cut - 1)
            first = last
    yield first, end
