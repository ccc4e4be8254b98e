"""`dialtree lint` of a directory in which nobody is found: one fault with the likely reason, from a file and from a server."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli import main
from services.demo.slapd import PrivateSlapd
from services.directory.lint_empty import empty_phonebook
from services.directory.reads import reads_of
from shared.config import Config
from shared.findings import Finding
from shared.ldap.open import open_source
from shared.ldap.streams import streams_of
from shared.ldap.survey import surveyed
from shared.ldap.whole import read_found
from tests.tools import need_tool

SUFFIX = "dc=example,dc=org"
TOP = f"""\
dn: {SUFFIX}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ou=people,{SUFFIX}
objectClass: organizationalUnit
ou: people

dn: ou=groups,{SUFFIX}
objectClass: organizationalUnit
ou: groups
"""
READER = f"""
dn: cn=reader,{SUFFIX}
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: reader
userPassword: secret
"""


def entry(uid: str, *lines: str, classes: str = "inetOrgPerson", below: str = "ou=people") -> str:
    names = ("cn: Ottilie", "sn: Xylander") if "erson" in classes or classes.endswith("user") else ()
    given = [f"objectClass: {name}" for name in classes.split()]
    return "\n".join(("", f"dn: uid={uid},{below},{SUFFIX}", *given, f"uid: {uid}", *names, *lines, ""))


def people(*lines: str, classes: str = "inetOrgPerson", count: int = 3, below: str = "ou=people") -> str:
    return "".join(entry(f"u{n}", *lines, classes=classes, below=below) for n in range(count))


def configured(folder: Path, source: dict[str, object], **settings: object) -> Config:
    base = {"ldap": {"base": SUFFIX, **source}}
    ldap = {**base["ldap"], **settings.pop("ldap", {})}  # type: ignore[dict-item]
    return Config.model_validate({"state_dir": folder / "state", **settings, "ldap": ldap})


def found_in(config: Config) -> tuple[Finding, ...]:
    """What is found of emptiness, and nothing else."""
    streams, bind = streams_of(config.ldap, reads_of(config)), config.ldap.directory_bind
    with surveyed(config.ldap, bind) as survey:
        entries = read_found(open_source(config.ldap, bind), streams)
        return tuple(empty_phonebook(config, streams, entries, survey))


class Place:
    """A directory of one kind, with this content."""

    def __init__(self, folder: Path, slapd: Callable[[str], PrivateSlapd] | None) -> None:
        self.folder = folder
        self._slapd = slapd

    def problems(self, content: str, **settings: object) -> list[str]:
        text = TOP + READER + content
        if self._slapd is None:
            (self.folder / "people.ldif").write_text(text, encoding="utf-8")
            source: dict[str, object] = {"source": "ldif", "ldif_file": self.folder / "people.ldif"}
        else:
            source = {"urls": [self._slapd(text).url]}
        found = found_in(configured(self.folder, source, **settings))
        assert all(finding.is_fault for finding in found)
        named = {
            finding.problem for finding in found if re.search("ottilie|xylander|uid=u", str(finding), re.IGNORECASE)
        }
        assert named == set()  # nobody is named
        return [f"{finding.what}: {finding.problem}" for finding in found]


@pytest.fixture(params=["a file", "a server"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> object:
    if request.param == "a file":
        yield Place(tmp_path, None)
        return
    need_tool("slapd")
    running: list[PrivateSlapd] = []

    def start(content: str) -> PrivateSlapd:
        ldif = tmp_path / f"{len(running)}.ldif"
        ldif.write_text(content, encoding="utf-8")
        running.append(PrivateSlapd(tmp_path / f"slapd{len(running)}", ldif=ldif))
        running[-1].start()
        return running[-1]

    yield Place(tmp_path, start)
    for slapd in running:
        slapd.stop()


NUMBER = "telephoneNumber: 1001"


def test_a_phonebook_with_somebody_in_it_has_no_finding(place: Place) -> None:
    assert place.problems(entry("u1", NUMBER) + entry("u2")) == []


def test_other_classes_are_named_with_the_filter_that_would_find_them(place: Place) -> None:
    classes = "account simpleSecurityObject"
    (problem,) = place.problems(
        people("userPassword: x", classes=classes)
        + people("userPassword: x", classes=classes, count=1, below="ou=groups")
    )
    assert problem.startswith(
        f"ldap.person.filter: (objectClass=inetOrgPerson) matches 0 of 7 entries below {SUFFIX}; "
    )
    assert problem.endswith('4 of them are `account`; set ldap.person.filter = "(objectClass=account)"')


def test_a_misspelt_class_is_corrected(place: Place) -> None:
    ldap = {"person": {"filter": "(objectClass=inetOrgPersn)", "base": f"ou=people,{SUFFIX}"}}
    (problem,) = place.problems(people(NUMBER), ldap=ldap)
    assert "matches 0 of 3 entries below ou=people" in problem
    assert problem.endswith('they are `inetOrgPerson`; set ldap.person.filter = "(objectClass=inetOrgPerson)"')


def test_groups_are_told_to_be_no_persons(place: Place) -> None:
    (problem,) = place.problems(
        f"\ndn: cn=a,ou=groups,{SUFFIX}\nobjectClass: groupOfNames\ncn: a\nmember: cn=x\n",
        ldap={"person": {"base": f"ou=groups,{SUFFIX}"}},
    )
    assert "they are `groupOfNames` (1); name in ldap.person.filter what marks person entries there" in problem


def test_a_base_without_anybody_is_told_where_they_are(place: Place) -> None:
    (problem,) = place.problems(people(NUMBER), ldap={"person": {"base": f"ou=groups,{SUFFIX}"}})
    assert problem.startswith("ldap.person.base: (objectClass=inetOrgPerson) matches nothing below ou=groups")
    assert problem.endswith(f'set ldap.person.base = "ou=people,{SUFFIX}"')


def test_an_empty_base_is_told(place: Place) -> None:
    (problem,) = place.problems("", ldap={"person": {"base": f"ou=groups,{SUFFIX}"}})
    assert problem.startswith(f"ldap.person.base: there is no entry below ou=groups,{SUFFIX}")


def test_a_scope_that_is_too_small_is_told(place: Place) -> None:
    (problem,) = place.problems(people(NUMBER), ldap={"person": {"scope": "one"}})
    assert problem.startswith("ldap.person.scope: ")
    assert problem.endswith('set ldap.person.scope = "subtree"')


def test_the_part_of_a_filter_that_nobody_passes_is_named(place: Place) -> None:
    ldap = {"person": {"filter": "(&(objectClass=inetOrgPerson)(employeeType=staff))"}}
    (problem,) = place.problems(people(NUMBER, "employeeType: guest"), ldap=ldap)
    assert "(employeeType=staff) matches 0 of 6 entries" in problem
    assert "there is employeeType, but with other values" in problem
    assert "guest" not in problem


def test_an_attribute_of_a_filter_that_nobody_has_is_named_with_one_spelt_nearly_so(place: Place) -> None:
    (problem,) = place.problems(
        people(NUMBER), ldap={"person": {"filter": "(&(objectClass=inetOrgPerson)(telephonNumber=*))"}}
    )
    assert "nobody has telephonNumber" in problem
    assert problem.endswith("did you mean telephonenumber?")


def test_parts_that_only_others_pass_together_are_told(place: Place) -> None:
    ldap = {"person": {"filter": "(&(objectClass=inetOrgPerson)(ou=groups))"}}
    (problem,) = place.problems(people(NUMBER), ldap=ldap)
    assert "each part of" in problem


def test_classes_are_told_of_an_alternative_too(place: Place) -> None:
    search = "(|(objectClass=account)(employeeType=staff))"
    (problem,) = place.problems(people(NUMBER), ldap={"person": {"filter": search, "base": f"ou=people,{SUFFIX}"}})
    assert problem.startswith(f"ldap.person.filter: {search} matches 0 of 3 entries")
    assert problem.endswith('they are `inetOrgPerson`; set ldap.person.filter = "(objectClass=inetOrgPerson)"')


def test_a_negation_that_leaves_out_everybody_is_told(place: Place) -> None:
    (problem,) = place.problems(
        people(NUMBER), ldap={"person": {"filter": "(&(objectClass=inetOrgPerson)(!(objectClass=*)))"}}
    )
    assert "since it leaves out all of them" in problem


def test_a_filter_of_visibility_is_named_as_the_setting_that_it_is(place: Place) -> None:
    (problem,) = place.problems(people(NUMBER), directory={"visibility": {"filter": "(employeeType=staff)"}})
    assert problem.startswith("directory.visibility.filter: (employeeType=staff) matches 0 of 6 entries")


def test_phones_are_missed_where_a_phonebook_compares_their_owners(place: Place) -> None:
    (problem,) = place.problems(people(NUMBER), directory={"phonebooks": [{"slot": 1, "kind": "my-site"}]})
    assert problem.startswith("ldap.phone.filter: (macAddress=*) matches 0 of 6 entries")
    assert "nobody has macAddress" in problem


def test_numbers_in_attributes_that_are_not_mapped_are_told(place: Place) -> None:
    (problem,) = place.problems(people("pager: 1001", "facsimileTelephoneNumber: 1002"))
    assert "nobody of the 3 who are found has a number: none has AstAccountName or telephoneNumber or" in problem
    assert "they have facsimiletelephonenumber, pager; name it in ldap.mapping.person" in problem


def test_names_in_attributes_that_are_not_mapped_are_told(place: Place) -> None:
    mapping = {"person": {"display_name": ["title"], "surname": [], "given_name": []}}
    (problem,) = place.problems(people(NUMBER), ldap={"mapping": mapping})
    assert "nobody of the 3 who are found has a name: none has title" in problem
    assert "they have cn, sn; name it" in problem


def test_numbers_that_are_all_refused_are_told_with_the_usual_reason(place: Place) -> None:
    (problem,) = place.problems(people("telephoneNumber: *21#"))
    assert problem.startswith("numbers: not one number can be dialled (refused: 3)")
    assert "would switch something" in problem


def test_numbers_that_are_all_hidden_are_told(place: Place) -> None:
    hidden = ["extension", "work", "mobile", "home"]
    (problem,) = place.problems(people(NUMBER), directory={"visibility": {"hidden": hidden}})
    assert problem.startswith("directory.visibility.hidden: hides every kind of number")


@pytest.mark.parametrize(
    ("line", "directory", "setting"),
    [
        ("employeeType: x", {}, "ldap.mapping.person.hidden"),
        ("departmentNumber: 1", {}, "ldap.mapping.person.disabled"),
        ("title: x", {"visibility": {"excluded": [f"ou=people,{SUFFIX}"]}}, "directory.visibility.excluded"),
        ("carLicense: nothing", {}, "ldap.mapping.person.hide"),
    ],
)
def test_everybody_hidden_is_told_with_the_rule_and_no_name(
    place: Place, line: str, directory: dict[str, object], setting: str
) -> None:
    person = {"hidden": ["employeeType"], "hide": ["carLicense"], "disabled": ["departmentNumber<=today"]}
    (problem,) = place.problems(people(NUMBER, line), directory=directory, ldap={"mapping": {"person": person}})
    assert problem.startswith(f"{setting}: everybody is hidden (3: 3 by {setting})")


# --- what only a file can hold, or only a server knows


def in_file(folder: Path, content: str, *settings: str) -> tuple[int, str]:
    """Run the command on a file; returns exit code and output, its table without line breaks."""
    (folder / "people.ldif").write_text(content, encoding="utf-8")
    return run(folder, 'source = "ldif"\nldif_file = "people.ldif"', *settings)


def run(folder: Path, *settings: str, base: str = SUFFIX) -> tuple[int, str]:
    (folder / "password").write_text("secret\n", encoding="utf-8")
    text = "\n".join((f'[ldap]\nbase = "{base}"', *settings))
    (folder / "dialtree.toml").write_text(text, encoding="utf-8")
    command = ["--config", str(folder / "dialtree.toml"), "lint"]
    result = CliRunner().invoke(main, command)
    return result.exit_code, unwrapped(result.output)


def unwrapped(output: str) -> str:
    """The output with one line for each row of its table, however wide the terminal is."""
    lines: list[str] = []
    for line in output.splitlines():
        cells = [cell.strip() for cell in line.split("│")[1:-1]]
        if cells and not cells[0]:
            lines[-1] = " | ".join(f"{a} {b}".strip() for a, b in zip(lines[-1].split(" | "), cells, strict=True))
        else:
            lines.append(" | ".join(cells) if cells else line)
    return "\n".join(lines)


ACTIVE_DIRECTORY = f"""\
dn: {SUFFIX}
objectClass: domainDNS
dc: example

