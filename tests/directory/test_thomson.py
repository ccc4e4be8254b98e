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


@pytest.mark.parametrize(("rows", "first"), [(31, "Similar names"), (32, "Similar names: Dupin 0")])
def test_a_note_is_a_row_of_its_own_or_stands_in_a_full_book_before_the_first_name(rows: int, first: str) -> None:
    book = Book(tuple(Row(f"Dupin {at}", "", "1001") for at in range(rows)), note="Similar names")
    assert names(book)[0] == first
    assert len(names(book)) == 32


def test_a_note_stands_before_the_first_line_of_a_menu() -> None:
    assert names(Menu((Item("A – B", "http://p/search/0-1?q=a"),), note="Similar names")) == ["Similar names: A - B"]


def names(screen: Screen, charset: Charset = "ISO-8859-1") -> list[str]:
    root = etree.fromstring(render(screen, replace(PROFILE, charset=charset), Captions()))
    return [node.text or "" for node in root.iter("Name")]
