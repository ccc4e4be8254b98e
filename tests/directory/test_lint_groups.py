"""`dialtree lint` on groups: each member who is nobody is named with the reason, and a hidden person never is."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli import main
from services.directory.lint import lint
from shared.config import Config
from shared.findings import Finding
from shared.ldap.entry import Entry, dn_key
from shared.ldap.source import Kind
from tests.directory.desk import PEOPLE, configuration, person
from tests.directory.test_relations import GROUP_DN, entry

BOOKS = [{"slot": 1}, {"slot": 2, "kind": "group", "group": GROUP_DN}]
ANNA = person("anna", "Anna Roy", AstAccountName="1001", UID="anna", objectClass="inetOrgPerson")
GHOST = person(
    "ghost", "Gil Ghost", AstAccountName="1002", UID="ghost", objectClass="inetOrgPerson", dialtreeHidden="TRUE"
)
GUEST = person("guest", "Gus Guest", AstAccountName="1003", UID="guest", objectClass="inetOrgPerson")
PRINTER = entry(f"cn=printer,{PEOPLE}", objectClass="device", uid="printer")
SUBGROUP = entry("cn=sub,ou=groups,dc=example,dc=org", member=ANNA.dn, objectClass="groupOfNames")


def group(**attributes: str | tuple[str, ...]) -> Entry:
    return entry(GROUP_DN, **attributes)


def config_of(visibility: Mapping[str, object] | None = None) -> Config:
    config = configuration(phonebooks=BOOKS, visibility=visibility or {})
    return config.model_copy(update={"ldap": config.ldap.model_copy(update={"base": "dc=example,dc=org"})})


def found(*groups: Entry, config: Config | None = None, others: tuple[Entry, ...] = ()) -> tuple[Finding, ...]:
    """Findings of a directory with Anna, whom all see, a ghost, who is hidden by a flag, and others that no search finds."""

    def everything() -> Mapping[str, Entry]:
        return {dn_key(each.dn): each for each in (ANNA, GHOST, *others, *groups)}

    kinds = [(Kind.GROUP, each) for each in groups] + [(Kind.PERSON, ANNA), (Kind.PERSON, GHOST)]
    return lint(config or config_of(), kinds, everything)


def test_a_group_whose_members_are_found_has_no_finding() -> None:
    assert found(group(member=(ANNA.dn.upper(), "", " "), uniqueMember=f"{ANNA.dn}#'01'B", memberUid="ANNA")) == ()


@pytest.mark.parametrize(
    ("attributes", "what", "value", "reason"),
    [
        ({"member": f"uid=gone,{PEOPLE}"}, "member", f"uid=gone,{PEOPLE}", "there is no such entry"),
        ({"uniqueMember": f"uid=gone,{PEOPLE}#'01'B"}, "uniqueMember", f"uid=gone,{PEOPLE}#'01'B", "no such entry"),
        ({"member": "anna"}, "member", "anna", "it is no DN"),
        ({"member": SUBGROUP.dn}, "member", SUBGROUP.dn, "groups within groups are not followed"),
        ({"member": PRINTER.dn}, "member", PRINTER.dn, "no person by ldap.person (its classes: device)"),
        ({"member": "uid=a,dc=elsewhere"}, "member", "uid=a,dc=elsewhere", "outside of dc=example,dc=org"),
        ({"memberUid": "gone"}, "memberUid", "gone", "nobody has this login name"),
        ({"memberUid": "printer"}, "memberUid", "printer", "no person by ldap.person"),
    ],
)
def test_a_member_who_is_nobody_is_named_once_with_the_reason(
    attributes: dict[str, str], what: str, value: str, reason: str
) -> None:
    members = {"memberUid": "anna"} if "memberUid" not in attributes else {"member": ANNA.dn}
    (finding,) = found(group(**members, **attributes), SUBGROUP, others=(PRINTER,))
    assert (finding.where, finding.what, finding.is_fault) == (GROUP_DN, what, False)
    assert finding.problem.startswith(f"{value!r} is not found: ")
    assert reason in finding.problem


@pytest.mark.parametrize(
    ("config", "others"),
    [
        (config_of(), ()),
        (config_of(visibility={"filter": "(employeeType=staff)"}), (GUEST,)),
        (config_of(visibility={"excluded": [GUEST.dn]}), ()),
    ],
)
def test_a_hidden_member_is_never_named(config: Config, others: tuple[Entry, ...]) -> None:
    members = (ANNA.dn, GHOST.dn, *((GUEST.dn,) if others or config.directory.visibility.excluded else ()))
    logins = ("anna", "ghost", *(("guest",) if others else ()))
    assert found(group(member=members, memberUid=logins), config=config, others=others) == ()


def test_a_member_is_not_named_where_only_a_server_could_say_whether_it_is_a_person() -> None:
    config = config_of()
    search = config.ldap.person.model_copy(update={"filter": "(objectClass:2.5.13.0:=inetOrgPerson)"})
    extensible = config.model_copy(update={"ldap": config.ldap.model_copy(update={"person": search})})
    assert found(group(member=(ANNA.dn, GUEST.dn)), config=extensible, others=(GUEST,)) == ()


@pytest.mark.parametrize(
    ("groups", "others", "problem"),
    [
        ([], (), f"there is no group {GROUP_DN}; correct the DN"),
        ([], (entry(GROUP_DN, objectClass="device"),), "is no group by ldap.group (its classes: device)"),
        ([group(cn="sales")], (), "it has no member; add members"),
        ([group(member="")], (), "it has no member; add members"),
        ([group(member=SUBGROUP.dn), SUBGROUP], (), "all its members are groups"),
        ([group(member=(SUBGROUP.dn, GHOST.dn)), SUBGROUP], (), "lists nobody who is in the phonebook; add members"),
        (
            [group(memberURL="ldap:///dc=example,dc=org??sub?(uid=nobody)")],
            (),
            "lists nobody who is in the phonebook; add",
        ),
    ],
)
def test_missing_empty_and_only_subgroups_are_told_apart(
    groups: list[Entry], others: tuple[Entry, ...], problem: str
) -> None:
    (finding,) = (each for each in found(*groups, others=others) if each.is_fault)
    assert finding.what == "directory.phonebooks (slot 2)"
    assert problem in finding.problem


def test_a_search_that_is_not_answered_here_is_a_fault() -> None:
    usable, unusable = (
        "ldap:///dc=example,dc=org??sub?(uid=anna)",
        "ldap:///dc=example,dc=org??sub?(employeeType=staff)",
    )
    (finding,) = found(group(memberURL=(usable, unusable)))
    assert (finding.where, finding.what, finding.is_fault) == (GROUP_DN, "memberURL", True)
    assert finding.problem.startswith(f"{unusable!r} finds nobody: employeeType is not read of persons")
    assert "ldap.mapping.person.member_filter" in finding.problem


def test_a_group_that_no_phonebook_lists_is_not_looked_at() -> None:
    assert found(group(member=ANNA.dn), entry("cn=other,dc=example,dc=org", member="uid=gone,dc=example,dc=org")) == ()


PEOPLE_FILE = """\
dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: uid=anna,dc=example,dc=org
objectClass: inetOrgPerson
uid: anna
cn: Anna
sn: Roy
employeeType: staff
telephoneNumber: 1001

