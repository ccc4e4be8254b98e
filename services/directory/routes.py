"""The requests of the directory key: a query string into a query, a page or a refusal into a document. No SQL, no words."""

from typing import Final
from urllib.parse import unquote_to_bytes

from flask import Flask, Response, request

from services.directory.dialects import thomson
from services.directory.paging import EVERYTHING, Book, Page, Row, SearchTooLong, Span, parse_span
from services.directory.search import Request, Search
from services.directory.words import parse_query
from shared.config import Config
from shared.errors import DialtreeError, Malformed, Unknown
from shared.store import Reader
from shared.web import status_of

MOST_WORDS: Final = 64
"""Words of a query; no name has so many, and each one costs time."""
_TEXTS: Final = {
    "empty": "Type a name or a number",
    "short": "Type at least {least} letters",
    "long": "Search too long",
    "malformed": "Search not understood",
    "unknown": "Not available",
    "unavailable": "Directory unavailable",
}
"""What a phone shows instead of rows; translations are a later issue."""


class Documents:
    """Turns pages and refusals into answers of the configured charset."""

    def __init__(self, config: Config) -> None:
        self._charset = config.directory.charset

    def page(self, page: Page, status: int = 200) -> Response:
        """Return a page as a document."""
        body = thomson.render_page(page, self._charset)
        return Response(body, status, content_type=thomson.content_type(self._charset))

    def message(self, text: str, status: int = 200) -> Response:
        """Return a phonebook with one entry that cannot be dialled."""
        return self.page(Book((Row(text, "", ""),)), status)

    def refusal(self, error: DialtreeError) -> Response:
        """Return a document that says why there are no rows (design law 6)."""
        if isinstance(error, SearchTooLong):
            text = _TEXTS["long"]
        elif isinstance(error, Malformed):
            text = _TEXTS["malformed"]
        else:
            text = _TEXTS["unknown" if isinstance(error, Unknown) else "unavailable"]
        return self.message(text, status_of(error))


def add_routes(app: Flask, config: Config, reader: Reader, documents: Documents) -> None:
    """Add `/search?q=…` and the links of menus, `/search/<range>?q=…`."""
    search = Search(config)
    least = config.directory.min_query

    def answer(span: Span) -> Response:
        query = parse_query(typed_text(request.environ.get("QUERY_STRING", "")))
        if query.letters < least:
            text = _TEXTS["short"].format(least=least) if least > 1 else _TEXTS["empty"]
            return documents.message(text)
        if len(query.words) > MOST_WORDS:
            raise SearchTooLong(f"the search has more than {MOST_WORDS} words")
        with reader.snapshot() as db:
            page = search.find_page(db, Request(query, span))
        return documents.page(page)

    @app.get("/search", endpoint="search")
    def search_first() -> Response:
        return answer(EVERYTHING)

    @app.get("/search/<span>", endpoint="search_range")
    def search_range(span: str) -> Response:
        return answer(parse_span(span))


def typed_text(query_string: str) -> str:
    """Return what was typed: the first `q` of a raw query string, as WSGI gives it (bytes as ISO-8859-1).

    Percent-encoded UTF-8 or else ISO-8859-1; `+` is a blank; a percent sign that encodes nothing stays one.
    """
    for field in query_string.encode("latin-1", errors="replace").split(b"&"):
        name, _, value = field.partition(b"=")
        if name == b"q":
            raw = unquote_to_bytes(value.replace(b"+", b" "))
            try:
                return raw.decode("utf-8")
            except UnicodeDecodeError:
                return raw.decode("latin-1")
    return ""
