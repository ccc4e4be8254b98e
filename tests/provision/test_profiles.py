"""Profiles: how phones inherit, what a change of one touches, and what cannot be resolved."""

import sqlite3
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.provision.profiles import Chain, Fault, Profile, profile_from, reference, resolve
from services.provision.tables import ProvisionTables
from shared.config import Config
from shared.errors import EntryError, Unknown
from shared.ldap.entry import Entry
from shared.ldap.mapping import ProfileAttributes
from shared.ldap.source import Kind
from shared.mac import Mac
from shared.tables import EntryChange
from tests.provision.desk import (
    ARTICLE_MAC,
    PHONES,
    alice,
    common_file,
    configuration,
    digest_of,
    entry,
    filled,
    general_file,
    parameters,
    phone,
    phone_file,
    rendered,
    vendor_files,
)
from tests.provision.fleet import profile

NAMES = ProfileAttributes()
CONFIG = configuration()
OTHER_MAC = Mac("00147F000001")


FRANCE = profile("France", c="FR", preferredLanguage="fr", dialtreeTimeZone="Europe/Paris", dialtreeSetting="sys.VAD=1")
LYON = profile("Lyon", dialtreeParent="France", dialtreeSetting=("sip.CallPkupSC=*9X", "sys.2833_volume=7"))


def chains(*profiles: Entry) -> Mapping[str, Chain | Fault]:
    return resolve([(each.dn, each.first(("cn",)), profile_from(each, NAMES)) for each in profiles], NAMES)


def chain_of(written: str, *profiles: Entry) -> list[str]:
    chain = chains(*profiles)[reference(written)]
    assert not isinstance(chain, Fault), chain
    return [each.name for each in chain]


def fault_of(written: str, *profiles: Entry) -> Fault:
    fault = chains(*profiles)[reference(written)]
    assert isinstance(fault, Fault)
    return fault


def of_lyon(*entries: Entry, config: Config = CONFIG) -> dict[str, str]:
    return parameters(rendered(phone(dialtreeProfile="Lyon"), alice(), *entries, config=config))


def common_of(db: sqlite3.Connection, mac: Mac = ARTICLE_MAC) -> dict[str, str]:
    return parameters(common_file(CONFIG, db, mac))


def both_files(db: sqlite3.Connection, mac: Mac) -> tuple[bytes, bytes]:
    return general_file(CONFIG, db, mac), phone_file(CONFIG, db, mac)


# --- chains


def test_a_chain_begins_with_the_topmost_profile() -> None:
    assert chain_of("Lyon", LYON, FRANCE) == ["France", "Lyon"]


def test_a_profile_is_named_by_its_cn_or_its_dn_in_any_writing() -> None:
    for written in ("Lyon", " lyon ", "LYON", LYON.dn, LYON.dn.upper().replace(",", " , ")):
        assert chain_of(written, LYON, FRANCE) == ["France", "Lyon"]


def test_a_parent_may_be_a_dn() -> None:
    assert chain_of("Nice", profile("Nice", dialtreeParent=FRANCE.dn), FRANCE) == ["France", "Nice"]


def test_a_circle_is_refused_by_the_names_in_it() -> None:
    circle = (profile("a", dialtreeParent="b"), profile("b", dialtreeParent="c"), profile("c", dialtreeParent="a"))
    below = profile("below", dialtreeParent="b")
    for written in ("a", "b", "c", "below"):
        fault = fault_of(written, *circle, below)
        assert fault == (circle[0].dn, "dialtreeParent", "leads in a circle: a → b → c → a; take one of them out")


def test_a_profile_above_itself_is_a_circle() -> None:
    assert "a → a" in fault_of("a", profile("a", dialtreeParent="a")).problem


def test_a_parent_that_does_not_exist_is_refused() -> None:
    fault = fault_of("Lyon", LYON)
    assert (fault.dn, fault.attribute) == (LYON.dn, "dialtreeParent")
    assert "names France, which is no profile" in fault.problem


def test_two_profiles_of_one_name_can_only_be_named_by_dn() -> None:
    twin = entry("cn=Lyon,ou=other,dc=example,dc=org", cn="LYON")
    fault = fault_of("Lyon", LYON, FRANCE, twin)
    assert f"the name of {LYON.dn}" in fault.problem or f"the name of {twin.dn}" in fault.problem
    assert chain_of(LYON.dn, LYON, FRANCE, twin) == ["France", "Lyon"]


def test_a_setting_that_cannot_be_read_is_refused_without_showing_it() -> None:
    fault = fault_of("x", profile("x", dialtreeSetting="sys.WebPWD:hunter2"))
    assert (fault.attribute, "hunter2" in fault.problem) == ("dialtreeSetting", False)


