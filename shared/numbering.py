"""libphonenumber's rules for the plain cases, compiled once from its own metadata: no table of ours, no country by name.

Whatever is not plain (a rule that rewrites digits, a carrier code, a number that may be read in two ways) is left to
libphonenumber, which is right and slow. Nothing here knows the site, prefixes of a house, or text that is no number.
"""

import re
from collections.abc import Callable
from enum import Enum
from functools import cache
from typing import Final, NamedTuple

import phonenumbers
from phonenumbers import NumberFormat, PhoneMetadata, PhoneNumber, PhoneNumberFormat, PhoneNumberType

NANPA: Final = "1"
"""The country code of North America, whose countries dial each other with it and without an international prefix."""
_KINDS: Final = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
)
_LONGEST_E164: Final = 15
_GROUPS_ONLY: Final = re.compile(r"(?:\((?!\?)(?:[^()]|\(\?:[^()]*\))*\))+")
_ANY_DIGITS: Final = re.compile(r"(?:\((?:\\d(?:\{\d+(?:,\d+)?\})?)+\))+")
_COUNTS: Final = re.compile(r"\\d(?:\{(\d+)(?:,(\d+))?\})?")
_RULE: Final = re.compile(r"(\D*)(\d*)(\D*)\\1\D*")


def digits_of(text: str) -> str:
    """Return the digits of a text, any script's, as ASCII."""
    return phonenumbers.normalize_digits_only(text)


class Cost(Enum):
    """What a call costs the caller beyond the usual."""

    USUAL = "usual"
    SHARED = "shared"
    PREMIUM = "premium"


class _Format(NamedTuple):
    """One way a country writes some of its numbers. A tuple, since every number of a first load is tried against a few.

    `begins`, `fits`: what the number must pass; None: any does. `sizes`: numbers of digits; None: `fits` decides.
    `prefix`: what stands before the number; None where its own digits change.
    """

    begins: Callable[[str], object] | None
    fits: Callable[[str], object] | None
    prefix: str | None
    sizes: range | None


def _format(rule: NumberFormat) -> _Format:
    leading, sizes = rule.leading_digits_pattern, _sizes_of(rule.pattern or "")
    fits = None if sizes is not None else re.compile(rule.pattern or "(?!)").fullmatch
    return _Format(re.compile(leading[-1]).match if leading else None, fits, _prefix_of(rule, national=True), sizes)


class Country:
    """How the numbers of one country calling code are written."""

    def __init__(self, code: int) -> None:
        self.code: Final = str(code)
        region = phonenumbers.region_code_for_country_code(code)
        metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
        if metadata is None:
            raise ValueError(f"{code} is no country calling code")
        self._national = [_format(rule) for rule in metadata.number_format]
        self._of_size: dict[int, list[_Format]] = {}
        abroad = metadata.intl_number_format or metadata.number_format
        self.is_plain_abroad: Final = all(_prefix_of(rule, national=False) == "" for rule in abroad)
        """From another country the national significant number itself is dialled after the country code."""
        self.lengths = _lengths(metadata)
        self.may_cost_more: Final = _costly(code)
        """Whether a national significant number looks as if it cost more: `cost_of` knows."""
        self.is_valid: Final = _valid(code)
        """Whether a national significant number is one of a kind that libphonenumber knows: its `is_valid_number`."""
        self.longest: Final = min(_LONGEST_E164 - len(self.code), max(_usual_lengths(metadata)))
        """Digits of a national significant number that is not of a service; E.164 allows no more than 15 with the code."""
        prefix = metadata.national_prefix or ""
        self.trunk: Final = prefix if any(rule.prefix == prefix for rule in self._national) else ""
        """What stands before the number where it is written nationally, 0 in most countries; may be empty."""

    def national_digits(self, nsn: str) -> str:
        """Return the digits of the national writing of a national significant number."""
        size = len(nsn)
        rules = self._of_size.get(size)
        if rules is None:
            rules = [rule for rule in self._national if rule.sizes is None or size in rule.sizes]
            self._of_size[size] = rules
        for begins, fits, prefix, _ in rules:
            if (begins is None or begins(nsn)) and (fits is None or fits(nsn)):
                if prefix is None:
                    return digits_of(phonenumbers.format_number(self._number(nsn), PhoneNumberFormat.NATIONAL))
                return prefix + nsn
        return nsn

    def international_digits(self, nsn: str) -> str:
        """Return the digits that follow the country code where the number is dialled from another country."""
        if self.is_plain_abroad:
            return nsn
        written = phonenumbers.format_number(self._number(nsn), PhoneNumberFormat.INTERNATIONAL)
        return digits_of(written).removeprefix(self.code)

    def cost_of(self, nsn: str) -> Cost:
        """Return what libphonenumber says of a number's cost."""
        kind = phonenumbers.number_type(self._number(nsn))
        if kind == PhoneNumberType.PREMIUM_RATE:
            return Cost.PREMIUM
        return Cost.SHARED if kind == PhoneNumberType.SHARED_COST else Cost.USUAL

    def _number(self, nsn: str) -> PhoneNumber:
        zeros = min(len(nsn) - len(nsn.lstrip("0")), len(nsn) - 1)
        return PhoneNumber(
            country_code=int(self.code),
            national_number=int(nsn),
            italian_leading_zero=bool(zeros) or None,
            number_of_leading_zeros=zeros if zeros > 1 else None,
        )


