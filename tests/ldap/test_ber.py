"""BER and the messages: what is written is read back, and any bytes end with a value or a `BerError`."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3.operation.search import search_operation
from ldap3.protocol.rfc4511 import ProtocolOp
from pyasn1.codec.ber import encoder

from shared.ldap import ber
from shared.ldap.ber import BerError
from shared.ldap.filters import parse_filter
from shared.ldap.messages import (
    Message,
    SearchRequest,
    State,
    WantedNames,
    encode_search,
    read_entry,
    read_messages,
    read_result,
    read_sync_info,
    read_sync_state,
    sync_request,
)
from shared.text import printable
from tests.ldap.fakes import done, message, sync_done, sync_entry


def feed(data: bytes, size: int) -> Callable[[], bytes]:
    pieces = iter([data[at : at + size] for at in range(0, len(data), size)])
    return lambda: next(pieces, b"")


def messages(data: bytes, size: int = 65536) -> Iterator[Message]:
    try:
        yield from read_messages(feed(data, size))
    except EOFError:
        return


@given(st.integers(min_value=-(2**62), max_value=2**63 - 1))
def test_an_integer_is_read_back(value: int) -> None:
    data = ber.integer(value)
    start, stop = ber.expect_element(data, 0, len(data), ber.INTEGER)
    assert stop == len(data)
    assert ber.read_integer(data, start, stop) == value


@given(st.binary(max_size=70_000))
def test_octets_of_any_length_are_read_back(value: bytes) -> None:
    data = ber.octets(value)
    assert ber.element_end(data, 0) == len(data)
    start, stop = ber.expect_element(data, 0, len(data), ber.OCTETS)
    assert data[start:stop] == value


@pytest.mark.parametrize("length", [0, 127, 128, 255, 256, 65_535, 65_536])
def test_lengths_at_the_borders_of_their_forms(length: int) -> None:
    data = ber.octets(b"x" * length)
    assert [stop - start for _, start, stop in ber.elements(data, 0, len(data))] == [length]
    assert all(ber.element_end(data[:cut], 0) in (None, len(data)) for cut in range(6))


@pytest.mark.parametrize("value", [True, False])
def test_a_boolean_is_read_back(*, value: bool) -> None:
    data = ber.boolean(value)
    assert ber.read_boolean(data, 2, 3) is value


@given(st.binary(max_size=40))
def test_any_bytes_end_with_elements_or_an_error(data: bytes) -> None:
    try:
        found = list(ber.elements(data, 0, len(data)))
    except BerError:
        return
    assert not data or found[-1][2] == len(data)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "nothing at byte 0"),
        (b"\x04", "nothing at byte 0"),
        (b"\x04\x02x", "does not fit"),
        (b"\x04\x80x", "length of 0 bytes"),
        (b"\x04\x85\x00\x00\x00\x00\x01x", "length of 5 bytes"),
        (b"\x04\x82\x01", "does not fit"),
        (b"\x1f\x01x", "does not fit"),
        (b"\x05\x00", "tag 0x05 at byte 0, expected 0x04"),
    ],
)
def test_what_is_wrong_with_an_element_is_said(data: bytes, complaint: str) -> None:
    with pytest.raises(BerError, match=complaint):
        ber.expect_element(data, 0, len(data), ber.OCTETS)


def test_a_length_that_no_message_has_is_refused_before_it_is_waited_for() -> None:
    with pytest.raises(BerError, match="message of 1879048198 bytes"):
        list(messages(b"\x30\x84\x70\x00\x00\x00"))


@given(st.lists(st.tuples(st.integers(0, 2**31 - 1), st.binary(max_size=300)), max_size=8), st.integers(1, 400))
def test_messages_are_cut_wherever_the_network_cuts_them(content: list[tuple[int, bytes]], size: int) -> None:
    data = b"".join(message(number, ber.octets(text, 0x64)) for number, text in content)
    assert list(messages(data, size)) == [Message(number, 0x64, text, b"") for number, text in content]


NAMES = st.sampled_from(["CN", "mobile", "cn;Lang-FR", "cn;x-private", "mobile;binary", "description"])


@given(st.uuids(), st.text(), st.dictionaries(NAMES, st.lists(st.text(), max_size=4)))
def test_an_entry_is_read_back(identity: uuid.UUID, dn: str, attributes: dict[str, list[str]]) -> None:
    entry, controls = sync_entry(1, identity.bytes, dn, **{n: [v.encode() for v in vs] for n, vs in attributes.items()})
    (read,) = messages(message(5, entry, *controls))
    assert read_sync_state(read) == (State.ADD, str(identity))
    found_dn, found = read_entry(read, WantedNames(("cn", "Mobile")))
    assert found_dn == dn
    assert found.get("mobile", ()) == tuple(attributes.get("mobile", ()))
    assert found.get("cn", ()) == tuple(attributes.get("CN", ()))
    assert found.get("cn;lang-fr", ()) == tuple(attributes.get("cn;Lang-FR", ()))
    assert set(found) <= {"cn", "cn;lang-fr", "mobile"}
    assert all(found.values())


def test_an_attribute_that_comes_again_and_again_keeps_every_value_once_named() -> None:
    """A server may cut values into ranges, or be hostile: 20,000 pieces must not be copied 20,000 times."""
    pieces = {f"cn;range={number}-{number}": [f"a{number}".encode(), b"b"] for number in range(20_000)}
    entry, controls = sync_entry(1, uuid.UUID(int=1).bytes, "cn=a", **pieces)
    (read,) = messages(message(5, entry, *controls))
    _, found = read_entry(read, WantedNames(("cn",)))
    assert len(found["cn"]) == 40_000
    assert set(found["cn"]) == {"b", *(f"a{number}" for number in range(20_000))}


@given(st.integers(0, 5000), st.text(), st.none() | st.binary(), st.booleans())
def test_a_result_is_read_back(code: int, text: str, cookie: bytes | None, refresh_deletes: bool) -> None:  # noqa: FBT001
    operation, controls = done(code, text, sync_done(cookie, refresh_deletes=refresh_deletes))
    (read,) = messages(message(5, operation, *controls))
    result = read_result(read)
    assert (result.code, result.text, result.cookie, result.refresh_deletes) == (
        code,
        printable(text),
        cookie,
        refresh_deletes,
    )


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_bytes_in_a_message_end_with_a_value_or_an_error(content: bytes, controls: bytes) -> None:
    read = Message(1, 0x64, content, controls)
    for reader in (read_sync_state, read_result, read_sync_info):
        try:
            reader(read)
        except BerError:
            continue
    try:
        read_entry(read, WantedNames(("cn",)))
    except BerError:
        return


@given(st.data())
def test_a_damaged_entry_ends_with_a_value_or_an_error(data: st.DataObject) -> None:
    entry, controls = sync_entry(1, bytes(16), "uid=a,dc=example,dc=org", cn=[b"A", b"B"], mobile=[b"1"])
    good = bytearray(message(5, entry, *controls))
    for _ in range(data.draw(st.integers(1, 3))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        for read in messages(bytes(good)):
            read_sync_state(read)
            read_entry(read, WantedNames(("cn",)))
    except BerError:
        return


FILTERS = [
    "(objectClass=inetOrgPerson)",
    "(macAddress=*)",
    "(&(objectClass=person)(|(mobile=*)(telephoneNumber=*))(!(title=hidden)))",
    "(cn=Mar*al*in)",
    "(cn=*ar*)",
    "(cn=*tin)",
    "(cn=M*)",
    r"(cn=a\2ab\28\29\5c)",
    "(cn=Élodie)",
    "(uidNumber>=1000)",
    "(uidNumber<=2000)",
    "(cn~=martin)",
    "(cn:caseExactMatch:=Martin)",
    "(ou:dn:=people)",
    "(ou:dn:2.5.13.5:=people)",
    "(:2.5.13.2:=x)",
]


@pytest.mark.parametrize("text", FILTERS)
def test_the_request_is_the_one_that_ldap3_would_send(text: str) -> None:
    ours = encode_search(
        7, SearchRequest("dc=example,dc=org", "subtree", parse_filter(text), ("cn", "sn")), sync_request(None)
    )
    request = search_operation("dc=example,dc=org", text, "SUBTREE", "NEVER", ["cn", "sn"], 0, 0, False, True, True)
    theirs: bytes = encoder.encode(ProtocolOp().setComponentByName("searchRequest", request))
    start, end = ber.expect_element(ours, 0, len(ours), ber.SEQUENCE)
    _, _, at = read = ber.read_element(ours, start, end)
    _, _, stop = ber.read_element(ours, at, end)
    assert ours[read[1] : at] == b"\x07"
    assert ours[at:stop] == theirs.replace(b"\x84\x01\x01", b"\x84\x01\xff")  # RFC 4511 section 5.1: TRUE is FF
    control = ber.element(
        ber.SEQUENCE, ber.octets("1.3.6.1.4.1.4203.1.9.1.1"), b"\x01\x01\xff", ber.octets(b"0\x03\n\x01\x01")
    )
    assert ours[stop:] == ber.element(0xA0, control)


def test_a_cookie_is_sent_as_it_came() -> None:
    search = SearchRequest("", "base", parse_filter("(cn=*)"), ())
    assert encode_search(1, search, sync_request(b"\x00cookie")).endswith(
        bytes.fromhex("300c0a01010407") + b"\x00cookie"
    )
