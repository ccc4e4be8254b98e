"""What a Thomson phone gets, beyond the golden files: any text, charsets, and where a note stands."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from services.directory.dialects.screen import Captions, Charset, Screen
from services.directory.dialects.thomson import PROFILE, render
from services.directory.paging import Book, Item, Menu, Row

TEXT = st.text(st.characters(), max_size=20)
PAGES = st.lists(st.tuples(TEXT, TEXT), max_size=4).flatmap(
    lambda pairs: st.sampled_from(
        [Book(tuple(Row(pair[0], "", pair[1]) for pair in pairs)), Menu(tuple(Item(*pair) for pair in pairs))]
    )
)


@settings(deadline=None)
@given(PAGES, st.sampled_from(["ISO-8859-1", "UTF-8", "ASCII"]))
def test_any_text_is_well_formed_in_the_declared_charset(page: Book | Menu, charset: Charset) -> None:
    profile = replace(PROFILE, charset=charset)
    root = etree.fromstring(render(page, profile, Captions()))
    assert len(root) == len(page.rows if isinstance(page, Book) else page.items)
    render(page, profile, Captions()).decode("iso-8859-1" if charset == "ASCII" else charset)


def test_letters_that_latin_1_lacks_are_transliterated_and_others_stay() -> None:
    page = Book((Row("Œuvrard, Łukasz – Δημήτρης & <Né>\0", "", "1001"),))
    assert render(page, replace(PROFILE, name_width=0), Captions()) == (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<ThomsonPhoneBook>\n  <DirectoryEntry>\n'
        "    <Name>OEuvrard, Lukasz - Dimitris &amp; &lt;Né&gt;</Name>\n    <Telephone>1001</Telephone>\n"
        "  </DirectoryEntry>\n</ThomsonPhoneBook>\n"
    ).encode("iso-8859-1")


def test_accents_are_folded_where_a_firmware_shows_none() -> None:
    page = Book((Row("Müller, Élodie Groß", "", "1001"),))
    assert names(page, "ASCII") == ["Muller, Elodie Gross"]


@pytest.mark.parametrize(("rows", "links", "lines"), [(1, 0, 2), (31, 0, 32), (32, 0, 32), (29, 2, 32), (30, 2, 32)])
def test_a_note_is_the_last_row_and_dials_nothing_where_there_is_a_line_for_it(
    rows: int, links: int, lines: int
) -> None:
    ends = ("http://p/search/0-1?q=a", "http://p/search/2-3?q=a") if links else ("", "")
    listed = tuple(Row(f"Dupin {at}", "", "1001") for at in range(rows))
    root = etree.fromstring(render(Book(listed, "", "Similar names", *ends), PROFILE, Captions()))
    entries = [(node.findtext("Name"), node.findtext("Telephone")) for node in root.iter("DirectoryEntry")]
    assert len(root) == lines
    assert entries[:rows] == [(row.name, row.telephone) for row in listed]
    assert entries[rows:] == [("Similar names", "")] * (lines - rows - links)


def test_a_note_stands_before_the_first_line_of_a_menu() -> None:
    assert names(Menu((Item("A – B", "http://p/search/0-1?q=a"),), note="Similar names")) == ["Similar names: A - B"]


@pytest.mark.parametrize(
    ("width", "first"),
    [
        (0, "Similar names: Dupineau, Gaëlle - Dupinot, Bruno"),
        (32, "Similar names: Dupi... - Dupi..."),
        (26, "Similar names: D... - D..."),
        (20, "Dupin... - Dupino..."),
    ],
)
def test_a_menu_s_range_gives_way_to_the_note_and_a_note_that_leaves_no_room_is_left_out(
    width: int, first: str
) -> None:
    menu = Menu((Item("Dupineau, Gaëlle – Dupinot, Bruno", "http://p/search/0-1?q=a"),) * 2, note="Similar names")
    root = etree.fromstring(render(menu, replace(PROFILE, label_width=width), Captions()))
    shown = [node.text for node in root.iter("Name")]
    assert shown[0] == first
    assert not width or all(len(label or "") <= width for label in shown)
    assert not (shown[1] or "").startswith("Similar")


def names(screen: Screen, charset: Charset = "ISO-8859-1") -> list[str]:
    root = etree.fromstring(render(screen, replace(PROFILE, charset=charset), Captions()))
    return [node.text or "" for node in root.iter("Name")]
