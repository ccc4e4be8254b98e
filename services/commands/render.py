"""`dialtree render`: a phone's files as it would get them, or those of all phones into a folder."""

import sys
from pathlib import Path
from typing import Literal

import click

from services.commands.roles import ConfigFile, provision_role
from services.provision import preview
from services.provision.rendering import Renderer
from services.provision.saved import save_all
from shared.mac import parse_mac


@click.command()
@click.argument("mac", required=False, default="")
@click.option(
    "--file",
    "which",
    type=click.Choice(["inf", "common", "phone"]),
    default="phone",
    show_default=True,
    help="Which of the files.",
)
@click.option("--model", default="", help="What the phone is, where its entry does not say it [ST2030].")
@click.option(
    "--save", "folder", type=click.Path(path_type=Path),
    help="Write the files of all phones into this new folder, for `dialtree diff --since`.",
)  # fmt: skip
@click.pass_obj
def render(
    file: ConfigFile, mac: str, which: Literal["inf", "common", "phone"], model: str, folder: Path | None
) -> None:
    """Print a file exactly as the phone MAC would get it; a phone file holds the SIP password.

    With --save, write all files of all phones instead, before an upgrade or a change of dialtree.toml. The folder is for
    you alone (mode 0700), since it holds the SIP passwords: delete it afterwards.

    \b
    Examples:
      dialtree render 00:1F:9F:16:E8:49 --file phone
      dialtree render --save before
    """
    if bool(mac) == (folder is not None):
        raise click.UsageError("give either MAC or --save FOLDER")
    config = file.load_running("provision")
    reader = provision_role(config).reader(config)
    if folder is None:
        sys.stdout.buffer.write(preview.render_file(config, reader, parse_mac(mac), which, model))
        return
    renderer = Renderer(config)
    with reader.snapshot() as db:
        phones, refused = save_all(renderer, db, folder)
    click.echo(f"{phones} phones, {refused} of them refused, saved in {folder}.")
