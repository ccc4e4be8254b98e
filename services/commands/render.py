"""`dialtree render`: a phone's files as it would get them."""

import sys
from typing import Literal

import click

from services.commands.roles import ConfigFile, provision_role
from services.provision import preview
from shared.mac import parse_mac


@click.command()
@click.argument("mac")
@click.option(
    "--file",
    "which",
    type=click.Choice(["inf", "common", "phone"]),
    default="phone",
    show_default=True,
    help="Which of the files.",
)
@click.option("--model", default="", help="What the phone is, where its entry does not say it [ST2030].")
@click.pass_obj
def render(file: ConfigFile, mac: str, which: Literal["inf", "common", "phone"], model: str) -> None:
    """Print a file exactly as the phone MAC would get it; a phone file holds the SIP password.

    \b
    Example:
      dialtree render 00:1F:9F:16:E8:49 --file phone
    """
    config = file.load_running("provision")
    reader = provision_role(config).reader(config)
    sys.stdout.buffer.write(preview.render_file(config, reader, parse_mac(mac), which, model))
