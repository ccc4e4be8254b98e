"""Links, their lengths, and the labels of ranges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.directory.app import create_app
from services.directory.paging import (
    LAST_PLACE,
    LEAST_QUERY,
    Ends,
    Links,
    SearchTooLong,
    Span,
    Step,
    items_of,
    labels_of,
    longest_query,
    parse_span,
    render_span,
    url_faults,
)
from services.directory.words import Query
from shared.errors import ConfigurationError, Malformed
from tests.directory.desk import configuration

PLACES = st.tuples(st.integers(0, LAST_PLACE), st.integers(0, LAST_PLACE)).map(sorted)
RANGES = st.builds(
    lambda ends, rank, step: Span(ends[0], ends[1], rank, step), PLACES, st.integers(0, 35), st.sampled_from(Step)
)


@given(RANGES)
def test_a_link_names_its_range(span: Span) -> None:
    assert parse_span(render_span(span)) == span


@given(RANGES)
def test_a_link_leads_onward_or_back_from_a_place(span: Span) -> None:
    onward = span._replace(high=LAST_PLACE, way="onward")
    back = span._replace(low=0, way="back")
    assert parse_span(render_span(onward)) == onward
    assert parse_span(render_span(back)) == back


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "1",
        "w0.-",
        "w0-1",
        "1-2",
        "w0.2-1",
        "w0.1-2-3",
        "w0.A-B",
        "x0.1-2",
        "w0.1-zzzzzzzzz",
        "../w0.1-2",
        "w0.1-2\n",
    ],
)
def test_another_link_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        parse_span(text)


def test_the_longest_link_has_exactly_the_length_that_the_phone_keeps() -> None:
    url = "http://phones.example.org"
    span = Span(LAST_PLACE, LAST_PLACE, 0)
    assert len(Links(url, "/b8", Query(("a" * longest_query(url),))).to(span)) == 128
    with pytest.raises(SearchTooLong):
        Links(url, "/b8", Query(("a" * (longest_query(url) + 1),))).to(span)


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
    items = items_of(ranges, Span(5, 99, 5), Links("http://p", "/b2", Query(("a", "b"))))
    assert [item.url for item in items] == [
        "http://p/b2/search/w5.5-j?q=a+b",
        "http://p/b2/search/w5.k-t?q=a+b",
        "http://p/b2/search/w5.u-2r?q=a+b",
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
