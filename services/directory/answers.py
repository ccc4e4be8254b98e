"""From what a phone sends to what it gets, without HTTP: status, Content-Type and bytes. No SQL, no elements of a vendor."""

import re
import sqlite3
from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address
from typing import Final, NamedTuple
from urllib.parse import quote

from services.directory.callers import Caller, find_caller
from services.directory.dialects.screen import InputPage, Listing, Message, Outcome, Profile, Screen
from services.directory.dialects.table import BY_NAME, Dialect
from services.directory.kept import Kept
from services.directory.languagenames import are_any
from services.directory.paging import (
    EVERYTHING,
    LONGEST_URL,
    Book,
    Item,
    Layout,
    Menu,
    Page,
    SearchTooLong,
    Span,
    Step,
    parse_span,
)
from services.directory.phonebooks import books_of
from services.directory.profiles import Profiles, Reading
from services.directory.querystring import Window, typed_text, window_of
from services.directory.search import Request, Search
from services.directory.texts import texts_in
from services.directory.words import Query, parse_query
from shared.config import Config
from shared.errors import DialtreeError, Malformed, Unavailable, Unknown
from shared.languages import preferred_languages
from shared.locations import DEFAULT, Locations
from shared.mac import Mac
from shared.store import Reader, read_edition
from shared.web import status_of

MOST_WORDS: Final = 64
"""Words of a query; no name has so many, and each one costs time."""
_PATH: Final = re.compile(
    rf"(?:/b(?P<slot>[1-8]))?(?:/(?P<dialect>{'|'.join(BY_NAME)}))?/search(?:/(?P<span>[^/]*))?/?"
)


class Answer(NamedTuple):
    """What a phone gets."""

    status: int
    content_type: str
    body: bytes


class Visitor(NamedTuple):
    """Who asks, as far as a request tells.

    `mac`: of a phone whose User-Agent does not hold it. `languages`: the header `Accept-Language`.
    """

    user_agent: str = ""
    address: str = ""
    mac: Mac | None = None
    languages: str = ""


class Asked(NamedTuple):
    """What a path says. `slot`: of the phonebook, 0 for the one that lists everyone; `dialect`: "" for the User-Agent's."""

    slot: int = 0
    dialect: str = ""
    span: str = ""


class Question(NamedTuple):
    """All that an answer depends on beside the configuration and the tables: equal questions have equal answers.

    `span`: what `asked` says of it, read. `window`: for dialects whose clients ask for rows by their number, None for others.
    """

    asked: Asked
    span: Span
    query: Query
    dialect: str
    profile: Profile
    window: Window | None
    caller: Caller | None


NOBODY: Final = Visitor()
"""A client that says nothing of itself."""


