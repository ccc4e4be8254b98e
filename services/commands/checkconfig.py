"""`dialtree check-config`: all faults of the configuration, or the whole of it."""

import click

from services.commands.roles import ConfigFile
from shared.config_faults import warnings_of
from shared.configfile import render_config


@click.command("check-config")
@click.pass_obj
def check_config(file: ConfigFile) -> None:
    """Report all faults of the configuration, or print the whole of it with secrets masked.

    What works and is hardly meant is said on standard error. Exits with 2 when there is a fault.

    \b
    Example:
      dialtree check-config
    """
    config = file.load()
    for path, value in render_config(config):
        click.echo(f"{path} = {value}")
    for warning in warnings_of(config):
        click.echo(f"dialtree: warning: {warning}", err=True)
