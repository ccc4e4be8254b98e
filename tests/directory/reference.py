"""A second opinion on what a query finds: no index, no places, nothing clever. Numbers and their writings are written by hand."""

import re
from collections.abc import Iterable

from services.directory.contacts import shown_name
from shared.ldap.entry import Entry
from shared.ldap.mapping import PersonAttributes
from shared.people import person_from
from shared.text import fold

WRITINGS = {
    "1001": ("1001", ["1001"]),
    "10": ("10", ["10"]),
    "3305": ("3305", ["3305"]),
    "+33 1 99 00 20 10": (
        "00199002010",
        ["0199002010", "33199002010", "0033199002010", "00199002010", "00033199002010"],
    ),
    "01 99 00 20 11": ("00199002011", ["0199002011", "33199002011", "0033199002011", "00199002011", "00033199002011"]),
    "+49 89 123456": ("0004989123456", ["4989123456", "004989123456", "0004989123456", "089123456"]),
    "*21#": ("", []),
}
"""As written: what the phone dials (outside prefix 0, from France), and all writings."""


def matching_rows(entries: Iterable[Entry], typed: str) -> list[tuple[str, str]]:
    """The rows (name without label, number) that a query finds, in the order of the phonebook."""
    asked = re.findall("[a-z0-9]+", fold(typed))
    found = []
    for entry in entries:
        person = person_from(entry, PersonAttributes())
        name = shown_name(person)
        words = re.findall("[a-z0-9]+", fold(name))
        seen = set()
        for position, number in enumerate(person.numbers):
            dialled, writings = WRITINGS[number.value]
            if not dialled or dialled in seen:
                continue
            seen.add(dialled)
            if all(
                any(text.startswith(word) for text in words + (writings if word.isdigit() else [])) for word in asked
            ):
                shown = name or next(writing for writing in writings if writing[0] != "0")
                found.append((fold(name), entry.dn, position, shown, dialled))
    return [(name, dialled) for *_, name, dialled in sorted(found)]
