import os
import time
from collections.abc import Iterable
from itertools import combinations, permutations
from pathlib import Path

import pytest

from services.provision.vendors.thomson import files as files_module
from services.provision.vendors.thomson.files import HELD, VendorFiles, VendorFolder
from services.provision.vendors.thomson.files import choose_files as choose
from services.provision.vendors.thomson.models import Model, load_models
from tests.provision.desk import configuration, vendor_files

MODELS = load_models(configuration())
ST2030 = MODELS.usual


def model(name: str) -> Model:
    found = MODELS.find(name)
    assert found is not None
    return found


def choose_files(names: Iterable[str], of: str = "ST2030", *pinned: str) -> VendorFiles:
    return choose(names, model(of).vendor_files, pinned)


def age(folder: Path, seconds: int = 60) -> None:
    """Let the folder's last change be long ago, as it nearly always is."""
    past = time.time_ns() - seconds * 10**9
    os.utime(folder, ns=(past, past))


def test_without_a_folder_there_is_nothing(tmp_path: Path) -> None:
    for folder in (VendorFolder(None), VendorFolder(tmp_path / "none")):
        assert folder.files(ST2030) == VendorFiles()
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
    assert dict(vendor.files(ST2030).lines()) == {"language_table": "LangTbl.zz"}
    for name in ("ToneTbl.zz", "Tone-RG.txt", "Tone-CW.txt", ".ToneTbl.zz", "", ".", "..", "../data/LangTbl.zz"):
        assert vendor.find(name) is None


def test_a_file_is_found_whatever_the_case_of_its_name(tmp_path: Path) -> None:
    folder = vendor_files(tmp_path / "data", "LangTbl.zz")
    assert VendorFolder(folder).find("LANGTBL.ZZ") == folder / "LangTbl.zz"


def test_a_new_file_is_noticed(tmp_path: Path) -> None:
    folder = vendor_files(tmp_path / "data", "LangTbl.zz")
    vendor = VendorFolder(folder)
    assert vendor.files(ST2030).tone_table == ""
    vendor_files(folder, "ToneTbl.zz")
    assert vendor.files(ST2030).tone_table == "ToneTbl.zz"


def test_a_new_file_is_noticed_in_a_folder_that_was_long_at_rest(tmp_path: Path) -> None:
    folder = vendor_files(tmp_path / "data", "LangTbl.zz")
    age(folder)
    vendor = VendorFolder(folder)
    assert vendor.files(ST2030).tone_table == ""
    vendor_files(folder, "ToneTbl.zz")
    age(folder, 30)
    assert vendor.files(ST2030).tone_table == "ToneTbl.zz"


def test_an_empty_file_that_is_filled_is_noticed_although_the_folder_did_not_change(tmp_path: Path) -> None:
    folder = vendor_files(tmp_path / "data", "LangTbl.zz")
    (folder / "ToneTbl.zz").touch()
    age(folder)
    vendor = VendorFolder(folder)
    assert vendor.files(ST2030).tone_table == ""
    (folder / "ToneTbl.zz").write_bytes(b"x")
    age(folder)
    assert vendor.files(ST2030).tone_table == "ToneTbl.zz"


def test_a_folder_at_rest_is_not_listed_again(tmp_path: Path) -> None:
    folder = vendor_files(tmp_path / "data", "LangTbl.zz")
    age(folder)
    vendor = VendorFolder(folder)
    assert vendor.files(ST2030) is vendor.files(ST2030)


FAMILY = (
    "LangTbl_1.72.zz",
    "LangTbl_2.72.zz",
    "LangTbl_4.69.2.zz",
    "TelConf2022SG.R11.1.SED.091020.4.69.2.txt",
    "TelConf2030SG.R11.1.SED.100804.2.72.2.txt",
    "TelConfTB30S.100604.1.72.0.txt",
    "Tone-CW.txt",
    "Tone-Melodies.txt",
    "Tone-RG.txt",
    "ToneTbl_1.72.zz",
    "ToneTbl_2.72.zz",
    "ToneTbl_4.69.2.zz",
    "TB30S.R11.101217.1.74.0.zz",
    "TB30S_BOOT_V1.02.0.0.zz",
    "TB30S_V2.30.1_dsp.zz",
    "v2022SG.R11.1.SED.120313.4.78.1.zz",
    "v2022_boot_v303.zz",
    "v2022_dsp_R11.1_SED_v320.zz",
    "v2030SG.R11.1.SED.100804.2.72.2.zz",
    "v2030_boot_v111.zz",
    "v2030_dsp_R11.1_SED_v320.zz",
)


