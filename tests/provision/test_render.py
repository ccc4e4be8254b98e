import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.provision.vendors.thomson.catalog import SERIAL, parameters_of
from services.provision.vendors.thomson.render import serial_of
from shared.config import Config
from shared.errors import EntryError
from shared.ldap.entry import Entry
from tests.provision.desk import (
    alice,
    common_file,
    compare_with_golden,
    configuration,
    entry,
    filled,
    general_file,
    parameters,
    phone,
    rendered,
    vendor_files,
)

FULL = configuration(
    directory={"public_url": "http://books.example.org"},
    public_url="http://phones.example.org",
    registrar="pbx.example.org",
    backup_registrar="pbx2.example.org",
    sip_domain="example.org",
    voicemail_number="*98",
    pickup_code="*8X",
    language="de",
    country="DE",
    time_zone=25,
    ntp_server="ntp.example.org",
    phonebook_name="Telefonbuch",
    settings={"sys.dtmf_mode_flag": "4", "sys.CodecPriority": "g711a(1)g722(2)"},
)
KEYS = ("3 blf 1002 Reception", "4 speeddial 0123456789 Taxi", "11 blf *8@pbx.example.org", "66 speeddial 17")
SETTINGS = ("ipp.LanguageType=1", "sip.CallPkupSC=", "net.VLAN=1")


def full_phone() -> tuple[Entry, Entry]:
    return phone(dialtreeKey=KEYS, dialtreeSetting=SETTINGS), alice(AstAccountMailbox="1001@default")


def serial_in(file: bytes) -> str:
    return parameters(file)[SERIAL]


# --- whole files


def test_a_bare_phone_file() -> None:
    compare_with_golden("phone-bare.txt", rendered(phone(), alice()))


def test_a_full_phone_file() -> None:
    compare_with_golden("phone-full.txt", rendered(*full_phone(), config=FULL))


def test_a_phone_file_with_accents() -> None:
    compare_with_golden("phone-accents.txt", rendered(phone(), alice(displayName="Noémie Œuvrard – Łódź’")))


def test_the_common_file() -> None:
    compare_with_golden("common.txt", common_file(FULL, filled(FULL, ())))


def test_the_general_file(tmp_path: Path) -> None:
    data = vendor_files(tmp_path / "data", "v2030SG.2.72.zz", "v2030SG.2.9.zz", "Tone-RG.txt", "LangTbl fr.zz")
    config = configuration(public_url="http://phones.example.org", path_prefix="", vendor_dir=data)
    compare_with_golden("general.inf", general_file(config, filled(config, ())))


def test_the_general_file_without_vendor_files() -> None:
    config = configuration()
    compare_with_golden("general-bare.inf", general_file(config, filled(config, ())))


# --- law 1: the serial


def test_the_same_input_gives_the_same_bytes() -> None:
    assert rendered(*full_phone(), config=FULL) == rendered(*full_phone(), config=FULL)


def test_the_order_of_values_and_entries_changes_nothing() -> None:
    shuffled = (alice(AstAccountMailbox="1001@default"), phone(dialtreeKey=KEYS[::-1], dialtreeSetting=SETTINGS[::-1]))
    assert rendered(*shuffled, config=FULL) == rendered(*full_phone(), config=FULL)


@settings(deadline=None)
@given(st.binary(), st.text(), st.text())
def test_a_serial_is_twelve_digits(unsigned: bytes, common: str, telephone: str) -> None:
    serial = serial_of(unsigned, common, telephone)
    assert len(serial) == 12
    assert serial.isascii()
    assert serial.isdecimal()


@pytest.mark.parametrize(
    "other",
    [
        (phone(), alice(displayName="Alice Dupont")),
        (phone(), alice(AstAccountName="1009")),
        (phone(), alice(AstAccountSecret="other")),
        (phone(), alice(AstAccountMailbox="1001@default")),
        (phone(dialtreeKey="3 blf 1002"), alice()),
        (phone(dialtreeKey="3 speeddial 1002"), alice()),
        (phone(dialtreeSetting="ipp.LanguageType=7"), alice()),
    ],
)
def test_every_change_of_a_shown_value_changes_the_serial(other: tuple[Entry, Entry]) -> None:
    assert serial_in(rendered(*other)) != serial_in(rendered(phone(), alice()))


