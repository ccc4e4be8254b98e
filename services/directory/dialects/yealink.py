"""The XML of Yealink phones. Pure.

Source: "XML Browser Developer's Guide for Yealink SIP-T4X IP Phones", version 71.155: TextMenu page 9 (with the limit of
10,000 bytes a document), TextScreen page 14, InputScreen after it. The rows of `YealinkIPPhoneDirectory` are those of
the remote phone book, as the administrator's guides print them (`DirectoryEntry`, `Name`, `Telephone`).

Where the guides leave room: no attribute is sent, so that all defaults of the phone hold; nothing found is an empty
directory, which both the browser and the remote phone book know.
"""

from typing import Final

from lxml import etree

from services.directory.dialects.markup import add_entry, add_text, document, label_of
from services.directory.dialects.screen import Captions, InputPage, Message, Profile, Screen
from services.directory.paging import Book, Menu

PROFILE: Final = Profile("UTF-8", rows=30, style="menu", name_width=40, label_width=40, longest_url=255)
"""Thirty rows of forty letters, each written as five bytes, stay below 10,000 bytes."""


def render(screen: Screen, profile: Profile, _captions: Captions) -> bytes:
    """Return the document of a screen."""
    if isinstance(screen, Book):
        return document(_book(screen, profile), profile)
    if isinstance(screen, Menu):
        return document(_menu(screen, profile), profile)
    if isinstance(screen, InputPage):
        return document(_input(screen, profile), profile)
    return document(_text(screen, profile), profile)


def _book(book: Book, profile: Profile) -> etree._Element:
    root = etree.Element("YealinkIPPhoneDirectory")
    if book.note or book.title:
        add_text(root, "Title", book.note or book.title, profile)
    for row in book.rows:
        add_entry(root, row, profile)
    return root


def _menu(menu: Menu, profile: Profile) -> etree._Element:
    root = etree.Element("YealinkIPPhoneTextMenu")
    add_text(root, "Title", menu.note or menu.title, profile)
    for item in menu.items:
        line = etree.SubElement(root, "MenuItem")
        etree.SubElement(line, "Prompt").text = label_of(item.label, profile)
        add_text(line, "URI", item.url, profile)
    return root


def _input(page: InputPage, profile: Profile) -> etree._Element:
    root = etree.Element("YealinkIPPhoneInputScreen")
    add_text(root, "Title", page.title, profile)
    add_text(root, "URL", page.url, profile)
    field = etree.SubElement(root, "InputField", type="string")
    add_text(field, "Prompt", page.prompt, profile)
    etree.SubElement(field, "Parameter").text = "q"
    return root


def _text(message: Message, profile: Profile) -> etree._Element:
    root = etree.Element("YealinkIPPhoneTextScreen")
    add_text(root, "Title", message.title, profile)
    add_text(root, "Text", message.text, profile)
    return root
