"""`[numbers]`: how numbers are read and dialled, at the site or, where there are several, at each location."""

import re
from typing import Annotated, Final, Self

import phonenumbers
from pydantic import AfterValidator, Field, model_validator

from shared.numbering import parser_of
from shared.settings import Networks, Region, Section, Texts

NEVER: Final = "never"
"""What an exception says of a number that is not to be dialled."""
_PUNCTUATION: Final = re.compile(r"[\s().-]+")


def _parse_base_number(value: str) -> str:
    digits = _PUNCTUATION.sub("", value)
    if digits and not re.fullmatch(r"\+[1-9]\d{1,14}", digits):
        raise ValueError(f"{value!r} is not the beginning of a number such as +33 1 99 00 2")
    return digits


def _parse_exceptions(value: dict[str, str]) -> dict[str, str]:
    read = {_PUNCTUATION.sub("", number): dialled for number, dialled in value.items()}
    for number, dialled in read.items():
        if not re.fullmatch(r"\+[1-9]\d{0,14}|\d{1,15}", number):
            raise ValueError(f"{number!r} is neither a number such as 3631 nor the beginning of one such as +33 825")
        if not re.fullmatch(rf"\d{{1,20}}|{NEVER}", dialled):
            raise ValueError(f"{number} = {dialled!r} says neither which digits are dialled nor `{NEVER}`")
    return read


Digits = Annotated[str, Field(pattern=r"^[0-9]{0,9}$")]
OutsidePrefix = Annotated[str, Field(pattern=r"^[0-9*#]{0,4}$")]
ExtensionDigits = Annotated[int, Field(ge=1, le=9)]
Count = Annotated[int, Field(ge=0, le=15)]
BaseNumber = Annotated[str, AfterValidator(_parse_base_number)]
Exceptions = Annotated[dict[str, str], AfterValidator(_parse_exceptions)]


class Location(Section):
    """A place whose people write their numbers, and whose phones dial, in one way."""

    name: Annotated[str, Field(min_length=1)] = Field(description="Name of the location")
    sites: Texts = Field(
        (), description="People whose site is one of these belong to it (case and accents do not count)"
    )
    bases: Texts = Field((), description="People whose DN is one of these or below belong to it")
    networks: Networks = Field((), description="Phones at these addresses belong to it, unless their owner is known")
    region: Region | None = Field(None, description="Country; else `numbers.region`")
    area_code: Digits = Field("", description="As `numbers.area_code`")
    base_number: BaseNumber = Field("", description="As `numbers.base_number`")
    base_overlap: Count = Field(0, description="As `numbers.base_overlap`")
    outside_prefix: OutsidePrefix = Field("", description="As `numbers.outside_prefix`, which does not count here")
    international_prefix: Digits = Field("", description="As `numbers.international_prefix`")
    extension_digits: ExtensionDigits | None = Field(None, description="Else `numbers.extension_digits`")
    least_outside_digits: Count | None = Field(None, description="Else `numbers.least_outside_digits`")
    exceptions: Exceptions = Field({}, description="Beside those of `numbers.exceptions`")


class Numbers(Section):
    """How numbers are read and dialled at this site; what belongs to no location is read and dialled so."""

    region: Region = Field("FR", description="Country of the site: national numbers are read as this country's")
    area_code: Digits = Field("", description="Area code of numbers that are written without one, such as 089")
    base_number: BaseNumber = Field(
        "",
        description="What the site's own numbers begin with, such as `+33 1 99 00`: what follows is the extension,"
        " dialled as such within and by the whole number from elsewhere",
    )
    base_overlap: Count = Field(
        0,
        description="So many last digits of `base_number` belong to the extension as well: 1, where it is `+33 1 99 00 2`"
        " and 2010 the extension of +33 1 99 00 20 10",
    )
    outside_prefix: OutsidePrefix = Field("", description="Dialled before every number outside the house")
    international_prefix: Digits = Field(
        "", description="Dialled before a country code; empty: the country's, to be named where it has several"
    )
    extension_digits: ExtensionDigits = Field(
        5, description="Numbers of at most this many digits are extensions, dialled as they are"
    )
    least_outside_digits: Count = Field(
        0, description="Numbers of fewer digits, as dialled within the country, are not dialled outside but left out"
    )
    exceptions: Exceptions = Field(
        {},
        description='Numbers with rules of their own: `3631 = "03631"` is dialled so; of what begins with `+33 825` these'
        " digits are replaced; `never` leaves a number out",
    )
    shared_cost: bool = Field(True, description="Dial shared-cost numbers; premium numbers never are")
    locations: tuple[Location, ...] = Field(
        (), description="The locations of several sites, each a `[[numbers.locations]]`"
    )

    @property
    def longest_extension(self) -> int:
        """Digits that an extension has at most, at any location."""
        return max(self.extension_digits, *(place.extension_digits or 0 for place in self.locations), 0)

    @model_validator(mode="after")
    def _check_places(self) -> Self:
        _check_prefix("", self.region, self.international_prefix, self)
        names: set[str] = set()
        for place in self.locations:
            if place.name in names:
                raise ValueError(f"there are two locations {place.name!r}; give each a name of its own")
            names.add(place.name)
            region = place.region or self.region
            prefix = place.international_prefix or (self.international_prefix if region == self.region else "")
            _check_prefix(f"location {place.name!r}: ", region, prefix, place)
        return self


def _check_prefix(where: str, region: str, international_prefix: str, place: Numbers | Location) -> None:
    code, base = f"+{phonenumbers.country_code_for_region(region)}", place.base_number
    if base and not base.startswith(code):
        raise ValueError(f"{where}base_number {base} is not a number of {region}, which begin with {code}")
    if place.base_overlap > len(base.removeprefix(code)):
        raise ValueError(f"{where}base_overlap is more than base_number has digits after the country code")
    if not (international_prefix or parser_of(region).international_prefix):
        raise ValueError(
            f"{where}{region} has several international prefixes; say in international_prefix which is dialled"
        )
