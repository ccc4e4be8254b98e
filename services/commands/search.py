"""`dialtree search`: what the directory key finds."""

import click
from rich.console import Console
from rich.table import Table

from services.commands.roles import ConfigFile, directory_role
from services.directory import lookup as directory_lookup


@click.command()
@click.argument("query")
@click.option("--limit", type=click.IntRange(1, 10_000), default=32, show_default=True, help="Rows to show at most.")
@click.pass_obj
def search(file: ConfigFile, query: str, limit: int) -> None:
    """Show what the directory key finds for QUERY.

    \b
    Example:
      dialtree search "mar ali"
    """
    config = file.load()
    reader = directory_role(config).reader(config)
    found = directory_lookup.find_rows(config, reader, query, limit)
    table = Table("Name", "Dialled", title=f"{query}: {found.total} rows")
    for row in found.rows:
        table.add_row(row.text, row.telephone)
    Console().print(table)