@pytest.mark.parametrize(
    ("name", "firmware", "dsp", "boot", "telephone", "version"),
    [
        ("ST2022", FAMILY[15], FAMILY[17], FAMILY[16], FAMILY[3], "4.69.2"),
        ("ST2030", FAMILY[18], FAMILY[20], FAMILY[19], FAMILY[4], "2.72"),
        ("TB30", FAMILY[12], FAMILY[14], FAMILY[13], FAMILY[5], "1.72"),
    ],
)
def test_of_one_folder_each_model_gets_its_own_files(
    name: str, firmware: str, dsp: str, boot: str, telephone: str, version: str
) -> None:
    for names in (FAMILY, FAMILY[::-1]):
        assert dict(choose_files(names, name).lines()) == {
            "fwurl": firmware,
            "dspurl": dsp,
            "booturl": boot,
            "telcfg": telephone,
            "melodies": "Tone-Melodies.txt",
            "system_melodies": "Tone-RG.txt",
            "call_waiting_tone": "Tone-CW.txt",
            "tone_table": f"ToneTbl_{version}.zz",
            "language_table": f"LangTbl_{version}.zz",
        }


def test_the_unverified_model_gets_no_firmware_of_another_one() -> None:
    assert [line for line, _ in choose_files(FAMILY, "ST2020").lines()] == [
        "melodies",
        "system_melodies",
        "call_waiting_tone",
    ]


def test_tables_of_no_model_are_for_all() -> None:
    for name in ("ST2022", "ST2030", "TB30"):
        assert choose_files(["LangTbl.zz", "ToneTbl.zz"], name) == VendorFiles(
            tone_table="ToneTbl.zz", language_table="LangTbl.zz"
        )


def test_of_tables_of_one_version_or_of_none_the_one_that_names_the_model_is_taken() -> None:
    names = ("LangTbl.zz", "LangTbl-ST2022.zz")
    assert choose_files(names, "ST2022").language_table == "LangTbl-ST2022.zz"
    assert choose_files(names, "ST2030").language_table == "LangTbl.zz"
    names = ("LangTbl_4.99.zz", "LangTbl-ST2022_4.99.zz")
    assert choose_files(names, "ST2022").language_table == "LangTbl-ST2022_4.99.zz"


def test_a_newer_table_goes_before_one_that_names_the_model() -> None:
    names = ("LangTbl.zz", "LangTbl-ST2022.zz", "LangTbl-ST2022_4.69.2.zz", "LangTbl_4.99.zz")
    assert choose_files(names, "ST2022").language_table == "LangTbl_4.99.zz"
    assert choose_files(names[:3], "ST2022").language_table == "LangTbl-ST2022_4.69.2.zz"


def test_a_pinned_file_goes_before_the_newest() -> None:
    names = ("v2030SG.2.72.zz", "v2030SG.2.74.zz", "v2022SG.4.78.zz")
    assert choose_files(names, "ST2030", "v2030sg.2.72.zz").fwurl == "v2030SG.2.72.zz"
    assert choose_files(names, "ST2030", "v2022sg.4.78.zz").fwurl == "v2030SG.2.74.zz"
    assert choose_files(names, "ST2030", "v2030sg.2.74.zz", "v2030sg.2.72.zz").fwurl == "v2030SG.2.74.zz"
    assert choose_files(names, "ST2030", "v2030sg.2.71.zz").fwurl == ""


