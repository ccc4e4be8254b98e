"""`GET /lookup?number=…` over HTTP: the name of a caller as plain text or JSON. No SQL, no numbers.

**Text is a name or nothing.** Asterisk's `CURL()` gives the dialplan whatever body comes, and does not look at the status
(func_curl.c; https://docs.asterisk.org/Latest_API/API_Documentation/Dialplan_Functions/CURL). So a body that says why
there is no name would ring as a caller: whoever is unknown, and every refusal, has an empty one. The status tells them apart.
JSON says in words what went wrong, with an empty `name` all the same.
"""

import json
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote_to_bytes

from flask import Flask, Response, request

from services.directory.reverse import Named, ReverseLookup, parse_caller_number
from shared.config import Config
from shared.errors import DialtreeError, Malformed
from shared.store import Reader
from shared.web import status_of

ENDPOINT: Final = "lookup"
_PATH: Final = "/lookup"
_TEXT: Final = "text/plain; charset=utf-8"
_JSON: Final = "application/json"
_ERRORS: Final = {400: "malformed", 404: "unknown", 503: "unavailable"}


def add_lookup(app: Flask, config: Config, reader: Reader) -> None:
    """Add `/lookup?number=…`; `format=json`, or `Accept: application/json`, asks for JSON."""
    reverse = ReverseLookup(config)

    @app.get(_PATH, endpoint=ENDPOINT)
    def lookup() -> Response:
        if _asked("format") not in ("", "json", "text"):
            raise Malformed("format is json or text")
        caller = parse_caller_number(_asked("number"))
        with reader.snapshot() as db:
            named = reverse.find(db, caller)
        return _answer(named)


def refusals_with_lookup(others: Callable[[DialtreeError], Response]) -> Callable[[DialtreeError], Response]:
    """Return what answers refusals of `/lookup`, and leaves those of other paths to `others`."""

    def refuse(error: DialtreeError) -> Response:
        return _refusal(error) if request.path.rstrip("/") == _PATH else others(error)

    return refuse


def _answer(named: Named) -> Response:
    if not _wants_json():
        return Response(named.name, content_type=_TEXT)
    return _json({"number": named.number, "name": named.name, "names": named.names}, 200)


def _refusal(error: DialtreeError) -> Response:
    status = status_of(error)
    if not _wants_json():
        return Response("", status, content_type=_TEXT)
    return _json({"number": "", "name": "", "names": [], "error": _ERRORS[status]}, status)


def _json(document: dict[str, object], status: int) -> Response:
    return Response(json.dumps(document, ensure_ascii=False) + "\n", status, content_type=_JSON)


def _wants_json() -> bool:
    asked = _asked("format")
    return asked == "json" or (not asked and request.accept_mimetypes.best_match(["text/plain", _JSON]) == _JSON)


def _asked(name: str) -> str:
    """Return a field of the query string. A plus sign stays one: it begins a number, and nobody writes blanks so."""
    for field in request.environ.get("QUERY_STRING", "").encode("latin-1", errors="replace").split(b"&"):
        key, _, value = field.partition(b"=")
        if key == name.encode():
            return unquote_to_bytes(value).decode("utf-8", errors="replace")
    return ""
