"""The XML of Snom's minibrowser. Pure.

Source: Snom's wiki, "Minibrowser" (wiki.snom.com/Minibrowser, wiki.snom.com/Xmlobjects: `SnomIPPhoneDirectory`,
`SnomIPPhoneMenu`, `SnomIPPhoneInput`, `SnomIPPhoneText`, softkeys, at most 100 lines) and its newer edition, "XML
Minibrowser" (service.snom.com: common rules, main subtags with `SoftKeyItem`, input flags). UTF-8, one object a document.

Where the pages leave room: keys are F2 and F4, which every model with a screen has; the form sends its text as a
parameter (`QueryStringParam`), which the first and the newest firmware know.
"""

from typing import Final

from lxml import etree

from services.directory.dialects.markup import add_entry, add_link, add_text, document
from services.directory.dialects.screen import Captions, InputPage, Message, Profile, Screen
from services.directory.paging import Book, Menu

PROFILE: Final = Profile("UTF-8", rows=32, style="pages", name_width=40, label_width=40, longest_url=255)


def render(screen: Screen, profile: Profile, captions: Captions) -> bytes:
    """Return the document of a screen. A book without rows says so in a text, since the phone shows nothing for it."""
    if isinstance(screen, Book):
        if not screen.rows:
            return document(_text(Message(screen.title, captions.no_entries), profile), profile)
        return document(_book(screen, profile, captions), profile)
    if isinstance(screen, Menu):
        root = etree.Element("SnomIPPhoneMenu")
        add_text(root, "Title", screen.note or screen.title, profile)
        for item in screen.items:
            add_link(root, item.label, item.url, profile)
        return document(root, profile)
    return document(_input(screen, profile) if isinstance(screen, InputPage) else _text(screen, profile), profile)


def _book(book: Book, profile: Profile, captions: Captions) -> etree._Element:
    root = etree.Element("SnomIPPhoneDirectory")
    if book.note or book.title:
        add_text(root, "Title", book.note or book.title, profile)
    for row in book.rows:
        add_entry(root, row, profile)
    for key, label, url in (("F2", captions.previous, book.previous), ("F4", captions.next, book.next)):
        if url:
            item = etree.SubElement(root, "SoftKeyItem")
            etree.SubElement(item, "Name").text = key
            add_text(item, "Label", label, profile)
            add_text(item, "URL", url, profile)
    return root


def _input(page: InputPage, profile: Profile) -> etree._Element:
    root = etree.Element("SnomIPPhoneInput")
    add_text(root, "Title", page.title, profile)
    add_text(root, "Prompt", page.prompt, profile)
    add_text(root, "URL", page.url, profile)
    item = etree.SubElement(root, "InputItem")
    add_text(item, "DisplayName", page.prompt, profile)
    etree.SubElement(item, "QueryStringParam").text = "q"
    etree.SubElement(item, "DefaultValue")
    etree.SubElement(item, "InputFlags").text = "a"
    return root


def _text(message: Message, profile: Profile) -> etree._Element:
    root = etree.Element("SnomIPPhoneText")
    if message.title:
        add_text(root, "Title", message.title, profile)
    add_text(root, "Text", message.text, profile)
    return root
