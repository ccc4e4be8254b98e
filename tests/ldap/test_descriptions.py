"""What options of an attribute description mean, in one place for every way by which entries come."""

import pytest

from shared.ldap.descriptions import key_of, name_of_key
from shared.ldap.entry import Entry
from shared.ldap.entrysearch import EntrySearch
from shared.ldap.filters import matches, parse_filter
from shared.ldap.ldifchange import apply_changes, parse_changes
from shared.ldap.messages import WantedNames
from shared.ldap.source import Kind, Stream


@pytest.mark.parametrize(
    ("description", "key"),
    [
        ("CN", "cn"),
        ("cn;lang-PL", "cn;lang-pl"),
        ("cn;lang-fr-CH", "cn;lang-fr-ch"),
        ("cn;lang-fr;lang-de", "cn;lang-de"),
        ("member;range=0-1499", "member"),
        ("member;Range=1500-*", "member"),
        ("cn;lang-ja;phonetic", "cn;phonetic"),
        ("cn;phonetic", "cn;phonetic"),
        ("mobile;x-private", None),
        ("cn;lang-de;x-private", None),
        ("userCertificate;binary", None),
        ("2.5.4.3;lang-de", "2.5.4.3;lang-de"),
    ],
)
def test_an_option_says_a_language_a_range_a_reading_or_that_the_value_does_not_count(
    description: str, key: str | None
) -> None:
    assert key_of(description) == key
    name = description.partition(";")[0].lower()
    assert WantedNames((name.upper(),))[description.encode()] == key
    assert key is None or name_of_key(key) == name


def test_a_filter_sees_the_values_in_every_language_as_a_server_does() -> None:
    attributes = {"cn": ("Wolf Zimmer",), "cn;lang-ja": ("Aki",), "sn;lang-ja": ("Chin",)}
    for text in ("(cn=aki)", "(cn=A*)", "(sn=*)", "(cn=wolf zimmer)", "(cn;lang-ja=Aki)"):
        assert matches(parse_filter(text), attributes)
    assert not matches(parse_filter("(c=*)"), attributes)


def test_a_search_gives_the_values_in_every_language_of_what_was_asked_for() -> None:
    search = EntrySearch(Stream(Kind.PERSON, "dc=x", "subtree", "(cn=*)", ("CN",)))
    entry = Entry("u", "cn=a,dc=x", {"cn": ("a",), "cn;lang-ja": ("b",), "sn;lang-ja": ("c",)})
    assert search.reduced(entry).attributes == {"cn": ("a",), "cn;lang-ja": ("b",)}


def test_a_change_of_values_in_a_language_leaves_those_without_one() -> None:
    entry = Entry("u", "cn=a,dc=x", {"cn": ("a",), "cn;lang-ja": ("b",), "mobile": ("1",)})
    text = (
        b"dn: cn=a,dc=x\nchangetype: modify\nreplace: cn;lang-JA\ncn;lang-JA: c\n-\n"
        b"add: mobile;x-private\nmobile;x-private: 2\n-\n"
    )
    changes = parse_changes("x.ldif", text.splitlines(keepends=True))
    (after,) = apply_changes("x.ldif", changes, {"cn=a,dc=x": entry}).values()
    assert after.attributes == {"cn": ("a",), "cn;lang-ja": ("c",), "mobile": ("1",)}
