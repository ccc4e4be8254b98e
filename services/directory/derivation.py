"""From persons' entries to the rows of the table `contacts`, chunk by chunk: what a process aside can do. Pure: no SQL, no file.

Chunks and their rows are plain tuples and dicts (`shared.aside`).
"""

from collections.abc import Mapping

from services.directory.belonging import belonging_terms
from services.directory.contacts import contacts_of
from services.directory.languagenames import TERM, names_in_languages
from shared.config import Config
from shared.ldap.entry import Entry
from shared.locations import Locations
from shared.numbers import NumberReader
from shared.people import PersonReader

Asked = tuple[str, str, Mapping[str, tuple[str, ...]], tuple[int, ...]]
"""uuid, DN and attributes of a person, and the slots of the phonebooks that list this person."""
Row = tuple[str, str, str, str, str, str, str]
"""The person's uuid, and the columns of a `Contact`."""


LeftOutOf = tuple[str, int, int]
"""A person's uuid, how many numbers were left out, and how many rows there are."""
Derived = tuple[list[Row], list[LeftOutOf], list[tuple[str, str, str]]]
"""The rows of some persons in their order, of whom something was left out, and names in languages (`NameIn`)."""


class Derivation:
    """Makes the rows as a configuration says."""

    def __init__(self, config: Config) -> None:
        self._reader = PersonReader(
            config.ldap.mapping.person,
            config.phonebook_language,
            accounts=config.ldap.mapping.account,
            extension_digits=config.numbers.longest_extension,
        )
        self._numbers = NumberReader(config.numbers)
        self._locations = Locations(config.numbers)
        self._locale = config.phonebook_locale
        self._most = config.directory.rows_per_person

    def rows_of(self, chunk: list[Asked]) -> Derived:
        """Return the rows of these persons."""
        rows: list[Row] = []
        left_out: list[LeftOutOf] = []
        names: list[tuple[str, str, str]] = []
        read = self._reader.read
        for uuid, dn, attributes, slots in chunk:
            entry = Entry(uuid, dn, attributes)
            person = read(entry)
            location = self._locations.of_person(dn, person.sites)
            belonging = belonging_terms(person, slots)
            own = list(names_in_languages(entry, self._reader)) if person.other_names else ()
            if own:
                names += own
                belonging = (*belonging, TERM)
            contacts, left_out_of = contacts_of(person, self._numbers, belonging, location, self._locale, self._most)
            rows += [(uuid, *contact) for contact in contacts]
            if left_out_of or not contacts:
                left_out.append((uuid, left_out_of, len(contacts)))
        return rows, left_out, names
