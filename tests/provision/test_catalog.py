from pathlib import Path

import pytest

from services.provision.vendors.thomson.catalog import (
    COMMON_SECTIONS,
    PHONE_SECTIONS,
    SERIAL,
    load_catalog,
    parameters_of,
)

ARTICLE = Path(__file__).parent / "data" / "article-phone.txt"


def test_the_catalogue_holds_the_vendors_762_keys_and_the_serial() -> None:
    names = set(load_catalog())
    assert SERIAL in names
    assert len(names - {SERIAL}) == 762


def test_every_parameter_is_in_exactly_one_file() -> None:
    common = [parameter.name for parameter in parameters_of("common")]
    phone = [parameter.name for parameter in parameters_of("phone")]
    assert sorted(common + phone) == sorted(load_catalog())


@pytest.mark.parametrize(("file", "order"), [("common", COMMON_SECTIONS), ("phone", PHONE_SECTIONS)])
def test_a_file_is_written_in_the_order_of_its_sections(file: str, order: tuple[str, ...]) -> None:
    sections = [parameter.section for parameter in parameters_of("common" if file == "common" else "phone")]
    assert list(dict.fromkeys(sections)) == [section for section in order if section in sections]
    assert sections == sorted(sections, key=order.index)


def test_everything_the_article_writes_for_one_phone_is_of_the_phone_file() -> None:
    section = ""
    for line in ARTICLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line:
            assert load_catalog()[f"{section}.{line.partition('=')[0]}"].file == "phone"


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("sip.ProxyServerMP{}", 4),
        ("sip.ProxyServerBK{}", 4),
        ("sip.regpwd{}", 4),
        ("sip.TEL0{}Use", 4),
        ("sys.Phonebook{}_url", 8),
    ],
)
def test_all_lines_and_phonebooks_are_of_the_phone_file(name: str, count: int) -> None:
    assert [load_catalog()[name.format(n)].file for n in range(1, count + 1)] == ["phone"] * count
    assert name.format(count + 1) not in load_catalog()


def test_all_66_keys_are_of_the_phone_file() -> None:
    keys = [name for name in load_catalog() if name.startswith("sys.FeatureKeyExt")]
    assert keys == [f"sys.FeatureKeyExt{n:02d}" for n in range(1, 67)]
    assert {load_catalog()[name].file for name in keys} == {"phone"}


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("sip.TEL01Use", "1"),
        ("sip.TEL02Use", "0"),
        ("sip.ProfileName3", "Profile 3"),
        ("sys.softkey12", "TrVoiceMail"),
        ("sip.ACRResp", "2"),
        ("qos.DSCP3", "40"),
        ("sys.FeatureKeyExt66", "L/<sip:>"),
        ("sip.CallRetreiveSC", ""),
    ],
)
def test_the_default_is_the_st2030s(name: str, default: str) -> None:
    assert load_catalog()[name].default == default


@pytest.mark.parametrize("name", ["ipp.LocalPB", "sys.BrandName", "cwmp.CWMPFlag", "ipp.Key_Echo", "ntp.NtpZone"])
def test_other_models_and_old_firmware_are_left_out(name: str) -> None:
    assert name not in load_catalog()


@pytest.mark.parametrize("name", ["sip.regpwd1", "sys.WebPWD", "sys.TelnetPWD", "autoprovision.Decryption_Key"])
def test_passwords_are_secret(name: str) -> None:
    assert load_catalog()[name].secret


def test_every_parameter_is_explained_in_one_line() -> None:
    for parameter in load_catalog().values():
        assert parameter.meaning.endswith(".")
        assert "\n" not in parameter.meaning
