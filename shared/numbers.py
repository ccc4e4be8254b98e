"""From a written number to what the mirror stores of it, and to the digits it is found by. Pure: no I/O, no Flask, no ldap3.

libphonenumber decides what a number is and how it is dialled. `shared.numbering` does the same work for the plain cases
from libphonenumber's own metadata, an order of magnitude faster; a test holds the two to the same answers. What is decided here:

* A number is read as its person's location writes it: national numbers of that country, and numbers without an area code
  where the location names its own. What a caller dials for it is `shared.dialling`'s.
* A number of at most `extension_digits` plain digits is an extension: dialled as it is, emergency numbers included. Where
  the location has a base number, the extension is kept as the whole number, so that other locations can dial it;
  emergency numbers stay what they are.
* Brackets are formatting. Only `(0)` after a country code is taken out: `+33 (0)1 …`, but `+49 (89) …` keeps its 89.
* Two numbers in one value (`1001 / 1002`, `01…; 06…`) are never joined. Where they are alike (extensions of one length,
  or whole numbers) both count; beside a whole number a short one (`01 … 10 / 11`) is a fragment and is left out.
  `089/123456` is one number: its first part is an area code.
* `ext. 5` behind a number is left away: the phone dials the house, a person asks for the rest.
* What is not dialled, and why: `Refusal`.
"""

import re
from enum import StrEnum
from typing import Final, NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, ValidationResult

from shared.locations import DEFAULT, Rules, rules_of
from shared.numbering import NANPA, Cost, Country, country_of, digits_of, emergency_numbers, parser_of
from shared.numberkeys import NumberKeys
from shared.sections.numbers import Numbers

_FORMATTING: Final = str.maketrans("", "", " -.()")
_LONGEST_PLAIN: Final = 40
"""Longer texts go the slow way; libphonenumber itself refuses them from 250 characters on."""
_LIST: Final = re.compile(r"[/,;|\n]")
_FEATURE_CODE: Final = re.compile(r"[*#＊＃]")
_INNER: Final = re.compile(r"[\s,;]*(?<![^\W\d_])(?:extension|extn?|poste|x)[.:=\s]*\d{1,6}\s*$", re.IGNORECASE)
_TRUNK_ZERO: Final = re.compile(r"(\s*\+[\d\s.-]*)\(\s*0\s*\)(.*)")


class Refusal(StrEnum):
    """Why a written number is not dialled: a sentence for the administrator, with the mend."""

    EMPTY = "there are no digits; write the number or delete the value"
    FEATURE_CODE = "`*` and `#` would switch something at the phone system; write a number"
    LETTERS = "there are letters; write the digits"
    PREMIUM = "premium numbers are never dialled from a directory; delete it"
    SHARED_COST = "`numbers.shared_cost` leaves shared-cost numbers out"
    EXCEPTION = "`numbers.exceptions` or its location's say that it is never dialled"
    NO_AREA_CODE = "the area code is missing; write it, or set `area_code` of the location"
    COUNTRY = (
        "no country has this code; write + and the country code, or the number as it is written within the country"
    )
    LENGTH = "its country has no numbers of this length, and it is too long for an extension (`extension_digits`)"
    TOO_SHORT = "`least_outside_digits` of its location says that it is too short to be dialled outside"
    FRAGMENT = "it is the end of another number or of another length than its neighbour; write each number in full"


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

    def read(self, text: str) -> tuple[Dialable | Refusal, ...]:
        """Return what `NumberReader.read` does."""
        if len(text) <= _LONGEST_PLAIN and text.isascii():
            plain = text.replace(" ", "")
            if not plain.removeprefix("+").isdigit():  # most numbers have blanks only, and translating takes longer
                plain = text.translate(_FORMATTING)
            if plain.isdigit():
                if len(plain) <= self._extension_digits and "(" not in text:
                    return (Dialable(plain, (plain,), plain) if self._is_plain_extension else self._extension(plain),)
                if plain in self._short or (self._rules.area_code and self._is_local(plain)):
                    return self._read_slowly(text)
            found = self._parse_plain(plain)
            if found and "+" in text and "(" in text:
                plain = text.replace("(0)", "").translate(_FORMATTING)
                found = found if self._parse_plain(plain) == found else None
            if found:
                return (self._dialable(found[0], found[1], plain),)
        return self._read_slowly(text)

    def _read_slowly(self, text: str) -> tuple[Dialable | Refusal, ...]:
        text = _INNER.sub("", re.sub(r"^\s*tel:", "", text, flags=re.IGNORECASE))
        if not _LIST.search(text):
            return (self._read_one(text),)
        written = [part for part in _LIST.split(text) if part.strip()]
        if len(written) <= 1:
            return (self._read_one(text.strip("/,;| \t\n")),)
        if self._is_area_code(written[0]) and text.count("/") == 1 and len(written) == 2:  # noqa: PLR2004
            return (self._read_one(text),)
        found = tuple(self._read_one(part) for part in written)
        short = [self._extension_of(part) for part in written]
        is_whole = any(isinstance(one, Dialable) and not extension for one, extension in zip(found, short, strict=True))
        if is_whole or len({len(extension) for extension in short if extension}) > 1:
            return tuple(Refusal.FRAGMENT if extension else one for one, extension in zip(found, short, strict=True))
        return found

    def _is_area_code(self, part: str) -> bool:
        digits = digits_of(part)
        begins = part.lstrip(" (").startswith("+") or bool(self._trunk and digits.startswith(self._trunk))
        number = self._parse(part)
        return begins and (isinstance(number, Refusal) or not phonenumbers.is_valid_number(number))

    def _extension_of(self, part: str) -> str:
        plain = part.translate(_FORMATTING)
        is_extension = plain.isascii() and plain.isdigit() and len(plain) <= self._extension_digits
        return plain if is_extension and "(" not in part else ""

    def _read_one(self, text: str) -> Dialable | Refusal:
        if _FEATURE_CODE.search(text):
            return Refusal.FEATURE_CODE
        if any(c.isalpha() for c in text):
            return Refusal.LETTERS
        plain = text.translate(_FORMATTING)
        extension = self._extension_of(text) or (plain if plain in self._short else "")
        if extension:
            return self._extension(extension)
        number = self._with_area_code(plain) or self._parse(text)
        trunk_zero = _TRUNK_ZERO.fullmatch(text)
        if trunk_zero:
            without = self._parse(trunk_zero[1] + trunk_zero[2])
            kept_is_right = _is_valid(number)  # Italy: the 0 belongs to the number
            if isinstance(without, PhoneNumber) and (_is_valid(without) or not kept_is_right):
                number, text = without, trunk_zero[1] + trunk_zero[2]
        if isinstance(number, Refusal):
            return number
        nsn = phonenumbers.national_significant_number(number)
        return self._dialable(country_of(number.country_code), nsn, digits_of(text))

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
            number = phonenumbers.parse(text, self._rules.region)
        except NumberParseException as error:
            if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
                return Refusal.COUNTRY
            return Refusal.LENGTH if digits_of(text) else Refusal.EMPTY
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