dn: CN=Alice Martin,OU=People,{SUFFIX}
objectClass: top
objectClass: person
objectClass: organizationalPerson
objectClass: user
cn: Alice Martin
telephoneNumber: +33 1 99 00 20 10
otherTelephone: +33 1 99 00 20 11
"""
COMPUTER = f"""
dn: CN=PC1,OU=People,{SUFFIX}
objectClass: top
objectClass: person
objectClass: organizationalPerson
objectClass: user
objectClass: computer
cn: PC1
"""


def test_an_active_directory_with_the_default_filter_is_one_fault_with_the_mend(tmp_path: Path) -> None:
    code, output = in_file(tmp_path, ACTIVE_DIRECTORY)
    assert (code, len(faults(output)), "note" in output) == (1, 1, False)
    assert 'they are `user`, as in Active Directory; set ldap.person.filter = "(objectClass=user)"' in output
    assert in_file(tmp_path, ACTIVE_DIRECTORY, "[ldap.person]", 'filter = "(objectClass=user)"')[0] == 0


def test_computers_of_an_active_directory_are_no_persons(tmp_path: Path) -> None:
    code, output = in_file(tmp_path, ACTIVE_DIRECTORY + COMPUTER)
    mend = "(&(objectClass=user)(!(objectClass=computer)))"
    assert code == 1
    assert f'1 of them is `user`, as in Active Directory; set ldap.person.filter = "{mend}"' in output
    assert in_file(tmp_path, ACTIVE_DIRECTORY + COMPUTER, "[ldap.person]", f'filter = "{mend}"')[0] == 0


def test_persons_of_389_directory_server_are_known(tmp_path: Path) -> None:
    classes = "top nsPerson nsAccount nsOrgPerson posixAccount"
    assert "they are `nsPerson`, as in 389 Directory Server" in in_file(tmp_path, TOP + people(classes=classes))[
        1
    ].replace("3 of them are", "they are")


def test_a_base_that_is_misspelt_is_one_fault_with_the_one_that_is_there(tmp_path: Path) -> None:
    for wrong, right in (("ou=peple,dc=example,dc=org", f"ou=people,{SUFFIX}"), ("dc=exmaple,dc=org", SUFFIX)):
        (tmp_path / "people.ldif").write_text(TOP + people(NUMBER), encoding="utf-8")
        code, output = run(tmp_path, 'source = "ldif"\nldif_file = "people.ldif"', f'[ldap.person]\nbase = "{wrong}"')
        assert (code, len(faults(output))) == (1, 1)
        assert f'{wrong} is not in the directory; did you mean "{right}"?' in output


def on_server(folder: Path, content: str, directives: Sequence[str], *settings: str) -> tuple[int, str]:
    """Run the command as `cn=reader` on a server that lets nobody else read anything."""
    need_tool("slapd")
    folder.mkdir(exist_ok=True)
    (folder / "people.ldif").write_text(TOP + READER + content, encoding="utf-8")
    reader = f'dn.exact="cn=reader,{SUFFIX}"'
    options = {
        "ldif": folder / "people.ldif",
        "directives": (*directives, f"access to * by {reader} read by * auth"),
    }
    with PrivateSlapd(folder / "slapd", suffix=SUFFIX, **options) as slapd:  # type: ignore[arg-type]
        bind = f'{{ dn = "cn=reader,{SUFFIX}", password_file = "password" }}'
        return run(folder, f'urls = ["{slapd.url}"]\ndirectory_bind = {bind}', *settings)


def faults(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith("fault | ")]


def test_a_class_that_only_the_schema_knows_is_found_as_the_server_finds_it(tmp_path: Path) -> None:
    code, output = on_server(tmp_path, people(NUMBER), (), "[ldap.person]", 'filter = "(objectClass=person)"')
    assert (code, faults(output)) == (0, [])


def test_a_matching_rule_is_asked_of_the_server(tmp_path: Path) -> None:
    search = '[ldap.person]\nfilter = "(&(objectClass=inetOrgPerson)(uid:caseExactMatch:=u0))"'
    code, output = on_server(tmp_path, people(NUMBER, count=1), (), search)
    assert (code, faults(output)) == (0, [])


def test_an_attribute_that_may_not_be_read_is_told_with_the_account(tmp_path: Path) -> None:
    hidden = f'access to attrs=telephoneNumber by dn.exact="cn=root,{SUFFIX}" read'
    code, output = on_server(tmp_path, people(NUMBER), (hidden,))
    (fault,) = faults(output)
    assert code == 1
    assert f"or telephoneNumber or mobile or homePhone, or the account (cn=reader,{SUFFIX}) may not read it" in fault
    search = '[ldap.person]\nfilter = "(&(objectClass=inetOrgPerson)(telephoneNumber=*))"'
    (fault,) = faults(on_server(tmp_path / "b", people(NUMBER), (hidden,), search)[1])
    assert f"nobody has telephoneNumber, or the account (cn=reader,{SUFFIX}) may not read it" in fault


def test_a_base_that_may_not_be_seen_or_is_misspelt_on_a_server_is_told(tmp_path: Path) -> None:
    (fault,) = faults(on_server(tmp_path, people(NUMBER), (), f'[ldap.person]\nbase = "ou=poeple,{SUFFIX}"')[1])
    assert f"ou=poeple,{SUFFIX} is not in the directory, or the account (cn=reader,{SUFFIX}) may not see it" in fault
    assert f'did you mean "ou=people,{SUFFIX}"?' in fault


def test_a_base_that_is_excluded_is_not_proposed(tmp_path: Path) -> None:
    rules = f'[directory.visibility]\nexcluded = ["ou=people,{SUFFIX}"]'
    for base in (f"ou=poeple,{SUFFIX}", f"ou=groups,{SUFFIX}"):
        text = f'[ldap.person]\nbase = "{base}"\n{rules}'
        code, output = in_file(tmp_path, TOP + people(NUMBER), text)
        assert code == 1
        assert "ou=people" not in output


def test_a_look_that_is_cut_short_says_so_and_one_that_is_limited_is_not_counted(tmp_path: Path) -> None:
    size = f'limits dn.exact="cn=reader,{SUFFIX}" size=5'
    (fault,) = faults(
        on_server(tmp_path, people("userPassword: x", classes="account simpleSecurityObject", count=9), (size,))[1]
    )
    assert "matches 0 of the first" in fault
    code, output = on_server(tmp_path / "b", people(NUMBER, count=9), (size,))
    assert code == 1
    assert "size limit ends the search before all was read" in output
    assert "The directory could not be read: 1 faults." in output


def test_nothing_is_said_of_the_reason_where_the_server_does_not_answer(tmp_path: Path) -> None:
    config = configured(tmp_path, {"urls": ["ldap://127.0.0.1:1"], "connect_timeout": 1})
    streams = streams_of(config.ldap, reads_of(config))
    with surveyed(config.ldap, config.ldap.directory_bind) as survey:
        (finding,) = empty_phonebook(config, streams, (), survey)
    assert finding.problem.startswith(f"(objectClass=inetOrgPerson) matches nothing below {SUFFIX}")


def test_a_person_below_whom_an_entry_stands_is_not_named_as_the_place_where_to_look(tmp_path: Path) -> None:
    phone = f"\ndn: cn=phone,uid=u0,ou=people,{SUFFIX}\nobjectClass: device\ncn: phone\nmacAddress: 00:1f:9f:16:e8:49\n"
    settings = f'[ldap.phone]\nbase = "ou=groups,{SUFFIX}"\n[[directory.phonebooks]]\nslot = 1\nkind = "my-site"'
    content = entry("u0", NUMBER, "dialtreeHidden: TRUE") + entry("u1", NUMBER) + phone
    (fault,) = faults(in_file(tmp_path, TOP + content, settings)[1])
    assert "u0" not in fault
    assert f'set ldap.phone.base = "ou=people,{SUFFIX}"' in fault


def test_a_base_that_is_not_set_is_told_with_the_servers_own(tmp_path: Path) -> None:
    need_tool("slapd")
    (tmp_path / "people.ldif").write_text(TOP + people(NUMBER), encoding="utf-8")
    with PrivateSlapd(tmp_path / "slapd", suffix=SUFFIX, ldif=tmp_path / "people.ldif") as slapd:
        (fault,) = faults(run(tmp_path, f'urls = ["{slapd.url}"]', base="")[1])
    assert f'no base DN is set, and the directory has nothing at the empty one; did you mean "{SUFFIX}"?' in fault


def test_a_filter_with_blanks_is_asked_as_one_without(tmp_path: Path) -> None:
    search = '[ldap.person]\nfilter = "( & ( objectClass=inetOrgPerson ) (employeeType=staff) )"'
    (fault,) = faults(on_server(tmp_path, people(NUMBER), (), search)[1])
    assert "(employeeType=staff) matches 0 of 6 entries" in fault
