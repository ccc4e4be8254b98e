"""What `dialtree check` says of accounts: passwords, shared names and numbers, values that stand twice."""

from typing import Any

import pytest

from services.provision.check import findings
from services.provision.passwords import Weakness, weakness_of
from services.provision.rendering import Renderer
from services.provision.tables import ProvisionTables
from shared.config import Config
from shared.findings import CONFIGURATION, Finding
from shared.ldap.entry import Entry
from shared.ldap.source import Kind
from shared.tables import EntryChange
from tests.provision.desk import ALICE_DN, PEOPLE, PHONE_DN, alice, configuration, entry, filled, phone
from tests.provision.fleet import SAFE, profile

GOOD = "correct-horse-battery"
BOB_DN = f"uid=bob,{PEOPLE}"


def bob(**attributes: str) -> Entry:
    usual = {"AstAccountName": "1002", "AstAccountSecret": "staple-of-another"}
    return entry(BOB_DN, objectClass="AsteriskSIPUser", **(usual | attributes))


def found(*entries: Entry, config: Config | None = None, **mapping: Any) -> tuple[Finding, ...]:
    config = config or configuration(settings=SAFE, mapping=mapping)
    return findings(Renderer(config), filled(config, entries))


def of_secret(secret: str, **attributes: str) -> list[Finding]:
    all_found = found(phone(), alice(AstAccountSecret=secret, **attributes))
    assert secret not in str([finding.problem for finding in all_found])
    return [finding for finding in all_found if finding.what == "AstAccountSecret"]


# --- passwords


@pytest.mark.parametrize(
    "secret",
    [
        "1001", "10011001", "1001!", "1001secret", "Secret1001", "1-0-0-1", "alice", "ecila", "Alice.Martin", "alicemartin1",
        "zola-2024-zola",
        "1234", "0000", "12345678", "987654321", "abcdefgh", "qwertyuiop", "abababab", "13131313", "password", "Passw0rd!",
        "p@55w0rd2024", "changeme", "S3cret", "asterisk", "admin123", "001F9F16E849", "00:1f:9f:16:e8:49", "1q2w3e4r",
    ],
)  # fmt: skip
def test_a_password_that_is_easily_guessed_is_a_fault_that_does_not_say_how(secret: str) -> None:
    named = {"AstAccountCallerID": '"Alice Martin" <1001>', "displayName": "Émile Zola 2024"}
    (finding,) = of_secret(secret, **named)
    assert (finding.where, finding.is_fault) == (ALICE_DN, True)
    assert finding.problem == "is weak: it is easily guessed; set a longer one at random"


@pytest.mark.parametrize("secret", ["x7Kq2p", "73918", "hunter2"])
def test_a_short_password_is_a_note(secret: str) -> None:
    (finding,) = of_secret(secret)
    assert (finding.is_fault, "fewer than 8 characters" in finding.problem) == (False, True)


@pytest.mark.parametrize(
    "secret", [GOOD, "84629175", "f3a9c1d07b", "Tr0ub4dor&3x", "sample-26682", "Xk2#1001#pQz9", "martinique-1871-rum"]
)
def test_a_password_that_nobody_guesses_is_no_finding(secret: str) -> None:
    assert of_secret(secret, AstAccountCallerID='"Alice Martin" <1001>') == []


def test_a_password_is_weak_only_by_what_is_known_of_its_own_account() -> None:
    assert weakness_of("7001-lyon-7001", ["7001", "Lyon"]) is Weakness.GUESSED
    assert weakness_of("7001-lyon-7001", ["1001", "Alice"]) is None


def test_a_password_that_is_not_ascii_is_a_fault() -> None:
    (finding,) = of_secret("étoile-du-soir-éé")
    assert finding.is_fault
    assert "not ASCII" in finding.problem


def test_a_password_of_several_accounts_is_one_fault_that_names_them() -> None:
    others = [
        entry(f"uid=p{n},{PEOPLE}", objectClass="AsteriskSIPUser", AstAccountName=f"11{n}", AstAccountSecret=GOOD)
        for n in range(5)
    ]
    (finding,) = found(phone(), alice(AstAccountSecret=GOOD), bob(), *others)
    assert (finding.where, finding.what, finding.is_fault) == (ALICE_DN, "AstAccountSecret", True)
    assert finding.problem.startswith(f"is that of uid=p0,{PEOPLE}, uid=p1,{PEOPLE}, uid=p2,{PEOPLE} and 2 more too")
    assert GOOD not in str(finding)


# --- names and numbers that several have


def test_a_number_of_two_users_is_a_note_and_a_user_of_two_accounts_a_fault() -> None:
    two_devices = (
        alice(AstAccountName="pc-1001-a", AstAccountCallerID="Alice <1001>", AstAccountSecret=GOOD),
        bob(AstAccountName="1001"),
    )
    (note,) = found(phone(), *two_devices)
    assert (note.where, note.what, note.is_fault) == (ALICE_DN, "AstAccountCallerID", False)
    assert f"1001 is the number of {BOB_DN} too" in note.problem
    (fault,) = found(phone(), alice(AstAccountSecret=GOOD), bob(AstAccountName="1001"))
    assert (fault.what, fault.is_fault) == ("AstAccountName", True)


