"""From an IANA time zone to what these phones know instead: one of 64 numbered zones, and summer time on or off. Pure.

The phone's rules for summer time are frozen at the date of its firmware (2010 to 2012), and governments went on changing
theirs. So a zone is not looked up by its name: every numbered zone is compared with the rules of today, hour by hour over
a year, and the one that shows the wrong time for the fewest hours is taken (phone-spec 3.3). Only the rules of the
European Union, North America, south-eastern Australia and New Zealand have not changed since that firmware; summer time is
never switched on in any other zone, for what the phone would do there is not public.

The rules of today are those of the `tzdata` package, of which every host installs the same: never the host's own and never
the date of today, since all workers of all hosts must render the same bytes (design law 1).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

_YEAR: Final = 2033
"""Any year in which only the lasting rules hold: beyond all exceptions that tzdata lists one by one, but Morocco's."""
_HOURS: Final = 365 * 24
_SUNDAY: Final = 6

Changes = tuple[tuple[int, int], ...]
"""(hour of the year in UTC, minutes east of UTC from then on); the first at hour 0."""


class UnknownZone(ValueError):
    """No such time zone, or none that the phone could show; the message is the rest of a sentence."""


@dataclass(frozen=True, slots=True)
class PhoneZone:
    """What a phone is told. `wrong_hours`: hours of a year in which it will show another time than the zone's."""

    number: int
    """`NtpZoneNum`, 0-63."""
    daylight: bool
    """`NtpDaylight`."""
    wrong_hours: int


@dataclass(frozen=True, slots=True)
class _Numbered:
    offset: int
    """Minutes east of UTC in winter."""
    names: tuple[str, ...]
    """The IANA zones of the cities by which the phone calls it."""
    rule: str = ""


def _n(offset: float, names: str, rule: str = "") -> _Numbered:
    return _Numbered(int(offset * 60), tuple(names.split()), rule)


ZONES: Final = (
    _n(-12, "Etc/GMT+12"),
    _n(-11, "Pacific/Midway Pacific/Pago_Pago"),
    _n(-10, "Pacific/Honolulu"),
    _n(-9, "America/Anchorage", "us"),
    _n(-8, "America/Los_Angeles America/Tijuana", "us"),
    _n(-7, "America/Phoenix"),
    _n(-7, "America/Denver", "us"),
    _n(-6, "America/Chicago", "us"),
    _n(-6, "America/Mexico_City"),
    _n(-6, "America/Regina"),
    _n(-5, "America/Bogota America/Lima"),
    _n(-5, "America/New_York America/Toronto", "us"),
    _n(-5, "America/Indiana/Indianapolis"),
    _n(-4, "America/Halifax", "us"),
    _n(-4, "America/Caracas America/La_Paz"),
    _n(-3.5, "America/St_Johns", "us"),
    _n(-3, "America/Sao_Paulo"),
    _n(-3, "America/Argentina/Buenos_Aires"),
    _n(-2, "Atlantic/South_Georgia"),
    _n(-1, "Atlantic/Azores", "eu"),
    _n(0, "Africa/Casablanca"),
    _n(0, "Europe/London Europe/Lisbon Europe/Dublin", "eu"),
    _n(1, "Europe/Paris Europe/Madrid Europe/Amsterdam", "eu"),
    _n(1, "Europe/Belgrade Europe/Zagreb Europe/Ljubljana", "eu"),
    _n(1, "Europe/Budapest Europe/Prague Europe/Warsaw", "eu"),
    _n(1, "Europe/Brussels Europe/Berlin Europe/Rome", "eu"),
    _n(2, "Europe/Athens", "eu"),
    _n(2, "Europe/Bucharest", "eu"),
    _n(2, "Africa/Cairo"),
    _n(2, "Africa/Harare"),
    _n(2, "Europe/Helsinki Europe/Riga", "eu"),
    _n(2, "Asia/Jerusalem"),
    _n(3, "Asia/Baghdad Asia/Riyadh"),
    _n(3, "Europe/Moscow"),
    _n(3, "Africa/Nairobi"),
    _n(3.5, "Asia/Tehran"),
    _n(4, "Asia/Dubai"),
    _n(4, "Asia/Baku"),
    _n(4.5, "Asia/Kabul"),
    _n(5, "Asia/Yekaterinburg"),
    _n(5, "Asia/Karachi"),
    _n(5.5, "Asia/Kolkata"),
    _n(5.75, "Asia/Kathmandu"),
    _n(6, "Asia/Dhaka"),
    _n(6, "Asia/Thimphu"),
    _n(6.5, "Asia/Yangon"),
    _n(7, "Asia/Bangkok"),
    _n(8, "Asia/Shanghai Asia/Hong_Kong"),
    _n(8, "Australia/Perth"),
    _n(8, "Asia/Taipei Asia/Singapore"),
    _n(9, "Asia/Tokyo"),
    _n(9, "Asia/Seoul"),
    _n(9, "Asia/Yakutsk"),
    _n(9.5, "Australia/Adelaide", "au"),
    _n(9.5, "Australia/Darwin"),
    _n(10, "Australia/Brisbane"),
    _n(10, "Australia/Sydney", "au"),
    _n(10, "Pacific/Guam"),
    _n(10, "Australia/Hobart", "au"),
    _n(10, "Asia/Vladivostok"),
    _n(11, "Asia/Magadan"),
    _n(12, "Pacific/Auckland", "nz"),
    _n(12, "Pacific/Fiji"),
    _n(13, "Pacific/Tongatapu"),
)
"""By `NtpZoneNum`. A city whose zone has another offset today (Istanbul, Almaty, Colombo) is not named."""


