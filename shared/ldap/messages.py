"""The LDAP messages of a content synchronization: the request encoded, the answers decoded. No socket here.

RFC 4511 (messages), RFC 4533 (the sync controls). A first load is all `read_entry`, so that function is written for speed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

from shared.ldap import ber
from shared.ldap.ber import BerError
from shared.ldap.descriptions import key_of
from shared.ldap.filters import Compare, Filter, Group, Present, Substrings
from shared.ldap.source import Scope
from shared.text import printable

SEARCH_ENTRY: Final = 0x64
SEARCH_DONE: Final = 0x65
SEARCH_REFERENCE: Final = 0x73
INTERMEDIATE: Final = 0x79
UNSOLICITED: Final = 0
"""The message id of what a server says unasked: only that it ends the session (RFC 4511 section 4.4)."""

_SEARCH_REQUEST: Final = 0x63
_CONTROLS: Final = 0xA0
_LARGEST_MESSAGE: Final = 16 * 2**20

_SYNC_REQUEST: Final = "1.3.6.1.4.1.4203.1.9.1.1"
_SYNC_STATE: Final = b"1.3.6.1.4.1.4203.1.9.1.2"
_SYNC_DONE: Final = b"1.3.6.1.4.1.4203.1.9.1.3"
_SYNC_INFO: Final = b"1.3.6.1.4.1.4203.1.9.1.4"
_REFRESH_ONLY: Final = 1
_NEVER_DEREFERENCE: Final = 0
_SCOPES: Final[Mapping[Scope, int]] = {"base": 0, "one": 1, "subtree": 2}
_GROUP_TAGS: Final = {"&": 0xA0, "|": 0xA1, "!": 0xA2}
_COMPARE_TAGS: Final = {"=": 0xA3, ">=": 0xA5, "<=": 0xA6, "~=": 0xA8}
_UUID_BYTES: Final = 16
_LONG_FORM: Final = 0x80
_SHORTEST_ATTRIBUTE: Final = 8
"""Bytes of four headers: the attribute, its description, its set of values, one value."""


class State(IntEnum):
    """What a Sync State control says of its entry (RFC 4533 section 2.2)."""

    PRESENT = 0
    ADD = 1
    MODIFY = 2
    DELETE = 3


class Message(NamedTuple):
    """One LDAP message: its id, the tag and the content of its operation, the content of its controls.

    A named tuple, since a first load makes them by the hundred thousand.
    """

    number: int
    tag: int
    content: bytes
    controls: bytes


_STATES: Final[Mapping[int, State]] = {state.value: state for state in State}
_USUAL_UUID: Final = bytes((ber.OCTETS, _UUID_BYTES))
_USUAL_STATE: Final = ber.element(
    ber.SEQUENCE,
    ber.octets(_SYNC_STATE),
    ber.octets(ber.element(ber.SEQUENCE, ber.integer(0, ber.ENUMERATED), ber.octets(bytes(_UUID_BYTES)))),
)[: -len(_USUAL_UUID) - _UUID_BYTES - 1]
"""How the controls of nearly every entry begin: one alone, not critical, without a cookie. State and entryUUID follow."""
_USUAL_STATE_AT: Final = len(_USUAL_STATE)
_USUAL_STATE_BYTES: Final = _USUAL_STATE_AT + 1 + len(_USUAL_UUID) + _UUID_BYTES


@dataclass(frozen=True, slots=True)
class Result:
    """What a search ended with. `refresh_deletes` and `cookie` come from the Sync Done control, if there is one."""

    code: int
    text: str
    cookie: bytes | None
    refresh_deletes: bool


@dataclass(frozen=True, slots=True)
class SyncIds:
    """A syncIdSet: entries that are still there, or (`deleted`) that are gone."""

    uuids: tuple[str, ...]
    deleted: bool


@dataclass(frozen=True, slots=True)
class PresentPhaseEnds:
    """A refreshPresent: what was not mentioned until here is gone, even if a delete phase follows."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What a search asks for."""

    base: str
    scope: Scope
    filter: Filter
    attributes: Sequence[str]


def encode_search(number: int, search: SearchRequest, control: bytes = b"") -> bytes:
    """Return the request; without size or time limit, aliases not followed (a sync of an alias is not defined)."""
    request = ber.element(
        _SEARCH_REQUEST,
        ber.octets(search.base),
        ber.integer(_SCOPES[search.scope], ber.ENUMERATED),
        ber.integer(_NEVER_DEREFERENCE, ber.ENUMERATED),
        ber.integer(0),
        ber.integer(0),
        ber.boolean(False),
        _encode_filter(search.filter),
        ber.element(ber.SEQUENCE, *(ber.octets(name) for name in search.attributes or ("1.1",))),
    )
    controls = (ber.element(_CONTROLS, control),) if control else ()
    return ber.element(ber.SEQUENCE, ber.integer(number), request, *controls)


def critical_control(oid: str, value: bytes) -> bytes:
    """Return a control that the server must understand, or refuse the request."""
    return ber.element(ber.SEQUENCE, ber.octets(oid), ber.boolean(True), ber.octets(value))


