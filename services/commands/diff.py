"""`dialtree diff`: what a change of the directory, or of the version, would do to phones, before it is made."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click

from services.commands.findings import print_findings
from services.commands.reading import read_directory
from services.commands.roles import ConfigFile
from services.commands.tables import print_table
from services.provision.diff import PhoneChange, changes_since, new_findings, phone_changes
from services.provision.reads import READS
from services.provision.rendering import Renderer
from services.provision.saved import read_saved
from services.provision.workbench import filled_tables
from shared.config import Config
from shared.findings import Finding
from shared.ldap.ldifchange import apply_changes, parse_changes
from shared.ldap.streams import streams_of
from shared.ldap.whole import found_by
from shared.mac import Mac

_ANY: Final = Mac("")
_MOST_NAMED: Final = 5
"""Phones that a row names."""


@click.command()
@click.option(
    "--ldif", "change", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="LDIF change file, as ldapmodify would be given it.",
)  # fmt: skip
@click.option(
    "--since", "saved", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of `dialtree render --save`: compare with what phones got then.",
)  # fmt: skip
@click.pass_obj
def diff(file: ConfigFile, change: Path | None, saved: Path | None) -> None:
    """Say which phones a change would change, parameter by parameter, which would be refused, and what check would find.

    With --ldif, a change of the directory that is not made yet. With --since, everything that changed since the files were
    saved: this version of dialtree, its configuration, the vendor files, and the directory. Nothing is written. Exits with 1
    when a phone would be refused, or when check would find a fault that it does not find now.

    \b
    Examples:
      dialtree diff --ldif change.ldif
      dialtree render --save before    (with the old version)
      dialtree diff --since before     (with the new one)
    """
    if (change is None) == (saved is None):
        raise click.UsageError("give either --ldif CHANGE.ldif or --since FOLDER")
    config = file.load_running("provision")
    found, problems = _by_change(config, change) if change else (_since(config, saved or Path()), ())
    if found:
        print_table(("Phone", "", "Parameter", "Before", "After"), _rows(found))
    if problems:
        print_findings(problems, "What `dialtree check` would find then and does not find now")
    refused = sum(each.fate == "refused" for each in found)
    faults = sum(finding.is_fault for finding in problems)
    told = f"; check would find {len(problems)} more, {faults} of them faults" if problems else ""
    reboots = sum(each.reboots for each in found)
    click.echo(f"{len(found)} phones change, {reboots} reboot, {refused} would be refused{told}.")
    sys.exit(1 if refused or faults else 0)


def _by_change(config: Config, change: Path) -> tuple[list[PhoneChange], Sequence[Finding]]:
    changes = parse_changes(change.name, change.read_bytes().splitlines(keepends=True))
    streams = streams_of(config.ldap, READS)
    whole = read_directory(config, config.ldap.provision_bind, streams)
    changed = apply_changes(change.name, changes, whole)
    renderer = Renderer(config)
    with (
        filled_tables(config, found_by(streams, whole)) as before,
        filled_tables(config, found_by(streams, changed)) as after,
    ):
        return list(phone_changes(renderer, before, after)), new_findings(renderer, before, after)


def _since(config: Config, folder: Path) -> list[PhoneChange]:
    saved = read_saved(folder)
    streams = streams_of(config.ldap, READS)
    whole = read_directory(config, config.ldap.provision_bind, streams)
    with filled_tables(config, found_by(streams, whole)) as now:
        return list(changes_since(saved, Renderer(config), now))


def _rows(found: list[PhoneChange]) -> Iterator[tuple[str, ...]]:
    """Phones to which the same happens stand together: a new default concerns a whole fleet."""
    alike: dict[PhoneChange, list[str]] = {}
    for each in found:
        alike.setdefault(each._replace(mac=_ANY), []).append(each.mac)
    for each, macs in alike.items():
        more = f" and {len(macs) - _MOST_NAMED} more" if len(macs) > _MOST_NAMED else ""
        named = f"{', '.join(macs[:_MOST_NAMED])}{more}"
        first = (named, f"{each.fate}, reboots" if each.reboots else str(each.fate))
        if not each.altered:
            yield (*first, each.problem, "", "")
        for altered in each.altered:
            yield (*first, altered.name, altered.before, altered.after)
            first = ("", "")
