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
"""The fields of the mapping that `person_from` reads."""


@dataclass(frozen=True, slots=True)
class Account:
    """A SIP account; absent values are ""."""

    uuid: str
    dn: str
    user: str
    secret: Secret
    caller_name: str
    mailbox: str


def person_from(entry: Entry, names: PersonAttributes) -> Person:
    """Read a person; never fails, since every attribute may be absent."""
    numbers: list[Number] = []
    for number_type in NUMBER_TYPES:
        values = entry.values(getattr(names, number_type))
        if len(values) == 1:
            numbers.append(Number(number_type, values[0]))
        elif values:
            numbers += [Number(number_type, value) for value in sorted(values)]
    return Person(
        uuid=entry.uuid,
        dn=entry.dn,
        display_name=entry.first(names.display_name),
        surname=entry.first(names.surname),
        given_name=entry.first(names.given_name),
        numbers=tuple(numbers),
        company=entry.first(names.company),
        departments=tuple(sorted(entry.values(names.department))),
        title=entry.first(names.title),
        site=entry.first(names.site),
    )


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