def sync_request(cookie: bytes | None) -> bytes:
    """Return the Sync Request control, refreshOnly."""
    value = ber.element(
        ber.SEQUENCE,
        ber.integer(_REFRESH_ONLY, ber.ENUMERATED),
        b"" if cookie is None else ber.octets(cookie),
    )
    return critical_control(_SYNC_REQUEST, value)


def read_messages(receive: Callable[[], bytes]) -> Iterator[Message]:
    """Cut what `receive` gives into messages, for ever. Raises `BerError`, and what `receive` raises; b"" counts as an end."""
    buffer, at = b"", 0
    while True:
        end = ber.element_end(buffer, at)
        if end is not None and end - at > _LARGEST_MESSAGE:
            raise BerError(f"a message of {end - at} bytes")
        if end is not None and end <= len(buffer):
            yield _read_message(buffer, at, end)
            at = end
            continue
        more = receive()
        if not more:
            raise EOFError
        buffer, at = buffer[at:] + more, 0


def read_entry(message: Message, wanted: Mapping[bytes, str | None]) -> tuple[str, dict[str, tuple[str, ...]]]:
    """Return DN and attributes of a search entry, only those that `wanted` gives a name for (`WantedNames`)."""
    data = message.content
    start, stop = ber.expect_element(data, 0, len(data), ber.OCTETS)
    dn = ber.read_text(data, start, stop)
    at, end = ber.expect_element(data, stop, len(data), ber.SEQUENCE)
    attributes: dict[str, tuple[str, ...]] = {}
    again: dict[str, list[str]] = {}
    read = ber.read_element
    while at < end:
        at = _read_usual_attributes(data, at, end, wanted, attributes)
        if at == end:
            break
        _, start, at = read(data, at, end)
        _, start, stop = read(data, start, at)
        name = wanted[data[start:stop]]
        if name is None:
            continue
        _, start, stop = read(data, stop, at)
        values = []
        while start < stop:
            _, first, start = read(data, start, stop)
            values.append(ber.read_text(data, first, start))
        if values and name in attributes:  # an attribute comes twice when the server cuts its values into ranges
            again.setdefault(name, []).extend(values)
        elif values:
            attributes[name] = tuple(values)
    for name, values in again.items():
        attributes[name] = (*attributes[name], *values)
    return dn, attributes


def _read_usual_attributes(
    data: bytes, at: int, end: int, wanted: Mapping[bytes, str | None], attributes: dict[str, tuple[str, ...]]
) -> int:
    """Read attributes as long as they are usual ones, and return where the first other one begins, or `end`.

    Usual: one value in UTF-8, each length a single byte, a description that `wanted` keeps. The lengths must agree, so
    that nothing is read beyond its element; all else, faults as well, is the caller's.
    """
    name_of = wanted.get
    while at + _SHORTEST_ATTRIBUTE <= end:
        length = data[at + 1]
        named = at + 4 + data[at + 3]
        first = named + 4
        stop = at + 2 + length
        if length >= _LONG_FORM or not first <= stop <= end or data[named + 3] != stop - first:
            return at
        name = name_of(data[at + 4 : named])
        if name is None:
            return at
        try:
            attributes[name] = (data[first:stop].decode(),)
        except UnicodeDecodeError:
            return at
        at = stop
    return at


class WantedNames(dict[bytes, str | None]):
    """Attribute descriptions as a server writes them, to the keys of entries (`shared.ldap.descriptions`).

    None: not asked for, or with an option that does not count. Remembered are those that were asked for and have no options.
    """

    def __init__(self, attributes: Sequence[str]) -> None:
        super().__init__()
        self._names = {name.lower() for name in attributes}

    def __missing__(self, description: bytes) -> str | None:
        plain, option, _ = description.partition(b";")
        name = plain.decode("ascii", errors="replace").lower()
        if name not in self._names:
            return None
        if option:
            return key_of(description.decode("ascii", errors="replace"))
        self[description] = name
        return name


def read_sync_state(message: Message) -> tuple[State, str] | None:
    """Return state and entryUUID of a search entry; None when it has no Sync State control."""
    controls = message.controls
    if controls.startswith(_USUAL_STATE) and len(controls) == _USUAL_STATE_BYTES:
        usual = _STATES.get(controls[_USUAL_STATE_AT])
        if usual is not None and controls[_USUAL_STATE_AT + 1 : -_UUID_BYTES] == _USUAL_UUID:
            return usual, _uuid_text(controls[-_UUID_BYTES:])
    value = find_control(message, _SYNC_STATE)
    if value is None:
        return None
    start, end = ber.expect_element(value, 0, len(value), ber.SEQUENCE)
    start, stop = ber.expect_element(value, start, end, ber.ENUMERATED)
    try:
        state = State(ber.read_integer(value, start, stop))
    except ValueError as error:
        raise BerError("a sync state that RFC 4533 does not know") from error
    start, stop = ber.expect_element(value, stop, end, ber.OCTETS)
    return state, _uuid_text(value[start:stop])


