"""From a person to the rows of a phonebook: one for each number that can be dialled. Pure: no I/O, no SQL, no vendor.

**Name.** The one that `shared.personnames` chooses, surname first: where it ends or begins with the surname, that part is
moved to the front (`Jean Dupin` with `sn: Dupin` is `Dupin, Jean`); what people write behind a name stays there (`(née
Lefort)`, `Jr.`, a nickname in quotes); else as it is; without it `sn, givenName`; without any name the number.

**Label.** The list on a phone shows the name only, so what tells two numbers of a person apart stands behind it:
`(mobile)` and `(home)` always; the extension has none, nor has an office number where there is no extension;
a second number of a type is `(mobile 2)`.
"""

import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple

from services.directory.collation import letter_collator
from services.directory.surnamefirst import surname_first
from services.directory.terms import ELSEWHERE, SITE, pair_terms, part_terms
from services.directory.words import spellings_of
from shared.locations import DEFAULT
from shared.numbers import Dialable, NumberReader, Refusal
from shared.people import NumberType, Person
from shared.sections.directory import Locale
from shared.text import fold, one_line

LONGEST_NAME: Final = 128
"""Characters of a name that are shown and indexed."""
MOST_ROWS: Final = 64
"""Rows of a person, unless the configuration says otherwise."""
MOST_VALUES: Final = 256
"""Values of a person's attribute that count."""
LONGEST_NUMBER: Final = 256
"""Characters of a value that holds numbers; a longer one is read as none."""
_UNREADABLE: Final = 8
"""Once so many times the rows of a person were left out, the numbers that remain are not read."""
_NUMBERS_IN_ORDER: Final = 16
"""So many numbers of a person order equal names; others count as one digest, so that a row's size is bounded."""
_MOST_WORDS: Final = 128
"""Words of all names of a person that are indexed; usual people have two."""
_MOST_PAIRED: Final = 32
"""Words that are indexed in pairs too: each with each other one."""
_MOST_ELSEWHERE: Final = 512
"""Words of companies, departments, titles and sites of a person that are indexed."""
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
    most: int = MOST_ROWS,
) -> tuple[list[Contact], int]:
    """Return the rows of a person in the order of the phonebook, and how many numbers were left out.

    Left out is what cannot be dialled, and what comes after `most` rows in the order of a person's numbers.

    `belonging`: terms of where the person belongs (`services.directory.belonging`). `location`: by whose rules the person's
    numbers are written. `locale`: by whose alphabet names are sorted.
    """
    found, left_out = _dialables(person, numbers, location, most)
    if not found:
        return [], left_out
    name = shown_name(person)
    words = words_of_names(person, name)
    pairs = dict.fromkeys(pair_terms(words[:_MOST_PAIRED])) if len(words) > 1 else ()
    terms = " ".join((*words, *pairs, *_elsewhere(person), *belonging, ""))
    in_order = _in_order([f"~{digits}" if stored[0] == "+" else digits for _, (stored, _, digits) in found.values()])
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
    return contacts, left_out


def words_of_names(person: Person, shown: str | None = None) -> tuple[str, ...]:
    """Return every word by which a person is found; `shown`: what `shown_name` returned, where that is known."""
    name = shown_name(person) if shown is None else shown
    words = spellings_of(name, fold(name))
    if not person.other_names:  # nearly everybody
        return words[:_MOST_WORDS]
    every = (*words, *(word for other in person.other_names for word in _words_of(other)))
    return tuple(islice(dict.fromkeys(every), _MOST_WORDS))


def _in_order(numbers: list[str]) -> str:
    """Return numbers as a part of a sort key: equal for equal numbers, and no longer than a few of them."""
    first = " ".join(numbers[:_NUMBERS_IN_ORDER])
    if len(numbers) <= _NUMBERS_IN_ORDER:
        return first
    return f"{first} {hashlib.sha256(' '.join(numbers).encode()).hexdigest()}"


def _elsewhere(person: Person) -> Iterable[str]:
    if not (person.companies or person.departments or person.titles or person.sites or person.words_in_languages):
        return ()
    texts = (*person.companies, *person.departments, *person.titles, *person.words_in_languages)
    found = [term for text in texts for term in _marked(ELSEWHERE, text)]
    found += [term for text in person.sites for term in _marked(SITE, text)]
    terms = dict.fromkeys(found)
    return terms if len(terms) <= _MOST_ELSEWHERE else tuple(islice(terms, _MOST_ELSEWHERE))


@lru_cache(maxsize=8192)
def _marked(mark: str, text: str) -> tuple[str, ...]:
    """Departments and sites come again and again."""
    return tuple([mark + word for word in _words_of(text)])


@lru_cache(maxsize=8192)
def _words_of(text: str) -> tuple[str, ...]:
    """Surnames and given names come again and again."""
    text = _clean(text)
    return spellings_of(text, fold(text))


def shown_name(person: Person) -> str:
    """Return the name as the phonebook shows it, or "" where the entry has none."""
    name, surname = _clean(person.display_name), _clean_part(person.surname)
    if not name:
        return ", ".join(part for part in (surname, _clean(person.given_name)) if part)
    return surname_first(name, surname)


@lru_cache(maxsize=8192)
def _clean_part(text: str) -> str:
    return _clean(text)


def _dialables(
    person: Person, numbers: NumberReader, location: str, most: int
) -> tuple[dict[str, tuple[NumberType, Dialable]], int]:
    """Return by stored form what can be dialled, each once under its first type, and the count of what is left out."""
    found: dict[str, tuple[NumberType, Dialable]] = {}
    left_out = 0
    for number_type, value in person.numbers:
        if len(value) > LONGEST_NUMBER or left_out > _UNREADABLE * most:
            left_out += 1
            continue
        for dialable in numbers.read(value, location):
            if isinstance(dialable, Refusal):
                left_out += not dialable.is_note
            elif len(found) >= most and dialable.stored not in found:
                left_out += 1
            else:
                found.setdefault(dialable.stored, (number_type, dialable))
    return found, left_out


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
    """Return a text as it is shown and indexed: one line, cut."""
    text = one_line(text)
    return text if len(text) <= LONGEST_NAME else text[:LONGEST_NAME].rstrip()
