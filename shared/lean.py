"""Flask with no more to do for a request than we use of it, which is half of the time that it takes as it comes.

There are no blueprints, coroutines, sessions, subdomains, redirects, streams, or URLs to be built. What is answered, and to
whom, is not known here.
"""

import re
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, Final, NamedTuple, cast
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask, Request, Response
from flask.sessions import NullSession, SessionInterface
from werkzeug.routing import Map, MapAdapter, Rule

METHODS: Final = ("GET", "HEAD")
"""What every view answers."""
ANY_PATH: Final = "/<path:path>"
"""The rule of an app that reads paths itself."""
_USUAL: Final = re.compile(r"/[^/\n](?:[^\n]*[^/\n])?")
"""A path that this rule takes as it is; of others werkzeug decides what is left."""


class WholeResponse(Response):
    """A response whose body is there, in one piece: nothing is streamed, rewritten or closed when it is sent."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Send status, headers and body as they are."""
        start_response(self.status, self.headers.to_wsgi_list())
        return () if environ["REQUEST_METHOD"] == "HEAD" else cast("list[bytes]", self.response)


class _NoSession(SessionInterface):
    """Phones have no session, and nothing is looked for in their requests."""

    def open_session(self, app: Flask, request: Request) -> NullSession:  # noqa: ARG002  # Flask's signature
        return _NO_SESSION

    def is_null_session(self, obj: object) -> bool:  # noqa: ARG002  # Flask's signature
        return True


_NO_SESSION: Final = NullSession()


class LeanFlask(Flask):
    """The base of an app. Its hooks before and after each view are methods: `preprocess_request`, `process_response`.

    A registered one is looked up by blueprint and asked whether it is a coroutine, every time.
    """

    session_interface = _NoSession()

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Bind the rules to a path alone."""
        if request is None:
            return super().create_url_adapter(None)
        return _PathAdapter(self._rules, self.url_map, request)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, which is no coroutine."""
        return func

    def do_teardown_request(self, exc: BaseException | None = None) -> None:
        """Nothing is left of a request."""

    @cached_property
    def _rules(self) -> "_Rules":
        """All rules are there before the first request."""
        rules = list(self.url_map.iter_rules())
        plain = {rule.rule: rule for rule in rules if rule.arguments == set(rule.defaults or ())}
        others = [rule for rule in rules if rule.rule not in plain]
        return _Rules(plain, others[0] if [rule.rule for rule in others] == [ANY_PATH] else None)


class _Rules(NamedTuple):
    """The rules of an app. `plain`: without a variable part; `any`: `ANY_PATH`, where it is the only other one."""

    plain: dict[str, Rule]
    any: Rule | None


class _PathAdapter(MapAdapter):
    """Finds the rule of most paths by a look-up, where werkzeug tries part after part."""

    def __init__(self, known: _Rules, rules: Map, request: Request) -> None:
        super().__init__(rules, "", "/", "", "http", request.path, request.method)
        self._known = known

    def match(self, *args: Any, **options: Any) -> Any:
        """Return the rule and its values, as Flask asks for them. Raises `NotFound`, `MethodNotAllowed`."""
        if self.default_method in METHODS:
            rule = self._known.plain.get(self.path_info)
            if rule is not None:
                return rule, rule.defaults or {}
            if self._known.any is not None and _USUAL.fullmatch(self.path_info):
                return self._known.any, {"path": self.path_info[1:]}
        return super().match(*args, **options)
