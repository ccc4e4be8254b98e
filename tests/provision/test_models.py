"""The models, a site's own among them, and how a phone's model is known from names."""

from pathlib import Path

import pytest

from services.provision.vendors.thomson.asking import Asked
from services.provision.vendors.thomson.filenames import FileName, FileNames
from services.provision.vendors.thomson.models import Model, Models, load_models
from services.provision.vendors.thomson.useragent import UserAgent, parse_user_agent
from shared.errors import ConfigurationError
from shared.mac import Mac
from tests.provision.desk import ARTICLE_MAC, configuration

README = Path(__file__).resolve().parents[2] / "README.md"
PACKAGE = load_models(configuration())


def model(name: str, models: Models = PACKAGE) -> Model:
    found = models.find(name)
    assert found is not None
    return found


def site(folder: Path, text: str, name: str = "own.toml") -> Models:
    """The models of a site with this file."""
    (folder / name).write_text(text, encoding="utf-8")
    return load_models(configuration(models_dir=str(folder)))


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as refused:
        site(folder, text)
    return [str(fault).removeprefix(f"{folder}/") for fault in refused.value.faults]


# --- the package's


@pytest.mark.parametrize(
    ("name", "lines", "keys", "softkeys", "prefix", "common", "folder"),
    [
        ("ST2030", 4, 66, 12, "ST2030S", "ComConf2030S", "ST2030"),
        ("ST2022", 2, 5, 0, "ST2022S", "ComConf2022S", "ST2022"),
        ("TB30", 4, 66, 12, "TB30S", "ComConfTB30S", "TB30"),
        ("ST2020", 2, 5, 0, "ST2020S", "ComConf2020S", "ST2020"),
    ],
)
def test_what_each_model_is(
    name: str, lines: int, keys: int, softkeys: int, prefix: str, common: str, folder: str
) -> None:
    own = model(name)
    assert (own.lines, own.keys, own.softkeys) == (lines, keys, softkeys)
    assert (own.prefix, own.common_file, own.folder) == (prefix, common, folder)
    assert len([each for each in own.catalog if each.startswith("sys.FeatureKeyExt")]) == keys
    assert len([each for each in own.catalog if each.startswith("sys.softkey")]) == softkeys


def test_only_the_st2020_is_unverified() -> None:
    assert [each.name for each in PACKAGE if not each.verified] == ["ST2020"]
    small, unverified = model("ST2022").catalog, model("ST2020").catalog
    assert small.keys() == unverified.keys()
    assert [name for name in small if small[name] != unverified[name]] == ["snmp.sysName"]


def test_a_model_is_found_in_any_letter_case() -> None:
    assert model(" tb30 ") is model("TB30")
    assert PACKAGE.find("ST2031") is None
    assert PACKAGE.why_not("st2031").startswith(
        "'st2031' is no model; there are ST2030, ST2022, TB30, ST2020; did you mean"
    )


def test_the_two_files_of_a_model_hold_all_it_knows() -> None:
    for each in PACKAGE:
        assert sorted(p.name for p in (*each.common, *each.phone)) == sorted(each.catalog)


# --- a site's own


def test_a_site_can_define_a_model_upon_another(tmp_path: Path) -> None:
    models = site(
        tmp_path,
        """
        [Lobby]
        based_on = "st2030"
        keys = 10
        without = ["sys.WebPWD"]
        [Lobby.defaults]
        "sys.VAD" = "1"
        [Lobby.vendor_files]
        fwurl = ["lobby*.zz"]
        """,
    )
    lobby, usual = model("lobby", models), model("ST2030", models)
    assert (lobby.name, lobby.family, lobby.keys, lobby.lines, lobby.prefix) == ("Lobby", "ST2030", 10, 4, "ST2030S")
    assert "sys.FeatureKeyExt10" in lobby.catalog
    assert "sys.FeatureKeyExt11" not in lobby.catalog
    assert "sys.WebPWD" not in lobby.catalog
    assert (lobby.catalog["sys.VAD"].default, usual.catalog["sys.VAD"].default) == ("1", "0")
    assert lobby.vendor_files["fwurl"] == ("lobby*.zz",)
    assert lobby.vendor_files["telcfg"] == usual.vendor_files["telcfg"]
    assert lobby.goes_as(usual)
    assert models.of_user_agent("ST2030") is usual


def test_a_site_can_change_a_model_of_the_package(tmp_path: Path) -> None:
    models = site(tmp_path, '[st2020]\nbased_on = "ST2030"\nverified = true\nkeys = 10\nlines = 3\n')
    own = model("ST2020", models)
    assert (own.name, own.family, own.verified, own.keys, own.lines) == ("ST2020", "ST2030", True, 10, 3)
    assert (own.softkeys, own.prefix) == (12, "ST2020S")
    assert own.catalog["snmp.sysName"].default == "ST2020 SIP"
    assert len(list(models)) == 4


