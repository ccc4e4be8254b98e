"""How much of one entry counts, so that no entry costs more than thousands of usual ones. Pure: no I/O.

What does not count is left out before an entry is stored. Which values those are depends on the values alone, never on their
order: LDAP has none, and every host must show the same. `dialtree lint` names the entries.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final, NamedTuple

from shared.ldap.entry import Entry

LONGEST_VALUE: Final = 4096
"""Characters of a value. A longer one is left out whole: the beginning of a number or of a DN is another one."""
MOST_KEYS: Final = 256
"""Attributes of an entry, each language of one counted."""


class Excess(NamedTuple):
    """What of an attribute does not count."""

    attribute: str
    problem: str


def bounded(entry: Entry, most_values: int) -> Entry:
    """Return what of an entry counts; the entry itself where that is all, as of nearly every one.

    `most_values`: of an attribute; the smallest ones count.
    """
    attributes = entry.attributes
    every = tuple(chain.from_iterable(attributes.values()))
    if len(every) <= min(most_values, MOST_KEYS) and sum(map(len, every)) <= LONGEST_VALUE:
        return entry  # nearly every one: a first load comes here for each
    if len(attributes) <= MOST_KEYS:
        for values in attributes.values():
            if len(values) > 1:
                if len(values) > most_values or max(map(len, values)) > LONGEST_VALUE:
                    break
            elif len(values[0]) > LONGEST_VALUE:
                break
        else:
            return entry
    return entry._replace(attributes=_cut(attributes, most_values))


def excess_of(entry: Entry, most_values: int) -> Iterator[Excess]:
    """Yield what of an entry does not count."""
    attributes = entry.attributes
    counted = _counted_keys(attributes)
    if len(counted) < len(attributes):
        left_out = next(key for key in sorted(attributes) if key not in counted)
        yield Excess(left_out, f"is one of {len(attributes)} attributes and languages; {MOST_KEYS} count; remove some")
    for key in sorted(counted):
        too_long = sum(len(value) > LONGEST_VALUE for value in attributes[key])
        if too_long:
            yield Excess(key, f"values left out: {too_long}, longer than {LONGEST_VALUE} characters; shorten them")
        count = len(attributes[key]) - too_long
        if count > most_values:
            yield Excess(key, f"has {count} values, of which the first {most_values} in order count; remove some")


def _cut(attributes: Mapping[str, tuple[str, ...]], most_values: int) -> dict[str, tuple[str, ...]]:
    cut: dict[str, tuple[str, ...]] = {}
    counted = _counted_keys(attributes)
    for key, values in attributes.items():
        if key in counted:
            short = tuple(value for value in values if len(value) <= LONGEST_VALUE)
            kept = short if len(short) <= most_values else tuple(sorted(short)[:most_values])
            if kept:
                cut[key] = kept
    return cut


def _counted_keys(attributes: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """Values without a language come first."""
    return frozenset(sorted(attributes, key=lambda key: (";" in key, key))[:MOST_KEYS])
