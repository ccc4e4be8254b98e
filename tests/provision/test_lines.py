"""Further lines and keys of a phone: whose they are, which servers they have, what becomes of those who leave."""

import pytest

from services.provision.phones import Key, find_phone
from services.provision.tables import ProvisionTables
from shared.config import Config
from shared.errors import ConfigurationError, EntryError
from shared.ldap.entry import Entry
from shared.ldap.source import Kind
from shared.tables import EntryChange
from tests.provision.desk import (
    ALICE_DN,
    ARTICLE_MAC,
    PEOPLE,
    PHONE_DN,
    alice,
    configuration,
    entry,
    filled,
    parameters,
    phone,
    phone_file,
    rendered,
)
from tests.provision.fleet import profile

BOB_DN = f"uid=bob,{PEOPLE}"
CONFIG = configuration(registrar="pbx", backup_registrar="pbx2", voicemail_number="*98")
UNUSED = (
    "TEL{}Number",
    "regid{}",
    "regpwd{}",
    "DisplayName{}",
    "RegisterServerMP{}",
    "ProxyServerBK{}",
    "ServiceDomainMP{}",
)


def bob(**attributes: str) -> Entry:
    usual = {"displayName": "Bob Roy", "AstAccountName": "1002", "AstAccountSecret": "bobs"}
    return entry(BOB_DN, objectClass=("inetOrgPerson", "AsteriskSIPUser"), **(usual | attributes))


def file(*entries: Entry, config: Config = CONFIG) -> dict[str, str]:
    return parameters(rendered(*entries, config=config))


def sip(values: dict[str, str], *keys: str) -> list[str]:
    return [values[f"sip.{key}"] for key in keys]


# --- lines


def test_a_further_line_is_the_person_it_names() -> None:
    values = file(phone(dialtreeLine=f"2 {BOB_DN}"), alice(), bob())
    assert sip(values, "TEL02Use", "TEL2Number", "regid2", "regpwd2", "DisplayName2") == [
        "1",
        "1002",
        "1002",
        "bobs",
        "Bob Roy",
    ]
    assert sip(values, "TEL01Use", "TEL1Number") == ["1", "1001"]


def test_a_line_without_servers_of_its_own_has_those_of_the_first() -> None:
    values = file(phone(dialtreeLine=f"3 {BOB_DN}"), alice(), bob())
    assert sip(values, "RegisterServerMP3", "ProxyServerMP3", "ServiceDomainMP3") == ["pbx"] * 3
    assert sip(values, "RegisterServerBK3", "ProxyServerBK3", "ServiceDomainBK3") == ["pbx2"] * 3


def test_a_line_may_have_servers_by_setting_or_by_its_account() -> None:
    own = phone(dialtreeLine=f"2 {BOB_DN}", dialtreeSetting="sip.RegisterServerMP2=other")
    assert sip(file(own, alice(), bob()), "RegisterServerMP2", "ProxyServerMP2") == ["other", "pbx"]
    names = {"registrar": ["host"], "transport": ["transport"]}
    config = configuration(registrar="pbx", mapping={"account": names})
    both = (alice(host="a.example.org"), bob(host="b.example.org", transport="TLS"))
    found = file(phone(dialtreeLine=f"2 {BOB_DN}"), *both, config=config)
    assert sip(found, "RegisterServerMP1", "RegisterServerMP2", "ServiceDomainMP2") == [
        "a.example.org", "b.example.org", "b.example.org",
    ]  # fmt: skip
    assert sip(found, "TransportFlgMP1", "TransportFlgMP2") == ["0", "2"]


def test_an_unknown_transport_is_refused() -> None:
    config = configuration(mapping={"account": {"transport": ["transport"]}})
    with pytest.raises(EntryError, match="write udp, tcp or tls"):
        file(phone(), alice(transport="pigeon"), config=config)


TRANSFERS = ("sw_tr_vmail_address1", "sw_tr_vmail_address2", "VoiceMailTelNum")


def test_where_messages_are_heard_is_not_where_callers_are_transferred() -> None:
    values = file(phone(dialtreeLine=f"2 {BOB_DN}"), alice(), bob(AstAccountMailbox="1002@default"))
    assert sip(values, *TRANSFERS) == ["", "", "*98"]


def test_callers_are_transferred_where_the_site_says_for_each_line_with_a_mailbox() -> None:
    own = phone(dialtreeLine=f"2 {BOB_DN}")
    people = alice(), bob(AstAccountMailbox="1002@default", AstAccountCallerID="Bob <1012>")
    fixed, by_number = (configuration(voicemail_transfer=target) for target in ("*55", "*55X"))
    assert sip(file(own, *people, config=fixed), *TRANSFERS) == ["", "*55", ""]
    assert sip(file(own, *people, config=by_number), *TRANSFERS) == ["", "*551012", ""]


@pytest.mark.parametrize("other", ["*66", ""])
def test_a_phone_or_a_profile_transfers_callers_elsewhere_or_nowhere(other: str) -> None:
    site = configuration(voicemail_transfer="*55")
    person, setting = alice(AstAccountMailbox="1001@default"), f"sip.sw_tr_vmail_address1={other}"
    by_profile = phone(dialtreeProfile="Lyon"), profile("Lyon", dialtreeSetting=setting), person
    for entries in ((phone(dialtreeSetting=setting), person), by_profile):
        assert sip(file(*entries, config=site), "sw_tr_vmail_address1") == [other]


def test_a_transfer_target_that_no_phone_can_dial_is_a_fault_of_the_configuration() -> None:
    with pytest.raises(ConfigurationError, match=r"provision\.voicemail_transfer"):
        file(phone(), alice(), config=configuration(voicemail_transfer="the mailbox"))


