"""Numbers as people write them into directories: `numbers.tsv` has the country, the value and the numbers meant."""

import pytest

from shared.config import Numbers
from shared.numbers import Dialable, NumberReader
from tests.directory.written import Row, rows


def dialled(region: str, written: str) -> frozenset[str]:
    found = NumberReader(Numbers(region=region, international_prefix="00")).read(written)
    numbers = [one for one in found if isinstance(one, Dialable)]
    return frozenset(f"+{one.digits}" if one.stored.startswith("+") else one.digits for one in numbers)


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.region}: {row.written!a}")
def test_a_written_value_dials_the_numbers_that_it_means(row: Row) -> None:
    assert dialled(row.region, row.written) == row.meant