class Answers:
    """Answers the phones of a configuration from a reader of the service's tables."""

    def __init__(self, config: Config, reader: Reader) -> None:
        self._reader = reader
        self._search = Search(config)
        self._profiles = Profiles(config)
        self._least = config.directory.min_query
        self._public_url = config.directory.public_url
        self._texts = texts = texts_in(config.phonebook_language)
        self._titles = titles_of(config)
        self._books = {book.slot: book for book in books_of(config)}
        self._location = _locator(config)
        self._language = config.phonebook_language
        self._kept: Kept[Question, Answer] = Kept(config.directory.kept_answers)
        self._notes = {Step.PARTS: texts.parts, Step.NEAR: texts.near, Step.SOUNDS: texts.sounds}

    def answer(self, asked: Asked, query_string: str, visitor: Visitor) -> Answer:
        """Return what this visitor gets.

        Raises `Malformed`, `SearchTooLong`, `Unknown` or `StoreUnavailable`; `refusal` makes an answer of them.
        """
        reading = self._profiles.reading(visitor.user_agent, asked.dialect)
        span = parse_span(asked.span) if asked.span else EVERYTHING
        query = parse_query(typed_text(query_string))
        if query.letters < self._least:
            return self._rendered(reading.dialect, reading.profile, self._hint(reading, asked, query))
        if len(query.words) > MOST_WORDS:
            raise SearchTooLong(f"the search has more than {MOST_WORDS} words")
        dialect, profile, _ = reading
        window = window_of(query_string, profile.rows) if dialect.render_list else None
        with self._reader.snapshot() as db:
            caller = self._caller(db, reading, visitor)
            question = Question(asked, span, query, dialect.name, profile, window, caller)
            if query.letters > LONGEST_URL:  # no phone sends so much, and what clients invent is not to fill the memory
                return self._made(db, question)
            return self._kept.answer(read_edition(db), question, lambda new: self._made(db, new))

    @property
    def made(self) -> int:
        """How many answers were made so far, and not kept from before."""
        return self._kept.made

    def _made(self, db: sqlite3.Connection, question: Question) -> Answer:
        asked, span, query, name, profile, window, caller = question
        dialect, book = BY_NAME[name], self._books.get(asked.slot)
        request = Request(query, span, _layout(profile, asked), book, caller)
        if dialect.render_list and window is not None:
            listing = self._listed(db, request, window, asked)
            return Answer(200, dialect.content_type(profile), dialect.render_list(listing, profile))
        page = self._titled(self._search.find_page(db, request), asked)
        return self._rendered(dialect, profile, page)

    def _caller(self, db: sqlite3.Connection, reading: Reading, visitor: Visitor) -> Caller | None:
        """Return the owner of the phone; where nobody is known to own it, somebody at the location of its address.

        The phone's language is the one that its owner prefers, else the one that the phone itself asks for.
        """
        mac = visitor.mac or reading.phone.mac
        caller = find_caller(db, mac) if mac else None
        location = caller.location if caller else self._location(visitor.address)
        language = (caller.language if caller else "") or next(iter(preferred_languages(visitor.languages)), "")
        if language and (language == self._language or not are_any(db)):
            language = ""
        if caller:
            return caller._replace(language=language) if caller.language != language else caller
        return Caller((), (), location, language) if location or language else None

    def refusal(self, error: DialtreeError, asked: Asked, user_agent: str) -> Answer:
        """Return the document that says why there are no rows (design law 6)."""
        texts, outcome = self._texts, _outcome(error)
        told = {"unknown": texts.unknown, "malformed": texts.malformed, "unavailable": texts.unavailable}
        text = texts.long if isinstance(error, SearchTooLong) else told[outcome]
        reading = self._profiles.reading(user_agent, asked.dialect)
        message = Message(texts.phonebook, text, outcome)
        return self._rendered(reading.dialect, reading.profile, message, status_of(error))

    def _hint(self, reading: Reading, asked: Asked, query: Query) -> Screen:
        texts, title = self._texts, self._title(asked)
        if reading.dialect.asks and not query.letters:
            return InputPage(title, texts.prompt, self._url(asked))
        return Message(title, texts.short.format(least=self._least) if self._least > 1 else texts.empty)

    def _listed(self, db: sqlite3.Connection, request: Request, window: Window, asked: Asked) -> Listing:
        first, last, count, kind = window
        if last:
            total = self._search.find_rows(db, request, 1)[1]
            end = total if last < 0 else min(last, total)
            first = max(end - count + 1, 1)
            count = max(end - first + 1, 0)
        step, found, total = self._search.explain(db, request, first + count - 1)
        link = f"{self._url(asked)}?q={'+'.join(request.query.words)}&count={count}&first="
        return Listing(
            tuple(row for row, _ in found[first - 1 :]),
            first,
            total,
            self._notes.get(step, ""),
            previous=f"{link}{max(first - count, 1)}" if first > 1 else "",
            next=f"{link}{first + count}" if first + count <= total else "",
            kind=kind,
        )

    def _titled(self, page: Page, asked: Asked) -> Page:
        """Name the phonebook, say how the page was found, and let its links lead through the path that was asked."""
        title, note = self._title(asked), self._notes.get(page.step, "")
        if isinstance(page, Menu):
            items = page.items
            if asked.dialect:
                items = tuple(Item(item.label, self._through(item.url, asked)) for item in items)
            return Menu(items, title, note, page.step)
        previous, following = self._through(page.previous, asked), self._through(page.next, asked)
        return Book(page.rows, title, note, previous, following, page.step)

    def _through(self, url: str, asked: Asked) -> str:
        return url.replace("/search/", f"/{asked.dialect}/search/", 1) if url and asked.dialect else url

    def _url(self, asked: Asked) -> str:
        below = f"/b{asked.slot}" if asked.slot else ""
        return f"{self._public_url}{below}{f'/{asked.dialect}' if asked.dialect else ''}/search"

    def _title(self, asked: Asked) -> str:
        return self._titles.get(asked.slot, self._texts.phonebook)

    def _rendered(self, dialect: Dialect, profile: Profile, screen: Screen, status: int = 200) -> Answer:
        return Answer(status, dialect.content_type(profile), dialect.render(screen, profile, self._texts.captions))


def answer_for(
    config: Config, reader: Reader, query: str, *, path: str = "/search", visitor: Visitor = NOBODY
) -> Answer:
    """Return the very bytes that a phone gets for a query: `dialtree search --explain` shows them."""
    answers, asked = Answers(config, reader), asked_by(path)
    if asked is None:
        return answers.refusal(Unknown("there is nothing at this path"), Asked(), visitor.user_agent)
    try:
        return answers.answer(asked, f"q={quote(query)}", visitor)
    except (Unknown, Unavailable, Malformed) as error:
        return answers.refusal(error, asked, visitor.user_agent)


def titles_of(config: Config) -> dict[int, str]:
    """Return the titles of the phonebooks by their slots; 0 is the path without a slot, which lists everyone."""
    usual = config.provision.phonebook_name
    titles = {book.slot: book.name_in(config.phonebook_language) or usual for book in books_of(config)}
    everyone = next((titles[book.slot] for book in books_of(config) if book.kind == "everyone"), usual)
    return {0: everyone} | titles


def asked_by(path: str) -> Asked | None:
    """Read a path: `/search`, `/yealink/search`, `/b2/search/1z3-20k`; None for any other."""
    match = _PATH.fullmatch(path)
    return Asked(int(match["slot"] or 0), match["dialect"] or "", match["span"] or "") if match else None


def _layout(profile: Profile, asked: Asked) -> Layout:
    """The name of a dialect in the path lengthens every link."""
    room = profile.longest_url - len(asked.dialect) - bool(asked.dialect)
    return Layout(profile.rows, profile.style, profile.label_width, room)


def _outcome(error: DialtreeError) -> Outcome:
    if isinstance(error, Malformed):
        return "malformed"
    return "unknown" if isinstance(error, Unknown) else "unavailable"


def _locator(config: Config) -> Callable[[str], str]:
    """Return the function from an address to the name of its location, "" for none."""
    locations = Locations(config.numbers)

    @lru_cache(maxsize=4096)
    def locate(address: str) -> str:
        try:
            return locations.of_address(ip_address(address))
        except ValueError:
            return DEFAULT

    return locate
