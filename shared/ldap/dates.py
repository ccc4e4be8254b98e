"""Dates as directories write them, each read as Unix seconds. Pure; no attribute is named, and no clock is read.

| form | unit of the value | never |
|---|---|---|
| `today` | days since 1970-01-01, UTC (`shadowExpire`, RFC 2307, shadow(5)) | negative |
| `now` | generalized time, `20261128120000Z` (RFC 4517 section 3.3.13) | |
| `now(filetime)` | 100 ns since 1601-01-01 (Active Directory's `accountExpires`) | 0 and 2^63-1 |
| `now(seconds)` | seconds since 1970-01-01, UTC | negative |

A blank value is no date in any form: it never comes.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

NEVER: Final = float("inf")
UNREADABLE: Final = float("-inf")
"""What cannot be read has come long ago."""

_DAY_SECONDS: Final = 86400
_DAYS: Final = re.compile(r"[+-]?\d{1,10}")
_INTEGER: Final = re.compile(r"[+-]?\d{1,19}")
_LARGEST: Final = 2**63 - 1
_TICKS: Final = 10_000_000
"""Of a file time, in a second."""
_FILETIME_EPOCH: Final = 11_644_473_600
"""Seconds from 1601-01-01 to 1970-01-01."""
_GENERALIZED: Final = re.compile(
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?P<hour>\d\d)(?:(?P<minute>\d\d)(?P<second>\d\d)?)?"
    r"(?:[.,](?P<fraction>\d+))?(?:Z|(?P<sign>[+-])(?P<east>\d\d)(?P<east_minute>\d\d)?)",
    re.ASCII,
)
_LEAP_SECOND: Final = 60


def parse_date(value: str, form: str) -> float:
    """Return the moment, `NEVER` or `UNREADABLE`; `form` is a key of `FORMS`."""
    stripped = value.strip()
    return FORMS[form](stripped) if stripped else NEVER


def _days(value: str) -> float:
    if not _DAYS.fullmatch(value):
        return UNREADABLE
    return NEVER if int(value) < 0 else float(int(value) * _DAY_SECONDS)


def _seconds(value: str) -> float:
    if not _INTEGER.fullmatch(value):
        return UNREADABLE
    return NEVER if int(value) < 0 else float(int(value))


def _filetime(value: str) -> float:
    if not _INTEGER.fullmatch(value) or not 0 <= int(value) <= _LARGEST:
        return UNREADABLE
    ticks = int(value)
    return NEVER if ticks in (0, _LARGEST) else ticks / _TICKS - _FILETIME_EPOCH


def _generalized(value: str) -> float:
    found = _GENERALIZED.fullmatch(value)
    if found is None:
        return UNREADABLE
    second = int(found["second"] or 0)
    unit = 1 if found["second"] else 60 if found["minute"] else 3600  # of what a fraction is one
    east = timedelta(hours=int(found["east"] or 0), minutes=int(found["east_minute"] or 0))
    try:
        zone = timezone(-east if found["sign"] == "-" else east) if east else UTC
        parts = [int(found[name] or 0) for name in ("year", "month", "day", "hour", "minute")]
        whole = datetime(*parts, min(second, _LEAP_SECOND - 1), tzinfo=zone)  # type: ignore[misc,arg-type]  # five numbers
    except ValueError:
        return UNREADABLE
    if second > _LEAP_SECOND:
        return UNREADABLE
    return whole.timestamp() + float(f"0.{found['fraction'] or 0}") * unit + (second == _LEAP_SECOND)


FORMS: Final[Mapping[str, Callable[[str], float]]] = {
    "today": _days,
    "now": _generalized,
    "now(filetime)": _filetime,
    "now(seconds)": _seconds,
}
