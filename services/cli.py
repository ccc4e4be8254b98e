"""The `dialtree` command: which subcommands there are, and what becomes of an error.

A subcommand stands in a module of `services.commands` and is imported when it is called: starting to answer must not
wait for what only `demo` or `simulate` needs. Each parses, calls one function, prints.
"""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import click

from services.commands.roles import ConfigFile
from shared.errors import ConfigurationError, DialtreeError
from shared.text import printable_lines

_COMMANDS: Final = {
    "render": "render:render",
    "explain": "explain:explain",
    "check": "check:check",
    "diff": "diff:diff",
    "parameters": "parameters:parameters",
    "search": "search:search",
    "lint": "lint:lint",
    "simulate": "simulate:simulate",
    "check-config": "checkconfig:check_config",
    "demo": "demo:demo",
}
"""Where a subcommand stands: module of `services.commands`, name in it."""
_GROUPS: Final = {
    "provision": (
        "The service that renders the files of phones.",
        {"mirror": "mirror:provision", "serve": "serve:provision", "tftp": "tftp:tftp"},
    ),
    "directory": (
        "The service that answers the phone's directory key.",
        {"mirror": "mirror:directory", "serve": "serve:directory"},
    ),
    "firmware": (
        "The vendor's files: firmware, tones, languages.",
        {"add": "firmware:add", "list": "firmware:list_files"},
    ),
    "import": ("Turn the files of an older installation into LDIF.", {"sip-conf": "importing:sip_conf"}),
    "export": ("Print configuration for the programs around dialtree.", {"nginx": "export:nginx"}),
}


class _Commands(click.Group):
    """A group whose commands are imported when they are asked for."""

    places: Mapping[str, str] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self.places, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.places:
            return super().get_command(ctx, cmd_name)
        module, _, name = self.places[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"services.commands.{module}"), name)
        return command


class _Main(_Commands):
    """Turns our own errors into lines on stderr and an exit code, for every subcommand."""

    places = _COMMANDS

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ConfigurationError as error:
            for fault in error.faults:
                click.echo(printable_lines(f"dialtree: configuration: {fault}"), err=True)
            ctx.exit(2)
        except DialtreeError as error:
            click.echo(printable_lines(f"dialtree: {error}"), err=True)
            ctx.exit(1)


@click.group(cls=_Main, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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


for _name, (_what, _places) in _GROUPS.items():
    _group = _Commands(_name, help=_what)
    _group.places = _places
    main.add_command(_group)


if __name__ == "__main__":
    main()