class PlainParser:
    """Reads digits, or `+` and digits, as `phonenumbers.parse` does where there is only one way to read them."""

    def __init__(self, region: str) -> None:
        metadata = PhoneMetadata.metadata_for_region(region)
        if metadata is None:
            raise ValueError(f"{region} is no region of libphonenumber")
        self._home = country_of(metadata.country_code)
        self._rules = _Rules(metadata)
        self._international = re.compile(metadata.international_prefix or "(?!)")
        preferred = metadata.preferred_international_prefix or metadata.international_prefix or ""
        preferred = preferred.replace("~", "")
        self.international_prefix: Final = preferred if preferred.isdigit() else ""
        """What is dialled before a country code; empty where the region has several."""

    def __call__(self, plain: str) -> tuple[Country, str] | None:
        """Return (country, national significant number), or None where libphonenumber must be asked."""
        if plain[:1] == "+" and plain[1:].isdigit():
            return self._read_abroad(plain[1:])
        if not plain.isdigit():
            return None
        prefix = self.international_prefix
        if self._international.match(plain):
            is_plain = prefix and plain.startswith(prefix) and self._international.pattern == prefix
            return self._read_abroad(plain[len(prefix) :]) if is_plain else None
        if plain.startswith(self._home.code):
            return None
        nsn = self._rules.significant(plain)
        return (self._home, nsn) if nsn and len(nsn) in self._home.lengths else None

    @staticmethod
    def _read_abroad(digits: str) -> tuple[Country, str] | None:
        for size in (2, 1, 3):  # no code is the beginning of another one, so the order is free; two digits are usual
            known = _known_code(digits[:size])
            if known is not None:
                country, rules = known
                nsn = rules.significant(digits[size:])
                return (country, nsn) if nsn else None
        return None


class _Rules:
    """When digits are a national significant number of a region, beyond doubt."""

    def __init__(self, metadata: PhoneMetadata) -> None:
        pattern = metadata.general_desc.national_number_pattern if metadata.general_desc else None
        self._is_number = re.compile(pattern or "(?!)").fullmatch
        self._lengths = _lengths(metadata)
        self._prefix = re.compile(metadata.national_prefix_for_parsing or "(?!)")
        self._rewrites = bool(metadata.national_prefix_transform_rule) or self._prefix.groups > 0

    def significant(self, digits: str) -> str:
        """Return the number without its national prefix, or "" where there is doubt."""
        prefix = self._prefix.match(digits)
        if prefix is None:
            return digits if len(digits) in self._lengths and self._is_number(digits) else ""
        nsn = digits[prefix.end() :]
        doubtful = self._rewrites or self._is_number(digits)
        return nsn if not doubtful and len(nsn) in self._lengths and self._is_number(nsn) else ""


