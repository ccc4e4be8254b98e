"""What people type, drawn from the directory itself: the same mix at every size."""

import random
from collections.abc import Iterable, Iterator, Sequence

from services.directory.words import keypad_of
from shared.ldap.entry import Entry
from shared.text import fold

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def query_mix(people: Iterable[Entry], count: int) -> list[str]:
    """Return so many queries: prefixes of three letters up to whole names, two words, numbers, and nonsense."""
    dice = random.Random(7)  # a reproducible mix
    sample = dice.choices(list(people), k=count)
    return [_query(dice, person) for person in sample]


def typical_queries(people: Iterable[Entry]) -> dict[str, list[str]]:
    """Return the queries of three kinds, each once: of two words, of a number as it is dialled, and such as end in a menu."""
    kinds: dict[str, dict[str, None]] = {"two words": {}, "number": {}, "three letters, a menu": {}}
    for person in people:
        surname, given = person.attributes["sn"][0], person.attributes["givenname"][0]
        digits = _digits_of(person.attributes["telephonenumber"][0])
        typed = (f"{surname[:4]} {given[:3]}", f"0{digits[2:]}", surname[:3])
        for queries, query in zip(kinds.values(), typed, strict=True):
            queries.setdefault(query)
    return {kind: list(queries) for kind, queries in kinds.items()}


def _query(dice: random.Random, person: Entry) -> str:
    given, surname = fold(person.attributes["givenname"][0]), fold(person.attributes["sn"][0])
    digits = _digits_of(person.attributes["telephonenumber"][0])
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


def queries_by_kind(people: Iterable[Entry], count: int) -> dict[str, list[str]]:
    """Return so many queries of each kind, drawn from the directory."""
    dice = random.Random(11)
    kinds: dict[str, list[str]] = {}
    for person in dice.choices(list(people), k=count):
        for kind, query in _kinds(dice, person):
            kinds.setdefault(kind, []).append(query)
    return kinds


def _kinds(dice: random.Random, person: Entry) -> Iterator[tuple[str, str]]:
    given, surname = fold(person.attributes["givenname"][0]), fold(person.attributes["sn"][0])
    written = dice.choice([*person.attributes["telephonenumber"], *person.attributes.get("mobile", ())])
    digits = "0" + _digits_of(written)[2:]
    for size in (1, 2, 3):
        yield f"{size} letters", surname[:size]
    yield "two words", f"{surname[:3]} {given[:2]}"
    yield "full name", f"{given} {surname}"
    for size in range(3, len(digits) + 1):
        start = dice.choice((0, len(digits) - size, dice.randint(0, len(digits) - size)))
        yield f"{size} digits", digits[start : start + size]
    yield "keypad", keypad_of(surname)
    slip = dice.randrange(len(surname))
    yield "typo", surname[:slip] + dice.choice(LETTERS) + surname[slip + 1 :]
    yield "nonsense", "".join(dice.choices(LETTERS, k=dice.randint(5, 10)))


def _digits_of(number: str) -> str:
    return "".join(filter(str.isdigit, number))
