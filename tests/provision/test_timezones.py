"""Time zones: what a phone is told shows the right time all year, or we know for how many hours it does not."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.provision.vendors.thomson.timezones import ZONES, PhoneZone, UnknownZone, phone_zone, zone_names

WRONG_AT_TIMES = {
    "Africa/Cairo": 841, "Egypt": 841,
    "America/Adak": 3049, "America/Atka": 3049, "US/Aleutian": 3049,
    "America/Havana": 3, "Cuba": 3,
    "America/Miquelon": 3049,
    "America/Nuuk": 3552, "America/Godthab": 3552, "America/Scoresbysund": 3552,
    "America/Santiago": 3697, "Chile/Continental": 3697, "Pacific/Easter": 3697, "Chile/EasterIsland": 3697,
    "Antarctica/Troll": 3552,
    "Asia/Beirut": 7,
    "Asia/Gaza": 51, "Asia/Hebron": 51, "Asia/Jerusalem": 51, "Asia/Tel_Aviv": 51, "Israel": 51,
    "Australia/Lord_Howe": 4369, "Australia/LHI": 4369,
    "Pacific/Norfolk": 4368,
}  # fmt: skip
"""The only zones whose summer time no numbered zone has; governments may change this, and `tzdata` with them."""
BEYOND = {"Australia/Eucla", "Etc/GMT-14", "Pacific/Chatham", "NZ-CHAT", "Pacific/Kiritimati", "Pacific/Marquesas"}
SWITCHES_DIFFERENTLY_NOW = {
    "America/Indiana/Indianapolis": PhoneZone(11, daylight=True, wrong_hours=0),
    "Africa/Cairo": PhoneZone(26, daylight=True, wrong_hours=841),
    "Asia/Jerusalem": PhoneZone(26, daylight=True, wrong_hours=51),
}
"""Cities of the phone's list that another number serves better today."""
CITIES = [(number, name) for number, zone in enumerate(ZONES) for name in zone.names]


def test_there_are_64_numbers() -> None:
    assert len(ZONES) == 64


@pytest.mark.parametrize(("number", "name"), CITIES)
def test_every_city_of_the_list_keeps_its_number_unless_its_rules_changed(number: int, name: str) -> None:
    found = phone_zone(name)
    if name in SWITCHES_DIFFERENTLY_NOW:
        assert found == SWITCHES_DIFFERENTLY_NOW[name]
    else:
        assert (found.number, found.wrong_hours) == (number, 0)


@pytest.mark.parametrize("name", zone_names())
def test_every_zone_is_right_all_year_but_those_that_are_known(name: str) -> None:
    if name in BEYOND:
        with pytest.raises(UnknownZone, match="give a zone number"):
            phone_zone(name)
    else:
        assert phone_zone(name).wrong_hours <= WRONG_AT_TIMES.get(name, 0)


@pytest.mark.parametrize(
    ("name", "daylight"), [("Europe/Paris", True), ("America/New_York", True), ("Asia/Tokyo", False)]
)
def test_the_winter_offset_and_summer_time_are_those_of_the_host_too(name: str, daylight: bool) -> None:  # noqa: FBT001
    found = phone_zone(name)
    january, july = (datetime(2033, month, 15, tzinfo=UTC).astimezone(ZoneInfo(name)).utcoffset() for month in (1, 7))
    assert january == timedelta(minutes=ZONES[found.number].offset)
    assert found.daylight is (january != july) is daylight


def test_countries_that_gave_up_summer_time_have_it_switched_off() -> None:
    for name in ("Europe/Istanbul", "Europe/Moscow", "America/Sao_Paulo", "America/Mexico_City", "Asia/Tehran"):
        assert not phone_zone(name).daylight, name
        assert phone_zone(name).wrong_hours == 0


def test_a_misspelt_zone_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(UnknownZone, match="did you mean Europe/Paris"):
        phone_zone("Europe/Pariss")
