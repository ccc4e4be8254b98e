"""What the provision service warns of: that LDAP shows it no phone, no account or no person, or no secret. It names no entry."""

import sqlite3
from collections.abc import Iterator
from typing import Final

from shared.health import Warned, empty_kinds, nothing_found
from shared.ldap.source import Kind

NEEDED: Final = (Kind.PERSON, Kind.ACCOUNT, Kind.PHONE)
"""The kinds without which no phone is provisioned as it should be; profiles are optional."""
_COUNTS: Final = "SELECT entries, secrets FROM streams WHERE kind = ?"


class ProvisionHealth:
    """The `Health` of the provision service."""

    codes: tuple[str, ...] = (*(f"no-{kind}" for kind in NEEDED), "no-secret")

    def warnings(self, db: sqlite3.Connection) -> Iterator[Warned]:
        """Yield what is suspicious now."""
        for kind in empty_kinds(db, NEEDED):
            yield nothing_found("provision", "check", kind)
        entries, secrets = db.execute(_COUNTS, (Kind.ACCOUNT,)).fetchone() or (0, 0)
        if entries and not secrets:
            message = "no account has a secret, so no phone is answered; `dialtree check` says why"
            yield Warned("no-secret", message)
