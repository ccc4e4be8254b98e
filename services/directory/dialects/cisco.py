"""The XML of Cisco Unified IP Phones. Pure.

Source: "Cisco Unified IP Phone Services Application Development Notes", OL-20949-01: `CiscoIPPhoneInput` page 3-5,
`CiscoIPPhoneDirectory` page 3-6, at most 32 entries page 3-7, the encoding always in the declaration page 3-21; OL-22505-01:
own softkeys replace all of the phone's, so those are named again (`SoftKey:Dial`) page 3-30; `CiscoIPPhoneMenu`: 100 items of
64 characters at most. The parser knows only the elements of the notes; nothing else is sent.

Where the notes leave room: two texts of a screen are cut at 32 characters, names at 64, URLs at 256; nothing found is a
`CiscoIPPhoneText`, which the notes name for messages (page 3-7).
"""

from typing import Final

from lxml import etree

from services.directory.dialects.markup import add_entry, add_link, add_text, document, shortened, written
from services.directory.dialects.screen import Captions, InputPage, Message, Profile, Screen
from services.directory.paging import Book, Menu

PROFILE: Final = Profile("UTF-8", rows=32, style="pages", name_width=64, label_width=64, longest_url=256)
_HEAD: Final = 32
"""Characters of a title, of a prompt and of a key."""


def render(screen: Screen, profile: Profile, captions: Captions) -> bytes:
    """Return the document of a screen."""
    if isinstance(screen, Book) and screen.rows:
        root = _headed("CiscoIPPhoneDirectory", screen.title, screen.note, profile)
        for row in screen.rows:
            add_entry(root, row, profile)
        _add_keys(root, screen, profile, captions)
    elif isinstance(screen, Menu):
        root = _headed("CiscoIPPhoneMenu", screen.title, screen.note, profile)
        for item in screen.items:
            add_link(root, item.label, item.url, profile)
    elif isinstance(screen, InputPage):
        root = _input(screen, profile)
    else:
        text = Message(screen.title, captions.no_entries) if isinstance(screen, Book) else screen
        root = _headed("CiscoIPPhoneText", text.title, "", profile)
        add_text(root, "Text", text.text, profile)
    return document(root, profile)


def _headed(tag: str, title: str, prompt: str, profile: Profile) -> etree._Element:
    root = etree.Element(tag)
    for name, text in (("Title", title), ("Prompt", prompt)):
        if text:
            _add_head(root, name, text, profile)
    return root


def _input(page: InputPage, profile: Profile) -> etree._Element:
    root = _headed("CiscoIPPhoneInput", page.title, page.prompt, profile)
    add_text(root, "URL", page.url, profile)
    item = etree.SubElement(root, "InputItem")
    _add_head(item, "DisplayName", page.prompt, profile)
    etree.SubElement(item, "QueryStringParam").text = "q"
    etree.SubElement(item, "DefaultValue")
    etree.SubElement(item, "InputFlags").text = "A"
    return root


def _add_keys(root: etree._Element, book: Book, profile: Profile, captions: Captions) -> None:
    """Only where there are other pages: a page without them keeps the keys of the phone."""
    if not (book.previous or book.next):
        return
    keys = (
        (captions.dial, "SoftKey:Dial"),
        (captions.next, book.next),
        (captions.previous, book.previous),
        (captions.exit, "SoftKey:Exit"),
        (captions.edit, "SoftKey:EditDial"),
    )
    for position, (name, url) in enumerate(((name, url) for name, url in keys if url), 1):
        item = etree.SubElement(root, "SoftKeyItem")
        _add_head(item, "Name", name, profile)
        add_text(item, "URL", url, profile)
        etree.SubElement(item, "Position").text = str(position)


def _add_head(parent: etree._Element, tag: str, text: str, profile: Profile) -> None:
    etree.SubElement(parent, tag).text = shortened(written(text, profile.charset), _HEAD, profile.charset)
