"""The directory key: what the user types becomes a URL, and menus are followed until every row was seen."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Final
from urllib.parse import quote_from_bytes, quote_plus

from services.provision.vendors.thomson.simulator.complaints import (
    Complaint,
    Refused,
    Rule,
    is_rejected,
    print_complaints,
)
from services.provision.vendors.thomson.simulator.identity import Identity
from services.provision.vendors.thomson.simulator.memory import Memory
from services.provision.vendors.thomson.simulator.models import find_model
from services.provision.vendors.thomson.simulator.phonebook import Book, Item, Menu, Row, parse_document
from services.provision.vendors.thomson.simulator.wire import TEXT_LIMIT, URL_LIMIT, Client, Exchange, parse_url
from shared.mac import Mac

Log = Callable[[str], None]

_TOKEN: Final = "#SEARCH"  # noqa: S105 - the phone's word for the place of the typed text
_LONGEST: Final = 2048
"""Characters of `PhonebookN_url` with the typed text. Servers in the field configure more than 128 (phone-spec 1.1)."""
_NO_ANSWER: Final = "No answer found"
_UNAVAILABLE: Final = "Service unavailable"


class Encoding(StrEnum):
    """How the typed text goes into the URL. What a real phone does is not known, so a server must take each."""

    PERCENT_UTF8 = "percent-utf8"
    PERCENT_LATIN1 = "percent-latin1"
    PLUS = "plus"
    RAW_UTF8 = "raw-utf8"
    RAW_LATIN1 = "raw-latin1"


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Every row that the menus lead to, in their order, and what went wrong on the way."""

    rows: tuple[Row, ...]
    duplicates: tuple[Row, ...]
    """Rows that stand there more than once, each named once."""
    dialled: str
    """What OK dials, pressed until a call begins and without moving the cursor; "" where it dials nothing."""
    messages: tuple[str, ...]
    """Lines without a number: sentences in place of rows, and notes beside them."""
    opened: bool
    """Whether every document came and could be read."""
    exchanges: tuple[Exchange, ...]
    complaints: tuple[Complaint, ...]

    @property
    def exit_code(self) -> int:
        """0: the phone shows it all; 1: some of it did not come, or the phone would reject it."""
        return 0 if self.opened and not is_rejected(self.complaints) else 1

    @property
    def strict_exit_code(self) -> int:
        """0: the phone shows it all, and there is nothing to complain about."""
        return 1 if self.complaints else self.exit_code


def search(  # noqa: PLR0913 - the options of the command
    source: str | Memory,
    text: str,
    mac: Mac,
    *,
    model: str = "ST2030",
    firmware: str = "",
    slot: int = 1,
    encoding: Encoding = Encoding.PERCENT_UTF8,
    max_documents: int = 1100,
    timeout: float = 10.0,
    log: Log,
) -> SearchResult:
    """Press the directory key, type `text`, and open every menu item.

    `source` is the URL with `#SEARCH`, or a phone's memory, whose `PhonebookN_url` of the `slot` N from 1 to 8 is used.
    `timeout` is in seconds for one request. `log` gets the screens, then the complaints.
    """
    phone = find_model(model)
    client = Client(Identity(mac, phone, firmware).user_agent, timeout=timeout)
    key = _DirectoryKey(client, max_documents, log, mixes=phone.mixes)
    try:
        url, complaints = search_url(source, text, encoding, slot)
        key.complain(*complaints)
        asyncio.run(key.follow(url))
    except Refused as refused:
        key.fail(refused)
    print_complaints(key.complaints, log)
    return SearchResult(
        rows=tuple(key.rows),
        duplicates=tuple(row for row, count in Counter(key.rows).items() if count > 1),
        dialled=key.dialled or "",
        messages=tuple(key.messages),
        opened=key.opened,
        exchanges=tuple(client.exchanges),
        complaints=tuple(key.complaints),
    )


def search_url(source: str | Memory, text: str, encoding: Encoding, slot: int = 1) -> tuple[str, tuple[Complaint, ...]]:
    """Return the URL for a typed text, one character a byte, and what is odd about it. Raises `Refused`."""
    name = f"Phonebook{slot}_url"
    template = source if isinstance(source, str) else source.values.get(f"sys.{name}", "")
    if not template:
        raise Refused(Rule.NO_PHONEBOOK, name, f"is not set to a URL with {_TOKEN}")
    complaints = []
    if template.count(_TOKEN) != 1:
        complaints.append(Complaint(Rule.TOKEN, name, f"holds {_TOKEN} {template.count(_TOKEN)} times; write it once"))
    if "&" in template:
        complaints.append(Complaint(Rule.AMPERSAND, name, "holds &; use path segments, as in the links of menus"))
    url = template.replace(_TOKEN, _encode(text, encoding))
    if len(url) > URL_LIMIT:
        message = (
            f"has {len(url)} characters with the typed text; phones cut links at {URL_LIMIT}, this URL perhaps too"
        )
        complaints.append(Complaint(Rule.LONG_URL, name, message))
    parse_url(url, _LONGEST)
    return url, tuple(complaints)


