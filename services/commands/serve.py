"""`dialtree provision serve`, `dialtree directory serve`: answer phones, and follow the directory beside it."""

import logging
import sys
import threading
from collections.abc import Callable
from typing import Final

import click
from flask import Flask

from services.commands.mirror import follow
from services.commands.roles import ConfigFile, Role, directory_role, provision_role
from services.directory import app as directory_app
from services.provision import app as provision_app
from shared.config import Config
from shared.config_faults import warnings_of
from shared.configfile import ServiceName
from shared.process import start_logging
from shared.workers import Setup, run_service

log = logging.getLogger("dialtree.config")

_HELP: Final = """Answer phones, and follow LDAP beside it.

SIGHUP reads configuration and secrets again and replaces all processes; no request is refused
meanwhile, and a faulty configuration changes nothing. SIGTERM ends it.

\b
Example:
  dialtree {0} serve
"""


def _serve_command(
    name: ServiceName, role_of: Callable[[Config], Role], create_app: Callable[[Config], Flask]
) -> click.Command:
    @click.command("serve", help=_HELP.format(name))
    @click.option("--no-mirror", is_flag=True, help="Only answer; `mirror` runs elsewhere.")
    @click.pass_obj
    def serve(file: ConfigFile, *, no_mirror: bool) -> None:
        def read() -> Setup:
            config = file.load(name)
            role = role_of(config)
            start_logging(config.log_level)
            for warning in warnings_of(config):
                log.warning("configuration: %s", warning)

            def mirror_beside(stop: threading.Event) -> None:
                follow(config, role, stop, progress=False)

            return Setup(role.service, lambda: create_app(config), None if no_mirror else mirror_beside)

        sys.exit(run_service(name, read(), read))

    return serve


provision = _serve_command("provision", provision_role, provision_app.create_app)
directory = _serve_command("directory", directory_role, directory_app.create_app)
