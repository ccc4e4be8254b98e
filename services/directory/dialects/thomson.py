"""The XML of Thomson/Technicolor phones (phone-spec 1.3 and 1.6): `ThomsonPhoneBook` and `ThomsonPhoneMenu`. Pure.

Without `&` in a URL, without CDATA, without a `Dial:` prefix. The charset is said twice, in the XML declaration and in
the Content-Type, since no source says which one the phone believes.
"""

import re
from typing import Final, Literal, cast

from lxml import etree

from services.directory.paging import Book, Page
from shared.text import show_latin1

Charset = Literal["ISO-8859-1", "UTF-8"]
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 section 2.2 does not allow in a document, not even as a character reference."""


def content_type(charset: Charset) -> str:
    """Return the value of the Content-Type header."""
    return f"text/xml; charset={charset}"


def render_page(page: Page, charset: Charset) -> bytes:
    """Return the document of a page. Letters that ISO-8859-1 lacks are transliterated."""
    if isinstance(page, Book):
        root = etree.Element("ThomsonPhoneBook")
        fields = [("DirectoryEntry", "Name", row.text, "Telephone", row.telephone) for row in page.rows]
    else:
        root = etree.Element("ThomsonPhoneMenu")
        fields = [("MenuItem", "Name", item.label, "URL", item.url) for item in page.items]
    for tag, first, text, second, other in fields:
        line = etree.SubElement(root, tag)
        etree.SubElement(line, first).text = _shown(text, charset)
        etree.SubElement(line, second).text = _shown(other, charset)
    if not fields:
        root.text = ""  # with an end tag: who knows whether the phone reads `<ThomsonPhoneBook/>`
    body = cast("bytes", etree.tostring(root, encoding=charset, pretty_print=True, xml_declaration=False))
    return b'<?xml version="1.0" encoding="%s"?>\n%s' % (charset.encode("ascii"), body)


def _shown(text: str, charset: Charset) -> str:
    if text.isascii() and text.isprintable():
        return text
    text = _FORBIDDEN.sub("", text)
    return show_latin1(text) if charset == "ISO-8859-1" else text
