"""LDIF content files (RFC 2849), read as a stream of lines. No file is opened here: `shared.ldap.ldif` follows one.

Accepted beyond the RFC, because people write it: UTF-8 (or ISO-8859-1) in plain values, a byte order mark, no final newline.
Every error names the file, the line and the mend.
"""

import base64
import binascii
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from shared.errors import LdifError
from shared.ldap.descriptions import key_of
from shared.ldap.entry import Entry, dn_key, uuid_of_dn

_DESCRIPTION: Final = re.compile(rb"(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)(?:;[A-Za-z0-9_-]+)*")
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_ENTRY_UUID: Final = "entryuuid"
_CHANGE: Final = "a change record is not read; write the entry as it shall be, or send the change to a server"
_MISPLACED: Final = {
    "changetype": _CHANGE,
    "control": _CHANGE,
    "dn": "a second dn: in one entry; put an empty line before it",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A logical line: unfolded, without its line end, with the number of its first physical line."""

    number: int
    raw: bytes


def parse_ldif(name: str, lines: Iterable[bytes]) -> Iterator[tuple[str, Entry]]:
    """Yield the entries of an LDIF content file, all attributes, in the file's order, each with the `dn_key` of its DN.

    `name` is the file's name for messages, `lines` its physical lines with their ends. Raises `LdifError`.
    """
    dns: dict[str, int] = {}
    uuids: dict[str, int] = {}
    for record in records(name, unfold(name, lines)):
        entry = _parse_record(name, record)
        key = dn_key(entry.dn)
        for known, identity, what in ((dns, key, "DN"), (uuids, entry.uuid, "entryUUID")):
            if identity in known:
                raise error_at(
                    name, record[0], f"the entry of line {known[identity]} has the same {what}; remove one of them"
                )
            known[identity] = record[0].number
        yield key, entry


def unfold(name: str, lines: Iterable[bytes]) -> Iterator[Line]:
    """Yield logical lines, comments left out; an empty one ends a record."""
    number = 0
    parts: list[bytes] = []
    for at, line in enumerate(lines, start=1):
        raw = line.rstrip(b"\n").removesuffix(b"\r")
        if at == 1:
            raw = raw.removeprefix(_BYTE_ORDER_MARK)
        if raw.startswith(b" ") and parts and parts[0]:
            parts.append(raw[1:])
            continue
        if raw.startswith(b" ") and raw.strip():
            raise error_at(
                name, Line(at, raw), "a continuation without a line before it; remove the blank it begins with"
            )
        if parts and not parts[0].startswith(b"#"):
            yield Line(number, b"".join(parts))
        number, parts = at, [raw if raw.strip() else b""]
    if parts and not parts[0].startswith(b"#"):
        yield Line(number, b"".join(parts))


def records(name: str, lines: Iterator[Line]) -> Iterator[list[Line]]:
    """Yield the lines of each record."""
    record: list[Line] = []
    first = True
    for line in lines:
        if not line.raw:
            if record:
                yield record
                record = []
        elif first and line.raw.startswith(b"version:"):
            first = False
            if line.raw.partition(b":")[2].strip() != b"1":
                raise error_at(name, line, "only version: 1 of LDIF exists; correct it")
        else:
            record.append(line)
            first = False
    if record:
        yield record


def _parse_record(name: str, record: list[Line]) -> Entry:
    attribute, dn = parse_line(name, record[0])
    if attribute != "dn":
        raise error_at(name, record[0], "an entry begins with dn:, after an empty line; write its DN above this line")
    if "=" not in dn:
        raise error_at(name, record[0], f"{dn!r} is not a DN such as uid=alice,ou=people,dc=example,dc=org")
    if len(record) == 1:
        raise error_at(name, record[0], f"{dn} has no attribute; write them below it, without an empty line between")
    attributes: dict[str, list[str]] = {}
    identity = ""
    for line in record[1:]:
        attribute, value = parse_line(name, line)
        base, key = attribute.partition(";")[0], key_of(attribute)
        if base in _MISPLACED:
            raise error_at(name, line, _MISPLACED[base])
        if base == _ENTRY_UUID:
            identity = _parse_uuid(name, line, value)
        if key is not None:
            attributes.setdefault(key, []).append(value)
    return Entry(identity or uuid_of_dn(dn), dn, {key: tuple(values) for key, values in attributes.items()})


def parse_line(name: str, line: Line) -> tuple[str, str]:
    """Return the attribute description in lower case, and the value."""
    description, colon, rest = line.raw.partition(b":")
    if not colon:
        raise error_at(name, line, "no colon; write attribute: value, or begin a continued line with one blank")
    attribute = _attribute(description)
    if attribute is None:
        raise error_at(name, line, f"{_text(description)!r} is not an attribute name")
    if rest.startswith(b"<"):
        raise error_at(name, line, "values from a URL (:<) are not read; write the value itself, in base64 after ::")
    if rest.startswith(b":"):
        try:
            rest = base64.b64decode(rest[1:].strip(b" "), validate=True)
        except binascii.Error as error:
            raise error_at(
                name, line, f"what follows :: is not base64 ({error}); a plain value has one colon"
            ) from error
    else:
        rest = rest.lstrip(b" ")
    return attribute, _text(rest)


@lru_cache(maxsize=1024)
def _attribute(description: bytes) -> str | None:
    """Return the attribute description in lower case, the same object for every entry; None when it is none."""
    return description.decode("ascii").lower() if _DESCRIPTION.fullmatch(description) else None


def _parse_uuid(name: str, line: Line, value: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError as error:
        raise error_at(name, line, f"{value!r} is not a UUID; correct it or remove the line") from error


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("iso-8859-1")


def error_at(name: str, line: Line, problem: str) -> LdifError:
    """Return an error that names file and line."""
    return LdifError(f"{name}, line {line.number}: {problem}")
