"""Groups find their members in every spelling, and by searches; the mirror follows an LDIF file as tools write it."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.directory.belonging import slot_term
from services.directory.memberurls import MemberUrls, UnusableUrlError, stored_search
from services.directory.reads import reads_of
from services.directory.tables import DirectoryTables
from services.directory.visibility import member_urls
from shared.config import Config, Ldap
from shared.errors import StoreUnavailable
from shared.ldap.entry import Entry
from shared.ldap.filters import Filter, matches, parse_filter
from shared.ldap.open import open_source
from shared.ldap.source import Kind
from shared.mirror import run_mirror
from shared.store import Reader
from tests.directory.desk import configuration
from tests.directory.test_relations import BOOKS, GROUP_DN, Office, entry, person
from tests.tools import eventually

BASE = "dc=example,dc=org"
PEOPLE = f"ou=people,{BASE}"
ALICE = person("alice", "1001", l="Lyon", objectClass="inetOrgPerson")
BOB = person("bob", "1002", l="Paris", objectClass="inetOrgPerson")
JANE = entry(
    f"cn=Doe\\, Jane,{PEOPLE}", cn="Doe, Jane", uid=("jane", "jdoe"), objectClass="person", telephoneNumber="1003"
)


def group(**attributes: str | tuple[str, ...]) -> Entry:
    return entry(GROUP_DN, **attributes)


@pytest.mark.parametrize(
    "attributes",
    [
        {"member": f'cn="Doe, Jane",{PEOPLE}'},
        {"member": f"CN = doe\\2C  jane ; {PEOPLE.upper()}"},
        {"member": f"2.5.4.3=#0c09{b'Doe, Jane'.hex()},{PEOPLE}"},
        {"member": f"commonName=Doe\\, Jane,organizationalUnitName=people,{BASE}"},
        {"uniqueMember": f"cn=Doe\\, Jane,{PEOPLE}#'0101'B"},
        {"memberUid": "jdoe"},
        {"memberUid": " JANE "},
        {"memberURL": f"ldap:///cn=Doe%5C,%20Jane,{PEOPLE}"},
        {"memberURL": f"ldap:///{PEOPLE}??one?(uid=JDOE)"},
        {"memberURL": f"LDAP:///{BASE}?uid?sub?(cn=doe*)"},
        {"memberURL": "ldap:///??sub?(telephoneNumber=*03)"},
        {"member": "cn=nobody,dc=x", "memberURL": (f"ldap:///{PEOPLE}??base", f"ldap:///{PEOPLE}??sub?(cn=*jane)")},
    ],
)
def test_a_group_finds_its_member(tmp_path: Path, attributes: dict[str, str]) -> None:
    office = Office(tmp_path, configuration(phonebooks=BOOKS))
    office.bring(Kind.GROUP, [group(**attributes)])
    office.bring(Kind.PERSON, [ALICE, BOB, JANE])
    assert office.listed(4) == ["Doe, Jane"]
    office.bring(Kind.GROUP, [])
    assert office.listed(4) == []
    office.bring(Kind.GROUP, [group(**attributes)])
    assert office.listed(4) == ["Doe, Jane"]


def test_a_person_enters_and_leaves_a_group_as_the_filter_says(tmp_path: Path) -> None:
    office = Office(tmp_path, configuration(phonebooks=BOOKS))
    office.bring(Kind.GROUP, [group(memberURL=f"ldap:///{PEOPLE}??sub?(&(objectClass=person)(l=lyon))")])
    office.bring(Kind.PERSON, [ALICE, BOB])
    assert office.listed(4) == ["alice"]
    moved = person("bob", "1002", l="LYON", objectClass="inetOrgPerson")
    office.bring(Kind.PERSON, [ALICE, moved])
    assert office.listed(4) == ["alice", "bob"]
    office.bring(Kind.PERSON, [person("alice", "1001", l="Nice", objectClass="inetOrgPerson"), moved])
    assert office.listed(4) == ["bob"]


def test_a_group_whose_search_changes_lists_others(tmp_path: Path) -> None:
    office = Office(tmp_path, configuration(phonebooks=BOOKS))
    office.bring(Kind.PERSON, [ALICE, BOB, JANE])
    office.bring(Kind.GROUP, [group(memberURL=f"ldap:///{PEOPLE}??sub?(l=Lyon)", memberUid="jane")])
    assert office.listed(4) == ["alice", "Doe, Jane"]
    office.bring(Kind.GROUP, [group(memberURL=f"ldap:///{PEOPLE}??sub?(l=Paris)", memberUid="jane")])
    assert office.listed(4) == ["bob", "Doe, Jane"]
    office.bring(Kind.GROUP, [group(memberUid="jane")])
    assert office.listed(4) == ["Doe, Jane"]


def test_a_group_that_is_made_anew_keeps_its_members(tmp_path: Path) -> None:
    office = Office(tmp_path, configuration(phonebooks=BOOKS))
    office.bring(Kind.PERSON, [ALICE, BOB, JANE])
    old = group(memberUid=("jane", "bob"), memberURL=f"ldap:///{PEOPLE}??sub?(l=Lyon)")
    office.bring(Kind.GROUP, [old])
    office.bring(
        Kind.GROUP, [group(memberUid="jane", memberURL=f"ldap:///{PEOPLE}??sub?(l=Lyon)")._replace(uuid="another")]
    )
    assert office.listed(4) == ["alice", "Doe, Jane"]


def test_what_a_groups_search_compares_is_not_in_the_file(tmp_path: Path) -> None:
    office = Office(tmp_path, configuration(phonebooks=BOOKS))
    urls = (
        f"ldap:///uid=ottilie,{PEOPLE}",
        f"ldap:///{PEOPLE}??sub?(|(uid=ottilie)(cn=Ott*)(cn=*til*)(cn=*lie))",
        f"ldap://elsewhere/{PEOPLE}??sub?(uid=ottilie)",
    )
    office.bring(Kind.GROUP, [group(memberURL=urls)])
    office.bring(Kind.PERSON, [ALICE, person("ottilie", "4711", dialtreeHidden="TRUE")])
    assert office.listed(4) == []
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir()).lower()
    assert not [trace for trace in (b"ottilie", b"ott", b"til", b"elsewhere") if trace in content]


# --- URLs


def urls(base: str = BASE, *servers: str, person_base: str = "") -> MemberUrls:
    values: dict[str, Any] = {"urls": servers or ("ldap://one.example",), "base": base, "person": {"base": person_base}}
    return MemberUrls(Ldap.model_validate(values), {"cn", "uid", "l", "objectclass", "employeenumber"})


@pytest.mark.parametrize(
    "url",
    [
        f"ldap:///{PEOPLE}??sub?(l=Lyon)",
        f"ldaps://ONE.example:636/{PEOPLE}??one",
        f"ldap://one.example/{PEOPLE}",
        f" ldap:///{PEOPLE}?*,memberOf?sub?(l=Lyon)?x-own=1 ",
        "ldap:///dc=org??sub?(l=Lyon)",
        "ldap:///??sub?(l=New%20York%3F)",
        f"ldap:///{PEOPLE}??sub?(employeeNumber>=100)",
        f"ldap:///{PEOPLE}??sub?(commonName=a)",
    ],
)
def test_one_search_in_the_followed_tree_is_used(url: str) -> None:
    (text,) = urls(person_base=PEOPLE).usable([url])
    assert stored_search(text) == urls(person_base=PEOPLE).read(url)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "not an LDAP URL"),
        ("https://one.example/", "not an LDAP URL"),
        (f"ldapi:///{PEOPLE}", "not an LDAP URL"),
        (f"ldap://two.example/{PEOPLE}??sub?(l=Lyon)", "two.example is not a server of ldap.urls"),
        ("ldap:///people??sub?(l=Lyon)", "'people' is not a DN"),
        ("ldap:///ou=phones,dc=example,dc=org??sub?(l=Lyon)", "outside of the tree"),
        ("ldap:///dc=example,dc=com??sub?(l=Lyon)", "outside of the tree"),
        (f"ldap:///{PEOPLE}??all?(l=Lyon)", "'all' is no scope"),
        (f"ldap:///{PEOPLE}??sub?l=Lyon", "no opening parenthesis"),
        (f"ldap:///{PEOPLE}??sub?(l=a?b)?c?d", "question mark of a value as %3F"),
        (f"ldap:///{PEOPLE}??sub?(l=Lyon)?!x-must", "critical extension"),
        (f"ldap:///{PEOPLE}??sub?(l=%ff)", "not UTF-8"),
        (f"ldap:///{PEOPLE}??sub?(l:caseExactMatch:=Lyon)", "knows no matching rules"),
        (f"ldap:///{PEOPLE}??sub?(|(cn=a)(employeeType=x)(mail=*))", "employeeType and mail is not read of persons"),
        (f"ldap:///{PEOPLE}??sub?(cn>=m)", "numbers and times only"),
    ],
)
def test_any_other_url_is_refused_with_the_reason(url: str, problem: str) -> None:
    with pytest.raises(UnusableUrlError) as refused:
        urls(person_base=PEOPLE).read(url)
    assert problem in str(refused.value)
    assert urls(person_base=PEOPLE).usable([url]) == ()


def test_a_hidden_attribute_may_not_be_compared() -> None:
    config = configuration(phonebooks=BOOKS, visibility={"hidden": ["mobile"]})
    member_urls(config).read(f"ldap:///{PEOPLE}??sub?(telephoneNumber=1*)")
    with pytest.raises(UnusableUrlError, match="mobile is not read of persons, or hidden"):
        member_urls(config).read(f"ldap:///{PEOPLE}??sub?(mobile=06*)")


VALUES = st.text(st.sampled_from("aAbB é  *"), max_size=4)
ESCAPED = VALUES.map(lambda value: value.replace("*", "\\2a"))
NAMES = st.sampled_from(["cn", "uid", "l"])
ITEMS = st.one_of(
    st.builds("({}={})".format, NAMES, ESCAPED),
    st.builds("({}=*)".format, NAMES),
    st.builds("({}={}*{})".format, NAMES, ESCAPED, ESCAPED),
    st.builds("({}=*{}*{}*)".format, NAMES, ESCAPED, ESCAPED),
    st.builds("(employeeNumber{}{})".format, st.sampled_from([">=", "<="]), st.integers(0, 20)),
)
FILTERS = st.recursive(
    ITEMS,
    lambda parts: st.one_of(
        st.builds("(!{})".format, parts), st.builds("({}{}{})".format, st.sampled_from("&|"), parts, parts)
    ),
    max_leaves=5,
)
ATTRIBUTES = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.lists(VALUES, min_size=1, max_size=2).map(tuple) for name in ("cn", "uid", "l")},
        "employeenumber": st.integers(0, 20).map(lambda n: (str(n),)),
    },
)


@given(FILTERS, ATTRIBUTES)
def test_a_search_without_its_text_finds_whom_the_filter_matches(
    text: str, attributes: dict[str, tuple[str, ...]]
) -> None:
    tree: Filter = parse_filter(text)
    url = f"ldap:///{PEOPLE}??one?{text.replace('%', '%25').replace('?', '%3F')}"
    (stored,) = urls().usable([url])
    assert stored_search(stored).finds(Entry("u", f"uid=a,{PEOPLE}", attributes)) == matches(tree, attributes)


@pytest.mark.parametrize(
    ("scope", "found"),
    [("base", [PEOPLE]), ("one", [f"uid=a,{PEOPLE}"]), ("sub", [PEOPLE, f"uid=a,{PEOPLE}", f"cn=b,uid=a,{PEOPLE}"])],
)
def test_the_scope_counts(scope: str, found: list[str]) -> None:
    search = urls().read(f"ldap:///OU=People,{BASE}??{scope}")
    dns = [BASE, PEOPLE, f"uid=a,{PEOPLE}", f"cn=b,uid=a,{PEOPLE}", f"ou=others,{BASE}", f"cn=x\\,{PEOPLE}"]
    assert [dn for dn in dns if search.finds(Entry("u", dn, {"objectclass": ("top",)}))] == found


# --- a file


@contextmanager
def mirrored(folder: Path, content: bytes | str, slot: int = 2) -> Iterator[Any]:
    """A real mirror on an LDIF file; yields the file, and what a phonebook lists."""
    path = folder / "directory.ldif"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    config = Config.model_validate(
        {
            "state_dir": folder / "state",
            "ldap": {"source": "ldif", "ldif_file": path, "base": BASE, "poll_interval": 0.02},
            "numbers": {"region": "FR"},
            "directory": {
                "phonebooks": [{"slot": 1}, {"slot": 2, "kind": "group", "group": f"cn=sales,ou=groups,{BASE}"}]
            },
        }
    )
    tables = DirectoryTables(config)
    reader = Reader(folder / "state/directory.db", tables.name, tables.version)
    stop = threading.Event()
    arguments = (config, tables, reads_of(config), open_source(config.ldap, config.ldap.directory_bind), stop)
    mirror = threading.Thread(target=lambda: run_mirror(*arguments, progress=False))

    def listed(slot: int = slot) -> list[str]:
        try:
            with reader.snapshot() as db:
                asked = "SELECT DISTINCT name FROM contacts WHERE instr(' ' || terms || ' ', ?) ORDER BY 1"
                return [name for (name,) in db.execute(asked, (f" {slot_term(slot)} " if slot > 1 else " ",))]
        except StoreUnavailable:
            return []

    mirror.start()
    try:
        yield path, listed, reader
    finally:
        stop.set()
        mirror.join()


GROUPS = (Path(__file__).parent / "groups.ldif").read_text(encoding="utf-8")


def test_the_members_of_a_file_are_found_by_login_bit_string_and_quoted_dn(tmp_path: Path) -> None:
    with mirrored(tmp_path, GROUPS) as (_, listed, _):
        eventually(listed)
        assert listed() == ["Doe, Jane", "Multi, Zoe", "Uniq, Una"]


@pytest.mark.parametrize(
    "broken",
    [
        GROUPS.replace("cn: Una Uniq", "cn Una Uniq"),
        GROUPS.replace("cn: Una Uniq", "cn:< file:///etc/passwd"),
        GROUPS + "\nsearch: 2\nresult: 4 Size limit exceeded\n",
        GROUPS + f"\ndn: cn=sales,ou=groups,{BASE}\nchangetype: modify\ndelete: member\n",
        "# extended LDIF\n\n# search result\nsearch: 2\nresult: 0 Success\n",
        GROUPS.encode("utf-16-le"),
        GROUPS.encode("utf-16") + b"x",
    ],
)
def test_what_is_broken_is_named_and_the_last_good_content_keeps_serving(tmp_path: Path, broken: str | bytes) -> None:
    with mirrored(tmp_path, GROUPS) as (path, listed, reader):
        eventually(lambda: len(listed()) == 3)
        path.write_bytes(broken if isinstance(broken, bytes) else broken.encode())
        eventually(lambda: reader.status().problem)
        assert f"{path}, line " in reader.status().problem
        assert len(listed()) == 3
        path.write_bytes(GROUPS.replace("cn: Una Uniq", "cn: Una Unica").encode("utf-16"))
        eventually(lambda: "Una Unica" in listed())
        eventually(lambda: not reader.status().problem)


def test_a_group_in_parts_lists_those_who_are_there(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    part = GROUPS.replace("member: cn=", "member;range=0-1499: cn=")
    with caplog.at_level(logging.WARNING), mirrored(tmp_path, part) as (_, listed, _):
        eventually(lambda: len(listed()) == 3)
    assert any("the values from 1500 on are missing" in message for message in caplog.messages)
