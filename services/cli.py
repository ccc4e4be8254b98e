"""The `dialtree` command; the only module that may import both services.

Each subcommand parses, calls one function, prints. What a subcommand does stands in the module it calls.
"""

import gc
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import click
from flask import Flask
from rich.console import Console
from rich.table import Table

from services.demo.run import plan_demo, run_demo
from services.directory import app as directory_app
from services.directory import lookup as directory_lookup
from services.directory import tables as directory_tables
from services.nginx import render_nginx
from services.provision import app as provision_app
from services.provision import preview
from services.provision import tables as provision_tables
from services.provision.layers import setting_faults
from services.simulation import Simulation
from shared.config import Bind, Config, Service
from shared.configfile import load_config, render_config
from shared.errors import ConfigurationError, DialtreeError, Fault
from shared.ldap.open import open_source, streams_of
from shared.ldap.source import Kind
from shared.mac import parse_mac
from shared.mirror import accept_holds, run_mirror
from shared.process import start_logging, stopped_by_signals
from shared.store import Reader, Tables
from shared.workers import run_service

_MIRROR_HELP: Final = """Follow LDAP into the {0} service's file.

\b
Example:
  dialtree {0} mirror
  dialtree {0} mirror --accept
"""
_SERVE_HELP: Final = """Answer phones, and follow LDAP beside it.

\b
Example:
  dialtree {0} serve
"""


@dataclass(frozen=True, slots=True)
class Role:
    """One of the two services, with all that running it takes."""

    name: str
    service: Service
    bind: Bind
    kinds: Sequence[Kind]
    tables: Tables
    create_app: Callable[[], Flask]

    def database(self, config: Config) -> Path:
        """The service's SQLite file."""
        return config.state_dir / f"{self.name}.db"


class ConfigFile:
    """The `--config` of a call; the file is read when a subcommand first needs it."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def load(self) -> Config:
        """Read and check everything that can be checked without a network. Raises `ConfigurationError`."""
        config = load_config(self._path)
        faults = (*_filter_faults(config), *setting_faults(config), *directory_app.url_faults(config))
        if faults:
            raise ConfigurationError(faults)
        return config


def _filter_faults(config: Config) -> tuple[Fault, ...]:
    try:
        streams_of(config.ldap, tuple(Kind))
    except ConfigurationError as error:
        return error.faults
    return ()


def provision_role(config: Config) -> Role:
    """Return the provision service."""
    return Role(
        name="provision",
        service=config.provision,
        bind=config.ldap.provision_bind,
        kinds=provision_tables.KINDS,
        tables=provision_tables.ProvisionTables(config),
        create_app=lambda: provision_app.create_app(config),
    )


def directory_role(config: Config) -> Role:
    """Return the directory service."""
    return Role(
        name="directory",
        service=config.directory,
        bind=config.ldap.directory_bind,
        kinds=directory_tables.KINDS,
        tables=directory_tables.DirectoryTables(config),
        create_app=lambda: directory_app.create_app(config),
    )


def follow(config: Config, role: Role, stop: threading.Event, *, progress: bool) -> None:
    """Run a service's mirror until `stop`."""
    source = open_source(config.ldap, role.bind)
    gc.freeze()  # what was imported stays: the collector need not look through it for every thousand entries of a load
    run_mirror(config, role.tables, role.kinds, source, stop, progress=progress)


