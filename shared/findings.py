"""What a command found to be wrong: where it stands, what it is, and the mend. Nothing here knows what may be wrong, or prints."""

from collections.abc import Iterable
from typing import Final, NamedTuple

CONFIGURATION: Final = "dialtree.toml"


class Finding(NamedTuple):
    """One fault. Equal findings are one."""

    where: str
    """DN of the entry, a file, a server, or the configuration."""
    what: str
    """Attribute or setting."""
    problem: str
    is_fault: bool = True
    """False for what is only worth knowing."""


def in_order(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return every finding once: faults first, then by where they stand."""
    return tuple(sorted(dict.fromkeys(found), key=lambda each: (not each.is_fault, each)))
