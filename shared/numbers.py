"""From a written number to what the mirror stores of it, and to the digits it is found by. Pure: no I/O, no Flask, no ldap3.

A value that is not understood as a whole is left out as a whole: no part of it is dialled because another part could not
be read. `shared.number_text` cleans the value, `shared.number_readings` says which of its digits are one number, and
libphonenumber says what a number is. `shared.numbering` does the same work for the plain cases from libphonenumber's own
metadata, an order of magnitude faster; a test holds the two to the same answers. What is decided here:

* A number is read as its person's location writes it: national numbers of that country, and numbers without an area code
  where the location names its own. What a caller dials for it is `shared.dialling`'s.
* Digits are a number if libphonenumber calls them valid, or possible and written with a country code or the trunk prefix.
* A number of at most `extension_digits` digits is an extension: dialled as it is, emergency numbers included. Where
  the location has a base number, the extension is kept as the whole number, so that other locations can dial it;
  emergency numbers stay what they are.
* Brackets are formatting. Only `(0)` after a country code is taken out: `+33 (0)1 …`, but `+49 (89) …` keeps its 89.
* `ext. 5` behind a number is left away: the phone dials the house, a person asks for the rest. A fax is not dialled.
* What is not dialled, and why: `Refusal`.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import phonenumbers
from phonenumbers import CountryCodeSource, NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

from shared.locations import DEFAULT, Rules, rules_of
from shared.number_readings import Kind, Part, Plan, Trust, is_grouped_extension, read_groups
from shared.number_refusals import Refusal
from shared.number_text import NO_NUMBER, Gap, Group, Role, groups_of
from shared.numbering import NANPA, Cost, Country, country_of, emergency_numbers, parser_of
from shared.numberkeys import NumberKeys
from shared.sections.numbers import Numbers

__all__ = ["Dialable", "LocationReader", "NumberReader", "Refusal"]

_FORMATTING: Final = str.maketrans("", "", " -.()")
_LONGEST_PLAIN: Final = 40
"""Longer texts go the slow way; libphonenumber itself refuses them from 250 characters on."""
_LONG: Final = 12
"""From so many digits on, two numbers with a blank between them may look like one."""
_PUNCTUATED: Final = re.compile(r"\+?(?:\d+|\(\d+\))(?:[ .-]?\(\d+\)|[ .-]\d+|(?<=\))\d+)*")
_TRUNK_ZERO: Final = "0"


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
        self._is_local = re.compile(rf"(?!{re.escape(self._trunk)})\d+" if self._trunk else r"\d+").fullmatch
        self._refused = rules.refused
        self._least_outside = rules.least_outside_digits
        self._short = frozenset(number for number in rules.exceptions if number[0] != "+")
        self._is_plain_extension = not (rules.base or self._short)
        self._plan = Plan(
            trust_of=self._trust_of,
            is_written_so=self._is_written_so,
            is_extension=lambda digits: len(digits) <= rules.extension_digits or digits in self._short,
            extension_digits=rules.extension_digits,
            begins=tuple({"0", self._trunk} - {""}),
        )

    def read(self, text: str) -> tuple[Dialable | Refusal, ...]:
        """Return what `NumberReader.read` does."""
        if len(text) <= _LONGEST_PLAIN and text.isascii():
            plain = text.replace(" ", "")
            if not plain.removeprefix("+").isdigit():  # most numbers have blanks only, and looking closer takes longer
                is_plain = _PUNCTUATED.fullmatch(text) and not NO_NUMBER.fullmatch(text)
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
        is_parted = "  " in text or (size >= _LONG and self._trunk and f" {self._trunk}" in text)
        if is_parted or (self._short and plain in self._short):
            return None
        found = self._parse_plain(plain)
        if found and "+" in text:
            if "(" in text:
                plain = text.replace("(0)", "").translate(_FORMATTING)
                found = found if self._parse_plain(plain) == found else None
        elif found and not self._is_plainly_national(text, plain, found[1]):
            found = None
        return self._dialable(found[0], found[1], plain) if found else None

    def _is_plainly_national(self, text: str, plain: str, nsn: str) -> bool:
        if self._trunk:
            return plain.startswith(self._trunk) and "(0)" not in text
        is_pair = len(text) - len(plain) == 1 and len(plain) <= 2 * self._extension_digits
        is_local = self._rules.area_code and self._is_local(plain)
        return not (is_pair or is_local or "(0)" in text) and bool(self._home.is_valid(nsn))

    def _read_slowly(self, text: str) -> tuple[Dialable | Refusal, ...]:
        groups = groups_of(text)
        if isinstance(groups, Refusal):
            return (groups,)
        reading = read_groups(groups, self._plan)
        if isinstance(reading, Refusal):
            return (self._why_not(groups) or reading,)
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
        number, written = self._number_of(part.groups)
        if isinstance(number, Refusal):
            return number
        nsn = phonenumbers.national_significant_number(number)
        return self._dialable(country_of(number.country_code), nsn, written)

    def _why_not(self, groups: tuple[Group, ...]) -> Refusal | None:
        """Return why a value that can only be one number is none."""
        if any(group.gap >= Gap.TIGHT or group.role is not Role.NUMBER for group in groups[1:]):
            return None
        if any(group.only_whole for group in groups) and is_grouped_extension(groups):
            return None
        number, _ = self._number_of(groups)
        if isinstance(number, Refusal):
            is_range = len(groups) > 1 and all(len(group.digits) <= self._extension_digits for group in groups)
            return None if is_range and number is Refusal.LENGTH and groups[1].gap is Gap.JOINED else number
        return None if self._trust_of(groups, is_pair=True) else Refusal.NO_SUCH_NUMBER

    def _trust_of(self, groups: Sequence[Group], *, is_pair: bool = False) -> Trust:
        """Return how sure it is that groups are one number. `is_pair`: two short groups are no hindrance."""
        number, written = self._number_of(groups)
        size = sum(len(group.digits) for group in groups)
        if isinstance(number, Refusal) or (size <= self._extension_digits and not groups[0].plus):
            return Trust.NONE
        is_named = number.country_code_source != CountryCodeSource.FROM_DEFAULT_COUNTRY
        is_usual = is_named or (self._trunk != "" and written.startswith(self._trunk))
        is_valid = phonenumbers.is_valid_number(number)
        if not (is_valid or is_usual or self._with_area_code(written)) or self._may_be_two(groups):
            return Trust.NONE
        if not is_usual and not is_pair and self._is_pair(groups) and not self._is_written_so(groups):
            return Trust.NONE
        return Trust.VALID if is_valid and (is_usual or not self._trunk or self._rules.area_code) else Trust.POSSIBLE

    def _is_pair(self, groups: Sequence[Group]) -> bool:
        """Tell whether groups may as well be two extensions, or a range of them."""
        if len(groups) != 2 or any(group.bracketed or len(group.digits) > self._extension_digits for group in groups):  # noqa: PLR2004
            return False
        return groups[1].gap is not Gap.BLANK or len(groups[0].digits) == len(groups[1].digits)

    def _may_be_two(self, groups: Sequence[Group]) -> bool:
        """Tell whether two whole numbers stand here with nothing but a blank between them."""
        if sum(len(group.digits) for group in groups) < _LONG or not self._trunk:
            return False
        cuts = [
            at for at, group in enumerate(groups) if at and group.digits.startswith(self._trunk) and not group.bracketed
        ]
        return any(self._trust_of(groups[:at]) and self._trust_of(groups[at:]) is Trust.VALID for at in cuts)

    def _is_written_so(self, groups: Sequence[Group]) -> bool:
        """Tell whether groups are those in which libphonenumber writes the number."""
        number, _ = self._number_of(groups)
        if isinstance(number, Refusal):
            return False
        written = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
        return [group.digits for group in groups] == re.findall(r"\d+", written)

    def _number_of(self, groups: Sequence[Group]) -> tuple[PhoneNumber | Refusal, str]:
        """Return the number of groups, and its digits as they are written."""
        direct = next((at for at, group in enumerate(groups) if group.role is Role.DIRECT), 0)
        if direct:
            return self._with_direct(groups, direct)
        digits = [group.digits for group in groups]
        plain = "".join(digits)
        zero = next(
            (at for at, group in enumerate(groups) if at and group.bracketed and group.digits == _TRUNK_ZERO), 0
        )
        if groups[0].plus or zero:
            plain = plain.removeprefix("00") if groups[0].plus else plain
            return self._international(plain, "".join(digits[:zero]), "".join(digits[zero + 1 :]) if zero else "")
        return self._with_area_code(plain) or self._parse(plain), plain

    def _international(self, plain: str, before: str, behind: str) -> tuple[PhoneNumber | Refusal, str]:
        """Read a number with its country code. `before` and `behind`: the digits around a `(0)`, if there is one."""
        prefix = parser_of(self._rules.region).international_prefix or "00"
        begins = "" if before and before.startswith(prefix) else "+"
        number = self._parse(begins + plain)
        if not behind:
            return number, plain
        before = before.removeprefix("00") if begins else before
        without = self._parse(f"{begins}{before}{behind}")
        kept_is_right = _is_valid(number)  # Italy: the 0 belongs to the number
        if isinstance(without, PhoneNumber) and (_is_valid(without) or not kept_is_right):
            return without, before + behind
        return number, plain

    def _with_direct(self, groups: Sequence[Group], at: int) -> tuple[PhoneNumber | Refusal, str]:
        """Read `51234 DW 78` as 5123478; where numbers have a fixed length, what stands behind is an inner extension."""
        number, written = self._number_of(groups[:at])
        last = "".join(group.digits for group in groups[at:])
        if written.endswith(last):
            return Refusal.AMBIGUOUS, written
        whole, digits = self._number_of([group._replace(role=Role.NUMBER) for group in groups])
        return (number, written) if isinstance(whole, Refusal) else (whole, digits)

    def _with_area_code(self, plain: str) -> PhoneNumber | None:
        """Read digits as a number of the location's own area, where they are that rather than a whole number.

        Where whole numbers begin with a trunk prefix, digits without it are local; elsewhere those that make no number.
        """
        if not (self._rules.area_code and self._is_local(plain)):
            return None
        if not self._trunk and _is_valid(self._parse(plain)):
            return None
        local = self._parse(f"+{self._home.code}{self._rules.area_code}{plain}")
        return (
            local
            if isinstance(local, PhoneNumber) and (_is_valid(local) or not _is_valid(self._parse(plain)))
            else None
        )

    def _parse(self, text: str) -> PhoneNumber | Refusal:
        try:
            number = phonenumbers.parse(text, self._rules.region, keep_raw_input=True)
        except NumberParseException as error:
            if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
                return Refusal.COUNTRY
            return Refusal.LENGTH
        possible = phonenumbers.is_possible_number_with_reason(number)
        if possible == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
            return Refusal.NO_AREA_CODE
        return number if possible == ValidationResult.IS_POSSIBLE and not number.extension else Refusal.LENGTH

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
        if country is self._home and len(national) < self._least_outside:
            return Refusal.TOO_SHORT
        code = country.code
        number = nsn if country.is_plain_abroad else country.international_digits(nsn)
        stored = f"+{code} {number} {NANPA + nsn if code == NANPA else national}"  # as `shared.dialling` reads it
        return Dialable(stored, self._keys_of(country, nsn, national, written.removeprefix("+")), code + nsn)


def _is_valid(number: PhoneNumber | Refusal) -> bool:
    return isinstance(number, PhoneNumber) and phonenumbers.is_valid_number(number)
