"""From a written number to what a phone at this site dials, and to the digits it is found by. Pure: no I/O, no Flask, no ldap3.

libphonenumber decides what a number is and how it is dialled. `shared.numbering` does the same work for the plain cases
from libphonenumber's own metadata, an order of magnitude faster; a test holds the two to the same answers. What is decided here:

* A number of at most `extension_digits` plain digits is an extension: dialled as it is, emergency numbers included.
* Brackets are formatting. Only `(0)` after a country code is taken out: `+33 (0)1 …`, but `+49 (89) …` keeps its 89.
* Two numbers in one value (`1001 / 1002`, `01…; 06…`) are never joined. Where they are alike (extensions of one length,
  or whole numbers) both count; beside a whole number a short one (`01 … 10 / 11`) is a fragment and is left out.
  `089/123456` is one number: its first part is an area code.
* `ext. 5` behind a number is left away: the phone dials the house, a person asks for the rest.
* Not dialable: `*` and `#` (a directory must not set a call diversion), letters, a number without its area code, a length
  that its country does not have, another country from a region with several international prefixes.

Premium numbers are dialled for now; rules for each location are a later issue.
"""

import re
from typing import Final, NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, ValidationResult

from shared.config import Numbers
from shared.numbering import NANPA, Country, country_of, digits_of, parser_of

_FORMATTING: Final = str.maketrans("", "", " -.()")
_LONGEST_PLAIN: Final = 40
"""Longer texts go the slow way; libphonenumber itself refuses them from 250 characters on."""
_LIST: Final = re.compile(r"[/,;|\n]")
_FEATURE_CODE: Final = re.compile(r"[*#＊＃]")
_INNER: Final = re.compile(r"[\s,;]*(?<![^\W\d_])(?:extension|extn?|poste|x)[.:=\s]*\d{1,6}\s*$", re.IGNORECASE)
_TRUNK_ZERO: Final = re.compile(r"(\s*\+[\d\s.-]*)\(\s*0\s*\)(.*)")


class Dialable(NamedTuple):
    """A number that a phone can dial. `dial`: digits only, prefixes included. `keys`: what `key_prefixes` are compared with.

    A named tuple, since a first load makes them by the hundred thousand.
    """

    dial: str
    keys: tuple[str, ...]


