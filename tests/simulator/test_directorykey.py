"""The directory key: the request, the documents, the menus."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.provision.vendors.thomson.simulator.complaints import Refused, Rule, Verdict
from services.provision.vendors.thomson.simulator.directorykey import Encoding, SearchResult, search, search_url
from services.provision.vendors.thomson.simulator.phonebook import Book, Item, Menu, Row, parse_document
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
    assert search_url("http://h/s/#SEARCH", "a b", Encoding.RAW_UTF8) == ("http://h/s/a b", ())


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
    assert (rules(result), len(result.rows)) == ([Rule.MENU_LOOP], 1)
    assert (result.exit_code, result.strict_exit_code) == (0, 1)


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
        pytest.param(book(("a\x02b", "1")), Rule.XML, id="control character"),
        pytest.param("<!DOCTYPE b [<!ENTITY e 'x'>]><ThomsonPhoneBook/>", Rule.XML, id="DOCTYPE"),
        pytest.param("Warning: mysql_connect()<ThomsonPhoneBook/>", Rule.XML, id="a script's warning"),
        pytest.param(f"{PROLOG}{PROLOG}<ThomsonPhoneBook/>", Rule.XML, id="two declarations"),
        pytest.param("<html><body>Not found</body></html>", Rule.ROOT, id="a page for people"),
        pytest.param("<thomsonphonebook/>", Rule.ROOT, id="root in small letters"),
        pytest.param("<ThomsonPhoneBook xmlns='urn:x'/>", Rule.ROOT, id="namespace"),
        pytest.param("<YealinkIPPhoneDirectory/>", Rule.ROOT, id="another vendor's"),
        pytest.param("<ThomsonRemoteCallLog><MissedCalls/></ThomsonRemoteCallLog>", Rule.ROOT, id="a call log"),
        pytest.param("<ThomsonPhoneMenu/>", Rule.EMPTY_MENU, id="empty menu"),
        pytest.param(book(*[("A", "1")] * 33), Rule.TOO_MANY_ENTRIES, id="33 entries"),
        pytest.param(menu(*[("A", "http://h/a")] * 33), Rule.TOO_MANY_ENTRIES, id="33 menu items"),
        pytest.param(menu(("A", "/a")), Rule.URL, id="relative link"),
        pytest.param(menu(("A", "http://h/".ljust(129, "x"))), Rule.URL_TOO_LONG, id="link of 129 characters"),
    ],
)
def test_a_document_that_a_phone_chokes_on_is_refused(document: str, rule: Rule) -> None:
    with pytest.raises(Refused) as caught:
        parse_document(document.encode("iso-8859-1"), "url")
    assert (caught.value.complaint.rule, caught.value.complaint.verdict) == (rule, Verdict.REJECTED)


A = Row("A", "1")
LINK = Item("A", "http://h/a")


@pytest.mark.parametrize(
    ("document", "rule", "shown"),
    [
        pytest.param(book(("A", "n/a")), Rule.TELEPHONE, Book((Row("A", "n/a"),)), id="no number"),
        pytest.param(book(("A", "+33 1")), Rule.TELEPHONE, Book((Row("A", "+33 1"),)), id="plus and blank"),
        pytest.param(book(("A", "²")), Rule.TELEPHONE, Book((Row("A", "²"),)), id="digit that is none"),
        pytest.param(book(("A", "Dial:1")), Rule.DIAL_PREFIX, Book((A,)), id="prefix of another brand"),
        pytest.param(book(("", "1")), Rule.NAME, Book((Row("", "1"),)), id="no name"),
        pytest.param(book(("a\nb", "1")), Rule.NAME, Book((Row("a\nb", "1"),)), id="name of two lines"),
        pytest.param(book(("\n  A\n", "1")), Rule.PADDING, Book((A,)), id="blanks around a name"),
        pytest.param(book(("Note", ""), ("A", "1")), Rule.FIRST_ROW, Book((Row("Note", ""), A)), id="a note first"),
        pytest.param(book(("A<b>b</b>", "1")), Rule.UNUSUAL_ELEMENT, Book((Row("Ab", "1"),)), id="markup in a name"),
        pytest.param(
            book(("A", "1")).replace("<Telephone>1</Telephone>", ""),
            Rule.UNUSUAL_ELEMENT,
            Book((Row("A", ""),)),
            id="no <Telephone>",
        ),
        pytest.param(
            "<ThomsonPhoneBook><DirectoryEntry><Telephone>1</Telephone><Name>A</Name></DirectoryEntry></ThomsonPhoneBook>",
            Rule.UNUSUAL_ELEMENT,
            Book((A,)),
            id="number before the name",
        ),
        pytest.param("<ThomsonPhoneBook n='1'/>", Rule.UNUSUAL_ELEMENT, Book(()), id="attribute"),
        pytest.param("<!-- c --><ThomsonPhoneBook/>", Rule.UNUSUAL_ELEMENT, Book(()), id="comment before the root"),
        pytest.param("<ThomsonPhoneBook><!-- c --></ThomsonPhoneBook>", Rule.UNUSUAL_ELEMENT, Book(()), id="comment"),
        pytest.param(book(("A<!-- c -->", "1")), Rule.UNUSUAL_ELEMENT, Book((A,)), id="comment in a name"),
        pytest.param("<ThomsonPhoneBook>none</ThomsonPhoneBook>", Rule.UNUSUAL_ELEMENT, Book(()), id="bare text"),
        pytest.param(
            f"<ThomsonPhoneMenu>{ENTRY}</ThomsonPhoneMenu>", Rule.UNUSUAL_ELEMENT, Book((A,)), id="entry in a menu"
        ),
        pytest.param(
            f"<ThomsonPhoneBook>{ENTRY}<MenuItem><Name>A</Name><URL>http://h/a</URL></MenuItem></ThomsonPhoneBook>",
            Rule.UNUSUAL_ELEMENT,
            Book((A,), after=(LINK,)),
            id="link in a book",
        ),
        pytest.param(
            menu(("A", "http://h/a")).replace("Name>", "Item>"), Rule.UNUSUAL_ELEMENT, Menu((LINK,)), id="<Item>"
        ),
        pytest.param(menu(("A", "http://h/a"), ("B", "")), Rule.UNUSUAL_ELEMENT, Menu((LINK,)), id="a link to nowhere"),
        pytest.param(
            menu(("A", "http://h/a")).replace("ThomsonPhoneMenu", "ThomsonMenu"),
            Rule.UNUSUAL_ROOT,
            Menu((LINK,)),
            id="the menu's other name",
        ),
        pytest.param(
            "<ThomsonPhoneText><Title>Sorry</Title><Text>No entries</Text></ThomsonPhoneText>",
            Rule.UNUSUAL_ROOT,
            Book((Row("Sorry No entries", ""),)),
            id="a text",
        ),
        pytest.param(
            menu(("A", "http://h/a?x=1&amp;y=2")),
            Rule.AMPERSAND,
            Menu((Item("A", "http://h/a?x=1&y=2"),)),
            id="ampersand in a link",
        ),
        pytest.param(menu(("A", "http://h/a b")), Rule.LINK, Menu((Item("A", "http://h/a b"),)), id="blank in a link"),
        pytest.param(book(("R & D", "1")), Rule.AMPERSAND, Book((Row("R & D", "1"),)), id="bare ampersand"),
        pytest.param(book(("&Eacute;lise", "1")), Rule.ENTITY, Book((Row("Élise", "1"),)), id="entity of HTML"),
        pytest.param(f"\r\n{book(('A', '1'))}", Rule.BEFORE_DOCUMENT, Book((A,)), id="an empty line first"),
        pytest.param(
            "<ThomsonPhoneBook>É</ThomsonPhoneBook>".replace("É", ENTRY.replace("A", "É")),
            Rule.CHARSET,
            Book((Row("É", "1"),)),
            id="ISO-8859-1, not declared",
        ),
        pytest.param(
            book(("É", "1")).replace("ISO-8859-1", "UTF-8"), Rule.CHARSET, Book((Row("É", "1"),)), id="declared wrongly"
        ),
        pytest.param(
            book(("¤", "1")).replace("ISO-8859-1", "iso-8859-15"),
            Rule.CHARSET,
            Book((Row("€", "1"),)),
            id="ISO-8859-15",
        ),
        pytest.param(
            book(("É", "1")).replace("ISO-8859-1", "latin-x"), Rule.CHARSET, Book((Row("É", "1"),)), id="no charset"
        ),
    ],
)
def test_what_other_servers_send_is_shown_and_told(document: str, rule: Rule, shown: Book | Menu) -> None:
    read = parse_document(document.encode("iso-8859-1"), "url")
    assert {complaint.rule for complaint in read.complaints} == {rule}
    assert Verdict.REJECTED not in {complaint.verdict for complaint in read.complaints}
    assert replace(read, complaints=()) == shown


def test_a_byte_order_mark_is_told_and_utf_8_is_read_behind_it() -> None:
    read = parse_document(b"\xef\xbb\xbf" + book(("É", "1")).replace("ISO-8859-1", "utf-8").encode(), "url")
    assert isinstance(read, Book)
    assert (read.rows, [complaint.rule for complaint in read.complaints]) == ((Row("É", "1"),), [Rule.BEFORE_DOCUMENT])


def test_an_ampersand_in_cdata_and_character_references_are_plain_xml() -> None:
    read = parse_document(book(("<![CDATA[R & D &eacute;]]> &#233;&#xE9;&lt;&apos;", "1")).encode(), "url")
    assert read == Book((Row("R & D &eacute; éé<'", "1"),))


MIXED = (
    "<PhoneBook><MenuItem><Name>Back</Name><URL>{base}/1</URL></MenuItem>"
    "<DirectoryEntry><Name>Bob</Name><Telephone>102</Telephone></DirectoryEntry>"
    "<MenuItem><Name>On</Name><URL>{base}/3</URL></MenuItem></PhoneBook>"
)


def test_a_book_with_links_leads_on_and_the_way_back_is_not_taken(empty: Site) -> None:
    first = MIXED[MIXED.index("<DirectoryEntry>") :].replace("Bob", "Al").replace("102", "101").replace("/3", "/2")
    serve(empty, "/s/mar", f"<PhoneBook>{first}".format(base=empty.base))
    serve(empty, "/2", MIXED.format(base=empty.base))
    serve(empty, "/3", book(("Cy", "103")))
    found = search(f"{empty.base}/s/#SEARCH", "mar", MAC, model="TB30", log=print)
    assert (found.complaints, found.dialled) == ((), "101")
    assert [row.telephone for row in found.rows] == ["101", "102", "103"]
    assert empty.paths == ["/s/mar", "/2", "/3"]
    other, _ = press(empty)
    assert (rules(other), other.exit_code) == ([Rule.UNUSUAL_ROOT] * 2, 0)
    assert other.rows == found.rows


def test_what_ok_dials_at_once_is_the_first_line_of_the_first_book(empty: Site) -> None:
    serve(empty, "/s/mar", menu(("A", f"{empty.base}/a"), ("B", f"{empty.base}/b")))
    serve(empty, "/a", book(("Al", "101"), ("Similar names", "")))
    serve(empty, "/b", book(("Similar names", ""), ("Bob", "102")))
    found, screen = press(empty)
    assert (found.dialled, rules(found)) == ("101", [Rule.FIRST_ROW])
    assert found.messages == ("Similar names",) * 2
    assert screen[4:6] == ["Al  101", "Similar names"]
    serve(empty, "/a", book(("Similar names", ""), ("Al", "101")))
    assert press(empty)[0].dialled == ""


def test_a_refusal_is_told_with_what_its_body_says(empty: Site) -> None:
    empty.replies["/s/mar"] = Reply(book(("Directory unavailable", "")).encode(), status=503)
    found, screen = press(empty)
    assert (found.opened, found.exit_code, screen[0]) == (False, 1, "Service unavailable")
    assert found.complaints[0].message == "answered 503 and says: Directory unavailable"


def test_a_link_by_https_is_not_opened_and_that_is_said(empty: Site) -> None:
    serve(empty, "/s/mar", menu(("A", "https://h/a")))
    found, _ = press(empty)
    assert (rules(found), found.opened, found.exit_code) == ([Rule.HTTPS], False, 1)


def test_32_entries_and_links_of_128_characters_are_taken() -> None:
    parse_document(book(*[("A", "*21*0#")] * 32).encode(), "url")
    parse_document(menu(*[("A", "http://h/".ljust(128, "x"))] * 32).encode(), "url")


def test_charsets_line_breaks_and_cdata_are_read() -> None:
    entry = "\n  <DirectoryEntry>\n<Name><![CDATA[É & co]]></Name>\n<Telephone>1</Telephone></DirectoryEntry>\n"
    document = f"<ThomsonPhoneBook>{entry}</ThomsonPhoneBook>\n"
    expected = Book((Row("É & co", "1"),))
    assert parse_document(document.encode(), "url") == expected
    assert parse_document((PROLOG + document).encode("iso-8859-1"), "url") == expected


@pytest.mark.parametrize(
    ("template", "rule"),
    [
        ("", Rule.NO_PHONEBOOK),
        ("h/s?q=#SEARCH", Rule.URL),
        ("https://h/s?q=#SEARCH", Rule.HTTPS),
        ("http://h/s?q=#SEARCH".ljust(3000, "x"), Rule.URL_TOO_LONG),
    ],
)
def test_a_phonebook_url_that_cannot_work_is_refused(template: str, rule: Rule) -> None:
    with pytest.raises(Refused) as caught:
        search_url(template, "dup", Encoding.PERCENT_UTF8)
    assert caught.value.complaint.rule is rule


@pytest.mark.parametrize(
    ("template", "url", "rule"),
    [
        ("http://h/s", "http://h/s", Rule.TOKEN),
        ("http://h/#SEARCH/#SEARCH", "http://h/a/a", Rule.TOKEN),
        ("http://h/s?q=#SEARCH&id=1", "http://h/s?q=a&id=1", Rule.AMPERSAND),
    ],
)
def test_a_phonebook_url_of_another_server_is_asked_and_what_is_odd_is_told(
    template: str, url: str, rule: Rule
) -> None:
    asked, complaints = search_url(template, "a", Encoding.PERCENT_UTF8)
    assert (asked, [complaint.rule for complaint in complaints]) == (url, [rule])


def test_each_of_the_eight_phonebooks_has_a_url_of_its_own(site: Site) -> None:
    phone = "/provisioning/ST2030/config/ST2030S_001F9F16E849.txt"
    site.edit(phone, "Phonebook1_name", f"Phonebook8_url={site.base}/b8/search?q=#SEARCH\r\nPhonebook1_name")
    memory = boot_phone(site).result.memory
    serve(site, "/b8/search?q=dup", book(("Dupont", "101")))
    assert search(memory, "dup", MAC, slot=8, log=print).rows == (Row("Dupont", "101"),)
    assert rules(search(memory, "dup", MAC, slot=7, log=print)) == [Rule.NO_PHONEBOOK]


def test_a_typed_text_that_makes_the_url_too_long_is_told_and_asked_for_and_a_link_is_not(empty: Site) -> None:
    result, _ = press(empty, "é" * 30)
    assert (rules(result)[0], len(empty.paths)) == (Rule.LONG_URL, 1)
    serve(empty, empty.paths[0], book(("Al", "101")))
    result, _ = press(empty, "é" * 30)
    assert (rules(result), result.dialled, result.exit_code) == ([Rule.LONG_URL], "101", 0)
    serve(empty, "/s/mar", menu(("A", f"{empty.base}/".ljust(129, "x"))))
    result, _ = press(empty)
    assert (rules(result), result.exit_code) == ([Rule.URL_TOO_LONG], 1)


@given(st.binary(max_size=300) | st.text("<>/&;ThomsonPhoneBook!-[]?= ", max_size=80).map(str.encode))
def test_no_document_makes_it_fall_over(data: bytes) -> None:
    with suppress(Refused):
        parse_document(data, "url")
