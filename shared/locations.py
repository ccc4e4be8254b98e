"""The locations of the configuration: who belongs to which, and each one's rules with nothing left to look up. Pure.

A location goes by its name; "" is the default one, whose rules are the settings of `[numbers]` themselves.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Final

import phonenumbers

from shared.ldap.entry import dn_key, parent_key
from shared.numbering import Country, country_of, parser_of
from shared.sections.numbers import NEVER, Location, Numbers
from shared.text import fold

DEFAULT: Final = ""
"""The location of whoever belongs to none."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How numbers are written and dialled at a location. `base`: national significant digits, as `area_code` without trunk."""

    region: str
    country: Country
    area_code: str
    base: str
    base_overlap: int
    outside_prefix: str
    international_prefix: str
    extension_digits: int
    least_outside_digits: int
    exceptions: dict[str, str]

    @property
    def refused(self) -> tuple[str, ...]:
        """The beginnings (with `+`) and the short numbers that are never dialled."""
        return tuple(number for number, dialled in self.exceptions.items() if dialled == NEVER)

    @property
    def replaced(self) -> dict[str, str]:
        """What is dialled for short numbers, and for the beginnings (with `+`) of others."""
        return {number: dialled for number, dialled in self.exceptions.items() if dialled != NEVER}


def rules_of(settings: Numbers) -> dict[str, Rules]:
    """Return the rules of every location by its name, the default one first."""
    return {DEFAULT: _rules(settings, settings)} | {place.name: _rules(settings, place) for place in settings.locations}


class Locations:
    """Finds the location of a person and of a network address; where several fit, the first of the configuration."""

    def __init__(self, settings: Numbers) -> None:
        self._sites: dict[str, str] = {}
        self._bases: dict[str, str] = {}
        self._networks = [(network, place.name) for place in settings.locations for network in place.networks]
        for place in settings.locations:
            for site in place.sites:
                self._sites.setdefault(fold(site), place.name)
            for base in place.bases:
                self._bases.setdefault(dn_key(base), place.name)

    def of_person(self, dn: str, sites: tuple[str, ...]) -> str:
        """Return the location of a person: by the first site that one has, else by the nearest base above the entry."""
        for site in sites if self._sites else ():
            found = self._sites.get(fold(site))
            if found is not None:
                return found
        key = dn_key(dn) if self._bases else ""
        while key:
            found = self._bases.get(key)
            if found is not None:
                return found
            key = parent_key(key)
        return DEFAULT

    def of_address(self, address: IPv4Address | IPv6Address) -> str:
        """Return the location of a phone by its network address."""
        return next((name for network, name in self._networks if address in network), DEFAULT)


def _rules(settings: Numbers, place: Numbers | Location) -> Rules:
    region = place.region or settings.region
    country = country_of(phonenumbers.country_code_for_region(region))
    prefix = place.international_prefix or (settings.international_prefix if region == settings.region else "")
    least = settings.least_outside_digits if place.least_outside_digits is None else place.least_outside_digits
    return Rules(
        region=region,
        country=country,
        area_code=place.area_code.removeprefix(country.trunk),
        base=place.base_number.removeprefix(f"+{country.code}"),
        base_overlap=place.base_overlap,
        outside_prefix=place.outside_prefix,
        international_prefix=prefix or parser_of(region).international_prefix,
        extension_digits=place.extension_digits or settings.extension_digits,
        least_outside_digits=least,
        exceptions=settings.exceptions | place.exceptions,
    )
