"""`dialtree provision mirror`, `dialtree directory mirror`: follow the directory into a service's file."""

import gc
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from services.commands.roles import ConfigFile, Role, directory_role, provision_role
from shared.acceptance import accept_holds
from shared.config import Config
from shared.configfile import ServiceName
from shared.ldap.open import open_source
from shared.mirror import run_mirror
from shared.process import start_logging, stopped_by_signals

_LOOK_AFTER: Final = 50_000
"""New objects after which the collector looks for cycles: a load makes few of them, and objects by the million."""
_HELP: Final = """Follow LDAP into the {0} service's file.

\b
Example:
  dialtree {0} mirror
  dialtree {0} mirror --accept
"""


def follow(config: Config, role: Role, stop: threading.Event, *, progress: bool) -> None:
    """Run a service's mirror until `stop`."""
    source = open_source(config.ldap, role.bind)
    gc.freeze()  # what was imported stays: the collector need not look through it again and again during a load
    gc.set_threshold(_LOOK_AFTER)
    run_mirror(config, role.tables, role.reads, source, stop, progress=progress)


def _mirror_command(name: ServiceName, role_of: Callable[[Config], Role]) -> click.Command:
    @click.command("mirror", help=_HELP.format(name))
    @click.option("--accept", is_flag=True, help="Accept the removals that the guard holds, and return.")
    @click.pass_obj
    def mirror(file: ConfigFile, *, accept: bool) -> None:
        config = file.load(name)
        role = role_of(config)
        if accept:
            _accept(role.database(config))
            return
        start_logging(config.log_level)
        with stopped_by_signals() as stop:
            follow(config, role, stop, progress=True)

    return mirror


def _accept(database: Path) -> None:
    holds = accept_holds(database)
    if not holds:
        click.echo("Nothing is held.")
    for hold in holds:
        click.echo(f"Accepted: {hold.what}")


provision = _mirror_command("provision", provision_role)
directory = _mirror_command("directory", directory_role)