def test_an_authentication_name_of_two_accounts_is_a_note() -> None:
    mapping = {"auth_name": ["AstAccountFromUser"]}
    both = alice(AstAccountSecret=GOOD, AstAccountFromUser="0"), bob(AstAccountFromUser="0")
    (note,) = found(phone(), *both, account=mapping)
    assert (note.what, note.is_fault) == ("AstAccountFromUser", False)
    assert f"{BOB_DN} authenticates as 0 too" in note.problem


def test_a_key_that_supervises_a_sip_user_should_name_the_number() -> None:
    entries = alice(AstAccountSecret=GOOD), bob(AstAccountName="pc-1002-77c1", AstAccountCallerID="Bob <1002>")
    assert [each for each in found(phone(dialtreeKey="3 blf 1002"), *entries) if each.is_fault] == []
    (finding,) = (each for each in found(phone(dialtreeKey="3 blf pc-1002-77c1"), *entries) if each.is_fault)
    assert "a SIP user whose number is 1002; name the number" in finding.problem


# --- attributes that Asterisk writes


@pytest.mark.parametrize(
    "attribute",
    [
        "AstAccountDefaultUser", "astaccountdefaultuser", "AstAccountRegistrationServer", "AstAccountLastQualifyMilliseconds",
        "AstAccountIPAddress", "AstAccountPort", "AstAccountExpirationTimestamp", "AstAccountUserAgent",
        "AstAccountFullContact",
    ],
)  # fmt: skip
def test_a_mapped_attribute_that_asterisk_writes_is_a_warning(attribute: str) -> None:
    (note,) = found(phone(), alice(AstAccountSecret=GOOD), account={"auth_name": [attribute]})
    assert (note.where, note.what, note.is_fault) == (CONFIGURATION, "ldap.mapping.account.auth_name", False)
    assert f"names {attribute}, which Asterisk itself writes" in note.problem


def test_every_field_that_a_phone_file_follows_is_looked_at() -> None:
    mapping = {
        "phone": {"model": ["dialtreeModel", "AstAccountUserAgent"]},
        "account": {"registrar": ["AstAccountIpAddr"]},
    }
    config = configuration(settings=SAFE, mapping=mapping)
    what = {finding.what for finding in found(phone(), alice(AstAccountSecret=GOOD), config=config)}
    assert what == {"ldap.mapping.phone.model", "ldap.mapping.account.registrar"}


# --- values that stand twice


@pytest.mark.parametrize("attribute", ["AstAccountSecret", "AstAccountCallerID", "AstAccountMailbox"])
def test_two_values_where_an_account_has_one_are_a_fault(attribute: str) -> None:
    person = entry(
        ALICE_DN, objectClass="AsteriskSIPUser", AstAccountName="1001",
        **({"AstAccountSecret": "staple-of-another"} | {attribute: (GOOD, "other")}),
    )  # fmt: skip
    (finding,) = found(phone(), person)
    assert (finding.where, finding.what, finding.is_fault) == (ALICE_DN, attribute, True)
    assert finding.problem == "has 2 values where one counts, and the first by the alphabet is taken; delete the others"


def test_two_owners_models_or_profiles_of_a_phone_are_faults() -> None:
    own = phone(owner=(ALICE_DN, BOB_DN), dialtreeModel=("ST2030", "ST2022"), dialtreeProfile=("Lyon", "Nice"))
    lyon = profile(
        "Lyon", dialtreeTimeZone=("Europe/Paris", "Europe/Berlin"), dialtreeSetting=("sys.VAD=1", "sys.AEC=1")
    )
    twice = found(own, alice(AstAccountSecret=GOOD), bob(), lyon)
    assert {finding[:2] for finding in twice} == {
        (PHONE_DN, "owner"), (PHONE_DN, "dialtreeModel"), (PHONE_DN, "dialtreeProfile"), (lyon.dn, "dialtreeTimeZone"),
    }  # fmt: skip


def test_values_that_all_count_are_no_finding() -> None:
    own = phone(macAddress=("00:1f:9f:16:e8:49", "00:14:7f:00:00:01"), dialtreeKey=("3 blf 1001", "4 speeddial 17"))
    person = alice(AstAccountSecret=GOOD, displayName="", cn=("Alice Martin", "A. Martin"))
    assert found(own, person) == ()


def test_several_users_of_one_person_are_a_note() -> None:
    (note,) = found(phone(), alice(AstAccountSecret=GOOD, AstAccountName=("1001", "1002")))
    assert (note.what, note.is_fault) == ("AstAccountName", False)


def test_a_value_that_is_deleted_is_no_finding_any_more() -> None:
    config = configuration(settings=SAFE)
    before, after = alice(AstAccountSecret=(GOOD, "other")), alice(AstAccountSecret=GOOD)
    db = filled(config, (phone(), before))
    assert db.execute("SELECT attribute FROM ambiguous").fetchall() == [("AstAccountSecret",)]
    ProvisionTables(config).derive(db, [EntryChange(Kind.ACCOUNT, before.uuid, before, after)])
    assert db.execute("SELECT count(*) FROM ambiguous").fetchone() == (0,)
