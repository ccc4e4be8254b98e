"""Text and XML as every dialect writes them: charset, forbidden characters, shortened names, lxml. Pure; knows no vendor."""

import re
import unicodedata
from dataclasses import replace
from typing import Final, cast

from lxml import etree

from services.directory.dialects.screen import Charset, Profile
from services.directory.paging import Row
from shared.text import show_ascii, show_latin1

_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 section 2.2 does not allow in a document, not even as a character reference."""
_BEYOND_LATIN1: Final = re.compile("[^\x00-\xff]")
_DASH: Final = " – "
"""Between the ends of a range: see `paging.labels_of`."""
_PLAIN_DASH: Final = " - "
_LEAST_NAME: Final = 4
"""Characters of a name that stay, however narrow the display and long the label."""
_LEAST_LABEL: Final = 2 * _LEAST_NAME + len(_DASH)
"""Characters of a menu's label that stay beside a note: the beginnings of both ends of a range."""


def written(text: str, charset: Charset) -> str:
    """Return the text as a document of this charset can hold it; other letters are transliterated."""
    if _is_written(text, charset):
        return text
    text = _FORBIDDEN.sub("", text)
    if charset == "UTF-8":
        return unicodedata.normalize("NFC", text)
    return show_latin1(text) if charset == "ISO-8859-1" else show_ascii(text)


def _is_written(text: str, charset: Charset) -> bool:
    """Tell whether a document of this charset holds the text as it is."""
    return text.isprintable() and (text.isascii() or (charset == "ISO-8859-1" and not _BEYOND_LATIN1.search(text)))


def shortened(text: str, width: int, charset: Charset) -> str:
    """Return a text that is written already in at most `width` characters; 0 is any width."""
    if not width or len(text) <= width:
        return text
    mark = "…" if charset == "UTF-8" else "..."
    return text[: max(width - len(mark), 1)].rstrip(" ,-") + mark


def label_of(label: str, profile: Profile) -> str:
    """Return the label of a menu's line in its width; of a range, `Abel – Dupin`, both ends stay."""
    charset, width = profile.charset, profile.label_width
    plain = label.replace(_DASH, _PLAIN_DASH) if charset != "UTF-8" else label
    if (not width or len(plain) <= width) and _is_written(plain, charset):
        return plain
    first, dash, last = label.partition(_DASH)
    begin, end = written(first, charset), written(last, charset)
    if dash and charset != "UTF-8":
        dash = _PLAIN_DASH
    text = begin + dash + end
    if not width or len(text) <= width:
        return text
    room = width - len(dash)
    if not dash or room < 2 * _LEAST_NAME:
        return shortened(text, width, charset)
    half = room // 2
    begin = shortened(begin, max(half, room - len(end)), charset)
    return begin + dash + shortened(end, room - len(begin), charset)


def name_of(row: Row, profile: Profile) -> str:
    """Return a row's name and label; where both are too long the name gives way: `Very Long Na… (mobile)`."""
    charset = profile.charset
    name = written(row.name, charset)
    label = f" ({written(row.label, charset)})" if row.label else ""
    width = profile.name_width
    if width and len(name) + len(label) > width:
        name = shortened(name, max(width - len(label), _LEAST_NAME), charset)
    return name + label


def telephone_of(row: Row, profile: Profile) -> str:
    """Return what the phone dials; "" in a row that only tells something."""
    telephone = written(row.telephone, profile.charset)
    return f"Dial:{telephone}" if profile.dial_prefix and telephone else telephone


def add_text(parent: etree._Element, tag: str, text: str, profile: Profile) -> None:
    """Add an element with a text at full length."""
    etree.SubElement(parent, tag).text = written(text, profile.charset)


def add_entry(parent: etree._Element, row: Row, profile: Profile) -> None:
    """Add `<DirectoryEntry><Name/><Telephone/></DirectoryEntry>`, which most vendors took from each other."""
    entry = etree.SubElement(parent, "DirectoryEntry")
    name, telephone = etree.SubElement(entry, "Name"), etree.SubElement(entry, "Telephone")
    shown, dialled = name_of(row, profile), telephone_of(row, profile)
    name.text, telephone.text = (_cdata(shown), _cdata(dialled)) if profile.cdata else (shown, dialled)


def add_link(parent: etree._Element, label: str, url: str, profile: Profile, note: str = "") -> None:
    """Add `<MenuItem><Name/><URL/></MenuItem>`; `note` stands before the label."""
    item = etree.SubElement(parent, "MenuItem")
    name, address = etree.SubElement(item, "Name"), etree.SubElement(item, "URL")
    text = _noted(label, note, profile)
    name.text = _cdata(text) if profile.cdata else text
    address.text = written(url, profile.charset)


def _noted(label: str, note: str, profile: Profile) -> str:
    """Return a label behind its note. Where both do not fit the label gives way; where too little of it were left, the note."""
    width = profile.label_width
    begin = f"{written(note, profile.charset)}: " if note else ""
    if width and begin:
        room = width - len(begin)
        if room < _LEAST_LABEL:
            return label_of(label, profile)
        profile = replace(profile, label_width=room)
    return begin + label_of(label, profile)


def document(root: etree._Element, profile: Profile) -> bytes:
    """Return the bytes of a document, with its declaration."""
    if not len(root):
        root.text = ""  # with an end tag: who knows whether every phone reads `<ThomsonPhoneBook/>`
    encoding = declared(profile)
    body = cast("bytes", etree.tostring(root, encoding=encoding, pretty_print=True, xml_declaration=False))
    return b'<?xml version="1.0" encoding="%s"?>\n%s' % (encoding.encode("ascii"), body)


def declared(profile: Profile) -> str:
    """Return the charset that a document and its Content-Type name."""
    return "ISO-8859-1" if profile.charset == "ASCII" else profile.charset


def content_type(profile: Profile) -> str:
    """Return the value of the Content-Type header of an XML document."""
    return f"text/xml; charset={declared(profile)}"


def _cdata(text: str) -> etree.CDATA | str:
    return text if "]]>" in text else etree.CDATA(text)
