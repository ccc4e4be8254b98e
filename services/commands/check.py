"""`dialtree check`: every fault in directory and configuration, before a phone sees it."""

import sys

import click
from rich.text import Text

from services.commands.roles import ConfigFile
from services.commands.tables import print_table
from services.provision.check import findings
from services.provision.rendering import Renderer
from services.provision.tables import READS
from services.provision.workbench import filled_tables
from shared.ldap.open import open_source
from shared.ldap.streams import streams_of
from shared.ldap.whole import found_by, read_whole
from shared.progress import shown_progress


@click.command()
@click.pass_obj
def check(file: ConfigFile) -> None:
    """Read the directory, and report everything that phones would be refused for or should not be given.

    Exits with 1 when there is a fault, with 2 when the configuration is broken. No mirror need run.

    \b
    Example:
      dialtree check
    """
    config = file.load()
    streams = streams_of(config.ldap, READS)
    with shown_progress("reading the directory", enabled=True) as show:
        whole = read_whole(open_source(config.ldap, config.ldap.provision_bind), streams, show)
    with filled_tables(config, found_by(streams, whole)) as db:
        found = findings(Renderer(config), db)
        (phones,) = db.execute("SELECT count(*) FROM phones").fetchone()
    faults = sum(finding.is_fault for finding in found)
    if found:
        marks = {True: Text("fault", style="red"), False: Text("note", style="dim")}
        rows = ((marks[each.is_fault], each.where, each.what, each.problem) for each in found)
        print_table(("", "Entry or file", "Attribute or setting", "What, and the mend"), rows)
    click.echo(f"{len(whole)} entries, {phones} phones: {faults} faults.")
    sys.exit(1 if faults else 0)
