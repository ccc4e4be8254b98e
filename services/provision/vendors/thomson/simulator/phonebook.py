"""One document of the phonebook, from the phone's view: a book of people, or a menu of books. Bytes in, rows out.

Read as the vendor's guide shows it: `ThomsonPhoneBook` with entries, `ThomsonPhoneMenu` with items, `PhoneBook` with both.
What other servers send and phones in the field take (phone-spec 1.3 to 1.6) is read too, with a complaint that says so.
Refused is what no reader could make sense of, and what exceeds a documented limit. Nothing here may fetch.
"""

import re
from dataclasses import dataclass
from typing import Final

from lxml import etree

from services.provision.vendors.thomson.simulator.complaints import Complaint, Refused, Rule
from services.provision.vendors.thomson.simulator.wire import parse_url
from services.provision.vendors.thomson.simulator.xmltext import parse_markup

ENTRY_LIMIT: Final = 32
"""Entries of one document, by the vendor's guide."""

_BOOK: Final = "ThomsonPhoneBook"
_MENU: Final = "ThomsonPhoneMenu"
_MIXED: Final = "PhoneBook"
_MENU_OF_THE_TEXT: Final = "ThomsonMenu"
"""What the guide calls a menu once, beside a sample that says otherwise (phone-spec 1.3)."""
_TEXT: Final = "ThomsonPhoneText"
_ENTRY: Final = "DirectoryEntry"
_ITEM: Final = "MenuItem"
_LINES: Final = {
    _BOOK: (_ENTRY,),
    _MENU: (_ITEM,),
    _MIXED: (_ENTRY, _ITEM),
    _MENU_OF_THE_TEXT: (_ITEM,),
}
"""The elements that the guide shows in each document."""
_DIALABLE: Final = re.compile(r"[0-9*#]*")
_DIAL: Final = "Dial:"
_LINK: Final = re.compile(r"[!%'-~$]+")  # plain ASCII without blank, ", # and &
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list: what it shows and what it dials; "": nothing, the line only tells something."""

    name: str
    telephone: str


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a menu: what it shows and where it leads."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Book:
    """A directory: its lines in order, and the links before the first and behind the last of them.

    A book that consists of one line without a number is a message to the reader.
    """

    lines: tuple[Row, ...]
    before: tuple[Item, ...] = ()
    after: tuple[Item, ...] = ()
    complaints: tuple[Complaint, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """The lines that dial something."""
        return tuple(row for row in self.lines if row.telephone)

    @property
    def texts(self) -> tuple[str, ...]:
        """What the other lines say."""
        return tuple(row.name for row in self.lines if not row.telephone)


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu, of one item at least."""

    items: tuple[Item, ...]
    complaints: tuple[Complaint, ...] = ()


def parse_document(data: bytes, where: str, *, mixes: bool = True) -> Book | Menu:
    """Parse a document; `where` names it in complaints. `mixes`: the model's guide documents `PhoneBook`. Raises `Refused`."""
    root, complaints = parse_markup(data, where)
    return _DocumentReader(where, complaints).read(root, mixes=mixes)


