"""What people type, drawn from the directory itself: the same mix at every size."""

import random
from collections.abc import Iterable, Sequence

from shared.ldap.entry import Entry
from shared.text import fold


def query_mix(people: Iterable[Entry], count: int) -> list[str]:
    """Return so many queries: prefixes of three letters up to whole names, two words, numbers, and nonsense."""
    dice = random.Random(7)  # a reproducible mix
    sample = dice.choices(list(people), k=count)
    return [_query(dice, person) for person in sample]


def _query(dice: random.Random, person: Entry) -> str:
    given, surname = fold(person.attributes["givenname"][0]), fold(person.attributes["sn"][0])
    digits = "".join(c for c in person.attributes["telephonenumber"][0] if c.isdigit())
    kinds: Sequence[str] = (
        surname[:3],
        surname[:4],
        surname,
        given,
        f"{surname[:3]} {given[:2]}",
        f"{given} {surname}",
        "0" + digits[2:],
        digits[2:8],
        surname[:3] + "qx",
    )
    return dice.choice(kinds)
