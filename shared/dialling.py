"""From a number as the mirror stored it to what a caller at a location dials. Pure string work: a page has 32 numbers.

A stored number is either the digits that everybody dials (an extension, a service number) or `+33 199002010 0199002010`:
country code, what follows it from abroad, and what is dialled within the country. `shared.numbers` writes it.
"""

from typing import Final, NamedTuple

from shared.locations import DEFAULT, Rules, rules_of
from shared.sections.numbers import Numbers


class _Caller(NamedTuple):
    """What a location dials before a number. `cut`: digits of an own number that stand before its extension."""

    code: str
    base: str
    cut: int
    longest_own: int
    outside: str
    abroad: str
    short: dict[str, str]
    begins: tuple[tuple[str, str], ...]


class Dialler:
    """Dials the numbers of the directory as each location of the configuration does."""

    def __init__(self, settings: Numbers) -> None:
        self._callers: Final = {name: _caller(rules) for name, rules in rules_of(settings).items()}

    def dial(self, stored: str, location: str = DEFAULT) -> str:
        """Return the digits that a phone at this location sends for a stored number. `KeyError`: no such location."""
        caller = self._callers[location]
        if stored[0] != "+":
            return caller.short.get(stored, stored)
        code, number, national = stored.split(" ")
        if caller.begins:
            whole = code + number
            for begins, dialled in caller.begins:
                if whole.startswith(begins):
                    return dialled + whole[len(begins) :]
        if code != caller.code:
            return f"{caller.abroad}{code[1:]}{number}"
        if caller.base and number.startswith(caller.base) and len(caller.base) < len(number) <= caller.longest_own:
            return number[caller.cut :]
        return caller.outside + national


def _caller(rules: Rules) -> _Caller:
    cut = len(rules.base) - rules.base_overlap
    replaced = rules.replaced.items()
    longest_first = sorted(((begins, dialled) for begins, dialled in replaced if begins[0] == "+"), reverse=True)
    abroad = rules.outside_prefix + rules.international_prefix
    return _Caller(
        code=f"+{rules.country.code}",
        base=rules.base,
        cut=cut,
        longest_own=cut + rules.extension_digits,
        outside=rules.outside_prefix,
        abroad=abroad,
        short={number: dialled for number, dialled in replaced if number[0] != "+"},
        begins=tuple(longest_first),
    )
