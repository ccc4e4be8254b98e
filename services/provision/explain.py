"""Where each value of a phone comes from: every layer that says something about a parameter, the winner last. No I/O but SQL.

It lays the very layers that rendering lays, so that what is explained is what is served.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from services.provision.commonfiles import find_chain
from services.provision.layers import Setting, Site
from services.provision.phones import Key, Phone, beyond, find_phone
from services.provision.profiles import Chain
from services.provision.rendering import Renderer
from services.provision.vendors.thomson.catalog import Parameter
from services.provision.vendors.thomson.models import Model
from shared.mac import Mac

_FIND_NAMES: Final = """
    SELECT a.user, p.name FROM accounts a JOIN persons p ON p.dn_key IN (a.above, a.dn_key)
    WHERE a.user IN (SELECT value FROM json_each(?)) AND p.name <> '' ORDER BY p.dn_key = a.dn_key, p.dn DESC"""
"""Of several persons the last one stays: the person at the account itself."""
_FIND_WRITTEN: Final = "SELECT p.keys FROM phone_macs m JOIN phones p ON p.uuid = m.uuid WHERE m.mac = ?"


class Explained(NamedTuple):
    """One parameter of a phone."""

    parameter: Parameter
    settings: tuple[Setting, ...]
    """From the weakest layer to the strongest; the last one is in the file. A setting that repeats the one below is left out."""


class ExplainedKey(NamedTuple):
    """A function key, and who is behind it. The phones show no label, so this is for people who look at the phone's keys."""

    key: Key
    label: str
    """The name of the person whose extension it is, as the directory has it now; else what is written with the key."""
    where: str
    """DN of the entry that gives it."""


class Explanation(NamedTuple):
    """A phone, and all its parameters but the serial in the order of the catalogue."""

    phone: Phone
    model: Model
    profiles: Chain
    parameters: tuple[Explained, ...]


def explain_phone(renderer: Renderer, db: sqlite3.Connection, mac: Mac, model: str = "") -> Explanation:
    """Return where each value comes from, on a phone of this model (`Renderer.asked`) where its entry names none.

    Raises `Unknown`, and `EntryError` when the phone is refused.
    """
    phone = find_phone(db, mac, renderer.config.ldap.mapping)
    taken_for = renderer.model_of(phone, renderer.asked(model))
    chain = find_chain(db, phone.profile) if phone.profile else ()
    stacks: dict[str, list[Setting]] = {}
    for setting in _layers(renderer.site, taken_for, phone, chain):
        stack = stacks.setdefault(setting.parameter.name, [])
        if not stack or stack[-1].value != setting.value:
            stack.append(setting)
    explained = tuple(Explained(stack[0].parameter, tuple(stack)) for stack in stacks.values())
    phone = beyond(phone, taken_for.keys, renderer.config.ldap.mapping)
    return Explanation(phone, taken_for, chain, explained)


def shown(setting: Setting) -> str:
    """Return a value as people may see it."""
    return str(setting.value)


def explain_keys(db: sqlite3.Connection, phone: Phone, profiles: Chain) -> tuple[ExplainedKey, ...]:
    """Return the function keys of a phone, by their positions, with who is behind them."""
    names = dict(db.execute(_FIND_NAMES, (json.dumps([key.target for key in phone.keys]),)).fetchall())
    written = {(profile.dn, key.position): key.label for profile in profiles for key in profile.keys}
    (own,) = db.execute(_FIND_WRITTEN, (phone.mac,)).fetchone()
    written |= {("", position): label for position, _, _, _, label in json.loads(own)}
    return tuple(ExplainedKey(key, _label(key, names, written), key.profile or phone.dn) for key in phone.keys)


def _label(key: Key, names: Mapping[str, str], written: Mapping[tuple[str, int], str]) -> str:
    person = names.get(key.target, "") if key.kind != "line" else ""
    return person or written.get((key.profile, key.position), "")


def _layers(site: Site, model: Model, phone: Phone, chain: Chain) -> Iterator[Setting]:
    yield from site.package_layer(model)
    yield from site.configuration_layer(model)
    yield from site.profile_layer(model, chain)
    yield from site.own_layers(model, phone, site.shared(model, chain))
