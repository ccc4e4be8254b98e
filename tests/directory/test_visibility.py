"""Who and what is in no phonebook: the rules, what is stored of what they let pass, and what LDAP is asked for."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.directory.reads import read_faults, reads_of
from services.directory.visibility import Rule, Visibility, why_hidden
from shared.config import Config
from shared.hiding import Hidden
from shared.ldap.entry import Entry
from shared.ldap.source import Kind
from shared.ldap.streams import streams_of
from tests.directory.desk import configuration

DN = "uid=ottilie,ou=people,dc=example,dc=org"
SHOWN = {"cn": ("Ottilie",), "telephonenumber": ("+33 1 23",), "mobile": ("06 1",), "homephone": ("01 2",)}
TOMORROW = str(int(time.time()) // 86400 + 2)


def person(dn: str = DN, /, **attributes: str | tuple[str, ...]) -> Entry:
    several = {name.lower(): (value,) if isinstance(value, str) else value for name, value in attributes.items()}
    return Entry("u", dn, SHOWN | several)


def visibility(**settings: object) -> Config:
    return configuration(visibility=settings)


def stored(entry: Entry, config: Config | None = None) -> set[str]:
    """The attributes that are stored of a person's entry."""
    found = Visibility(config or configuration()).admit(Kind.PERSON, entry)
    assert isinstance(found, Entry)
    return set(found.attributes)


# --- who


@pytest.mark.parametrize(
    ("attributes", "rule"),
    [
        ({}, None),
        ({"dialtreeHidden": "FALSE"}, None),
        ({"dialtreeHidden": "no"}, None),
        ({"dialtreeHidden": "TRUE"}, Rule.FLAG),
        ({"dialtreeHidden": "1"}, Rule.FLAG),
        ({"dialtreeHidden": "ja"}, Rule.FLAG),
        ({"dialtreeHidden": ""}, Rule.FLAG),
        ({"dialtreeHidden": ("FALSE", "FALS")}, Rule.FLAG),
        ({"pwdAccountLockedTime": "000001010000Z"}, Rule.DISABLED),
        ({"pwdAccountLockedTime": "20260101120000Z"}, None),
        ({"nsAccountLock": "true"}, Rule.DISABLED),
        ({"loginDisabled": "TRUE"}, Rule.DISABLED),
        ({"shadowExpire": "1"}, Rule.DISABLED),
        ({"shadowExpire": TOMORROW}, None),
        ({"userAccountControl": "514"}, Rule.DISABLED),
        ({"dialtreeHide": "mobile"}, None),
        ({"dialtreeHide": "mobil"}, Rule.UNCLEAR),
        ({"dialtreeHide": "mobile, mobil"}, Rule.UNCLEAR),
        ({"dialtreeHide": " "}, Rule.UNCLEAR),
    ],
)
def test_a_person_is_hidden_by_flag_by_disabled_account_or_in_doubt(
    attributes: dict[str, str | tuple[str, ...]], rule: Rule | None
) -> None:
    config = configuration()
    assert why_hidden(person(**attributes), config) is rule
    found = Visibility(config).admit(Kind.PERSON, person(**attributes))
    assert isinstance(found, Entry) if rule is None else found == Hidden(rule)


@pytest.mark.parametrize(
    ("dn", "rule"),
    [
        ("uid=backup,ou=service,dc=example,dc=org", Rule.EXCLUDED),
        ("UID=backup, OU=Service, DC=example, DC=org", Rule.EXCLUDED),
        ("ou=service,dc=example,dc=org", Rule.EXCLUDED),
        ("uid=a,ou=new,ou=service,dc=example,dc=org", Rule.EXCLUDED),
        ("uid=a,ou=no service,dc=example,dc=org", None),
        ("cn=a\\,ou=service,dc=example,dc=org", None),
        (DN, None),
        ("nonsense", Rule.EXCLUDED),
    ],
)
def test_what_is_at_or_below_an_excluded_dn_is_hidden(dn: str, rule: Rule | None) -> None:
    assert why_hidden(person(dn), visibility(excluded=["ou=service,dc=example,dc=org"])) is rule


def test_the_filter_hides_whom_it_does_not_let_pass() -> None:
    config = visibility(filter="(employeeType=staff)")
    assert why_hidden(person(employeeType="Staff"), config) is None
    assert why_hidden(person(employeeType="guest"), config) is Rule.FILTER
    assert why_hidden(person(), visibility(filter="(cn:caseExactMatch:=x)")) is None