@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["", *"abcdefg"]), min_size=1))
def test_any_parents_give_each_profile_a_chain_without_repetition_or_a_fault(parents: dict[str, str]) -> None:
    found = chains(
        *(profile(name, dialtreeParent=parent) if parent else profile(name) for name, parent in parents.items())
    )
    for name in parents:
        chain = found[reference(name)]
        if isinstance(chain, Fault):
            assert chain.attribute == "dialtreeParent"
        else:
            names = [each.name for each in chain]
            assert names[-1] == name
            assert len(set(names)) == len(names)
            assert all(parents[lower] == upper for upper, lower in pairwise(names))


def test_a_profile_reads_what_its_entry_says() -> None:
    assert profile_from(profile("x", dialtreeFile=("b.zz", "a.zz"), co="Italia"), NAMES) == Profile(
        "cn=x,ou=profiles,dc=example,dc=org", "x", "", (), "", "", "Italia", ("a.zz", "b.zz")
    )


# --- what phones get


def test_the_nearer_profile_wins_and_the_phone_wins_over_it() -> None:
    assert of_lyon(LYON, FRANCE)["sip.CallPkupSC"] == "*9X"
    own = phone(dialtreeProfile="Lyon", dialtreeSetting="sip.CallPkupSC=*7X")
    assert parameters(rendered(own, alice(), LYON, FRANCE))["sip.CallPkupSC"] == "*7X"


def test_language_country_and_time_zone_come_from_the_profile() -> None:
    names = ("ipp.LanguageType", "sys.CountryCode", "ntp.NtpZoneNum", "ntp.NtpDaylight")
    assert [of_lyon(LYON, FRANCE)[name] for name in names] == ["1", "FR", "22", "1"]
    japan = profile("Lyon", dialtreeTimeZone="Asia/Tokyo")
    assert [of_lyon(japan)[name] for name in names[2:]] == ["50", "0"]


def test_the_persons_language_wins_over_the_profiles() -> None:
    person = alice(preferredLanguage="de-AT, en;q=0.5", c="AT")
    file = parameters(rendered(phone(dialtreeProfile="Lyon"), person, LYON, FRANCE))
    assert (file["ipp.LanguageType"], file["sys.CountryCode"]) == ("3", "AT")


def test_a_misspelt_time_zone_is_refused_naming_the_profile() -> None:
    with pytest.raises(EntryError) as refused:
        of_lyon(profile("Lyon", dialtreeTimeZone="Europe/Lyon"))
    assert refused.value.attribute == "dialtreeTimeZone"
    assert "'Europe/Lyon' is no time zone" in str(refused.value)


@pytest.mark.parametrize("setting", ["sip.Nothing=1", "sys.config_sn=123456789012", "sys.WebPWD=x\ny"])
def test_a_setting_that_no_file_can_hold_refuses_the_phones_of_the_profile_alone(setting: str) -> None:
    broken = profile("Lyon", dialtreeSetting=setting)
    with pytest.raises(EntryError) as refused:
        of_lyon(broken)
    assert (refused.value.dn, refused.value.attribute) == (broken.dn, "dialtreeSetting")
    assert rendered(phone(), alice(), broken)


def test_a_phone_of_a_profile_that_does_not_exist_is_refused() -> None:
    with pytest.raises(EntryError, match="dialtreeProfile: names Lyon, which is no profile"):
        of_lyon(FRANCE)


def test_phones_that_name_no_profile_have_the_default_one() -> None:
    config = configuration(default_profile="France")
    file = parameters(rendered(phone(), alice(), FRANCE, config=config))
    assert file["ipp.LanguageType"] == "1"


# --- common files


def test_each_profile_has_its_common_file_and_the_general_file_names_it() -> None:
    db = filled(CONFIG, (phone(dialtreeProfile="Lyon"), alice(), LYON, FRANCE))
    assert common_of(db)["sys.2833_volume"] == "7"
    assert common_of(db)["sys.VAD"] == "1"
    digest = digest_of(db, reference("Lyon"))
    assert f"ComConf2030S-{digest}.txt" in general_file(CONFIG, db, ARTICLE_MAC).decode()
    assert f"ComConf2030S-{digest_of(db, '')}.txt" in general_file(CONFIG, db).decode()
    assert digest_of(db) != digest


def test_profiles_of_equal_common_parameters_share_a_file() -> None:
    db = filled(CONFIG, (profile("a"), profile("b", dialtreeSetting="sip.CallPkupSC=*9X")))
    assert digest_of(db, reference("a")) == digest_of(db, reference("b")) == digest_of(db)


