"""From a User-Agent to a dialect and a profile: models, firmwares, and what the configuration changes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from services.directory.profiles import Profiles
from services.directory.texts import ENGLISH, texts_in
from shared.config import Config
from tests.directory.desk import configuration

ST2030 = "THOMSON ST2030 hw5 fw2.72 00-14-7F-E1-47-B3"
TB30 = "Thomson TB30 hw1 fw1.74.0 00-1F-9F-84-F1-80"
MAC = "00147FE147B3"


def profiles(*rules: dict[str, object]) -> Profiles:
    return Profiles(configuration(profiles=list(rules)))


@pytest.mark.parametrize(
    ("user_agent", "dialect", "model", "firmware", "mac"),
    [
        (ST2030, "thomson", "ST2030", (2, 72), MAC),
        (TB30, "thomson", "TB30", (1, 74, 0), "001F9F84F180"),
        ("thomson st2022 HW2 FW4.68 00:14:7f:e1:47:b3", "thomson", "ST2022", (4, 68), MAC),
        ("Yealink SIP-T46G 28.72.0.25 00:15:65:00:00:01", "yealink", "SIP-T46G", (28, 72, 0, 25), "001565000001"),
        ("Mozilla/4.0 (compatible; snom370-SIP 8.7.3.19 000413000001)", "snom", "370", (8, 7, 3, 19), "000413000001"),
        ("Mozilla/4.0 (compatible; snomD785-SIP 10.1.20.0)", "snom", "D785", (10, 1, 20, 0), None),
        ("Cisco-CP-7960G/8.0", "cisco", "7960G", (8, 0), None),
        ("Cisco/SPA504G-7.4.9c (001B2A000001)", "cisco", "SPA504G", (7, 4, 9), "001B2A000001"),
        ("Allegro-Software-WebClient/4.34", "cisco", "", (4, 34), None),
        ("Grandstream Model HW GXP2135 SW 1.0.4.82 DevId 000b82000001", "grandstream", "GXP2135", (1, 0, 4, 82), "000B82000001"),
        ("Fanvil X4 2.4.0 0c383e000001", "fanvil", "X4", (2, 4, 0), "0C383E000001"),
        ("FileTransport PolycomVVX-VVX_410-UA/5.4.0.5841 Type/Application", "polycom", "VVX-VVX_410", (5, 4, 0, 5841), None),
        ("Gigaset N510 IP PRO/42.250.00.000.000; 7C2F80000001", "gigaset", "N510", (42, 250, 0, 0, 0), "7C2F80000001"),
        ("curl/8.5.0", "thomson", "", (8, 5, 0), None),
        ("", "thomson", "", (), None),
    ],
)  # fmt: skip
def test_a_user_agent_says_who_asks(
    user_agent: str, dialect: str, model: str, firmware: tuple[int, ...], mac: str | None
) -> None:
    reading = profiles().reading(user_agent)
    assert reading.dialect.name == dialect
    assert reading.phone == (model, firmware, mac)


@settings(deadline=None)
@given(st.text(max_size=400))
def test_any_user_agent_is_answered(user_agent: str) -> None:
    assert profiles().reading(user_agent).profile.rows > 0


def test_every_thomson_phone_gets_menus_and_a_setting_mixes_rows_and_links() -> None:
    assert {profiles().reading(agent).profile.style for agent in (TB30, ST2030, "")} == {"menu"}
    mixing = profiles({"model": "TB30*", "firmware_from": "1.72", "style": "mixed"})
    assert mixing.reading(TB30).profile.style == "mixed"
    assert mixing.reading(TB30.replace("1.74.0", "1.50.1")).profile.style == "menu"
    assert mixing.reading(ST2030).profile.style == "menu"


def test_a_path_decides_the_dialect_whoever_asks() -> None:
    assert profiles().reading(ST2030, "yealink").dialect.name == "yealink"
    assert profiles().reading("Fanvil X4 2.4.0", "json").dialect.name == "json"


def test_the_charset_of_the_directory_is_that_of_thomson_phones() -> None:
    known = Profiles(configuration(charset="UTF-8"))
    assert known.reading(ST2030).profile.charset == "UTF-8"
    assert profiles().reading(ST2030).profile.charset == "ISO-8859-1"
    assert profiles().reading("snom370").profile.charset == "UTF-8"


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        ({"model": "ST2030"}, True),
        ({"model": "st20*"}, True),
        ({"model": "TB30"}, False),
        ({"model": "ST2030", "dialect": "snom"}, False),
        ({"firmware_from": "2.72"}, True),
        ({"firmware_from": "2.73"}, False),
        ({"firmware_to": "2.72"}, True),
        ({"firmware_to": "2"}, True),
        ({"firmware_to": "2.71.9"}, False),
        ({"firmware_from": "2.8", "firmware_to": "2.9"}, False),
    ],
)
def test_a_table_changes_the_phones_it_names(rule: dict[str, object], changed: bool) -> None:  # noqa: FBT001
    profile = profiles({**rule, "name_width": 20, "cdata": True, "dial_prefix": True}).reading(ST2030).profile
    assert (profile.name_width, profile.cdata, profile.dial_prefix) == (
        (20, True, True) if changed else (32, False, False)
    )


def test_a_firmware_that_is_not_known_is_in_no_range() -> None:
    assert profiles({"firmware_to": "9", "name_width": 20}).reading("THOMSON ST2030").profile.name_width == 32


def test_a_later_table_wins_and_leaves_what_it_does_not_name() -> None:
    profile = profiles({"rows": 16, "name_width": 20}, {"model": "ST2030", "rows": 8}).reading(ST2030).profile
    assert (profile.rows, profile.name_width) == (8, 20)


def test_a_page_is_never_longer_than_the_vendor_allows() -> None:
    assert profiles({"rows": 100}).reading(ST2030).profile.rows == 32


@pytest.mark.parametrize(
    "rule", [{"firmware_from": "two"}, {"charset": "KOI8-R"}, {"rows": 1}, {"model": 3}, {"dialect": "aastra"}]
)
def test_a_table_that_cannot_be_meant_is_refused(rule: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        profiles(rule)


@pytest.mark.parametrize("language", ["en", "fr", "de", "es", "it", "nl", "pt"])
def test_texts_fit_a_line_and_those_of_nginx_are_ascii(language: str) -> None:
    texts = texts_in(language)
    lines = (*texts[:-1], *texts.captions)
    assert [text for text in lines if len(text.format(least=10)) > 32] == []
    assert all(text.isascii() for text in (texts.phonebook, texts.unknown, texts.unavailable, texts.busy))
    assert (texts is ENGLISH) == (language == "en")


def test_a_language_without_texts_is_english() -> None:
    assert texts_in("ru") is ENGLISH
    assert texts_in("fr-CA").phonebook == "Annuaire"


def test_the_configuration_of_the_tests_has_no_profiles() -> None:
    config: Config = configuration()
    assert config.directory.profiles == ()
