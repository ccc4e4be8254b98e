"""The XML of Thomson/Technicolor phones (phone-spec 1.3 and 1.6): `ThomsonPhoneBook` and `ThomsonPhoneMenu`. Pure.

Source: TB30s SIP Administrator Guide v1.3, pages 188 (both documents, and `PhoneBook`, which mixes rows with links to the
previous and the next page) and 231. Without `&` in a URL, without CDATA, without a `Dial:` prefix: what the guide prints is
the default, and what servers in the field sent is a matter of the profile. The charset is said twice, in the XML
declaration and in the Content-Type, since no source says which one the phone believes.

There is no input page: the prompt is the phone's own. No document has a title. How a page was found stands in a book's last
row, which has no number, and not in the first: the cursor stands there, and OK dials. In a menu, where OK opens the first
range, it stands before that range's label.
"""

from typing import Final

from lxml import etree

from services.directory.dialects.markup import add_entry, add_link, document
from services.directory.dialects.screen import Captions, Message, Profile, Screen
from services.directory.paging import LONGEST_URL, ROWS, Book, Menu, Row

PROFILE: Final = Profile("ISO-8859-1", rows=ROWS, style="menu", name_width=32, label_width=32, longest_url=LONGEST_URL)
"""No source says how many characters a line holds; the lists in the guide and of other servers stay below 32."""


def render(screen: Screen, profile: Profile, captions: Captions) -> bytes:
    """Return the document of a screen. A book without rows lets the phone offer another search."""
    if isinstance(screen, Menu):
        root = etree.Element("ThomsonPhoneMenu")
        for at, item in enumerate(screen.items):
            add_link(root, item.label, item.url, profile, note="" if at else screen.note)
    elif isinstance(screen, Book):
        root = _book(screen, profile, captions)
    else:
        root = etree.Element("ThomsonPhoneBook")
        text = screen.text if isinstance(screen, Message) else screen.prompt
        add_entry(root, Row(text, "", ""), profile)
    return document(root, profile)


def _book(book: Book, profile: Profile, captions: Captions) -> etree._Element:
    root = etree.Element("PhoneBook" if book.previous or book.next else "ThomsonPhoneBook")
    if book.previous:
        add_link(root, captions.previous, book.previous, profile)
    for row in book.rows:
        add_entry(root, row, profile)
    if book.note and book.rows and len(book.rows) + bool(book.previous) + bool(book.next) < profile.rows:
        add_entry(root, Row(book.note, "", ""), profile)
    if book.next:
        add_link(root, captions.next, book.next, profile)
    return root
