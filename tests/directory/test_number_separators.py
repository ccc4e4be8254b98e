"""No separator makes a wrong number: for every region of libphonenumber, what is dialled is among what is meant."""

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from shared.config import Numbers
from shared.numbers import Dialable, NumberReader

BETWEEN_GROUPS = (
    *(" ", "  ", ".", "-", " - ", "\u2011", "/", " / ", "\\", "|", " | ", ",", ", ", ";", "; ", "&", "$", "\n", "\r\n"),
    *("\t", "\xb7", "'", "\u2019", "_", ":", "+", "=", "~", "*", "\xa0", "\u202f", "\u200b", ") ", " (", "--", "..."),
)
BETWEEN_NUMBERS = (
    *BETWEEN_GROUPS,
    *(" ou ", " oder ", " or ", " o ", " und ", " and ", " et ", " y ", " bis ", " (bureau) ", " Tel.: ", ", mobile "),
    *(" Fax ", " x ", " ext. ", " poste ", " DW ", "\u2014", " \u2013 ", "&nbsp;", "&#160;", "<br>"),
)
KINDS = [kind for kind in PhoneNumberType.values() if kind != PhoneNumberType.UNKNOWN]


class Example(NamedTuple):
    """`number` is E.164; `national` the digits that are dialled within the country, an extension where they are few."""

    number: str
    national: str
    written: str


def examples(region: str) -> list[Example]:
    found: dict[str, Example] = {}
    for kind in KINDS:
        number = phonenumbers.example_number_for_type(region, kind)
        if number is not None:
            national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
            digits = phonenumbers.normalize_digits_only(national)
            e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
            international = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
            found |= {text: Example(e164, digits, text) for text in (national, international)}
    return list(found.values())


def wrong(region: str, written: Iterator[tuple[str, tuple[Example, ...]]]) -> Iterator[str]:
    reader = NumberReader(Numbers(region=region, international_prefix="00"))
    for text, meant in written:
        numbers = [one for one in reader.read(text) if isinstance(one, Dialable)]
        dialled = {f"+{one.digits}" if one.stored.startswith("+") else one.digits for one in numbers}
        allowed = {one.number for one in meant} | {one.national for one in meant if len(one.national) <= 5}
        if not dialled <= allowed:
            yield f"{region}: {text!a} dials {sorted(dialled - allowed)}"


def test_a_number_with_any_separator_between_its_groups_is_that_number_or_none() -> None:
    separators = itertools.cycle(BETWEEN_GROUPS)

    def written(region: str) -> Iterator[tuple[str, tuple[Example, ...]]]:
        for example in examples(region):
            for separator in itertools.islice(separators, 3):
                yield separator.join(re.split(r"[ \-/.]", example.written)), (example,)

    assert [text for region in sorted(phonenumbers.SUPPORTED_REGIONS) for text in wrong(region, written(region))] == []


def test_two_numbers_with_anything_between_them_are_these_two_one_of_them_or_none() -> None:
    separators = itertools.cycle(BETWEEN_NUMBERS)

    def written(region: str) -> Iterator[tuple[str, tuple[Example, ...]]]:
        known = examples(region)
        for one, other in zip(known, [*known[2:], *known[:2]], strict=True):
            for separator in itertools.islice(separators, 4):
                yield f"{one.written}{separator}{other.written}", (one, other)

    assert [text for region in sorted(phonenumbers.SUPPORTED_REGIONS) for text in wrong(region, written(region))] == []


def test_usual_separators_lose_no_number() -> None:
    """A property that only forbids would hold of a reader that reads nothing."""
    for region, kind in itertools.product(("FR", "DE", "US", "GB", "IT", "ES", "PL", "BR"), ("FIXED_LINE", "MOBILE")):
        number = phonenumbers.example_number_for_type(region, getattr(PhoneNumberType, kind))
        reader = NumberReader(Numbers(region=region, international_prefix="00"))
        assert number is not None
        international = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
        for separator in (" ", ".", "-", "/", " - ", "\xa0", "\u2011", "\u200b"):
            (found,) = reader.read(separator.join(re.split(r"[ -]", international)))
            assert isinstance(found, Dialable), (region, separator)
        both = reader.read(f"{international}, {international[:-1]}{(int(international[-1]) + 1) % 10}")
        assert [type(one) for one in both] == [Dialable, Dialable], region