def test_a_site_names_its_own_flag_and_conditions() -> None:
    config = Config.model_validate(
        {
            "ldap": {
                "source": "ldif",
                "ldif_file": "none.ldif",
                "mapping": {"person": {"hidden": ["unlisted"], "disabled": ["employeeStatus=left"]}},
            }
        }
    )
    assert why_hidden(person(unlisted="x"), config) is Rule.FLAG
    assert why_hidden(person(employeeStatus="Left"), config) is Rule.DISABLED
    assert why_hidden(person(nsAccountLock="TRUE", dialtreeHidden="TRUE"), config) is None


# --- what


def test_what_only_decides_is_not_stored() -> None:
    assert stored(person(dialtreeHidden="FALSE", nsAccountLock="no", dialtreeHide="mobile")) == {
        "cn",
        "telephonenumber",
        "homephone",
    }


@pytest.mark.parametrize("word", ["home", "homePhone", "HOMEPHONE"])
def test_one_attribute_is_hidden_of_everyone_or_of_one_by_word_or_by_name(word: str) -> None:
    assert "homephone" not in stored(person(), visibility(hidden=[word]))
    assert "homephone" not in stored(person(dialtreeHide=word))
    assert "mobile" in stored(person(dialtreeHide=word))


CALLER = {"AstAccountName": "pc-1001-a8f3", "AstAccountCallerID": '"Ottilie Ober" <1001>'}


def test_of_a_caller_id_only_an_extension_is_stored() -> None:
    def kept(caller_id: str) -> tuple[str, ...]:
        found = Visibility(configuration()).admit(Kind.PERSON, person(AstAccountCallerID=caller_id))
        assert isinstance(found, Entry)
        return found.attributes.get("astaccountcallerid", ())

    assert [kept(text) for text in ('"Ottilie Ober" <1001>', "Ottilie", "O <+33639981060>", "<0639981060>")] == [
        ("1001",), (), (), (),
    ]  # fmt: skip


def test_a_caller_id_that_says_nothing_new_is_not_stored() -> None:
    assert "astaccountcallerid" not in stored(person(AstAccountName="1001", AstAccountCallerID="Ottilie <1001>"))


@pytest.mark.parametrize("word", ["extension", "AstAccountName", "caller_id", "AstAccountCallerID"])
def test_whoever_hides_the_extension_hides_the_caller_id_that_says_it_again(word: str) -> None:
    assert "astaccountcallerid" in stored(person(**CALLER))
    for left in (stored(person(**CALLER, dialtreeHide=word)), stored(person(**CALLER), visibility(hidden=[word]))):
        assert "astaccountcallerid" not in left


def test_what_is_hidden_of_everyone_is_not_even_asked_for() -> None:
    config = visibility(hidden=["home", "mobile"])
    asked = {name.lower() for stream in streams_of(config.ldap, reads_of(config)) for name in stream.attributes}
    assert not asked & {"homephone", "mobile"}
    assert "telephonenumber" in asked


def test_of_a_phone_its_addresses_and_marks_are_stored() -> None:
    phone = Entry("p", f"cn=phone,{DN}", {"macaddress": ("00:1f:9f:16:e8:49",), "owner": (DN,)})
    rules = Visibility(configuration())
    found = rules.admit(Kind.PHONE, phone)
    assert isinstance(found, Entry)
    assert "ottilie" not in repr(found)
    assert found.attributes["mac"] == ("00:1f:9f:16:e8:49",)
    assert rules.admit(Kind.PHONE, found) == found


def test_a_phone_that_is_a_hidden_persons_entry_is_not_stored() -> None:
    phone = person(macAddress="00:1f:9f:16:e8:49", dialtreeHidden="TRUE")
    assert Visibility(configuration()).admit(Kind.PHONE, phone) == Hidden(Rule.FLAG)


def test_of_groups_only_those_of_phonebooks_are_stored_and_of_these_marks() -> None:
    book = {"slot": 2, "kind": "group", "group": "cn=sales,dc=example,dc=org"}
    rules = Visibility(configuration(phonebooks=[book]))
    found = rules.admit(
        Kind.GROUP, Entry("g", "CN=Sales,dc=example,dc=org", {"member": (DN,), "memberuid": ("ottilie",)})
    )
    assert isinstance(found, Entry)
    assert "ottilie" not in repr(found)
    assert len(found.attributes["members"]) == 2
    assert rules.admit(Kind.GROUP, found) == found
    assert rules.admit(Kind.GROUP, Entry("h", "cn=others,dc=example,dc=org", {"member": (DN,)})) is None


