"""`dialtree lint`: what people would look for in vain is found, named with the mend, and nothing hidden is told."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from services.cli import main
from services.demo.slapd import PrivateSlapd
from services.directory.lint import lint
from shared.config import Config
from shared.findings import Finding
from shared.ldap.entry import Entry, uuid_of_dn
from shared.ldap.indexes import indexes_of, missing_indexes
from shared.ldap.source import Kind
from tests.directory.desk import PEOPLE, configuration, person
from tests.directory.written import rows as written_rows
from tests.tools import need_tool

SALES = "cn=sales,ou=groups,dc=example,dc=org"


def group(*members: Entry) -> Entry:
    return Entry(uuid_of_dn(SALES), SALES, {"member": tuple(member.dn for member in members)})


def found(*entries: Entry, config: Config | None = None) -> tuple[Finding, ...]:
    kinds = ((Kind.GROUP if "member" in entry.attributes else Kind.PERSON, entry) for entry in entries)
    return lint(config or configuration(), kinds)


def only(*entries: Entry, config: Config | None = None) -> Finding:
    (finding,) = found(*entries, config=config)
    return finding


def test_a_sound_directory_has_no_finding() -> None:
    assert found(person("a", "Jean Dupin", "Dupin", AstAccountName="1002", telephoneNumber="+33 1 99 00 20 11")) == ()


@pytest.mark.parametrize(
    ("number", "reason"),
    [("*21*1001#", "would switch something"), ("0899 70 01 23", "premium"), ("call me", "letters"), ("01 99 00", "")],
)
def test_a_number_that_cannot_be_dialled_is_named_with_the_reason(number: str, reason: str) -> None:
    finding = only(person("a", "Jean Dupin", AstAccountName="1002", mobile=number))
    assert (finding.where, finding.what, finding.is_fault) == (f"uid=a,{PEOPLE}", "mobile", True)
    assert finding.problem.startswith(f"{number!r} is left out: ")
    assert reason in finding.problem


def test_a_completion_and_a_fax_are_notes_beside_the_number_that_is_dialled() -> None:
    finding = only(person("a", "Jean Dupin", AstAccountName="1002", mobile="06 39 98 10 60 / 61"))
    assert (finding.what, finding.is_fault) == ("mobile", False)
    assert finding.problem.startswith("part of '06 39 98 10 60 / 61' is left out: what follows the first number")
    finding = only(person("a", "Jean Dupin", AstAccountName="1002", mobile="06 39 98 10 60, Fax 01 99 00 20 11"))
    assert (finding.is_fault, "fax" in finding.problem) == (False, True)


def test_each_written_value_that_is_refused_is_named_once_and_no_other() -> None:
    for region in sorted({row.region for row in written_rows()}):
        rows = [row for row in written_rows() if row.region == region]
        values = tuple(dict.fromkeys(row.written for row in rows))
        config = Config.model_validate(
            {
                "ldap": {"source": "ldif", "ldif_file": "none.ldif"},
                "numbers": {"region": region, "international_prefix": "00"},
            }
        )
        faults = [one for one in found(person("a", "Jean Dupin", mobile=values), config=config) if one.is_fault]
        refused = sorted(f"{row.written!r}" for row in rows if not row.meant)
        named = [
            one.problem.removesuffix(f" is left out: {one.problem.partition(' is left out: ')[2]}") for one in faults
        ]
        assert sorted(named) == refused
        assert {(one.where, one.what) for one in faults} <= {(f"uid=a,{PEOPLE}", "mobile")}


def test_a_person_none_of_whose_numbers_can_be_dialled_is_never_found() -> None:
    findings = found(person("a", "Jean Dupin", mobile="*21#"))
    assert [finding.what for finding in findings] == ["mobile", "numbers"]
    assert "nobody finds the person" in findings[1].problem


def test_a_person_without_a_number_is_a_note() -> None:
    finding = only(person("a", "Jean Dupin", title="Boss"))
    assert (finding.is_fault, "no phonebook" in finding.problem) == (False, True)


@pytest.mark.parametrize(("name", "problem"), [("", "is missing"), ("...", "no letter that can be typed")])
def test_a_name_that_nobody_can_type_is_found(name: str, problem: str) -> None:
    finding = only(person("a", name, AstAccountName="1002"))
    assert finding.what == "displayName or cn"
    assert problem in finding.problem


def narrow() -> Config:
    return configuration(profiles=[{"name_width": 16}])


def test_a_name_longer_than_the_display_is_a_note_and_two_that_look_alike_there_are_a_fault() -> None:
    one = person("a", "Maximilian Oberhuber-Schmidt", AstAccountName="1001")
    other = person("b", "Maximilian Oberhuber-Meyer", AstAccountName="1002")
    finding = only(one, config=narrow())
    assert (finding.is_fault, "than the 16 characters" in finding.problem) == (False, True)
    faults = [finding for finding in found(one, other, config=narrow()) if finding.is_fault]
    assert [finding.where for finding in faults] == [one.dn, other.dn]
    assert f"looks there like that of {one.dn}" in faults[1].problem
    assert found(one, other, config=narrow()) == found(other, one, config=narrow())
    namesake = person("c", "Maximilian Oberhuber-Schmidt", AstAccountName="1003")
    assert [finding.is_fault for finding in found(one, namesake, config=narrow())] == [False, False]


def test_a_name_that_only_its_label_makes_too_long_is_told_once_with_the_longest() -> None:
    one = person(
        "a", "Max Huber", AstAccountName="1001", mobile="06 39 98 00 11", homePhone=("01 99 00 20 11", "01 99 00 20 12")
    )
    finding = only(one, config=narrow())
    assert finding.problem.startswith("is longer, label included, than the 16 characters of the display")
    assert finding.problem.endswith("which shows 'Max... (mobile)'; shorten it")


def test_the_narrowest_model_of_the_configuration_decides() -> None:
    one = person("a", "Maximilian Oberhuber", AstAccountName="1001")
    assert found(one) == ()
    assert (
        "the 12 characters"
        in only(one, config=configuration(profiles=[{"model": "ST2022*", "name_width": 12}])).problem
    )


def test_a_person_who_is_there_twice_is_a_note_and_a_namesake_is_not() -> None:
    one, twin = (person(uid, "Jean Dupin", AstAccountName="1001") for uid in "ab")
    finding = only(one, twin)
    assert (finding.where, finding.is_fault) == (twin.dn, False)
    assert f"those of {one.dn} too" in finding.problem
    assert (
        only(one, person("d", "JEAN DUPIN", AstAccountName="1001", mobile="06 39 98 00 11")).what == "displayName or cn"
    )
    assert found(one, person("c", "Jean Dupin", AstAccountName="1002")) == ()


def test_a_number_that_several_share_is_a_note() -> None:
    one, other = person("a", "Reception", AstAccountName="1001"), person("b", "Anna Roy", AstAccountName="1001")
    finding = only(one, other)
    assert (finding.is_fault, finding.problem.partition(";")[0]) == (False, f"1001 is that of {other.dn} too")


def test_a_number_that_is_shared_is_written_whole_however_the_entries_write_it() -> None:
    one, other = (
        person("a", "Anna Roy", telephoneNumber="01 99 00 20 11"),
        person("b", "Bob", telephoneNumber="+33 199002011"),
    )
    assert only(one, other).problem.startswith(f"+33199002011 is that of {other.dn} too")


def test_nothing_hidden_is_told() -> None:
    hidden = person("a", "Jean Dupin", mobile="*21#", dialtreeHidden="TRUE")
    attribute = person("b", "Anna Roy", AstAccountName="1001", mobile="*22#", dialtreeHide="mobile")
    assert found(hidden, attribute) == ()


def test_a_phonebook_that_lists_nobody_is_found() -> None:
    books = [
        {"slot": 1},
        {"slot": 2, "kind": "group", "group": SALES},
        {"slot": 3, "kind": "filter", "filter": "(employeeType=partner)"},
    ]
    config = configuration(phonebooks=books)
    anna = person("a", "Anna Roy", AstAccountName="1001")
    problems = {finding.what: finding.problem for finding in found(anna, config=config)}
    assert f"there is no group {SALES}" in problems["directory.phonebooks (slot 2)"]
    assert "lists nobody" in problems["directory.phonebooks (slot 3)"]
    nobody = Entry("x", f"uid=gone,{PEOPLE}", {})
    problems = {finding.what: finding.problem for finding in found(anna, group(nobody), config=config)}
    assert "lists nobody who is in the phonebook" in problems["directory.phonebooks (slot 2)"]
    partner = person("b", "Bob Roy", AstAccountName="1002", employeeType="partner")
    assert found(anna, partner, group(anna), config=config) == ()


def test_a_site_that_no_location_has_is_a_note() -> None:
    values = {"locations": [{"name": "Paris", "sites": ["Paris"]}], "region": "FR"}
    config = Config.model_validate({"ldap": {"source": "ldif", "ldif_file": "none.ldif"}, "numbers": values})
    entries = (
        person("a", "Anna Roy", AstAccountName="1001", l="Paris"),
        person("b", "Bob Roy", AstAccountName="1002", l="Lyon"),
    )
    finding = only(*entries, config=config)
    assert (finding.what, finding.is_fault) == ("numbers.locations", False)
    assert "'Lyon' (people: 1)" in finding.problem


# --- the LDAP server


def test_what_a_server_does_not_index_is_told_by_filter_and_following() -> None:
    databases: list[dict[str, tuple[str, ...]]] = [
        {"olcsuffix": ("dc=other",), "olcdbindex": ("macAddress pres",)},
        {
            "olcsuffix": ("dc=example,dc=org",),
            "olcdbindex": ("objectClass,entryUUID eq", "cn eq,subinitial", "mail", "default pres,eq"),
        },
    ]
    indexes = indexes_of(databases, "ou=people,dc=example,dc=org")
    assert indexes is not None
    filters = ("(objectClass=inetOrgPerson)", "(&(macAddress=*)(!(title=x)))", "(cn=a*)", "(mail=*)")
    assert missing_indexes(indexes, filters) == (("entrycsn", "eq"), ("macaddress", "pres"))
    assert indexes_of(databases, "dc=nowhere") is None


CONTENT = """\
dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: cn=reader,dc=example,dc=org
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: reader
userPassword: secret
"""


def site(folder: Path, ldap: str) -> Path:
    (folder / "password").write_text("secret\n", encoding="utf-8")
    (folder / "dialtree.toml").write_text(f'[ldap]\nbase = "dc=example,dc=org"\n{ldap}\n', encoding="utf-8")
    return folder / "dialtree.toml"


def run(config: Path) -> Result:
    return CliRunner().invoke(main, ["--config", str(config), "lint"])


def run_on_server(folder: Path, content: str, directives: tuple[str, ...], asked: str = "", **server: Any) -> Result:
    """Run it as `cn=reader` on a private server with this content; `asked`: further tables of the configuration."""
    need_tool("slapd")
    (folder / "people.ldif").write_text(content, encoding="utf-8")
    base, ldif = "dc=example,dc=org", folder / "people.ldif"
    with PrivateSlapd(folder / "slapd", suffix=base, ldif=ldif, directives=directives, **server) as slapd:
        bind = f'{{ dn = "cn=reader,{base}", password_file = "password" }}'
        return run(site(folder, f'urls = ["{slapd.url}"]\ndirectory_bind = {bind}\n{asked}'))


def test_a_server_that_limits_the_search_is_a_fault_with_the_mend(tmp_path: Path) -> None:
    entry = "\ndn: uid=p{0},dc=example,dc=org\nobjectClass: inetOrgPerson\nuid: p{0}\ncn: Anna {0}\nsn: Roy\n"
    people = "".join(map(entry.format, range(20)))
    who = 'dn.exact="cn=reader,dc=example,dc=org"'
    limits = (f"limits {who} size=5", f"access to * by {who} read by anonymous auth")
    result = run_on_server(tmp_path, CONTENT + people, limits, schemas=())
    assert result.exit_code == 1
    assert "size limit" in result.output
    assert "size=unlimited" in result.output
    assert "may not read cn=config" in result.output
    assert "secret" not in result.output


def test_a_server_that_tells_its_indexes_is_asked_for_what_is_missing(tmp_path: Path) -> None:
    readable = ("overlay syncprov", "database config", 'access to * by dn.exact="cn=reader,dc=example,dc=org" read')
    asked = '[ldap.person]\nfilter = "(&(objectClass=inetOrgPerson)(employeeType=*))"'
    result = run_on_server(tmp_path, CONTENT, readable, asked, sessionlog=0)
    assert result.exit_code == 1
    assert "employeetype is not indexed for pres" in result.output
    assert "index employeetype pres" in result.output
    assert "objectclass is not indexed" not in result.output
    assert "macaddress is not indexed" not in result.output
    assert "cn=config" not in result.output


def test_the_command_reads_a_file_and_exits_with_1_for_a_fault(tmp_path: Path) -> None:
    anna = "\ndn: uid=anna,dc=example,dc=org\nobjectClass: inetOrgPerson\nuid: anna\ncn: Anna\nsn: Roy\ntelephoneNumber: 1001\n"
    (tmp_path / "people.ldif").write_text(CONTENT + anna, encoding="utf-8")
    config = site(tmp_path, 'source = "ldif"\nldif_file = "people.ldif"')
    assert (run(config).exit_code, run(config).output) == (0, "1 entries: 0 faults.\n")
    (tmp_path / "people.ldif").write_text(CONTENT + anna + "mobile: *21#\n", encoding="utf-8")
    result = run(config)
    assert result.exit_code == 1
    assert "'*21#' is left out" in result.output