dn: uid=ghost,dc=example,dc=org
objectClass: inetOrgPerson
uid: ghost
cn: Ghost
sn: Ghost
employeeType: secret
telephoneNumber: 1002

dn: cn=printer,dc=example,dc=org
objectClass: device
cn: printer

dn: cn=sales,dc=example,dc=org
objectClass: groupOfNames
cn: sales
member;range=0-4: uid=anna,dc=example,dc=org
member;range=0-4: uid=ghost,dc=example,dc=org
member;range=0-4: uid=gone,dc=example,dc=org
member;range=0-4: cn=printer,dc=example,dc=org
memberUid: ghost

dn: cn=big,dc=example,dc=org
objectClass: groupOfNames
cn: big
member;range=0-1499: uid=anna,dc=example,dc=org
"""


def test_the_command_names_them_and_the_parts_that_a_file_lacks(tmp_path: Path) -> None:
    (tmp_path / "people.ldif").write_text(PEOPLE_FILE, encoding="utf-8")
    (tmp_path / "dialtree.toml").write_text(
        '[ldap]\nbase = "dc=example,dc=org"\nsource = "ldif"\nldif_file = "people.ldif"\n'
        '[directory.visibility]\nfilter = "(employeeType=staff)"\n'
        '[[directory.phonebooks]]\nslot = 1\nkind = "group"\ngroup = "cn=sales,dc=example,dc=org"\n',
        encoding="utf-8",
    )
    result = CliRunner().invoke(main, ["--config", str(tmp_path / "dialtree.toml"), "lint"])
    assert "uid=gone,dc=example,dc=org" in result.output
    assert "no such entry" in result.output
    assert "cn=printer,dc=example,dc=org" in result.output
    assert "the values from 5 on are missing" in " ".join(result.output.split())
    assert "ghost" not in result.output.lower()
    assert "cn=big" not in result.output
    assert result.exit_code == 1
