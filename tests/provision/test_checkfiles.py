"""`dialtree check` and the folder of vendor files: what nobody gets, and what does not go together."""

import stat
from pathlib import Path

import pytest

from services.provision.vendors.thomson.files import HELD
from shared.findings import Finding
from shared.ldap.entry import Entry
from tests.provision.desk import vendor_files
from tests.provision.fleet import profile
from tests.provision.test_check import found, sound

RELEASES = [
    ("v2030SG.R11.1.090305.2.67.2.zz", "v2030_dsp_v310.zz"),
    ("v2030SG.R11.1.SED.091022.2.69.2.zz", "v2030_dsp_R11.1_SED_v320.zz"),
    ("v2030SG.R11.1.SED.100804.2.72.2.zz", "v2030_dsp_R11.1_SED_v320.zz"),
    ("v2030SG.R11.1.SED.101223.2.74.zz", "v2030_dsp_R11.1_SED_v320.zz"),
    ("v2022SG.R11.1.090306.4.67.2.zz", "v2022_dsp_v310.zz"),
    ("v2022SG.R11.1.SED.090828.4.68.5.zz", "v2022_dsp_R11.1_SED_v320.zz"),
    ("v2022SG.R11.1.SED.120313.4.78.1.zz", "v2022_dsp_R11.1_SED_v320.zz"),
    ("TB30S.100204.V1.70.4.zz", "TB30S_V2.30.1_dsp.zz"),
    ("TB30S.100604.1.72.0.zz", "TB30S_V2.30.1_dsp.zz"),
    ("TB30S.R11.101217.1.74.0.zz", "TB30S_V2.30.1_dsp.zz"),
]
"""Application and DSP of one package, as public provisioning systems name them together."""


def files_found(folder: Path, *entries: Entry, pinned: tuple[str, ...] = ()) -> tuple[Finding, ...]:
    return found(*entries, config=sound(vendor_dir=folder, pinned_files=pinned))


def problems(folder: Path, *entries: Entry, pinned: tuple[str, ...] = ()) -> dict[str, str]:
    return {Path(each.where).name: each.problem for each in files_found(folder, *entries, pinned=pinned)}


@pytest.mark.parametrize(("application", "dsp"), RELEASES)
def test_the_files_of_one_package_go_together(tmp_path: Path, application: str, dsp: str) -> None:
    assert files_found(vendor_files(tmp_path, application, dsp)) == ()
    assert files_found(vendor_files(tmp_path, application.upper(), dsp.upper())) == ()


@pytest.mark.parametrize(
    ("application", "dsp"),
    [
        ("v2030SG.R11.1.SED.100804.2.72.2.zz", "v2030_dsp_v310.zz"),
        ("v2030SG.R11.1.SED.091022.2.69.2.zz", "v2030_dsp_v310.zz"),
        ("v2030SG.2.74.zz", "v2030_dsp_v310.zz"),
        ("v2030SG.R11.1.090305.2.67.2.zz", "v2030_dsp_v300.zz"),
        ("v2022SG.R11.1.SED.120313.4.78.1.zz", "v2022s_dsp_v300.zz"),
        ("TB30S.R11.101217.1.74.0.zz", "TB30S_V2.20.0_dsp.zz"),
        ("v2030SG.R12.1.SED.120101.2.80.zz", "v2030_dsp_R11.1_SED_v320.zz"),
        ("v2030SG.R11.1.SED.zz", "v2030_dsp_v320.zz"),
    ],
)
def test_a_dsp_older_than_the_application_is_a_fault(tmp_path: Path, application: str, dsp: str) -> None:
    (finding,) = files_found(vendor_files(tmp_path, application, dsp))
    assert (finding.where, finding.is_fault) == (str(tmp_path / dsp), True)
    assert application in finding.problem


def test_an_older_dsp_that_only_a_profile_pins_is_found(tmp_path: Path) -> None:
    (new, dsp), (old, old_dsp) = RELEASES[3], RELEASES[0]
    folder = vendor_files(tmp_path, new, dsp, old, old_dsp)
    assert problems(folder, profile("old", dialtreeFile=(old, old_dsp))) == {}
    assert "came with DSP 3.20" in problems(folder, profile("mixed", dialtreeFile=old_dsp))[old_dsp]


def test_a_telephone_file_of_an_older_package_is_worth_a_note(tmp_path: Path) -> None:
    old = "TelConf2030SG.R11.1.SED.091020.2.69.2.txt"
    folder = vendor_files(tmp_path, *RELEASES[2], old, "ToneTbl_2.72.zz", "LangTbl.zz")
    (finding,) = files_found(folder)
    assert (finding.where, finding.is_fault) == (str(tmp_path / old), False)


def test_every_file_that_nobody_gets_is_worth_a_note(tmp_path: Path) -> None:
    unused = ("v2030SG.2.72.zz", "v2030SG.2.74-copy.zz", "v2030SG.2.74.zz.bak", "readme.txt")
    folder = vendor_files(tmp_path, "v2030SG.2.74.zz", *unused, "ST2030S_001F9F16E849.ser", ".hidden")
    (folder / "old").mkdir()
    found_there = files_found(folder)
    assert {Path(each.where).name for each in found_there} == set(unused)
    assert not any(each.is_fault for each in found_there)
    assert "v2030SG.2.74.zz goes before it" in problems(folder)["v2030SG.2.72.zz"]
    assert "no model knows" in problems(folder)["readme.txt"]


def test_a_file_that_a_profile_or_the_configuration_pins_is_given_to_somebody(tmp_path: Path) -> None:
    folder = vendor_files(tmp_path, "v2030SG.2.74.zz", "v2030SG.2.72.zz")
    assert problems(folder, profile("Lyon", dialtreeFile="v2030sg.2.72.zz")) == {}
    assert set(problems(folder, pinned=("v2030SG.2.72.zz",))) == {"v2030SG.2.74.zz"}


def test_a_held_file_that_no_profile_names_is_worth_a_note(tmp_path: Path) -> None:
    folder = vendor_files(tmp_path, "v2030SG.2.72.zz", "v2030SG.2.74.zz")
    (folder / HELD).write_text("v2030SG.2.74.zz\nv2030SG.2.75.zz\n", encoding="utf-8")
    told = problems(folder)
    assert set(told) == {"v2030SG.2.74.zz", HELD}
    assert "is held, and no profile names it" in told["v2030SG.2.74.zz"]
    assert "v2030SG.2.75.zz, which is not in the folder" in told[HELD]
    told = problems(folder, profile("Lyon", dialtreeFile="v2030SG.2.74.zz"))
    assert set(told) == {HELD}


def test_a_list_of_held_files_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    folder = vendor_files(tmp_path, "v2030SG.2.72.zz")
    (folder / HELD).mkdir()
    (finding,) = files_found(folder)
    assert (finding.where, finding.is_fault) == (str(folder / HELD), True)
    assert stat.S_ISDIR((folder / HELD).stat().st_mode)