class _DocumentReader:
    """One document being read."""

    def __init__(self, where: str, complaints: list[Complaint]) -> None:
        self._where = where
        self._place = where
        self._complaints = complaints

    def read(self, root: etree._Element, *, mixes: bool) -> Book | Menu:
        """Return what the phone shows."""
        if root.tag == _TEXT:
            return self._message(root)
        usual = _LINES.get(root.tag)
        if usual is None:
            raise Refused(Rule.ROOT, self._where, f"the root is none of {_BOOK}, {_MENU} and {_MIXED}")
        if root.tag == _MENU_OF_THE_TEXT:
            self._complain(Rule.UNUSUAL_ROOT, f"the root is {root.tag}, which the guide's sample writes {_MENU}")
        if root.tag == _MIXED and not mixes:
            self._complain(Rule.UNUSUAL_ROOT, f"the root is {_MIXED}, which is documented for the TB30 only")
        lines = self._lines(root, usual)
        if _ITEM in usual and _ENTRY not in usual and not any(isinstance(line, Row) for line in lines):
            items = tuple(line for line in lines if isinstance(line, Item))
            if not items:
                message = f"a menu without items; send an empty {_BOOK} when nothing is found"
                raise Refused(Rule.EMPTY_MENU, self._where, message)
            return Menu(items, tuple(self._complaints))
        return self._book(lines)

    def _book(self, lines: list[Row | Item]) -> Book:
        rows = tuple(line for line in lines if isinstance(line, Row))
        first = next((at for at, line in enumerate(lines) if isinstance(line, Row)), len(lines))
        before = tuple(line for line in lines[:first] if isinstance(line, Item))
        after = tuple(line for line in lines[first:] if isinstance(line, Item))
        if len(rows) > 1 and not rows[0].telephone and any(row.telephone for row in rows):
            self._complain(Rule.FIRST_ROW, "the first row has no number: whoever presses OK at once dials nothing")
        return Book(rows, before, after, tuple(self._complaints))

    def _message(self, root: etree._Element) -> Book:
        self._complain(Rule.UNUSUAL_ROOT, f"the root is {_TEXT}, which no guide of these phones shows")
        words = " ".join(" ".join(str(text) for text in root.itertext()).split())
        return Book((Row(words, ""),), complaints=tuple(self._complaints))

    def _lines(self, root: etree._Element, usual: tuple[str, ...]) -> list[Row | Item]:
        self._look_between(root)
        elements = list(root.iterchildren("*"))
        if len(elements) > ENTRY_LIMIT:
            message = f"has {len(elements)} entries; the phone takes {ENTRY_LIMIT}"
            raise Refused(Rule.TOO_MANY_ENTRIES, self._where, message)
        lines: list[Row | Item] = []
        for number, element in enumerate(elements, start=1):
            self._place = f"{self._where} entry {number}"
            if element.tag not in usual:
                self._complain(Rule.UNUSUAL_ELEMENT, f"<{element.tag}> is not documented in <{root.tag}>")
            if element.tag == _ENTRY:
                lines.append(self._row(element))
            elif element.tag == _ITEM:
                lines += self._item(element)
        self._place = self._where
        return lines

    def _row(self, entry: etree._Element) -> Row:
        name, telephone = self._fields(entry, "Name", "Telephone")
        if telephone.startswith(_DIAL):
            telephone = telephone.removeprefix(_DIAL).strip()
            self._complain(
                Rule.DIAL_PREFIX, f"the number begins with {_DIAL}, which is another brand's; write it plainly"
            )
        if not _DIALABLE.fullmatch(telephone):
            self._complain(Rule.TELEPHONE, "the number holds other characters than digits, * and #")
        return Row(name, telephone)

    def _item(self, element: etree._Element) -> list[Item]:
        name, url = self._fields(element, "Name", "URL")
        if not url:
            self._complain(Rule.UNUSUAL_ELEMENT, "leads nowhere; give it a <URL>")
            return []
        if "&" in url:
            self._complain(Rule.AMPERSAND, "the link holds &, which servers write in two ways; use path segments")
        if not _LINK.fullmatch(url.replace("&", "")):
            self._complain(Rule.LINK, "the link holds another character than plain ASCII; percent-encode it")
        parse_url(url)
        return [Item(name, url)]

    def _fields(self, line: etree._Element, *tags: str) -> tuple[str, str]:
        """Return the two texts of a line, "" for one that is not there."""
        self._look_between(line)
        found: dict[str, str] = {}
        for part in line.iterchildren("*"):
            tag = tags[0] if part.tag == "Item" else part.tag  # XiVO's and the first Wazo's label of a link
            if part.tag not in tags or tag in found:
                self._complain(Rule.UNUSUAL_ELEMENT, f"<{part.tag}> is not documented here")
            if tag in tags:
                found.setdefault(tag, self._text(part))
        if tuple(tag for tag in found) != tags:
            self._complain(Rule.UNUSUAL_ELEMENT, f"does not hold <{tags[0]}> and <{tags[1]}>, in this order")
        name = found.get(tags[0], "")
        if not name or _CONTROL.search(name):
            self._complain(Rule.NAME, "the name is empty, or holds a line break or another control character")
        return name, found.get(tags[1], "")

    def _text(self, element: etree._Element) -> str:
        if len(element) or element.attrib:
            self._complain(Rule.UNUSUAL_ELEMENT, f"<{element.tag}> holds more than text")
        text = "".join(str(part) for part in element.itertext())
        if text != text.strip():
            self._complain(Rule.PADDING, f"the text of <{element.tag}> begins or ends with a blank or a line break")
        return text.strip()

    def _look_between(self, element: etree._Element) -> None:
        """Complain about all that is not an element inside an element that holds elements."""
        odd = element.attrib or any(not isinstance(child.tag, str) for child in element)
        if odd:
            self._complain(Rule.UNUSUAL_ELEMENT, "has an attribute, a comment or an instruction, which no guide shows")
        if any(text and text.strip() for text in (element.text, *(child.tail for child in element))):
            self._complain(Rule.UNUSUAL_ELEMENT, "has text between its elements")

    def _complain(self, rule: Rule, message: str) -> None:
        self._complaints.append(Complaint(rule, self._place, message))
