"""LDIF content files (RFC 2849) to entries. No file is opened here: `shared.ldap.ldif` follows one.

Accepted beyond the RFC, because tools and people write it: what `shared.ldap.ldiflines` says; UTF-8 (or ISO-8859-1) in plain
values; `changetype: add`; what ldapsearch writes beside entries (`shared.ldap.ldapsearch`); attributes in ranges, as Active
Directory gives them; the replication state that 389 Directory Server exports.
Every error names the file, the line and the mend.
"""

import base64
import binascii
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

from shared.ldap.descriptions import key_of
from shared.ldap.entry import Entry, dn_key, uuid_of_dn
from shared.ldap.ldapsearch import SearchResult
from shared.ldap.ldiflines import ENTRY_BEGINS, Line, error_at, records
from shared.ldap.ranges import Range, missing_from, parse_range

_DESCRIPTION: Final = re.compile(rb"(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)(?:;[A-Za-z0-9_-]+(?:=\d+-(?:\d+|\*))?)*")
_ENTRY_UUID: Final = "entryuuid"
_SPECIAL: Final = frozenset({_ENTRY_UUID, "changetype", "control", "dn"})
_CLASS: Final = "objectclass"
_TOMBSTONE: Final = "nstombstone"
_UNIQUE_ID: Final = "nsuniqueid="
"""How an entry is marked that was deleted, as 389 Directory Server exports it, and how its DN begins."""
_DELETED: Final = frozenset({"deleted", "deletedattribute"})
_STATE: Final = re.compile(r"(?:ad|md|vd|vu)csn-[0-9a-f]+")
"""Options of 389 Directory Server's replication state: of a value that was deleted, and when a value was written."""
_URL: Final = "values from a URL (:<) are not read; write the value itself, in base64 after ::"


class Defect(NamedTuple):
    """An attribute whose values the file does not hold, or not all of them."""

    attribute: str
    """In lower case, without options."""
    line: int
    problem: str
    is_partial: bool
    """Some values are there."""


class LdifEntry(NamedTuple):
    """An entry, the key of its DN, and what of it could not be read."""

    key: str
    entry: Entry
    defects: tuple[Defect, ...]


class _Description(NamedTuple):
    """An attribute description, in lower case."""

    base: str
    options: str
    is_usual: bool
    """It has no option, and its values are only stored."""


@dataclass(slots=True)
class _Record:
    """The record of an entry."""

    line: int
    dn: str
    identity: str = ""
    plain: dict[str, list[str]] = field(default_factory=dict)
    ranges: dict[str, list[tuple[Range, int]]] = field(default_factory=dict)
    """The ranges of an attribute that are there, each with its line."""
    urls: list[Defect] = field(default_factory=list)


def parse_ldif(name: str, lines: Iterable[bytes]) -> Iterator[tuple[str, Entry]]:
    """Yield the entries of an LDIF content file, all attributes, in the file's order, each with the `dn_key` of its DN.

    `name` is the file's name for messages, `lines` its physical lines with their ends. Raises `LdifError`, also where
    values of an attribute are missing.
    """
    for key, entry, defects in read_ldif(name, lines):
        if defects:
            raise error_at(name, defects[0].line, defects[0].problem)
        yield key, entry


def read_ldif(name: str, lines: Iterable[bytes]) -> Iterator[LdifEntry]:
    """Yield the entries as `parse_ldif` does, with what could not be read; those that come in several records at the end."""
    dns: dict[str, int] = {}
    uuids: dict[str, int] = {}
    parts: dict[str, _Record] = {}
    for record in _entry_records(name, lines):
        key = dn_key(record.dn)
        if key in parts and _joins(parts[key], record):
            _join(parts[key], record)
            continue
        entry = _entry(record)
        for known, identity, what in ((dns, key, "DN"), (uuids, entry.uuid, "entryUUID")):
            if identity in known:
                problem = f"the entry of line {known[identity]} has the same {what}; remove one of them"
                raise error_at(name, record.line, problem)
            known[identity] = record.line
        if record.ranges:
            parts[key] = record
        elif not _is_tombstone(entry):
            yield LdifEntry(key, entry, tuple(record.urls))
    for key, record in parts.items():
        yield LdifEntry(key, _entry(record), (*record.urls, *_missing(record)))


def parse_line(name: str, line: Line) -> tuple[str, str]:
    """Return the attribute description in lower case, and the value. Raises `LdifError`."""
    description, value = _split_line(name, line)
    if value is None:
        raise error_at(name, line.number, _URL)
    return f"{description.base};{description.options}" if description.options else description.base, value


def _entry_records(name: str, lines: Iterable[bytes]) -> Iterator[_Record]:
    result = SearchResult(name)
    bare: _Record | None = None
    for record in records(name, lines):
        first = record[0]
        attribute, dn = parse_line(name, first)
        if attribute != "dn":
            if result.takes([(line.number, *parse_line(name, line)) for line in record]):
                continue
            if bare is not None:
                problem = f"{bare.dn} has no attribute; write them below it, without an empty line between"
                raise error_at(name, bare.line, problem)
            raise error_at(name, first.number, f"{ENTRY_BEGINS}; write its DN above this line")
        if "=" not in dn:
            raise error_at(name, first.number, f"{dn!r} is not a DN such as uid=alice,ou=people,dc=example,dc=org")
        parsed = _parse_record(name, dn, record)
        bare = parsed if len(record) == 1 else None
        yield parsed
    result.check()