def test_the_example_of_the_readme_is_valid(tmp_path: Path) -> None:
    example = README.read_text(encoding="utf-8").partition("## Models")[2].partition("```\n")[2].partition("```")[0]
    models = site(tmp_path, example)
    assert (model("Lobby", models).keys, model("ST2020", models).keys) == (10, 10)
    assert model("ST2020", models).general_files == ("ST2020.inf", "phone2020.inf")


def test_a_model_can_be_based_on_a_sites_own_of_another_file(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_text(
        '[First]\nbased_on = "TB30"\n[First.defaults]\n"sys.VAD" = "1"\n', encoding="utf-8"
    )
    models = site(tmp_path, '[Second]\nbased_on = "First"\nprefix = "SECOND"\n', "a.toml")
    assert model("Second", models).family == "TB30"
    assert model("Second", models).catalog["sys.VAD"].default == "1"
    assert "cwmp.CWMPFlag" in model("Second", models).catalog


def test_a_default_for_a_key_beyond_the_models_is_passed_over(tmp_path: Path) -> None:
    models = site(
        tmp_path,
        """
        [Big]
        based_on = "ST2030"
        defaults = { "sys.FeatureKeyExt66" = "S/<sip:>", "sys.VAD" = "1" }
        [Small]
        based_on = "Big"
        keys = 10
        without = ["sys.VAD"]
        """,
    )
    assert model("Big", models).catalog["sys.FeatureKeyExt66"].default == "S/<sip:>"
    assert "sys.FeatureKeyExt66" not in model("Small", models).catalog
    assert "sys.VAD" not in model("Small", models).catalog


def test_other_files_of_the_folder_and_an_absent_folder_say_nothing(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("[none", encoding="utf-8")
    for folder in (tmp_path, Path("no such folder of models")):
        config = configuration() if folder is not tmp_path else configuration(models_dir=str(folder))
        assert [each.name for each in load_models(config)] == ["ST2030", "ST2022", "TB30", "ST2020"]


def test_a_folder_that_is_named_and_not_there_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"provision\.models_dir: .*nowhere is no folder"):
        load_models(configuration(models_dir=str(tmp_path / "nowhere")))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[A\n", "own.toml: is not TOML: Expected ']' at the end of a table declaration (at line 1, column 3)"),
        (
            "[A]\nkeys = 5\n",
            "own.toml: A.based_on: is missing; name one of ST2022, ST2030, TB30, whose parameters it knows",
        ),
        ('[A]\nbased_on = "B"\n', "own.toml: A.based_on: 'B' is no model; there are ST2030, ST2022, TB30, ST2020, A"),
        (
            '[A]\nbased_on = "B"\n[B]\nbased_on = "A"\n',
            "own.toml: A.based_on: leads in a circle: B → A → B; take one out",
        ),
        ('[A]\nbased_on = "TB30"\nkeys = 67\n', "own.toml: A.keys: Input should be less than or equal to 66"),
        ('[A]\nbased_on = "TB30"\nlines = "two"\n', "own.toml: A.lines: Input should be a valid integer"),
        ('[A]\nbased_on = "TB30"\nprefix = "A/B"\n', "own.toml: A.prefix: String should match pattern"),
        (
            '[A]\nbased_on = "TB30"\nring = 1\n',
            "own.toml: A.ring: is nothing that a model has; there are based_on, verified",
        ),
        ('[A]\nbased_on = "TB30"\n[A.vendor_files]\nfirmware = ["x"]\n', "own.toml: A.vendor_files.firmware"),
        (
            '[A]\nbased_on = "ST2022"\n[A.defaults]\n"ipp.LocalPB" = "1"\n',
            "own.toml: A.ipp.LocalPB: is no parameter of the ST2022; see catalog.toml",
        ),
        ('[A]\nbased_on = "TB30"\nwithout = ["sys.config_sn"]\n', "own.toml: A.sys.config_sn: is no parameter"),
        (
            '[A]\nbased_on = "TB30"\n[A.defaults]\n"sys.VAD" = "on"\n',
            "own.toml: A.defaults.sys.VAD: must be 0 or 1, and is 'on'",
        ),
        ('["A b"]\nbased_on = "TB30"\n', "own.toml: A b: is no name for a model; write letters, digits and hyphens"),
    ],
)
def test_a_fault_names_the_file_and_the_key(tmp_path: Path, text: str, fault: str) -> None:
    assert any(found.startswith(fault) for found in faults(tmp_path, text)), faults(tmp_path, text)


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("[X\n", encoding="utf-8")
    assert len(faults(tmp_path, '[A]\nkeys = 99\nlines = 9\n[B]\nbased_on = "C"\n')) == 4


# --- the names of files


