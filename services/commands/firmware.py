"""`dialtree firmware add`, `dialtree firmware list`: the vendor's files, and which phones get them."""

import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from services.commands.reading import read_directory
from services.commands.roles import ConfigFile
from services.commands.tables import print_table
from services.provision.firmware import place, read_manifest, refuse_unplaceable, uses_of
from services.provision.reads import READS
from services.provision.rendering import Renderer
from services.provision.rollout import Recipients, Rollout
from services.provision.vendors.thomson.files import HELD, MANIFEST
from services.provision.workbench import filled_tables
from shared.config import Config
from shared.errors import DialtreeError, LdifError, SourceUnavailable
from shared.ldap.entry import dn_key
from shared.ldap.ldifwriter import Modify, Record, render_changes
from shared.ldap.streams import streams_of
from shared.ldap.whole import Whole, found_by
from shared.mac import Mac, parse_mac

_SHOWN = 4
"""Addresses of a group that are shown; the rest is counted."""
_ASKED = (
    "Say who is to get it: --all, --profile NAME, or --canary MAC. Nothing was placed, and no phone gets anything else."
)


@click.command()
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@click.argument("more", metavar="[MAC]...", nargs=-1)
@click.option("--all", "for_all", is_flag=True, help="Give it to every phone that pins no other file.")
@click.option("--profile", default="", metavar="NAME", help="Give it to the phones of this profile alone.")
@click.option("--canary", multiple=True, metavar="MAC...", help="Give it to these phones alone.")
@click.option(
    "--force", is_flag=True, help="Replace a file of this name. Phones that have the name do not fetch it again."
)
@click.pass_obj
def add(  # the command line's own words
    file: ConfigFile,
    source: Path,
    more: tuple[str, ...],
    profile: str,
    canary: tuple[str, ...],
    *,
    for_all: bool,
    force: bool,
) -> None:
    """Say which phones would get a file of the vendor, and place it into `provision.vendor_dir`, with its SHA-256.

    Without one of --all, --profile and --canary nothing is placed, and the exit code is 1. With --profile or --canary the
    file is placed and held: nobody gets it until the directory says so. The change for that is printed as LDIF, for `dialtree
    diff` and `ldapmodify`. --all gives a held file to everybody.

    \b
    Example:
      dialtree firmware add v2030SG.2.74.zz
      dialtree firmware add v2030SG.2.74.zz --canary 00:1F:9F:16:E8:49 > canary.ldif
      dialtree firmware add v2030SG.2.74.zz --all
    """
    if more and not canary:
        raise click.UsageError(f"{more[0]} is one word too much; addresses follow --canary")
    if for_all + bool(profile) + bool(canary) > 1:
        raise click.UsageError("--all, --profile and --canary exclude each other; say one of them")
    config = file.load()
    renderer = Renderer(config)
    refuse_unplaceable(renderer, source)
    macs = [parse_mac(each) for words in (*canary, *more) for each in words.split(",") if each.strip()]
    if profile or macs:
        with _rollout(config, renderer) as (rollout, whole):
            _add_for_some(renderer, rollout, whole, source, profile, macs, force=force)
        return
    _show_recipients(config, renderer, source.name)
    if not for_all:
        click.echo(_ASKED, err=True)
        sys.exit(1)
    click.echo(f"{place(renderer, source, force=force)}  {source.name}")
    for use in uses_of(Renderer(config), source.name):
        given = "gets it from now on, unless a profile pins another" if use.given else "gets another one, unless pinned"
        click.echo(f"{use.model.name}: {use.line}; {given}.")


def _show_recipients(config: Config, renderer: Renderer, name: str) -> None:
    """Say who would get a file; without a directory that can be read, which models would."""
    try:
        with _rollout(config, renderer) as (rollout, _):
            _show(rollout.recipients(name), "would get it", to_stderr=False)
            if rollout.is_for_unknown(name):
                click.echo("Phones that no entry names would get it too.")
    except (SourceUnavailable, LdifError) as error:  # placing a file for all needs no directory
        click.echo(f"Which phones would get it is not known: {error}", err=True)


