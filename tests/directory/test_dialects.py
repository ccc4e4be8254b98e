"""Every vendor's documents: golden files made from that vendor's documentation, and what holds for any page."""

import json
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from services.directory.dialects.screen import Captions, Charset, InputPage, Listing, Message, Profile, Screen
from services.directory.dialects.table import BY_NAME, DIALECTS, Dialect
from services.directory.paging import Book, Item, Menu, Row
from tests.directory.compare import compare_with_golden

BASE: Final = "http://phones.example.org/search"
ROWS: Final = (
    Row("Dupin, Jean", "", "1002"),
    Row("Lefèvre, Élodie", "mobile", "00639981060"),
    Row("R & D <Labo>", "", "1006"),
    Row("Œuvrard, Łukasz", "", "1004"),
)
SCREENS: Final[dict[str, Screen]] = {
    "book": Book(ROWS, title="Phonebook"),
    "similar": Book(ROWS[:1], title="Phonebook", note="Similar names"),
    "nothing": Book((), title="Phonebook"),
    "page": Book(ROWS, title="Phonebook", previous=f"{BASE}/0-a?q=d", next=f"{BASE}/c-z?q=d"),
    "menu": Menu(
        (Item("Abel – Dupin", f"{BASE}/0-9?q=a"), Item("Durand – Zola", f"{BASE}/a-z?q=a")), title="Phonebook"
    ),
    "input": InputPage("Phonebook", "Name or number", BASE),
    "unavailable": Message("Phonebook", "Directory unavailable", "unavailable"),
}
LISTS: Final = {
    "list": Listing(ROWS, 33, 120, previous=f"{BASE}?q=d&first=1", next=f"{BASE}?q=d&first=37"),
    "list-similar": Listing(ROWS[:1], 1, 1, note="Similar names"),
    "list-nothing": Listing((), 1, 0),
}
TEXT: Final = st.text(st.characters(), max_size=60)
BOOKS: Final = st.builds(
    Book,
    st.lists(st.builds(Row, TEXT, TEXT, st.text("0123456789*#+", max_size=20)), max_size=6).map(tuple),
    title=TEXT,
    note=TEXT,
)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_is_written_as_the_vendor_prints_it(dialect: Dialect, name: str) -> None:
    profile = dialect.profile
    body = dialect.render(SCREENS[name], profile, Captions())
    compare_with_golden(f"dialects/{dialect.name}-{name}.{ending(dialect)}", body, charset_of(profile))


