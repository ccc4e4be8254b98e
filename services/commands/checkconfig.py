"""`dialtree check-config`: all faults of the configuration, or the whole of it."""

import click

from services.commands.roles import ConfigFile
from shared.configfile import render_config
from shared.confignotes import config_notes


@click.command("check-config")
@click.pass_obj
def check_config(file: ConfigFile) -> None:
    """Report all faults of the configuration, or print the whole of it with secrets masked, and notes on stderr.

    \b
    Example:
      dialtree check-config
    """
    config = file.load()
    for path, value in render_config(config):
        click.echo(f"{path} = {value}")
    for note in config_notes(config):
        click.echo(f"note: {note}", err=True)
