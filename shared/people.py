"""What both services understand in an entry: persons, their numbers, SIP accounts. Pure: no I/O, no Flask, no ldap3."""

import re
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from shared.callerids import EXTENSION_DIGITS, Extensions, extension_of
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


_ACCOUNTS: Final = AccountAttributes()
PERSON_FIELDS: Final = (
    "display_name",
    "surname",
    "given_name",
    *NUMBER_TYPES,
    "caller_id",
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
    auth_name: str
    """By which it authenticates; "" where that is the user."""
    extension: str
    """The number that others dial; "" only where there is no user either."""
    secret: Secret
    caller_name: str
    mailbox: str


class PersonReader:
    """Reads persons by one mapping: what is to be looked for is known once, since a first load reads a hundred thousand.

    For an extension that is a SIP user's (`accounts` says in which attribute), see `shared.callerids.Extensions`.
    """

    def __init__(
        self,
        names: PersonAttributes,
        *,
        accounts: AccountAttributes = _ACCOUNTS,
        extension_digits: int = EXTENSION_DIGITS,
    ) -> None:
        self._attributes = [(field, name) for field in PERSON_FIELDS for name in names.lowered[field]]
        self._extensions = Extensions(names, accounts, extension_digits)

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

        if "caller_id" in found and "extension" in found:
            found["extension"] = self._extensions.of(entry, found["extension"])

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


def person_from(
    entry: Entry,
    names: PersonAttributes,
    *,
    accounts: AccountAttributes = _ACCOUNTS,
    extension_digits: int = EXTENSION_DIGITS,
) -> Person:
    """Read one person; see `PersonReader`."""
    return PersonReader(names, accounts=accounts, extension_digits=extension_digits).read(entry)


def account_from(entry: Entry, names: AccountAttributes, extension_digits: int = EXTENSION_DIGITS) -> Account:
    """Read a SIP account; the name is cut out of a caller id such as `"Alice" <1001>`. For the number see `extension_of`."""
    caller_id, user = entry.first(names.caller_id), entry.first(names.user)
    auth_name = entry.first(names.auth_name)
    return Account(
        uuid=entry.uuid,
        dn=entry.dn,
        user=user,
        auth_name="" if auth_name == user else auth_name,
        extension=entry.first(names.extension) or extension_of(caller_id, user, extension_digits),
        secret=Secret(entry.first(names.secret)),
        caller_name=caller_name_of(caller_id),
        mailbox=entry.first(names.mailbox),
    )


def caller_name_of(caller_id: str) -> str:
    r"""Return the name in a caller id such as `"Alice \"Ali\" Martin" <1001>`; "" where it has none."""
    name = re.sub(r"\s*<[^<>]*>\s*$", "", caller_id).strip()
    if len(name) > 1 and name.startswith('"') and name.endswith('"'):
        return re.sub(r"\\(.)", r"\1", name[1:-1]).strip()
    return name.strip('"')
