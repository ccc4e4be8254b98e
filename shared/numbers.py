"""From a written number to what the mirror stores of it, and to the digits it is found by. Pure: no I/O, no Flask, no ldap3.

A value that is not understood as a whole is left out as a whole: no part of it is dialled because another part could not
be read. `shared.number_text` cleans the value, `shared.number_readings` says which of its digits are one number, and
libphonenumber says what a number is. `shared.numbering` does the same work for the plain cases from libphonenumber's own
metadata, an order of magnitude faster; a test holds the two to the same answers. What is decided here:

* A number is read as its person's location writes it: national numbers of that country, and numbers without an area code
  where the location names its own. What a caller dials for it is `shared.dialling`'s.
* A number of at most `extension_digits` digits is an extension: dialled as it is, emergency numbers included. Where
  the location has a base number, the extension is kept as the whole number, so that other locations can dial it;
  emergency numbers stay what they are.
* Brackets are formatting. Only `(0)` after a country code is taken out: `+33 (0)1 …`, but `+49 (89) …` keeps its 89.
* `ext. 5` behind a number is left away: the phone dials the house, a person asks for the rest. A fax is not dialled.
* What is not dialled, and why: `Refusal`.
"""

import re
from typing import Final, NamedTuple

import phonenumbers

from shared.locations import DEFAULT, Rules, rules_of
from shared.number_cleaning import NO_NUMBER
from shared.number_plan import LONG, LocationPlan
from shared.number_readings import Kind, Part, counts_on, read_groups
from shared.number_refusals import Refusal
from shared.number_text import groups_of
from shared.numbering import NANPA, Cost, Country, country_of, emergency_numbers, parser_of
from shared.numberkeys import NumberKeys
from shared.sections.numbers import Numbers

__all__ = ["Dialable", "LocationReader", "NumberReader", "Refusal"]

_FORMATTING: Final = str.maketrans("", "", " -.()")
_LONGEST_PLAIN: Final = 40
"""Longer texts go the slow way; libphonenumber itself refuses them from 250 characters on."""
_LONGEST_DATE: Final = 10
_PUNCTUATED: Final = re.compile(r"\+?(?:\d+|\(\d+\))(?:[ .-]?\(\d+\)|[ .-]\d+|(?<=\))\d+)*")


class Dialable(NamedTuple):
    """A number that a phone can dial. A named tuple, since a first load makes them by the hundred thousand.

    `stored`: what the tables keep and `Dialler.dial` reads; equal for two writings of one number.
    `keys`: what `NumberReader.key_prefixes` and `part_prefixes` are the beginnings of.
    `digits`: the extension, or country code and number: typed digits are looked for in it, at its end or anywhere.
    """

    stored: str
    keys: tuple[str, ...]
    digits: str


class NumberReader:
    """Reads numbers as the locations of the configuration write them, and typed digits as their phones dial."""

    def __init__(self, settings: Numbers) -> None:
        rules = rules_of(settings)
        keys = NumberKeys(rules)
        self._read_at = {name: LocationReader(place, keys, settings).read for name, place in rules.items()}
        self.key_prefixes: Final = keys.prefixes
        self.part_prefixes: Final = keys.part_prefixes

    def read(self, text: str, location: str = DEFAULT) -> tuple[Dialable | Refusal, ...]:
        """Return each number written in the text, or why it is not dialled, in order; never empty.

        `KeyError`: the configuration has no such location.
        """
        return self._read_at[location](text)


