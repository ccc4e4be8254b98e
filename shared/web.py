"""The Flask base of both services: who asks, what is refused, errors, health, metrics, the access log.

Nothing here knows a vendor, LDAP or SQL. No query string, body or header of a request is ever logged: a query holds
names of people.

**Who asks.** Behind nginx everybody is 127.0.0.1, so the peer is believed only when it is no proxy of ours:

* peer outside `trusted_proxies`: the peer is the client; a forwarding header that it sends is ignored;
* trusted peer without `X-Forwarded-For`: a request from that machine itself (a health check, a trial without nginx);
* trusted peer with exactly one address in it: that address, which our nginx set;
* trusted peer with anything else in it (a list, garbage): nginx was told to append, or somebody plays. Refused, since
  the first value of a list is the client's own invention and the peer's address would open the loopback door.
"""

import ipaddress
import json
import logging
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Request, Response, request
from prometheus_client import CollectorRegistry
from werkzeug.exceptions import HTTPException, NotFound

from shared.config import Service
from shared.errors import DialtreeError, Malformed, StoreUnavailable, Unavailable, Unknown, crash_report
from shared.health import NOTHING_TO_WARN_OF, Health, read_warnings
from shared.lean import METHODS, LeanFlask
from shared.metrics import CONTENT_TYPE, Metrics
from shared.settings import LOOPBACK_NETWORKS, Network, Networks
from shared.store import Reader

RETRY_AFTER: Final = 30
"""Seconds after which a client may ask again that was told 503."""
_HEALTH: Final = ("healthz", "readyz", "metrics")
_LONGEST_ADDRESS: Final = 64
_CALLER: Final = "dialtree.caller"
_STARTED: Final = "dialtree.started"

log = logging.getLogger("dialtree.web")
access_log = logging.getLogger("dialtree.access")
"""One line a request: client, method, path, status, bytes, milliseconds.

At INFO what came directly; at DEBUG what came through nginx, which writes a line of its own: a second one for each
request would only cost a worker throughput.
"""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, decided once a request."""

    address: str
    """The client's address; `?` where a forwarding header cannot be believed."""
    allowed: bool
    """It is inside `allow`."""
    local: bool
    """It asks from the machine (or a trusted one) itself and not through nginx: it may see health and metrics."""


def create_web(
    name: str,
    service: Service,
    reader: Reader,
    answer: Callable[[DialtreeError], Response],
    doors: Mapping[str, Networks] | None = None,
    health: Health = NOTHING_TO_WARN_OF,
    configuration: str = "",
) -> Flask:
    """Return an app to which a service adds its views; `answer` turns a refusal into the service's own document.

    `doors`: endpoints that have client networks of their own, instead of the service's. `health`: what `/readyz` and the
    metrics warn of. `configuration`: digest of what the app runs by, shown by `/readyz`.

    A view raises `Unknown`, `Unavailable` or `Malformed`; `answer` is asked for the body and should use `status_of`.
    Paths reach the views with runs of slashes made one. `HEAD` is answered by the view of `GET`.
    """
    metrics = Metrics(name, reader, CollectorRegistry(), health)
    app = _Web(metrics, doors or {})
    app.config.update(MAX_CONTENT_LENGTH=16 * 1024, PROVIDE_AUTOMATIC_OPTIONS=False)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # werkzeug would redirect; `_prepared` makes them one instead
    app.wsgi_app = _prepared(app.wsgi_app, caller_of(service))  # type: ignore[assignment]

    @app.errorhandler(Exception)  # the outermost loop of a request: a phone gets an answer whatever broke
    def refuse(error: Exception) -> Response:
        outcome = _outcome(error)
        response = answer(outcome)
        if isinstance(outcome, Unavailable):
            response.headers.setdefault("Retry-After", str(RETRY_AFTER))
        return response

    _add_health(app, reader, metrics, health, configuration)
    return app


class _Web(LeanFlask):
    """Who is answered, and what is counted."""

    def __init__(self, metrics: Metrics, doors: Mapping[str, Networks]) -> None:
        super().__init__(__name__, static_folder=None)
        self.extensions["dialtree"] = self._metrics = metrics
        self._doors = doors

    def preprocess_request(self) -> Response | None:
        """Refuse who is not allowed (design law 7)."""
        asked = _asked()
        who, endpoint = asked.environ[_CALLER], asked.endpoint
        own = self._doors.get(endpoint or "")
        allowed = who.allowed if own is None else _inside(_parse_address(who.address), own)
        if not (who.local if endpoint in _HEALTH else allowed):
            raise Unknown("this client is not answered")
        if asked.method not in METHODS:
            return Response("GET or HEAD\n", 405, {"Allow": ", ".join(METHODS)}, content_type="text/plain")
        return None

    def process_response(self, response: Response) -> Response:
        """Say how long the answer is, and record it."""
        if not response.is_sequence and "Content-Length" not in response.headers:
            response.make_sequence()  # phones of 2010 do not read chunks (law 8)
        _record(self._metrics, _asked(), response)
        return response


def _asked() -> Request:
    """Return the request itself: each attribute of `request` looks for it anew."""
    asked: Request = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # as Flask says itself
    return asked


def status_of(error: DialtreeError) -> int:
    """Return the HTTP status of an outcome: unknown 404, malformed 400, everything else 503."""
    if isinstance(error, Unknown):
        return 404
    return 400 if isinstance(error, Malformed) else 503


