"""`dialtree diff`: what a change of the directory would do to phones, before it is made."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from services.commands.reading import read_directory
from services.commands.roles import ConfigFile
from services.commands.tables import print_table
from services.provision.diff import PhoneChange, phone_changes
from services.provision.reads import READS
from services.provision.rendering import Renderer
from services.provision.workbench import filled_tables
from shared.ldap.ldifchange import apply_changes, parse_changes
from shared.ldap.streams import streams_of
from shared.ldap.whole import found_by


@click.command()
@click.option(
    "--ldif", "change", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="LDIF change file, as ldapmodify would be given it.",
)  # fmt: skip
@click.pass_obj
def diff(file: ConfigFile, change: Path) -> None:
    """Say which phones a change of the directory would change, parameter by parameter, and which would be refused.

    Nothing is written. Exits with 1 when a phone would be refused that is served now.

    \b
    Example:
      dialtree diff --ldif change.ldif
    """
    config = file.load_running("provision")
    changes = parse_changes(change.name, change.read_bytes().splitlines(keepends=True))
    streams = streams_of(config.ldap, READS)
    whole = read_directory(config, config.ldap.provision_bind, streams)
    changed = apply_changes(change.name, changes, whole)
    with (
        filled_tables(config, found_by(streams, whole)) as before,
        filled_tables(config, found_by(streams, changed)) as after,
    ):
        found = list(phone_changes(Renderer(config), before, after))
    if found:
        print_table(("Phone", "", "Parameter", "Now", "Then"), _rows(found))
    refused = sum(each.fate == "refused" for each in found)
    click.echo(f"{len(found)} phones change, {sum(each.reboots for each in found)} reboot, {refused} would be refused.")
    sys.exit(1 if refused else 0)


def _rows(found: list[PhoneChange]) -> Iterator[tuple[str, ...]]:
    for each in found:
        first = (str(each.mac), f"{each.fate}, reboots" if each.reboots else str(each.fate))
        if not each.altered:
            yield (*first, each.problem, "", "")
        for altered in each.altered:
            yield (*first, altered.name, altered.before, altered.after)
            first = ("", "")
