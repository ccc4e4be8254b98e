"""Trees as the systems before us write them: every line reaches the phone, or the report says why not."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.provision.importing.run import Imported
from services.provision.vendors.thomson.catalog import load_catalog
from tests.provision.importing.desk import entries_of, files_in, imported, rendered_again, rows_of, why_of, written_in
from tests.provision.importing.layouts import LAYOUTS, Desk
from tests.provision.importing.table import Count, count_of, import_of

A, B, C = (f"001F9F00000{n}" for n in (1, 2, 3))
ONE = "[sip]\nTEL1Number=1001\nregid1=1001\nregpwd1=one\nDisplayName1=Alice Martin\n"
TWO = "[sip]\nTEL1Number=1002\nregid1=1002\nregpwd1=two\nDisplayName1=Bob Dupin\n"


def naming(common: str) -> str:
    """A general file."""
    return f"[config]\ncommon_config={common}\n"


def with_timer(seconds: int) -> str:
    """A common file."""
    return f"[ipp]\nAutoAnsTimer={seconds}\n"


def timers(tmp_path: Path, done: Imported, *macs: str) -> list[str]:
    """The one value of the common files of each phone."""
    return [rendered_again(tmp_path, done, mac)["ipp.AutoAnsTimer"] for mac in macs]


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        ("hand-written", Count("hand-written", 15, 170, 149, 21, 0)),
        ("XiVO", Count("XiVO", 27, 2720, 2586, 134, 0)),
        ("Wazo", Count("Wazo", 15, 2523, 2443, 80, 0)),
    ],
)
def test_the_table_of_what_becomes_of_every_line_is_this(tmp_path: Path, layout: str, expected: Count) -> None:
    done = import_of(tmp_path, layout)
    assert count_of(layout, done) == expected
    assert [row.what for row in done.report if not row.why] == []


NAMES = sorted(
    name
    for name, parameter in load_catalog().items()
    if not name.startswith(("sip.TEL", "sip.reg", "sip.Display")) and name != "sys.config_sn"
)
TEXTS = (
    "",
    "0",
    "1",
    "2",
    "5",
    "7",
    "20",
    "FR",
    "10.0.0.1",
    "office",
    "Élodie",
    "ł",
    "L/",
    "S/<sip:1002>",
    "00:30",
    "*97",
    "a b",
)
values = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(TEXTS), max_size=12)
people = st.sampled_from(
    [
        ("1001", "1001", "one", "Alice Martin", "1001"),
        ("1002", "auth2", "two", "Bob Dupin", "1002"),
        ("u3x", "u3x", "three", "", "1003"),
        ("u4x", "auth4", "four", "Łukasz", "0199002010"),
    ]
)
desks = st.builds(
    Desk,
    mac=st.sampled_from([A, B, C]),
    model=st.sampled_from(["ST2030", "ST2022", "TB30"]),
    lines=st.lists(people, min_size=1, max_size=4).map(tuple),
    values=values,
)


@pytest.mark.parametrize("layout", LAYOUTS)
@given(phones=st.lists(desks, min_size=1, max_size=3, unique_by=lambda desk: desk.mac), common=values)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_line_of_any_tree_is_the_same_or_in_the_report(
    layout: str, phones: list[Desk], common: dict[str, str]
) -> None:
    files = LAYOUTS[layout](phones, common)
    with TemporaryDirectory() as name:
        done = imported(Path(name), files=files)
        by_file = {count.file: count for count in done.counts}
        assert [count for count in done.counts if count.silent] == []
        for phone in phones:
            file = f"{phone.model}S_{phone.mac}.txt"
            told = {what for _, whats, place in rows_of(done) if place.startswith(file) for what in whats.split(", ")}
            if f"phone {phone.mac}" in told:
                continue  # refused, with its reason
            now = rendered_again(Path(name), done, phone.mac, phone.model)
            differ = {key for key, text in written_in(files[file]).items() if now.get(key) != text}
            assert differ <= told
            assert by_file[file].same + by_file[file].reported == by_file[file].keys


def test_a_common_file_is_found_by_the_end_of_its_path_and_in_any_letter_case(tmp_path: Path) -> None:
    files = {
        "ST2030.inf": naming("http://10.0.0.1:8080/st%32030/Office.TXT?x=1"),
        "st2030/office.txt": with_timer(1),
        "st2022/office.txt": with_timer(2),
        f"ST2030S_{A}.txt": ONE,
    }
    done = imported(tmp_path, files=files)
    assert timers(tmp_path, done, A) == ["1"]
    assert ("note", "st2022/office.txt", "st2022/office.txt") not in rows_of(done)
    assert ("lost", "st2022/office.txt", "st2022/office.txt") in rows_of(done)


def test_one_common_file_may_be_for_phones_of_two_models(tmp_path: Path) -> None:
    files = {
        "ST2030.inf": naming("all.txt"),
        "ST2022.inf": naming("all.txt"),
        "all.txt": "[ipp]\nKey_Echo=1\nAuto_pickup_Method=1\nAutoAnsTimer=1\n",
        f"ST2030S_{A}.txt": ONE,
        f"ST2022S_{B}.txt": TWO,
    }
    done = imported(tmp_path, files=files)
    assert done.report.is_complete
    assert rendered_again(tmp_path, done, A)["ipp.Auto_pickup_Method"] == "1"
    assert rendered_again(tmp_path, done, B, "ST2022")["ipp.Key_Echo"] == "1"


@pytest.mark.parametrize(
    "named", ["http://me:s3cret@10.0.0.1/", "http://me:s3cret@[10.0.0.1", "http://me:s3cret@h/gone.txt"]
)
def test_a_url_that_names_no_file_here_is_reported_without_its_password(tmp_path: Path, named: str) -> None:
    files = {"ST2030.inf": naming(named), "office.txt": with_timer(1), f"ST2030S_{A}.txt": ONE}
    done = imported(tmp_path, files=files)
    assert ("lost", "config.common_config", "ST2030.inf:2") in rows_of(done)
    assert "s3cret" not in str(list(done.report))


def test_the_nearest_general_file_counts(tmp_path: Path) -> None:
    files = {
        "paris/ST2030.inf": naming("office.txt"), "paris/office.txt": with_timer(1), f"paris/ST2030S_{A}.txt": ONE,
        "lyon/ST2030.inf": naming("office.txt"), "lyon/office.txt": with_timer(2), f"lyon/ST2030S_{B}.txt": TWO,
    }  # fmt: skip
    done = imported(tmp_path, files=files)
    assert timers(tmp_path, done, A, B) == ["1", "2"]
    assert sorted(dn for dn in entries_of(done) if dn.endswith(",ou=profiles")) == [
        "cn=office,ou=profiles", "cn=office-2,ou=profiles"
    ]  # fmt: skip
    assert done.report.is_complete


def test_general_files_that_contradict_each_other_are_reported(tmp_path: Path) -> None:
    files = {
        "ST2030.inf": naming("old.txt"), "ST2030S.inf": naming("new.txt"), "old.txt": with_timer(1), "new.txt": with_timer(2),
        f"ST2030S_{A}.txt": ONE,
    }  # fmt: skip
    done = imported(tmp_path, files=files)
    assert timers(tmp_path, done, A) == ["2"]
    assert ("lost", "config.common_config", "ST2030.inf:2") in rows_of(done)


def test_of_versions_of_a_general_file_the_highest_counts(tmp_path: Path) -> None:
    files = {
        "T/ST2030S_v2.9.inf": naming("a.txt"), "T/ST2030S_v2.72.inf": naming("b.txt"),
        "T/a.txt": with_timer(1), "T/b.txt": with_timer(2), f"ST2030S_{A}.txt": ONE,
    }  # fmt: skip
    assert timers(tmp_path, imported(tmp_path, files=files), A) == ["2"]


def test_several_common_files_and_no_general_file_are_no_guess(tmp_path: Path) -> None:
    files = {"ComConf2030-a.txt": with_timer(1), "ComConf2030-b.txt": with_timer(2), f"ST2030S_{A}.txt": ONE}
    done = imported(tmp_path, files=files)
    assert timers(tmp_path, done, A) == ["0"]
    assert ("lost", f"ST2030S_{A}.txt", f"ST2030S_{A}.txt") in rows_of(done)


def test_a_general_file_is_known_by_its_content_whatever_its_name_is(tmp_path: Path) -> None:
    files = {
        "phones-2012": "[application]\nfwurl=http://x/v2030SG.zz\n[config]\ncommon_config=office.txt\n",
        "office.txt": with_timer(1),
        f"ST2030S_{A}.txt": ONE,
    }
    assert timers(tmp_path, imported(tmp_path, files=files), A) == ["1"]


@pytest.mark.parametrize(
    "name",
    [
        f"ST2030S_{A.lower()}.txt", "ST2030S_00-1f-9f-00-00-01.txt", "st2030s_00:1F:9F:00:00:01.TXT", f"ST2030_{A}.txt",
        "ST2030S_001f.9f00.0001.txt", f"ST2030S-{A}.txt", "ST2030S 00 1F 9F 00 00 01.txt",
    ],
)  # fmt: skip
def test_a_mac_address_is_read_in_any_writing(tmp_path: Path, name: str) -> None:
    done = imported(tmp_path, files={name: ONE})
    assert rendered_again(tmp_path, done, A)["sip.TEL1Number"] == "1001"


@pytest.mark.parametrize("name", [f"{A}.txt", f"phone-{A}.cfg", "ST2030S_001F9F.txt", "alice", "st2030s_copy.conf"])
def test_what_looks_like_a_phones_file_and_has_another_name_is_reported(tmp_path: Path, name: str) -> None:
    done = imported(tmp_path, files={name: ONE, f"ST2030S_{B}.txt": TWO})
    assert rows_of(done) == [("lost", name, name)]
    assert not done.report.is_complete


@pytest.mark.parametrize(
    "name", [f"ST2030S_{A}.txt.bak", f"ST2030S_{A}.txt~", f"ST2030S_{A} - Copy.txt", f"ST2030S_{A}.old"]
)
def test_a_copy_beside_a_phones_file_is_only_noted(tmp_path: Path, name: str) -> None:
    done = imported(tmp_path, files={name: TWO, f"ST2030S_{A}.txt": ONE})
    assert rows_of(done) == [("note", name, name)]


@pytest.mark.parametrize("name", ["index.html", "README", "notes.txt", "logo.png", "sip.conf.sample"])
def test_what_is_no_phones_file_is_not_mentioned(tmp_path: Path, name: str) -> None:
    done = imported(tmp_path, files={name: "some words\n[general]\nx=1\n", f"ST2030S_{A}.txt": ONE})
    assert rows_of(done) == []


def test_links_in_a_circle_broken_links_and_unreadable_files_do_no_harm(tmp_path: Path) -> None:
    folder = files_in(tmp_path / "phones", {f"a/ST2030S_{A}.txt": ONE})
    (folder / "a" / "loop").symlink_to(folder)
    (folder / f"ST2030S_{B}.inf").symlink_to("gone.inf")
    (folder / f"ST2030S_{C}.txt").write_text(TWO, encoding="ascii")
    (folder / f"ST2030S_{C}.txt").chmod(0)
    done = imported(tmp_path, files={})
    assert done.phones == (2 if os.geteuid() == 0 else 1)  # root may read everything
    assert ("lost", f"ST2030S_{B}.inf", f"ST2030S_{B}.inf") in rows_of(done)


def test_windows_files_are_read(tmp_path: Path) -> None:
    folder = files_in(tmp_path / "phones", {})
    folder.mkdir()
    text = ONE.replace("\n", "\r\n")
    (folder / f"ST2030S_{A}.txt").write_bytes(b"\xef\xbb\xbf" + text.encode())
    (folder / f"ST2030S_{B}.txt").write_bytes(text.replace("Alice", "Zoë ’t").encode("cp1252"))
    (folder / f"ST2030S_{C}.txt").write_text(text, encoding="utf-16")
    done = imported(tmp_path, files={})
    names = [rendered_again(tmp_path, done, mac)["sip.DisplayName1"] for mac in (A, B, C)]
    assert names == ["Alice Martin", "Zoë 't Martin", "Alice Martin"]
    assert done.report.is_complete


def test_what_would_lead_phones_back_to_the_old_server_is_left_out(tmp_path: Path) -> None:
    text = (
        f"{ONE}[sys]\nPhonebook1_url=http://old/q?n=#SEARCH\nPhonebook3_url=http://other/q?n=#SEARCH\n"
        "[autoprovision]\nAutoprovisionHTTPServer=10.0.8.165/st2030\nAutoprovisionFlag=0\n"
    )
    done = imported(tmp_path, files={f"ST2030S_{A}.txt": text})
    now = rendered_again(tmp_path, done, A)
    assert now["sys.Phonebook1_url"] == "http://127.0.0.1:8080/search?q=#SEARCH"
    assert now["sys.Phonebook3_url"] == "http://other/q?n=#SEARCH"
    assert (now["autoprovision.AutoprovisionHTTPServer"], now["autoprovision.AutoprovisionFlag"]) == ("", "1")
    assert rows_of(done) == [
        ("lost", "autoprovision.AutoprovisionFlag", f"ST2030S_{A}.txt:11"),
        ("note", "sys.Phonebook1_url", f"ST2030S_{A}.txt:7"),
        ("note", "autoprovision.AutoprovisionHTTPServer", f"ST2030S_{A}.txt:10"),
    ]


def test_obsolete_keys_of_many_phones_are_one_row(tmp_path: Path) -> None:
    obsolete = "".join(f"Alarm{letter}{number}=1\n" for letter in "ABCDEF" for number in range(10))
    files = {f"ST2030S_001F9F0000{n:02d}.txt": f"{ONE}[ipp]\n{obsolete}" for n in range(20)}
    done = imported(tmp_path, files=files)
    (row,) = [row for row in done.report if "ipp.AlarmA0" in row.what]
    assert (len(row.what.split(", ")), len(row.places)) == (60, 1200)
    assert row.where.endswith("and 1197 more")


def test_an_empty_value_and_a_repeated_one_are_no_loss(tmp_path: Path) -> None:
    text = (
        f"{ONE}regpwd1=one\nDisplayName1=Alice Martin\n[ipp]\nTimeFlag=\nNoSuchKey=\n[sys]\nFeatureKeyExt03=L/<sip:>\n"
        "FeatureKeyExt03=S/<sip:1002>\n"
    )
    done = imported(tmp_path, files={f"ST2030S_{A}.txt": text})
    assert done.report.is_complete
    assert rendered_again(tmp_path, done, A)["sys.FeatureKeyExt03"] == "S/<sip:1002>"


def test_a_line_that_the_model_does_not_have_is_reported_and_the_phone_is_not_refused(tmp_path: Path) -> None:
    text = f"{ONE}TEL3Number=1002\nregid3=1002\nregpwd3=x\nTEL03Use=1\n"
    done = imported(tmp_path, files={f"ST2022S_{A}.txt": text})
    assert rendered_again(tmp_path, done, A, "ST2022")["sip.TEL1Number"] == "1001"
    assert ("lost", "sip.TEL3Number", f"ST2022S_{A}.txt:6") in rows_of(done)


def test_no_row_of_a_whole_file_hides_that_a_phone_is_refused(tmp_path: Path) -> None:
    done = imported(tmp_path, files={f"ST2030S_{A}.txt": "[ipp]\nLanguageType=1\n"})
    assert "would be refused" in " ".join(row.why for row in done.report)
    assert not done.report.is_complete
    assert why_of(done, "parameters that no file says")