@pytest.mark.parametrize("dialect", [d for d in DIALECTS if d.render_list], ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("name", LISTS)
def test_a_listing_is_written_as_documented(dialect: Dialect, name: str) -> None:
    assert dialect.render_list is not None
    body = dialect.render_list(LISTS[name], dialect.profile)
    compare_with_golden(f"dialects/{dialect.name}-{name}.{ending(dialect)}", body, "utf-8")


@pytest.mark.parametrize(
    ("name", "charset", "style"),
    [("plain-ascii", "ASCII", "menu"), ("mixed", "ISO-8859-1", "mixed"), ("dial", "UTF-8", "menu")],
)
def test_a_thomson_phone_is_answered_as_its_profile_says(name: str, charset: Charset, style: str) -> None:
    thomson = BY_NAME["thomson"]
    profile = replace(thomson.profile, charset=charset, dial_prefix=name == "dial", cdata=name == "dial")
    body = thomson.render(SCREENS["page" if style == "mixed" else "book"], profile, Captions())
    compare_with_golden(f"dialects/thomson-{name}.xml", body, charset_of(profile))


@settings(deadline=None)
@given(BOOKS, st.sampled_from(DIALECTS[:-1]), st.sampled_from(["ISO-8859-1", "UTF-8", "ASCII"]), st.booleans())
def test_any_page_is_well_formed_in_its_charset_with_all_rows_in_order(
    book: Book,
    dialect: Dialect,
    charset: Charset,
    cdata: bool,  # noqa: FBT001
) -> None:
    profile = replace(dialect.profile, charset=charset, cdata=cdata)
    body = dialect.render(book, profile, Captions())
    body.decode(charset_of(profile))
    root = etree.fromstring(body)
    numbers = [node.text or "" for node in root.iter("Telephone", "phonenumber", "hm")]
    numbers += [str(node.get("href")).removeprefix("tel://") for node in root.iter("a")]
    assert [number for number in numbers if number] == [row.telephone for row in book.rows if row.telephone]


@settings(deadline=None)
@given(BOOKS.filter(lambda book: any(row.telephone for row in book.rows)), st.sampled_from(DIALECTS[:-1]))
def test_the_first_line_of_a_page_dials_what_its_first_row_does_whatever_the_note(book: Book, dialect: Dialect) -> None:
    """The cursor stands on the first line that can be chosen; a note may be told, and never chosen by OK."""
    root = etree.fromstring(dialect.render(replace(book, note="Similar names"), dialect.profile, Captions()))
    numbers = [node.text or "" for node in root.iter("Telephone", "phonenumber", "hm")]
    numbers += [str(node.get("href")).removeprefix("tel://") for node in root.iter("a")]
    rows = [row.telephone for row in book.rows if row.telephone or dialect.name != "polycom"]
    assert numbers[: len(rows)] == rows
    assert "Similar names" in " ".join(str(text) for text in root.itertext())


@settings(deadline=None)
@given(st.lists(st.tuples(TEXT, st.integers(0, 10**6)), min_size=1, max_size=6), st.sampled_from(DIALECTS[:-1]))
def test_the_links_of_a_menu_arrive_whole_and_in_order(items: list[tuple[str, int]], dialect: Dialect) -> None:
    menu = Menu(tuple(Item(label, f"{BASE}/{number}-z?q=d+j%C3%A9") for label, number in items))
    root = etree.fromstring(dialect.render(menu, dialect.profile, Captions()))
    links = [node.text for node in root.iter("URL", "URI")] + [node.get("href") for node in root.iter("a")]
    if dialect.profile.style == "menu" or links:
        assert links == [item.url for item in menu.items]


@settings(deadline=None)
@given(BOOKS)
def test_json_keeps_everything_of_a_row(book: Book) -> None:
    dialect = BY_NAME["json"]
    assert dialect.render_list is not None
    answer = json.loads(dialect.render_list(Listing(book.rows, 1, len(book.rows)), dialect.profile))
    assert [row["telephone"] for row in answer["rows"]] == [row.telephone for row in book.rows]
    assert answer["total"] == len(book.rows)


@settings(deadline=None)
@given(TEXT.map(lambda text: text.replace("\n", "")), st.sampled_from(["", "mobile", "Privat 2"]), st.integers(16, 40))
def test_a_name_gives_way_to_its_label(name: str, label: str, width: int) -> None:
    thomson = BY_NAME["thomson"]
    profile = replace(thomson.profile, name_width=width)
    root = etree.fromstring(thomson.render(Book((Row(name, label, "1"),)), profile, Captions()))
    shown = root.findtext("DirectoryEntry/Name") or ""
    assert len(shown) <= width
    assert not label or shown.endswith(f" ({label})")


@pytest.mark.parametrize(
    ("name", "label", "charset", "shown"),
    [
        ("Very Long Name Indeed", "mobile", "UTF-8", "Very Long… (mobile)"),
        ("Very Long Name Indeed", "mobile", "ISO-8859-1", "Very Lo... (mobile)"),
        ("Short", "mobile", "UTF-8", "Short (mobile)"),
        ("Dupin, Jean-Baptiste M.", "", "UTF-8", "Dupin, Jean-Baptist…"),
        ("Œuvrard, Łukasz", "", "ISO-8859-1", "OEuvrard, Lukasz"),
    ],
)
def test_a_name_is_shortened_in_front_of_its_label(name: str, label: str, charset: Charset, shown: str) -> None:
    thomson = BY_NAME["thomson"]
    profile = replace(thomson.profile, name_width=20 if not label else 19, charset=charset)
    root = etree.fromstring(thomson.render(Book((Row(name, label, "1"),)), profile, Captions()))
    assert root.findtext("DirectoryEntry/Name") == shown


def test_the_longest_page_stays_below_what_a_yealink_phone_reads() -> None:
    yealink = BY_NAME["yealink"]
    rows = tuple(Row("&" * 128, "", "00" + "1" * 15) for _ in range(yealink.profile.rows))
    assert len(yealink.render(Book(rows, title="Phonebook"), yealink.profile, Captions())) < 10_000


def test_the_keys_of_a_cisco_phone_are_its_own_where_there_is_one_page() -> None:
    cisco = BY_NAME["cisco"]
    assert b"SoftKeyItem" not in cisco.render(SCREENS["book"], cisco.profile, Captions())
    root = etree.fromstring(cisco.render(SCREENS["page"], cisco.profile, Captions()))
    assert [key.findtext("Position") for key in root.iter("SoftKeyItem")] == ["1", "2", "3", "4", "5"]


def ending(dialect: Dialect) -> str:
    return {"json": "json", "polycom": "xhtml"}.get(dialect.name, "xml")


def charset_of(profile: Profile) -> str:
    return "iso-8859-1" if profile.charset == "ASCII" else profile.charset.lower()


@pytest.mark.parametrize(
    ("label", "width", "shown"),
    [
        ("Abel – Dupin", 12, "Abel – Dupin"),
        ("Dupineau, Gaëlle – Dupinot, Bruno", 25, "Dupineau… – Dupinot, Bru…"),
        ("Abel – Dupineau, Gaëlle Amélie", 20, "Abel – Dupineau, Ga…"),
        ("Dupineau, Gaëlle Amélie – Abel", 20, "Dupineau, Ga… – Abel"),
        ("Dupineau, Gaëlle Amélie", 10, "Dupineau…"),
        ("Dupineau, Gaëlle Amélie – Dupinot", 0, "Dupineau, Gaëlle Amélie – Dupinot"),
    ],
)
def test_a_menu_s_line_keeps_both_ends_of_its_range(label: str, width: int, shown: str) -> None:
    thomson = BY_NAME["thomson"]
    profile = replace(thomson.profile, label_width=width, charset="UTF-8")
    root = etree.fromstring(thomson.render(Menu((Item(label, BASE),)), profile, Captions()))
    assert root.findtext("MenuItem/Name") == shown
