"""LDIF content and changes (RFC 2849), written. Pure.

What becomes of the bytes, and who may read them, is the caller's business.
"""

import base64
import re
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

_WIDTH: Final = 76
_SAFE: Final = re.compile(r"(?![ :<])[\x01-\x09\x0b\x0c\x0e-\x7f]*(?<! )")
"""SAFE-STRING of RFC 2849, which advises base64 for a final blank too."""


class Record(NamedTuple):
    """One entry to be written: its DN, and (attribute, value) in the order of writing."""

    dn: str
    attributes: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        return f"Record(dn={self.dn!r})"  # its values may be passwords


class Step(NamedTuple):
    """One step of a modify: what becomes of an attribute."""

    operation: Literal["add", "delete", "replace"]
    attribute: str
    values: tuple[str, ...]


class Modify(NamedTuple):
    """A change of one entry."""

    dn: str
    steps: tuple[Step, ...]


def render_changes(changes: Iterable[Record | Modify]) -> bytes:
    """Return the changes as `ldapmodify` takes them; a record adds an entry."""
    return "\n".join(
        _modify(change)
        if isinstance(change, Modify)
        else _record(Record(change.dn, (("changetype", "add"), *change.attributes)))
        for change in changes
    ).encode("ascii")


def render_ldif(records: Iterable[Record]) -> bytes:
    """Return the entries in their order; values that are not plain ASCII as base64 of UTF-8, long lines folded."""
    return "\n".join(_record(record) for record in records).encode("ascii")


def _modify(change: Modify) -> str:
    steps = (
        "".join(
            (_line(step.operation, step.attribute), *(_line(step.attribute, value) for value in step.values), "-\n")
        )
        for step in change.steps
    )
    return "".join((_line("dn", change.dn), _line("changetype", "modify"), *steps))


def _record(record: Record) -> str:
    return "".join(_line(name, value) for name, value in (("dn", record.dn), *record.attributes))


def _line(name: str, value: str) -> str:
    if _SAFE.fullmatch(value):
        line = f"{name}: {value}" if value else f"{name}:"
    else:
        line = f"{name}:: {base64.b64encode(value.encode()).decode('ascii')}"
    folded = [line[:_WIDTH]]
    folded += [f" {line[at : at + _WIDTH - 1]}" for at in range(_WIDTH, len(line), _WIDTH - 1)]
    return "\n".join(folded) + "\n"
