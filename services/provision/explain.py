"""Where each value of a phone comes from: every layer that says something about a parameter, the winner last. No I/O but SQL.

It lays the very layers that rendering lays, so that what is explained is what is served.
"""

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from services.provision.commonfiles import find_chain
from services.provision.layers import Setting, Site
from services.provision.phones import Phone, beyond, find_phone
from services.provision.profiles import Chain
from services.provision.rendering import Renderer
from services.provision.vendors.thomson.catalog import Parameter
from services.provision.vendors.thomson.models import Model
from shared.mac import Mac


class Explained(NamedTuple):
    """One parameter of a phone."""

    parameter: Parameter
    settings: tuple[Setting, ...]
    """From the weakest layer to the strongest; the last one is in the file. A setting that repeats the one below is left out."""


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


def _layers(site: Site, model: Model, phone: Phone, chain: Chain) -> Iterator[Setting]:
    yield from site.package_layer(model)
    yield from site.configuration_layer(model)
    yield from site.profile_layer(model, chain)
    yield from site.own_layers(model, phone, site.shared(model, chain))
