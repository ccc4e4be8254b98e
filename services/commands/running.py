"""Whether the running service has the configuration that a command describes. Asks `/readyz`, on this machine only."""

import http.client
import json
from typing import Final

import click

from shared.config import Config
from shared.configfile import ServiceName, digest_of
from shared.settings import Address

_PATIENCE: Final = 1.0
"""Seconds; a service that is busy or down is not waited for."""
_ANY_ADDRESS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1", "*": "127.0.0.1"}  # noqa: S104  # looked up, not listened on


def warn_of_another_configuration(config: Config, service: ServiceName) -> None:
    """Say on standard error when the service runs with another configuration than this one; nothing where it is down."""
    listen = getattr(config, service).listen
    answer = _readiness(listen)
    running = answer.get("configuration")
    if running and running != digest_of(config, service):
        process = answer.get("process")
        click.echo(
            f"dialtree: the {service} service at {listen} runs with an older configuration than this file: "
            f"reload it (kill -HUP {process})",
            err=True,
        )


def _readiness(listen: Address) -> dict[str, object]:
    connection = http.client.HTTPConnection(_ANY_ADDRESS.get(listen.host, listen.host), listen.port, timeout=_PATIENCE)
    try:
        connection.request("GET", "/readyz")
        answer = json.loads(connection.getresponse().read(65536))
    except (OSError, http.client.HTTPException, ValueError):
        return {}
    finally:
        connection.close()
    return answer if isinstance(answer, dict) else {}
