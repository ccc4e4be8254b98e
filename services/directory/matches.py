"""The rows that fulfil an expression, within a range of places: each call is one question to SQLite. No words, no links."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from services.directory.paging import LAST_PLACE, ROWS

READ_AT_MOST: Final = 2 * ROWS * ROWS
"""Places that are read to cut a class into ranges of equal size; larger ones are cut evenly, without counting."""
_INDEX: Final = "FROM contact_terms t"
_ROWS_FROM: Final = "FROM contact_terms t CROSS JOIN contacts c ON c.place = t.rowid"
EVEN_RANGES: Final = 12
"""Ranges at most of a class that is cut evenly: each costs a question, and more would save hardly anybody a key press."""
_WHERE: Final = "WHERE t.contact_terms MATCH ? AND t.rowid BETWEEN ? AND ?"
_ROWS: Final = f"SELECT t.rowid, c.name, c.label, c.telephone, c.digits, c.terms {_ROWS_FROM} {_WHERE}"
_FIRST_ROWS: Final = f"{_ROWS} ORDER BY t.rowid LIMIT ?"
_LAST_ROWS: Final = f"{_ROWS} ORDER BY t.rowid DESC LIMIT ?"
_IN_ORDER: Final = f"SELECT t.rowid AS place {_INDEX} {_WHERE} ORDER BY t.rowid LIMIT ?"
_PLACES: Final = f"SELECT group_concat(place) FROM ({_IN_ORDER})"  # noqa: S608  # constants only
_AT: Final = "SELECT place, name, label, telephone, digits, terms FROM contacts WHERE place IN "
_NEXT: Final = f"SELECT t.rowid {_INDEX} {_WHERE} ORDER BY t.rowid LIMIT 2"
_LAST: Final = f"SELECT t.rowid {_INDEX} {_WHERE} ORDER BY t.rowid DESC LIMIT 1"
_COUNT: Final = f"SELECT count(*) {_INDEX} {_WHERE}"
_NAMES: Final = "SELECT place, name FROM contacts WHERE place IN "


class Found(NamedTuple):
    """A row as the tables hold it; `terms` between blanks."""

    place: int
    name: str
    label: str
    telephone: str
    digits: str
    terms: str


@dataclass(frozen=True, slots=True)
class Matches:
    """Rows that fulfil an expression."""

    db: sqlite3.Connection
    expression: str
    low: int = 0
    high: int = LAST_PLACE

    def rows(self, limit: int, *, backwards: bool = False) -> list[Found]:
        """Return the first rows, or the last ones from the last on."""
        return _found(self.ask(_LAST_ROWS if backwards else _FIRST_ROWS, limit))

    def few(self, most: int) -> list[Found] | None:
        """Return all rows, in no order, or None where there are more than so many: of those the index alone is asked."""
        places = [place for (place,) in self.ask(_IN_ORDER, most + 1)]
        if len(places) > most:
            return None
        return _found(self.db.execute(_AT + _list_of(places), places)) if places else []

    def places(self) -> list[str]:
        """Return the places in order, as SQLite writes them, at most one more than `READ_AT_MOST`.

        As one text: thousands of rows, or numbers of which a few are looked at, would cost more than the search.
        An aggregate takes rows as they come, and a limit keeps the order in which they come.
        """
        ((places,),) = self.ask(_PLACES, READ_AT_MOST + 1)
        return places.split(",") if places else []

    def next_two(self, low: int) -> list[int]:
        """Return the first two places from one on."""
        return [place for (place,) in replace(self, low=low).ask(_NEXT)]

    def last(self, low: int, high: int) -> int:
        """Return the last place of a range in which there is one."""
        ((place,),) = replace(self, low=low, high=high).ask(_LAST)
        return int(place)

    def count(self) -> int:
        """Count all: the only question whose cost grows with the answer."""
        ((count,),) = self.ask(_COUNT)
        return int(count)

    def names(self, places: Sequence[int]) -> dict[int, str]:
        """Return the names of rows by their places."""
        return dict(self.db.execute(_NAMES + _list_of(places), places))

    def ask(self, statement: str, *values: int) -> list[tuple[Any, ...]]:
        """Ask one of the statements above."""
        return self.db.execute(statement, (self.expression, self.low, self.high, *values)).fetchall()


def _found(rows: Iterable[tuple[Any, ...]]) -> list[Found]:
    return [Found(place, name, label, tel, digits, f" {terms} ") for place, name, label, tel, digits, terms in rows]


def _list_of(places: Sequence[int]) -> str:
    return f"({','.join('?' * len(places))})"


def ranges_of(matches: Matches, places: Sequence[str], most: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield (first place, last place) of at most `most` ranges, in order, that hold all matches; `size`: rows of a book.

    `places`: what `Matches.places` gave.
    """
    if len(places) > READ_AT_MOST:
        yield from _even_ranges(matches, min(most, EVEN_RANGES))
        return
    step = -(-len(places) // (most * size)) * size
    for block in (places[at : at + step] for at in range(0, len(places), step)):
        yield int(block[0]), int(block[-1])


def _even_ranges(matches: Matches, most: int) -> Iterator[tuple[int, int]]:
    """Cut the places from the first match to the last one evenly; ranges without a match are left out.

    The two matches at a cut are the end of one range and the beginning of the next, so that one question answers for
    both; where matches are so rare that they lie beyond the next cut, the end is asked for (backwards costs more).
    """
    first, *_ = matches.next_two(matches.low)
    end = matches.last(first, matches.high)
    step = (end - first) // most + 1
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
