"""A SIP line of a phone: which account it registers, and whose name it shows. Indexed look-ups in one snapshot.

An account is looked for at the telephone's own entry, below it, at the entry it is given to, and below that one; the nearest
wins. Neither Flask nor ldap3 nor a parameter of a vendor belongs here. What cannot be rendered is refused here (laws 4 and 5).
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from services.provision.values import Unwritable, exact_line, shown_line
from shared.errors import EntryError
from shared.ldap.mapping import Mapping
from shared.secret import Secret

_COLUMNS: Final = (
    "dn, dn_key, above, user, auth_name, extension, caller_name, has_mailbox, registrar, backup_registrar, transport"
)
_FIND_ACCOUNTS: Final = f"""
    SELECT secret, 0, {_COLUMNS} FROM accounts WHERE dn_key = ?1
    UNION ALL SELECT * FROM (SELECT secret, 1, {_COLUMNS} FROM accounts WHERE above = ?1 LIMIT 2)
    UNION ALL SELECT secret, 2, {_COLUMNS} FROM accounts WHERE dn_key = ?2
    UNION ALL SELECT * FROM (SELECT secret, 3, {_COLUMNS} FROM accounts WHERE above = ?2 LIMIT 2)"""  # noqa: S608  # our own words
_FIND_PERSONS: Final = " UNION ALL ".join(  # a list, or alternatives in one condition, take twice the time
    f"SELECT {place}, dn, name, name_attribute, language, country FROM persons WHERE dn_key = ?{place}"  # noqa: S608
    for place in (1, 2, 3)
)
_OWNED: Final = 2
"""Accounts of this rank or more belong to the owner."""
_BELOW: Final = (1, 3)
"""Accounts of these ranks stand below the entry that they belong to."""


class Given(NamedTuple):
    """To whom a line is given: the telephone's own entry, and the entry that it or the line names."""

    device: str
    """DN of the telephone's entry, for messages."""
    device_key: str | None
    """None: the telephone's own entry does not count (a further line, or no telephone)."""
    owner: str
    """As written; "" where none is named."""
    owner_key: str | None
    attributes: tuple[str, ...]
    """The attributes that may name it."""


class Line(NamedTuple):
    """One SIP account on a phone; `number` counts from 1. Every text is one line of ISO-8859-1."""

    number: int
    user: str
    secret: Secret
    display_name: str
    has_mailbox: bool
    registrar: str = ""
    """Of this account alone; "" where it has none of its own, as with the next two."""
    backup_registrar: str = ""
    transport: str = ""
    account_dn: str = ""
    name_dn: str = ""
    name_attribute: str = ""
    """Where the display name stands; "" where the user stands in for it."""
    language: str = ""
    """What the persons of the line prefer, as the directory writes it."""
    country: str = ""
    locale_dn: str = ""
    auth_name: str = ""
    """By which it authenticates; "" where that is the user."""
    extension: str = ""
    """The number that others dial; "" where that is the user."""


class _Account(NamedTuple):
    secret: Secret
    rank: int
    dn: str
    dn_key: str
    above: str
    user: str
    auth_name: str
    extension: str
    caller_name: str
    has_mailbox: int
    registrar: str
    backup_registrar: str
    transport: str


class _Person(NamedTuple):
    place: int
    """1: at the entry that is the owner's."""
    dn: str
    name: str
    name_attribute: str
    language: str
    country: str


class Candidates(NamedTuple):
    """What the look-ups found; the same for a telephone that is unknown, so that it costs the same (law 7)."""

    accounts: list[_Account]
    """The nearest first."""
    persons: list[_Person]
    """At the owner's entry, the telephone's, and that of the account."""


def look_up(db: sqlite3.Connection, given: Given) -> Candidates:
    """Find the accounts and persons that a line may mean."""
    device, owner = given.device_key, given.owner_key
    accounts = [_Account(Secret(secret), *found) for secret, *found in db.execute(_FIND_ACCOUNTS, (device, owner))]
    if len(accounts) > 1:
        accounts.sort(key=_distance)
    at = None
    if accounts:  # it stands at one of the two, and the entry above may be a person; or it stands below
        nearest = accounts[0]
        at = nearest.dn_key if nearest.rank in _BELOW else nearest.above
    persons = [_Person(*found) for found in db.execute(_FIND_PERSONS, (owner, device, at))]
    if len(persons) > 1:
        persons.sort()
    return Candidates(accounts, persons)