def _parse_record(name: str, dn: str, lines: list[Line]) -> _Record:
    record = _Record(lines[0].number, dn)
    plain = record.plain
    for line in lines[1:]:
        (base, options, is_usual), value = _split_line(name, line)
        if value is None:
            _note_url(name, line, record, base)
        elif is_usual:
            if base in plain:
                plain[base].append(value)
            else:
                plain[base] = [value]
        elif base in _SPECIAL:
            _read_special(name, line, record, base, value)
        else:
            _read_with_options(line, record, base, options, value)
    return record


def _note_url(name: str, line: Line, record: _Record, base: str) -> None:
    if base in _SPECIAL:
        raise error_at(name, line.number, _URL)
    record.urls.append(Defect(base, line.number, _URL, is_partial=False))


def _read_special(name: str, line: Line, record: _Record, base: str, value: str) -> None:
    if base == _ENTRY_UUID:
        record.identity = _parse_uuid(name, line, value)
        record.plain.setdefault(base, []).append(value)
    elif base == "dn":
        raise error_at(name, line.number, "a second dn: in one entry; put an empty line before it")
    elif base == "changetype" and value.strip().lower() != "add":
        what = f"a change record ({value.strip()}) is not read"
        raise error_at(name, line.number, f"{what}; write the entry as it shall be, or send the change to a server")
    elif base == "control" and "true" in value.lower().split():  # others only say how the entry was found
        what = "a change record with a critical control is not read"
        raise error_at(name, line.number, f"{what}; remove the control, or send the change to a server")


def _read_with_options(line: Line, record: _Record, base: str, options: str, value: str) -> None:
    found = [option for option in options.split(";") if not _STATE.fullmatch(option)]
    if not _DELETED.isdisjoint(found):
        return
    ranges = [option for option in found if "=" in option]
    if ranges:
        of_attribute = record.ranges.setdefault(base, [])
        part = parse_range(ranges[0])
        if part not in (known for known, _ in of_attribute):
            of_attribute.append((part, line.number))
    key = key_of(";".join((base, *found)))
    if key is not None:
        record.plain.setdefault(key, []).append(value)


def _entry(record: _Record) -> Entry:
    attributes = {base: tuple(values) for base, values in record.plain.items()}
    return Entry(record.identity or uuid_of_dn(record.dn), record.dn, attributes)


def _is_tombstone(entry: Entry) -> bool:
    """Tell whether the entry was deleted."""
    return entry.dn[: len(_UNIQUE_ID)].lower() == _UNIQUE_ID and _TOMBSTONE in map(
        str.lower, entry.attributes.get(_CLASS, ())
    )


def _joins(known: _Record, more: _Record) -> bool:
    """Tell whether a record brings further ranges of an entry, and nothing that contradicts it."""
    if not more.ranges or (more.identity and known.identity and more.identity != known.identity):
        return False
    return all(
        values == known.plain.get(base, values) for base, values in more.plain.items() if base not in more.ranges
    )


def _join(known: _Record, more: _Record) -> None:
    for base, values in more.plain.items():
        known.plain[base] = list(dict.fromkeys((*known.plain.get(base, ()), *values)))
    known.identity = known.identity or more.identity
    known.urls += more.urls
    for base, parts in more.ranges.items():
        known.ranges.setdefault(base, []).extend(parts)


def _missing(record: _Record) -> Iterator[Defect]:
    for base, parts in record.ranges.items():
        missing = missing_from([part for part, _ in parts])
        if missing:
            problem = f"{base} is only there in parts, {missing} are missing; export the entry with all its values"
            yield Defect(base, parts[-1][1], problem, is_partial=True)


def _split_line(name: str, line: Line) -> tuple[_Description, str | None]:
    """Return the attribute description and the value; None: it stands elsewhere."""
    written, colon, rest = line.raw.partition(b":")
    if not colon:
        problem = "no colon; write attribute: value, or begin a continued line with one blank"
        raise error_at(name, line.number, problem)
    description = _described(written)
    if description is None:
        raise error_at(name, line.number, f"{_text(written)!r} is not an attribute name")
    if rest[:1] == b"<":
        return description, None
    if rest[:1] == b":":
        try:
            rest = base64.b64decode(rest[1:].strip(b" \t"), validate=True)
        except binascii.Error as error:
            problem = f"what follows :: is not base64 ({error}); a plain value has one colon"
            raise error_at(name, line.number, problem) from error
    else:
        rest = rest.lstrip(b" ")
    return description, _text(rest)


@lru_cache(maxsize=1024)
def _described(description: bytes) -> _Description | None:
    """Return an attribute description, the same object for every entry; None when it is none."""
    if not _DESCRIPTION.fullmatch(description):
        return None
    base, _, options = description.decode("ascii").lower().partition(";")
    return _Description(base, options, is_usual=not options and base not in _SPECIAL)


def _parse_uuid(name: str, line: Line, value: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError as error:
        raise error_at(name, line.number, f"{value!r} is not a UUID; correct it or remove the line") from error


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("iso-8859-1")
