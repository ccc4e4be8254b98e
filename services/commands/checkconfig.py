"""`dialtree check-config`: all faults of the configuration, or the whole of it."""

import click

from services.commands.roles import ConfigFile
from shared.configfile import render_config


@click.command("check-config")
@click.pass_obj
def check_config(file: ConfigFile) -> None:
    """Report all faults of the configuration, or print the whole of it with secrets masked.

    \b
    Example:
      dialtree check-config
    """
    for path, value in render_config(file.load()):
        click.echo(f"{path} = {value}")
