"""LDIF change files (RFC 2849): what `ldapmodify` would be given. Read, and applied to entries that are at hand. No I/O.

A change that a server would refuse (no such entry, no such value) is refused here too, naming file and line.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, Literal, NamedTuple

from shared.ldap.descriptions import key_of
from shared.ldap.dn import folded_value, split_first_rdn
from shared.ldap.entry import Entry, dn_key, parent_key, uuid_of_dn
from shared.ldap.ldiflines import Line, error_at, records
from shared.ldap.ldiftext import parse_line

Operation = Literal["add", "delete", "replace"]
_MODIFY: Final = ("add", "delete", "replace")


class Modification(NamedTuple):
    """One step of a modify."""

    line: Line
    operation: Operation
    attribute: str
    """The key of an entry's values (`shared.ldap.descriptions`); "" where they do not count."""
    values: tuple[str, ...]


class Change(NamedTuple):
    """One change record. What it does not need is empty."""

    line: Line
    kind: Literal["add", "delete", "modify", "modrdn"]
    dn: str
    attributes: tuple[tuple[str, str], ...] = ()
    modifications: tuple[Modification, ...] = ()
    new_rdn: str = ""
    delete_old: bool = True
    superior: str | None = None


def parse_changes(name: str, lines: Iterable[bytes]) -> tuple[Change, ...]:
    """Return the changes of a file in order; a record without `changetype` adds an entry. Raises `LdifError`."""
    return tuple(_parse_change(name, record) for record in records(name, lines))


