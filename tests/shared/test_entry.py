import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ldap.entry import AllOf, Entry, dn_key, parent_key, rdn_values, uuid_of_dn
from shared.ldap.source import Kind, Stream

RDN_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), min_size=1, max_size=8
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("uid=Alice,ou=People,dc=Example", "UID=alice , OU=people,dc=example"),
        (r"cn=Doe\, John,dc=x", r"CN=doe\2C john,DC=x"),
        ("cn=A+sn=B,dc=x", "sn=b+cn=a,dc=x"),
        ("cn=two  words,dc=x", "cn=two words,dc=x"),
        (r"cn=Zo\C3\AB,dc=x", "cn=Zoë,dc=x"),
    ],
)
def test_two_writings_of_one_name_are_equal(one: str, other: str) -> None:
    assert dn_key(one) == dn_key(other)
    assert uuid_of_dn(one) == uuid_of_dn(other)


def test_an_escaped_comma_does_not_split_the_name() -> None:
    assert dn_key(r"cn=Doe\, John,dc=x") != dn_key("cn=Doe,John,dc=x")
    assert parent_key(dn_key(r"cn=Doe\, John,dc=x")) == "dc=x"


def test_the_topmost_entry_has_no_parent() -> None:
    assert parent_key("dc=x") == ""
    assert dn_key("") == ""


@given(st.lists(RDN_TEXT, min_size=1, max_size=4))
def test_any_escaped_name_keeps_its_parent(values: list[str]) -> None:
    def escape(value: str) -> str:
        return "".join(f"\\{c}" if c in ',+"\\<>;=#' else c for c in value)

    dn = ",".join(f"cn={escape(value)}" for value in values)
    assert parent_key(dn_key(dn)) == dn_key(",".join(f"cn={escape(value)}" for value in values[1:]))


def test_the_first_attribute_that_has_a_value_is_used() -> None:
    entry = Entry("u", "cn=x", {"cn": ("Zoé", "Alice"), "mail": ("a@x",)})
    assert entry.values(("displayName", "cn", "mail")) == ("Alice", "Zoé")
    assert entry.first(("displayName", "CN")) == "Alice"
    assert entry.first(("displayName",)) == ""


def test_all_values_of_all_attributes_come_in_the_order_of_the_list_and_each_once() -> None:
    entry = Entry("u", "cn=x", {"telephonenumber": ("2", "3"), "othertelephone": ("4", "1", "2"), "mobile": ("9",)})
    assert entry.values(AllOf(("otherTelephone", "telephoneNumber"))) == ("1", "2", "4", "3")
    assert entry.first(AllOf(("pager", "telephoneNumber"))) == "2"
    assert entry.values(AllOf(("pager",))) == ()


def test_a_blank_value_counts_as_absent() -> None:
    entry = Entry("u", "cn=x", {"displayname": (" ", "\u200b\u00a0"), "cn": (" ", "Zoé")})
    assert entry.values(("displayName", "cn")) == entry.values(AllOf(("displayName", "cn"))) == ("Zoé",)
    assert entry.first(("displayName",)) == ""


def test_values_with_a_language_are_no_values_of_the_attribute() -> None:
    entry = Entry("u", "cn=x", {"cn;lang-ja": ("Aki",)})
    assert entry.values(("cn",)) == entry.values(AllOf(("cn",))) == ()


def test_the_values_of_the_rdn_are_unescaped() -> None:
    assert rdn_values(r"cn=Doe\, John + uid=jd\2bx,ou=a,dc=b") == ("Doe, John", "jd+x")
    assert rdn_values("") == ("",)


def test_the_order_of_values_does_not_matter() -> None:
    one = Entry("u", "cn=x", {"cn": ("B", "A")})
    other = Entry("u", "cn=x", {"cn": ("A", "B")})
    assert one.first(("cn",)) == other.first(("cn",))


def test_a_cookie_is_bound_to_the_whole_search() -> None:
    stream = Stream(Kind.PERSON, "dc=x", "subtree", "(a=b)", ("cn", "sn"))
    others = [
        Stream(Kind.PERSON, "dc=y", "subtree", "(a=b)", ("cn", "sn")),
        Stream(Kind.PERSON, "dc=x", "one", "(a=b)", ("cn", "sn")),
        Stream(Kind.PERSON, "dc=x", "subtree", "(a=c)", ("cn", "sn")),
        Stream(Kind.PERSON, "dc=x", "subtree", "(a=b)", ("cn",)),
    ]
    assert all(stream.fingerprint != other.fingerprint for other in others)
    assert stream.fingerprint == Stream(Kind.PERSON, "dc=x", "subtree", "(a=b)", ("SN", "cn")).fingerprint
