"""Everything that is wrong in directory, configuration and vendor folder, found before a phone finds it.

Each finding names where it stands and the mend, and never shows a secret. Nothing here prints, or reads LDAP.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence

from services.provision.check_accounts import account_findings
from services.provision.check_values import value_findings
from services.provision.checkfiles import file_findings
from services.provision.commonfiles import find_chain, known_chains
from services.provision.layers import Layer, Settings
from services.provision.lines import label_of
from services.provision.phones import Phone, beyond, find_phone
from services.provision.profiles import Fault
from services.provision.rendering import Renderer
from services.provision.vendors.thomson.configuration import PICKUP
from services.provision.vendors.thomson.timezones import phone_zone
from shared.errors import EntryError
from shared.findings import CONFIGURATION, Finding, in_order
from shared.mac import Mac


def findings(renderer: Renderer, db: sqlite3.Connection) -> tuple[Finding, ...]:
    """Return every finding once, by where it stands. `db`: the service's tables."""
    found = (
        *_of_phones(renderer, db),
        *_of_addresses(renderer, db),
        *account_findings(renderer.config, db),
        *_of_profiles(renderer, db),
        *file_findings(renderer, db),
        *_of_zones(renderer, db),
    )
    return in_order(found)


def _of_phones(renderer: Renderer, db: sqlite3.Connection) -> Iterator[Finding]:
    """What a phone would be refused for, and what it would be given that is not right."""
    numbers = _supervised(renderer, db)
    shared: dict[tuple[str, str], Settings] = {}
    without_pickup: list[str] = []
    for (mac,) in db.execute("SELECT DISTINCT mac FROM phone_macs ORDER BY mac").fetchall():
        try:
            phone = find_phone(db, Mac(mac), renderer.config.ldap.mapping)
            model = renderer.model_of(phone, renderer.models.usual)
            key = model.name, phone.profile
            if key not in shared:
                shared[key] = renderer.site.shared(model, find_chain(db, phone.profile) if phone.profile else ())
            own = {each.parameter.name: each for each in renderer.site.own_layers(model, phone, shared[key])}
        except EntryError as error:
            yield _finding(error)
            continue
        yield from _of_keys(renderer, beyond(phone, model.keys, renderer.config.ldap.mapping), numbers)
        given = {**shared[key], **own}
        yield from value_findings(renderer.config, given.get)
        if _lacks_pickup(phone, given):
            without_pickup.append(phone.dn)
    if without_pickup:
        yield _of_pickup(without_pickup)


def _supervised(renderer: Renderer, db: sqlite3.Connection) -> Mapping[str, str]:
    """Return what a key may supervise, to the number that it should name instead, or to itself."""
    accounts = db.execute("SELECT user, extension FROM accounts").fetchall()
    others = renderer.config.provision.other_extensions
    return dict(accounts) | {number: number for number in (*(number for _, number in accounts), *others)}


def _of_keys(renderer: Renderer, phone: Phone, numbers: Mapping[str, str]) -> Iterator[Finding]:
    names = renderer.config.ldap.mapping
    for left_out in phone.left_out:
        yield Finding(*left_out)
    for key in phone.keys:
        target = key.target.partition("@")[0]
        if key.kind == "blf" and target not in numbers:
            problem = (
                f"key {key.position} supervises {key.target}, which is no account's; correct it, "
                "or name the number in provision.other_extensions"
            )
            attribute = label_of(names.profile.key if key.profile else names.phone.key)
            yield Finding(key.profile or phone.dn, attribute, problem)
        elif key.kind == "blf" and numbers[target] != target:
            problem = f"key {key.position} supervises {key.target}, a SIP user whose number is {numbers[target]}; name the number"
            attribute = label_of(names.profile.key if key.profile else names.phone.key)
            yield Finding(key.profile or phone.dn, attribute, problem)


def _lacks_pickup(phone: Phone, settings: Settings) -> bool:
    """Say whether a phone supervises somebody else and has no code for pickup, and nobody said that it picks up by itself."""
    own = {line.extension or line.user for line in phone.lines}
    if not any(key.kind == "blf" and key.target.partition("@")[0] not in own for key in phone.keys):
        return False
    way, code = (settings.get(name) for name in PICKUP)
    return code is not None and not str(code.value) and (way is None or way.layer is Layer.PACKAGE)


def _of_pickup(dns: Sequence[str]) -> Finding:
    more = f" and {len(dns) - 1} more phones" if len(dns) > 1 else ""
    problem = (
        f"is empty, and {min(dns)}{more} supervise extensions: pressing such a key while it rings does not pick up the call; "
        "set the telephone system's code, such as *8X"
    )
    return Finding(CONFIGURATION, "provision.pickup_code", problem, is_fault=False)


def _of_addresses(renderer: Renderer, db: sqlite3.Connection) -> Iterator[Finding]:
    attribute = label_of(renderer.config.ldap.mapping.phone.mac)
    rows = db.execute("SELECT dn FROM phones WHERE uuid NOT IN (SELECT uuid FROM phone_macs)").fetchall()
    for (dn,) in rows:
        yield Finding(dn, attribute, "is no hardware address, so no phone is it; write 12 hexadecimal digits")


def _of_profiles(renderer: Renderer, db: sqlite3.Connection) -> Iterator[Finding]:
    for chain in known_chains(db):
        if isinstance(chain, Fault):
            yield _finding(chain.error())
            continue
        for model in renderer.models:
            try:
                renderer.site.shared(model, chain)
            except EntryError as error:
                yield _finding(error)


def _of_zones(renderer: Renderer, db: sqlite3.Connection) -> Iterator[Finding]:
    zones = [(CONFIGURATION, "provision.time_zone", renderer.config.provision.time_zone)]
    attribute = label_of(renderer.config.ldap.mapping.profile.time_zone)
    for chain in known_chains(db):
        if not isinstance(chain, Fault):
            zones += [(profile.dn, attribute, profile.time_zone) for profile in chain if profile.time_zone]
    for where, what, name in zones:
        wrong = 0 if isinstance(name, int) else _wrong_hours(name)
        if wrong:
            problem = f"{name}: phones show the wrong time for {wrong} hours of a year, since they do not know its summer time"
            yield Finding(where, what, problem, is_fault=False)


def _wrong_hours(name: str) -> int:
    try:
        return phone_zone(name).wrong_hours
    except ValueError:  # reported as a fault of the profile
        return 0


def _finding(error: EntryError) -> Finding:
    return Finding(error.dn, error.attribute, error.problem)
