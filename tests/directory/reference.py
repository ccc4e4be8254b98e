"""A second opinion on what a query finds: no index, no places, nothing clever. Numbers and their writings are written by hand."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from services.directory.collation import letter_collator
from services.directory.contacts import shown_name
from services.directory.sounds import sound_of
from services.directory.words import contracted, keypad_of, parse_query, respelled, spellings_of
from shared.ldap.entry import Entry
from shared.ldap.mapping import PersonAttributes
from shared.people import person_from
from shared.text import fold, one_line

WRITINGS = {
    "1001": ("1001", ["1001"]),
    "10": ("10", ["10"]),
    "3305": ("3305", ["3305"]),
    "+33 1 99 00 20 10": (
        "00199002010",
        [
            "0199002010",
            "33199002010",
            "0033199002010",
            "00199002010",
            "00033199002010",
            "330199002010",
            "00330199002010",
        ],
    ),
    "01 99 00 20 11": (
        "00199002011",
        [
            "0199002011",
            "33199002011",
            "0033199002011",
            "00199002011",
            "00033199002011",
            "330199002011",
            "00330199002011",
        ],
    ),
    "+49 89 123456": ("0004989123456", ["4989123456", "004989123456", "0004989123456", "089123456"]),
    "*21#": ("", []),
}
"""As written: what the phone dials (outside prefix 0, from France), and all writings."""


class Row(NamedTuple):
    """A row of the directory. `digits`: as `shared.numbers.Dialable.digits`."""

    order: tuple[str, str, int]
    """The name, all numbers of the person, the position of this one."""
    numbers: int
    name: str
    dialled: str
    words: tuple[str, ...]
    writings: tuple[str, ...]
    digits: str
    person: str


def matching_rows(entries: Iterable[Entry], typed: str) -> tuple[str, list[tuple[str, str]]]:
    """The step that finds something, and the rows (name without label, number) that a query finds, in their order."""
    rows = list(_rows(entries))
    query = parse_query(typed)
    for step, asked in (("w", query), *(("w", other) for other in respelled(query)), *((s, query) for s in "pns")):
        found = [(ranks, row) for row in rows if (ranks := _ranks(row, asked.words, step))]
        if found:
            few = len(found) <= 32
            found.sort(key=lambda hit: (max(hit[0]), sum(hit[0]) if few else 0, hit[1].order))
            return step, [(row.name, row.dialled) for _, row in found]
    return "w", []


def _rows(entries: Iterable[Entry]) -> Iterator[Row]:
    """One row for a name and a number, found by the words of all such entries.

    It is that of the entry with most numbers, else of the first name, else of the first UUID.
    """
    groups: dict[tuple[str, str], list[Row]] = {}
    for entry in entries:
        person = person_from(entry, PersonAttributes())
        name = shown_name(person)
        words = tuple(word for text in (name, *_names(entry)) for word in spellings_of(text, fold(text)))
        numbers = {WRITINGS[number.value][0]: WRITINGS[number.value][1] for number in person.numbers}
        numbers.pop("", None)
        everything = " ".join(stored(writings) for writings in numbers.values()).replace("+", "~")
        for position, (dialled, writings) in enumerate(numbers.items()):
            whole = next(writing for writing in writings if writing[0] != "0")
            row = Row(
                (letter_collator("en")(name), everything, position),
                len(numbers),
                name or whole,
                dialled,
                words,
                tuple(writings),
                whole,
                entry.uuid,
            )
            groups.setdefault((letter_collator("en")(name), dialled), []).append(row)
    for same in groups.values():
        shown = min(same, key=lambda row: (-row.numbers, row.name, row.person))
        yield shown._replace(words=tuple(word for row in same for word in row.words))


def _names(entry: Entry) -> Iterator[str]:
    """Every value of every name, on one line."""
    for attribute in ("displayname", "cn", "sn", "givenname"):
        yield from map(one_line, entry.attributes.get(attribute, ()))


def stored(writings: list[str]) -> str:
    """What a number is sorted by: as it is stored."""
    if len(writings) == 1:
        return writings[0]
    code = next(code for code in ("33", "49") if writings[0].startswith(code) or writings[1].startswith(code))
    whole = next(writing for writing in writings if writing.startswith(code))
    return f"+{code} {whole[2:]} 0{whole[2:]}"


def _ranks(row: Row, asked: tuple[str, ...], step: str) -> list[int]:
    """The best rule for each word, or nothing when one has none."""
    ranks = [min(_rules(row, word, step, alone=len(asked) == 1), default=-1) for word in asked]
    return [] if -1 in ranks else ranks


def _rules(row: Row, typed: str, step: str, *, alone: bool) -> Iterator[int]:
    written = (*row.words, *row.writings) if typed.isdigit() else row.words
    for text in written:
        if text.startswith(typed):
            yield 0 if text == typed else 1
        plain = contracted(typed)
        if plain != typed and ((len(plain) >= 3 and text == plain) or (len(plain) >= 4 and text.startswith(plain))):
            yield 1
    if typed.isdigit():
        yield from _rules_of_digits(row, typed, alone=alone)
    else:
        for word in filter(str.isalpha, row.words):
            yield from _rules_of_steps(word, typed, step)


def _rules_of_digits(row: Row, typed: str, *, alone: bool) -> Iterator[int]:
    if row.digits.endswith(typed) or (len(typed) >= 3 and _reaches_into(row, typed)):
        yield 2
    if alone and re.fullmatch("[2-9]+(0[2-9]+)*0?", typed):
        parts = typed.strip("0").split("0")
        if len(parts) > 1 and len(typed) < 5:
            return
        spelled = [keypad_of(word) for word in row.words if word.isalpha()]
        if all(part in spelled for part in parts):
            yield 4
        if all(any(word.startswith(part) for word in spelled) for part in parts):
            yield 5


def _reaches_into(row: Row, typed: str) -> bool:
    """Digits stand within a writing, and not only in what is dialled before every number."""
    size = len(row.digits.removeprefix("33")) if len(row.writings) > 1 else len(row.digits)
    return any(writing.rfind(typed) + len(typed) > len(writing) - size for writing in row.writings if typed in writing)


def _rules_of_steps(word: str, typed: str, step: str) -> Iterator[int]:
    if step == "p" and len(typed) >= 3 and typed in word:
        yield 6
    if step == "n" and len(typed) >= 4:
        if distance(typed, word) == 1:
            yield 7
        if any(distance(typed, word[:size]) == 1 for size in range(max(5, len(typed)), len(word) + 1)):
            yield 8
    if step == "s" and sound_of(typed, "en") and sound_of(typed, "en") == sound_of(word, "en"):
        yield 10


def distance(one: str, other: str) -> int:
    """Letters that are wrong, missing, too many, or swapped with their neighbour (optimal string alignment)."""
    table = {(i, -1): i + 1 for i in range(-1, len(one))} | {(-1, j): j + 1 for j in range(-1, len(other))}
    for i, left in enumerate(one):
        for j, right in enumerate(other):
            ways = [table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (left != right)]
            if i and j and left == other[j - 1] and one[i - 1] == right:
                ways.append(table[i - 2, j - 2] + 1)
            table[i, j] = min(ways)
    return table[len(one) - 1, len(other) - 1]