@cache
def country_of(code: int) -> Country:
    """Return the one `Country` of a country calling code; raises `ValueError` for a number that is none."""
    return Country(code)


@cache
def parser_of(region: str) -> PlainParser:
    """Return the one `PlainParser` of a region."""
    return PlainParser(region)


@cache
def emergency_numbers(region: str) -> Callable[[str], object]:
    """Return what says whether digits are an emergency number of a region, by libphonenumber's metadata."""
    metadata = PhoneMetadata.short_metadata_for_region(region)
    emergency = metadata.emergency if metadata else None
    pattern = emergency.national_number_pattern if emergency else None
    return re.compile(pattern or "(?!)").fullmatch


@cache
def _known_code(digits: str) -> "tuple[Country, _Rules] | None":
    """Return what is known of a country calling code, written without leading zeros."""
    code = int(digits or 0)
    if str(code) != digits or code not in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
        return None
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, phonenumbers.region_code_for_country_code(code))
    return (country_of(code), _Rules(metadata)) if metadata else None


def _lengths(metadata: PhoneMetadata) -> frozenset[int]:
    general = metadata.general_desc
    return (
        frozenset(general.possible_length) - frozenset(general.possible_length_local_only) if general else frozenset()
    )


def _usual_lengths(metadata: PhoneMetadata) -> frozenset[int]:
    usual = [kind.possible_length for kind in (metadata.fixed_line, metadata.mobile) if kind]
    known = frozenset(length for lengths in usual for length in lengths if length > 0)
    return known if known and all(usual) else known | _lengths(metadata)


def _costly(code: int) -> Callable[[str], object]:
    """Return what says whether a number fits the costly kinds of any region that shares the code."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]
    metadata = [PhoneMetadata.metadata_for_region_or_calling_code(code, region) for region in regions]
    kinds = [kind for known in metadata if known for kind in (known.premium_rate, known.shared_cost) if kind]
    patterns = [f"(?:{kind.national_number_pattern})" for kind in kinds if kind.national_number_pattern]
    return re.compile("|".join(dict.fromkeys(patterns)) or "(?!)").fullmatch


def _valid(code: int) -> Callable[[str], object]:
    """Return what says whether a number is of a kind that any region with this code has."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]
    patterns: list[str] = []
    for region in regions:
        metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
        if metadata is None or metadata.general_desc is None:
            continue
        kinds = [getattr(metadata, kind) for kind in _KINDS]
        fits = "|".join(kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern)
        begins = f"(?=(?:{metadata.leading_digits}))" if metadata.leading_digits else ""
        general = metadata.general_desc.national_number_pattern or "(?!)"
        patterns.append(f"(?=(?:{general})$){begins}(?:{fits or '(?!)'})")
    return re.compile("|".join(patterns) or "(?!)").fullmatch


def _sizes_of(pattern: str) -> range | None:
    """Return the numbers of digits that a pattern takes, where it asks for nothing but digits; else None."""
    if not _ANY_DIGITS.fullmatch(pattern):
        return None
    counts = [(int(least or 1), int(most or least or 1)) for least, most in _COUNTS.findall(pattern)]
    return range(sum(least for least, _ in counts), sum(most for _, most in counts) + 1)


def _prefix_of(rule: NumberFormat, *, national: bool) -> str | None:
    """Return the digits that a format puts before the number; None when it changes the number's own digits."""
    pattern, template = rule.pattern or "", rule.format or ""
    groups = [int(group) for group in re.findall(r"\\(\d)", template)]
    others = re.sub(r"\\\d", "", template)
    if not _GROUPS_ONLY.fullmatch(pattern) or groups != list(range(1, re.compile(pattern).groups + 1)):
        return None
    if any(c.isdigit() for c in others):
        return None
    if not national or not rule.national_prefix_formatting_rule:
        return ""
    before = _RULE.fullmatch(rule.national_prefix_formatting_rule)
    return before[2] if before else None