@cache
def zone_names() -> tuple[str, ...]:
    """Return every time zone there is."""
    return tuple((files("tzdata") / "zones").read_text(encoding="utf-8").split())


@cache
def phone_zone(name: str) -> PhoneZone:
    """Return what a phone in this IANA zone is told. Raises `UnknownZone`."""
    if name not in zone_names():
        near = get_close_matches(name, zone_names(), n=1)
        hint = f"did you mean {near[0]}?" if near else "write it as in Europe/Paris"
        raise UnknownZone(f"is no time zone; {hint}")
    changes = _changes_of(name)
    offsets = {offset for _, offset in changes}
    found = [
        (_hours_apart(changes, _changes_by(zone.offset, rule)), name not in zone.names, number, bool(rule))
        for number, zone in enumerate(ZONES)
        if zone.offset in offsets
        for rule in dict.fromkeys(("", zone.rule))
    ]
    if not found:
        east = min(offsets) / 60
        raise UnknownZone(f"is {east:+g} hours from UTC, which these phones do not know; give a zone number instead")
    wrong, _, number, daylight = min(found)
    return PhoneZone(number, daylight, wrong)


def _changes_of(name: str) -> Changes:
    path = files("tzdata").joinpath("zoneinfo", *name.split("/"))
    with path.open("rb") as file:
        zone = ZoneInfo.from_file(file, key=name)
    return tuple(_scan(zone))


def _scan(zone: tzinfo) -> Iterator[tuple[int, int]]:
    """Yield the changes of a year: look once a day, and closer where something changed."""
    start = datetime(_YEAR, 1, 1, tzinfo=UTC)

    def offset_at(hour: int) -> int:
        offset = (start + timedelta(hours=hour)).astimezone(zone).utcoffset() or timedelta()
        return round(offset / timedelta(minutes=1))

    known = offset_at(0)
    yield 0, known
    for day in range(24, _HOURS + 24, 24):
        if offset_at(day - 1) != known:
            hour = next(hour for hour in range(day - 24, day) if offset_at(hour) != known)
            known = offset_at(day - 1)
            yield hour, known


def _sunday(month: int, nth: int) -> date:
    """Return the nth Sunday of a month, the last one for -1."""
    days = (date(_YEAR, month, 1) + timedelta(days=day) for day in range(31))
    sundays = [day for day in days if day.month == month and day.weekday() == _SUNDAY]
    return sundays[nth - 1 if nth > 0 else nth]


def _hour_of(day: date, hour: int, offset: int) -> int:
    """Return the hour of the year, in UTC, of a local hour."""
    return (day - date(_YEAR, 1, 1)).days * 24 + hour - offset // 60


_RULES: Final[dict[str, Callable[[int], tuple[int, int]]]] = {
    "eu": lambda _: (_hour_of(_sunday(3, -1), 1, 0), _hour_of(_sunday(10, -1), 1, 0)),
    "us": lambda offset: (_hour_of(_sunday(3, 2), 2, offset), _hour_of(_sunday(11, 1), 1, offset)),
    "au": lambda offset: (_hour_of(_sunday(10, 1), 2, offset), _hour_of(_sunday(4, 1), 2, offset)),
    "nz": lambda offset: (_hour_of(_sunday(9, -1), 2, offset), _hour_of(_sunday(4, 1), 2, offset)),
}
"""Offset in winter to the hours of the year, in UTC, at which summer time begins and ends."""


def _changes_by(offset: int, rule: str) -> Changes:
    if not rule:
        return ((0, offset),)
    begins, ends = _RULES[rule](offset)
    if begins < ends:
        return ((0, offset), (begins, offset + 60), (ends, offset))
    return ((0, offset + 60), (ends, offset), (begins, offset + 60))


def _hours_apart(one: Changes, other: Changes) -> int:
    """Count the hours of the year in which two zones differ."""
    hours = sorted({hour for hour, _ in (*one, *other)} | {_HOURS})
    return sum(until - since for since, until in pairwise(hours) if _offset_at(one, since) != _offset_at(other, since))


def _offset_at(changes: Changes, hour: int) -> int:
    return next(offset for since, offset in reversed(changes) if since <= hour)
