"""What a location takes for a number: groups of digits, by libphonenumber and the location's rules. Pure.

Digits are a number if libphonenumber calls them valid, or possible and written with a country code or the trunk prefix.
"""

import re
from collections.abc import Sequence
from typing import Final

import phonenumbers
from phonenumbers import (
    CountryCodeSource,
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    ValidationResult,
)

from shared.locations import Rules
from shared.number_readings import Trust, counts_on, is_grouped_extension
from shared.number_refusals import Refusal
from shared.number_text import Gap, Group, Role
from shared.numbering import country_of, parser_of

LONG: Final = 12
"""From so many digits on, two numbers with a blank between them may look like one."""
_TRUNK_ZERO: Final = "0"
_LONGEST_LOCAL: Final = 8
"""Digits of a number without its area code that are hardly a whole number."""


class LocationPlan:
    """Tells which groups of digits are numbers at a location."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._home = rules.country
        self._trunk = rules.country.trunk
        self._short = frozenset(number for number in rules.exceptions if number[0] != "+")
        self.extension_digits: Final = rules.extension_digits
        self.begins: Final = tuple({"0", self._trunk} - {""})
        """With what no extension begins that stands beside other numbers."""
        self._is_local = re.compile(rf"(?!{re.escape(self._trunk)})\d+" if self._trunk else r"\d+").fullmatch

    def is_extension(self, digits: str) -> bool:
        """Tell whether digits are dialled as they are: an extension, or a short number of the settings."""
        return len(digits) <= self.extension_digits or digits in self._short

    def is_local(self, digits: str) -> bool:
        """Tell whether digits may lack the location's area code."""
        return bool(self._rules.area_code and self._is_local(digits))

    def why_not(self, groups: tuple[Group, ...]) -> Refusal | None:
        """Return why a value that can only be one number is none."""
        if any(group.gap >= Gap.TIGHT or group.role is not Role.NUMBER for group in groups[1:]):
            return None
        if any(group.only_whole for group in groups) and is_grouped_extension(groups):
            return None
        number, _ = self.number_of(groups)
        if isinstance(number, Refusal):
            is_range = len(groups) > 1 and all(len(group.digits) <= self.extension_digits for group in groups)
            return None if is_range and number is Refusal.LENGTH and groups[1].gap is Gap.JOINED else number
        return None if self.trust_of(groups, is_pair=True) else Refusal.NO_SUCH_NUMBER

    def trust_of(self, groups: Sequence[Group], *, is_pair: bool = False) -> Trust:
        """Return how sure it is that groups are one number. `is_pair`: two short groups are no hindrance."""
        number, written = self.number_of(groups)
        size = sum(len(group.digits) for group in groups)
        if isinstance(number, Refusal) or (size <= self.extension_digits and not groups[0].plus):
            return Trust.NONE
        is_named = number.country_code_source != CountryCodeSource.FROM_DEFAULT_COUNTRY
        is_valid = phonenumbers.is_valid_number(number)
        has_trunk = self._trunk != "" and (written.startswith(self._trunk) or (is_valid and _lacks_trunk(number)))
        if self._may_be_two(groups) or self._may_be_range(groups) or (len(groups) > 1 and groups[-1].bracketed):
            return Trust.NONE
        if is_named or has_trunk:
            unsure = Trust.NONE if _keeps_trunk(number) or _is_too_long(number) else Trust.POSSIBLE
            return Trust.VALID if is_valid else unsure
        if not is_valid or (not is_pair and self._is_pair(groups) and not self._is_written_so(groups)):
            return Trust.NONE
        unsure = Trust.POSSIBLE if _is_longest(number) else Trust.NONE
        return unsure if self._trunk else Trust.VALID

    def _is_written_so(self, groups: Sequence[Group]) -> bool:
        """Tell whether groups are those in which libphonenumber writes the number."""
        number, _ = self.number_of(groups)
        if isinstance(number, Refusal):
            return False
        written = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
        return [group.digits for group in groups] == re.findall(r"\d+", written)

    def number_of(self, groups: Sequence[Group]) -> tuple[PhoneNumber | Refusal, str]:
        """Return the number of groups, and its digits as they are written."""
        direct = next((at for at, group in enumerate(groups) if group.role is Role.DIRECT), 0)
        if direct:
            return self._with_direct(groups, direct)
        digits = [group.digits for group in groups]
        if any(_is_switchboard(group) and group.digits == "0" for group in groups[2:-1]):
            return Refusal.AMBIGUOUS, "".join(digits)
        plain = "".join(digits)
        zero = next(
            (at for at, group in enumerate(groups) if at and group.bracketed and group.digits == _TRUNK_ZERO), 0
        )
        if groups[0].plus or zero:
            plain = plain.removeprefix("00") if groups[0].plus else plain
            if groups[0].plus and not _begins_with_code(groups[0].digits.removeprefix("00") or plain):
                return Refusal.COUNTRY, plain
            return self._international(plain, "".join(digits[:zero]), "".join(digits[zero + 1 :]) if zero else "")
        return self._with_area_code(plain) or self._parse(plain), plain

    def _is_pair(self, groups: Sequence[Group]) -> bool:
        """Tell whether groups may as well be two extensions, or a range of them."""
        if len(groups) != 2 or any(group.bracketed or len(group.digits) > self.extension_digits for group in groups):  # noqa: PLR2004
            return False
        return groups[1].gap is not Gap.BLANK or len(groups[0].digits) == len(groups[1].digits)

    def _may_be_range(self, groups: Sequence[Group]) -> bool:
        """Tell whether the end counts on from a whole number: `08-123 45 67-68`."""
        if len(groups) < 3 or groups[-1].gap is not Gap.JOINED or groups[-2].bracketed:  # noqa: PLR2004
            return False
        before, last = groups[-2].digits, groups[-1].digits
        is_range = len(last) > 1 and len(before) == len(last) and counts_on(before, last)
        return is_range and self.trust_of(groups[:-1]) is Trust.VALID

    def _may_be_two(self, groups: Sequence[Group]) -> bool:
        """Tell whether two whole numbers stand here with nothing but a blank between them."""
        if sum(len(group.digits) for group in groups) < LONG or not self._trunk:
            return False
        cuts = [
            at for at, group in enumerate(groups) if at and group.digits.startswith(self._trunk) and not group.bracketed
        ]
        return any(self.trust_of(groups[:at]) and self.trust_of(groups[at:]) is Trust.VALID for at in cuts)

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
        number, written = self.number_of(groups[:at])
        if at > 1 and _is_switchboard(groups[at - 1]):  # the extension takes the place of the 0
            return number, written
        last = "".join(group.digits for group in groups[at:])
        if len(last) > self.extension_digits or any(group.plus for group in groups[at:]):
            return Refusal.LENGTH, written
        if written.endswith(last):
            return Refusal.AMBIGUOUS, written
        whole, digits = self.number_of([group._replace(role=Role.NUMBER) for group in groups])
        return (number, written) if isinstance(whole, Refusal) else (whole, digits)

    def _with_area_code(self, plain: str) -> PhoneNumber | Refusal | None:
        """Read digits as a number of the location's own area, where they are that rather than a whole number.

        Where whole numbers begin with a trunk prefix, digits without it are local; elsewhere those that make no number.
        Many digits that are a whole number but for their `+` or trunk prefix may be either, and short numbers that are
        dialled without an area code (`116117`) are none of the area.
        """
        if not self.is_local(plain):
            return None
        if not self._trunk and _is_valid(self._parse(plain)):
            return None
        if len(plain) > _LONGEST_LOCAL and (
            _is_valid(self._parse(f"+{plain}")) or (self._trunk and _is_valid(self._parse(self._trunk + plain)))
        ):
            return Refusal.AMBIGUOUS
        if _is_short_number(plain, self._rules.region):
            return Refusal.NO_SUCH_NUMBER
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


