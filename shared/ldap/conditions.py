"""Conditions on one attribute, as directories mark accounts that are disabled or have expired: each in one line. Pure.

* `nsAccountLock`: there is a value, and it does not say no (`FALSE`, `no`, `off`, `0`);
* `pwdAccountLockedTime=000001010000Z`: this is one of its values;
* `userAccountControl&2`: a bit of these is set in it;
* `shadowExpire<=today`, `accountExpires<=now(filetime)`, …: it is a date that has come (`shared.ldap.dates` has the forms).

A value that cannot be read fulfils the last two: in doubt, an account is disabled.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from shared.ldap.dates import FORMS, parse_date

_FORM: Final = re.compile(
    r"\s*(?P<name>[A-Za-z0-9][A-Za-z0-9.;-]*)\s*"
    r"(?:(?P<equals>=)\s*(?P<value>.+?)|&\s*(?P<bits>\d{1,10})|<=\s*(?P<date>[a-z]+(?:\([a-z]+\))?))?\s*"
)
_WHOLE: Final = re.compile(r"[+-]?\d{1,10}")
_NO: Final = frozenset({"false", "no", "off", "0"})


class Condition(NamedTuple):
    """One condition; of `value`, `bits` and `date` at most one is given."""

    attribute: str
    """In lower case."""
    value: str
    bits: int
    date: str
    """How dates are written, a key of `shared.ldap.dates.FORMS`."""

    def holds(self, attributes: Mapping[str, Sequence[str]], now: float) -> bool:
        """Tell whether an entry with these attributes (names in lower case) fulfils it; `now`: Unix seconds."""
        return any(self._holds(value.strip(), now) for value in attributes.get(self.attribute, ()))

    def _holds(self, value: str, now: float) -> bool:
        if self.value:
            return value.casefold() == self.value.casefold()
        if self.bits:
            return not _WHOLE.fullmatch(value) or bool(int(value) & self.bits)
        if self.date:
            return parse_date(value, self.date) <= now
        return says_yes(value)

    def comes(self, attributes: Mapping[str, Sequence[str]]) -> float:
        """Return the moment from which on it holds for the dates of an entry, Unix seconds; infinity: never."""
        dates = attributes.get(self.attribute, ()) if self.date else ()
        return min((parse_date(value, self.date) for value in dates), default=float("inf"))


def says_yes(value: str) -> bool:
    """Tell whether a flag is set: everything that does not say no sets it, so that a mistyped one does."""
    return value.strip().casefold() not in _NO


def parse_condition(text: str) -> Condition:
    """Read a condition. Raises `ValueError`."""
    match = _FORM.fullmatch(text)
    if match is None or match["bits"] == "0" or (match["date"] or "today") not in FORMS:
        forms = f"NAME, NAME=VALUE, NAME&BITS or NAME<=DATE, where DATE is {', '.join(FORMS)}"
        raise ValueError(f"{text!r} is no condition on an attribute; write {forms}")
    return Condition(match["name"].lower(), match["value"] or "", int(match["bits"] or 0), match["date"] or "")
