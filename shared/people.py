"""What both services understand in an entry: persons, their numbers, SIP accounts. Pure: no I/O, no Flask, no ldap3."""

import re
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from shared.ldap.entry import Entry
from shared.ldap.mapping import AccountAttributes, PersonAttributes
from shared.secret import Secret

NumberType = Literal["extension", "work", "mobile", "home"]
NUMBER_TYPES: tuple[NumberType, ...] = ("extension", "work", "mobile", "home")
"""In the order in which a phonebook shows them."""


class Number(NamedTuple):
    """A number as the directory writes it. A named tuple, as `Person`: a first load makes them by the hundred thousand."""

    type: NumberType
    value: str


class Person(NamedTuple):
    """A person; absent names are "". `numbers` is in the order of `NUMBER_TYPES`, values sorted within a type."""

    uuid: str
    dn: str
    display_name: str
    surname: str
    given_name: str
    numbers: tuple[Number, ...]
    company: str = ""
    departments: tuple[str, ...] = ()
    """Sorted."""
    title: str = ""
    site: str = ""


PERSON_FIELDS: Final = (
    "display_name",
    "surname",
    "given_name",
    *NUMBER_TYPES,
    "company",
    "department",
    "title",
    "site",
)
"""The fields of the mapping that are read of a person."""


@dataclass(frozen=True, slots=True)
class Account:
    """A SIP account; absent values are ""."""

    uuid: str
    dn: str
    user: str
    secret: Secret
    caller_name: str
    mailbox: str


class PersonReader:
    """Reads persons by one mapping: what is to be looked for is known once, since a first load reads a hundred thousand."""

    def __init__(self, names: PersonAttributes) -> None:
        self._attributes = [(field, name) for field in PERSON_FIELDS for name in names.lowered[field]]

    def read(self, entry: Entry) -> Person:
        """Read a person; never fails, since every attribute may be absent."""
        found: dict[str, tuple[str, ...]] = {}
        get = entry.attributes.get
        for field, name in self._attributes:
            values = get(name)
            if values and field not in found:
                found[field] = values if len(values) == 1 else tuple(sorted(values))

        def first(field: str) -> str:
            values = found.get(field)
            return values[0] if values else ""

        return Person(
            entry.uuid,
            entry.dn,
            first("display_name"),
            first("surname"),
            first("given_name"),
            tuple([Number(of, value) for of in NUMBER_TYPES if of in found for value in found[of]]),
            first("company"),
            found.get("department", ()),
            first("title"),
            first("site"),
        )


def person_from(entry: Entry, names: PersonAttributes) -> Person:
    """Read one person; see `PersonReader`."""
    return PersonReader(names).read(entry)


def account_from(entry: Entry, names: AccountAttributes) -> Account:
    """Read a SIP account; the name is cut out of a caller id such as `"Alice" <1001>`."""
    caller_name = caller_name_of(entry.first(names.caller_id))
    return Account(
        uuid=entry.uuid,
        dn=entry.dn,
        user=entry.first(names.user),
        secret=Secret(entry.first(names.secret)),
        caller_name=caller_name,
        mailbox=entry.first(names.mailbox),
    )


def caller_name_of(caller_id: str) -> str:
    """Return the name in a caller id such as `"Alice" <1001>`; "" where it has none."""
    return re.sub(r"\s*<[^>]*>\s*$", "", caller_id).strip().strip('"')
