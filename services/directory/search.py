"""From a query to a page: reads the tables in one snapshot, never more than a bounded number of rows. No HTTP, no XML.

How many rows a menu has to share out decides how: up to 32 rows are a book; up to 1,024 are read and cut into blocks of 32;
up to 8,192 are counted and cut into blocks of equal size; beyond that the range of places is cut evenly, without counting.
So one letter costs the same among a thousand people and among a million.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from services.directory.paging import EVERYTHING, ROWS, Book, Ends, Page, Row, Span, menu_of
from services.directory.words import Query, match_expression
from shared.config import Config
from shared.numbers import NumberReader

_READ_AT_MOST: Final = ROWS * ROWS
_COUNT_AT_MOST: Final = 8 * ROWS * ROWS
_MATCHES: Final = "FROM contact_terms t WHERE t.contact_terms MATCH ? AND t.rowid BETWEEN ? AND ?"
_ROWS: Final = """SELECT c.name, c.label, c.telephone
    FROM contact_terms t CROSS JOIN contacts c ON c.place = t.rowid
    WHERE t.contact_terms MATCH ? AND t.rowid BETWEEN ? AND ? ORDER BY t.rowid LIMIT ?"""
_PLACES: Final = f"SELECT t.rowid {_MATCHES} ORDER BY t.rowid LIMIT ? OFFSET ?"
_LAST: Final = f"SELECT t.rowid {_MATCHES} ORDER BY t.rowid DESC LIMIT 1"
_COUNT: Final = """SELECT count(*) FROM (SELECT t.rowid FROM contact_terms t
    WHERE t.contact_terms MATCH ? AND t.rowid BETWEEN ? AND ? LIMIT ?)"""
_NAMES: Final = "SELECT place, name FROM contacts WHERE place IN (SELECT value FROM json_each(?))"


class Search:
    """Finds pages in the tables of the directory service, as the configuration reads numbers."""

    def __init__(self, config: Config) -> None:
        self._numbers = NumberReader(config.numbers)
        self._public_url = config.directory.public_url

    def find_page(self, db: sqlite3.Connection, query: Query, span: Span = EVERYTHING) -> Page:
        """Return the rows of a span, or the menu that leads to them; the query is not empty. Raises `SearchTooLong`."""
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
        return matches.rows(limit), matches.count(-1)

    def _matches(self, db: sqlite3.Connection, query: Query, span: Span) -> "_Matches":
        return _Matches(db, match_expression(query, self._numbers.key_prefixes), span)


@dataclass(frozen=True, slots=True)
class _Matches:
    """The rows that match, within a span; each call is one question to SQLite."""

    db: sqlite3.Connection
    expression: str
    span: Span

    def rows(self, limit: int) -> list[Row]:
        found = self.db.execute(_ROWS, (self.expression, self.span.low, self.span.high, limit))
        return [Row(f"{name} ({label})" if label else name, telephone) for name, label, telephone in found]

    def places(self, low: int, limit: int, skip: int = 0) -> list[int]:
        found = self.db.execute(_PLACES, (self.expression, low, self.span.high, limit, skip))
        return [place for (place,) in found]

    def last(self, low: int, high: int) -> int | None:
        found = self.db.execute(_LAST, (self.expression, low, high)).fetchone()
        return found[0] if found else None

    def count(self, limit: int) -> int:
        (count,) = self.db.execute(_COUNT, (self.expression, self.span.low, self.span.high, limit)).fetchone()
        return int(count)

    def names(self, places: Sequence[int]) -> dict[int, str]:
        return dict(self.db.execute(_NAMES, (json.dumps(places),)))


def _ranges(matches: _Matches) -> Iterator[tuple[int, int]]:
    """Yield (first place, last place) of at most `ROWS` ranges, in order, that hold all matches."""
    places = matches.places(matches.span.low, _READ_AT_MOST + 1)
    if len(places) <= _READ_AT_MOST:
        for block in (places[at : at + ROWS] for at in range(0, len(places), ROWS)):
            yield block[0], block[-1]
        return
    total = matches.count(_COUNT_AT_MOST + 1)
    if total <= _COUNT_AT_MOST:
        yield from _equal_ranges(matches, places[0], total)
    else:
        yield from _even_ranges(matches, places[0])


def _equal_ranges(matches: _Matches, first: int, total: int) -> Iterator[tuple[int, int]]:
    """Cut so many rows into ranges of equal numbers, each a multiple of a book."""
    size = -(-total // (ROWS * ROWS)) * ROWS
    for begun in range(0, total, size):
        last, *following = matches.places(first, 2, min(size, total - begun) - 1)
        yield first, last
        if following:
            (first,) = following


def _even_ranges(matches: _Matches, first: int) -> Iterator[tuple[int, int]]:
    """Cut the places from the first match to the last one evenly; ranges without a match are left out."""
    end = matches.last(first, matches.span.high) or first
    step = (end - first) // ROWS + 1
    for low in range(first, end + 1, step):
        begin = matches.places(low, 1)
        if begin and begin[0] < low + step:
            yield begin[0], matches.last(begin[0], low + step - 1) or begin[0]
