"""`dialtree import`: from hand-written files to LDIF."""

import os
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.commands.roles import ConfigFile
from services.provision.importing.report import Report, Weight
from services.provision.importing.run import Imported, Sources, run_import
from services.provision.importing.textfile import ImportFault
from shared.config import Config

_TERMINAL = "-"
_UNREADABLE = 2
_WIDE = 240
"""Columns of a report that goes into a file: a path that is broken up cannot be searched for."""


@click.command("sip-conf")
@click.argument("conf", nargs=-1, type=click.Path(path_type=Path))
@click.option("--users", type=click.Path(path_type=Path), help="users.conf beside it.")
@click.option(
    "--dialplan", type=click.Path(path_type=Path), help="Its hints say extensions [extensions.conf beside CONF]."
)
@click.option(
    "--root",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder into which the other machine was copied: #include stays below it.",
)
@click.option(
    "--files", type=click.Path(path_type=Path), help="Folder of general, common and phone files, as phones fetch them."
)
@click.option("--base", help="DN below which the entries shall stand [ldap.base, else dc=example,dc=org].")
@click.option("--output", default="import.ldif", show_default=True, help="LDIF file, mode 0600; - for the terminal.")
@click.option("--settings", type=click.Path(path_type=Path), help="File for what dialtree.toml has to say.")
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
@click.pass_context
def sip_conf(  # noqa: PLR0913, PLR0917  # each is one option of the command
    ctx: click.Context,
    conf: tuple[Path, ...],
    users: Path | None,
    dialplan: Path | None,
    root: Path | None,
    files: Path | None,
    base: str | None,
    output: str,
    settings: Path | None,
    *,
    force: bool,
) -> None:
    """Turn CONF (sip.conf, users.conf, pjsip.conf, pjsip_wizard.conf) and hand-written phone files into LDIF.

    The LDIF holds the SIP passwords. Load it with `ldapadd -c`, below an entry that is there. The report says what could
    not be carried over; the exit code is 1 when there was anything, 2 when a file cannot be read or is there already, or
    when nothing could be imported.

    \b
    Example:
      dialtree import sip-conf /etc/asterisk/sip.conf --files /var/www/provisioning --base dc=example,dc=org
    """
    confs = (*conf, users) if users else conf
    if not confs and files is None:
        raise click.UsageError("name sip.conf, users.conf or pjsip.conf, or a folder with --files")
    targets = [path for path in (None if output == _TERMINAL else Path(output), settings) if path is not None]
    there = [path for path in targets if path.exists()]
    if there and not force:
        _refuse(ctx, f"{there[0]} is there already; choose another name, or say --force")
    config = _configuration(ctx.obj)
    try:
        sources = Sources(confs, files, root, dialplan)
        imported = run_import(sources, base or config.ldap.base or "dc=example,dc=org", config)
        if not imported.is_empty:
            _write(imported, output, settings)
    except ImportFault as error:
        _refuse(ctx, str(error))
    except OSError as error:
        _refuse(ctx, f"{error.filename}: {error.strerror}; check the folder and the permissions")
    show_report(imported, Console(stderr=True, width=None if sys.stderr.isatty() else _WIDE))
    if imported.is_empty:
        _refuse(ctx, "the files hold no account and no phone; name sip.conf, users.conf or pjsip.conf, and --files")
    ctx.exit(0 if imported.report.is_complete else 1)


def show_report(imported: Imported, console: Console) -> None:
    """Print the report for people."""
    if list(imported.report):
        console.print(_table(imported.report))
    counts = f"{imported.people} people, {imported.phones} phones, {imported.profiles} profiles"
    whole = imported.report.is_complete and not imported.is_empty
    end = "everything was carried over" if whole else "not everything was carried over"
    console.print(f"{counts}: {end}.", highlight=False, markup=False)


def _table(report: Report) -> Table:
    table = Table("", "What", "Where", "Why", "Mend")
    for row in report:
        cells = ("lost" if row.weight is Weight.LOST else "note", row.what, row.where, row.why, row.mend)
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _configuration(file: ConfigFile) -> Config:
    """The site's configuration, whose values need not be repeated; the defaults where there is none."""
    if file.is_there:
        return file.load()
    return Config.model_validate({"ldap": {"source": "ldif", "ldif_file": "none.ldif"}})


def _write(imported: Imported, output: str, settings: Path | None) -> None:
    if output == _TERMINAL:
        sys.stdout.buffer.write(imported.ldif)
        sys.stdout.buffer.flush()
    else:
        _write_private(Path(output), imported.ldif)
    if settings is not None and imported.settings:
        _write_private(settings, imported.settings.encode())


def _write_private(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)  # an old file's mode would stay
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _refuse(ctx: click.Context, problem: str) -> None:
    click.echo(f"dialtree: {problem}", err=True)
    ctx.exit(_UNREADABLE)
