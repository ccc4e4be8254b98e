"""What a change would do to phones before it is made: which change, parameter by parameter, which reboot, which are refused.

Pure but for SQL; nothing here prints, or reads LDAP.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from services.provision.explain import explain_phone, shown
from services.provision.rendering import Renderer
from shared.errors import EntryError, Unknown
from shared.mac import Mac

Fate = Literal["new", "gone", "refused", "served again", "changed"]


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


class _Files(NamedTuple):
    general: bytes
    common: bytes
    own: bytes
    problem: str


def phone_changes(renderer: Renderer, before: sqlite3.Connection, after: sqlite3.Connection) -> Iterator[PhoneChange]:
    """Yield every phone that the change concerns, by its address. `before`, `after`: the service's tables."""
    for mac in sorted(_macs(before) | _macs(after)):
        old, new = (_files(renderer, db, mac) for db in (before, after))
        if old != new:
            yield _change(renderer, mac, (before, old), (after, new))


def _macs(db: sqlite3.Connection) -> set[Mac]:
    return {Mac(mac) for (mac,) in db.execute("SELECT DISTINCT mac FROM phone_macs")}


def _files(renderer: Renderer, db: sqlite3.Connection, mac: Mac) -> _Files:
    """Return a phone's files; empty ones where it is unknown, or refused for the reason beside them."""
    known = db.execute("SELECT 1 FROM phone_macs WHERE mac = ?", (mac,)).fetchone()
    if known is None:
        return _Files(b"", b"", b"", "")
    asked = renderer.models.usual
    try:
        own = renderer.phone(db, asked, mac)
        return _Files(renderer.general(db, asked, mac), renderer.common_of(db, asked, mac), own, "")
    except (EntryError, Unknown) as error:
        return _Files(b"", b"", b"", str(error))


def _change(
    renderer: Renderer, mac: Mac, before: tuple[sqlite3.Connection, _Files], after: tuple[sqlite3.Connection, _Files]
) -> PhoneChange:
    old, new = before[1], after[1]
    if not (new.own or new.problem):
        return PhoneChange(mac, "gone", "", (), reboots=False)
    if new.problem:
        return PhoneChange(mac, "refused", new.problem, (), reboots=False)
    if not old.own:
        return PhoneChange(mac, "served again" if old.problem else "new", "", (), reboots=True)
    altered = (*_altered_parameters(renderer, mac, before[0], after[0]), *_altered_lines(old.general, new.general))
    return PhoneChange(mac, "changed", "", altered, reboots=True)


def _altered_parameters(
    renderer: Renderer, mac: Mac, before: sqlite3.Connection, after: sqlite3.Connection
) -> Iterator[Altered]:
    old, new = (
        {each.parameter.name: each.settings[-1] for each in explain_phone(renderer, db, mac).parameters}
        for db in (before, after)
    )
    for name in dict.fromkeys((*old, *new)):
        was, will = old.get(name), new.get(name)
        if was is None or will is None or was.value != will.value:
            yield Altered(name, shown(was) if was else "", shown(will) if will else "")


def _altered_lines(before: bytes, after: bytes) -> Iterator[Altered]:
    """Compare general files, but for the common file's name: its parameters are compared one by one."""
    old, new = _lines(before), _lines(after)
    for name in dict.fromkeys((*old, *new)):
        if name != "common_config" and old.get(name) != new.get(name):
            yield Altered(f"[.inf] {name}", old.get(name, ""), new.get(name, ""))


def _lines(general: bytes) -> Mapping[str, str]:
    lines = (line.partition("=") for line in general.decode().split("\r\n") if "=" in line)
    return {name: value.rpartition("/")[2] for name, _, value in lines}
