"""`dialtree check`: each fault is found, named with the mend, and shows no secret."""

from pathlib import Path
from typing import Any

import pytest

from services.provision.check import findings
from services.provision.rendering import Renderer
from shared.config import Config
from shared.findings import CONFIGURATION, Finding
from shared.ldap.entry import Entry
from tests.provision.desk import (
    ALICE_DN,
    PEOPLE,
    PHONE_DN,
    PHONES,
    configuration,
    entry,
    filled,
    phone,
    vendor_files,
)
from tests.provision.desk import alice as any_alice
from tests.provision.fleet import profile

SAFE = {"sys.WebPWD": "w", "sys.TelnetPWD": "t", "autoprovision.Decryption_Key": "0123456789abcdef"}
BOB_DN = f"uid=bob,{PEOPLE}"


def alice(**attributes: str | tuple[str, ...]) -> Entry:
    """With a password that nobody guesses."""
    return any_alice(**{"AstAccountSecret": "correct-horse-battery", **attributes})


def sound(**provision: Any) -> Config:
    return configuration(settings=SAFE | provision.pop("settings", {}), **{"pickup_code": "*8X"} | provision)


def found(*entries: Entry, config: Config | None = None) -> tuple[Finding, ...]:
    config = config or sound()
    return findings(Renderer(config), filled(config, entries))


def only(*entries: Entry, config: Config | None = None) -> Finding:
    (finding,) = found(*entries, config=config)
    return finding


def test_a_sound_directory_has_no_finding() -> None:
    assert found(phone(dialtreeKey="3 blf 1001"), alice()) == ()


def test_two_phones_with_one_address_are_one_finding_that_names_both() -> None:
    finding = only(phone(), entry(f"cn=other,{PHONES}", macAddress="001f.9f16.e849", owner=ALICE_DN), alice())
    assert finding.what == "macAddress"
    assert f"stands in {PHONE_DN} too" in finding.problem or f"cn=other,{PHONES}" in finding.problem


def test_an_address_that_is_none_is_found() -> None:
    assert only(phone(macAddress="00:1f:9f"), alice())[:2] == (PHONE_DN, "macAddress")


def test_one_extension_on_two_accounts_is_found() -> None:
    bob = entry(BOB_DN, objectClass="AsteriskSIPUser", AstAccountName="1001", AstAccountSecret="staple-of-another")
    finding = only(phone(), alice(), bob)
    assert (finding.where, finding.what) == (ALICE_DN, "AstAccountName")
    assert f"1001 is the account of {BOB_DN} too" in finding.problem


def test_a_missing_secret_is_found() -> None:
    assert only(phone(), alice(AstAccountSecret=""))[:2] == (ALICE_DN, "AstAccountSecret")


def test_a_key_that_supervises_nobody_is_found_unless_the_number_is_known() -> None:
    own = phone(dialtreeKey="3 blf 1999")
    finding = only(own, alice())
    assert (finding.where, finding.what) == (PHONE_DN, "dialtreeKey")
    assert "key 3 supervises 1999" in finding.problem
    assert found(own, alice(), config=sound(other_extensions=["1999"])) == ()
    assert found(phone(dialtreeKey="3 speeddial 0199"), alice()) == ()


def test_a_key_of_a_person_who_left_is_found() -> None:
    finding = only(phone(dialtreeKey=f"3 blf {BOB_DN}"), alice())
    assert finding.what == "dialtreeKey"
    assert BOB_DN in finding.problem


def test_what_is_wrong_with_a_profiles_keys_is_found_once_at_the_profile() -> None:
    layout = profile("Team", dialtreeKey=("3 blf 1999", f"4 blf {BOB_DN}", "6 blf 1001", "7 line 1"))
    macs = ("00147F000001", "00147F000002")
    own = {"owner": ALICE_DN, "dialtreeProfile": "Team", "dialtreeModel": "ST2022"}
    phones = [entry(f"cn={mac},{PHONES}", macAddress=mac, **own) for mac in macs]
    told = found(*phones, alice(), layout)
    assert [(each.where, each.what, each.is_fault) for each in told] == [
        (layout.dn, "dialtreeKey", True),
        (layout.dn, "dialtreeKey", True),
        (layout.dn, "dialtreeKey", False),
    ]
    assert [each.problem.partition(",")[0] for each in told] == [
        "key 3 supervises 1999",
        f"key 4 points at {BOB_DN.partition(',')[0]}",
        "key 7 is left out on phones with keys 1 to 5; delete it",
    ]


def test_a_key_beyond_those_of_the_model_is_a_note_of_the_phone() -> None:
    finding = only(phone(dialtreeModel="ST2022", dialtreeKey="6 speeddial 17"), alice())
    assert (finding.where, finding.what, finding.is_fault) == (PHONE_DN, "dialtreeKey", False)


