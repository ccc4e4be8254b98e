"""The rows of `numbers.tsv`: country, what stands in LDAP with Python's escapes, the numbers meant."""

from pathlib import Path
from typing import NamedTuple


class Row(NamedTuple):
    """A line of the file. `meant`: E.164 numbers and extensions; nothing: the value is refused."""

    region: str
    written: str
    meant: frozenset[str]


def rows() -> list[Row]:
    lines = Path(__file__).with_name("numbers.tsv").read_text(encoding="utf-8").splitlines()
    cells = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [
        Row(region, written.encode("latin-1", "backslashreplace").decode("unicode_escape"), frozenset(meant.split()))
        for region, written, meant in cells
    ]
