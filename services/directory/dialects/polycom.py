"""The XHTML of Polycom's microbrowser. Pure.

Source: "Web Application Developer's Guide for the Polycom SoundPoint IP/SoundStation IP/VVX Family", SIP 3.2.2 (1725-17693-322),
and "Web Application for Polycom Phones", UC Software 5.0.0 (3725-49106-001), chapter on the microbrowser: XHTML only, every
element closed; `tel://` links dial; forms with `input`.

Where the guides leave room: only elements are used that the oldest firmware with a browser knows (`title`, `body`, `p`, `br`,
`a`, `form`, `input`), without namespace and without a document type. How rows were found is a paragraph before them: it is
no link, so the cursor passes it.
"""

from typing import Final, cast

from lxml import etree

from services.directory.dialects.markup import declared, label_of, name_of, written
from services.directory.dialects.screen import Captions, InputPage, Message, Profile, Screen
from services.directory.paging import Book, Menu

PROFILE: Final = Profile("UTF-8", rows=32, style="pages", name_width=40, label_width=40, longest_url=255)


def content_type(profile: Profile) -> str:
    """Return the value of the Content-Type header."""
    return f"text/html; charset={declared(profile)}"


def render(screen: Screen, profile: Profile, captions: Captions) -> bytes:
    """Return the page of a screen."""
    root = etree.Element("html")
    head, body = etree.SubElement(root, "head"), etree.SubElement(root, "body")
    etree.SubElement(head, "title").text = written(screen.title, profile.charset)
    if isinstance(screen, InputPage):
        _add_form(body, screen, profile)
    elif isinstance(screen, Message):
        _add_line(body, screen.text, "", profile)
    elif isinstance(screen, Menu):
        if screen.note:
            _add_line(body, screen.note, "", profile)
        for item in screen.items:
            _add_line(body, label_of(item.label, profile), item.url, profile)
    else:
        _add_book(body, screen, profile, captions)
    encoding = declared(profile)
    text = cast("bytes", etree.tostring(root, encoding=encoding, pretty_print=True, xml_declaration=False))
    return b'<?xml version="1.0" encoding="%s"?>\n%s' % (encoding.encode("ascii"), text)


def _add_book(body: etree._Element, book: Book, profile: Profile, captions: Captions) -> None:
    if book.note or not book.rows:
        _add_line(body, book.note or captions.no_entries, "", profile)
    if book.previous:
        _add_line(body, captions.previous, book.previous, profile)
    for row in book.rows:
        _add_line(body, name_of(row, profile), f"tel://{row.telephone}" if row.telephone else "", profile)
    if book.next:
        _add_line(body, captions.next, book.next, profile)


def _add_line(body: etree._Element, text: str, url: str, profile: Profile) -> None:
    line = etree.SubElement(body, "p")
    if url:
        line = etree.SubElement(line, "a", href=written(url, profile.charset))
    line.text = written(text, profile.charset)


def _add_form(body: etree._Element, page: InputPage, profile: Profile) -> None:
    form = etree.SubElement(body, "form", method="get", action=written(page.url, profile.charset))
    line = etree.SubElement(form, "p")
    line.text = written(page.prompt, profile.charset)
    etree.SubElement(line, "br")
    etree.SubElement(line, "input", type="text", name="q")
    etree.SubElement(line, "input", type="submit", value=written(page.title, profile.charset))
