"""Where each value of a phone comes from: every layer that says something about a parameter, the winner last. No I/O but SQL.

It lays the very layers that rendering lays, so that what is explained is what is served.
"""

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from services.provision.commonfiles import find_chain
from services.provision.layers import (
    Setting,
    computed_layer,
    configuration_layer,
    package_layer,
    phone_layer,
    profile_layer,
    shared_settings,
    unused_layer,
)
from services.provision.phones import Phone, find_phone
from services.provision.profiles import Chain
from services.provision.vendors.thomson.catalog import Parameter
from shared.config import Config
from shared.mac import Mac
from shared.secret import Secret


class Explained(NamedTuple):
    """One parameter of a phone."""

    parameter: Parameter
    settings: tuple[Setting, ...]
    """From the weakest layer to the strongest; the last one is in the file. A setting that repeats the one below is left out."""


class Explanation(NamedTuple):
    """A phone, and all its parameters but the serial in the order of the catalogue."""

    phone: Phone
    profiles: Chain
    parameters: tuple[Explained, ...]


def explain_phone(config: Config, db: sqlite3.Connection, mac: Mac) -> Explanation:
    """Return where each value comes from. Raises `Unknown`, and `EntryError` when the phone is refused."""
    phone = find_phone(db, mac, config.ldap.mapping)
    chain = find_chain(db, phone.profile) if phone.profile else ()
    stacks: dict[str, list[Setting]] = {}
    for setting in _layers(config, phone, chain):
        stack = stacks.setdefault(setting.parameter.name, [])
        if not stack or stack[-1].value != setting.value:
            stack.append(setting)
    return Explanation(phone, chain, tuple(Explained(stack[0].parameter, tuple(stack)) for stack in stacks.values()))


def shown(setting: Setting) -> str:
    """Return a value as people may see it."""
    return str(setting.value)


def _layers(config: Config, phone: Phone, chain: Chain) -> Iterator[Setting]:
    yield from package_layer()
    yield from configuration_layer(config)
    yield from profile_layer(config, chain)
    below = {name: setting.value for name, setting in shared_settings(config, chain).items()}
    for setting in phone_layer(phone, config):
        below[setting.parameter.name] = setting.value
        yield setting

    def value_below(name: str) -> str:
        value = below[name]
        return value.reveal() if isinstance(value, Secret) else value

    yield from computed_layer(phone, value_below, config)
    yield from unused_layer(phone)