class _Command(click.Group):
    """Turns our own errors into lines on stderr and an exit code, for every subcommand."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ConfigurationError as error:
            for fault in error.faults:
                click.echo(f"dialtree: configuration: {fault}", err=True)
            ctx.exit(2)
        except DialtreeError as error:
            click.echo(f"dialtree: {error}", err=True)
            ctx.exit(1)


@click.group(cls=_Command, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config",
    "path",
    type=click.Path(path_type=Path),
    help="Configuration file [default: ./dialtree.toml]",
)
@click.version_option(package_name="dialtree")
@click.pass_context
def main(ctx: click.Context, path: Path | None) -> None:
    """Turn an LDAP directory into working desk phones.

    \b
    Example:
      dialtree --config /etc/dialtree/dialtree.toml check-config
    """
    ctx.obj = ConfigFile(path)


def _service_group(name: str, role_of: Callable[[Config], Role], what: str) -> click.Group:
    """Make the commands `mirror` and `serve` of one service."""
    group = click.Group(name, help=what)

    @group.command("mirror", help=_MIRROR_HELP.format(name))
    @click.option("--accept", is_flag=True, help="Accept the removals that the guard holds, and return.")
    @click.pass_obj
    def mirror(file: ConfigFile, *, accept: bool) -> None:
        config = file.load()
        role = role_of(config)
        if accept:
            _accept(role.database(config))
            return
        start_logging(config.log_level)
        with stopped_by_signals() as stop:
            follow(config, role, stop, progress=True)

    @group.command("serve", help=_SERVE_HELP.format(name))
    @click.option("--no-mirror", is_flag=True, help="Only answer; `mirror` runs elsewhere.")
    @click.pass_obj
    def serve(file: ConfigFile, *, no_mirror: bool) -> None:
        config = file.load()
        role = role_of(config)
        start_logging(config.log_level)

        def mirror_beside(stop: threading.Event) -> None:
            follow(config, role, stop, progress=False)

        sys.exit(run_service(role.name, role.service, role.create_app, None if no_mirror else mirror_beside))

    return group


main.add_command(_service_group("provision", provision_role, "The service that renders the files of phones."))
main.add_command(_service_group("directory", directory_role, "The service that answers the phone's directory key."))


@main.command()
@click.argument("mac")
@click.option(
    "--file",
    "which",
    type=click.Choice(["inf", "common", "phone"]),
    default="phone",
    show_default=True,
    help="Which of the files.",
)
@click.pass_obj
def render(file: ConfigFile, mac: str, which: Literal["inf", "common", "phone"]) -> None:
    """Print a file exactly as the phone MAC would get it; a phone file holds the SIP password.

    \b
    Example:
      dialtree render 00:1F:9F:16:E8:49 --file phone
    """
    config = file.load()
    reader = _reader(config, provision_role(config))
    sys.stdout.buffer.write(preview.render_file(config, reader, parse_mac(mac), which))


@main.command()
@click.argument("query")
@click.option("--limit", type=click.IntRange(1, 10_000), default=32, show_default=True, help="Rows to show at most.")
@click.pass_obj
def search(file: ConfigFile, query: str, limit: int) -> None:
    """Show what the directory key finds for QUERY.

    \b
    Example:
      dialtree search "mar ali"
    """
    config = file.load()
    reader = _reader(config, directory_role(config))
    found = directory_lookup.find_rows(config, reader, query, limit)
    table = Table("Name", "Dialled", title=f"{query}: {found.total} rows")
    for row in found.rows:
        table.add_row(row.name, row.telephone)
    Console().print(table)


@main.command()
@click.option("--url", required=True, help="The general file, as DHCP option 43 names it.")
@click.option("--mac", multiple=True, default=["001F9F16E849"], help="The phone; several: a fleet.")
@click.option("--model", type=click.Choice(["ST2030"]), default="ST2030", show_default=True)
@click.option("--firmware", default="2.72", show_default=True)
@click.option("--state", type=click.Path(path_type=Path), help="File that keeps the phone's memory between runs.")
@click.option("--search", "text", help="Press the directory key after booting, and type this.")
@click.option(
    "--phones", type=click.IntRange(1, 100_000), default=1, show_default=True, help="Boot so many, from --mac upwards."
)
@click.option(
    "--concurrency", type=click.IntRange(1, 256), default=16, show_default=True, help="Of these, at the same time."
)
def simulate(**options: Any) -> None:
    """Be a phone: boot until nothing changes any more, check every file as strictly as a phone, print the APS log.

    Exits with 1 when a real phone would skip a file, or reboot for ever.

    \b
    Example:
      dialtree simulate --url http://127.0.0.1:8080/ST2030.inf --mac 001F9F16E849 --search dup
    """
    macs = tuple(parse_mac(text) for text in options.pop("mac"))
    sys.exit(Simulation(macs=macs, **options).run(click.echo))


@main.command("check-config")
@click.pass_obj
def check_config(file: ConfigFile) -> None:
    """Report all faults of the configuration, or print the whole of it with secrets masked.

    \b
    Example:
      dialtree check-config
    """
    for path, value in render_config(file.load()):
        click.echo(f"{path} = {value}")


@main.group()
def export() -> None:
    """Print configuration for the programs around dialtree."""


@export.command("nginx")
@click.pass_obj
def export_nginx(file: ConfigFile) -> None:
    """Print nginx's configuration: upstreams, vendor files, allow-lists, rates.

    \b
    Example:
      dialtree export nginx > /etc/nginx/conf.d/dialtree.conf
    """
    click.echo(render_nginx(file.load()), nl=False)


@main.command()
@click.option("--ldap", type=click.Choice(["ldif", "slapd"]), default="ldif", help="Where the people are [ldif].")
@click.option(
    "--port",
    type=click.IntRange(1024, 65500),
    default=8080,
    show_default=True,
    help="nginx; services take the next two.",
)
@click.option("--ldif", type=click.Path(path_type=Path), help="Another directory than the sample.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="For state and logs [state/demo-…].",
)
def demo(ldap: Literal["ldif", "slapd"], port: int, ldif: Path | None, folder: Path | None) -> None:
    """Run all of dialtree on a sample company, until Ctrl-C.

    \b
    Example:
      dialtree demo --port 9080
    """
    plan = plan_demo(port, folder or Path("state") / f"demo-{ldap}", ldap, ldif)
    with stopped_by_signals() as stop:
        run_demo(plan, click.echo, stop)


def _reader(config: Config, role: Role) -> Reader:
    return Reader(role.database(config), role.tables.name, role.tables.version)


def _accept(database: Path) -> None:
    holds = accept_holds(database)
    if not holds:
        click.echo("Nothing is held.")
    for hold in holds:
        click.echo(f"Accepted: {hold.what}")


if __name__ == "__main__":
    main()