def line_from(number: int, given: Given, candidates: Candidates, names: Mapping) -> Line:
    """Return the line. Raises `EntryError` when there is no account for it, more than one, or one that no file can hold."""
    accounts, persons = candidates
    owned = (accounts and accounts[-1].rank >= _OWNED) or (persons and persons[0].place == 1)
    if not accounts or (given.owner and not owned):
        raise _without_account(number, given, persons, names)
    account = accounts[0]
    if len(accounts) > 1 and accounts[1].rank == account.rank:
        rivals = sorted(found.dn for found in accounts if found.rank == account.rank)
        problem = f"could mean {rivals[0]} as well as {rivals[1]}; name the account itself"
        raise EntryError(given.device, label_of(given.attributes), problem)
    dn, own = account.dn, names.account
    name, name_dn, name_attribute = _display_name(account, persons, names)
    user = _checked(dn, own.user, account.user)
    auth_name = _exact(dn, own.auth_name, account.auth_name) if account.auth_name else ""
    extension = "" if account.extension == user else _exact(dn, own.number, account.extension)
    _checked(dn, own.secret, account.secret.reveal())
    registrar = _exact(dn, own.registrar, account.registrar) if account.registrar else ""
    backup = _exact(dn, own.backup_registrar, account.backup_registrar) if account.backup_registrar else ""
    servers = registrar, backup, account.transport
    named = name_dn, name_attribute
    shown = name or extension or user
    about = *servers, dn, *named, *_locale(persons), auth_name, extension
    return Line(number, user, account.secret, shown, bool(account.has_mailbox), *about)


def label_of(names: Sequence[str]) -> str:
    """Return how a message names attributes of which the first one with a value counts."""
    return " or ".join(names)


def shown_value(dn: str, attribute: str, text: str) -> str:
    """Return a text for people as a file holds it. Raises `EntryError`."""
    try:
        return shown_line(text)
    except Unwritable as error:
        raise EntryError(dn, attribute, str(error)) from None


def _distance(account: _Account) -> tuple[int, str]:
    return account.rank, account.dn_key


def _without_account(number: int, given: Given, persons: Iterable[_Person], names: Mapping) -> EntryError:
    user = label_of(names.account.user)
    if not given.owner:
        problem = (
            f"is missing, and the entry has no {user} itself; name the person or the account that the phone is for"
        )
        return EntryError(given.device, label_of(given.attributes), problem)
    if any(person.place == 1 for person in persons):
        return EntryError(given.owner, user, "is missing, and no account stands below the entry; give the person one")
    where = f" for line {number}" if number > 1 else ""
    problem = f"names {given.owner}{where}, which is no person and no account; name one, or restore that entry"
    return EntryError(given.device, label_of(given.attributes), problem)


def _display_name(account: _Account, persons: Iterable[_Person], names: Mapping) -> tuple[str, str, str]:
    for person in persons:
        name = shown_value(person.dn, person.name_attribute, person.name)
        if name:
            return name, person.dn, person.name_attribute
    caller_id = label_of(names.account.caller_id)
    name = shown_value(account.dn, caller_id, account.caller_name)
    return (name, account.dn, caller_id) if name else ("", "", "")


def _locale(persons: Iterable[_Person]) -> tuple[str, str, str]:
    """Return language, country, and whose they are."""
    for person in persons:
        if person.language or person.country:
            return person.language, person.country, person.dn
    return "", "", ""


def _checked(dn: str, names: Sequence[str], text: str) -> str:
    if not text:
        raise EntryError(dn, label_of(names), "is missing or may not be read; set it, or let the bind account read it")
    return _exact(dn, names, text)


def _exact(dn: str, names: Sequence[str], text: str) -> str:
    try:
        return exact_line(text)
    except Unwritable as error:
        raise EntryError(dn, label_of(names), str(error)) from None
