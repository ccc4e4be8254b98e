"""The door of the provision service: `create_app`, one Flask app a worker. Rendering stands in `rendering`, paths in `routes`."""

from typing import Final

from flask import Flask, Response, request

from services.provision.health import ProvisionHealth
from services.provision.rendering import Renderer
from services.provision.routes import Routes
from services.provision.tables import ProvisionTables
from shared.config import Config
from shared.configfile import digest_of
from shared.errors import DialtreeError
from shared.lean import ANY_PATH
from shared.store import Reader
from shared.web import client_address, create_web, metrics_of, status_of

_REFUSALS: Final = {400: "malformed request\n", 404: "not found\n", 503: "unavailable, ask again later\n"}


def create_app(config: Config, reader: Reader | None = None) -> Flask:
    """Return the WSGI app. `reader`: the service's store; without one, the file of the configuration.

    Raises `ConfigurationError` when a parameter of the configuration cannot be used.
    """
    tables = ProvisionTables
    reader = reader or Reader(config.state_dir / f"{tables.name}.db", tables.name, tables.version)
    configuration = digest_of(config, "provision")
    app = create_web(
        "provision", config.provision, reader, _answer, health=ProvisionHealth(), configuration=configuration
    )
    routes = Routes(config.provision.path_prefix, Renderer(config), reader, metrics_of(app))

    @app.get(ANY_PATH, endpoint="file")
    def file(path: str) -> Response:
        environ = request.environ
        return routes.answer(f"/{path}", environ.get("HTTP_USER_AGENT", ""), client_address(environ))

    return app


def _answer(error: DialtreeError) -> Response:
    """The same bytes for every refusal of a kind: why is in the log, not in the answer (law 7)."""
    status = status_of(error)
    return Response(
        _REFUSALS[status], status, content_type="text/plain; charset=iso-8859-1", headers={"Cache-Control": "no-store"}
    )
