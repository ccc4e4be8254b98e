"""The model of a phone, and how one is found: MAC → phone → owner → account and person, by indexed look-ups at one moment.

Neither Flask nor ldap3 nor a parameter of a vendor belongs here. What cannot be rendered is refused here (laws 4 and 5).
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from services.provision.values import Unwritable, exact_line, shown_line
from shared.errors import EntryError, Unknown
from shared.ldap.mapping import Mapping
from shared.mac import Mac
from shared.secret import Secret

MOST_KEYS: Final = 66
"""10 on the telephone, 28 on each of two expansion modules."""
_KEY: Final = re.compile(
    r"(?P<position>\d{1,2})[ \t]+(?P<kind>blf|speeddial)[ \t]+(?P<target>[!-;=?-~]+)([ \t]+\S.*)?",
    re.IGNORECASE | re.ASCII,
)
_KEY_FORM: Final = "write it as position, blf or speeddial, target, label: `3 blf 1002 Reception`"
_SETTING: Final = re.compile(r"(?P<name>[a-z]+\.[A-Za-z0-9_-]+)=(?P<text>.*)", re.DOTALL)

_FIND_PHONE: Final = """
    SELECT p.dn, p.dn_key, p.owner, p.owner_key, p.keys, p.settings
    FROM phone_macs m JOIN phones p ON p.uuid = m.uuid WHERE m.mac = ? LIMIT 2"""
_COLUMNS: Final = "dn, dn_key, above, user, caller_name, has_mailbox, secret"
_FIND_ACCOUNTS: Final = f"""
    SELECT 0, {_COLUMNS} FROM accounts WHERE dn_key = ?1
    UNION ALL SELECT * FROM (SELECT 1, {_COLUMNS} FROM accounts WHERE above = ?1 LIMIT 2)
    UNION ALL SELECT 2, {_COLUMNS} FROM accounts WHERE dn_key = ?2
    UNION ALL SELECT * FROM (SELECT 3, {_COLUMNS} FROM accounts WHERE above = ?2 LIMIT 2)"""  # noqa: S608  # our own words
_FIND_PERSONS: Final = "SELECT dn_key, dn, name, name_attribute FROM persons WHERE dn_key IN (?, ?, ?, ?)"

KeyKind = Literal["blf", "speeddial"]


@dataclass(frozen=True, slots=True)
class Line:
    """One SIP account on a phone; `number` counts from 1. Every text is one line of ISO-8859-1."""

    number: int
    user: str
    secret: Secret
    display_name: str
    has_mailbox: bool


@dataclass(frozen=True, slots=True)
class Key:
    """A function key, position 1-66. Its label in the directory is for people: an ST2030 shows none."""

    position: int
    kind: KeyKind
    target: str


@dataclass(frozen=True, slots=True)
class Override:
    """A parameter that an entry sets, not yet compared with any catalogue; `dn` and `attribute` say where it stands."""

    name: str
    text: str = field(repr=False)
    """May be a password."""
    dn: str
    attribute: str


@dataclass(frozen=True, slots=True)
class Phone:
    """A device that can be rendered."""

    mac: Mac
    dn: str
    lines: tuple[Line, ...]
    keys: tuple[Key, ...]
    overrides: tuple[Override, ...]


class _Device(NamedTuple):
    dn: str
    dn_key: str | None
    owner: str
    owner_key: str | None
    keys: str
    settings: str


class _Account(NamedTuple):
    rank: int
    dn: str
    dn_key: str
    above: str
    user: str
    caller_name: str
    has_mailbox: int
    secret: Secret


class _Person(NamedTuple):
    dn_key: str
    dn: str
    name: str
    name_attribute: str


_NO_DEVICE: Final = _Device("", None, "", None, "[]", "[]")


def find_phone(db: sqlite3.Connection, mac: Mac, names: Mapping) -> Phone:
    """Return the phone of this address, from one snapshot of the tables of `services.provision.tables`.

    Raises `Unknown` when no entry has the address, `EntryError` when its entries cannot be rendered. An unknown address
    costs the same look-ups as a known one (law 7). `names`: only for the messages.
    """
    devices = [_Device(*row) for row in db.execute(_FIND_PHONE, (mac,))]
    device = devices[0] if devices else _NO_DEVICE
    accounts = [_account_of(row) for row in db.execute(_FIND_ACCOUNTS, (device.dn_key, device.owner_key))]
    account = min(accounts, key=lambda found: (found.rank, found.dn_key), default=None)
    at = (device.owner_key, device.dn_key, *((account.dn_key, account.above) if account is not None else (None, None)))
    found = {row[0]: _Person(*row) for row in db.execute(_FIND_PERSONS, at)}
    persons = [found[key] for key in at if key in found]
    if not devices:
        raise Unknown(f"no entry has the address {mac}")
    if len(devices) > 1:
        first, second = sorted(found.dn for found in devices)
        problem = f"{mac} stands in {second} too; delete it from one of the two"
        raise EntryError(first, _label(names.phone.mac), problem)
    owned = any(known.rank > 1 for known in accounts) or device.owner_key in found
    if account is None or (device.owner and not owned):
        raise _without_account(device, persons, names)
    _refuse_ambiguous(account, accounts, device, names)
    return Phone(
        mac=mac,
        dn=device.dn,
        lines=(_line_from(account, persons, names),),
        keys=_parse_keys(device.dn, _label(names.phone.key), json.loads(device.keys)),
        overrides=_parse_overrides(device.dn, _label(names.phone.setting), json.loads(device.settings)),
    )


def _account_of(row: tuple[Any, ...]) -> _Account:
    rank, dn, key, above, user, caller_name, has_mailbox, secret = row
    return _Account(rank, dn, key, above, user, caller_name, has_mailbox, Secret(secret))


def _without_account(device: _Device, persons: Iterable[_Person], names: Mapping) -> EntryError:
    user = _label(names.account.user)
    owner = _label(names.phone.owner)
    if not device.owner:
        problem = (
            f"is missing, and the entry has no {user} itself; name the person or the account that the phone is for"
        )
        return EntryError(device.dn, owner, problem)
    if any(person.dn_key == device.owner_key for person in persons):
        return EntryError(device.owner, user, "is missing, and no account stands below the entry; give the person one")
    problem = f"names {device.owner}, which is no person and no account; name one, or restore that entry"
    return EntryError(device.dn, owner, problem)


def _refuse_ambiguous(account: _Account, accounts: Iterable[_Account], device: _Device, names: Mapping) -> None:
    rivals = sorted(found.dn for found in accounts if found.rank == account.rank)
    if len(rivals) > 1:
        problem = f"could mean {rivals[0]} as well as {rivals[1]}; name the account itself"
        raise EntryError(device.dn, _label(names.phone.owner), problem)


def _line_from(account: _Account, persons: Sequence[_Person], names: Mapping) -> Line:
    user = _checked(account.dn, _label(names.account.user), account.user)
    secret = _checked(account.dn, _label(names.account.secret), account.secret.reveal())
    display_name = ""
    for person in persons:
        display_name = display_name or _shown(person.dn, person.name_attribute, person.name)
    if not display_name:
        display_name = _shown(account.dn, _label(names.account.caller_id), account.caller_name)
    return Line(1, user, Secret(secret), display_name or user, bool(account.has_mailbox))


def _checked(dn: str, attribute: str, text: str) -> str:
    if not text:
        raise EntryError(dn, attribute, "is missing or may not be read; set it, or let the bind account read it")
    try:
        return exact_line(text)
    except Unwritable as error:
        raise EntryError(dn, attribute, str(error)) from None


def _shown(dn: str, attribute: str, text: str) -> str:
    try:
        return shown_line(text)
    except Unwritable as error:
        raise EntryError(dn, attribute, str(error)) from None


def _parse_keys(dn: str, attribute: str, values: Iterable[str]) -> tuple[Key, ...]:
    keys: dict[int, Key] = {}
    for value in values:
        match = _KEY.fullmatch(value.strip())
        if match is None:
            raise EntryError(dn, attribute, f"{value!r} is not a key; {_KEY_FORM}")
        position = int(match["position"])
        if not 1 <= position <= MOST_KEYS:
            raise EntryError(dn, attribute, f"{value!r} is for position {position}; there are 1 to {MOST_KEYS}")
        if position in keys:
            raise EntryError(dn, attribute, f"gives position {position} twice; delete one of the two")
        kind: KeyKind = "blf" if match["kind"].lower() == "blf" else "speeddial"
        keys[position] = Key(position, kind, match["target"])
    return tuple(keys[position] for position in sorted(keys))


def _parse_overrides(dn: str, attribute: str, values: Iterable[str]) -> tuple[Override, ...]:
    overrides: dict[str, Override] = {}
    for value in values:
        match = _SETTING.fullmatch(value)
        if match is None:  # the value is not shown: it may be a password
            raise EntryError(dn, attribute, "has a value that is not section.Parameter=text, as in sip.CallPkupSC=*8X")
        name = match["name"]
        if name in overrides:
            raise EntryError(dn, attribute, f"sets {name} twice; delete one of the two")
        overrides[name] = Override(name, match["text"], dn, attribute)
    return tuple(overrides[name] for name in sorted(overrides))


def _label(names: Sequence[str]) -> str:
    return " or ".join(names)
