"""`dialtree diff`: what a change does to phones, said before it is made."""

from services.provision.diff import Altered, PhoneChange, phone_changes
from services.provision.rendering import Renderer
from shared.ldap.entry import Entry
from shared.mac import Mac
from tests.provision.desk import ALICE_DN, ARTICLE_MAC, PHONES, alice, configuration, entry, filled, phone
from tests.provision.fleet import profile
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