@pytest.mark.parametrize(
    ("name", "kind", "of", "mac", "digest"),
    [
        ("ST2030.inf", "general", "ST2030", None, ""),
        ("st2022s.INF", "general", "ST2022", None, ""),
        ("TB30S-ip.inf", "general", "TB30", None, ""),
        ("ST2020S", "general", "ST2020", None, ""),
        ("tb30s_001f9f16e849.inf", "general", "TB30", ARTICLE_MAC, ""),
        ("ST2022S_001F9F16E849.txt", "phone", "ST2022", ARTICLE_MAC, ""),
        ("configTB30S_001F9F16E849.txt", "phone", "TB30", ARTICLE_MAC, ""),
        ("ST2020S_001F9F16E849.ser", "encrypted", "ST2020", ARTICLE_MAC, ""),
        ("ComConfTB30S-0123456789ABCDEF.txt", "common", "TB30", None, "0123456789abcdef"),
        ("configComConf2022S-0123456789abcdef.txt", "common", "ST2022", None, "0123456789abcdef"),
    ],
)
def test_a_name_says_what_is_asked_for(name: str, kind: str, of: str, mac: Mac | None, digest: str) -> None:
    found = FileNames(PACKAGE).parse(name)
    assert found is not None
    assert found == FileName(found.kind, model(of), mac, digest)
    assert found.kind == kind


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            "ST2031.inf",
            "ST2030S_.txt",
            "ST2030S_001F9F16E84.txt",
            "ST2030S_001F9F16E8490.txt",
            "ST2030S_001F9F16E84G.txt",
        ),
        *(
            "ST2030_001F9F16E849.txt",
            "ComConf2030S-.txt",
            "ComConf2030S-0123.txt",
            "xST2030.inf",
            "ST2030.inf\n",
            "ST2030S_001F9F16E849",
        ),
    ],
)
def test_any_other_name_asks_for_nothing(name: str) -> None:
    assert FileNames(PACKAGE).parse(name) is None


def test_a_name_that_several_models_go_by_is_the_first_ones(tmp_path: Path) -> None:
    models = site(tmp_path, '[A]\nbased_on = "TB30"\n[B]\nbased_on = "TB30"\nprefix = "TB30SX"\n')
    names = FileNames(models)
    for name, of in (("TB30S_001F9F16E849.txt", "TB30"), ("TB30SX_001F9F16E849.txt", "B"), ("TB30.inf", "TB30")):
        found = names.parse(name)
        assert found is not None
        assert found.model is model(of, models)


# --- the User-Agent, and which of several wins


@pytest.mark.parametrize(
    ("text", "agent"),
    [
        ("THOMSON ST2030 hw5 fw2.72 00-14-7F-E1-47-B3", UserAgent("ST2030", "5", "2.72", Mac("00147FE147B3"))),
        ("Thomson TB30 hw1 fw1.72.0 00-1f-9f-84-f1-80", UserAgent("TB30", "1", "1.72.0", Mac("001F9F84F180"))),
        ("THOMSON ST2022 hw2 fw4.68", UserAgent("ST2022", "2", "4.68", None)),
        ("THOMSON ST2030", UserAgent("ST2030", "", "", None)),
        ("THOMSON ST2030 hw5 fw2.72 00-14-7F-E1-47", UserAgent("ST2030", "5", "2.72", None)),
    ],
)
def test_a_user_agent_says_model_firmware_and_address(text: str, agent: UserAgent) -> None:
    assert parse_user_agent(text) == agent


@pytest.mark.parametrize("text", ["", "Mozilla/5.0", "THOMSON", "THOMSON-ST2030", "THOMSON ST2030 " + "x" * 128])
def test_other_programs_are_no_phone(text: str) -> None:
    assert parse_user_agent(text) is None


def test_the_entry_wins_then_the_user_agent_then_the_file() -> None:
    small, usual, large = model("ST2022"), model("ST2030"), model("TB30")
    assert Asked(usual, large).choose(small) is small
    assert Asked(usual, large).choose(None) is large
    assert Asked(usual).choose(None) is usual


def test_a_contradiction_is_said_with_the_winner() -> None:
    small, usual, large = model("ST2022"), model("ST2030"), model("TB30")
    assert Asked(usual).contradiction(None) == ""
    assert Asked(usual, usual).contradiction(usual) == ""
    assert Asked(usual, usual).contradiction(small) == (
        "its entry says ST2022, which counts, but its User-Agent says ST2030 and the file it asks for says ST2030"
    )
    assert Asked(usual, large).contradiction(None) == (
        "its User-Agent says TB30, which counts, but the file it asks for says ST2030"
    )


def test_a_sites_variant_of_a_model_contradicts_nothing(tmp_path: Path) -> None:
    models = site(tmp_path, '[Lobby]\nbased_on = "ST2030"\n')
    usual = model("ST2030", models)
    assert Asked(usual, usual).contradiction(model("Lobby", models)) == ""
