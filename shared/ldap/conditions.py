"""Conditions on one attribute, as directories mark accounts that are disabled: four ways, each in one line. Pure.

* `nsAccountLock`: there is a value, and it does not say no (`FALSE`, `no`, `off`, `0`);
* `pwdAccountLockedTime=000001010000Z`: this is one of its values;
* `userAccountControl&2`: a bit of these is set in it;
* `shadowExpire<=today`: it is a day, counted from 1970-01-01, that has come; a negative one never comes.

A value that cannot be read fulfils the last two: in doubt, an account is disabled.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

_FORM: Final = re.compile(
    r"\s*(?P<name>[A-Za-z0-9][A-Za-z0-9.;-]*)\s*"
    r"(?:(?P<equals>=)\s*(?P<value>.+?)|&\s*(?P<bits>\d{1,10})|(?P<day><=)\s*today)?\s*"
)
_WHOLE: Final = re.compile(r"[+-]?\d{1,10}")
_NO: Final = frozenset({"false", "no", "off", "0"})


class Condition(NamedTuple):
    """One condition; of `value`, `bits` and `is_day` at most one is given."""

    attribute: str
    """In lower case."""
    value: str
    bits: int
    is_day: bool

    def holds(self, attributes: Mapping[str, Sequence[str]], today: int) -> bool:
        """Tell whether an entry with these attributes (names in lower case) fulfils it on this day since 1970-01-01."""
        return any(self._holds(value.strip(), today) for value in attributes.get(self.attribute, ()))

    def _holds(self, value: str, today: int) -> bool:
        if self.value:
            return value.casefold() == self.value.casefold()
        if self.bits:
            return not _WHOLE.fullmatch(value) or bool(int(value) & self.bits)
        if self.is_day:
            return not _WHOLE.fullmatch(value) or 0 <= int(value) <= today
        return says_yes(value)


def says_yes(value: str) -> bool:
    """Tell whether a flag is set: everything that does not say no sets it, so that a mistyped one does."""
    return value.strip().casefold() not in _NO


def parse_condition(text: str) -> Condition:
    """Read a condition. Raises `ValueError`."""
    match = _FORM.fullmatch(text)
    if match is None or match["bits"] == "0":
        forms = "NAME, NAME=VALUE, NAME&BITS or NAME<=today"
        raise ValueError(f"{text!r} is no condition on an attribute; write {forms}")
    return Condition(match["name"].lower(), match["value"] or "", int(match["bits"] or 0), bool(match["day"]))
