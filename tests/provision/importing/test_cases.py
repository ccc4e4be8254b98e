"""Files as people really have them, each of which was once read wrongly."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.cli import main
from services.provision.importing.run import Imported, Sources, run_import
from shared.ldap.ldiftext import parse_ldif
from shared.ldap.mapping import PersonAttributes
from shared.people import Number, person_from
from tests.provision.desk import configuration
from tests.provision.importing.desk import BASE, entries_of, rendered_again, rows_of, why_of

DATA = Path(__file__).parent / "data"
MAC = "001F9F16E849"
FILE = f"ST2030S_{MAC}.txt"


def of_files(case: str) -> Imported:
    return run_import(Sources((), DATA / case), BASE, configuration())


def of_conf(case: str, conf: str, root: Path | None = None) -> Imported:
    return run_import(Sources((DATA / case / conf,), None, root), BASE, configuration())


def accounts(done: Imported) -> dict[str, tuple[str, str]]:
    """Name and password by the user."""
    return {
        entry["uid"][0]: (entry["cn"][0], entry.get("astaccountsecret", ("",))[0])
        for entry in entries_of(done).values()
        if "uid" in entry
    }


def command(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["import", "sip-conf", *arguments])


def test_the_common_file_has_the_name_that_the_general_file_says(tmp_path: Path) -> None:
    done = of_files("free-common-name")
    now = rendered_again(tmp_path, done, MAC)
    assert (now["ipp.AutoAnsMode"], now["sip.RegisterServerMP1"], now["ntp.NtpIP"]) == ("1", "10.9.9.9", "10.9.9.1")
    assert rows_of(done) == [("note", "config.config", "ST2030.inf:3")]


def test_a_common_file_that_is_missing_is_reported_and_no_other_stands_in(tmp_path: Path) -> None:
    done = of_files("inf-names-missing")
    assert rendered_again(tmp_path, done, MAC)["ipp.HideMissedCall"] == "0"
    assert "names MyCompany-2030-v7.txt, which is not in the folder" in why_of(done, "config.common_config")
    assert not done.report.is_complete


def test_xivos_general_file_of_one_phone_names_its_common_file_in_a_folder(tmp_path: Path) -> None:
    done = of_files("xivo-names")
    now = rendered_again(tmp_path, done, "001F9F000101")
    assert (now["net.VLAN"], now["sip.RegisterServerMP1"]) == ("1", "10.2.0.5")
    assert done.report.is_complete


def test_the_model_of_wazos_common_file_comes_from_the_general_file(tmp_path: Path) -> None:
    done = of_files("wazo-st2022")
    settings = entries_of(done)["cn=comconf-4.78.1-1,ou=profiles"]["dialtreesetting"]
    assert "ipp.Key_Echo=1" in settings
    assert rendered_again(tmp_path, done, MAC, "ST2022")["ipp.Key_Echo"] == "1"
    assert done.report.is_complete


def test_the_number_that_a_phone_shows_is_the_extension(tmp_path: Path) -> None:
    done = of_files("displaynum")
    now = rendered_again(tmp_path, done, MAC)
    assert (now["sip.TEL1Number"], now["sip.DisplayNum1"], now["sip.DisplayNumFlag1"]) == ("zfkqe9x1", "1234", "1")
    entries = [
        entry for _, entry in parse_ldif("import", done.ldif.splitlines(keepends=True)) if entry.dn.startswith("uid=")
    ]
    assert person_from(entries[0], PersonAttributes()).numbers == (Number("extension", "1234"),)
    assert rows_of(done) == []


@pytest.mark.parametrize("conf", ["", "pjsip.conf"])
def test_user_and_authentication_name_are_both_kept_and_rendered(tmp_path: Path, conf: str) -> None:
    if conf:
        shutil.copy(DATA / "pjsip-auth-user" / conf, tmp_path)
        text = "[sip]\nTEL1Number=1001\n"
        (tmp_path / FILE).write_text(text, encoding="ascii")
        done = run_import(Sources((tmp_path / conf,), tmp_path), BASE, configuration())
        expected = "1001", "alice-desk"
    else:
        done = of_files("auth-id")
        expected = "0339720101", "auth-77"
    now = rendered_again(tmp_path, done, MAC)
    assert (now["sip.TEL1Number"], now["sip.regid1"]) == expected
    assert done.settings == '[ldap.mapping.account]\nauth_name = ["dialtreeAuthName"]\n'
    assert done.report.is_complete


def test_an_addition_with_a_filter_goes_to_the_section_that_it_means() -> None:
    done = of_conf("pjsip-plus-filter", "pjsip.conf")
    assert accounts(done) == {"1001": ("Alice Martin", "new-secret")}
    assert entries_of(done)["uid=1001,ou=people"]["astaccountmailbox"] == ("1001@default",)


def test_wizards_are_accounts_with_what_their_templates_say() -> None:
    done = of_conf("pjsip-wizard", "pjsip.conf")
    assert accounts(done) == {"1001": ("Alice Martin", "s3cr3t-1"), "1002": ("Bob Dupin", "s3cr3t-2")}
    assert entries_of(done)["uid=1001,ou=people"]["astaccountcontext"] == ("internal",)
    assert accounts(of_conf("wizard-mixed", "pjsip.conf")) == {"1001": ("1001", "a"), "1002": ("Bob", "b")}


def test_sections_and_templates_are_named_in_any_letter_case() -> None:
    done = of_conf("template-case", "sip.conf")
    assert accounts(done) == {"111": ("Nora Winter", "pw111"), "112": ("Paul Sommer", "pw112")}
    assert entries_of(done)["uid=112,ou=people"]["astaccountmailbox"] == ("112@default",)
    assert done.report.is_complete


def test_device_is_nobodys_name() -> None:
    done = of_conf("freepbx-device", "sip_additional.conf")
    assert accounts(done) == {"610": ("610", "q1w2e3"), "611": ("611", "q1w2e4")}
    why = "its caller id names nobody (device); 610 stands in until a name is known"
    assert why_of(done, "account 610") == why


def test_a_name_that_a_phone_shows_takes_the_place_of_device(tmp_path: Path) -> None:
    shutil.copy(DATA / "freepbx-device" / "sip_additional.conf", tmp_path)
    text = "[sip]\nTEL1Number=610\nDisplayName1=Nora Winter\n"
    (tmp_path / FILE).write_text(text, encoding="ascii")
    done = run_import(Sources((tmp_path / "sip_additional.conf",), tmp_path), BASE, configuration())
    entry = entries_of(done)["uid=610,ou=people"]
    assert (entry["cn"], entry["astaccountcallerid"]) == (("Nora Winter",), ('"Nora Winter" <610>',))
    assert [what for _, what, _ in rows_of(done) if what.startswith("account")] == ["account 611"]


@pytest.mark.parametrize("with_root", [True, False])
def test_absolute_includes_are_read_from_the_copied_tree(with_root: bool) -> None:  # noqa: FBT001
    folder = DATA / "absolute-include"
    done = of_conf("absolute-include", "sip.conf", folder if with_root else None)
    assert accounts(done) == {
        "1000": ("1000", "pw1000"), "1001": ("Alice", "pw1001"), "1002": ("1002", "pw1002")
    }  # fmt: skip
    assert rows_of(done) == [
        ("lost", "#exec /usr/local/bin/mk-sip-peers", "sip.conf:6"),
        ("note", "#tryinclude extra.conf", "sip.conf:5"),
    ]


def test_a_mac_address_in_another_writing_is_read(tmp_path: Path) -> None:
    done = of_files("dash-mac")
    assert rendered_again(tmp_path, done, MAC)["sip.DisplayName1"] == "Alice Martin"
    name = "ST2030S_00-1F-9F-16-E8-49.txt"
    assert rows_of(done) == [("note", name, name)]


def test_a_report_is_shown_also_when_nothing_could_be_imported(tmp_path: Path) -> None:
    (tmp_path / "phones").mkdir()
    (tmp_path / "phones" / "desk-of-alice.txt").write_text("[sip]\nTEL1Number=1001\n", encoding="ascii")
    done = command("--files", str(tmp_path / "phones"), "--output", str(tmp_path / "x.ldif"))
    assert done.exit_code == 2
    assert "desk-of-alice.txt" in done.output
    assert "everything was carried over" in done.output
    assert "not everything was carried over" in done.output
    assert not (tmp_path / "x.ldif").exists()


def test_a_key_that_no_phone_knows_is_never_lost_in_silence() -> None:
    done = of_files("vmail0")
    assert [row[:2] for row in rows_of(done)] == [
        ("lost", "sip.sw_tr_vmail_address0"),
        ("lost", "sip.sw_tr_vmail_address7"),
        ("note", "ComConf2030_x.txt"),
    ]
    assert not done.report.is_complete


def test_quotes_in_a_caller_ids_name_are_part_of_it() -> None:
    done = of_conf("callerid-quotes", "sip.conf")
    assert accounts(done) == {"1001": ('Alice "Ali" Martin', "x")}
    assert entries_of(done)["uid=1001,ou=people"]["astaccountcallerid"] == (r'"Alice \"Ali\" Martin" <1001>',)
