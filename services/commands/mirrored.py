"""What commands that read LDAP afresh say of the copy that a service answers from."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from services.commands.roles import Role
from shared.config import Config
from shared.differing import differing
from shared.errors import StoreUnavailable
from shared.findings import Finding
from shared.ldap.entry import Entry
from shared.ldap.source import Kind

Found = Iterable[tuple[Kind, Entry]]
_SETTLE_SECONDS: Final = 1.5
"""What was edited while we looked is in both by then."""


def mirror_findings(config: Config, role: Role, found: Found, read_again: Callable[[], Found]) -> Iterator[Finding]:
    """Yield a finding for each kind of entry that the service's file has not as LDAP shows it; none where there is no file.

    `read_again`: reads LDAP once more; what differs twice is no edit that was still under way.
    """
    reader = role.reader(config)
    try:
        with reader.snapshot() as db:
            first = differing(db, role.tables, found)
        if not first:
            return
        time.sleep(_SETTLE_SECONDS)
        with reader.snapshot() as db:
            second = differing(db, role.tables, read_again())
        status = reader.status()
    except StoreUnavailable:  # no mirror runs here, and none need
        return
    why = _reason(status.connected, [hold.what for hold in status.holds])
    for kind, names in second.items():
        both = sorted(set(names) & set(first.get(kind, ())))
        if both:
            what = f"{len(both)} {kind} entries are not as LDAP shows them, such as {both[0]}"
            fix = why or f"`dialtree {role.name} mirror --refresh` reads everything again"
            yield Finding(str(role.database(config)), "mirror", f"{what}: {fix}", is_fault=not why)


def _reason(connected: bool, holds: list[str]) -> str:  # noqa: FBT001  # a status is no switch
    """Return why a difference is no surprise, or ""."""
    if holds:
        return holds[0]
    return "" if connected else "the mirror is not connected to LDAP"
