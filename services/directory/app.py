"""The door of the directory service: `create_app`, and what must be true of the configuration before it."""

from flask import Flask

from services.directory.paging import url_faults
from services.directory.routes import Documents, add_routes
from services.directory.tables import NAME, VERSION
from shared.config import Config
from shared.errors import ConfigurationError
from shared.store import Reader
from shared.web import create_web

__all__ = ["create_app", "url_faults"]


def create_app(config: Config, reader: Reader | None = None) -> Flask:
    """Return the WSGI app of the directory service; `reader`: another store than the configuration's.

    Raises `ConfigurationError` when links would exceed what the phone keeps of a URL.
    """
    faults = url_faults(config)
    if faults:
        raise ConfigurationError(faults)
    reader = reader or Reader(config.state_dir / f"{NAME}.db", NAME, VERSION)
    documents = Documents(config)
    app = create_web(NAME, config.directory, reader, documents.refusal)
    add_routes(app, config, reader, documents)
    return app
