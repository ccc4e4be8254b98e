"""What an import could not carry over, and what it decided. No secret may ever get into a row."""

from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple


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
    """One line of the report."""

    weight: Weight
    what: str
    place: Place
    why: str
    mend: str


class Report:
    """The rows of one import, in the order in which they were met, each once."""

    def __init__(self) -> None:
        self._rows: dict[Row, None] = {}

    def lost(self, what: str, place: Place, why: str, mend: str) -> None:
        """Add something that was not carried over."""
        self._rows[Row(Weight.LOST, what, place, why, mend)] = None

    def note(self, what: str, place: Place, why: str, mend: str = "") -> None:
        """Add something that was carried over otherwise than it was written, or stays where it is."""
        self._rows[Row(Weight.NOTE, what, place, why, mend)] = None

    def __iter__(self) -> Iterator[Row]:
        return iter(sorted(self._rows, key=lambda row: -row.weight))

    @property
    def is_complete(self) -> bool:
        """Whether everything was carried over."""
        return all(row.weight is not Weight.LOST for row in self._rows)
