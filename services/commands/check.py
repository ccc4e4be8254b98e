"""`dialtree check`: every fault in directory and configuration, before a phone sees it."""

import click

from services.commands.findings import show_findings
from services.commands.reading import read_directory
from services.commands.roles import ConfigFile
from services.provision.check import findings
from services.provision.reads import READS
from services.provision.rendering import Renderer
from services.provision.workbench import filled_tables
from shared.ldap.streams import streams_of
from shared.ldap.whole import found_by


@click.command()
@click.pass_obj
def check(file: ConfigFile) -> None:
    """Read the directory, and report everything that phones would be refused for or should not be given.

    Exits with 1 when there is a fault, with 2 when the configuration is broken. No mirror need run.

    \b
    Example:
      dialtree check
    """
    config = file.load_running("provision")
    streams = streams_of(config.ldap, READS)
    whole = read_directory(config, config.ldap.provision_bind, streams)
    with filled_tables(config, found_by(streams, whole)) as db:
        found = findings(Renderer(config), db)
        (phones,) = db.execute("SELECT count(*) FROM phones").fetchone()
    show_findings(found, f"{len(whole)} entries, {phones} phones")
