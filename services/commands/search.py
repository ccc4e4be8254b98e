"""`dialtree search`: what the directory key finds, and why."""

import click
from rich.console import Console
from rich.table import Table

from services.commands.roles import ConfigFile, directory_role
from services.commands.tables import print_table
from services.directory import lookup as directory_lookup
from services.directory.explain import STEPS, sentence_of
from shared.mac import parse_mac


@click.command()
@click.argument("query")
@click.option("--limit", type=click.IntRange(1, 10_000), default=32, show_default=True, help="Rows to show at most.")
@click.option("--explain", is_flag=True, help="Say by which rule each row was found.")
@click.option("--mac", default="", help="Ask as the phone with this MAC address.")
@click.option(
    "--slot", type=click.IntRange(0, 8), default=0, help="Ask the phonebook of this slot  [default: everyone]"
)
@click.pass_obj
def search(file: ConfigFile, query: str, limit: int, explain: bool, mac: str, slot: int) -> None:  # noqa: FBT001
    """Show what the directory key finds for QUERY.

    \b
    Example:
      dialtree search "mar ali"
      dialtree search mart --explain --mac 00:1f:9f:00:00:01
    """
    config = file.load()
    reader = directory_role(config).reader(config)
    phone = parse_mac(mac) if mac else None
    found = directory_lookup.find_rows(config, reader, query, limit, mac=phone, slot=slot)
    title = f"{query}: {found.total} rows"
    if explain:
        rows = (
            (str(rank), row.name, row.label, row.telephone, sentence_of(reason))
            for rank, (row, reason) in enumerate(zip(found.rows, found.reasons, strict=True), start=1)
        )
        print_table(("Rank", "Name", "Label", "Dialled", "Why"), rows, title)
        if found.rows:
            click.echo(f"Found by: {STEPS[found.step]}.")
        return
    table = Table("Name", "Dialled", title=title)
    for row in found.rows:
        table.add_row(row.text, row.telephone)
    Console().print(table)