flags = st.sampled_from(["", "TRUE", "FALSE", "0", "1", "mobile", "mobil", "514", "-1", "\x00", "é"])


@given(
    st.dictionaries(
        st.sampled_from(["dialtreehidden", "dialtreehide", "nsaccountlock", "shadowexpire"]), st.tuples(flags)
    )
)
def test_admitting_is_the_same_for_what_was_admitted_and_adds_nothing(attributes: dict[str, tuple[str]]) -> None:
    rules = Visibility(configuration())
    found = rules.admit(Kind.PERSON, Entry("u", DN, SHOWN | attributes))
    if isinstance(found, Entry):
        assert rules.admit(Kind.PERSON, found) == found
        assert {
            name: values for name, values in found.attributes.items() if name != "shadowexpire"
        }.items() <= SHOWN.items()


# --- what LDAP is asked for


def test_the_filter_is_part_of_the_search_for_persons_and_for_their_phones() -> None:
    config = visibility(filter="(employeeType=staff)")
    streams = {stream.kind: stream for stream in streams_of(config.ldap, reads_of(config))}
    assert streams[Kind.PERSON].filter == "(&(objectClass=inetOrgPerson)(employeeType=staff))"
    assert streams[Kind.PHONE].filter == "(&(macAddress=*)(|(!(objectClass=inetOrgPerson))(employeeType=staff)))"


def test_groups_are_followed_where_a_phonebook_lists_one_and_before_persons() -> None:
    book = {"slot": 2, "kind": "group", "group": "cn=sales,dc=example,dc=org"}
    assert list(reads_of(configuration())) == [Kind.PHONE, Kind.PERSON]
    assert list(reads_of(configuration(phonebooks=[book]))) == [Kind.GROUP, Kind.PHONE, Kind.PERSON]


def test_what_decides_is_asked_for_by_name_since_it_may_be_operational() -> None:
    config = configuration(phonebooks=[{"slot": 2, "kind": "filter", "filter": "(&(roomNumber=1*)(cn=*))"}])
    asked = {stream.kind: set(stream.attributes) for stream in streams_of(config.ldap, reads_of(config))}
    assert {"dialtreeHidden", "dialtreeHide", "pwdaccountlockedtime", "nsaccountlock", "roomNumber"} <= asked[
        Kind.PERSON
    ]
    assert {"dialtreeHidden", "nsaccountlock", "macAddress", "owner"} <= asked[Kind.PHONE]
    assert not {"cn", "mobile"} & asked[Kind.PHONE]


@pytest.mark.parametrize(
    "change",
    [{"excluded": ["ou=x,dc=example"]}, {"hidden": ["mobile"]}, {"filter": "(cn=*)"}],
)
def test_other_rules_ask_for_everything_again(change: dict[str, object]) -> None:
    def fingerprint(config: Config) -> str:
        (found,) = (s.fingerprint for s in streams_of(config.ldap, reads_of(config)) if s.kind is Kind.PERSON)
        return found

    assert fingerprint(visibility(**change)) != fingerprint(configuration())


def test_what_would_hide_nothing_is_a_fault() -> None:
    config = visibility(hidden=["mobil", "fax", "home"], filter="(cn:caseExactMatch:=x)")
    assert [(fault.path, fault.message) for fault in read_faults(config)] == [
        ("directory.visibility.filter", "a file knows no matching rules; write it without :="),
        ("directory.visibility.hidden", "'mobil' is nothing that is read of a person; did you mean mobile?"),
        ("directory.visibility.hidden", "'fax' is nothing that is read of a person"),
    ]
    assert list(read_faults(visibility(hidden=["home", "MOBILE"], filter="(cn=x)"))) == []


@pytest.mark.parametrize(
    ("settings", "fault"),
    [({"excluded": ["service"]}, "is not a DN"), ({"filter": "(cn=x"}, "is not closed")],
)
def test_rules_that_cannot_be_are_refused(settings: dict[str, object], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        visibility(**settings)
