"""Tables where people compare: nothing is cut off, neither on a narrow terminal nor in a file."""

from collections.abc import Iterable
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from shared.text import printable_lines

_WIDE: Final = 240
"""Columns where nobody looks at a terminal: lines stay whole for grep."""


def print_table(headers: Iterable[str], rows: Iterable[Iterable[str | Text]], title: str = "") -> None:
    """Print a table; texts are shown as they are, without markup."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDE)
    table = Table(title=title or None)
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(printable_lines(cell)) for cell in row))
    console.print(table)
