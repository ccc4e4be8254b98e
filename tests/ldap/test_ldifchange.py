"""LDIF changes: what we say of a change is what a server makes of it."""

from pathlib import Path

import pytest

from services.demo.slapd import PrivateSlapd
from shared.errors import LdifError
from shared.ldap.entry import Entry, dn_key, uuid_of_dn
from shared.ldap.ldif import LdifSource
from shared.ldap.ldifchange import apply_changes, parse_changes
from shared.ldap.open import open_source
from shared.ldap.source import Kind, Stream
from shared.ldap.whole import Whole, found_by, read_whole
from shared.sections.ldap import Bind, Ldap
from tests.tools import need_tool

BASE = "dc=example,dc=org"
PEOPLE = f"ou=people,{BASE}"
STREAMS = (
    Stream(Kind.PERSON, BASE, "subtree", "(objectClass=inetOrgPerson)", ("cn", "sn", "mail", "uid", "description")),
    Stream(Kind.PHONE, BASE, "subtree", "(employeeType=phone)", ("cn", "employeeType")),
)
CONTENT = f"""\
dn: {BASE}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: {PEOPLE}
objectClass: organizationalUnit
ou: people

dn: ou=other,{BASE}
objectClass: organizationalUnit
ou: other

dn: uid=alice,{PEOPLE}
objectClass: inetOrgPerson
uid: alice
cn: Alice
sn: Martin
mail: a@example.org
mail: b@example.org

dn: uid=bob,{PEOPLE}
objectClass: inetOrgPerson
uid: bob
cn: Bob
sn: Roy
employeeType: phone
"""
CHANGES = f"""\
dn: uid=carol,{PEOPLE}
changetype: add
objectClass: inetOrgPerson
uid: carol
cn: Carol
sn:: TMOpZ2Vy

dn: uid=alice,{PEOPLE}
changetype: modify
add: mail
mail: c@example.org
-
delete: mail
mail: a@example.org
-
replace: sn
sn: Zola
-
add: employeeType
employeeType: phone

dn: uid=bob,{PEOPLE}
changetype: modify
delete: employeeType

dn: uid=bob,{PEOPLE}
changetype: modrdn
newrdn: uid=robert
deleteoldrdn: 1
newsuperior: ou=other,{BASE}

dn: uid=carol,{PEOPLE}
changetype: modrdn
newrdn: uid=caroline
deleteoldrdn: 0

dn: uid=dan,{PEOPLE}
objectClass: inetOrgPerson
uid: dan
cn: Dan
sn: Dan

dn: uid=dan,{PEOPLE}
changetype: delete
"""


def changed(text: str, entries: Whole) -> dict[str, Entry]:
    lines = text.encode().splitlines(keepends=True)
    return apply_changes("change.ldif", parse_changes("change.ldif", lines), entries)


def shown(whole: Whole) -> set[tuple[Kind, str, tuple[tuple[str, tuple[str, ...]], ...]]]:
    return {
        (
            kind,
            dn_key(entry.dn),
            tuple(sorted((name, tuple(sorted(values))) for name, values in entry.attributes.items())),
        )
        for kind, entry in found_by(STREAMS, whole)
    }


def whole_file(folder: Path) -> Whole:
    (folder / "people.ldif").write_text(CONTENT, encoding="utf-8")
    return read_whole(LdifSource(folder / "people.ldif"), STREAMS)


def test_a_change_does_what_the_server_does(tmp_path: Path) -> None:
    need_tool("slapd")
    expected = shown(changed(CHANGES, whole_file(tmp_path)))
    with PrivateSlapd(tmp_path / "slapd", schemas=(), suffix=BASE, ldif=tmp_path / "people.ldif") as slapd:
        slapd.modify(CHANGES)
        assert shown(read_whole(open_source(Ldap(urls=(slapd.url,), base=BASE), Bind()), STREAMS)) == expected
    names = {dict(attributes).get("uid") for _, _, attributes in expected}
    assert {("alice",), ("robert",), ("carol", "caroline")} <= names


