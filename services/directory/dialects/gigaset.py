"""The online directory of Gigaset bases. Pure.

Source: "Gigaset Phonebook Search Protocol Specification", version 1.4.02.PUB.2: section 3.1.1 (request: `command`, `type`, the
fields `ln`, `fn`, `nn`, `hm`, `mb` with `*` for any, `first` or `last` and `count`), 3.1.3 (response `list` with `total`, `first`
and `last`, or `notfound` where there is nothing), and its error ids. UTF-8.

Where it leaves room: `reqid` is optional and not sent, since this server remembers nothing; the whole name with its label
is `ln`, and the number is `hm` whatever its type: the label says it already, in the user's language.
"""

from dataclasses import replace
from typing import Final

from lxml import etree

from services.directory.dialects.markup import add_text, document, name_of
from services.directory.dialects.screen import Captions, Listing, Message, Profile, Screen, as_rows
from services.directory.paging import Book, Row

PROFILE: Final = Profile("UTF-8", rows=32, style="pages", name_width=40, label_width=40, longest_url=255)
FIELDS: Final = ("ln", "fn", "nn", "hm", "mb")
"""Where a query may stand, all of them together; `*` is any."""
_ERRORS: Final = {"unknown": "1", "malformed": "2", "hint": "5", "unavailable": "6"}
"""1: not allowed, 2: syntax error, 5: imprecise, 6: service not available."""


def render(screen: Screen, profile: Profile, captions: Captions) -> bytes:
    """Return an error for a message; whatever else comes is a list of its rows."""
    if isinstance(screen, Message):
        root = etree.Element("error", response="get_list", type="pb")
        etree.SubElement(root, "errorid").text = _ERRORS[screen.outcome]
        add_text(root, "message", screen.text, profile)
        return document(root, profile)
    note = screen.note if isinstance(screen, Book) else ""
    rows = as_rows(replace(screen, note="") if isinstance(screen, Book) else screen, captions)
    return render_list(Listing(tuple(rows), 1, len(rows), note), profile)


def render_list(listing: Listing, profile: Profile) -> bytes:
    """Return the response to `get_list`. The note of a listing is its very last entry, without a number and outside the count."""
    root = etree.Element("list", response="get_list", type=listing.kind)
    if not listing.rows:
        root.set("notfound", "ln")
        root.set("total", str(listing.total))
        return document(root, profile)
    for name, value in (("total", listing.total), ("first", listing.first), ("last", _last(listing))):
        root.set(name, str(value))
    for row in listing.rows:
        _add(root, row, profile)
    if listing.note and _last(listing) >= listing.total:
        _add(root, Row(listing.note, "", ""), profile)
    return document(root, profile)


def _last(listing: Listing) -> int:
    return listing.first + len(listing.rows) - 1


def _add(root: etree._Element, row: Row, profile: Profile) -> None:
    entry = etree.SubElement(root, "entry")
    etree.SubElement(entry, "ln").text = name_of(row, profile)
    add_text(entry, "hm", row.telephone, profile)
