"""The bytes of the Thomson dialect."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from services.directory.dialects.thomson import render_page
from services.directory.paging import Book, Item, Menu, Page, Row

TEXT = st.text(st.characters(), max_size=20)
PAGES = st.lists(st.tuples(TEXT, TEXT), max_size=4).flatmap(
    lambda pairs: st.sampled_from(
        [Book(tuple(Row(pair[0], "", pair[1]) for pair in pairs)), Menu(tuple(Item(*pair) for pair in pairs))]
    )
)


@given(PAGES, st.sampled_from(["ISO-8859-1", "UTF-8"]))
def test_any_text_is_well_formed_in_the_declared_charset(page: Page, charset: Literal["ISO-8859-1", "UTF-8"]) -> None:
    document = render_page(page, charset)
    document.decode(charset)
    root = etree.fromstring(document)
    assert len(root) == len(page.rows if isinstance(page, Book) else page.items)


def test_letters_that_latin_1_lacks_are_transliterated_and_others_stay() -> None:
    page = Book((Row("Œuvrard, Łukasz – Δημήτρης & <Né>\0", "", "1001"),))
    assert render_page(page, "ISO-8859-1") == (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<ThomsonPhoneBook>\n  <DirectoryEntry>\n'
        "    <Name>OEuvrard, Lukasz - Dimitris &amp; &lt;Né&gt;</Name>\n    <Telephone>1001</Telephone>\n"
        "  </DirectoryEntry>\n</ThomsonPhoneBook>\n"
    ).encode("latin-1")
    assert "Œuvrard, Łukasz – Δημήτρης &amp; &lt;Né&gt;".encode() in render_page(page, "UTF-8")


@pytest.mark.parametrize("page", [Book(()), Menu(())])
def test_an_empty_page_has_its_root_only(page: Page) -> None:
    assert len(etree.fromstring(render_page(page, "ISO-8859-1"))) == 0
