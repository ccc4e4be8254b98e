"""The vendor's version names: what is read of each, and which of two is the newer one.

The names are those of the vendor's packages, as public provisioning systems name them in their general files.
"""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.provision.vendors.thomson.versions import natural, parse_numbers, read_version

GENUINE = [
    # name, numbers, date, release, SED
    ("v2030SG.070309.1.53.zz", (1, 53), 20070309, (), False),
    ("v2030SG.070713.1.56.zz", (1, 56), 20070713, (), False),
    ("v2030SG.080227.1.59.3.zz", (1, 59, 3), 20080227, (), False),
    ("v2030SG.081210.1.66.2.zz", (1, 66, 2), 20081210, (), False),
    ("v2030SG.R11.1.090305.2.67.2.zz", (2, 67, 2), 20090305, (11, 1), False),
    ("v2030SG.R11.1.SED.091022.2.69.2.zz", (2, 69, 2), 20091022, (11, 1), True),
    ("v2030SG.R11.1.SED.100804.2.72.2.zz", (2, 72, 2), 20100804, (11, 1), True),
    ("v2030SG.R11.1.SED.101223.2.74.zz", (2, 74), 20101223, (11, 1), True),
    ("v2022SG.070713.3.56.zz", (3, 56), 20070713, (), False),
    ("v2022SG.081010.3.65.1.zz", (3, 65, 1), 20081010, (), False),
    ("v2022SG.R11.1.090306.4.67.2.zz", (4, 67, 2), 20090306, (11, 1), False),
    ("v2022SG.R11.1.SED.090828.4.68.5.zz", (4, 68, 5), 20090828, (11, 1), True),
    ("v2022SG.R11.1.SED.120313.4.78.1.zz", (4, 78, 1), 20120313, (11, 1), True),
    ("TB30S.100204.V1.70.4.zz", (1, 70, 4), 20100204, (), False),
    ("TB30S.100604.1.72.0.zz", (1, 72), 20100604, (), False),
    ("TB30S.R11.101217.1.74.0.zz", (1, 74), 20101217, (11,), False),
    ("v2030SEG.R11.1.SED.101223.2.74.zz", (2, 74), 20101223, (11, 1), True),
    ("v2030_dsp_v310.zz", (3, 10), 0, (), False),
    ("v2030_dsp_R11.1_SED_v320.zz", (3, 20), 0, (11, 1), True),
    ("v2022s_dsp_v300.zz", (3,), 0, (), False),
    ("TB30S_V2.30.1_dsp.zz", (2, 30, 1), 0, (), False),
    ("v2030_boot_v111.zz", (1, 11), 0, (), False),
    ("v2022_boot_v303.zz", (3, 3), 0, (), False),
    ("TB30S_V0.01.1_bc.zz", (0, 1, 1), 0, (), False),
    ("TB30S_BOOT_V1.02.0.0.zz", (1, 2), 0, (), False),
    ("TelConf2030SG_v1.56.txt", (1, 56), 0, (), False),
    ("TelConf2030SG_v1.66.2.txt", (1, 66, 2), 0, (), False),
    ("TelConf2030SG.R11.1.2.67.2.txt", (2, 67, 2), 0, (11, 1), False),
    ("TelConf2030SG.R11.1.SED.100804.2.72.2.txt", (2, 72, 2), 20100804, (11, 1), True),
    ("TelConf2022SG_v3.66.2.txt", (3, 66, 2), 0, (), False),
    ("TelConf2022SG.R11.1.090919.4.68.txt", (4, 68), 20090919, (11, 1), False),
    ("TelConfTB30_ST2030_V0005_20100108.txt", (0, 5), 20100108, (), False),
    ("TelConfTB30S.100604.1.72.0.txt", (1, 72), 20100604, (), False),
    ("telconf-2.74-1.txt", (2, 74), 0, (), False),
    ("telconf-4.78.1-1.txt", (4, 78, 1), 0, (), False),
    ("ToneTbl_2.67.2.zz", (2, 67, 2), 0, (), False),
    ("LangTbl_1.72.zz", (1, 72), 0, (), False),
]
OTHER = [
    ("TB30S.R11.1.74.0.zz", (1, 74), 0, (11,), False),
    ("v2030SG.R11.2.67.2.zz", (2, 67, 2), 0, (11,), False),
    ("v2030SG.R12.10.2.67.2.zz", (2, 67, 2), 0, (12, 10), False),
    ("v2030sg2.74.zz", (2, 74), 0, (), False),
    ("V2030SGV2.74.ZZ", (2, 74), 0, (), False),
    ("v2030SG_2_74_1.zz", (2, 74, 1), 0, (), False),
    ("v2030_dsp_v1000.zz", (10,), 0, (), False),
    ("v2030SG_R11_1_SED_100804_2_72_2.zz", (2, 72, 2), 20100804, (11, 1), True),
    ("v2030SG.R11.1SED100804.2.72.2.zz", (2, 72, 2), 20100804, (11, 1), True),
    ("v2030SG.2010-12-23.2.74.zz", (2, 74), 20101223, (), False),
    ("v2030SG.2.74.23.12.2010.zz", (2, 74), 20101223, (), False),
    ("v2030SG.R11.1.SED.101399.2.74.zz", (2, 74), 0, (11, 1), True),
    ("v2030_dspv320.zz", (3, 20), 0, (), False),
    ("LangTbl-ST2022_4.69.2.zz", (4, 69, 2), 0, (), False),
    ("ToneTbl2030_2.72.zz", (2, 72), 0, (), False),
]
UNREADABLE = [
    "v2030SG.zz",
    "v2030SG.x.zz",
    "v2030SG.R11.1.SED.zz",
    "v2030SG.101223.zz",
    "v2030_dsp_v320000.zz",
    "v2030SG.123456789.zz",
    "LangTbl-ST2022.zz",
    "ToneTbl_2030.zz",
    "LangTbl fr.zz",
    "Tone-RG.txt",
    "v2030_dsp.zz",
    "",
    ".zz",
]
COPIES = [
    "{}-copy{}",
    "{} - Copy{}",
    "{} - Copy (2){}",
    "{} copy 2{}",
    "{}_copy2{}",
    "{} (copy){}",
    "{} (3rd copy){}",
    "{} (1){}",
    "{}(1){}",
    "{}[1]{}",
    "{} - Kopie{}",
    "{}-copie{}",
    "{}.bak{}",
    "{}.old{}",
    "{}.orig{}",
    "{}~{}",
    "{}.part{}",
    "{}-backup{}",
    "{}.sync-conflict-20200101-101010-ABCDEFG{}",
]


