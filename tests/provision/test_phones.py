import sqlite3

import pytest

from services.provision.phones import Key, Phone, find_phone
from services.provision.reads import READS
from services.provision.tables import ProvisionTables
from shared.errors import EntryError, Unknown
from shared.ldap.entry import Entry
from shared.mac import Mac
from tests.provision.desk import ALICE_DN, ARTICLE_MAC, PHONE_DN, alice, configuration, entry, filled, phone, rendered

CONFIG = configuration()
OTHER_DN = "cn=other,ou=phones,dc=example,dc=org"


def found(*entries: Entry, mac: Mac = ARTICLE_MAC) -> Phone:
    return find_phone(filled(CONFIG, entries), mac, CONFIG.ldap.mapping)


def refusal(*entries: Entry) -> EntryError:
    with pytest.raises(EntryError) as refused:
        found(*entries)
    return refused.value


def account(dn: str, user: str = "1001", **attributes: str) -> Entry:
    usual = {"objectClass": "AsteriskSIPUser", "AstAccountName": user, "AstAccountSecret": "s3cret"}
    return entry(dn, **(usual | attributes))


def user_of(*entries: Entry) -> str:
    (line,) = found(*entries).lines
    return line.user


# --- which account and which name


def test_the_phones_own_entry_may_be_the_account() -> None:
    assert user_of(phone(owner="", objectClass="AsteriskSIPUser", AstAccountName="7", AstAccountSecret="x")) == "7"


def test_one_entry_may_be_person_account_and_phone() -> None:
    (line,) = found(alice(macAddress="001F9F16E849")).lines
    assert (line.user, line.display_name) == ("1001", "Alice Martin")


def test_an_account_may_stand_below_the_phone() -> None:
    assert user_of(phone(owner=""), account(f"cn=line1,{PHONE_DN}", "7")) == "7"


def test_the_owner_may_be_an_account_that_is_no_person() -> None:
    assert user_of(phone(owner="cn=lobby,dc=x"), account("cn=lobby,dc=x", "7")) == "7"


def test_an_account_may_stand_below_the_owner() -> None:
    person = entry(ALICE_DN, objectClass="inetOrgPerson", displayName="Alice Martin")
    (line,) = found(phone(), person, account(f"cn=sip,{ALICE_DN}", "7")).lines
    assert (line.user, line.display_name) == ("7", "Alice Martin")


def test_an_account_below_a_person_shows_that_persons_name() -> None:
    person = entry(ALICE_DN, objectClass="inetOrgPerson", displayName="Alice Martin")
    (line,) = found(phone(owner=f"cn=sip,{ALICE_DN}"), person, account(f"cn=sip,{ALICE_DN}")).lines
    assert line.display_name == "Alice Martin"


def test_the_nearest_account_wins() -> None:
    own = phone(objectClass="AsteriskSIPUser", AstAccountName="own", AstAccountSecret="x")
    assert user_of(own, account(f"cn=a,{PHONE_DN}", "below"), alice()) == "own"
    assert user_of(phone(), account(f"cn=a,{PHONE_DN}", "below"), alice()) == "below"
    assert user_of(phone(), alice(), account(f"cn=a,{ALICE_DN}", "below owner")) == "1001"


def test_an_account_two_levels_below_does_not_count() -> None:
    assert "no account" in str(
        refusal(
            phone(),
            entry(ALICE_DN, objectClass="inetOrgPerson", cn="Alice"),
            account(f"cn=deep,cn=sip,{ALICE_DN}"),
        )
    )


def test_the_owner_is_found_whatever_the_writing_of_its_name() -> None:
    assert user_of(phone(owner=ALICE_DN.upper().replace(",", " , ")), alice()) == "1001"


def test_the_name_is_the_persons_else_the_caller_ids_else_the_user() -> None:
    def name(*entries: Entry) -> str:
        return found(*entries).lines[0].display_name

    assert name(phone(), alice(AstAccountCallerID='"Front desk" <1001>')) == "Alice Martin"
    assert name(phone(), alice(displayName="", AstAccountCallerID='"Front desk" <1001>')) == "Front desk"
    assert name(phone(), alice(displayName="")) == "1001"
    assert name(phone(), alice(displayName="   ")) == "1001"


