"""The directory key: the request, the documents, the menus."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.provision.vendors.thomson.simulator.complaints import Refused, Rule
from services.provision.vendors.thomson.simulator.directorykey import Encoding, SearchResult, search, search_url
from services.provision.vendors.thomson.simulator.phonebook import Book, Row, parse_document
from tests.simulator.phones import boot_phone
from tests.simulator.server import MAC, Reply, Site

PROLOG = '<?xml version="1.0" encoding="ISO-8859-1"?>'


def book(*rows: tuple[str, str]) -> str:
    entries = (
        f"<DirectoryEntry><Name>{name}</Name><Telephone>{number}</Telephone></DirectoryEntry>" for name, number in rows
    )
    return f"{PROLOG}<ThomsonPhoneBook>{''.join(entries)}</ThomsonPhoneBook>"


def menu(*items: tuple[str, str]) -> str:
    entries = (f"<MenuItem><Name>{name}</Name><URL>{url}</URL></MenuItem>" for name, url in items)
    return f"{PROLOG}<ThomsonPhoneMenu>{''.join(entries)}</ThomsonPhoneMenu>"


def press(
    site: Site, text: str = "mar", *, encoding: Encoding = Encoding.PERCENT_UTF8, limit: int = 50
) -> tuple[SearchResult, list[str]]:
    screen: list[str] = []
    result = search(
        f"{site.base}/s/#SEARCH", text, MAC, encoding=encoding, max_documents=limit, timeout=5.0, log=screen.append
    )
    return result, screen


def rules(result: SearchResult) -> list[Rule]:
    return [complaint.rule for complaint in result.complaints]


def serve(site: Site, path: str, document: str) -> None:
    site.replies[path] = Reply(document.encode("iso-8859-1"))


def test_the_key_of_a_booted_phone_asks_its_own_url(site: Site) -> None:
    memory = boot_phone(site).result.memory
    site.take()
    serve(site, "/search?q=dup", book(("Dupont, Élise (mobile)", "0612345678")))
    result = search(memory, "dup", MAC, log=print)
    assert result.rows == (Row("Dupont, Élise (mobile)", "0612345678"),)
    assert (result.exit_code, site.paths) == (0, ["/search?q=dup"])
    assert site.headers["User-Agent"].endswith("00-1F-9F-16-E8-49")


def test_a_phone_without_a_phonebook_has_no_directory_key(site: Site) -> None:
    site.edit("/provisioning/ST2030/config/ST2030S_001F9F16E849.txt", f"{site.base}/search?q=#SEARCH", "")
    memory = boot_phone(site).result.memory
    assert rules(search(memory, "dup", MAC, log=print)) == [Rule.NO_PHONEBOOK]


@pytest.mark.parametrize(
    ("encoding", "text", "path"),
    [
        (Encoding.PERCENT_UTF8, "é b+c", "/s/%C3%A9%20b%2Bc"),
        (Encoding.PERCENT_LATIN1, "é b", "/s/%E9%20b"),
        (Encoding.PLUS, "é b", "/s/%C3%A9+b"),
        (Encoding.RAW_UTF8, "é", "/s/\xc3\xa9"),
        (Encoding.RAW_LATIN1, "é", "/s/\xe9"),
    ],
)
def test_the_typed_text_goes_out_in_each_encoding(empty: Site, encoding: Encoding, text: str, path: str) -> None:
    serve(empty, path, book())
    result, screen = press(empty, text, encoding=encoding)
    assert (empty.paths, rules(result)) == ([path], [])
    assert screen[-1] == "No answer found"


def test_a_raw_blank_goes_out_raw() -> None:
    assert search_url("http://h/s/#SEARCH", "a b", Encoding.RAW_UTF8) == "http://h/s/a b"


def test_menus_are_followed_and_each_row_comes_once_in_its_order(empty: Site) -> None:
    base = empty.base
    serve(empty, "/s/mar", menu(("Martin, A - M", f"{base}/s/mar/1"), ("Martin, N - Z", f"{base}/s/mar/2")))
    serve(empty, "/s/mar/1", menu(("Martin, A", f"{base}/s/mar/1/1"), ("Martin, B - M", f"{base}/s/mar/1/2")))
    serve(empty, "/s/mar/1/1", book(("Martin, Alice", "101"), ("Martin, Anne", "102")))
    serve(empty, "/s/mar/1/2", book(("Martin, Bob", "103")))
    serve(empty, "/s/mar/2", book(*[(f"Martin, N{number:02}", f"2{number:02}") for number in range(32)]))
    result, screen = press(empty)
    assert (result.complaints, result.duplicates, len(result.rows)) == ((), (), 35)
    assert [row.telephone for row in result.rows[:4]] == ["101", "102", "103", "200"]
    assert empty.paths == ["/s/mar", "/s/mar/1", "/s/mar/1/1", "/s/mar/1/2", "/s/mar/2"]
    assert screen[:6] == ["", "> Martin, A - M", "> Martin, N - Z", "", "> Martin, A", "> Martin, B - M"]
    assert screen[7:9] == ["Martin, Alice  101", "Martin, Anne   102"]


def test_a_row_that_stands_twice_is_named(empty: Site) -> None:
    serve(empty, "/s/mar", menu(("A", f"{empty.base}/a"), ("B", f"{empty.base}/b")))
    serve(empty, "/a", book(("Alice", "1"), ("Anne", "2")))
    serve(empty, "/b", book(("Anne", "2"), ("Bob", "3")))
    result, _ = press(empty)
    assert result.duplicates == (Row("Anne", "2"),)


def test_a_menu_that_leads_back_is_found(empty: Site) -> None:
    serve(empty, "/s/mar", menu(("Again", f"{empty.base}/s/mar"), ("Bob", f"{empty.base}/b")))
    serve(empty, "/b", book(("Bob", "3")))
    result, _ = press(empty)
    assert (rules(result), len(result.rows), result.exit_code) == ([Rule.MENU_LOOP], 1, 1)


def test_menus_without_end_are_left(empty: Site) -> None:
    for number in range(60):
        serve(empty, "/s/mar" if number == 0 else f"/{number}", menu(("More", f"{empty.base}/{number + 1}")))
    result, _ = press(empty, limit=20)
    assert (rules(result), len(empty.paths)) == ([Rule.TOO_MANY_DOCUMENTS], 20)


def test_a_message_is_not_a_row(empty: Site) -> None:
    serve(empty, "/s/", book(("Type at least two letters", "")))
    result, screen = press(empty, "")
    assert (result.rows, result.messages, result.exit_code) == ((), ("Type at least two letters",), 0)
    assert screen == ["", "Type at least two letters"]


def test_a_broken_page_does_not_hide_the_others(empty: Site) -> None:
    serve(empty, "/s/mar", menu(("A", f"{empty.base}/a"), ("B", f"{empty.base}/b")))
    serve(empty, "/b", book(("Bob", "3")))
    result, screen = press(empty)
    assert (rules(result), len(result.rows)) == ([Rule.STATUS], 1)
    assert "Service unavailable" in screen


@pytest.mark.parametrize(
    ("reply", "rule"),
    [
        pytest.param(Reply(status=302, headers={"Location": "/elsewhere"}), Rule.REDIRECT, id="redirect"),
        pytest.param(Reply(book().encode(), status=503), Rule.STATUS, id="unavailable"),
        pytest.param(Reply(book().encode(), length=False), Rule.CONTENT_LENGTH, id="no Content-Length"),
        pytest.param(Reply(), Rule.XML, id="nothing"),
    ],
)
def test_a_wrong_answer_is_refused(empty: Site, reply: Reply, rule: Rule) -> None:
    empty.replies["/s/mar"] = reply
    result, _ = press(empty)
    assert (rules(result), result.exit_code) == ([rule], 1)


ENTRY = "<DirectoryEntry><Name>A</Name><Telephone>1</Telephone></DirectoryEntry>"


@pytest.mark.parametrize(
    ("document", "rule"),
    [
        pytest.param("<ThomsonPhoneBook>", Rule.XML, id="not closed"),
        pytest.param(f"{PROLOG}<ThomsonPhoneBook><Name>a & b</Name></ThomsonPhoneBook>", Rule.XML, id="bare ampersand"),
        pytest.param(book(("a\x02b", "1")), Rule.XML, id="control character"),
        pytest.param("<!DOCTYPE b [<!ENTITY e 'x'>]><ThomsonPhoneBook/>", Rule.XML, id="DOCTYPE"),
        pytest.param("<?xml version='1.0' encoding='ISO-8859-15'?><ThomsonPhoneBook/>", Rule.XML, id="another charset"),
        pytest.param("<PhoneBook/>", Rule.ELEMENT, id="root of another model"),
        pytest.param("<thomsonphonebook/>", Rule.ELEMENT, id="root in small letters"),
        pytest.param("<ThomsonPhoneBook xmlns='urn:x'/>", Rule.ELEMENT, id="namespace"),
        pytest.param("<ThomsonPhoneBook n='1'/>", Rule.ELEMENT, id="attribute"),
        pytest.param("<!-- c --><ThomsonPhoneBook/>", Rule.ELEMENT, id="comment before the root"),
        pytest.param("<ThomsonPhoneBook><!-- c --></ThomsonPhoneBook>", Rule.ELEMENT, id="comment inside"),
        pytest.param("<ThomsonPhoneBook>none</ThomsonPhoneBook>", Rule.ELEMENT, id="text between elements"),
        pytest.param("<ThomsonPhoneMenu/>", Rule.ELEMENT, id="empty menu"),
        pytest.param(f"<ThomsonPhoneMenu>{ENTRY}</ThomsonPhoneMenu>", Rule.ELEMENT, id="entry in a menu"),
        pytest.param(
            "<ThomsonPhoneBook><MenuItem><Name>A</Name><URL>http://h/a</URL></MenuItem></ThomsonPhoneBook>",
            Rule.ELEMENT,
            id="item in a book",
        ),
        pytest.param(menu(("A", "http://h/a")).replace("Name>", "Item>"), Rule.ELEMENT, id="Item in place of Name"),
        pytest.param(book(("A", "1")).replace("<Telephone>1</Telephone>", ""), Rule.ELEMENT, id="no number"),
        pytest.param(book(("A<b>b</b>", "1")), Rule.ELEMENT, id="markup in a name"),
        pytest.param(book(*[("A", "1")] * 33), Rule.TOO_MANY_ENTRIES, id="33 entries"),
        pytest.param(menu(*[("A", "http://h/a")] * 33), Rule.TOO_MANY_ENTRIES, id="33 menu items"),
        pytest.param(book(("", "1")), Rule.NAME, id="no name"),
        pytest.param(book((" ", "1")), Rule.NAME, id="blank name"),
        pytest.param(book(("a\nb", "1")), Rule.NAME, id="name of two lines"),
        pytest.param(menu(("", "http://h/a")), Rule.NAME, id="menu item without name"),
        pytest.param(book(("A", "1"), ("B", "")), Rule.TELEPHONE, id="no number among numbers"),
        pytest.param(book(("A", "+33 1")), Rule.TELEPHONE, id="number with plus and blank"),
        pytest.param(book(("A", "Dial:1")), Rule.TELEPHONE, id="number with a prefix of another brand"),
        pytest.param(book(("A", "²")), Rule.TELEPHONE, id="digit that is none"),
        pytest.param(menu(("A", "http://h/a?x=1&amp;y=2")), Rule.URL, id="ampersand in a link"),
        pytest.param(menu(("A", "http://h/a b")), Rule.URL, id="blank in a link"),
        pytest.param(menu(("A", "/a")), Rule.URL, id="relative link"),
        pytest.param(menu(("A", "http://h/".ljust(129, "x"))), Rule.URL_TOO_LONG, id="link of 129 characters"),
    ],
)
def test_a_document_that_a_phone_may_choke_on_is_refused(document: str, rule: Rule) -> None:
    with pytest.raises(Refused) as caught:
        parse_document(document.encode("iso-8859-1"), "url")
    assert caught.value.complaint.rule is rule


def test_32_entries_and_links_of_128_characters_are_taken() -> None:
    parse_document(book(*[("A", "*21*0#")] * 32).encode(), "url")
    parse_document(menu(*[("A", "http://h/".ljust(128, "x"))] * 32).encode(), "url")


def test_charsets_line_breaks_and_cdata_are_read() -> None:
    entry = "\n  <DirectoryEntry>\n<Name><![CDATA[É & co]]></Name>\n<Telephone>1</Telephone></DirectoryEntry>\n"
    document = f"<ThomsonPhoneBook>{entry}</ThomsonPhoneBook>\n"
    expected = Book((Row("É & co", "1"),), None)
    assert parse_document(document.encode(), "url") == expected
    assert parse_document((PROLOG + document).encode("iso-8859-1"), "url") == expected


@pytest.mark.parametrize(
    ("template", "rule"),
    [
        ("http://h/s", Rule.NO_PHONEBOOK),
        ("http://h/#SEARCH/#SEARCH", Rule.NO_PHONEBOOK),
        ("http://h/s?q=#SEARCH&id=1", Rule.URL),
        ("https://h/s?q=#SEARCH", Rule.URL),
        ("http://h/s?q=#SEARCH".ljust(133, "x"), Rule.URL_TOO_LONG),
    ],
)
def test_a_phonebook_url_that_cannot_work_is_refused(template: str, rule: Rule) -> None:
    with pytest.raises(Refused) as caught:
        search_url(template, "dup", Encoding.PERCENT_UTF8)
    assert caught.value.complaint.rule is rule


def test_a_typed_text_that_makes_the_url_too_long_is_refused(empty: Site) -> None:
    result, _ = press(empty, "é" * 30)
    assert (rules(result), empty.paths) == ([Rule.URL_TOO_LONG], [])


@given(st.binary(max_size=300) | st.text("<>/&;ThomsonPhoneBook!-[]?= ", max_size=80).map(str.encode))
def test_no_document_makes_it_fall_over(data: bytes) -> None:
    with suppress(Refused):
        parse_document(data, "url")
