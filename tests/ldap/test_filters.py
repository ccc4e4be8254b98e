"""Filters: what passes, and that a real slapd thinks the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ldap.filters import FilterError, matches, needs_server, parse_filter
from tests.ldap.conftest import StartSlapd
from tests.ldap.directories import SlapdDirectory, dn_of, first_content, ldif_of, person, persons, read_all

PEOPLE = {
    "alice": person("Alice Martin", mobile=["+33 6 39 98 10 60"], employeeNumber=["7"], title=["Boss"]),
    "bob": person("Bob (Müller)", title=["boss", "Engineer"]),
    "carol": person("Carol * Łoś", description=["a\\b"]),
    "dave": person("Dave  van  Dyke", description=["hidden"]),
}
QUESTIONS = {
    "(cn=alice martin)": "alice",
    "(CN=ALICE MARTIN)": "alice",
    "(cn=Dave van Dyke)": "dave",
    "(cn=al*)": "alice",
    "(cn=*IN)": "alice",
    "(cn=*a*l*)": "alice carol",
    "(cn=A*i*n)": "alice",
    "(cn=Alice Martin*Martin)": "",
    r"(cn=*\2a*)": "carol",
    r"(cn=*\28m\c3\bcller\29)": "bob",
    r"(description=a\5cb)": "carol",
    "(cn=*MÜLLER*)": "bob",
    "(mobile=*)": "alice",
    "(title=BOSS)": "alice bob",
    "(title=engineer)": "bob",
    "(!(title=boss))": "carol dave",
    "(&(title=boss)(!(mobile=*)))": "bob",
    "(|(mobile=*)(description=hidden))": "alice dave",
    " ( & ( title = boss ) (mobile=*) ) ": "alice",
    "(&(objectClass=inetorgperson)(cn~=carol * łoś))": "carol",
    "(employeeNumber=7)": "alice",
    "(nothing=*)": "",
}


@pytest.mark.parametrize(("text", "found"), QUESTIONS.items())
def test_a_filter_finds_whom_it_should(text: str, found: str) -> None:
    tree = parse_filter(text)
    lowered = {uid: {name.lower(): values for name, values in person.items()} for uid, person in PEOPLE.items()}
    assert {uid for uid, attributes in lowered.items() if matches(tree, attributes)} == set(found.split())


def test_slapd_finds_the_same(start_slapd: StartSlapd) -> None:
    entries = first_content() | {dn_of(uid): {"uid": [uid], **attributes} for uid, attributes in PEOPLE.items()}
    source = SlapdDirectory(start_slapd(ldif=ldif_of(entries))).source()
    for text, found in QUESTIONS.items():
        if "= " in text or " =" in text or "nothing" in text:
            continue  # blanks around = are ours alone; slapd refuses attributes that no schema names
        search = f"(&(|{''.join(f'(uid={uid})' for uid in PEOPLE)}){text})"
        copy = read_all(source, persons(search=search))
        assert copy.dns == {dn_of(uid) for uid in found.split()}, text
    source.close()


@pytest.mark.parametrize(
    ("value", "text", "passes"),
    [
        ("9", "(n>=10)", False),
        ("10", "(n>=9)", True),
        ("10", "(n<=9)", False),
        ("20240102", "(n>=20240101000000Z)", True),
        ("b", "(n>=a)", True),
        ("b", "(n<=a)", False),
    ],
)
def test_numbers_compare_as_numbers_and_texts_as_texts(value: str, text: str, *, passes: bool) -> None:
    assert matches(parse_filter(text), {"n": [value]}) is passes


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no opening parenthesis at character 1"),
        ("cn=x", "no opening parenthesis at character 1"),
        ("(cn=x", "not closed"),
        ("(cn=x))", "something follows"),
        ("(cn=x)(cn=y)", "something follows"),
        ("(&(cn=x)", "parenthesis is missing at character 9"),
        ("(!(cn=x)(cn=y))", "exactly one"),
        ("(!)", "exactly one"),
        ("(cn)", "has no ="),
        ("(=x)", "'' is not an attribute name"),
        ("(c n=x)", "'c n' is not an attribute name"),
        ("(cn=a(b)", r"written \\28"),
        (r"(cn=\zz)", "two hexadecimal digits"),
        (r"(cn=\4)", "two hexadecimal digits"),
        ("(:=x)", "name:dn:rule"),
        ("(!" * 60 + "(cn=x)" + ")" * 60, "more than 50 levels"),
    ],
)
def test_what_is_wrong_with_a_filter_is_said(text: str, complaint: str) -> None:
    with pytest.raises(FilterError, match=complaint):
        parse_filter(text)


@given(st.text(alphabet="()&|!=*\\~<>: cn2a", max_size=30))
def test_any_text_is_a_filter_or_an_error(text: str) -> None:
    try:
        matches(parse_filter(text), {"cn": ["value"]})
    except FilterError:
        return


@given(st.text())
def test_an_escaped_value_finds_exactly_itself(value: str) -> None:
    escaped = "".join(f"\\{byte:02x}" for byte in value.encode())
    assert matches(parse_filter(f"(cn={escaped})"), {"cn": [value]})
    assert not matches(parse_filter(f"(cn={escaped})"), {"cn": [f"{value}x"]})


def test_matching_rules_are_for_servers_only() -> None:
    tree = parse_filter("(&(cn=*)(!(ou:dn:=people)))")
    assert needs_server(tree)
    assert not needs_server(parse_filter("(&(cn=*)(!(ou=people)))"))
    with pytest.raises(FilterError, match="needs an LDAP server"):
        matches(tree, {"cn": ["x"]})