def test_the_name_on_a_phone_is_the_one_that_the_phonebook_chooses() -> None:
    def name(**attributes: str | tuple[str, ...]) -> str:
        return found(phone(), alice(displayName="", **attributes)).lines[0].display_name

    assert name(cn=("4711", "Al Martin", "Alice Martin"), sn="Martin", givenName="Alice") == "Alice Martin"
    assert name(cn="4711", sn="Martin", givenName="Alice") == "Alice Martin"
    assert name(cn="4711") == "4711"
    assert name(cn="Alice \U0001f389 Mar\u00adtin") == "Alice Martin"
    polish = {"cn": "Anna Wolska", "cn;lang-pl": "Hanna Nowicka"}
    assert name(**polish, preferredLanguage="pl-PL, en") == "Hanna Nowicka"
    assert name(**polish, preferredLanguage="en") == name(**polish) == "Anna Wolska"


def test_a_phone_with_two_addresses_is_found_by_both() -> None:
    entries = (phone(macAddress=("00:1f:9f:16:e8:49", "00-14-7F-00-00-01")), alice())
    assert found(*entries).dn == found(*entries, mac=Mac("00147F000001")).dn == PHONE_DN


# --- what is refused


def test_an_unknown_address_is_unknown() -> None:
    with pytest.raises(Unknown):
        found(phone(), alice(), mac=Mac("AAAAAAAAAAAA"))


def test_an_unreadable_address_identifies_no_phone_and_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Unknown):
        found(phone(macAddress="00:1f:9f:16:e8"), alice())
    assert PHONE_DN in caplog.text
    assert "macAddress" in caplog.text


def test_two_entries_with_one_address_are_refused_by_name() -> None:
    other = entry(OTHER_DN, macAddress="001F.9F16.E849", owner=ALICE_DN)
    for entries in ((phone(), other), (other, phone())):
        error = refusal(*entries, alice())
        assert (error.dn, error.attribute) == (OTHER_DN, "macAddress")
        assert PHONE_DN in str(error)
        assert "delete" in str(error)


def test_a_missing_secret_is_refused() -> None:
    error = refusal(phone(), alice(AstAccountSecret=""))
    assert (error.dn, error.attribute) == (ALICE_DN, "AstAccountSecret")
    assert "let the bind account read it" in str(error)


def test_an_account_without_a_user_is_refused() -> None:
    error = refusal(phone(), alice(AstAccountName=""))
    assert (error.dn, error.attribute) == (ALICE_DN, "AstAccountName")


def test_a_missing_owner_is_refused() -> None:
    error = refusal(phone())
    assert (error.dn, error.attribute) == (PHONE_DN, "owner")
    assert ALICE_DN in str(error)


def test_a_missing_owner_is_refused_although_the_phone_has_an_account_of_its_own() -> None:
    error = refusal(phone(objectClass="AsteriskSIPUser", AstAccountName="7", AstAccountSecret="x"))
    assert (error.dn, error.attribute) == (PHONE_DN, "owner")


def test_a_phone_of_nobody_is_refused() -> None:
    error = refusal(phone(owner=""), alice())
    assert (error.dn, error.attribute) == (PHONE_DN, "owner")
    assert "is missing" in str(error)


def test_a_person_without_an_account_is_refused() -> None:
    error = refusal(phone(), entry(ALICE_DN, objectClass="inetOrgPerson", cn="Alice"))
    assert (error.dn, error.attribute) == (ALICE_DN, "AstAccountName")


def test_two_accounts_below_the_owner_are_not_chosen_from() -> None:
    person = entry(ALICE_DN, objectClass="inetOrgPerson", cn="Alice")
    error = refusal(phone(), person, account(f"cn=a,{ALICE_DN}"), account(f"cn=b,{ALICE_DN}"))
    assert "cn=a," in str(error)
    assert "cn=b," in str(error)


def test_a_line_break_in_a_name_is_refused_with_entry_attribute_and_mend() -> None:
    error = refusal(phone(), alice(displayName="Alice\r\nTelnetPWD=owned"))
    assert (error.dn, error.attribute) == (ALICE_DN, "displayName")
    assert "write it on one line" in str(error)
    assert "owned" not in str(error)


