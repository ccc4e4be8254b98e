"""The model of a phone, and how one is found: MAC → phone → owner → account and person, by indexed look-ups at one moment.

Neither Flask nor ldap3 nor a parameter of a vendor belongs here. What cannot be rendered is refused here (laws 4 and 5);
what a phone can do without, a key that leads nowhere, is left out and told.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from services.provision.entryvalues import KeyKind, WrittenLine, WrittenSetting
from services.provision.lines import Given, Line, label_of, line_from, look_up
from services.provision.profiles import NO_PROFILE, Fault
from shared.errors import EntryError, Unknown
from shared.ldap.entry import dn_key
from shared.ldap.mapping import Mapping
from shared.mac import Mac

_FIND_PHONE: Final = """
    SELECT p.dn, p.dn_key, p.owner, p.owner_key, p.model, p.profile, p.profile_ref, p.keys, p.lines, p.settings, p.fault,
        c.digest, c.fault, c.keys, u.digest
    FROM phone_macs m JOIN phones p ON p.uuid = m.uuid LEFT JOIN profile_chains c ON c.ref = p.profile_ref
        LEFT JOIN common_current u ON u.model = CASE p.model WHEN '' THEN ?2 ELSE p.model END AND u.ref = p.profile_ref
    WHERE m.mac = ?1 LIMIT 2"""
_FIND_ASSIGNMENT: Final = """
    SELECT p.model, p.profile_ref, coalesce(c.digest, '') FROM phone_macs m JOIN phones p ON p.uuid = m.uuid
    LEFT JOIN profile_chains c ON c.ref = p.profile_ref WHERE m.mac = ? LIMIT 2"""
_FIND_USERS: Final = """
    SELECT 0, dn_key, extension FROM accounts WHERE dn_key IN (SELECT value FROM json_each(?1))
    UNION ALL SELECT 1, above, min(extension) FROM accounts WHERE above IN (SELECT value FROM json_each(?1))
        GROUP BY above HAVING count(*) = 1"""
_NO_LIST: Final = "[]"
_NO_SETTINGS: Final[tuple[WrittenSetting, ...]] = ()
_read: Final = json.JSONDecoder().raw_decode
"""What the mirror wrote needs none of the checks of `json.loads`, which cost as much as the reading."""


class Key(NamedTuple):
    """A function key. Its label in the directory is for people: these phones show none."""

    position: int
    kind: KeyKind
    target: str
    """A number or user; the number of the line for a line key."""
    profile: str = ""
    """DN of the profile that gives it to the phone; "" where the phone's own entry does."""


class LeftOut(NamedTuple):
    """A key that a phone does without, and how to correct it."""

    dn: str
    attribute: str
    problem: str
    is_fault: bool = True
    """False for what may well be meant so."""

    def __str__(self) -> str:
        return str(EntryError(self.dn, self.attribute, self.problem))


class Assignment(NamedTuple):
    """What decides which general and common file a phone gets."""

    model: str
    """As its entry says; "" where it says nothing."""
    profile_ref: str
    """Reference to its profile, see `services.provision.profiles`."""
    profile: str
    """Digest of its chain of profiles; "" without one."""


NOBODY: Final = Assignment("", NO_PROFILE, "")
"""What is known of an address that no entry has, or several."""


