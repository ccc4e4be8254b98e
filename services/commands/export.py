"""`dialtree export`: configuration for the programs around dialtree."""

import click

from services.commands.roles import ConfigFile
from services.nginx import render_nginx


@click.command("nginx")
@click.pass_obj
def nginx(file: ConfigFile) -> None:
    """Print nginx's configuration: upstreams, vendor files, allow-lists, rates.

    \b
    Example:
      dialtree export nginx > /etc/nginx/conf.d/dialtree.conf
    """
    click.echo(render_nginx(file.load()), nl=False)