def test_models_and_pins_of_one_folder_are_kept_apart(tmp_path: Path) -> None:
    vendor = VendorFolder(vendor_files(tmp_path / "data", *FAMILY))
    for _ in range(2):
        assert vendor.files(model("TB30")).fwurl == FAMILY[12]
        assert vendor.files(model("ST2022")).fwurl == FAMILY[15]
        assert vendor.files(ST2030).language_table == "LangTbl_2.72.zz"
        assert vendor.files(ST2030, ("langtbl_2.72.zz",)).fwurl == FAMILY[18]


ASCENDING = {
    "dspurl": ("v2030_dsp_v300.zz", "v2030_dsp_v310.zz", "v2030_dsp_R11.1_SED_v320.zz", "v2030s_dsp_v330.zz"),
    "fwurl": (
        "v2030SG.zz",
        "v2030SG.070309.1.53.zz",
        "v2030SG.081210.1.66.2.zz",
        "v2030SG.R11.1.090305.2.67.2.zz",
        "v2030SG.R11.1.SED.091022.2.69.2.zz",
        "v2030SEG.R11.1.SED.100804.2.72.2.zz",
        "v2030SG.R11.1.SED.101223.2.74.zz",
    ),
    "telcfg": (
        "TelConf2030SG_v1.56.txt",
        "telconf-1.65.1-1.txt",
        "TelConf2030SG_v1.66.2.txt",
        "TelConf2030SG.R11.1.2.67.2.txt",
        "TelConf2030SG.R11.1.SED.091020.2.69.2.txt",
        "TelConf2030SG.R11.1.SED.100804.2.72.2.txt",
        "telconf-2.74-1.txt",
    ),
    "tone_table": ("ToneTbl.zz", "ToneTbl_1.66.2.zz", "ToneTbl_2.67.2.zz", "ToneTbl_2.72.2.zz"),
}


@pytest.mark.parametrize("line", ASCENDING)
def test_of_every_pair_of_genuine_names_the_newer_file_is_given_whatever_stands_beside(line: str) -> None:
    others = (
        "v2022SG.R11.1.SED.120313.4.78.1.zz",
        "v2022_dsp_R11.1_SED_v320.zz",
        "ToneTbl_3.65.1.zz",
        "ToneTbl_1.70.4.zz",
    )
    strangers = (*others, "ToneTbl_4.69.2.zz", "telconf-4.78.1-1.txt", "telconf-1.74.0-1.txt", "TB30S_V2.30.1_dsp.zz")
    for older, newer in combinations(ASCENDING[line], 2):
        for names in permutations((older, newer)):
            assert dict(choose_files((*strangers, *names)).lines())[line] == newer


@pytest.mark.parametrize(
    ("of", "line", "name"),
    [
        ("TB30", "booturl", "TB30S_V0.01.1_bc.zz"),
        ("TB30", "booturl", "TB30S_BOOT_V1.02.0.0.zz"),
        ("TB30", "dspurl", "TB30S_V2.30.1_dsp.zz"),
        ("TB30", "fwurl", "TB30S.100204.V1.70.4.zz"),
        ("TB30", "telcfg", "TelConfTB30_ST2030_V0005_20100108.txt"),
        ("TB30", "language_table", "LangTbl_1.70.4.zz"),
        ("ST2022", "dspurl", "v2022s_dsp_v300.zz"),
        ("ST2022", "fwurl", "v2022SEG.R11.1.SED.120313.4.78.1.zz"),
        ("ST2022", "language_table", "LangTbl_3.65.1.zz"),
        ("ST2030", "fwurl", "v2030SEG.R11.1.SED.101223.2.74.zz"),
        ("ST2030", "booturl", "v2030_boot_v111.zz"),
        ("ST2030", "language_table", "LangTbl_1.66.2.zz"),
    ],
)
def test_a_genuine_name_is_known_to_its_model_and_to_no_other(of: str, line: str, name: str) -> None:
    known = {each.name: dict(choose_files([name], each.name).lines()) for each in MODELS}
    assert known == {each.name: {line: name} if each.name == of else {} for each in MODELS}


@pytest.mark.parametrize("copy", ["{}-copy{}", "{} (1){}", "{} - Copy{}", "{}.bak{}", "{}~{}", "{}[1]{}"])
def test_a_copy_goes_after_every_original_and_serves_alone(copy: str) -> None:
    newer = copy.format("v2030SG.2.75", ".zz")
    assert choose_files([newer, "v2030SG.2.74.zz"]).fwurl == "v2030SG.2.74.zz"
    assert choose_files([newer]).fwurl == newer


