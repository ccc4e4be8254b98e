"""One document of the phonebook, from the phone's view: a book of people, or a menu of books. Bytes in, rows out.

Only what the vendor's guide shows is accepted: the roots `ThomsonPhoneBook` and `ThomsonPhoneMenu`, their two
elements each, text and nothing else. Nothing here may fetch.
"""

import re
from dataclasses import dataclass
from typing import Final, NoReturn

from lxml import etree

from services.provision.vendors.thomson.simulator.complaints import Refused, Rule
from services.provision.vendors.thomson.simulator.wire import parse_url

ENTRY_LIMIT: Final = 32
"""Entries of one document, by the vendor's guide."""

_BOOK: Final = ("ThomsonPhoneBook", "DirectoryEntry", ("Name", "Telephone"))
_MENU: Final = ("ThomsonPhoneMenu", "MenuItem", ("Name", "URL"))
_ENCODINGS: Final = frozenset({"UTF-8", "ISO-8859-1", "US-ASCII"})
_DIALABLE: Final = re.compile(r"[0-9*#]+")
_LINK: Final = re.compile(r"[!%'-~$]+")  # plain ASCII without blank, ", # and &
_UNSHOWN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list: what it shows and what it dials."""

    name: str
    telephone: str


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a menu: what it shows and where it leads."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Book:
    """A directory. One entry with an empty number and no other is a message to the reader: then there are no rows."""

    rows: tuple[Row, ...]
    message: str | None


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu, of one item at least."""

    items: tuple[Item, ...]


def parse_document(data: bytes, where: str) -> Book | Menu:
    """Parse a document; `where` names it in complaints. Raises `Refused`."""
    root = _parse(data, where)
    if root.tag == _BOOK[0]:
        return _book(_pairs(root, *_BOOK[1:], where), where)
    if root.tag == _MENU[0]:
        pairs = _pairs(root, *_MENU[1:], where)
        if not pairs:
            _refuse(Rule.ELEMENT, where, "a menu without items; send an empty ThomsonPhoneBook when nothing is found")
        return Menu(tuple(Item(name, _link(url, where)) for name, url in pairs))
    raise Refused(Rule.ELEMENT, where, f"the root is neither {_BOOK[0]} nor {_MENU[0]}")


def _parse(data: bytes, where: str) -> etree._Element:
    if b"<!DOCTYPE" in data:  # before the parser would follow what it declares
        _refuse(Rule.XML, where, "has a DOCTYPE")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Refused(Rule.XML, where, f"not well-formed XML: {error.msg}") from error
    encoding = root.getroottree().docinfo.encoding or "UTF-8"
    if encoding.upper() not in _ENCODINGS:
        _refuse(Rule.XML, where, f"is in {encoding}; phones read ISO-8859-1 or UTF-8")
    if root.getprevious() is not None or root.getnext() is not None:
        _refuse(Rule.ELEMENT, where, "has a comment or a processing instruction beside the root")
    return root


def _pairs(root: etree._Element, entry: str, fields: tuple[str, str], where: str) -> list[tuple[str, str]]:
    """Return the two texts of each entry; anything but entries of exactly these fields is refused."""
    entries = _children(root, where)
    if len(entries) > ENTRY_LIMIT:
        _refuse(Rule.TOO_MANY_ENTRIES, where, f"has {len(entries)} entries; the phone takes {ENTRY_LIMIT}")
    pairs = []
    for number, element in enumerate(entries, start=1):
        place = f"{where} entry {number}"
        parts = _children(element, place)
        if element.tag != entry or tuple(part.tag for part in parts) != fields:
            _refuse(Rule.ELEMENT, place, f"is not <{entry}> with <{fields[0]}> and <{fields[1]}>, in this order")
        name, other = (_text(part, place) for part in parts)
        if not name.strip() or _UNSHOWN.search(name):
            _refuse(Rule.NAME, place, "has an empty name, or one with control characters")
        pairs.append((name, other))
    return pairs


def _children(element: etree._Element, where: str) -> list[etree._Element]:
    """Return the elements inside an element that holds nothing else."""
    children = list(element)
    if element.attrib or any(not isinstance(child.tag, str) for child in children):
        _refuse(Rule.ELEMENT, where, "has an attribute, a comment or an entity, which phones do not know")
    if any(text and text.strip() for text in (element.text, *(child.tail for child in children))):
        _refuse(Rule.ELEMENT, where, "has text between its elements")
    return children


def _text(element: etree._Element, where: str) -> str:
    if len(element) or element.attrib:
        _refuse(Rule.ELEMENT, where, f"<{element.tag}> holds more than text")
    return element.text or ""


def _book(pairs: list[tuple[str, str]], where: str) -> Book:
    if len(pairs) == 1 and not pairs[0][1]:
        return Book((), pairs[0][0])
    for number, (_, telephone) in enumerate(pairs, start=1):
        if not _DIALABLE.fullmatch(telephone):
            _refuse(
                Rule.TELEPHONE,
                f"{where} entry {number}",
                "the number is empty or holds other characters than digits, * and #",
            )
    return Book(tuple(Row(*pair) for pair in pairs), None)


def _link(url: str, where: str) -> str:
    """Return a menu's link, or refuse it."""
    if not _LINK.fullmatch(url):
        _refuse(Rule.URL, where, "a link holds a character other than plain ASCII, or &, which phones read in two ways")
    parse_url(url)
    return url


def _refuse(rule: Rule, where: str, message: str) -> NoReturn:
    raise Refused(rule, where, message)
