"""The keys that a number is found by, and what typed digits mean among them: one module, so that both agree. Pure.

A key is a writing of the number, or stands for several: `#199002010` for all writings of a number of the default
location's country (`0199002010`, `33199002010`, `0033199002010`, with or without an outside prefix), `+49891234` for
those of another country. Digits that a person types are translated into the beginnings of keys that they may mean.
"""

from collections.abc import Iterator
from typing import Final

from shared.locations import DEFAULT, Rules
from shared.numbering import NANPA, Country

_LEAST_PART: Final = 3
"""Digits from which on a number is found by any part of it."""


class NumberKeys:
    """Makes keys, and reads typed digits, for these locations."""

    def __init__(self, rules: dict[str, Rules]) -> None:
        home = rules[DEFAULT]
        self._home = home.country
        self._is_one_country = all(place.country is self._home for place in rules.values())
        self._outsides = tuple(sorted({place.outside_prefix for place in rules.values()} - {""}))
        self._leads = {name: tuple(self._make_leads(place)) for name, place in rules.items()}
        self._inner_leads = {name: tuple(_inner(leads)) for name, leads in self._leads.items()}
        self._home_leads = frozenset(lead for lead, mark in self._leads[DEFAULT] if mark == "#")
        self._abroad_leads = frozenset(lead for lead, mark in self._leads[DEFAULT] if mark == "+")

    def of(self, country: Country, nsn: str, national: str, written: str) -> tuple[str, ...]:
        """Return the keys of a number: the one for all usual writings, then each writing that it does not stand for."""
        is_home, is_usual = country is self._home, national == country.trunk + nsn
        if is_home and is_usual and self._is_one_country:
            is_known = not written or (written.endswith(nsn) and written[: -len(nsn)] in self._home_leads)
            return (f"#{nsn}",) if is_known else (f"#{nsn}", written)
        key = f"#{nsn}" if is_home else f"+{country.code}{nsn}"
        digits = key[1:]
        leads = self._home_leads if is_home else self._abroad_leads
        others = [national]
        if written and not (written.endswith(digits) and written[: -len(digits)] in leads):
            others.insert(0, written)
        if not is_usual and (is_home or not self._is_one_country):
            others += [outside + national for outside in self._outsides]
        return (key, *dict.fromkeys(others))

    def prefixes(self, digits: str, location: str = DEFAULT) -> tuple[str, ...]:
        """Return the beginnings of keys that typed digits may mean where a number is found by the beginning of any writing.

        The writings are those of the location: national, international, with or without its outside prefix.
        """
        return _shortest({digits, *_translated(digits, self._leads[location], whole=True)})

    def part_prefixes(self, digits: str, location: str = DEFAULT) -> tuple[str, ...]:
        """Return the beginnings of keys that typed digits mean where they stand within a writing and reach into the number.

        Beside them, what is typed is looked for anywhere in `Dialable.digits`. From three digits on; else none.
        """
        if len(digits) < _LEAST_PART:
            return ()
        return _shortest(set(_translated(digits, self._inner_leads[location], whole=False)))

    def _make_leads(self, place: Rules) -> Iterator[tuple[str, str]]:
        """Yield what may stand before a key's digits in the writings of a location, with the key's mark."""
        country, outside, abroad = place.country, place.outside_prefix, place.international_prefix
        here = "#" if country is self._home else f"+{country.code}"
        code = self._home.code
        dialled = country.code if country.code == NANPA else country.trunk
        leads = [(country.trunk, here), (country.code, here), (outside + dialled, here), (code, "#"), ("", "+")]
        if country.trunk:
            leads += [(f"{before}{country.code}{country.trunk}", here) for before in ("", abroad)]  # +33 (0)1
        for before in (abroad, outside + abroad):
            leads += [(before + code, "#"), (before, "+")]
        return iter(dict.fromkeys(leads))


def _inner(leads: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    whole = set(leads)
    rests = ((lead[at:], mark) for lead, mark in leads for at in range(1, len(lead)))
    return iter(dict.fromkeys(rest for rest in rests if rest not in whole))


def _translated(digits: str, leads: tuple[tuple[str, str], ...], *, whole: bool) -> Iterator[str]:
    for lead, mark in leads:
        if digits.startswith(lead):
            if whole or len(digits) > len(lead):
                yield mark + digits[len(lead) :]
        elif whole and lead.startswith(digits):
            yield mark


def _shortest(found: set[str]) -> tuple[str, ...]:
    """Leave out what another one is the beginning of."""
    return tuple(sorted(key for key in found if not any(key != other and key.startswith(other) for other in found)))