@pytest.mark.parametrize(
    "name", ["v2030SG.2.74.zz.bak", "v2030SG.2.74.zz~", "Copy of v2030SG.2.74.zz", "#v2030SG.2.74.zz#"]
)
def test_a_copy_with_another_ending_or_beginning_is_no_vendor_file(name: str) -> None:
    assert choose_files([name]) == VendorFiles()


def test_a_held_file_is_given_only_to_those_who_pin_it() -> None:
    names = ("v2030SG.2.72.zz", "v2030SG.2.74.zz")
    patterns = ST2030.vendor_files
    assert choose(names, patterns, (), {"v2030sg.2.74.zz"}).fwurl == "v2030SG.2.72.zz"
    assert choose(names, patterns, ("V2030SG.2.74.ZZ",), {"v2030sg.2.74.zz"}).fwurl == "v2030SG.2.74.zz"
    assert choose(names[1:], patterns, (), {"v2030sg.2.74.zz"}).fwurl == ""


def test_the_list_of_held_files_is_followed_when_it_changes_in_place(tmp_path: Path) -> None:
    folder = vendor_files(tmp_path / "data", "v2030SG.2.72.zz", "v2030SG.2.74.zz")
    age(folder)
    vendor = VendorFolder(folder)
    assert vendor.files(ST2030).fwurl == "v2030SG.2.74.zz"
    held = folder / HELD
    held.write_text("V2030sg.2.74.zz\n", encoding="utf-8")
    age(held)
    age(folder, 50)
    assert vendor.files(ST2030).fwurl == "v2030SG.2.72.zz"
    assert vendor.files(ST2030) is vendor.files(ST2030)
    held.write_text("\n", encoding="utf-8")
    age(held, 40)
    assert vendor.files(ST2030).fwurl == "v2030SG.2.74.zz"
    assert vendor.find(HELD) is None


def test_where_the_list_of_held_files_cannot_be_read_nothing_is_given(tmp_path: Path) -> None:
    folder = vendor_files(tmp_path / "data", "v2030SG.2.72.zz", "v2030SG.2.74.zz")
    (folder / HELD).mkdir()
    assert VendorFolder(folder).files(ST2030) == VendorFiles()


def listings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return a list that grows with each look through the folder."""
    looked: list[Path] = []
    real = files_module._list

    def counted(folder: Path, stamp: tuple[int, int]) -> object:
        looked.append(folder)
        return real(folder, stamp)

    monkeypatch.setattr(files_module, "_list", counted)
    return looked


def test_one_unusable_file_does_not_make_the_folder_be_read_at_each_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor_files(tmp_path, "ToneTbl.zz")
    (tmp_path / "LangTbl.zz").touch()
    (tmp_path / "v2030SG.zz").symlink_to(tmp_path / "nowhere")
    monkeypatch.setattr(files_module, "_SETTLED", 0)
    looked, folder = listings(monkeypatch), VendorFolder(tmp_path)
    for _ in range(20):
        assert folder.find("ToneTbl.zz") is not None
        assert folder.find("LangTbl.zz") is None
    assert len(looked) == 1
    (tmp_path / "LangTbl.zz").write_bytes(b"filled")
    assert folder.find("LangTbl.zz") is not None
    (tmp_path / "nowhere").mkdir()
    assert folder.find("v2030SG.zz") is None


def test_a_file_that_appears_within_the_clock_s_granularity_is_found(tmp_path: Path) -> None:
    """The folder's time is the same before and after, as with a clock of whole seconds."""
    vendor_files(tmp_path, "ToneTbl.zz")
    now = time.time_ns()
    os.utime(tmp_path, ns=(now, now))
    folder = VendorFolder(tmp_path)
    assert folder.find("LangTbl.zz") is None
    vendor_files(tmp_path, "LangTbl.zz")
    os.utime(tmp_path, ns=(now, now))
    assert folder.find("LangTbl.zz") is not None
