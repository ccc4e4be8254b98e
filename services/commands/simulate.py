"""`dialtree simulate`: be a phone."""

import sys
from pathlib import Path
from typing import Any

import click

from services.provision.vendors.thomson.simulator.models import MODELS
from services.simulation import Simulation
from shared.mac import parse_mac


@click.command()
@click.option(
    "--url",
    required=True,
    help="The general file, as DHCP option 43 names it; up to a slash: each model's own name there.",
)
@click.option("--mac", multiple=True, default=["001F9F16E849"], help="The phone; several: a fleet.")
@click.option(
    "--model",
    "models",
    type=click.Choice(list(MODELS)),
    multiple=True,
    default=["ST2030"],
    show_default=True,
    help="What the phone is; several: the phones of a fleet are of these in turn.",
)
@click.option("--firmware", default="", help="The version that it says it runs [default: the model's]")
@click.option("--state", type=click.Path(path_type=Path), help="File that keeps the phone's memory between runs.")
@click.option("--search", "text", help="Press the directory key after booting, and type this.")
@click.option(
    "--phonebook",
    "slot",
    type=click.IntRange(1, 8),
    default=1,
    show_default=True,
    help="Which phonebook the directory key opens.",
)
@click.option("--strict", is_flag=True, help="Fail also for what is unknown or a matter of style.")
@click.option(
    "--phones", type=click.IntRange(1, 100_000), default=1, show_default=True, help="Boot so many, from --mac upwards."
)
@click.option(
    "--concurrency", type=click.IntRange(1, 256), default=16, show_default=True, help="Of these, at the same time."
)
def simulate(**options: Any) -> None:
    """Be a phone: boot until nothing changes any more, check every file, print the APS log.

    Each complaint begins with what it means: `rejected`: a real phone would skip the file, or reboot for ever;
    `unknown`: no public source says what it does with this; `style`: phones take it, and we would not write it.
    Exits with 1 when something is rejected, or does not come.

    \b
    Example:
      dialtree simulate --url http://127.0.0.1:8080/ST2030.inf --mac 001F9F16E849 --search dup
    """
    macs = tuple(parse_mac(text) for text in options.pop("mac"))
    sys.exit(Simulation(macs=macs, **options).run(click.echo))
