"""The option `range` by which Active Directory gives many values in parts: `member;range=0-1499`, `member;range=1500-*`.

Source: MS-ADTS section 3.1.1.3.1.3.3 (Range Retrieval of Attribute Values). Pure.
"""

from collections.abc import Iterable
from typing import NamedTuple


class Range(NamedTuple):
    """Which values of an attribute these are, counted from 0; `last` is None up to the end."""

    first: int
    last: int | None


def parse_range(option: str) -> Range:
    """Return the range of an option `range=FIRST-LAST` or `range=FIRST-*`, which must have that form."""
    first, _, last = option.partition("=")[2].partition("-")
    return Range(int(first), None if last == "*" else int(last))


def missing_from(parts: Iterable[Range]) -> str:
    """Return which values are in none of these parts, in words; "" when all are there."""
    expected = 0
    for part in sorted(parts, key=lambda part: part.first):
        if part.first > expected:
            return f"values {expected} to {part.first - 1}"
        if part.last is None:
            return ""
        expected = max(expected, part.last + 1)
    return f"the values from {expected} on"
