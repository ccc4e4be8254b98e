"""Dates as directories write them become moments; what cannot be read has come long ago."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ldap.dates import FORMS, NEVER, UNREADABLE, parse_date

MOMENT = datetime(2026, 11, 28, 12, 30, 15, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("20261128123015Z", MOMENT),
        ("202611281230Z", MOMENT - 15),
        ("2026112812Z", MOMENT - 15 - 30 * 60),
        ("20261128123015.5Z", MOMENT + 0.5),
        ("20261128123015,25Z", MOMENT + 0.25),
        ("2026112812.5Z", MOMENT - 15),
        ("20261128133015+0100", MOMENT),
        ("20261128073015-05", MOMENT),
        ("20261128180015+0530", MOMENT),
        ("20261231235960Z", datetime(2027, 1, 1, tzinfo=UTC).timestamp()),
        ("99991231235959Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()),
        ("20261128123015", UNREADABLE),
        ("20261328123015Z", UNREADABLE),
        ("20261128240000Z", UNREADABLE),
        ("20261128123099Z", UNREADABLE),
        ("20261128123015+9900", UNREADABLE),
        ("00000101000000Z", UNREADABLE),
        ("2026-11-28T12:30:15Z", UNREADABLE),
        ("261128123015Z", UNREADABLE),
        ("٢٠٢٦1128123015Z", UNREADABLE),
        ("  ", NEVER),
    ],
)
def test_generalized_time_is_read_as_rfc_4517_writes_it(value: str, moment: float) -> None:
    assert parse_date(value, "now") == moment


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("134403426150000000", MOMENT),
        ("116444736000000000", 0.0),
        ("1", 1e-7 - 11_644_473_600),
        ("9223372036854775806", 9223372036854775806 / 1e7 - 11_644_473_600),
        ("", NEVER),
        ("134403426150000000.0", UNREADABLE),
        ("0x1DC605D6F1D8000", UNREADABLE),
        ("9" * 40, UNREADABLE),
    ],
)
def test_a_file_time_counts_100_nanoseconds_since_1601(value: str, moment: float) -> None:
    assert parse_date(value, "now(filetime)") == moment


@given(
    st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)),  # noqa: DTZ001  # hypothesis wants them without a zone
    st.integers(-23 * 60 - 59, 23 * 60 + 59),
)
def test_a_moment_is_the_same_in_every_zone(moment: datetime, east: int) -> None:
    sign = "-" if east < 0 else "+"
    text = f"{moment:%m%d%H%M%S}.{moment.microsecond:06}{sign}{abs(east) // 60:02}{abs(east) % 60:02}"
    expected = moment.replace(tzinfo=timezone(timedelta(minutes=east))).timestamp()
    assert parse_date(f"{moment.year:04}{text}", "now") == pytest.approx(expected, abs=1e-4)


@given(st.text(alphabet="0123456789+-.,Zz eE_٣²\x00"), st.sampled_from(sorted(FORMS)))
def test_every_text_is_a_moment_never_or_unreadable(value: str, form: str) -> None:
    found = parse_date(value, form)
    assert found == found  # noqa: PLR0124  # no NaN, which would never have come
