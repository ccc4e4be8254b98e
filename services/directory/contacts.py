"""From a person to the rows of a phonebook: one for each number that can be dialled. Pure: no I/O, no SQL, no vendor.

**Name.** `displayName`, surname first: where it ends or begins with the surname, that part is moved to the front
(`Jean Dupin` with `sn: Dupin` is `Dupin, Jean`); else as it is; without it `sn, givenName`; without any name the number.

**Label.** The list on a phone shows the name only, so what tells two numbers of a person apart stands behind it:
`(mobile)` and `(home)` always; the extension has none, nor has an office number where there is no extension;
a second number of a type is `(mobile 2)`.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from services.directory.collation import letter_collator
from services.directory.terms import ELSEWHERE, pair_terms, part_terms
from services.directory.words import spellings_of
from shared.locations import DEFAULT
from shared.numbers import Dialable, NumberReader, Refusal
from shared.people import NumberType, Person
from shared.sections.directory import Locale
from shared.text import fold

LONGEST_NAME: Final = 128
"""Characters of a name that are shown and indexed."""
_SEPARATOR: Final = "\x1f"
"""Below every character of a name, so that `Martin` comes before `Martin, Alice`."""


class Contact(NamedTuple):
    """One row of a phonebook.

    `sort` orders all rows: by name, then by all numbers of the person (`digits`, a `~` before those of whole numbers, so
    that extensions come first), then by the number's position. `telephone`: the stored form, of which `shared.dialling`
    makes what a caller dials. `digits`: the number to look for parts in. `terms`: what the index holds.

    A named tuple in the order of the table's columns, since a first load makes them by the hundred thousand.
    """

    sort: str
    name: str
    label: str
    telephone: str
    digits: str
    terms: str

    @property
    def named(self) -> str:
        """What `sort` begins with for every row of this folded name."""
        return self.sort[: self.sort.index(_SEPARATOR) + 1]

    @property
    def who(self) -> str:
        """Equal for rows of one number of one person."""
        return self.named + self.telephone


def contacts_of(
    person: Person,
    numbers: NumberReader,
    belonging: Iterable[str] = (),
    location: str = DEFAULT,
    locale: Locale = "en",
) -> tuple[list[Contact], int]:
    """Return the rows of a person in the order of the phonebook, and how many numbers could not be dialled.

    `belonging`: terms of where the person belongs (`services.directory.belonging`). `location`: by whose rules the person's
    numbers are written. `locale`: by whose alphabet names are sorted.
    """
    found, undialable = _dialables(person, numbers, location)
    if not found:
        return [], undialable
    name = shown_name(person)
    folded = fold(name)
    words = spellings_of(name, folded)
    pairs = dict.fromkeys(pair_terms(words)) if len(words) > 1 else ()
    terms = " ".join((*words, *pairs, *_elsewhere(person), *belonging, ""))
    in_order = " ".join([f"~{digits}" if stored[0] == "+" else digits for _, (stored, _, digits) in found.values()])
    order = f"{letter_collator(locale)(name)}{_SEPARATOR}{in_order}{_SEPARATOR}"
    contacts = [
        Contact(
            f"{order}{position:04}",
            name or digits,
            label,
            stored,
            digits,
            f"{terms}{' '.join(keys)} {part_terms(digits, keys[0])}",
        )
        for position, (label, (stored, keys, digits)) in enumerate(_labelled(found))
    ]
    return contacts, undialable


def _elsewhere(person: Person) -> Iterable[str]:
    if not (person.company or person.departments or person.title):
        return ()
    texts = (person.company, *person.departments, person.title)
    return dict.fromkeys(term for text in texts for term in _marked(text))


@lru_cache(maxsize=8192)
def _marked(text: str) -> tuple[str, ...]:
    """Departments come again and again."""
    text = _clean(text)
    return tuple(ELSEWHERE + word for word in spellings_of(text, fold(text)))


def shown_name(person: Person) -> str:
    """Return the name as the phonebook shows it, or "" where the entry has none."""
    name, surname = _clean(person.display_name), _clean_part(person.surname)
    if not name:
        return ", ".join(part for part in (surname, _clean(person.given_name)) if part)
    parts, size = name.split(" "), surname.count(" ") + 1
    if not surname or len(parts) <= size:
        return name
    folded = _fold_part(surname)
    front, back = " ".join(parts[:size]).removesuffix(","), " ".join(parts[-size:])
    if _fold_part(back) == folded:
        return f"{back}, {' '.join(parts[:-size]).removesuffix(',')}"
    return f"{front}, {' '.join(parts[size:])}" if _fold_part(front) == folded else name


@lru_cache(maxsize=8192)
def _clean_part(text: str) -> str:
    return _clean(text)


@lru_cache(maxsize=8192)
def _fold_part(text: str) -> str:
    """Surnames come again and again."""
    return fold(text)


def _dialables(
    person: Person, numbers: NumberReader, location: str
) -> tuple[dict[str, tuple[NumberType, Dialable]], int]:
    """Return by stored form what can be dialled, each once under its first type, and the count of what cannot."""
    found: dict[str, tuple[NumberType, Dialable]] = {}
    undialable = 0
    for number in person.numbers:
        for dialable in numbers.read(number.value, location):
            if isinstance(dialable, Refusal):
                undialable += not dialable.is_note
            else:
                found.setdefault(dialable.stored, (number.type, dialable))
    return found, undialable


def _labelled(found: dict[str, tuple[NumberType, Dialable]]) -> Iterator[tuple[str, Dialable]]:
    seen: dict[NumberType, int] = {}
    for number_type, dialable in found.values():
        nth = seen[number_type] = seen.get(number_type, 0) + 1
        if nth > 1:
            yield f"{number_type} {nth}", dialable
        else:
            silent = number_type == "extension" or (number_type == "work" and "extension" not in seen)
            yield "" if silent else number_type, dialable


def _clean(text: str) -> str:
    """Put blanks for control characters and all that has no shape, make runs of blanks one, and cut."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())[:LONGEST_NAME].rstrip()
