"""`dialtree search --explain`, run whole: on a file as the directory, and a store as the mirror leaves it."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.cli import main
from services.directory.reads import reads_of
from services.directory.tables import DirectoryTables
from shared.configfile import load_config
from tests.directory.compare import compare_with_golden
from tests.once import mirror_once

PEOPLE = """\
dn: dc=example
objectClass: domain
dc: example

dn: uid=alice,dc=example
objectClass: inetOrgPerson
uid: alice
cn: Alice Martin
sn: Martin
l: Lyon
ou: Sales
telephoneNumber: 1001

dn: uid=marta,dc=example
objectClass: inetOrgPerson
uid: marta
cn: Marta Roy
sn: Roy
telephoneNumber: +33 1 99 00 20 10
mobile: +33 6 39 98 10 60
dialtreeHide: mobile

dn: uid=martha,dc=example
objectClass: inetOrgPerson
uid: martha
cn: Martha Secret
sn: Secret
telephoneNumber: 1003
dialtreeHidden: TRUE

dn: uid=marius,dc=example
objectClass: inetOrgPerson
uid: marius
cn: Marius Robot
sn: Robot
employeeType: robot
telephoneNumber: 1004

dn: cn=phone,dc=example
objectClass: device
cn: phone
macAddress: 00:1f:9f:16:e8:49
owner: uid=alice,dc=example
"""
CONFIG = """\
[ldap]
source = "ldif"
ldif_file = "people.ldif"
base = "dc=example"
[numbers]
region = "FR"
[directory.visibility]
filter = "(!(employeeType=robot))"
[[directory.phonebooks]]
slot = 1
[[directory.phonebooks]]
slot = 2
kind = "my-site"
name = "Here"
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with a configuration, a directory, and the file of a mirror that read it once."""
    (tmp_path / "people.ldif").write_text(PEOPLE, encoding="utf-8")
    (tmp_path / "dialtree.toml").write_text(CONFIG, encoding="utf-8")
    config = load_config(tmp_path / "dialtree.toml", {})
    mirror_once(config, DirectoryTables(config), reads_of(config))
    return tmp_path


def run(site: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(site / "dialtree.toml"), "search", *arguments])


def test_the_whole_explanation_is_this(site: Path) -> None:
    result = run(site, "mar", "--explain", "--mac", "00:1f:9f:16:e8:49")
    assert result.exit_code == 0
    compare_with_golden("explain.txt", result.output.encode())


def test_what_is_hidden_is_named_with_its_rule_and_its_number_is_not_shown(site: Path) -> None:
    output = run(site, "mar", "--explain").output
    for dn, rule in (
        ("uid=martha,dc=example", "has the flag"),
        ("uid=marius,dc=example", "does not pass directory.visibility.filter"),
        ("uid=marta,dc=example", "mobile is hidden"),
    ):
        assert any(dn in line and rule in line for line in output.splitlines()), dn
    for number in ("1003", "1004", "0639"):
        assert number not in output


def test_offline_leaves_out_what_is_hidden_and_a_directory_that_is_away_is_said_to_be(site: Path) -> None:
    (site / "people.ldif").unlink()
    assert "martha" not in run(site, "mar", "--explain", "--offline").output
    result = run(site, "mar", "--explain")
    assert result.exit_code == 0
    assert "Alice Martin" in result.output or "Martin, Alice" in result.output
    assert "not known, for the directory cannot be read" in result.output


def test_the_phonebook_of_a_slot_and_another_vendors_document(site: Path) -> None:
    output = run(site, "mar", "--explain", "--slot", "2", "--mac", "001F9F16E849", "--offline").output
    assert "slot 2: my-site" in output
    assert "Marta" not in output
    assert "YealinkIPPhoneDirectory" in run(site, "mar", "--explain", "--path", "/yealink/search", "--offline").output


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--slot", "5"), "there is no phonebook in slot 5; directory.phonebooks has 1, 2"),
        (("--path", "/nowhere"), "/nowhere is no path of a phonebook"),
        (("--mac", "00:1f"), "00:1f"),
    ],
)
def test_what_is_not_there_is_named(site: Path, arguments: tuple[str, ...], problem: str) -> None:
    result = run(site, "mar", "--explain", *arguments)
    assert result.exit_code == 1
    assert problem in result.output


def test_a_phone_that_nobody_owns_is_said_to_be_unknown(site: Path) -> None:
    assert "no entry has this address" in run(site, "mar", "--explain", "--offline", "--mac", "AAAAAAAAAAAA").output
