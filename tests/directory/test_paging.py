"""Links, their lengths, and the labels of ranges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.directory.app import create_app
from services.directory.paging import (
    EVERYTHING,
    LAST_PLACE,
    LEAST_QUERY,
    Ends,
    SearchTooLong,
    Span,
    labels_of,
    longest_query,
    menu_of,
    parse_span,
    render_span,
    url_faults,
)
from services.directory.words import Query
from shared.errors import ConfigurationError, Malformed
from tests.directory.desk import configuration

SPANS = st.tuples(st.integers(0, LAST_PLACE), st.integers(0, LAST_PLACE)).map(lambda ends: Span(min(ends), max(ends)))


@given(SPANS)
def test_a_link_names_its_range(span: Span) -> None:
    assert parse_span(render_span(span)) == span


@pytest.mark.parametrize(
    "text", ["", "-", "1", "1-", "-1", "2-1", "1-2-3", "A-B", "1-zzzzzzzzz", "1 - 2", "../1-2", "1-2\n", "é-é"]
)
def test_another_link_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        parse_span(text)


def test_the_longest_link_has_exactly_the_length_that_the_phone_keeps() -> None:
    url = "http://phones.example.org"
    query = Query(("a" * longest_query(url),))
    ranges = [Ends(LAST_PLACE - 1, "a", "b"), Ends(LAST_PLACE, "c", "d")]
    menu = menu_of(ranges, Span(LAST_PLACE - 1, LAST_PLACE), query, url)
    assert [len(item.url) for item in menu.items] == [128, 128]
    with pytest.raises(SearchTooLong):
        menu_of(ranges, EVERYTHING, Query(("a" * (longest_query(url) + 1),)), url)


def test_a_base_url_that_leaves_no_room_is_a_fault_at_start() -> None:
    room = longest_query("http://phones.example.org") - LEAST_QUERY
    fits = configuration(public_url=f"http://phones.example.org/{'x' * (room - 1)}")
    assert url_faults(fits) == ()
    create_app(fits)
    long = configuration(public_url=f"http://phones.example.org/{'x' * (room + 2)}")
    (fault,) = url_faults(long)
    assert str(fault) == (
        "directory.public_url: is 3 characters too long: a link would exceed the phone's 128 characters; "
        "use a shorter host name or path"
    )
    with pytest.raises(ConfigurationError):
        create_app(long)


def test_the_ranges_of_a_menu_share_out_the_span() -> None:
    ranges = [Ends(10, "Abel", "Dupin"), Ends(20, "Durand", "Martin"), Ends(30, "Petit", "Zola")]
    menu = menu_of(ranges, Span(5, 99), Query(("a", "b")), "http://p")
    assert [item.url for item in menu.items] == [
        "http://p/search/5-j?q=a+b",
        "http://p/search/k-t?q=a+b",
        "http://p/search/u-2r?q=a+b",
    ]


@pytest.mark.parametrize(
    ("ranges", "labels"),
    [
        (
            [("Martin, Alice", "Martin, Jean"), ("Martin, Jeanne", "Martin, Zoé")],
            ["Martin, Alice – Martin, Jean", "Martin, Jeanne – Martin, Zoé"],
        ),
        (
            [("Abel, Anne", "Dupin, Jean"), ("Durand, Paul", "Martin, Alice"), ("Martin, Jean", "Zola, Émile")],
            ["Abel – Dupin", "Durand – Martin, Alice", "Martin, Jean – Zola"],
        ),
        ([("Martin", "Martin, Alice"), ("Petit", "Petit")], ["Martin – Martin, Alice", "Petit"]),
        ([("Élodie", "elodie"), ("Zoé", "Zoé")], ["Élodie", "Zoé"]),
        ([("Martin, Jean", "Martin, Jean")] * 3, ["Martin, Jean", "Martin, Jean (2)", "Martin, Jean (3)"]),
    ],
)
def test_a_label_shows_where_ranges_differ(ranges: list[tuple[str, str]], labels: list[str]) -> None:
    assert labels_of(ranges) == labels


@given(st.lists(st.text("abé, ", min_size=1, max_size=8), min_size=2, max_size=16))
def test_the_ends_of_a_label_are_never_cut_to_sameness(names: list[str]) -> None:
    names = sorted({" ".join(name.split()).strip(", ") for name in names} - {""})
    ranges = list(zip(names[::2], names[1::2], strict=False))
    for label in labels_of(ranges):
        begin, dash, end = label.partition(" – ")
        assert not dash or begin != end
