"""`dialtree diff`: what a change does to phones, said before it is made."""

from pathlib import Path

import pytest

from services.provision.diff import Altered, PhoneChange, changes_since, new_findings, phone_changes
from services.provision.rendering import Renderer
from services.provision.saved import read_saved, save_all
from shared.config import Config
from shared.errors import DialtreeError
from shared.findings import Finding
from shared.ldap.entry import Entry
from shared.mac import Mac
from tests.provision.desk import ALICE_DN, ARTICLE_MAC, PHONES, alice, configuration, entry, filled, phone
from tests.provision.fleet import SAFE, bob, profile
from tests.provision.test_profiles import FRANCE, LYON

CONFIG = configuration()
OTHER = Mac("00147F000001")
OTHER_PHONE = entry(f"cn=other,{PHONES}", macAddress=OTHER, owner=ALICE_DN)


def between(before: tuple[Entry, ...], after: tuple[Entry, ...]) -> dict[Mac, PhoneChange]:
    changes = phone_changes(Renderer(CONFIG), filled(CONFIG, before), filled(CONFIG, after))
    return {change.mac: change for change in changes}


def test_a_change_that_no_phone_shows_changes_no_phone() -> None:
    assert between((phone(), alice()), (phone(), alice(title="Boss"))) == {}


def test_a_new_name_is_one_parameter_of_each_phone_that_shows_it() -> None:
    changed = between((phone(), OTHER_PHONE, alice()), (phone(), OTHER_PHONE, alice(displayName="Alice Zola")))
    altered = (Altered("sip.DisplayName1", "Alice Martin", "Alice Zola"),)
    assert changed == {mac: PhoneChange(mac, "changed", "", altered, reboots=True) for mac in (ARTICLE_MAC, OTHER)}


def test_a_changed_secret_is_told_and_not_shown() -> None:
    (change,) = between((phone(), alice()), (phone(), alice(AstAccountSecret="hunter2"))).values()
    assert change.altered == (Altered("sip.regpwd1", "***", "***"),)


def test_a_profile_changes_its_phones_in_both_files() -> None:
    entries = (phone(dialtreeProfile="Lyon"), OTHER_PHONE, alice(), FRANCE)
    louder = profile("Lyon", dialtreeParent="France", dialtreeSetting=("sip.CallPkupSC=*8X", "sys.2833_volume=9"))
    (change,) = between((*entries, LYON), (*entries, louder)).values()
    assert set(change.altered) == {Altered("sip.CallPkupSC", "*9X", "*8X"), Altered("sys.2833_volume", "7", "9")}


def test_a_phone_that_would_be_refused_is_told_with_the_reason_and_does_not_reboot() -> None:
    (change,) = between((phone(), alice()), (phone(), alice(displayName="Алиса"))).values()
    assert (change.fate, change.reboots) == ("refused", False)
    assert "displayName" in change.problem


def test_phones_come_go_and_are_mended() -> None:
    faulty = alice(AstAccountSecret="")
    assert between((alice(),), (phone(), alice()))[ARTICLE_MAC].fate == "new"
    assert between((phone(), alice()), (alice(),))[ARTICLE_MAC].fate == "gone"
    assert between((phone(), faulty), (phone(), alice()))[ARTICLE_MAC].fate == "served again"
    assert between((phone(), faulty), (phone(), faulty)) == {}


# --- what check would find


def found_by_change(before: tuple[Entry, ...], after: tuple[Entry, ...]) -> tuple[Finding, ...]:
    config = configuration(settings=SAFE)
    return new_findings(Renderer(config), filled(config, before), filled(config, after))


def test_a_new_extension_breaks_the_key_of_another_phone_and_the_change_says_so() -> None:
    own = phone(dialtreeKey="3 blf 1002 Bob")
    (finding,) = found_by_change((own, alice(), bob()), (own, alice(), bob(AstAccountName="1009")))
    assert (finding.where, finding.what, finding.is_fault) == (own.dn, "dialtreeKey", True)
    assert "key 3 supervises 1002, which is no account's" in finding.problem


