"""SIP user, authentication name and extension: the phone registers, authenticates and shows the right one each."""

import pytest

from services.provision.phones import Key, find_phone
from shared.config import Config
from shared.ldap.entry import Entry
from tests.provision.desk import (
    ALICE_DN,
    ARTICLE_MAC,
    PEOPLE,
    alice,
    compare_with_golden,
    configuration,
    entry,
    filled,
    parameters,
    phone,
    rendered,
)
from tests.provision.fleet import MODELS, Files

MAPPED = {"account": {"auth_name": ["AstAccountFromUser"], "extension": ["ipPhone"]}}
SITE = configuration(mapping=MAPPED, registrar="pbx.example.org", voicemail_number="*98", voicemail_transfer="*55X")
BOB_DN = f"uid=bob,{PEOPLE}"
NAMES = ("TEL1Number", "regid1", "DisplayNum1", "DisplayNumFlag1", "DisplayName1")


def bob(**attributes: str) -> Entry:
    usual = {"displayName": "Bob Roy", "AstAccountName": "pc-1002-77c1", "AstAccountSecret": "a-long-secret-of-bob"}
    return entry(BOB_DN, objectClass=("inetOrgPerson", "AsteriskSIPUser"), **(usual | attributes))


def shown(person: Entry, config: Config = SITE, **of_phone: str) -> list[str]:
    values = parameters(rendered(phone(**of_phone), person, config=config))
    return [values[f"sip.{name}"] for name in NAMES]


def test_a_phone_whose_user_authentication_name_and_extension_all_differ() -> None:
    person = alice(
        AstAccountName="pc-1001-a8f3",
        AstAccountFromUser="alice.auth",
        AstAccountCallerID='"Alice Martin" <1001>',
        AstAccountMailbox="1001@default",
    )
    colleague = bob(AstAccountFromUser="bob.auth", ipPhone="1012", AstAccountCallerID='"Bob" <1002>')
    own = phone(dialtreeLine=f"2 {BOB_DN}", dialtreeKey=(f"3 blf {BOB_DN}", f"4 speeddial {ALICE_DN}"))
    compare_with_golden("phone-identities.txt", rendered(own, person, colleague, config=SITE))


def test_without_an_authentication_name_it_is_the_sip_user() -> None:
    user = alice(AstAccountName="pc-1001-a8f3")
    assert shown(user)[:2] == ["pc-1001-a8f3", "pc-1001-a8f3"]
    asterisks_example = alice(AstAccountDefaultUser="0")
    assert shown(asterisks_example, configuration())[:2] == ["1001", "1001"]


@pytest.mark.parametrize(
    ("user", "caller_id", "number"),
    [
        ("pc-1001-a8f3", '"Alice Martin" <1001>', "1001"),
        ("pc-1001-a8f3", "Alice Martin <1001>", "1001"),
        ("pc-1001-a8f3", "1001", "1001"),
        ("pc-1001-a8f3", '"Alice (2. Stock), 12" <10-01>', "1001"),
        ("pc-1001-a8f3", "Alice Martin", ""),
        ("pc-1001-a8f3", "Alice <alice>", ""),
        ("pc-1001-a8f3", '"Alice" <>', ""),
        ("pc-1001-a8f3", "", ""),
        ("pc-1001-a8f3", "Alice <+33199002010>", "+33199002010"),
        ("7001001", "Alice <1001>", "1001"),
        ("1001", "Alice <1001>", ""),
        ("1001", "Alice <2000>", "2000"),
        ("1001", "Alice <+33199002010>", ""),
        ("1001", "Alice <0199002010>", ""),
        ("100123", "Alice <0199002010>", ""),
    ],
)
def test_the_extension_is_the_number_in_the_caller_id_unless_that_is_for_the_outside_world(
    user: str, caller_id: str, number: str
) -> None:
    person = alice(AstAccountName=user, AstAccountCallerID=caller_id)
    assert shown(person, configuration())[2:4] == ([number, "1"] if number else ["", "0"])


def test_an_attribute_of_the_site_says_the_extension_before_the_caller_id_does() -> None:
    person = alice(AstAccountName="pc-1", ipPhone="1001", AstAccountCallerID="Alice <1009>")
    assert shown(person)[2] == "1001"


def test_a_site_may_show_another_number_or_none() -> None:
    person = alice(AstAccountName="pc-1001-a8f3", AstAccountCallerID="Alice <1001>")
    assert shown(person, dialtreeSetting="sip.DisplayNum1=10 01")[2:4] == ["10 01", "1"]
    hidden = configuration(settings={"sip.DisplayNumFlag1": "0"})
    assert shown(person, hidden)[2:4] == ["1001", "0"]


def test_a_phone_without_a_name_shows_the_extension() -> None:
    person = entry(
        ALICE_DN,
        objectClass="AsteriskSIPUser",
        AstAccountName="pc-1",
        AstAccountSecret="s",
        AstAccountCallerID="<1001>",
    )
    assert shown(person)[4] == "1001"


def test_a_key_that_points_at_somebody_supervises_the_extension() -> None:
    people = alice(), bob(AstAccountCallerID="Bob <1002>")
    db = filled(SITE, (phone(dialtreeKey=f"3 blf {BOB_DN}"), *people))
    assert find_phone(db, ARTICLE_MAC, SITE.ldap.mapping).keys == (Key(3, "blf", "1002"),)


def test_another_extension_or_authentication_name_changes_the_serial() -> None:
    def serial(**attributes: str) -> str:
        return parameters(rendered(phone(), alice(**attributes), config=SITE))["sys.config_sn"]

    assert len({serial(), serial(AstAccountCallerID="A <1009>"), serial(AstAccountFromUser="a")}) == 3


@pytest.mark.parametrize("model", MODELS)
def test_a_phone_of_each_model_takes_the_files(model: str) -> None:
    person = alice(AstAccountName="pc-1001-a8f3", AstAccountCallerID="Alice <1001>", AstAccountFromUser="alice.auth")
    files = Files(model, phone(dialtreeModel=model), person, config=SITE)
    assert files.complaints == []
    assert [files.values[f"sip.{name}"] for name in NAMES[:4]] == ["pc-1001-a8f3", "alice.auth", "1001", "1"]
