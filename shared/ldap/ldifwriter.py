"""LDIF content (RFC 2849), written. Pure: what becomes of the bytes, and who may read them, is the caller's business."""

import base64
import re
from collections.abc import Iterable
from typing import Final, NamedTuple

_WIDTH: Final = 76
_SAFE: Final = re.compile(r"(?![ :<])[\x01-\x09\x0b\x0c\x0e-\x7f]*(?<! )")
"""SAFE-STRING of RFC 2849, which advises base64 for a final blank too."""


class Record(NamedTuple):
    """One entry to be written: its DN, and (attribute, value) in the order of writing."""

    dn: str
    attributes: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        return f"Record(dn={self.dn!r})"  # its values may be passwords


def render_ldif(records: Iterable[Record]) -> bytes:
    """Return the entries in their order; values that are not plain ASCII as base64 of UTF-8, long lines folded."""
    return "\n".join(_record(record) for record in records).encode("ascii")


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
