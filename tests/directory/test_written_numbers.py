"""Numbers as people write them into directories: `numbers.tsv` has the country, the value and the numbers meant."""

from pathlib import Path
from typing import NamedTuple

import pytest

from shared.config import Numbers
from shared.numbers import Dialable, NumberReader


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


def dialled(region: str, written: str) -> frozenset[str]:
    found = NumberReader(Numbers(region=region, international_prefix="00")).read(written)
    numbers = [one for one in found if isinstance(one, Dialable)]
    return frozenset(f"+{one.digits}" if one.stored.startswith("+") else one.digits for one in numbers)


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.region}: {row.written!a}")
def test_a_written_value_dials_the_numbers_that_it_means(row: Row) -> None:
    assert dialled(row.region, row.written) == row.meant
