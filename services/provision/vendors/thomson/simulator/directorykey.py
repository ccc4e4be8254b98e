"""The directory key: what the user types becomes a URL, and menus are followed until every row was seen."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Final
from urllib.parse import quote_from_bytes, quote_plus

from services.provision.vendors.thomson.simulator.complaints import Complaint, Refused, Rule
from services.provision.vendors.thomson.simulator.identity import Identity
from services.provision.vendors.thomson.simulator.memory import Memory
from services.provision.vendors.thomson.simulator.models import find_model
from services.provision.vendors.thomson.simulator.phonebook import Book, Menu, Row, parse_document
from services.provision.vendors.thomson.simulator.wire import TEXT_LIMIT, Client, Exchange, parse_url
from shared.mac import Mac

Log = Callable[[str], None]

_TOKEN: Final = "#SEARCH"  # noqa: S105 - the phone's word for the place of the typed text
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
    messages: tuple[str, ...]
    """Sentences that the server shows in place of rows."""
    exchanges: tuple[Exchange, ...]
    complaints: tuple[Complaint, ...]

    @property
    def exit_code(self) -> int:
        """0: the phone shows it all; 1: it would choke on some of it."""
        return 1 if self.complaints else 0


def search(  # noqa: PLR0913 - the options of the command
    source: str | Memory,
    text: str,
    mac: Mac,
    *,
    model: str = "ST2030",
    firmware: str = "",
    encoding: Encoding = Encoding.PERCENT_UTF8,
    max_documents: int = 1100,
    timeout: float = 10.0,
    log: Log,
) -> SearchResult:
    """Press the directory key, type `text`, and open every menu item.

    `source` is the URL with `#SEARCH`, or a phone's memory that has one (`Phonebook1_url`). `timeout` is in seconds
    for one request. `log` gets the screens, then the complaints.
    """
    client = Client(Identity(mac, find_model(model), firmware).user_agent, timeout=timeout)
    key = _DirectoryKey(client, max_documents, log)
    try:
        asyncio.run(key.follow(search_url(source, text, encoding)))
    except Refused as refused:
        key.complaints.append(refused.complaint)
    for complaint in key.complaints:
        log(str(complaint))
    return SearchResult(
        rows=tuple(key.rows),
        duplicates=tuple(row for row, count in Counter(key.rows).items() if count > 1),
        messages=tuple(key.messages),
        exchanges=tuple(client.exchanges),
        complaints=tuple(key.complaints),
    )


def search_url(source: str | Memory, text: str, encoding: Encoding) -> str:
    """Return the URL for a typed text, one character a byte. Raises `Refused`."""
    template = source if isinstance(source, str) else source.values.get("sys.Phonebook1_url", "")
    if template.count(_TOKEN) != 1:
        raise Refused(Rule.NO_PHONEBOOK, "Phonebook1_url", f"is not set to a URL with one {_TOKEN}")
    if "&" in template:
        raise Refused(Rule.URL, "Phonebook1_url", "holds &, which phones read in two ways; use path segments")
    url = template.replace(_TOKEN, _encode(text, encoding))
    parse_url(url)
    return url


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

    def __init__(self, client: Client, max_documents: int, log: Log) -> None:
        self.rows: list[Row] = []
        self.messages: list[str] = []
        self.complaints: list[Complaint] = []
        self._client = client
        self._max_documents = max_documents
        self._log = log

    async def follow(self, first: str) -> None:
        """Open the first document and all that menus lead to, in the order in which they are listed."""
        waiting = [first]
        seen = {first}
        while waiting:
            if len(self._client.exchanges) >= self._max_documents:
                message = f"more than {self._max_documents} documents; {len(waiting)} or more were left unopened"
                self.complaints.append(Complaint(Rule.TOO_MANY_DOCUMENTS, first, message))
                return
            fresh = []
            for link in await self._open(waiting.pop()):
                if link in seen:
                    self.complaints.append(Complaint(Rule.MENU_LOOP, link, "two menu items lead here"))
                else:
                    seen.add(link)
                    fresh.append(link)
            waiting.extend(reversed(fresh))

    async def _open(self, url: str) -> tuple[str, ...]:
        """Fetch one document and show it; return the links of a menu."""
        try:
            document = await self._fetch(url)
        except Refused as refused:
            self._log(_UNAVAILABLE)
            self.complaints.append(refused.complaint)
            return ()
        if isinstance(document, Book):
            self._show(document)
            return ()
        self._log("")
        for item in document.items:
            self._log(f"> {item.name}")
        return tuple(item.url for item in document.items)

    async def _fetch(self, url: str) -> Book | Menu:
        answer = await self._client.get(url, limit=TEXT_LIMIT)
        if answer.status != HTTPStatus.OK:
            raise Refused(Rule.STATUS, url, f"answered {answer.status}")
        return parse_document(answer.body, url)

    def _show(self, book: Book) -> None:
        self._log("")
        if book.message is not None:
            self.messages.append(book.message)
            self._log(book.message)
        elif not book.rows:
            self._log(_NO_ANSWER)
        width = max((len(row.name) for row in book.rows), default=0)
        for row in book.rows:
            self._log(f"{row.name:{width}}  {row.telephone}")
        self.rows.extend(book.rows)