@pytest.mark.parametrize(("name", "numbers", "date", "release", "sed"), GENUINE + OTHER)
def test_a_name_is_read(name: str, numbers: tuple[int, ...], date: int, release: tuple[int, ...], *, sed: bool) -> None:
    for written in (name, name.upper(), name.lower()):
        version = read_version(written)
        assert (version.numbers, version.date, version.release, version.is_sed) == (numbers, date, release, sed)
        assert version.is_readable
        assert version.is_original


@pytest.mark.parametrize("name", UNREADABLE)
def test_no_version_is_read_where_there_is_none(name: str) -> None:
    assert read_version(name).is_readable is False


@pytest.mark.parametrize(
    "ascending",
    [
        [name for name, *_ in GENUINE if name.startswith("v2030SG")],
        [name for name, *_ in GENUINE if name.startswith("v2022SG")],
        ["TB30S.100204.V1.70.4.zz", "TB30S.100604.1.72.0.zz", "TB30S.R11.101217.1.74.0.zz"],
        [
            "v2030_dsp_v99.zz",
            "v2030_dsp_v300.zz",
            "v2030_dsp_v310.zz",
            "v2030_dsp_v320.zz",
            "v2030_dsp_R11.1_SED_v320.zz",
        ],
        ["v2030_dsp_R11.1_SED_v320.zz", "v2030_dsp_v330.zz", "v2030_dsp_v1000.zz"],
        ["TB30S_V0.01.1_bc.zz", "TB30S_BOOT_V1.02.0.0.zz", "TB30S_BOOT_V1.2.1.zz"],
        [
            "TelConf2030SG_v1.56.txt",
            "TelConf2030SG_v1.66.2.txt",
            "TelConf2030SG.R11.1.2.67.2.txt",
            "TelConf2030SG.R11.1.SED.091020.2.69.2.txt",
            "TelConf2030SG.R11.1.SED.100804.2.72.2.txt",
            "telconf-2.74-1.txt",
            "telconf-2.74-2.txt",
            "telconf-2.74-10.txt",
            "TelConf2030SG.R11.1.SED.101223.2.74.txt",
        ],
        ["TelConfTB30_ST2030_V0005_20100108.txt", "TelConfTB30S.100604.1.72.0.txt", "telconf-1.74.0-1.txt"],
        ["v2030SG.2.9.zz", "v2030SG.2.72.zz", "v2030SG.2.72.2.zz", "v2030SG.2.74.zz", "v2030SG.2.100.zz"],
        ["v2030SG.2.74-beta.zz", "v2030SG.2.74rc1.zz", "v2030SG.2.74.zz", "v2030SG.2.74a.zz", "v2030SG.2.74b.zz"],
        ["v2030SG.R11.1.SED.091020.2.69.2.zz", "v2030SG.R11.1.SED.091022.2.69.2.zz"],
        ["v2030SG.R12.1.SED.110101.2.70.zz", "v2030SG.2.74.zz", "v2030SG.R11.1.2.74.zz", "v2030SG.R12.1.2.74.zz"],
        ["v2030SG.100804.zz", "v2030SG.101223.zz", "v2030SG.0.1.zz"],
        ["v2030SG.zz", "v2030SG.2.75-copy.zz", "v2030SG.2.74.zz"],
    ],
    ids=lambda names: str(names[0]),
)
def test_the_newer_one_is_the_greater_one(ascending: list[str]) -> None:
    assert sorted(ascending, key=lambda name: read_version(name).order(0)) == ascending
    for older, newer in pairwise(ascending):
        assert read_version(older).order(0) < read_version(newer).order(0)