def _encode(text: str, encoding: Encoding) -> str:
    match encoding:
        case Encoding.PERCENT_UTF8:
            return quote_from_bytes(text.encode(), safe="")
        case Encoding.PERCENT_LATIN1:
            return quote_from_bytes(text.encode("latin-1", "replace"), safe="")
        case Encoding.PLUS:
            return quote_plus(text)
        case Encoding.RAW_UTF8:
            return text.encode().decode("latin-1")
        case Encoding.RAW_LATIN1:
            return text.encode("latin-1", "replace").decode("latin-1")


class _DirectoryKey:
    """One search, menu by menu."""

    def __init__(self, client: Client, max_documents: int, log: Log, *, mixes: bool) -> None:
        self.rows: list[Row] = []
        self.messages: list[str] = []
        self.complaints: list[Complaint] = []
        self.opened = True
        self.dialled: str | None = None
        """What the first line of the first book dials; None before there is one."""
        self._client = client
        self._max_documents = max_documents
        self._log = log
        self._mixes = mixes
        self._seen: set[str] = set()

    def complain(self, *complaints: Complaint) -> None:
        """Take complaints."""
        self.complaints += complaints

    def fail(self, refused: Refused) -> None:
        """Take what kept a document from being shown."""
        self.opened = False
        self._log(_UNAVAILABLE)
        self.complain(refused.complaint)

    async def follow(self, first: str) -> None:
        """Open the first document and all that its links lead to, in the order in which they are listed."""
        waiting = [first]
        self._seen = {first}
        while waiting:
            if len(self._client.exchanges) >= self._max_documents:
                message = f"more than {self._max_documents} documents; {len(waiting)} or more were left unopened"
                self.complain(Complaint(Rule.TOO_MANY_DOCUMENTS, first, message))
                return
            url = waiting.pop()
            waiting.extend(reversed(await self._open(url, linked=url != first)))

    async def _open(self, url: str, *, linked: bool) -> list[str]:
        """Fetch one document and show it; return the links to open next. `linked`: another document led here."""
        try:
            document = await self._fetch(url, URL_LIMIT if linked else _LONGEST)
        except Refused as refused:
            self.fail(refused)
            return []
        self.complain(*document.complaints)
        self._log("")
        if isinstance(document, Menu):
            self._show_links(document.items)
            return self._fresh(document.items, loops=True)
        self._show(document)
        # Before the rows stands the way back, to rows that were seen (phone-spec 1.3).
        return self._fresh(document.after if linked else document.before + document.after)

    def _fresh(self, items: tuple[Item, ...], *, loops: bool = False) -> list[str]:
        """Return the links that lead to a document that was not opened yet; `loops`: complain about the others."""
        fresh = []
        for item in items:
            if item.url not in self._seen:
                self._seen.add(item.url)
                fresh.append(item.url)
            elif loops:
                self.complain(Complaint(Rule.MENU_LOOP, item.url, "two menu items lead here"))
        return fresh

    async def _fetch(self, url: str, longest: int) -> Book | Menu:
        answer = await self._client.get(url, limit=TEXT_LIMIT, longest=longest)
        self.complain(*answer.complaints)
        if answer.status != HTTPStatus.OK:
            raise Refused(Rule.STATUS, url, f"answered {answer.status}{self._reason(answer.body)}")
        return parse_document(answer.body, url, mixes=self._mixes)

    def _reason(self, body: bytes) -> str:
        """Return what the body of a refusal says, which no phone is known to show."""
        try:
            document = parse_document(body, "")
        except Refused:
            return ""
        texts = document.texts if isinstance(document, Book) else ()
        return f" and says: {' '.join(texts)}" if texts else ""

    def _show(self, book: Book) -> None:
        if self.dialled is None:
            self.dialled = book.lines[0].telephone if book.lines else ""
        self._show_links(book.before)
        if not book.lines:
            self._log(_NO_ANSWER)
        width = max((len(row.name) for row in book.rows), default=0)
        for row in book.lines:
            self._log(f"{row.name:{width}}  {row.telephone}" if row.telephone else row.name)
        self._show_links(book.after)
        self.messages += book.texts
        self.rows += book.rows

    def _show_links(self, items: tuple[Item, ...]) -> None:
        for item in items:
            self._log(f"> {item.name}")
