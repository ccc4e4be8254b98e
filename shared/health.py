"""What is suspicious about a copy that can be answered from, such as that it is empty: for `/readyz` and the metrics.

It is read of the mirror's file, by look-ups that cost the same however large the directory is. Nothing here knows Flask or LDAP.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, Protocol

from shared.errors import StoreUnavailable
from shared.ldap.source import Kind
from shared.store import Reader


class Warned(NamedTuple):
    """One thing that is suspicious."""

    code: str
    """For machines: words with hyphens, one of `Health.codes`."""
    message: str
    """For people: what it is, and what to do. It names no entry."""


class Health(Protocol):
    """What a service warns of."""

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code that there may be."""
        ...

    def warnings(self, db: sqlite3.Connection) -> Iterable[Warned]:
        """Yield what is suspicious now; `db`: a snapshot of a loaded file."""
        ...


class _Nothing:
    """The `Health` of what has none."""

    codes: tuple[str, ...] = ()

    def warnings(self, db: sqlite3.Connection) -> tuple[Warned, ...]:  # noqa: ARG002  # as the port says
        """Return nothing."""
        return ()


NOTHING_TO_WARN_OF: Final[Health] = _Nothing()


def read_warnings(reader: Reader, health: Health) -> tuple[Warned, ...]:
    """Return what is suspicious now; nothing while the copy cannot be answered from, which is no warning but a failure."""
    try:
        with reader.snapshot() as db:
            return tuple(health.warnings(db))
    except StoreUnavailable:
        return ()


def empty_kinds(db: sqlite3.Connection, kinds: Iterable[Kind]) -> Iterator[Kind]:
    """Yield those of these kinds of which a complete read found nothing that is stored."""
    for kind in kinds:
        row = db.execute("SELECT entries FROM streams WHERE kind = ?", (kind,)).fetchone()
        if row == (0,):
            yield kind


def nothing_found(service: str, command: str, kind: Kind) -> Warned:
    """Return the warning that LDAP has no entry of a kind; `command`: which one tells why."""
    message = f"the {service} service finds no {kind} in the directory; `dialtree {command}` says why"
    return Warned(f"no-{kind}", message)