def test_what_check_finds_already_is_not_told_again() -> None:
    faulty = phone(dialtreeKey="3 blf 1999")
    assert found_by_change((faulty, alice()), (faulty, alice(title="Boss"))) == ()


def test_a_value_that_cuts_phones_off_is_told_before_it_is_served() -> None:
    own, lyon = phone(dialtreeProfile="Lyon"), profile("Lyon")
    off = profile("Lyon", dialtreeSetting="autoprovision.AutoprovisionFlag=0")
    (finding,) = found_by_change((own, alice(), lyon), (own, alice(), off))
    assert (finding.where, finding.what) == (off.dn, "dialtreeSetting")


# --- since another version


def since(folder: Path, *entries: Entry, config: Config = CONFIG) -> dict[Mac, PhoneChange]:
    changes = changes_since(read_saved(folder), Renderer(config), filled(config, entries))
    return {change.mac: change for change in changes}


def saved(folder: Path, *entries: Entry) -> Path:
    save_all(Renderer(CONFIG), filled(CONFIG, entries), folder)
    return folder


def test_nothing_changed_since_it_was_saved(tmp_path: Path) -> None:
    entries = (phone(dialtreeProfile="Lyon"), OTHER_PHONE, alice(), FRANCE, LYON)
    assert since(saved(tmp_path / "before", *entries), *entries) == {}


def test_another_default_is_told_for_each_phone_whichever_file_holds_it(tmp_path: Path) -> None:
    entries = (phone(), OTHER_PHONE, alice())
    other = configuration(registrar="10.0.8.1", settings={"sys.CodecPktime": "g711a(30)"})
    changed = since(saved(tmp_path / "before", *entries), *entries, config=other)
    assert changed.keys() == {ARTICLE_MAC, OTHER}
    for change in changed.values():
        assert (change.fate, change.reboots) == ("changed", True)
        assert Altered("sip.AuthNotifyCheckSync", "127.0.0.1", "10.0.8.1") in change.altered
        assert "sys.CodecPktime" in {altered.name for altered in change.altered}
        assert "sys.config_sn" not in {altered.name for altered in change.altered}


def test_a_saved_file_of_another_version_shows_what_came_and_went_and_no_secret(tmp_path: Path) -> None:
    folder = saved(tmp_path / "before", phone(), alice())
    own = folder / f"{ARTICLE_MAC}.txt"
    older = own.read_bytes().replace(b"regpwd1=s3cret", b"regpwd1=0ld")
    own.write_bytes(older.replace(b"TEL1Number=1001", b"Gone_Password=hunter2"))
    (change,) = since(folder, phone(), alice()).values()
    assert set(change.altered) == {
        Altered("sip.regpwd1", "***", "***"),
        Altered("sip.Gone_Password", "***", ""),
        Altered("sip.TEL1Number", "", "1001"),
    }


def test_phones_that_were_refused_new_ones_and_those_that_left_are_told_apart(tmp_path: Path) -> None:
    faulty = alice(AstAccountSecret="")
    folder = saved(tmp_path / "before", phone(), faulty)
    assert since(folder, phone(), faulty) == {}
    assert {mac: change.fate for mac, change in since(folder, phone(), OTHER_PHONE, alice()).items()} == {
        ARTICLE_MAC: "served again", OTHER: "new",
    }  # fmt: skip
    assert since(folder, alice())[ARTICLE_MAC].fate == "gone"
    assert since(saved(tmp_path / "well", phone(), alice()), phone(), faulty)[ARTICLE_MAC].fate == "refused"


def test_what_is_saved_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = saved(tmp_path / "before", phone(), alice())
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_a_folder_with_anything_in_it_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="ascii")
    with pytest.raises(DialtreeError, match="is not empty"):
        saved(tmp_path, phone(), alice())
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_folder_that_holds_no_files_of_phones_or_only_a_part_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DialtreeError, match="holds no phone's files"):
        read_saved(tmp_path)
    folder = saved(tmp_path / "before", phone(), alice())
    (folder / f"{ARTICLE_MAC}.inf").unlink()
    with pytest.raises(DialtreeError, match=rf"{ARTICLE_MAC}\.inf cannot be read"):
        read_saved(folder)
