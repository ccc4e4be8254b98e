"""What every dialect is given: a page, a message or an input page, and the profile of the phone that reads it. Pure.

Nothing here knows a vendor's elements, a query or a table.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from services.directory.paging import Book, Menu, Row

Charset = Literal["ISO-8859-1", "UTF-8", "ASCII"]
"""ASCII: letters without accents, sent as ISO-8859-1, which every parser knows."""
Style = Literal["menu", "pages", "mixed"]
"""How a phone reaches what does not fit on a page: see `paging.Layout`."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a model of phone, in a firmware, can show. Widths in characters, 0: any."""

    charset: Charset
    rows: int
    style: Style
    name_width: int
    label_width: int
    longest_url: int
    dial_prefix: bool = False
    """`Dial:` stands before each number."""
    cdata: bool = False
    """Names and numbers stand in CDATA sections."""


Outcome = Literal["hint", "unknown", "unavailable", "malformed"]
"""Why there are no rows: the query says too little, or one of the three refusals (design law 6)."""


class Message(NamedTuple):
    """Tells something instead of rows."""

    title: str
    text: str
    outcome: Outcome = "hint"


class InputPage(NamedTuple):
    """Asks for a query. `url`: absolute; the phone adds what was typed as the parameter `q`."""

    title: str
    prompt: str
    url: str


class Listing(NamedTuple):
    """Rows by their number, for clients that page by themselves. `first`: of the first row, from 1; `total`: of all.

    `previous`, `next`: absolute links, "" where there is nothing. `kind`: which list was asked for, in the client's word.
    """

    rows: tuple[Row, ...]
    first: int
    total: int
    note: str = ""
    previous: str = ""
    next: str = ""
    kind: str = "pb"


class Captions(NamedTuple):
    """What stands on keys and links, in the language of the phone's user."""

    previous: str = "Previous page"
    next: str = "Next page"
    dial: str = "Dial"
    edit: str = "Edit"
    exit: str = "Exit"
    no_entries: str = "No entries"
    more: str = "More results: type more letters"


Screen = Book | Menu | Message | InputPage


def as_rows(screen: Screen, captions: Captions) -> list[Row]:
    """Return a screen as rows, for formats that know nothing else: what only tells something has no number.

    Such rows come last: the cursor stands on the first row, and OK is to dial somebody. A format without links tells
    there too that more lies beyond the page.
    """
    if isinstance(screen, Book):
        note = [Row(screen.note, "", "")] if screen.note else []
        more = [Row(captions.more, "", "")] if screen.next else []
        return [*screen.rows, *note, *more]
    if isinstance(screen, Menu):
        return [Row(item.label, "", "") for item in screen.items]
    return [Row(screen.text if isinstance(screen, Message) else screen.prompt, "", "")]
