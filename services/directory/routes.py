"""The requests of the directory key over HTTP: a path and a User-Agent in, an `Answer` out. No SQL, no words, no XML."""

from collections.abc import Callable

from flask import Flask, Response, request

from services.directory.answers import Answer, Answers, Asked, Visitor, asked_by
from services.directory.dialects.table import DIALECTS
from services.directory.phonebooks import books_of
from shared.config import Config
from shared.errors import DialtreeError
from shared.lean import WholeResponse
from shared.web import client_address


def refusals_of(answers: Answers) -> Callable[[DialtreeError], Response]:
    """Return what turns a refusal into a document that whoever asked can show."""

    def refuse(error: DialtreeError) -> Response:
        user_agent = request.environ.get("HTTP_USER_AGENT", "")
        return _response(answers.refusal(error, asked_by(request.path) or Asked(), user_agent))

    return refuse


def add_routes(app: Flask, config: Config, answers: Answers) -> None:
    """Add `/search?q=…`, `/<dialect>/search?q=…`, both below `/b<slot>` too, and their links, `…/search/<range>?q=…`.

    Each path is a rule of its own, since the access log names the beginning of a rule and nothing that was typed.
    """
    app.url_map.redirect_defaults = False  # these phones follow no redirect (design law 8)

    def search(slot: int, dialect: str, span: str = "") -> Response:
        environ = request.environ  # once: each attribute of `request` looks for the request anew
        user_agent, languages = environ.get("HTTP_USER_AGENT", ""), environ.get("HTTP_ACCEPT_LANGUAGE", "")
        visitor = Visitor(user_agent, client_address(environ), languages=languages)
        return _response(answers.answer(Asked(slot, dialect, span), environ.get("QUERY_STRING", ""), visitor))

    for slot in (0, *(book.slot for book in books_of(config))):
        for dialect in ("", *(dialect.name for dialect in DIALECTS)):
            path = f"{f'/b{slot}' if slot else ''}{f'/{dialect}' if dialect else ''}/search"
            known = {"slot": slot, "dialect": dialect}
            app.add_url_rule(path, "search", search, defaults=known)
            app.add_url_rule(f"{path}/<span>", "search_range", search, defaults=known)


def _response(answer: Answer) -> Response:
    return WholeResponse(answer.body, answer.status, content_type=answer.content_type)
