"""The commands that administrators use on phones, run whole: on a file as the directory, without a mirror where none is needed."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.cli import main
from services.provision.reads import READS
from services.provision.tables import ProvisionTables
from shared.configfile import load_config
from tests.once import mirror_once

PEOPLE = """\
dn: dc=example
objectClass: domain
dc: example

dn: uid=alice,dc=example
objectClass: inetOrgPerson
objectClass: AsteriskSIPUser
uid: alice
cn: Alice Martin
sn: Martin
AstAccountName: 1001
AstAccountSecret: correct-horse-battery

dn: cn=phone,dc=example
objectClass: device
cn: phone
macAddress: 00:1f:9f:16:e8:49
owner: uid=alice,dc=example
dialtreeProfile: Lyon
dialtreeKey: 3 blf uid=alice,dc=example

dn: cn=Lyon,dc=example
objectClass: dialtreeProfile
cn: Lyon
preferredLanguage: fr
"""
SAFE = '[provision.settings]\n"sys.WebPWD" = "w"\n"sys.TelnetPWD" = "t"\n"autoprovision.Decryption_Key" = "0123456789abcdef"\n'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with a configuration and a directory."""
    (tmp_path / "people.ldif").write_text(PEOPLE, encoding="utf-8")
    (tmp_path / "dialtree.toml").write_text(
        f'[ldap]\nsource = "ldif"\nldif_file = "people.ldif"\nbase = "dc=example"\n{SAFE}', encoding="utf-8"
    )
    return tmp_path


def run(site: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(site / "dialtree.toml"), *arguments])


def test_check_is_content_with_a_sound_directory(site: Path) -> None:
    result = run(site, "check")
    assert (result.exit_code, result.output) == (0, "3 entries, 1 phones: 0 faults.\n")


def test_check_exits_with_1_and_names_entry_attribute_and_mend(site: Path) -> None:
    (site / "people.ldif").write_text(PEOPLE.replace("AstAccountSecret: correct-horse-battery\n", ""), encoding="utf-8")
    result = run(site, "check")
    assert result.exit_code == 1
    for text in ("uid=alice,dc=example", "AstAccountSecret", "is missing or may not be read; set it"):
        assert text in result.output


def test_check_exits_with_2_when_the_configuration_is_broken(site: Path) -> None:
    with (site / "dialtree.toml").open("a", encoding="utf-8") as file:
        file.write('"sip.Nothing" = "1"\n')
    result = run(site, "check")
    assert result.exit_code == 2
    assert "provision.settings" in result.output


def test_diff_says_what_a_change_would_do_and_writes_nothing(site: Path) -> None:
    change = "dn: uid=alice,dc=example\nchangetype: modify\nreplace: cn\ncn: Alice Zola\n"
    (site / "change.ldif").write_text(change, encoding="utf-8")
    result = run(site, "diff", "--ldif", str(site / "change.ldif"))
    assert result.exit_code == 0
    for text in (
        "001F9F16E849",
        "sip.DisplayName1",
        "Alice Martin",
        "Alice Zola",
        "1 phones change, 1 reboot, 0 would be",
    ):
        assert text in result.output
    assert (site / "people.ldif").read_text(encoding="utf-8") == PEOPLE


def test_diff_exits_with_1_when_a_phone_would_be_refused(site: Path) -> None:
    (site / "change.ldif").write_text("dn: uid=alice,dc=example\nchangetype: delete\n", encoding="utf-8")
    result = run(site, "diff", "--ldif", str(site / "change.ldif"))
    assert result.exit_code == 1
    assert "refused" in result.output


def test_diff_exits_with_1_for_a_fault_that_check_would_find(site: Path) -> None:
    change = "dn: cn=phone,dc=example\nchangetype: modify\nadd: dialtreeKey\ndialtreeKey: 4 blf 1999\n"
    (site / "change.ldif").write_text(change, encoding="utf-8")
    result = run(site, "diff", "--ldif", str(site / "change.ldif"))
    assert result.exit_code == 1
    assert "key 4 supervises 1999" in result.output
    assert "supervise extensions" in result.output  # nobody set a code for pickup: a note
    assert "0 would be refused; check would find 2 more, 1 of them faults." in result.output


