"""`dialtree parameters`: people find a parameter by its name, a part of it, a word of its meaning, or a misspelt name."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.cli import main
from services.provision.vendors.thomson.models import load_models
from services.provision.vendors.thomson.parametersearch import all_rows, find_near, find_rows
from tests.provision.desk import configuration

MODELS = load_models(configuration())
ROWS = all_rows(MODELS)


def titles(word: str, *names: str) -> list[str]:
    rows = all_rows([model for model in MODELS if model.name in names]) if names else ROWS
    return [row.title for row in find_rows(rows, word)]


def run(folder: Path, *arguments: str) -> Result:
    (folder / "dialtree.toml").write_text('[ldap]\nsource = "ldif"\nldif_file = "none.ldif"\n', encoding="utf-8")
    command = ["--config", str(folder / "dialtree.toml"), "parameters", *arguments]
    return CliRunner().invoke(main, command, env={"COLUMNS": "400"})


def test_there_is_a_row_for_each_of_the_catalogue_and_each_parameter_is_in_one() -> None:
    assert len(ROWS) == 361
    names = [name for row in ROWS for name in row.names]
    assert len(names) == len(set(names))


def test_an_exact_name_finds_its_row_alone_in_any_letter_case_with_or_without_section() -> None:
    for word in ("sys.VAD", "vad", "SYS.vad", " VAD "):
        assert titles(word) == ["sys.VAD"]
    assert titles("FeatureKeyExt07") == ["sys.FeatureKeyExt{01..66}"]
    assert titles("sip.proxyserverbk4") == ["sip.ProxyServer{MP,BK}{1..4}"]


def test_a_part_of_a_name_or_of_the_meaning_finds_all_that_hold_it() -> None:
    assert titles("pkup") == ["ipp.AutoPkupNum", "sip.CallPkupFlg", "sip.CallPkupSC"]
    assert "sip.CallPkupSC" in titles("supervised number")
    assert titles("") == [row.title for row in ROWS]


def test_a_model_finds_what_it_knows_only() -> None:
    assert titles("LocalPB", "ST2030") == []
    assert titles("LocalPB", "TB30") == ["ipp.LocalPB"]
    assert titles("featurekeyext", "ST2022") == ["sys.FeatureKeyExt{01..5}"]
    assert titles("featurekeyext06", "ST2022") == []


def test_a_misspelt_name_finds_the_nearest() -> None:
    assert find_near(ROWS, "CallPikupSC")[0].title == "sip.CallPkupSC"
    assert find_near(ROWS, "sys.WebPassword")[0].title == "sys.WebPWD"
    assert find_near(ROWS, "qqqqq") == []


def test_the_command_shows_values_default_file_models_meaning_and_basis(tmp_path: Path) -> None:
    line = next(line for line in run(tmp_path, "AutoAnsTimer").output.splitlines() if "AutoAns" in line)
    assert [cell.strip() for cell in line.split("│")[1:-1]] == [
        "ipp.AutoAnsTimer",
        "number: 0 to 10, 15, 20, 25, 30, 40, 50 or 60 seconds",
        "0",
        "common",
        "all",
        "Seconds before a call is answered by itself; 0 never.",
        "P",
    ]


def test_defaults_of_several_models_are_told_apart(tmp_path: Path) -> None:
    output = run(tmp_path, "ACRResp").output
    for text in ("ST2030: 2", "ST2022: 1", "TB30: 2", "ST2020: 1"):
        assert text in output
    assert "ST2022: 1" not in run(tmp_path, "ACRResp", "--model", "st2022").output


def test_what_nobody_sets_is_shown_as_such(tmp_path: Path) -> None:
    line = next(line for line in run(tmp_path, "CodecPriority_L16").output.splitlines() if "CodecPriority" in line)
    assert "none" in line
    assert "(firmware older than those of models.toml)" in line


def test_a_secrets_default_is_masked(tmp_path: Path) -> None:
    output = run(tmp_path, "WebPWD").output
    assert "784518" not in output
    assert "***" in output


def test_a_misspelt_word_is_answered_with_near_ones(tmp_path: Path) -> None:
    result = run(tmp_path, "CallPikupSC")
    assert result.exit_code == 0
    assert "No parameter holds 'CallPikupSC'; these are spelt almost so:" in result.output
    assert "sip.CallPkupSC" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("qqqqq",), "no parameter holds 'qqqqq' in its name or meaning"),
        (("qqqqq", "--model", "TB30"), "no parameter of the TB30 holds 'qqqqq'"),
        (("VAD", "--model", "TB31"), "'TB31' is no model; there are ST2030, ST2022, TB30, ST2020; did you mean TB30?"),
    ],
)
def test_nothing_found_says_so(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    result = run(tmp_path, *arguments)
    assert result.exit_code == 1
    assert message in result.output


def test_a_sites_own_model_is_searched_too(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "own.toml").write_text('[Lobby]\nbased_on = "ST2030"\nkeys = 10\n', encoding="utf-8")
    assert "sys.FeatureKeyExt{01..10}" in run(tmp_path, "FeatureKeyExt", "--model", "lobby").output
