"""Profiles: settings that several phones share, each below another one. From entries to chains, root first. Pure.

A profile is named by its `cn` or by its DN. What cannot be resolved (no such profile, two of one name, a circle) is a fault
of the entry that says so; phones below it are refused until it is mended, and keep what they have.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from services.provision.entryvalues import KeyKind, Misspelt, WrittenKey, WrittenSetting, parse_keys, parse_settings
from shared.errors import EntryError
from shared.ldap.entry import Entry, dn_key
from shared.ldap.mapping import ProfileAttributes

_NAME: Final = "name:"
NO_PROFILE: Final = ""
"""The reference of a phone that has none."""


class Profile(NamedTuple):
    """A profile's entry as it is written; texts that it does not have are ""."""

    dn: str
    name: str
    parent: str
    settings: tuple[WrittenSetting, ...]
    time_zone: str
    language: str
    country: str
    files: tuple[str, ...]
    """Names of vendor files that these phones get instead of the newest ones."""
    keys: tuple[WrittenKey, ...] = ()
    """Function keys of its phones, in the order of their positions."""


class LaidKey(NamedTuple):
    """A function key that a profile gives to its phones; the first fields are those of `WrittenKey`."""

    position: int
    kind: KeyKind
    target: str
    target_key: str
    label: str
    profile: str
    """DN of the profile."""


class Fault(NamedTuple):
    """Why phones of a profile are refused: an `EntryError`, as it is kept."""

    dn: str
    attribute: str
    problem: str

    def error(self) -> EntryError:
        """Return it to be raised."""
        return EntryError(*self)


Chain = tuple[Profile, ...]
"""A profile with all above it, the topmost first."""


def reference(written: str) -> str:
    """Return the comparable form of a profile's name or DN."""
    written = written.strip()
    if "=" in written:
        return dn_key(written)
    return _NAME + " ".join(written.split()).casefold() if written else NO_PROFILE


def profile_from(entry: Entry, names: ProfileAttributes) -> Profile | Fault:
    """Read a profile."""
    try:
        settings = parse_settings(entry.values(names.setting))
    except Misspelt as problem:
        return Fault(entry.dn, " or ".join(names.setting), str(problem))
    try:
        keys = parse_keys(entry.values(names.key))
    except Misspelt as problem:
        return Fault(entry.dn, " or ".join(names.key), str(problem))
    return Profile(
        dn=entry.dn,
        name=entry.first(names.name),
        parent=entry.first(names.parent),
        settings=settings,
        time_zone=entry.first(names.time_zone),
        language=entry.first(names.language),
        country=entry.first(names.country),
        files=tuple(sorted(entry.values(names.file))),
        keys=keys,
    )


def layout_of(chain: Chain) -> tuple[LaidKey, ...]:
    """Return the keys that a chain gives to its phones, by their positions: of each the nearest profile's."""
    laid: dict[int, LaidKey] = {}
    for profile in chain:
        for position, kind, target, target_key, label in profile.keys:
            if kind == "none":
                laid.pop(position, None)
            else:
                laid[position] = LaidKey(position, kind, target, target_key, label, profile.dn)
    return tuple(laid[position] for position in sorted(laid))


def resolve(
    profiles: Iterable[tuple[str, str, Profile | Fault]], names: ProfileAttributes
) -> Mapping[str, Chain | Fault]:
    """Return the chain of every profile, or what is wrong with it, by each reference to it.

    `profiles`: (DN, name, profile), in any order. Whoever refers to what is not among the references refers to nothing.
    """
    known: dict[str, Profile | Fault] = {}
    owners: dict[str, list[str]] = {}
    for dn, name, profile in sorted(profiles):
        known[dn_key(dn)] = profile
        if name:
            owners.setdefault(reference(name), []).append(dn)
    aliases = {name: dn_key(dns[0]) for name, dns in owners.items() if len(dns) == 1}
    twice = {
        name: Fault(dns[0], " or ".join(names.name), f"is the name of {dns[1]} too; rename one of the two")
        for name, dns in owners.items()
        if len(dns) > 1
    }
    chains: dict[str, Chain | Fault] = {key: _chain(key, known, aliases, twice, names) for key in known}
    return MappingProxyType({**chains, **{name: chains[key] for name, key in aliases.items()}, **twice})


def _chain(
    key: str,
    known: Mapping[str, Profile | Fault],
    aliases: Mapping[str, str],
    twice: Mapping[str, Fault],
    names: ProfileAttributes,
) -> Chain | Fault:
    chain: list[Profile] = []
    passed: list[str] = []
    while True:
        profile = known[key]
        if isinstance(profile, Fault):
            return profile
        if key in passed:
            return _circle(chain[passed.index(key) :], names)
        passed.append(key)
        chain.append(profile)
        above = reference(profile.parent)
        if above == NO_PROFILE:
            return tuple(reversed(chain))
        if above in twice:
            return twice[above]
        key = aliases.get(above, above)
        if key not in known:
            problem = f"names {profile.parent}, which is no profile; name one, or delete the value"
            return Fault(profile.dn, " or ".join(names.parent), problem)


def _circle(circle: Sequence[Profile], names: ProfileAttributes) -> Fault:
    """Name the circle from the same entry, whichever profile it was met from."""
    first = min(range(len(circle)), key=lambda at: circle[at].dn)
    turned = [*circle[first:], *circle[:first]]
    path = " → ".join(profile.name or profile.dn for profile in (*turned, turned[0]))
    return Fault(turned[0].dn, " or ".join(names.parent), f"leads in a circle: {path}; take one of them out")
