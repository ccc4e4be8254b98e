"""`dialtree check` of a directory in which no phone, account or person is found: one fault for each, with the likely reason."""

from pathlib import Path

from click.testing import CliRunner

from services.cli import main
from services.demo.slapd import PrivateSlapd
from services.provision.check_empty import empty_directory
from services.provision.reads import READS
from shared.config import Config
from shared.findings import Finding
from shared.ldap.entry import Entry
from shared.ldap.open import open_source
from shared.ldap.source import Kind
from shared.ldap.streams import streams_of
from shared.ldap.survey import surveyed
from shared.ldap.whole import read_found
from tests.e2e.stack import SCHEMAS
from tests.tools import need_tool

SUFFIX = "dc=example,dc=org"
TOP = f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n"
READER = f"""
dn: cn=reader,{SUFFIX}
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: reader
userPassword: secret
"""
ALICE = f"""
dn: uid=alice,{SUFFIX}
objectClass: inetOrgPerson
objectClass: AsteriskSIPUser
uid: alice
cn: Alice
sn: Martin
AstAccountName: 1001
AstAccountSecret: s3cret-of-alice
"""
PHONE = f"""
dn: cn=phone,{SUFFIX}
objectClass: device
objectClass: ieee802Device
cn: phone
macAddress: 00:1f:9f:16:e8:49
owner: uid=alice,{SUFFIX}
"""
USUAL = '[provision.settings]\n"sys.WebPWD" = "w"\n"sys.TelnetPWD" = "t"\n"autoprovision.Decryption_Key" = "0123456789abcdef"\n'


def found_in(folder: Path, content: str, **ldap: object) -> dict[str, str]:
    """Setting to problem, of what is found in a file."""
    (folder / "people.ldif").write_text(content, encoding="utf-8")
    source = {"source": "ldif", "ldif_file": folder / "people.ldif", "base": SUFFIX}
    config = Config.model_validate({"ldap": source | ldap})
    return {finding.what: finding.problem for finding in findings(config, read(config))}


def read(config: Config) -> list[tuple[Kind, Entry]]:
    return list(read_found(open_source(config.ldap, config.ldap.provision_bind), streams_of(config.ldap, READS)))


def findings(config: Config, entries: list[tuple[Kind, Entry]]) -> tuple[Finding, ...]:
    with surveyed(config.ldap, config.ldap.provision_bind) as survey:
        return tuple(empty_directory(config, streams_of(config.ldap, READS), entries, survey))


def test_a_directory_with_a_phone_of_a_person_with_an_account_has_no_finding(tmp_path: Path) -> None:
    assert found_in(tmp_path, TOP + ALICE + PHONE) == {}


def test_each_kind_that_is_not_found_is_one_fault_with_its_reason(tmp_path: Path) -> None:
    user = ALICE.replace("inetOrgPerson", "user").replace("objectClass: AsteriskSIPUser\n", "")
    device = PHONE.replace("macAddress", "serialNumber")
    found = found_in(tmp_path, TOP + user + device)
    assert set(found) == {"ldap.person.filter", "ldap.account.filter", "ldap.phone.filter"}
    assert "1 of them is `user`, as in Active Directory" in found["ldap.person.filter"]
    assert "name in ldap.account.filter what marks account entries there" in found["ldap.account.filter"]
    assert "nobody has macAddress" in found["ldap.phone.filter"]


def test_an_attribute_that_no_account_has_is_one_fault(tmp_path: Path) -> None:
    found = found_in(tmp_path, TOP + ALICE.replace("AstAccountSecret: s3cret-of-alice\n", "") + PHONE)
    assert found["ldap.mapping.account.secret"].startswith(
        "none of the 1 account entries has AstAccountSecret; correct"
    )
    found = found_in(tmp_path, TOP + ALICE + PHONE, mapping={"account": {"user": ["uidNumber"]}})
    assert found["ldap.mapping.account.user"].startswith("none of the 1 account entries has uidNumber")


def run(folder: Path, content: str, directives: tuple[str, ...], more: str = "") -> tuple[int, str]:
    """Run the command as `cn=reader` on a server."""
    need_tool("slapd")
    folder.mkdir(exist_ok=True)
    (folder / "people.ldif").write_text(TOP + READER + content, encoding="utf-8")
    (folder / "password").write_text("secret\n", encoding="utf-8")
    ldif = folder / "people.ldif"
    with PrivateSlapd(folder / "slapd", suffix=SUFFIX, ldif=ldif, schemas=SCHEMAS, directives=directives) as slapd:
        bind = f'{{ dn = "cn=reader,{SUFFIX}", password_file = "password" }}'
        text = f'[ldap]\nbase = "{SUFFIX}"\nurls = ["{slapd.url}"]\nprovision_bind = {bind}\n{more}\n{USUAL}'
        (folder / "dialtree.toml").write_text(text, encoding="utf-8")
        result = CliRunner().invoke(main, ["--config", str(folder / "dialtree.toml"), "check"])
    return result.exit_code, " ".join(result.output.replace("│", " ").split())


def test_a_secret_that_may_not_be_read_is_told_with_the_account_and_not_shown(tmp_path: Path) -> None:
    hidden = f'access to attrs=AstAccountSecret by dn.exact="cn=other,{SUFFIX}" read'
    reads = f'access to * by dn.exact="cn=reader,{SUFFIX}" read by * auth'
    code, output = run(tmp_path, ALICE + PHONE, (hidden, reads))
    assert code == 1
    assert f"has AstAccountSecret, or the account (cn=reader,{SUFFIX}) may not read it" in output
    assert "s3cret" not in output


def test_a_server_that_limits_the_search_is_a_fault_and_nothing_is_counted(tmp_path: Path) -> None:
    many = "".join(ALICE.replace("alice", f"u{n}").replace("1001", f"1{n:03}") for n in range(9))
    size = f'limits dn.exact="cn=reader,{SUFFIX}" size=5'
    code, output = run(tmp_path, many, (size,))
    assert code == 1
    assert "size limit ends the search before all was read" in output
    assert output.endswith("The directory could not be read: 1 faults.")


def test_a_class_that_only_the_schema_knows_is_found_as_the_server_finds_it(tmp_path: Path) -> None:
    code, output = run(tmp_path, ALICE + PHONE, (), '[ldap.person]\nfilter = "(objectClass=person)"')
    assert (code, output) == (0, "2 entries, 1 phones: 0 faults.")


def test_a_base_that_is_misspelt_is_one_fault(tmp_path: Path) -> None:
    code, output = run(tmp_path, ALICE + PHONE, (), '[ldap.phone]\nbase = "dc=exmaple,dc=org"')
    assert code == 1
    assert f'did you mean "{SUFFIX}"?' in output
    assert output.count("fault ") == 1