def apply_changes(name: str, changes: Iterable[Change], entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return the entries, by the key of their DN, as they are after the changes. Raises `LdifError`."""
    after = dict(entries)
    for change in changes:
        key = dn_key(change.dn)
        if change.kind == "add":
            if key in after:
                raise error_at(name, change.line.number, f"{change.dn} exists already; modify it")
            after[key] = _added(change)
            continue
        if key not in after:
            raise error_at(name, change.line.number, f"{change.dn} is no entry that dialtree reads; correct the DN")
        if change.kind == "delete":
            del after[key]
        elif change.kind == "modify":
            after[key] = _modified(name, change, after[key])
        else:
            _rename(change, key, after)
    return after


def _parse_change(name: str, record: list[Line]) -> Change:
    first = record[0]
    attribute, dn = parse_line(name, first)
    if attribute != "dn" or "=" not in dn:
        raise error_at(
            name, first.number, "a change begins with dn: and a DN, after an empty line; write it above this line"
        )
    rest = [line for line in record[1:] if not line.raw.lower().startswith(b"control:")]
    kind = "add"
    if rest and rest[0].raw.lower().startswith(b"changetype:"):
        kind = parse_line(name, rest.pop(0))[1].strip().lower()
    if kind == "add":
        return Change(first, "add", dn, tuple(_pairs(name, rest)))
    if kind == "delete":
        return Change(first, "delete", dn)
    if kind == "modify":
        return Change(first, "modify", dn, modifications=tuple(_parse_modify(name, rest)))
    if kind in ("modrdn", "moddn"):
        said = dict(_pairs(name, rest))
        if not said.get("newrdn"):
            raise error_at(name, first.number, "the record has no newrdn:; write the new name")
        return Change(
            first, "modrdn", dn, new_rdn=said["newrdn"], delete_old=said.get("deleteoldrdn", "1") != "0",
            superior=said.get("newsuperior"),
        )  # fmt: skip
    raise error_at(name, first.number, f"changetype {kind!r} does not exist; write add, delete, modify or modrdn")


def _pairs(name: str, lines: Iterable[Line]) -> Iterator[tuple[str, str]]:
    for line in lines:
        attribute, value = parse_line(name, line)
        key = key_of(attribute)
        if key is not None:
            yield key, value


def _parse_modify(name: str, lines: list[Line]) -> Iterator[Modification]:
    block: list[Line] = []
    for line in [*lines, Line(0, b"-")]:
        if line.raw.strip() != b"-":
            block.append(line)
        elif block:
            yield _parse_modification(name, block)
            block = []


def _parse_modification(name: str, block: list[Line]) -> Modification:
    head = block[0]
    operation, attribute = parse_line(name, head)
    attribute = attribute.strip().lower()
    if operation not in _MODIFY:
        raise error_at(name, head.number, f"{operation!r} is no step of a modify; write add:, delete: or replace:")
    values: list[str] = []
    for line in block[1:]:
        described, value = parse_line(name, line)
        if described != attribute:
            problem = f"this value belongs to {attribute}; put a line with - before another step"
            raise error_at(name, line.number, problem)
        values.append(value)
    done: Operation = "add" if operation == "add" else "delete" if operation == "delete" else "replace"
    return Modification(head, done, key_of(attribute) or "", tuple(values))


def _added(change: Change) -> Entry:
    attributes: dict[str, tuple[str, ...]] = {}
    for attribute, value in change.attributes:
        attributes[attribute] = (*attributes.get(attribute, ()), value)
    return Entry(uuid_of_dn(change.dn), change.dn, attributes)


def _modified(name: str, change: Change, entry: Entry) -> Entry:
    attributes = dict(entry.attributes)
    for step in change.modifications:
        if not step.attribute:
            continue
        values = _OPERATIONS[step.operation](name, step, attributes.get(step.attribute, ()))
        if values:
            attributes[step.attribute] = values
        else:
            attributes.pop(step.attribute, None)
    return Entry(entry.uuid, entry.dn, attributes)


def _add(name: str, step: Modification, values: tuple[str, ...]) -> tuple[str, ...]:
    twice = next((value for value in step.values if value in values), None)
    if twice is not None:  # the value is not shown: it may be a password
        raise error_at(name, step.line.number, f"{step.attribute} has a value already that is added; delete this step")
    return (*values, *step.values)


def _delete(name: str, step: Modification, values: tuple[str, ...]) -> tuple[str, ...]:
    if not step.values:
        return ()
    folded = {value.casefold() for value in step.values}
    kept = tuple(value for value in values if value.casefold() not in folded)
    if len(kept) != len(values) - len(folded):
        raise error_at(
            name, step.line.number, f"{step.attribute} has no such value to delete; delete this step, or correct it"
        )
    return kept


def _replace(_: str, step: Modification, __: tuple[str, ...]) -> tuple[str, ...]:
    return step.values


_OPERATIONS: Final[dict[Operation, Callable[[str, Modification, tuple[str, ...]], tuple[str, ...]]]] = {
    "add": _add, "delete": _delete, "replace": _replace,
}  # fmt: skip


def _rename(change: Change, key: str, entries: dict[str, Entry]) -> None:
    """Rename the entry, and all that stand below it."""
    old = entries[key].dn
    above = split_first_rdn(old)[1] if change.superior is None else change.superior
    new = f"{change.new_rdn},{above}" if above else change.new_rdn
    below = [other for other in entries if other == key or _is_below(other, key)]
    for other in sorted(below, key=len):
        entry = entries.pop(other)
        dn = new if other == key else entry.dn[: len(entry.dn) - len(old)] + new
        attributes = _renamed(change, entry) if other == key else entry.attributes
        entries[dn_key(dn)] = Entry(entry.uuid, dn, attributes)


def _is_below(key: str, above: str) -> bool:
    while key:
        key = parent_key(key)
        if key == above:
            return True
    return False


def _renamed(change: Change, entry: Entry) -> Mapping[str, tuple[str, ...]]:
    attributes = dict(entry.attributes)
    if change.delete_old:
        for pair in split_first_rdn(entry.dn)[0]:
            old = folded_value(pair.value)
            attributes[pair.name] = tuple(v for v in attributes.get(pair.name, ()) if folded_value(v) != old)
    for pair in split_first_rdn(change.new_rdn)[0]:
        values = attributes.get(pair.name, ())
        value = pair.value.strip()
        attributes[pair.name] = values if value in values else (*values, value)
    return {attribute: values for attribute, values in attributes.items() if values}
