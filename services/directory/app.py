"""The door of the directory service: `create_app`, and what must be true of the configuration before it."""

from flask import Flask

from services.directory.answers import Answers
from services.directory.health import DirectoryHealth
from services.directory.lookuproute import ENDPOINT, add_lookup, refusals_with_lookup
from services.directory.paging import url_faults
from services.directory.routes import add_routes, refusals_of
from services.directory.tables import NAME, VERSION, LeftOut, count_left_out
from shared.config import Config
from shared.configfile import digest_of
from shared.errors import ConfigurationError
from shared.hiding import count_hidden
from shared.ldap.source import Kind
from shared.metrics import Metrics
from shared.store import Reader
from shared.web import create_web, metrics_of

__all__ = ["create_app", "url_faults"]


def create_app(config: Config, reader: Reader | None = None) -> Flask:
    """Return the WSGI app of the directory service; `reader`: another store than the configuration's.

    Raises `ConfigurationError` when links would exceed what the phone keeps of a URL.
    """
    faults = url_faults(config)
    if faults:
        raise ConfigurationError(faults)
    reader = reader or Reader(config.state_dir / f"{NAME}.db", NAME, VERSION)
    answers = Answers(config, reader)
    refusals = refusals_with_lookup(refusals_of(answers))
    doors = {ENDPOINT: config.directory.lookup_allow}
    configuration = digest_of(config, "directory")
    app = create_web(NAME, config.directory, reader, refusals, doors, DirectoryHealth(config), configuration)
    add_routes(app, config, answers)
    add_lookup(app, config, reader)
    metrics = metrics_of(app)
    _watch_left_out(metrics, reader)
    metrics.watch("directory_answers_made", "Answers to searches that were not kept from before", lambda: answers.made)
    return app


def _watch_left_out(metrics: Metrics, reader: Reader) -> None:
    def left_out() -> LeftOut:
        with reader.snapshot() as db:
            return count_left_out(db)

    metrics.watch("directory_undialable_numbers", "Numbers that cannot be dialled", lambda: left_out().numbers)

    def hidden() -> int:
        with reader.snapshot() as db:
            return sum(count_hidden(db, Kind.PERSON).values())

    metrics.watch("directory_people_hidden", "People whom a rule hides (not those whom LDAP does not send)", hidden)
    metrics.watch("directory_people_without_number", "People who are in no phonebook", lambda: left_out().people)
