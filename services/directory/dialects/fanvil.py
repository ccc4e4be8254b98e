"""The XML of Fanvil phones. Pure.

Source: "Fanvil XML Operation Guide" 1.1 (2018-08-11), XML browser, and Fanvil's note on the XML phonebook, pages 8 and 9:
`FanvilIPPhoneDirectory` with `Title`, and `DirectoryEntry` with `Name`, `Telephone`, `Mobile` and `Other`. UTF-8.

Where they leave room: all three numbers of an entry are written, the second and third empty, since a person's numbers
have rows of their own here; menus and links between books are not documented for a phonebook, so that what lies beyond
a page is told in a last entry without a number; a message is an entry without a number, an input page
`FanvilIPPhoneInputScreen` as the browser knows it.
"""

from dataclasses import replace
from typing import Final

from lxml import etree

from services.directory.dialects.markup import add_text, document, name_of
from services.directory.dialects.screen import Captions, InputPage, Profile, Screen, as_rows
from services.directory.paging import Book

PROFILE: Final = Profile("UTF-8", rows=100, style="pages", name_width=40, label_width=40, longest_url=255)


def render(screen: Screen, profile: Profile, captions: Captions) -> bytes:
    """Return the document of a screen."""
    if isinstance(screen, InputPage):
        return document(_input(screen, profile), profile)
    root = etree.Element("FanvilIPPhoneDirectory")
    if isinstance(screen, Book) and (screen.note or screen.title):
        add_text(root, "Title", screen.note or screen.title, profile)
        screen = replace(screen, note="")
    for row in as_rows(screen, captions):
        entry = etree.SubElement(root, "DirectoryEntry")
        etree.SubElement(entry, "Name").text = name_of(row, profile)
        add_text(entry, "Telephone", row.telephone, profile)
        etree.SubElement(entry, "Mobile")
        etree.SubElement(entry, "Other")
    return document(root, profile)


def _input(page: InputPage, profile: Profile) -> etree._Element:
    root = etree.Element("FanvilIPPhoneInputScreen")
    add_text(root, "Title", page.title, profile)
    add_text(root, "Prompt", page.prompt, profile)
    add_text(root, "URL", page.url, profile)
    field = etree.SubElement(root, "InputField")
    add_text(field, "Prompt", page.prompt, profile)
    etree.SubElement(field, "Parameter").text = "q"
    etree.SubElement(field, "Default")
    return root
