"""What a change would do to phones before it is made: which change, parameter by parameter, which reboot, which are refused.

Also what `check` would find after the change and does not find now. Pure but for SQL; nothing here prints, or reads LDAP.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from services.provision.check import findings
from services.provision.filevalues import names_in, parameters_in
from services.provision.rendering import Renderer
from services.provision.saved import PhoneFiles, files_of, known_macs
from services.provision.vendors.thomson.catalog import SERIAL
from shared.findings import Finding
from shared.mac import Mac
from shared.secret import MASK

Fate = Literal["new", "gone", "refused", "served again", "changed"]
_NOTHING = PhoneFiles()


class Altered(NamedTuple):
    """One thing that differs. `before`, `after`: "" where there is none; secrets are masked."""

    name: str
    """A parameter, or `firmware` and the other lines of the general file."""
    before: str
    after: str


class PhoneChange(NamedTuple):
    """What becomes of one phone."""

    mac: Mac
    fate: Fate
    problem: str
    """Why it is refused after the change, or ""."""
    altered: tuple[Altered, ...]
    reboots: bool
    """It would apply something, which a phone does by booting anew."""


def phone_changes(renderer: Renderer, before: sqlite3.Connection, after: sqlite3.Connection) -> Iterator[PhoneChange]:
    """Yield every phone that a change of the directory concerns, by its address. `before`, `after`: the service's tables."""
    shown = _shown_names(renderer)
    for mac in sorted({*known_macs(before), *known_macs(after)}):
        old, new = (files_of(renderer, db, mac) for db in (before, after))
        if old != new:
            yield _change(shown, mac, old, new)


def changes_since(
    saved: Mapping[Mac, PhoneFiles], renderer: Renderer, now: sqlite3.Connection
) -> Iterator[PhoneChange]:
    """Yield every phone that is given other files than when they were saved, by its address. `now`: the service's tables."""
    shown = _shown_names(renderer)
    for mac in sorted({*saved, *known_macs(now)}):
        old, new = saved.get(mac, _NOTHING), files_of(renderer, now, mac)
        if old != new:
            yield _change(shown, mac, old, new)


def new_findings(renderer: Renderer, before: sqlite3.Connection, after: sqlite3.Connection) -> tuple[Finding, ...]:
    """Return what `check` would find after a change and does not find before it. `before`, `after`: the service's tables."""
    known = set(findings(renderer, before))
    return tuple(finding for finding in findings(renderer, after) if finding not in known)


def _shown_names(renderer: Renderer) -> frozenset[str]:
    """Return the parameters that are no secrets. One that no model knows, of another version, may have been one."""
    return frozenset(name for model in renderer.models for name, each in model.catalog.items() if not each.secret)


def _change(shown: frozenset[str], mac: Mac, old: PhoneFiles, new: PhoneFiles) -> PhoneChange:
    if not (new.own or new.problem):
        return PhoneChange(mac, "gone", "", (), reboots=False)
    if new.problem:
        return PhoneChange(mac, "refused", new.problem, (), reboots=False)
    if not old.own:
        return PhoneChange(mac, "served again" if old.problem else "new", "", (), reboots=True)
    altered = (*_altered_parameters(shown, old, new), *_altered_lines(old.general, new.general))
    return PhoneChange(mac, "changed", "", altered, reboots=True)


def _altered_parameters(shown: frozenset[str], old: PhoneFiles, new: PhoneFiles) -> Iterator[Altered]:
    before, after = ({**parameters_in(files.common), **parameters_in(files.own)} for files in (old, new))
    for name in dict.fromkeys((*before, *after)):
        was, will = before.get(name), after.get(name)
        if was != will and name != SERIAL:
            yield Altered(name, _text(name, was, shown), _text(name, will, shown))


def _text(name: str, value: str | None, shown: frozenset[str]) -> str:
    if value is None:
        return ""
    return value if name in shown else MASK


def _altered_lines(before: bytes, after: bytes) -> Iterator[Altered]:
    """Compare general files, but for the common file's name: its parameters are compared one by one."""
    old, new = names_in(before), names_in(after)
    for name in dict.fromkeys((*old, *new)):
        if name != "common_config" and old.get(name) != new.get(name):
            yield Altered(f"[.inf] {name}", old.get(name, ""), new.get(name, ""))
