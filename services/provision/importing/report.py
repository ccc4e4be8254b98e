"""What an import could not carry over, and what it decided. No secret may ever get into a row."""

from collections.abc import Iterator
from enum import IntEnum
from typing import Final, NamedTuple

_SHOWN: Final = 3
"""Places that a row names; the others are counted."""


class Weight(IntEnum):
    """What a row means for whoever reads it."""

    NOTE = 0
    """Carried over, or meant to stay where it is; something was decided."""
    LOST = 1
    """Not carried over."""


class Place(NamedTuple):
    """A line of a file; 0 is the file as a whole."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class Row(NamedTuple):
    """One line of the report; one reason stands once, however many places it holds for."""

    weight: Weight
    what: str
    place: Place
    why: str
    mend: str
    places: tuple[Place, ...]
    """All of them, `place` first."""

    @property
    def where(self) -> str:
        """The places as people read them: the first few, and how many more there are."""
        shown = ", ".join(str(place) for place in self.places[:_SHOWN])
        more = len(self.places) - _SHOWN
        return f"{shown} and {more} more" if more > 0 else shown


class _Reason(NamedTuple):
    weight: Weight
    why: str
    mend: str
    what: str
    """"" where all that has this reason is named in one row."""


class Report:
    """The rows of one import, in the order in which they were met."""

    def __init__(self) -> None:
        self._rows: dict[_Reason, dict[tuple[str, Place], None]] = {}
        self._cells: set[tuple[str, Place]] = set()
        self._whole: set[str] = set()

    def lost(
        self, what: str, place: Place, why: str, mend: str, *, together: bool = False, whole: bool = False
    ) -> None:
        """Add something that was not carried over.

        `together`: in one row with all else that has the same reason. `whole`: the row speaks of every line of the file.
        """
        self._add(_Reason(Weight.LOST, why, mend, "" if together else what), what, place, whole=whole)

    def note(
        self, what: str, place: Place, why: str, mend: str = "", *, together: bool = False, whole: bool = False
    ) -> None:
        """Add something that was carried over otherwise than it was written, or stays where it is."""
        self._add(_Reason(Weight.NOTE, why, mend, "" if together else what), what, place, whole=whole)

    def covers(self, what: str, place: Place) -> bool:
        """Whether a row speaks of this line, or of its whole file."""
        return (what, place) in self._cells or place.file in self._whole

    def _add(self, reason: _Reason, what: str, place: Place, *, whole: bool) -> None:
        self._rows.setdefault(reason, {})[what, place] = None
        self._cells.add((what, place))
        if whole:
            self._whole.add(place.file)

    def __iter__(self) -> Iterator[Row]:
        rows = [_row(reason, cells) for reason, cells in self._rows.items()]
        return iter(sorted(rows, key=lambda row: -row.weight))

    @property
    def is_complete(self) -> bool:
        """Whether everything was carried over."""
        return all(reason.weight is not Weight.LOST for reason in self._rows)


def _row(reason: _Reason, cells: dict[tuple[str, Place], None]) -> Row:
    named = ", ".join(dict.fromkeys(what for what, _ in cells))
    places = tuple(dict.fromkeys(place for _, place in cells))
    return Row(reason.weight, named, places[0], reason.why, reason.mend, places)