def test_a_saved_render_shows_what_another_configuration_gives_phones(site: Path) -> None:
    config = load_config(site / "dialtree.toml", {})
    mirror_once(config, ProvisionTables(config), READS)
    before = str(site / "before")
    assert "1 phones, 0 of them refused" in run(site, "render", "--save", before).output
    same = run(site, "diff", "--since", before)
    assert (same.exit_code, same.output) == (0, "0 phones change, 0 reboot, 0 would be refused.\n")
    text = (site / "dialtree.toml").read_text(encoding="utf-8")
    (site / "dialtree.toml").write_text(
        text.replace('"sys.WebPWD" = "w"', '"sys.WebPWD" = "v"\n"sys.VAD" = "1"'), encoding="utf-8"
    )
    other = run(site, "diff", "--since", before)
    assert other.exit_code == 0
    for text in ("001F9F16E849", "changed, reboots", "sys.VAD", "sys.WebPWD", "***", "1 phones change, 1 reboot"):
        assert text in other.output
    assert "correct-horse" not in other.output


def test_phones_to_which_the_same_happens_stand_together(site: Path) -> None:
    with (site / "people.ldif").open("a", encoding="utf-8") as file:
        for number in range(7):
            file.write(f"\ndn: cn=p{number},dc=example\nobjectClass: device\nmacAddress: 00147F00000{number}\n")
            file.write("owner: uid=alice,dc=example\n")
    change = "dn: uid=alice,dc=example\nchangetype: modify\nreplace: cn\ncn: Alice Zola\n"
    (site / "change.ldif").write_text(change, encoding="utf-8")
    result = run(site, "diff", "--ldif", str(site / "change.ldif"))
    assert result.output.count("sip.DisplayName1") == 1
    assert "00147F000004 and 3 more" in " ".join(result.output.split())
    assert "8 phones change, 8 reboot" in result.output


@pytest.mark.parametrize("arguments", [("diff",), ("render",), ("render", "001F9F16E849", "--save", "x")])
def test_what_must_be_chosen_is_said(site: Path, arguments: tuple[str, ...]) -> None:
    result = run(site, *arguments)
    assert result.exit_code == 2
    assert "give either" in result.output


def test_a_configuration_that_old_phones_cannot_reach_is_noted(site: Path) -> None:
    with (site / "dialtree.toml").open("a", encoding="utf-8") as file:
        file.write('[directory]\npublic_url = "https://books.example.org"\n')
    result = run(site, "check-config")
    assert result.exit_code == 0
    assert "warning: directory.public_url: phones of the ST2030's age speak TLS 1.0 at most" in result.stderr
    assert "note: provision.public_url" not in result.stderr


def test_diff_names_the_line_of_a_change_that_cannot_be_made(site: Path) -> None:
    (site / "change.ldif").write_text("dn: uid=bob,dc=example\nchangetype: delete\n", encoding="utf-8")
    result = run(site, "diff", "--ldif", str(site / "change.ldif"))
    assert result.exit_code == 1
    assert "change.ldif, line 1: uid=bob,dc=example is no entry" in result.output


def test_explain_shows_layers_and_masks_secrets(site: Path) -> None:
    config = load_config(site / "dialtree.toml", {})
    mirror_once(config, ProvisionTables(config), READS)
    result = run(site, "explain", "00:1f:9f:16:e8:49", "--own")
    assert result.exit_code == 0
    for text in ("ST2030, profile Lyon", "ipp.LanguageType", "preferredLanguage", "(overridden)", "sip.regpwd1", "***"):
        assert text in result.output
    assert "correct-horse" not in result.output


def test_render_and_explain_take_the_model_that_the_entry_does_not_say(site: Path) -> None:
    config = load_config(site / "dialtree.toml", {})
    mirror_once(config, ProvisionTables(config), READS)
    assert "sys.FeatureKeyExt66" in run(site, "explain", "001F9F16E849", "FeatureKeyExt").output
    assert (
        "sys.FeatureKeyExt66" not in run(site, "explain", "001F9F16E849", "FeatureKeyExt", "--model", "st2022").output
    )
    assert "ComConf2022S-" in run(site, "render", "001F9F16E849", "--file", "inf", "--model", "ST2022").output
    wrong = run(site, "render", "001F9F16E849", "--model", "ST2031")
    assert wrong.exit_code == 1
    assert "did you mean ST2030?" in wrong.output