def test_all_common_files_have_the_same_set_of_keys() -> None:
    db = filled(CONFIG, (phone(dialtreeProfile="Lyon"), alice(), LYON, FRANCE))
    assert set(common_of(db)) == set(parameters(common_file(CONFIG, db)))


def test_a_change_of_a_profile_changes_the_files_of_its_phones_alone() -> None:
    other = entry(f"cn=other,{PHONES}", macAddress=OTHER_MAC, owner=alice().dn)
    db = filled(CONFIG, (phone(dialtreeProfile="Lyon"), other, alice(), LYON, FRANCE))
    before = {mac: both_files(db, mac) for mac in (ARTICLE_MAC, OTHER_MAC)}
    changed = profile(
        "France", c="FR", preferredLanguage="fr", dialtreeTimeZone="Europe/Paris", dialtreeSetting="sys.VAD=0"
    )
    tables = ProvisionTables(CONFIG)
    tables.derive(db, [EntryChange(Kind.PROFILE, FRANCE.uuid, FRANCE, changed)])
    tables.settle(db, bulk=False)
    after = {mac: both_files(db, mac) for mac in before}
    assert after[OTHER_MAC] == before[OTHER_MAC]
    assert all(new != old for new, old in zip(after[ARTICLE_MAC], before[ARTICLE_MAC], strict=True))


def test_phones_of_a_profile_that_breaks_get_no_file_until_it_is_mended() -> None:
    db = filled(CONFIG, (phone(dialtreeProfile="Lyon"), alice(), LYON, FRANCE))
    before = both_files(db, ARTICLE_MAC)
    broken = profile("Lyon", dialtreeParent="Nowhere")
    tables = ProvisionTables(CONFIG)
    tables.derive(db, [EntryChange(Kind.PROFILE, LYON.uuid, LYON, broken)])
    tables.settle(db, bulk=False)
    with pytest.raises(Unknown):
        general_file(CONFIG, db, ARTICLE_MAC)
    with pytest.raises(EntryError, match="Nowhere"):
        phone_file(CONFIG, db, ARTICLE_MAC)
    tables.derive(db, [EntryChange(Kind.PROFILE, LYON.uuid, broken, LYON)])
    tables.settle(db, bulk=False)
    assert both_files(db, ARTICLE_MAC) == before


def test_every_mirror_names_the_same_common_files_whatever_the_order_of_the_entries() -> None:
    entries = (LYON, FRANCE, profile("Nice", dialtreeParent="France"))
    rows = [
        filled(CONFIG, order).execute("SELECT ref, digest FROM common_current ORDER BY ref").fetchall()
        for order in (entries, entries[::-1])
    ]
    assert rows[0] == rows[1]


# --- vendor files


def firmware_of(db: sqlite3.Connection, config: Config, mac: Mac) -> list[str]:
    lines = general_file(config, db, mac).decode().split("\r\n")
    return [line.rpartition("/")[2] for line in lines if line.startswith("fwurl=")]


def test_a_canary_profile_gets_the_new_firmware_first(tmp_path: Path) -> None:
    vendor_files(tmp_path, "v2030SG.2.72.zz", "v2030SG.2.73.zz", "v2030SG.2.74.zz")
    other = entry(f"cn=other,{PHONES}", macAddress=OTHER_MAC, owner=alice().dn)
    canary = profile("Canary", dialtreeParent="Fleet", dialtreeFile="v2030sg.2.74.ZZ")
    entries = (
        phone(dialtreeProfile="Canary"),
        other,
        alice(),
        canary,
        profile("Fleet", dialtreeFile="v2030SG.2.73.zz"),
    )
    config = configuration(vendor_dir=str(tmp_path), pinned_files=["v2030SG.2.72.zz"])
    db = filled(config, entries)
    assert firmware_of(db, config, ARTICLE_MAC) == ["v2030SG.2.74.zz"]
    assert firmware_of(db, config, OTHER_MAC) == ["v2030SG.2.72.zz"]


def test_a_pinned_file_that_is_not_there_leaves_its_line_out(tmp_path: Path) -> None:
    vendor_files(tmp_path, "v2030SG.2.74.zz", "v2030_dsp_1.zz")
    config = configuration(vendor_dir=str(tmp_path), pinned_files=["v2030SG.2.99.zz"])
    db = filled(config, ())
    assert firmware_of(db, config, ARTICLE_MAC) == []
    assert b"dspurl=" in general_file(config, db)