def test_what_a_phone_does_not_show_changes_nothing() -> None:
    plain = rendered(phone(), alice())
    for same in (
        (phone(description="moved"), alice(telephoneNumber="+33 1 99 00 10 01")),
        (phone(), alice(), entry("uid=bob,dc=x", objectClass="inetOrgPerson", cn="Bob")),
    ):
        assert rendered(*same) == plain


def test_another_common_file_changes_the_serial_alone() -> None:
    before = rendered(phone(), alice())
    after = rendered(phone(), alice(), config=configuration(settings={"sys.VAD": "1"}))
    assert {**parameters(after), SERIAL: ""} == {**parameters(before), SERIAL: ""}
    assert serial_in(after) != serial_in(before)


def test_another_telephone_file_changes_the_serial_alone(tmp_path: Path) -> None:
    def with_files(*names: str) -> bytes:
        folder = vendor_files(tmp_path / "-".join(names), *names)
        return rendered(phone(), alice(), config=configuration(vendor_dir=folder))

    one, two, three = with_files(), with_files("TelConf2030-1.txt"), with_files("TelConf2030-2.txt")
    assert len({serial_in(file) for file in (one, two, three)}) == 3
    assert len({file.replace(serial_in(file).encode(), b"") for file in (one, two, three)}) == 1


def test_a_serial_is_over_parts_that_do_not_run_into_each_other() -> None:
    assert serial_of(b"ab", "c", "") != serial_of(b"a", "bc", "") != serial_of(b"a", "b", "c")


# --- law 3: the whole set


@pytest.mark.parametrize(
    ("config", "entries"),
    [(configuration(), (phone(), alice())), (FULL, full_phone())],
    ids=["bare", "full"],
)
def test_every_phone_file_holds_the_whole_set(config: Config, entries: tuple[Entry, Entry]) -> None:
    expected = [parameter.name for parameter in parameters_of("phone")]
    assert list(parameters(rendered(*entries, config=config))) == expected


@pytest.mark.parametrize("config", [configuration(), FULL], ids=["bare", "full"])
def test_every_common_file_holds_the_whole_set(config: Config) -> None:
    file = parameters(common_file(config, filled(config, ())))
    assert list(file) == [parameter.name for parameter in parameters_of("common")]


def test_no_parameter_is_in_both_files() -> None:
    common = parameters(common_file(FULL, filled(FULL, ())))
    assert not common.keys() & parameters(rendered(*full_phone(), config=FULL)).keys()


# --- law 4: one line of ISO-8859-1


@settings(deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: st.text(min_size=1)
            for name in ("displayName", "AstAccountName", "AstAccountSecret", "AstAccountCallerID", "AstAccountMailbox")
        },
    ),
    st.lists(st.text() | st.builds("{} blf {}".format, st.integers(0, 70), st.text()), max_size=3),
    st.lists(
        st.text() | st.builds("sys.{}={}".format, st.sampled_from(["UserID", "Phonebook1_name"]), st.text()), max_size=3
    ),
)
def test_any_directory_gives_a_sound_file_or_none(
    attributes: dict[str, str], keys: list[str], settings: list[str]
) -> None:
    own = phone(
        **({"dialtreeKey": tuple(keys)} if keys else {}), **({"dialtreeSetting": tuple(settings)} if settings else {})
    )
    try:
        file = rendered(own, alice(**attributes))
    except EntryError:
        return
    found = parameters(file)
    assert list(found) == [parameter.name for parameter in parameters_of("phone")]
    for line in itertools.chain(file.decode("iso-8859-1").split("\r\n")):
        assert len(line.splitlines()) <= 1
    assert found["sip.TEL1Number"] == attributes.get("AstAccountName", "1001")
    assert found["sys.TelnetPWD"] == "789234"


def test_a_value_that_looks_like_a_section_is_a_value() -> None:
    found = parameters(rendered(phone(), alice(displayName="[net]", AstAccountSecret="[sys];#=")))
    assert found["sip.DisplayName1"] == "[net]"
    assert found["sip.regpwd1"] == "[sys];#="
