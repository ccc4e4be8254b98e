"""How commands show what they found, and what they exit with."""

import sys
from collections.abc import Sequence
from typing import NoReturn

import click
from rich.text import Text

from services.commands.tables import print_table
from shared.findings import Finding


def show_findings(found: Sequence[Finding], looked_at: str) -> NoReturn:
    """Print a table and a last line; exit with 1 when there is a fault."""
    faults = sum(finding.is_fault for finding in found)
    if found:
        print_findings(found)
    click.echo(f"{looked_at}: {faults} faults.")
    sys.exit(1 if faults else 0)


def print_findings(found: Sequence[Finding], title: str = "") -> None:
    """Print a table of them."""
    marks = {True: Text("fault", style="red"), False: Text("note", style="dim")}
    rows = ((marks[each.is_fault], each.where, each.what, each.problem) for each in found)
    print_table(("", "Entry or file", "Attribute or setting", "What, and the mend"), rows, title)
