"""Hand-written files of phones: what is read, and what is reported."""

from pathlib import Path

import pytest

from services.provision.importing.run import Sources, run_import
from services.provision.importing.textfile import ImportFault
from tests.provision.desk import configuration
from tests.provision.importing.desk import BASE, entries_of, files_in, imported, rendered_again, rows_of

A, B = "00147F000001", "00147F000002"
ONE = "[sip]\nTEL1Number=1001\nregid1=1001\nregpwd1=one\n"
TWO = "[sip]\nTEL1Number=1002\nregid1=1002\nregpwd1=two\n"


def test_what_no_phone_would_take_is_reported_and_the_rest_is_carried_over(tmp_path: Path) -> None:
    text = (
        f"stray=1\n{ONE}CallPkupSC=*8X\nCallPkupSC=*9X\nno equals s3cret\n[ipp]\nLanguageTyp=1\nTimeFlag=7\n"
        "; a comment\n[sys\nconfig_sn=201007300008\n"
    )
    done = imported(tmp_path, files={f"ST2030S_{A}.txt": text})
    assert rows_of(done) == [
        ("lost", "a line", f"ST2030S_{A}.txt:1"),
        ("lost", "a line", f"ST2030S_{A}.txt:8"),
        ("lost", "a line", f"ST2030S_{A}.txt:13"),
        ("lost", "a line", f"ST2030S_{A}.txt:14"),
        ("lost", "sip.CallPkupSC", f"ST2030S_{A}.txt:6"),
        ("lost", "ipp.LanguageTyp", f"ST2030S_{A}.txt:10"),
        ("lost", "ipp.TimeFlag", f"ST2030S_{A}.txt:11"),
    ]
    assert "s3cret" not in str(list(done.report))
    assert rendered_again(tmp_path, done, A)["sip.CallPkupSC"] == "*9X"


def test_addresses_that_occur_twice_encrypted_files_and_names_without_address_are_reported(tmp_path: Path) -> None:
    files = {
        f"a/ST2030S_{A}.txt": ONE,
        f"b/st2030s_{A.lower()}.txt": TWO,
        f"ST2030S_{B}.ser": "x",
        "ST2030S_template.txt": ONE,
        "TelConf2030.txt": "x",
        "LangTbl.zz": "x",
    }
    done = imported(tmp_path, files=files)
    assert rows_of(done) == [
        ("lost", f"ST2030S_{B}.ser", f"ST2030S_{B}.ser"),
        ("lost", f"b/st2030s_{A.lower()}.txt", f"b/st2030s_{A.lower()}.txt"),
        ("lost", "ST2030S_template.txt", "ST2030S_template.txt"),
        ("note", "LangTbl.zz, TelConf2030.txt", "LangTbl.zz"),
        ("note", "LangTbl.zz, TelConf2030.txt", "TelConf2030.txt"),
    ]
    assert (done.people, done.phones) == (1, 1)


def test_a_phone_without_an_account_is_reported_and_keeps_its_values(tmp_path: Path) -> None:
    done = imported(tmp_path, files={f"ST2030S_{A}.txt": "[ipp]\nLanguageType=1\n"})
    phone = entries_of(done)[f"cn=phone-{A.lower()},ou=phones"]
    assert "owner" not in phone
    assert phone["dialtreesetting"] == ("ipp.LanguageType=1",)
    assert [row[:2] for row in rows_of(done)] == [("lost", f"phone {A}")] * 2


def test_the_general_file_says_which_common_file_is_meant(tmp_path: Path) -> None:
    files = {
        "ST2030.inf": "[config]\ncommon_config=http://10.0.0.1/config/ComConf2030-old.txt\n",
        f"ST2030S_{B}.inf": "[config]\ncommon_config=http://10.0.0.1/config/ComConf2030-test.txt\n",
        "ComConf2030-old.txt": "[ipp]\nAutoAnsTimer=1\n",
        "ComConf2030-test.txt": "[ipp]\nAutoAnsTimer=2\n",
        "ComConf2030-z.txt": "[ipp]\nAutoAnsTimer=3\n",
        f"ST2030S_{A}.txt": ONE,
        f"ST2030S_{B}.txt": TWO,
    }
    done = imported(tmp_path, files=files)
    assert [rendered_again(tmp_path, done, mac)["ipp.AutoAnsTimer"] for mac in (A, B)] == ["1", "2"]
    assert done.profiles == 3


def test_common_files_that_say_the_same_are_one_profile(tmp_path: Path) -> None:
    files = {"ComConf2030-a.txt": "[ipp]\nAutoAnsTimer=1\n", "ComConf2022-b.txt": "[ipp]\nAutoAnsTimer=1\n"}
    done = imported(tmp_path, files=files)
    assert done.profiles == 1
    assert rows_of(done) == [("note", "ComConf2030-a.txt", "ComConf2030-a.txt")]


def test_what_all_phones_say_alike_is_the_profiles(tmp_path: Path) -> None:
    same = "[ntp]\nNTPFlag=1\nNtpIP=10.0.1.44\n"
    done = imported(
        tmp_path, files={f"ST2030S_{A}.txt": f"{ONE}{same}", f"ST2030S_{B}.txt": f"{TWO}{same}[ipp]\nLanguageType=1\n"}
    )
    entries = entries_of(done)
    assert entries["cn=phones,ou=profiles"]["dialtreesetting"] == ("ntp.NTPFlag=1", "ntp.NtpIP=10.0.1.44")
    assert "dialtreesetting" not in entries[f"cn=phone-{A.lower()},ou=phones"]
    assert entries[f"cn=phone-{B.lower()},ou=phones"]["dialtreesetting"] == ("ipp.LanguageType=1",)


def test_what_is_computed_cannot_be_set_and_is_reported(tmp_path: Path) -> None:
    text = f"{ONE}TEL02Use=0\nProxyServerMP2=10.0.0.2\nDisplayName1=\n"
    done = imported(tmp_path, files={f"ST2030S_{A}.txt": text})
    assert rows_of(done) == [
        ("lost", "sip.ProxyServerMP2", f"ST2030S_{A}.txt:6"),
        ("note", "sip.DisplayName1", f"ST2030S_{A}.txt:7"),
    ]


def test_utf_8_is_understood_and_what_latin_1_lacks_is_told(tmp_path: Path) -> None:
    folder = files_in(tmp_path / "phones", {})
    folder.mkdir()
    (folder / f"ST2030S_{A}.txt").write_text(f"{ONE}DisplayName1=Élodie\n", encoding="utf-8")
    done = imported(tmp_path, files={})
    assert done.report.is_complete
    assert rendered_again(tmp_path, done, A)["sip.DisplayName1"] == "Élodie"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "phones").write_text("", encoding="utf-8")
    with pytest.raises(ImportFault, match="is no folder"):
        run_import(Sources((), tmp_path / "phones"), BASE, configuration())


def test_nothing_at_all_is_an_empty_import_with_a_report(tmp_path: Path) -> None:
    done = imported(tmp_path, conf="[general]\nbindport=5060\n")
    assert (done.ldif, done.is_empty) == (b"", True)
    assert rows_of(done) == [("note", "bindport", "sip.conf")]
