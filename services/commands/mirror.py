"""`dialtree provision mirror`, `dialtree directory mirror`: follow the directory into a service's file."""

import gc
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from services.commands.roles import ConfigFile, Role, directory_role, provision_role
from shared.acceptance import accept_holds, want_everything
from shared.config import Config
from shared.configfile import ServiceName
from shared.ldap.open import open_source
from shared.mirror import run_mirror
from shared.process import start_logging, stopped_by_signals

log = logging.getLogger("dialtree.mirror")

_LOOK_AFTER: Final = 50_000
"""New objects after which the collector looks for cycles: a load makes few of them, and objects by the million."""
_HELP: Final = """Follow LDAP into the {0} service's file.

\b
Example:
  dialtree {0} mirror
  dialtree {0} mirror --accept
  dialtree {0} mirror --refresh
"""
_END_SECONDS: Final = 1.5
"""What is not ended by itself so long after it was asked to is ended at once: the file bears that at any moment."""


def follow(config: Config, role: Role, stop: threading.Event, *, progress: bool) -> None:
    """Run a service's mirror until `stop`."""
    source = open_source(config.ldap, role.bind)
    gc.freeze()  # what was imported stays: the collector need not look through it again and again during a load
    gc.set_threshold(_LOOK_AFTER)
    ended = threading.Event()
    threading.Thread(target=_end_in_time, args=(role.name, stop, ended), name="end", daemon=True).start()
    try:
        run_mirror(config, role.tables, role.reads, source, stop, progress=progress)
    finally:
        ended.set()


def _end_in_time(name: str, stop: threading.Event, ended: threading.Event) -> None:
    """End the process when it is asked to and cannot: it may be in a call of LDAP's library, or of SQLite's on a large load."""
    stop.wait()
    if ended.wait(_END_SECONDS):
        return
    log.warning("%s: ended in the middle of its work; what was stored before still serves", name)
    logging.shutdown()
    os._exit(0)


def _mirror_command(name: ServiceName, role_of: Callable[[Config], Role]) -> click.Command:
    @click.command("mirror", help=_HELP.format(name))
    @click.option("--accept", is_flag=True, help="Accept the removals that the guard holds, and return.")
    @click.option("--refresh", is_flag=True, help="Let the mirror read everything again, and return.")
    @click.pass_obj
    def mirror(file: ConfigFile, *, accept: bool, refresh: bool) -> None:
        config = file.load(name)
        role = role_of(config)
        if accept or refresh:
            if accept:
                _accept(role.database(config))
            if refresh:
                want_everything(role.database(config))
                click.echo("The mirror reads everything again: now, or when it starts.")
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