class Phone(NamedTuple):
    """A device that can be rendered."""

    mac: Mac
    dn: str
    model: str
    """As its entry says; "" where it says nothing."""
    profile: str
    """Digest of its chain of profiles; "" without one."""
    profile_ref: str
    """Reference to its profile."""
    common: str
    """Digest of the common file for its model, or the model asked for where `model` is ""; "" where none was found."""
    lines: tuple[Line, ...]
    """The first line first."""
    keys: tuple[Key, ...]
    """By their positions: its own, and those of its profiles at other positions."""
    settings: tuple[WrittenSetting, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out, and how to correct it."""
        return tuple(map(str, self.left_out))


class _Device(NamedTuple):
    dn: str
    dn_key: str | None
    owner: str
    owner_key: str | None
    model: str
    profile: str
    profile_ref: str
    keys: str
    lines: str
    settings: str
    fault: str
    chain: str | None
    chain_fault: str | None
    layout: str | None
    common: str | None


_NO_DEVICE: Final = _Device(
    "", None, "", None, "", "", NO_PROFILE, _NO_LIST, _NO_LIST, _NO_LIST, "", None, None, None, None
)


def find_assignment(db: sqlite3.Connection, mac: Mac) -> Assignment:
    """Return what a phone's entry says of its model and profile, else `NOBODY`."""
    rows = db.execute(_FIND_ASSIGNMENT, (mac,)).fetchall()
    return Assignment(*rows[0]) if len(rows) == 1 else NOBODY


def find_phone(db: sqlite3.Connection, mac: Mac, names: Mapping, asked: str = "") -> Phone:
    """Return the phone of this address, from one snapshot of the tables of `services.provision.tables`.

    Raises `Unknown` when no entry has the address, `EntryError` when its entries cannot be rendered. An unknown address
    costs the same look-ups as a known one (law 7). `names`: only for the messages. `asked`: name of the model whose common
    file is looked for where the entry names none.
    """
    devices = [_Device(*row) for row in db.execute(_FIND_PHONE, (mac, asked))]
    device = devices[0] if devices else _NO_DEVICE
    written = [WrittenLine(*line) for line in _read(device.lines)[0]] if device.lines != _NO_LIST else []
    first = _first_given(device, written, names)
    candidates = look_up(db, first)
    if not devices:
        raise Unknown(f"no entry has the address {mac}")
    if len(devices) > 1:
        one, other = sorted(found.dn for found in devices)
        raise EntryError(one, label_of(names.phone.mac), f"{mac} stands in {other} too; delete it from one of the two")
    _refuse_faulty(device, names)
    lines = [line_from(1, first, candidates, names)]
    if written:
        lines += _further_lines(db, device, written, names)
    keys: tuple[Key, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    layout = device.layout or _NO_LIST
    if layout != _NO_LIST:
        keys, left_out = _laid_keys(db, device, layout, lines[0], names)
    elif device.keys != _NO_LIST:
        keys, left_out = _resolved(db, device, _own_keys(device), names)
    settings = _NO_SETTINGS
    if device.settings != _NO_LIST:
        settings = tuple(WrittenSetting(*setting) for setting in _read(device.settings)[0])
    profile = device.chain or "", device.profile_ref, device.common or ""
    return Phone(mac, device.dn, device.model, *profile, tuple(lines), keys, settings, left_out)


def _first_given(device: _Device, written: Sequence[WrittenLine], names: Mapping) -> Given:
    """The first line is the owner's, unless the entry gives it to somebody by number."""
    if written and written[0].number == 1:
        return _given(device, written[0], names)
    return Given(device.dn, device.dn_key, device.owner, device.owner_key, names.phone.owner)


def _given(device: _Device, line: WrittenLine, names: Mapping) -> Given:
    return Given(device.dn, None, line.dn, line.dn_key, names.phone.line)


def _refuse_faulty(device: _Device, names: Mapping) -> None:
    if device.fault:
        raise EntryError(device.dn, *json.loads(device.fault))
    if device.chain_fault:
        raise Fault(*json.loads(device.chain_fault)).error()
    if device.profile_ref != NO_PROFILE and device.chain is None:
        problem = f"names {device.profile}, which is no profile; name one, or delete the value"
        raise EntryError(device.dn, label_of(names.phone.profile), problem)


def _further_lines(
    db: sqlite3.Connection, device: _Device, written: Sequence[WrittenLine], names: Mapping
) -> Iterator[Line]:
    for line in written:
        if line.number != 1:
            given = _given(device, line, names)
            yield line_from(line.number, given, look_up(db, given), names)


def beyond(phone: Phone, most: int, names: Mapping) -> Phone:
    """Return the phone with a word about each key that a model of so many keys does not have; its file never holds them."""
    keys = phone.keys
    if not keys or (keys[0].position >= 1 and keys[-1].position <= most):
        return phone
    more = [
        LeftOut(
            key.profile or phone.dn,
            label_of(names.profile.key if key.profile else names.phone.key),
            f"key {key.position} is left out on phones with keys 1 to {most}; delete it, or give them a profile of their own",
            is_fault=False,
        )
        for key in keys
        if not 1 <= key.position <= most
    ]
    return phone._replace(left_out=(*phone.left_out, *more))


def _own_keys(device: _Device) -> list[tuple[int, KeyKind, str, str, str]]:
    """Return the keys of the phone's own entry: position, kind, target, key of the target's DN, profile."""
    written = _read(device.keys)[0]  # each a `WrittenKey`
    return [(position, kind, target, pointed, "") for position, kind, target, pointed, _ in written if kind != "none"]


def _laid_keys(
    db: sqlite3.Connection, device: _Device, layout: str, first: Line, names: Mapping
) -> tuple[tuple[Key, ...], tuple[LeftOut, ...]]:
    """Return the keys of a phone whose profiles have some: position by position its own, else theirs.

    A key of a profile that points at the phone's own person would be of no use there, and is left out without a word.
    """
    own = {key[0] for key in _read(device.keys)[0]} if device.keys != _NO_LIST else set()
    mine = {device.owner_key or device.dn_key, dn_key(first.account_dn)}
    laid = [
        (position, kind, target, pointed, profile)
        for position, kind, target, pointed, _, profile in _read(layout)[0]  # each a `LaidKey`
        if position not in own and not (pointed and pointed in mine)
    ]
    keys, left_out = _resolved(db, device, sorted([*laid, *_own_keys(device)]), names)
    return tuple(key for key in keys if not (key.profile and _is_of(first, key))), left_out


def _is_of(line: Line, key: Key) -> bool:
    return key.kind != "line" and key.target.partition("@")[0] == (line.extension or line.user)


def _resolved(
    db: sqlite3.Connection, device: _Device, written: Sequence[tuple[int, KeyKind, str, str, str]], names: Mapping
) -> tuple[tuple[Key, ...], tuple[LeftOut, ...]]:
    """Return the keys, those that point at a person by that person's extension; and what became of those who left."""
    pointed = [of_entry for _, _, _, of_entry, _ in written if of_entry]
    if not pointed:
        return tuple([Key(position, kind, target, profile) for position, kind, target, _, profile in written]), ()
    found = sorted(db.execute(_FIND_USERS, (json.dumps(pointed),)))
    users = {of_entry: user for _, of_entry, user in reversed(found)}  # an account itself before one below
    keys: list[Key] = []
    left_out: list[LeftOut] = []
    for position, kind, target, of_entry, profile in written:
        user = users.get(of_entry, "") if of_entry else target
        if user:
            keys.append(Key(position, kind, user, profile))
        else:
            problem = f"key {position} points at {target}, who has no extension, and is left out; delete the key"
            attribute = label_of(names.profile.key if profile else names.phone.key)
            left_out.append(LeftOut(profile or device.dn, attribute, problem))
    return tuple(keys), tuple(left_out)
