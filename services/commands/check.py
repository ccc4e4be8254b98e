"""`dialtree check`: every fault in directory and configuration, before a phone sees it."""

from functools import partial

import click

from services.commands.findings import show_findings
from services.commands.mirrored import mirror_findings
from services.commands.reading import counted, read_found_entries, unreadable
from services.commands.roles import ConfigFile, provision_role
from services.provision.check import findings
from services.provision.check_empty import empty_directory
from services.provision.reads import READS
from services.provision.rendering import Renderer
from services.provision.workbench import filled_tables
from shared.errors import SourceUnavailable
from shared.findings import in_order
from shared.ldap.streams import streams_of
from shared.ldap.survey import surveyed


@click.command()
@click.pass_obj
def check(file: ConfigFile) -> None:
    """Read the directory, and report everything that phones would be refused for or should not be given.

    Exits with 1 when there is a fault, with 2 when the configuration is broken. No mirror need run;
    where one does, what it holds is compared with what LDAP shows.

    \b
    Example:
      dialtree check
    """
    config = file.load_running("provision")
    streams = streams_of(config.ldap, READS)
    bind = config.ldap.provision_bind
    with surveyed(config.ldap, bind) as survey:
        try:
            entries = read_found_entries(config, bind, streams)
        except SourceUnavailable as error:
            why = unreadable(error, survey, streams, lambda _: False)
            show_findings(in_order(why), "The directory could not be read")
        of_nothing = tuple(empty_directory(config, streams, entries, survey))
    with filled_tables(config, entries) as db:
        found = findings(Renderer(config), db)
        (phones,) = db.execute("SELECT count(*) FROM phones").fetchone()
    of_mirror = mirror_findings(
        config, provision_role(config), entries, partial(read_found_entries, config, bind, streams)
    )
    show_findings(in_order((*of_nothing, *found, *of_mirror)), f"{counted(entries)}, {phones} phones")