def _is_switchboard(group: Group) -> bool:
    """Tell whether a group stands for the switchboard: the `-0` of `030 23125-0`."""
    return group.gap is Gap.JOINED and not group.bracketed and group.digits in ("0", "00")


def _begins_with_code(digits: str) -> bool:
    """Tell whether digits behind a `+`, up to the next sign, begin with a country calling code."""
    return any(int(digits[:size]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE for size in (1, 2, 3) if digits[:size])


def _is_short_number(digits: str, region: str) -> bool:
    """Tell whether digits are a short number of a region, such as `116117`, by libphonenumber's metadata."""
    metadata = PhoneMetadata.short_metadata_for_region(region)
    short = metadata.short_code if metadata else None
    pattern = short.national_number_pattern if short else None
    return bool(pattern and re.fullmatch(pattern, digits))


def _is_valid(number: PhoneNumber | Refusal) -> bool:
    return isinstance(number, PhoneNumber) and phonenumbers.is_valid_number(number)


def _lacks_trunk(number: PhoneNumber) -> bool:
    """Tell whether a number is written without a trunk prefix in a country that has one: `1800 123 456` (AU)."""
    nsn = phonenumbers.national_significant_number(number)
    return country_of(number.country_code).national_digits(nsn) == nsn


def _is_too_long(number: PhoneNumber) -> bool:
    """Tell whether a number has more digits than those of people in its country have."""
    return len(phonenumbers.national_significant_number(number)) > country_of(number.country_code).longest


def _keeps_trunk(number: PhoneNumber) -> bool:
    """Tell whether a number begins with what its country dials before every number: digits are missing."""
    trunk = country_of(number.country_code).trunk
    return trunk != "" and phonenumbers.national_significant_number(number).startswith(trunk)


def _is_longest(number: PhoneNumber) -> bool:
    """Tell whether digits without a trunk prefix are too many to lack an area code as well."""
    region = phonenumbers.region_code_for_number(number)
    metadata = PhoneMetadata.metadata_for_region(region or "")
    kind = phonenumbers.number_type(number)
    if metadata is None or metadata.general_desc is None:
        return False
    own = metadata.mobile if kind == PhoneNumberType.MOBILE else metadata.fixed_line
    lengths = (own.possible_length if own else ()) or metadata.general_desc.possible_length
    return len(phonenumbers.national_significant_number(number)) >= max(lengths)