class LocationReader:
    """Reads numbers as one location writes them."""

    def __init__(self, rules: Rules, keys: NumberKeys, settings: Numbers) -> None:
        self._rules = rules
        self._keys_of = keys.of
        self._dial_shared_cost = settings.shared_cost
        self._home = rules.country
        self._trunk = rules.country.trunk
        self._extension_digits = rules.extension_digits
        self._parse_plain = parser_of(rules.region)
        self._refused = rules.refused
        self._least_outside = rules.least_outside_digits
        self._short = frozenset(number for number in rules.exceptions if number[0] != "+")
        self._is_plain_extension = not (rules.base or self._short)
        self._plan = LocationPlan(rules)
        self._second_begins = f" {self._trunk}", f" ({self._trunk}"
        self._may_be_two = re.compile(rf"(?:\d\D*){{6}} \(?{re.escape(self._trunk)}(?:\D*\d){{5}}").search

    def read(self, text: str) -> tuple[Dialable | Refusal, ...]:
        """Return what `NumberReader.read` does."""
        if len(text) <= _LONGEST_PLAIN and text.isascii():
            plain = text.replace(" ", "")
            if not plain.removeprefix("+").isdigit():  # most numbers have blanks only, and looking closer takes longer
                is_plain = _PUNCTUATED.fullmatch(text) and not (_may_be_none(text) or _may_end_before(text))
                plain = text.translate(_FORMATTING) if is_plain else ""
            found = self._read_plain(text, plain)
            if found:
                return (found,)
        return self._read_slowly(text)

    def _read_plain(self, text: str, plain: str) -> Dialable | Refusal | None:
        """Return the number where there is only one way to read it, or None where the slow way must look."""
        size = len(plain)
        if size <= self._extension_digits and plain.isdigit():
            if size < len(text):
                return None
            return Dialable(plain, (plain,), plain) if self._is_plain_extension else self._extension(plain)
        if (
            "  " in text
            or (size >= LONG and self._trunk and self._holds_two(text))
            or (self._short and plain in self._short)
        ):
            return None
        found = self._parse_plain(plain)
        if found and "+" in text:
            if not text.lstrip().startswith(found[0].code, 1):
                return None  # `+8 495 …` is no number of +84
            if "(" in text:
                plain = text.replace("(0)", "").translate(_FORMATTING)
                found = found if self._parse_plain(plain) == found else None
        elif found and not self._is_plainly_national(text, plain, found[1]):
            found = None
        if found is None or len(found[1]) > found[0].longest:
            return None
        return self._dialable(found[0], found[1], plain)

    def _holds_two(self, text: str) -> object:
        """Tell whether a second number may begin with the trunk prefix within the text."""
        blank, bracket = self._second_begins  # hardly any number has either: the pattern takes longer
        return (blank in text or bracket in text) and self._may_be_two(text.replace("(0)", ""))

    def _is_plainly_national(self, text: str, plain: str, nsn: str) -> bool:
        if self._trunk:
            return plain.startswith(self._trunk) and "(0)" not in text
        is_pair = len(text) - len(plain) == 1 and len(plain) <= 2 * self._extension_digits
        return not (is_pair or self._plan.is_local(plain) or "(0)" in text) and bool(self._home.is_valid(nsn))

    def _read_slowly(self, text: str) -> tuple[Dialable | Refusal, ...]:
        groups = groups_of(text)
        if isinstance(groups, Refusal):
            return (groups,)
        reading = read_groups(groups, self._plan)
        if isinstance(reading, Refusal):
            return (self._plan.why_not(groups) or reading,)
        found = [self._read_part(part) for part in reading if part.kind is not Kind.INNER]
        completions = [one for one in found if one is Refusal.COMPLETION]
        return (*(one for one in found if one is not Refusal.COMPLETION), *completions[:1])

    def _read_part(self, part: Part) -> Dialable | Refusal:
        if part.kind is Kind.COMPLETION:
            return Refusal.COMPLETION
        if any(group.fax for group in part.groups):
            return Refusal.FAX
        if part.kind is Kind.EXTENSION:
            return self._extension(part.digits)
        number, written = self._plan.number_of(part.groups)
        if isinstance(number, Refusal):
            return number
        nsn = phonenumbers.national_significant_number(number)
        return self._dialable(country_of(number.country_code), nsn, written)

    def _extension(self, digits: str) -> Dialable | Refusal:
        """Return an extension; where the location has a base number, it is kept as the whole number."""
        rules = self._rules
        if digits in self._refused:
            return Refusal.EXCEPTION
        overlap = rules.base_overlap
        is_own = rules.base and digits not in self._short and digits.startswith(rules.base[len(rules.base) - overlap :])
        nsn = rules.base + digits[overlap:]
        is_whole = is_own and len(digits) > overlap and len(nsn) in self._home.lengths
        if not is_whole or emergency_numbers(rules.region)(digits):
            return Dialable(digits, (digits,), digits)
        whole = self._dialable(self._home, nsn, "")
        return whole if isinstance(whole, Refusal) else whole._replace(keys=(digits, *whole.keys))

    def _dialable(self, country: Country, nsn: str, written: str) -> Dialable | Refusal:
        if country.may_cost_more(nsn):
            cost = country.cost_of(nsn)
            if cost is Cost.PREMIUM or (cost is Cost.SHARED and not self._dial_shared_cost):
                return Refusal.PREMIUM if cost is Cost.PREMIUM else Refusal.SHARED_COST
        if self._refused and f"+{country.code}{nsn}".startswith(self._refused):
            return Refusal.EXCEPTION
        national = country.national_digits(nsn)
        if (
            national == nsn and country.trunk and not country.is_valid(nsn)
        ):  # a layout that nobody knows: as people dial it
            national = country.trunk + nsn
        if country is self._home and len(national) < self._least_outside:
            return Refusal.TOO_SHORT
        code = country.code
        number = nsn if country.is_plain_abroad else country.international_digits(nsn)
        stored = f"+{code} {number} {NANPA + nsn if code == NANPA else national}"  # as `shared.dialling` reads it
        return Dialable(stored, self._keys_of(country, nsn, national, written.removeprefix("+")), code + nsn)


def _may_end_before(text: str) -> bool:
    """Tell whether the slow way must look at the end, which may complete a number: `08-123 45 67-68`, `… (12)`."""
    before, hyphen, last = text.rpartition("-")
    if not hyphen or not last.isdigit():
        return text.endswith(")")
    replaced = before[-len(last) :]
    return replaced.isdigit() and counts_on(replaced, last)


def _may_be_none(text: str) -> bool:
    """Tell whether the text is a date, a float or an address; what cannot be one by its length and dots is not asked for."""
    if "+" in text or "(" in text or (len(text) > _LONGEST_DATE and text.count(".") not in (1, 3)):
        return False
    return bool(NO_NUMBER.fullmatch(text))