def read_result(message: Message) -> Result:
    """Return what a SearchResultDone or an ExtendedResponse says, with its Sync Done control."""
    data = message.content
    start, stop = ber.expect_element(data, 0, len(data), ber.ENUMERATED)
    code = ber.read_integer(data, start, stop)
    _, stop = ber.expect_element(data, stop, len(data), ber.OCTETS)
    start, stop = ber.expect_element(data, stop, len(data), ber.OCTETS)
    cookie, refresh_deletes = None, False
    value = find_control(message, _SYNC_DONE)
    if value is not None:
        for tag, first, last in ber.elements(value, *ber.expect_element(value, 0, len(value), ber.SEQUENCE)):
            if tag == ber.OCTETS:
                cookie = value[first:last]
            elif tag == ber.BOOLEAN:
                refresh_deletes = ber.read_boolean(value, first, last)
    return Result(code, printable(ber.read_text(data, start, stop)), cookie, refresh_deletes)


def read_sync_info(message: Message) -> SyncIds | PresentPhaseEnds | None:
    """Return what a Sync Info message says; None for a new cookie, the end of a delete phase, or another message.

    The cookies in it are not needed: in refreshOnly the one of the Sync Done control covers them.
    """
    data = message.content
    name, value = b"", b""
    for tag, start, stop in ber.elements(data, 0, len(data)):
        if tag == 0x80:  # noqa: PLR2004  # responseName [0]
            name = data[start:stop]
        elif tag == 0x81:  # noqa: PLR2004  # responseValue [1]
            value = data[start:stop]
    if name != _SYNC_INFO:
        return None
    tag, start, stop = ber.read_element(value, 0, len(value))
    if tag == 0xA2:  # noqa: PLR2004  # refreshPresent [2]
        return PresentPhaseEnds()
    return _read_id_set(value, start, stop) if tag == 0xA3 else None  # noqa: PLR2004  # syncIdSet [3]


def _read_message(buffer: bytes, at: int, end: int) -> Message:
    read = ber.read_element
    outer, start, end = read(buffer, at, end)
    inner, start, stop = read(buffer, start, end)
    if outer != ber.SEQUENCE or inner != ber.INTEGER:
        raise BerError(f"tags {outer:#04x} {inner:#04x} at byte {at}, where a message must begin")
    number = ber.read_integer(buffer, start, stop)
    tag, start, stop = read(buffer, stop, end)
    if stop == end:
        return Message(number, tag, buffer[start:stop], b"")
    content = buffer[start:stop]
    start, stop = ber.expect_element(buffer, stop, end, _CONTROLS)
    return Message(number, tag, content, buffer[start:stop])


def find_control(message: Message, wanted: bytes) -> bytes | None:
    """Return the value of a control of the message, b"" for one without; None when it is not there."""
    data = message.controls
    for tag, start, stop in ber.elements(data, 0, len(data)):
        if tag != ber.SEQUENCE:
            raise BerError(f"a control of tag {tag:#04x}")
        first, last = ber.expect_element(data, start, stop, ber.OCTETS)
        if data[first:last] == wanted:
            parts = ber.elements(data, last, stop)
            return next((data[a:b] for tag, a, b in parts if tag == ber.OCTETS), b"")
    return None


def _read_id_set(value: bytes, start: int, stop: int) -> SyncIds:
    uuids: list[str] = []
    deleted = False
    for tag, first, last in ber.elements(value, start, stop):
        if tag == ber.BOOLEAN:
            deleted = ber.read_boolean(value, first, last)
        elif tag == ber.SET:
            uuids = [_uuid_text(value[a:b]) for _, a, b in ber.elements(value, first, last)]
    return SyncIds(tuple(uuids), deleted)


def _uuid_text(raw: bytes) -> str:
    if len(raw) != _UUID_BYTES:
        raise BerError(f"an entryUUID of {len(raw)} bytes")
    digits = raw.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _encode_filter(tree: Filter) -> bytes:
    if isinstance(tree, Group):
        return ber.element(_GROUP_TAGS[tree.kind], *(_encode_filter(part) for part in tree.parts))
    if isinstance(tree, Compare):
        return ber.element(_COMPARE_TAGS[tree.kind], ber.octets(tree.name), ber.octets(tree.value))
    if isinstance(tree, Present):
        return ber.octets(tree.name, 0x87)
    if isinstance(tree, Substrings):
        parts = [ber.octets(tree.initial, 0x80)] if tree.initial else []
        parts += [ber.octets(part, 0x81) for part in tree.middle]
        parts += [ber.octets(tree.final, 0x82)] if tree.final else []
        return ber.element(0xA4, ber.octets(tree.name), ber.element(ber.SEQUENCE, *parts))
    parts = [ber.octets(tree.rule, 0x81)] if tree.rule else []
    parts += [ber.octets(tree.name, 0x82)] if tree.name else []
    parts += [ber.octets(tree.value, 0x83)] + ([ber.boolean(True, 0x84)] if tree.dn_attributes else [])
    return ber.element(0xA9, *parts)