def test_a_name_in_another_script_is_refused_with_its_characters() -> None:
    error = refusal(phone(), alice(displayName="", cn="Мария"))
    assert (error.dn, error.attribute) == (ALICE_DN, "cn")
    assert "М (U+041C)" in str(error)


def test_a_bad_secret_is_refused_without_showing_it() -> None:
    error = refusal(phone(), alice(AstAccountSecret="hunter2\nх"))
    assert (error.dn, error.attribute) == (ALICE_DN, "AstAccountSecret")
    assert "hunter2" not in str(error)


def test_a_found_phone_does_not_print_its_secret() -> None:
    assert "s3cret" not in repr(found(phone(), alice()))


# --- keys and settings


def test_keys_are_read_in_the_order_of_their_positions() -> None:
    values = ("10 speeddial 0123456789 Taxi", "3 BLF 1002 Réception du bâtiment", "  66   blf *8@pbx  ")
    assert found(phone(dialtreeKey=values), alice()).keys == (
        Key(3, "blf", "1002"),
        Key(10, "speeddial", "0123456789"),
        Key(66, "blf", "*8@pbx"),
    )


@pytest.mark.parametrize(
    "value",
    [
        "3",
        "blf 1002",
        "3 blf",
        "3 line 1002",
        "3 line",
        "3 blf <1002",
        "3 blf 10>02",
        "three blf 1002",
        "3 blf 1002\nx",
        "٣ blf 1002",
        "3 blf é",
    ],
)
def test_a_key_that_cannot_be_read_is_refused(value: str) -> None:
    error = refusal(phone(dialtreeKey=value), alice())
    assert (error.dn, error.attribute) == (PHONE_DN, "dialtreeKey")
    assert "3 blf 1002 Reception" in str(error)


@pytest.mark.parametrize("position", ["0", "67", "99"])
def test_a_key_beyond_the_last_one_is_left_out_and_the_phone_is_served(position: str) -> None:
    assert rendered(phone(dialtreeKey=(f"{position} blf 1002", "3 blf 1003")), alice()) == rendered(
        phone(dialtreeKey="3 blf 1003"), alice()
    )


def test_a_position_that_is_given_twice_is_refused() -> None:
    assert "position 3 twice" in str(refusal(phone(dialtreeKey=("3 blf 1002", "03 speeddial 17")), alice()))


def test_a_setting_without_an_equals_sign_is_refused_without_showing_it() -> None:
    error = refusal(phone(dialtreeSetting="sys.WebPWD:hunter2"), alice())
    assert (error.dn, error.attribute) == (PHONE_DN, "dialtreeSetting")
    assert "hunter2" not in str(error)


def test_a_setting_that_is_given_twice_is_refused() -> None:
    values = ("sip.CallPkupSC=*8X", "sip.CallPkupSC=*9X")
    assert "sip.CallPkupSC twice" in str(refusal(phone(dialtreeSetting=values), alice()))


# --- following changes


def test_the_service_follows_persons_accounts_phones_and_profiles() -> None:
    assert set(READS) == {"person", "account", "phone", "profile"}


def test_an_owner_ou_with_many_accounts_costs_no_more_than_two_rows() -> None:
    people = "ou=people,dc=example,dc=org"
    accounts = [account(f"cn=a{n},{people}", str(n)) for n in range(50)]
    db = filled(CONFIG, [phone(owner=people), *accounts])
    rows: list[str] = []
    db.set_trace_callback(rows.append)
    with pytest.raises(EntryError, match="could mean"):
        find_phone(db, ARTICLE_MAC, CONFIG.ldap.mapping)
    plan = [row for statement in rows for row in db.execute(f"EXPLAIN QUERY PLAN {statement}")]
    assert plan
    assert not [row for row in plan if "SCAN accounts" in row[3] or "SCAN persons" in row[3]]


def test_the_tables_can_be_dropped_and_created_again() -> None:
    tables = ProvisionTables(CONFIG)
    db = sqlite3.connect(":memory:", isolation_level=None)
    for _ in range(2):
        tables.drop(db)
        tables.create(db)
    assert db.execute("SELECT count(*) FROM phones").fetchone() == (0,)