def _add_for_some(  # what the command was told
    renderer: Renderer,
    rollout: Rollout,
    whole: Whole,
    source: Path,
    profile: str,
    macs: Sequence[Mac],
    *,
    force: bool,
) -> None:
    """Place a file for some phones, and print the change that gives it to them."""
    name = source.name
    if profile:
        chosen = rollout.profile_named(profile)
        wanted: Collection[Mac] = rollout.below(chosen)
        after = rollout.recipients_below(name, chosen)
        changes: Sequence[Record | Modify] = rollout.change_of_profile(name, chosen)
    else:
        wanted = macs
        after = rollout.recipients_of(name, macs)
        changes = rollout.change_of_phones(name, macs, lambda dn: _classes(whole, dn))
    rollout.refuse_others(name, wanted)
    digest = place(renderer, source, held=True, force=force)
    click.echo(f"{digest}  {name}", err=True)
    _show(after, "get it after this change", to_stderr=True)
    if changes:
        click.echo(
            "Nobody gets it before. Try the change with dialtree diff --ldif, and make it with ldapmodify:", err=True
        )
        click.echo(render_changes(changes).decode("ascii"), nl=False)
    else:
        click.echo("The directory says so already.", err=True)


@contextmanager
def _rollout(config: Config, renderer: Renderer) -> Iterator[tuple[Rollout, Whole]]:
    streams = streams_of(config.ldap, READS)
    whole = read_directory(config, config.ldap.provision_bind, streams)
    with filled_tables(config, found_by(streams, whole)) as db:
        yield Rollout(renderer, db), whole


def _classes(whole: Whole, dn: str) -> frozenset[str]:
    entry = whole.get(dn_key(dn))
    return frozenset(map(str.lower, entry.values(("objectClass",)))) if entry else frozenset()


def _show(recipients: Iterable[Recipients], what: str, *, to_stderr: bool) -> None:
    total = 0
    for each in recipients:
        total += len(each.macs)
        shown = ", ".join(each.macs[:_SHOWN]) + (", …" if len(each.macs) > _SHOWN else "")
        model = each.model or "phones whose entry names no model"
        profile = f"profile {each.profile}" if each.profile else "no profile"
        click.echo(f"{model}, {profile}: {len(each.macs)} ({shown})", err=to_stderr)
    click.echo(f"{total} phones of the directory {what}.", err=to_stderr)


@click.command("list")
@click.pass_obj
def list_files(file: ConfigFile) -> None:
    """Show the vendor's files, what they are for, and who gets them.

    \b
    Example:
      dialtree firmware list
    """
    config = file.load_running("provision")
    print_table(("File", "Model", "Line", "Bytes", "SHA-256", "Given to"), _rows(config))


def _rows(config: Config) -> list[tuple[str, ...]]:
    folder = config.provision.vendor_dir
    if folder is None:
        raise DialtreeError("provision.vendor_dir is not set; name the folder for vendor files")
    renderer = Renderer(config)
    rows: list[tuple[str, ...]] = []
    try:
        sums = read_manifest(folder)
        for path in sorted(folder.iterdir()):
            if path.name.startswith(".") or path.name in (MANIFEST, HELD) or not path.is_file():
                continue
            size, digest = str(path.stat().st_size), sums.get(path.name, "")
            uses = uses_of(renderer, path.name)
            rows += [
                (path.name, use.model.name, use.line, size, digest, _given(use.given, use.held)) for use in uses
            ] or [(path.name, "", "", size, digest, "")]
    except OSError as error:
        raise DialtreeError(f"{error.filename}: {error.strerror}; correct provision.vendor_dir") from None
    return rows


def _given(given: bool, held: bool) -> str:  # noqa: FBT001  # two cells of a row
    if given:
        return "all"
    return "those that pin it (held)" if held else "those that pin it"