def test_supervised_keys_without_a_code_for_pickup_are_one_note() -> None:
    bare = sound(pickup_code="")
    bob = entry(
        BOB_DN, objectClass="AsteriskSIPUser", AstAccountName="1002", AstAccountSecret="correct-horse-7-battery"
    )
    other = entry(f"cn=a,{PHONES}", macAddress="00147F000001", owner=ALICE_DN, dialtreeKey=f"3 blf {BOB_DN}")
    finding = only(phone(dialtreeKey="3 blf 1002"), other, alice(), bob, config=bare)
    assert (finding.where, finding.what, finding.is_fault) == (CONFIGURATION, "provision.pickup_code", False)
    assert f"cn=a,{PHONES} and 1 more phones supervise" in finding.problem
    assert found(phone(dialtreeKey=("3 speeddial 1001", "4 blf 1001")), alice(), config=bare) == ()


@pytest.mark.parametrize(
    ("setting", "where"),
    [("sip.CallPkupSC=*9X", "phone"), ("sip.CallPkupSC=*9X", "profile"), ("sip.CallPkupFlg=local", "profile")],
)
def test_a_code_or_a_way_of_the_phones_own_for_pickup_is_enough(setting: str, where: str) -> None:
    own = {"dialtreeSetting": setting} if where == "phone" else {"dialtreeProfile": "Team"}
    team = profile("Team", **({} if where == "phone" else {"dialtreeSetting": setting}))
    bare = sound(pickup_code="", other_extensions=["1900"])
    assert found(phone(dialtreeKey="3 blf 1900", **own), team, alice(), config=bare) == ()


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("sys.Phonebook1_name=Книга", "Latin letters"),
        ("sip.ExpireTimeMP1=soon", "must be"),
        ("sip.Nothing=1", "no parameter"),
    ],
)
def test_a_value_that_no_file_can_hold_is_found(value: str, problem: str) -> None:
    assert problem in only(phone(dialtreeSetting=value), alice()).problem


def test_a_profile_that_does_not_exist_and_a_circle_nobody_uses_are_found() -> None:
    circle = profile("a", dialtreeParent="a")
    where = {finding[:2] for finding in found(phone(dialtreeProfile="Nowhere"), alice(), circle)}
    assert where == {(PHONE_DN, "dialtreeProfile"), (circle.dn, "dialtreeParent")}


def test_a_fault_of_a_profile_is_found_once_however_many_phones_have_it() -> None:
    broken = profile("Lyon", dialtreeSetting="sip.Nothing=1")
    other = entry(f"cn=other,{PHONES}", macAddress="00147F000001", owner=ALICE_DN, dialtreeProfile="Lyon")
    finding = only(phone(dialtreeProfile="Lyon"), other, alice(), broken)
    assert (finding.where, finding.what) == (broken.dn, "dialtreeSetting")


def test_a_model_that_does_not_exist_is_found() -> None:
    assert "did you mean ST2030?" in only(phone(dialtreeModel="ST2031"), alice()).problem


def test_a_phonebook_address_that_is_too_long_is_found() -> None:
    url = f"http://books.example.org/{'x' * 90}?q=#SEARCH"
    finding = only(phone(dialtreeSetting=f"sys.Phonebook2_url={url}"), alice())
    assert "characters longer than the 128" in finding.problem


def test_factory_passwords_are_found_and_not_shown() -> None:
    names = {finding.what: finding for finding in found(phone(), alice(), config=configuration())}
    assert set(names) == {"sys.WebPWD", "sys.TelnetPWD", "autoprovision.Decryption_Key"}
    assert "784518" not in str(names)
    assert found(config=configuration()) == ()


def test_a_factory_password_that_a_phone_sets_itself_is_found_at_the_phone() -> None:
    finding = only(phone(dialtreeSetting="sys.TelnetPWD=789234"), alice())
    assert (finding.where, finding.what) == (PHONE_DN, "dialtreeSetting")


def test_vendor_files_that_phones_would_not_get_are_found(tmp_path: Path) -> None:
    folder = vendor_files(tmp_path / "data", "v2030SG.2.74.zz", "LangTbl.zz")
    (folder / "ToneTbl.zz").write_bytes(b"")
    (folder / "LangTbl.zz").chmod(0o600)
    (folder / "gone.zz").symlink_to("nowhere")
    lyon = profile("Lyon", dialtreeFile="v2030SG.2.99.zz")
    config = sound(vendor_dir=str(folder), pinned_files=["LangTbl.zz", "missing.zz"])
    problems = {Path(finding.where).name: finding.problem for finding in found(lyon, config=config)}
    assert "chmod o+r" in problems["LangTbl.zz"]
    assert "is empty" in problems["ToneTbl.zz"]
    assert "cannot be read" in problems["gone.zz"]
    assert "names missing.zz" in problems["dialtree.toml"]
    assert "names v2030SG.2.99.zz" in problems[lyon.dn]


def test_a_folder_that_cannot_be_listed_is_found(tmp_path: Path) -> None:
    assert "cannot be listed" in only(config=sound(vendor_dir=str(tmp_path / "nowhere"))).problem


def test_a_time_zone_that_phones_do_not_know_is_a_note() -> None:
    finding = only(config=sound(time_zone="Africa/Cairo"))
    assert (finding.what, finding.is_fault) == ("provision.time_zone", False)


def test_no_finding_shows_a_secret() -> None:
    secret = "hunter2\nx"
    shown = str(found(phone(dialtreeSetting=f"sys.TelnetPWD={secret}"), alice(AstAccountSecret=secret)))
    assert "hunter2" not in shown