def test_an_entry_counts_as_each_kind_that_finds_it_and_shows_only_what_was_asked_for(tmp_path: Path) -> None:
    found = {(kind, dn): dict(attributes) for kind, dn, attributes in shown(whole_file(tmp_path))}
    assert set(found) == {
        (Kind.PERSON, dn_key(f"uid=alice,{PEOPLE}")),
        (Kind.PERSON, dn_key(f"uid=bob,{PEOPLE}")),
        (Kind.PHONE, dn_key(f"uid=bob,{PEOPLE}")),
    }
    assert found[Kind.PHONE, dn_key(f"uid=bob,{PEOPLE}")] == {"cn": ("Bob",), "employeetype": ("phone",)}


def test_what_stands_below_moves_with_a_renamed_entry() -> None:
    dns = [f"cn=phone,uid=alice,{PEOPLE}", f"uid=alice,{PEOPLE}", f"uid=alice2,{PEOPLE}"]
    entries = {dn_key(dn): Entry(uuid_of_dn(dn), dn, {"cn": ("x",)}) for dn in dns}
    after = changed(f"dn: uid=alice,{PEOPLE}\nchangetype: modrdn\nnewrdn: uid=eve\ndeleteoldrdn: 1\n", entries)
    assert sorted(entry.dn for entry in after.values()) == sorted(
        [f"cn=phone,uid=eve,{PEOPLE}", f"uid=eve,{PEOPLE}", f"uid=alice2,{PEOPLE}"]
    )


ALICE = Entry("u", f"uid=alice,{PEOPLE}", {"sn": ("Martin",)})


@pytest.mark.parametrize(
    ("change", "line", "problem"),
    [
        (f"dn: uid=nobody,{PEOPLE}\nchangetype: delete", 1, "is no entry"),
        (f"dn: {ALICE.dn}\nsn: x", 1, "exists already"),
        (f"dn: {ALICE.dn}\nchangetype: modify\nadd: sn\nsn: Martin", 3, "has a value already"),
        (f"dn: {ALICE.dn}\nchangetype: modify\ndelete: sn\nsn: Zola", 3, "no such value"),
        (f"dn: {ALICE.dn}\nchangetype: modify\nsn: Zola", 3, "no step of a modify"),
        (f"dn: {ALICE.dn}\nchangetype: modify\nreplace: sn\ncn: Zola", 4, "belongs to sn"),
        (f"dn: {ALICE.dn}\nchangetype: rename", 1, "does not exist"),
        (f"dn: {ALICE.dn}\nchangetype: modrdn\ndeleteoldrdn: 1", 1, "newrdn"),
        ("uid: alice", 1, "begins with dn:"),
    ],
)
def test_a_change_that_cannot_be_made_names_file_line_and_mend(change: str, line: int, problem: str) -> None:
    with pytest.raises(LdifError, match=f"^change.ldif, line {line}: .*{problem}"):
        changed(change + "\n", {dn_key(ALICE.dn): ALICE})


def test_a_password_is_not_shown_when_it_cannot_be_deleted() -> None:
    with pytest.raises(LdifError) as refused:
        changed(f"dn: {ALICE.dn}\nchangetype: modify\ndelete: sn\nsn: hunter2\n", {dn_key(ALICE.dn): ALICE})
    assert "hunter2" not in str(refused.value)


def test_a_renamed_entry_keeps_its_place_however_its_name_is_spelled() -> None:
    jane = Entry("u", rf"CN=Doe\, Jane,{PEOPLE}", {"cn": ("Doe, Jane", "Jane"), "sn": ("Doe",)})
    (after,) = changed(
        f'dn: cn="Doe, Jane",{PEOPLE}\nchangetype: modrdn\nnewrdn: cn=Roe\\2C Jane\ndeleteoldrdn: 1\n',
        {dn_key(jane.dn): jane},
    ).values()
    assert after.dn == rf"cn=Roe\2C Jane,{PEOPLE}"
    assert after.attributes["cn"] == ("Jane", "Roe, Jane")