@pytest.mark.parametrize("number", [2, 3, 4])
def test_an_unused_line_is_written_empty_whatever_a_layer_says(number: int) -> None:
    settings = tuple(f"sip.{key.format(number)}=x" for key in UNUSED)
    config = configuration(settings={f"sip.RegisterServerMP{number}": "y"})
    for values in (file(phone(), alice()), file(phone(dialtreeSetting=settings), alice(), config=config)):
        assert sip(values, *(key.format(number) for key in UNUSED)) == [""] * len(UNUSED)
        assert values[f"sip.TEL0{number}Use"] == "0"


def test_a_line_that_goes_leaves_the_file_of_a_phone_that_never_had_it() -> None:
    before = filled(CONFIG, (phone(), alice(), bob()))
    db = filled(CONFIG, (phone(dialtreeLine=f"2 {BOB_DN}"), alice(), bob()))
    tables = ProvisionTables(CONFIG)
    tables.derive(db, [EntryChange(Kind.PHONE, phone().uuid, phone(dialtreeLine=f"2 {BOB_DN}"), phone())])
    assert phone_file(CONFIG, db, ARTICLE_MAC) == phone_file(CONFIG, before, ARTICLE_MAC)


def test_the_first_line_may_be_given_by_number() -> None:
    assert sip(file(phone(dialtreeLine=f"1 {BOB_DN}"), alice(), bob()), "TEL1Number") == ["1002"]


@pytest.mark.parametrize("value", ["x", "2", "two uid=x", "2 bob", "."])
def test_a_line_that_cannot_be_read_is_refused(value: str) -> None:
    with pytest.raises(EntryError, match="dialtreeLine"):
        file(phone(dialtreeLine=(value, f"3 {BOB_DN}")), alice(), bob())


def test_a_blank_line_counts_as_none() -> None:
    blank = file(phone(dialtreeLine=("", " ", f"3 {BOB_DN}")), alice(), bob())
    assert blank == file(phone(dialtreeLine=f"3 {BOB_DN}"), alice(), bob())


def test_a_line_beyond_the_last_one_is_refused() -> None:
    with pytest.raises(EntryError, match="line 5; there are 1 to 4"):
        file(phone(dialtreeLine=f"5 {BOB_DN}"), alice(), bob())


def test_a_line_of_nobody_is_refused_and_named() -> None:
    with pytest.raises(EntryError, match=f"dialtreeLine: names {BOB_DN} for line 2"):
        file(phone(dialtreeLine=f"2 {BOB_DN}"), alice())


def test_a_line_of_a_person_without_an_account_is_refused() -> None:
    person = entry(BOB_DN, objectClass="inetOrgPerson", displayName="Bob")
    with pytest.raises(EntryError, match=f"{BOB_DN}: AstAccountName: is missing"):
        file(phone(dialtreeLine=f"2 {BOB_DN}"), alice(), person)


# --- keys


def keys_of(*entries: Entry) -> tuple[tuple[Key, ...], tuple[str, ...]]:
    found = find_phone(filled(CONFIG, entries), ARTICLE_MAC, CONFIG.ldap.mapping)
    return found.keys, found.notes


@pytest.mark.parametrize("target", [BOB_DN, f"<{BOB_DN}>", BOB_DN.upper()])
def test_a_key_that_points_at_a_person_follows_the_extension(target: str) -> None:
    keys, notes = keys_of(phone(dialtreeKey=f"3 blf {target} Bob"), alice(), bob(AstAccountName="1777"))
    assert (keys, notes) == ((Key(3, "blf", "1777"),), ())


def test_a_key_may_point_at_the_account_below_a_person() -> None:
    person = entry(BOB_DN, objectClass="inetOrgPerson", displayName="Bob")
    below = entry(f"cn=sip,{BOB_DN}", objectClass="AsteriskSIPUser", AstAccountName="1888", AstAccountSecret="x")
    assert keys_of(phone(dialtreeKey=f"3 speeddial {BOB_DN}"), alice(), person, below)[0] == (
        Key(3, "speeddial", "1888"),
    )


def test_a_key_of_a_person_who_left_is_left_out_and_told_and_the_phone_is_served() -> None:
    own = phone(dialtreeKey=(f"3 blf {BOB_DN}", "4 blf 1003"))
    keys, notes = keys_of(own, alice())
    assert keys == (Key(4, "blf", "1003"),)
    assert notes == (
        f"{PHONE_DN}: dialtreeKey: key 3 points at {BOB_DN}, who has no extension, and is left out; delete the key",
    )
    assert file(own, alice())["sys.FeatureKeyExt03"] == "L/<sip:>"


def test_a_name_with_blanks_stands_in_angle_brackets() -> None:
    spaced = "cn=Bob Roy,ou=people,dc=example,dc=org"
    person = entry(spaced, objectClass="AsteriskSIPUser", AstAccountName="1002", AstAccountSecret="x")
    assert keys_of(phone(dialtreeKey=f"3 blf <{spaced}> Bob"), alice(), person)[0] == (Key(3, "blf", "1002"),)


def test_a_line_key_is_written_as_the_phones_own_empty_key() -> None:
    config = configuration(settings={"sys.FeatureKeyExt02": "S/<sip:1009>"})
    values = file(phone(dialtreeKey="2 line 2", dialtreeLine=f"2 {ALICE_DN}"), alice(), config=config)
    assert values["sys.FeatureKeyExt02"] == "L/<sip:>"


def test_a_key_on_an_expansion_module_has_its_position() -> None:
    values = file(phone(dialtreeKey=("11 blf 1002", "66 speeddial 0123456789 Taxi")), alice())
    assert (values["sys.FeatureKeyExt11"], values["sys.FeatureKeyExt66"]) == ("S/<sip:1002>", "L/<sip:0123456789>")
