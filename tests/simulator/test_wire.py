"""The phone's HTTP client on its own: URLs and heads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.provision.vendors.thomson.simulator.complaints import Refused, Rule
from services.provision.vendors.thomson.simulator.wire import body_length, parse_head, parse_url


def test_a_url_of_128_characters_is_taken_and_129_is_not() -> None:
    url = "http://10.0.8.165/".ljust(128, "x")
    assert parse_url(url).target == "/".ljust(111, "x")
    with pytest.raises(Refused) as caught:
        parse_url(f"{url}x")
    assert caught.value.complaint.rule is Rule.URL_TOO_LONG


@pytest.mark.parametrize(
    ("url", "host", "port", "authority"),
    [
        ("http://10.0.8.165/a", "10.0.8.165", 80, "10.0.8.165"),
        ("http://phones.example.org:8080/a", "phones.example.org", 8080, "phones.example.org:8080"),
        ("http://[::1]:8080/a", "::1", 8080, "[::1]:8080"),
    ],
)
def test_a_url_names_host_and_port(url: str, host: str, port: int, authority: str) -> None:
    address = parse_url(url)
    assert (address.host, address.port, address.authority, address.target) == (host, port, authority, "/a")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "10.0.8.165/a",
        "ftp://h/a",
        "http:///a",
        "http://h",
        "http://u:p@h/a",
        "http://h:0/a",
        "http://h:65536/a",
        "http://h/a\r\nX: y",
        "http://h/€",
    ],
)
def test_what_is_no_plain_url_is_refused(url: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_url(url)
    assert caught.value.complaint.rule is Rule.URL


@given(st.binary(max_size=200) | st.binary(max_size=80).map(lambda rest: b"HTTP/1.1 200 OK\r\nContent-Length: " + rest))
def test_no_head_makes_it_fall_over(data: bytes) -> None:
    try:
        length = body_length(parse_head(data, "url"), 1000, "url")
    except Refused:
        return
    assert length is None or 0 <= length <= 1000


@pytest.mark.parametrize(
    "first", ["HTTP/2 200", "HTTP/1.1 100 Continue", "HTTP/1.1 20 OK", "200 OK", "HTTP/1.1  200 OK"]
)
def test_another_status_line_is_refused(first: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_head(f"{first}\r\nContent-Length: 0".encode(), "url")
    assert caught.value.complaint.rule is Rule.RESPONSE


def test_field_names_are_read_in_any_case() -> None:
    head = parse_head(b"HTTP/1.0 200\r\nCONTENT-length:  7 ", "url")
    assert body_length(head, 7, "url") == 7
