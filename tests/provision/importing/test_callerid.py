"""Caller ids: the name, the number, and whether a name names anybody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.provision.importing.callerid import CallerId, names_nobody, parse_caller_id, written_caller_id


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"Alice Martin" <1001>', ("Alice Martin", "1001")),
        ("Alice Martin <1001>", ("Alice Martin", "1001")),
        (r'"Alice \"Ali\" Martin" <1001>', ('Alice "Ali" Martin', "1001")),
        (r'"back\\slash" <1>', ("back\\slash", "1")),
        ('"A <B>" <1>', ("A <B>", "1")),
        ("<1001>", ("", "1001")),
        ("1001", ("", "1001")),
        ("Alice", ("Alice", "")),
        ('"Alice"', ("Alice", "")),
        ("Alice <alice>", ("Alice", "")),
        ('"Martin, Alice" <+33 1 99 00 20 10>', ("Martin, Alice", "+33199002010")),
        ("", ("", "")),
    ],
)
def test_a_caller_id_has_a_name_and_a_number(text: str, expected: tuple[str, str]) -> None:
    assert parse_caller_id(text) == CallerId(*expected)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1).map(str.strip).filter(bool))
def test_any_name_that_is_written_is_read_back(name: str) -> None:
    assert parse_caller_id(written_caller_id(name, "1001")) == CallerId(name, "1001")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "device",
        "Device",
        "DEVICE 610",
        "610",
        "Extension 610",
        "ext. 610",
        "unknown",
        "SIP/610",
        "+33 1 99 00 20 10",
    ],
)
def test_these_are_nobodys_names(name: str) -> None:
    assert names_nobody(name)


@pytest.mark.parametrize(
    "name", ["Alice", "Peer Line", "Device Manager", "Reception", "Ünal", "田中", "Phone Box 3 Hall"]
)
def test_these_are_names(name: str) -> None:
    assert not names_nobody(name)