def metrics_of(app: Flask) -> Metrics:
    """Return the counters of an app that `create_web` made."""
    metrics = app.extensions["dialtree"]
    assert isinstance(metrics, Metrics)  # noqa: S101  # create_web put it there
    return metrics


def client_address(environ: WSGIEnvironment) -> str:
    """Return the address of whoever sent a request; `?` where it cannot be believed."""
    caller = environ[_CALLER]
    assert isinstance(caller, Caller)  # noqa: S101  # `_prepared` put it there
    return caller.address


def caller_of(service: Service) -> Callable[[str, str | None], Caller]:
    """Return the function (peer's address, `X-Forwarded-For` or None) → `Caller` for a service's networks."""

    @lru_cache(maxsize=4096)
    def decide(peer: str, forwarded: str | None) -> Caller:
        address = _parse_address(peer)
        trusted = _inside(address, service.trusted_proxies)
        if forwarded is None:
            return Caller(peer, _inside(address, service.allow), trusted or _inside(address, LOOPBACK_NETWORKS))
        if not trusted:
            return Caller(peer, _inside(address, service.allow), local=False)
        client = _parse_address(forwarded)
        return Caller("?" if client is None else str(client), _inside(client, service.allow), local=False)

    def caller(peer: str, forwarded: str | None) -> Caller:
        if forwarded is not None and len(forwarded) > _LONGEST_ADDRESS:
            forwarded = ""  # no address is that long, and the cache is not to fill with what clients invent
        return decide(peer, forwarded)

    return caller


def _parse_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _inside(address: ipaddress.IPv4Address | ipaddress.IPv6Address | None, networks: Iterable[Network]) -> bool:
    return address is not None and any(address in network for network in networks)


def _prepared(wsgi_app: WSGIApplication, caller: Callable[[str, str | None], Caller]) -> WSGIApplication:
    def prepared(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ[_STARTED] = time.perf_counter()
        environ[_CALLER] = caller(environ["REMOTE_ADDR"], environ.get("HTTP_X_FORWARDED_FOR"))
        while "//" in environ["PATH_INFO"]:
            environ["PATH_INFO"] = environ["PATH_INFO"].replace("//", "/")
        return wsgi_app(environ, start_response)

    return prepared


def _outcome(error: Exception) -> DialtreeError:
    if isinstance(error, (Unknown, Unavailable, Malformed)):
        return error
    if isinstance(error, NotFound):
        return Unknown("there is nothing at this path")
    if isinstance(error, HTTPException) and error.code is not None and error.code < 500:  # noqa: PLR2004
        return Malformed(error.name)
    log.error("%s %s failed: %s", request.method, _path(), crash_report(error))
    return Unavailable("the service failed; its log says where")


def _record(metrics: Metrics, asked: Request, response: Response) -> None:
    environ = asked.environ
    seconds = time.perf_counter() - environ[_STARTED]
    status = response.status_code
    metrics.request(asked.endpoint or "none", status, seconds)
    level = logging.INFO if "HTTP_X_FORWARDED_FOR" not in environ else logging.DEBUG
    if access_log.isEnabledFor(level):
        size = response.headers.get("Content-Length", "-")
        address = environ[_CALLER].address
        access_log.log(level, "%s %s %s %d %s %.1f", address, asked.method, _path(), status, size, seconds * 1000)


def _path() -> str:
    """Return the path for a log line.

    What a view takes below a beginning of its own (`/search/…`) is left out: links of a phonebook carry the query there.
    """
    rule = request.url_rule.rule if request.url_rule else ""
    beginning, variable, _ = rule.partition("<")
    if variable and beginning != "/":
        return beginning + "…"
    path = request.path[:200]
    return path if path.isprintable() else path.encode("unicode_escape").decode("ascii")


def _add_health(app: Flask, reader: Reader, metrics: Metrics, health: Health, configuration: str) -> None:
    own = {"configuration": configuration, "process": os.getppid()}

    @app.get("/healthz", endpoint="healthz")
    def healthz() -> Response:
        return Response("alive\n", content_type="text/plain")

    @app.get("/readyz", endpoint="readyz")
    def readyz() -> Response:
        try:
            status = reader.status()
        except StoreUnavailable as error:
            return _readiness(ready=False, problem=str(error), warnings=[], **own)
        return _readiness(
            ready=status.loaded,
            age_seconds=_age(status.confirmed_at),
            connected=status.connected,
            server=status.server,
            entries={str(kind): count for kind, count in status.entries.items()},
            holds=[hold.what for hold in status.holds],
            problem=status.problem,
            compared_seconds_ago=_age(status.compared.at),
            difference=status.compared.difference,
            warnings=[warned._asdict() for warned in read_warnings(reader, health)],
            **own,
        )

    @app.get("/metrics", endpoint="metrics")
    def render_metrics() -> Response:
        return Response(metrics.render(), content_type=CONTENT_TYPE)


def _age(at: float) -> float | None:
    return round(max(0.0, time.time() - at), 1) if at else None


def _readiness(*, ready: bool, **details: object) -> Response:
    response = Response(json.dumps({"ready": ready, **details}) + "\n", content_type="application/json")
    if not ready:
        response.status_code = 503
        response.headers["Retry-After"] = str(RETRY_AFTER)
    return response