class NumberReader:
    """Reads numbers as the site of the configuration dials them.

    A key is a writing of the number, or stands for several: `#199002010` for all writings of a number of the site's own
    country (`0199002010`, `33199002010`, `0033199002010`, with or without the outside prefix), `+49891234` for those of
    another country. Digits that a person types are translated into the beginnings of keys that they may mean.
    """

    def __init__(self, settings: Numbers) -> None:
        self._region = settings.region
        self._extension_digits = settings.extension_digits
        self._outside = settings.outside_prefix
        self._home = country_of(phonenumbers.country_code_for_region(settings.region))
        self._parse_plain = parser_of(settings.region)
        self._abroad = self._parse_plain.international_prefix
        self._trunk = self._home.trunk
        self._dialled_home = self._outside + (NANPA if self._home.code == NANPA else self._trunk)
        self._leads = self._make_leads()
        self._leads_of = {mark: frozenset(lead for lead, of in self._leads if of == mark) for mark in "#+"}

    def read(self, text: str) -> tuple[Dialable | None, ...]:
        """Return what is dialled for each number written in the text; None stands for one that cannot be dialled."""
        if len(text) <= _LONGEST_PLAIN and text.isascii():
            plain = text.translate(_FORMATTING)
            if plain.isdigit() and len(plain) <= self._extension_digits and "(" not in text:
                return (Dialable(plain, (plain,)),)
            found = self._parse_plain(plain)
            if found and "+" in text and "(" in text:
                plain = text.replace("(0)", "").translate(_FORMATTING)
                found = found if self._parse_plain(plain) == found else None
            if found:
                return (self._dialable(found[0], found[1], plain),)
        return self._read_slowly(text)

    def key_prefixes(self, digits: str) -> tuple[str, ...]:
        """Return the beginnings of keys that typed digits may mean: a number is found by the beginning of any of its writings."""
        found = {digits}
        for lead, mark in self._leads:
            if digits.startswith(lead):
                found.add(mark + digits[len(lead) :])
            elif lead.startswith(digits):
                found.add(mark)
        return tuple(sorted(key for key in found if not any(key != other and key.startswith(other) for other in found)))

    def _make_leads(self) -> tuple[tuple[str, str], ...]:
        code, outside = self._home.code, self._outside
        dialled = code if code == NANPA else self._trunk
        home = (self._trunk, code, outside + dialled)
        leads = [(lead, "#") for lead in home] + [("", "+")]
        if self._abroad:
            leads += [(before + self._abroad + code, "#") for before in ("", outside)]
            leads += [(before + self._abroad, "+") for before in ("", outside)]
        return tuple(dict.fromkeys(leads))

    def _read_slowly(self, text: str) -> tuple[Dialable | None, ...]:
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
        whole = any(number and not extension for number, extension in zip(found, short, strict=True))
        if whole or len({len(extension) for extension in short if extension}) > 1:
            return tuple(None if extension else number for number, extension in zip(found, short, strict=True))
        return found

    def _is_area_code(self, part: str) -> bool:
        digits = digits_of(part)
        begins = part.lstrip(" (").startswith("+") or bool(self._trunk and digits.startswith(self._trunk))
        number = self._parse(part)
        return begins and (number is None or not phonenumbers.is_valid_number(number))

    def _extension_of(self, part: str) -> str:
        plain = part.translate(_FORMATTING)
        is_extension = plain.isascii() and plain.isdigit() and len(plain) <= self._extension_digits
        return plain if is_extension and "(" not in part else ""

    def _read_one(self, text: str) -> Dialable | None:
        if _FEATURE_CODE.search(text) or any(c.isalpha() for c in text):
            return None
        extension = self._extension_of(text)
        if extension:
            return Dialable(extension, (extension,))
        number = self._parse(text)
        trunk_zero = _TRUNK_ZERO.fullmatch(text)
        if trunk_zero:
            without = self._parse(trunk_zero[1] + trunk_zero[2])
            kept_is_right = number and phonenumbers.is_valid_number(number)  # Italy: the 0 belongs to the number
            if without and (phonenumbers.is_valid_number(without) or not kept_is_right):
                number, text = without, trunk_zero[1] + trunk_zero[2]
        if number is None:
            return None
        nsn = phonenumbers.national_significant_number(number)
        return self._dialable(country_of(number.country_code), nsn, digits_of(text))

    def _parse(self, text: str) -> PhoneNumber | None:
        try:
            number = phonenumbers.parse(text, self._region)
        except NumberParseException:
            return None
        possible = phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
        return number if possible and not number.extension else None

    def _dialable(self, country: Country, nsn: str, written: str) -> Dialable | None:
        written = written.lstrip("+")
        national = country.national_digits(nsn)
        if country is self._home:
            if national == self._trunk + nsn:
                is_known = written.endswith(nsn) and written[: -len(nsn)] in self._leads_of["#"]
                key = f"#{nsn}"
                return Dialable(self._dialled_home + nsn, (key,) if is_known else (key, written))
            dialled = country.code + national if country.code == NANPA else national
            writings = (written, national, self._outside + dialled)
            return Dialable(self._outside + dialled, self._keys(f"+{country.code}{nsn}", *writings))
        if not self._abroad:
            return None
        abroad = f"{self._outside}{self._abroad}{country.code}{country.international_digits(nsn)}"
        return Dialable(abroad, self._keys(f"+{country.code}{nsn}", written, national, abroad))

    def _keys(self, key: str, *writings: str) -> tuple[str, ...]:
        """Add those writings that the key does not stand for."""
        leads, digits = self._leads_of[key[0]], key[1:]
        others = [w for w in writings if w and not (w.endswith(digits) and w[: -len(digits)] in leads)]
        return (key, *dict.fromkeys(others)) if others else (key,)
