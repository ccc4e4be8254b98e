"""`dialtree demo`: all of dialtree on a sample company."""

from pathlib import Path
from typing import Literal

import click

from services.demo.run import plan_demo, run_demo
from shared.process import stopped_by_signals


@click.command()
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