def test_zeros_at_the_end_and_missing_dots_make_no_difference() -> None:
    for one, other in (("v2030SG.2.74.zz", "v2030SG_v2.74.0.zz"), ("v2030_dsp_v320.zz", "v2030_dsp_v3.20.zz")):
        assert read_version(one).order(0) == read_version(other).order(0)


@pytest.mark.parametrize("written", COPIES)
@pytest.mark.parametrize("name", ["v2030SG.R11.1.SED.101223.2.74.zz", "v2030_dsp_v310.zz", "TB30S_V2.30.1_dsp.zz"])
def test_a_copy_is_of_the_same_version_and_loses(written: str, name: str) -> None:
    stem, dot, ending = name.rpartition(".")
    copy = read_version(written.format(stem, dot + ending))
    assert copy.is_original is False
    assert copy.numbers == read_version(name).numbers
    assert copy.order(0) < read_version(name).order(0)
    assert copy.order(1) < read_version(name).order(0)


def test_a_mark_within_the_name_makes_a_copy() -> None:
    version = read_version("v2030SG[1].R11.1.SED.101223.2.74.zz")
    assert (version.is_original, version.numbers) == (False, (2, 74))


def test_a_version_written_alone_is_read_alike() -> None:
    assert parse_numbers("3.10") == read_version("v2030_dsp_v310.zz").numbers
    with pytest.raises(ValueError, match="no version"):
        parse_numbers("v3")


@given(st.lists(st.text(alphabet="v2030sg_.-R1SED4~()[]bcopy ²٣", max_size=40), min_size=2, max_size=6))
def test_any_names_are_ordered_and_alike_on_every_host(names: list[str]) -> None:
    def order(name: str) -> tuple[object, ...]:
        return *read_version(name).order(0), natural(name)

    backwards = names[::-1]
    assert sorted(names, key=order) == sorted(backwards, key=order)
