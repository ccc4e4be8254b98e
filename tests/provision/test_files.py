import os
import time
from pathlib import Path

import pytest

from services.provision.vendors.thomson.files import VendorFiles, VendorFolder, choose_files
from tests.provision.desk import vendor_files


def age(folder: Path, seconds: int = 60) -> None:
    """Let the folder's last change be long ago, as it nearly always is."""
    past = time.time_ns() - seconds * 10**9
    os.utime(folder, ns=(past, past))


def test_without_a_folder_there_is_nothing(tmp_path: Path) -> None:
    for folder in (VendorFolder(None), VendorFolder(tmp_path / "none")):
        assert folder.files() == VendorFiles()
        assert folder.find("ToneTbl.zz") is None


def test_each_file_is_known_by_its_name_in_any_case() -> None:
    names = ["V2030SG.x.ZZ", "v2030_DSP_1.zz", "v2030_boot_v111.zz", "telconf2030-1.txt", "tone-MELODIES.txt"]
    files = choose_files(
        [*names, "Tone-rg.txt", "TONE-CW.TXT", "tonetbl2.zz", "langtbl.zz", "readme.txt", "v2022SG.zz"]
    )
    assert dict(files.lines()) == {
        "fwurl": "V2030SG.x.ZZ",
        "dspurl": "v2030_DSP_1.zz",
        "booturl": "v2030_boot_v111.zz",
        "telcfg": "telconf2030-1.txt",
        "melodies": "tone-MELODIES.txt",
        "system_melodies": "Tone-rg.txt",
        "call_waiting_tone": "TONE-CW.TXT",
        "tone_table": "tonetbl2.zz",
        "language_table": "langtbl.zz",
    }


@pytest.mark.parametrize(
    "names",
    [
        ("v2030SG.2.9.zz", "v2030SG.2.72.zz"),
        ("v2030SG.R11.1.SED.100804.2.72.2.zz", "v2030SG.R11.1.SED.110101.2.74.zz"),
        ("v2030SG.zz", "v2030SG.1.zz"),
    ],
)
def test_of_several_versions_the_newest_is_taken(names: tuple[str, str]) -> None:
    assert choose_files(names).fwurl == choose_files(reversed(names)).fwurl == names[1]


def test_a_file_that_is_empty_or_no_file_does_not_count(tmp_path: Path) -> None:
    folder = vendor_files(tmp_path / "data", "LangTbl.zz", ".ToneTbl.zz")
    (folder / "ToneTbl.zz").touch()
    (folder / "Tone-RG.txt").mkdir()
    (folder / "Tone-CW.txt").symlink_to(folder / "nowhere")
    vendor = VendorFolder(folder)
    assert dict(vendor.files().lines()) == {"language_table": "LangTbl.zz"}
    for name in ("ToneTbl.zz", "Tone-RG.txt", "Tone-CW.txt", ".ToneTbl.zz", "", ".", "..", "../data/LangTbl.zz"):
        assert vendor.find(name) is None


def test_a_file_is_found_whatever_the_case_of_its_name(tmp_path: Path) -> None:
    folder = vendor_files(tmp_path / "data", "LangTbl.zz")
    assert VendorFolder(folder).find("LANGTBL.ZZ") == folder / "LangTbl.zz"


def test_a_new_file_is_noticed(tmp_path: Path) -> None:
    folder = vendor_files(tmp_path / "data", "LangTbl.zz")
    vendor = VendorFolder(folder)
    assert vendor.files().tone_table == ""
    vendor_files(folder, "ToneTbl.zz")
    assert vendor.files().tone_table == "ToneTbl.zz"


def test_a_new_file_is_noticed_in_a_folder_that_was_long_at_rest(tmp_path: Path) -> None:
    folder = vendor_files(tmp_path / "data", "LangTbl.zz")
    age(folder)
    vendor = VendorFolder(folder)
    assert vendor.files().tone_table == ""
    vendor_files(folder, "ToneTbl.zz")
    age(folder, 30)
    assert vendor.files().tone_table == "ToneTbl.zz"


def test_an_empty_file_that_is_filled_is_noticed_although_the_folder_did_not_change(tmp_path: Path) -> None:
    folder = vendor_files(tmp_path / "data", "LangTbl.zz")
    (folder / "ToneTbl.zz").touch()
    age(folder)
    vendor = VendorFolder(folder)
    assert vendor.files().tone_table == ""
    (folder / "ToneTbl.zz").write_bytes(b"x")
    age(folder)
    assert vendor.files().tone_table == "ToneTbl.zz"


def test_a_folder_at_rest_is_not_listed_again(tmp_path: Path) -> None:
    folder = vendor_files(tmp_path / "data", "LangTbl.zz")
    age(folder)
    vendor = VendorFolder(folder)
    assert vendor.files() is vendor.files()
