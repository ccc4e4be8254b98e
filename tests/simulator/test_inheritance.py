"""What a phone really holds after one edit upon another: all that is wanted, and nothing of what was before (design law 3)."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from services.provision.vendors.thomson.simulator.models import ST2022, ST2030, TB30, Model
from services.provision.vendors.thomson.simulator.phone import BootResult, boot
from tests.simulator.server import MAC, Site

Values = Mapping[str, str]

FOLDER: Final = "/provisioning/config"
ALICE: Final = {
    "sip.TEL01Use": "1",
    "sip.TEL1Number": "1001",
    "sip.regid1": "1001",
    "sip.regpwd1": "wonderland",
    "sip.DisplayName1": "Alice Martin",
    "sip.RegisterServerMP1": "10.0.8.165",
    "ipp.LanguageType": "1",
}
PARIS: Final = {"sip.CallPkupFlg": "sc", "sip.CallPkupSC": "*8X", "ntp.NtpZoneNum": "22", "sys.CountryCode": "FR"}
BERLIN: Final = {"sip.VoiceMailTelNum": "*98", "ntp.NtpZoneNum": "25", "sys.CountryCode": "DE", "qos.DSCP1": "34"}
BOB: Final = {"sip.TEL1Number": "1002", "sip.regid1": "1002", "sip.regpwd1": "b0b", "sip.DisplayName1": "Böb"}
SECOND_LINE: Final = {"sip.TEL02Use": "1", "sip.TEL2Number": "600", "sip.regid2": "600", "sip.regpwd2": "hotline"}
KEY: Final = {
    "sys.FeatureKeyExt03": "S/<sip:1003>",
    "sys.FeatureKeyOpt03": "dialog(1)regDND(1)ua-profile(0:cfu(0)dnd(0)sf(0)hg(0))",
}
PLAN: Final = {"sys.VOIPDialPlan": "[2-9]xxx|0x.T"}

EDITS: Final[tuple[tuple[str, Values], ...]] = (
    ("the phone is new", ALICE | PARIS),
    ("its owner is called otherwise", ALICE | PARIS | {"sip.DisplayName1": "Alice Dupin"}),
    ("a second line comes", ALICE | PARIS | SECOND_LINE),
    ("a key comes", ALICE | PARIS | SECOND_LINE | KEY),
    ("a setting comes", ALICE | PARIS | SECOND_LINE | KEY | PLAN),
    ("the profile changes", ALICE | BERLIN | SECOND_LINE | KEY | PLAN),
    ("the second line goes", ALICE | BERLIN | KEY | PLAN),
    ("the setting is deleted", ALICE | BERLIN | KEY),
    ("the owner changes, and speaks no French", {**ALICE, **BOB, "ipp.LanguageType": "3"} | BERLIN | KEY),
    ("the key goes", {**ALICE, **BOB} | BERLIN),
    ("all is as it was", ALICE | PARIS),
)
"""What the directory says after each edit, one upon the other; what an edit does not name is unset."""

MODELS: Final = pytest.mark.parametrize("model", [ST2030, ST2022, TB30], ids=lambda model: model.name)


class Writer:
    """A server's part: two files with their whole set of parameters, named and signed by their content."""

    def __init__(self, site: Site, model: Model, *, lazy: bool = False) -> None:
        """`lazy`: leaves out what is unset, as a server must not."""
        self.inf = f"{site.base}/{model.general_file}"
        self._site = site
        self._model = model
        self._lazy = lazy

    def write(self, wanted: Values) -> Values:
        """Serve what is wanted; return the value of every parameter that the phone must hold."""
        named = {f"{section}.{key}" for section, keys in self._model.common.items() for key in keys}
        assert wanted.keys() <= named
        whole = {name: wanted.get(name, "") for name in sorted(named)}
        kept = {name: value for name, value in whole.items() if value or not self._lazy}
        common = text_of({name: value for name, value in kept.items() if not is_own(name)})
        name = f"ComConf-{digits_of(common)}.txt"
        own = {name: value for name, value in kept.items() if is_own(name)}
        serial = digits_of(text_of(own) + name)
        self._site.text(f"{FOLDER}/{name}", common)
        self._site.text(f"{FOLDER}/{self._model.file_prefix}{MAC}.txt", text_of(own | {"sys.config_sn": serial}))
        folder = f"{self._site.base}{FOLDER}/"
        self._site.text(f"/{self._model.general_file}", f"[config]\ncommon_config={folder}{name}\nconfig={folder}\n")
        return whole

    def boot(self, state: Path | None = None) -> BootResult:
        """Boot a phone until it is steady; without a state a factory-new one."""
        return boot(self.inf, MAC, model=self._model.name, state=state, log=print)


def is_own(name: str) -> bool:
    """Tell whether a parameter belongs to the phone file: what may differ from phone to phone."""
    section, _, key = name.partition(".")
    return (section == "sip" and key[-1:].isdigit()) or "FeatureKey" in key or key == "LanguageType" or "TEL0" in key


def text_of(values: Values) -> str:
    sections: dict[str, list[str]] = {}
    for name, value in values.items():
        section, _, key = name.partition(".")
        sections.setdefault(section, []).append(f"{key}={value}\n")
    return "".join(f"[{section}]\n{''.join(lines)}" for section, lines in sections.items())


def digits_of(text: str) -> str:
    return str(int.from_bytes(hashlib.sha256(text.encode("iso-8859-1")).digest()) % 10**12).zfill(12)


@MODELS
def test_after_each_of_ten_edits_the_phone_holds_what_a_new_one_would(
    empty: Site, tmp_path: Path, model: Model
) -> None:
    writer = Writer(empty, model)
    assert len(EDITS) == 11  # ten edits of a phone that was new
    for edit, wanted in EDITS:
        must_hold = writer.write(wanted)
        kept = writer.boot(tmp_path / "phone.json")
        assert (kept.complaints, kept.steady, kept.boots) == ((), True, 2), edit
        assert kept.memory.values == must_hold, edit
        assert kept.memory == writer.boot().memory, edit
        again = writer.boot(tmp_path / "phone.json")
        assert (again.boots, again.memory) == (1, kept.memory), edit


@MODELS
def test_a_server_that_leaves_out_what_is_unset_leaves_it_in_the_phone(
    empty: Site, tmp_path: Path, model: Model
) -> None:
    writer = Writer(empty, model, lazy=True)
    left: dict[str, set[str]] = {}
    for edit, wanted in EDITS:
        writer.write(wanted)
        held = {name: value for name, value in writer.boot(tmp_path / "phone.json").memory.values.items() if value}
        left[edit] = held.keys() - wanted.keys()
    assert left["a setting comes"] == set()
    assert left["the profile changes"] == PARIS.keys() - BERLIN.keys()
    assert left["the second line goes"] == left["the profile changes"] | SECOND_LINE.keys()
    assert left["the setting is deleted"] == left["the second line goes"] | PLAN.keys()
    assert KEY.keys() <= left["all is as it was"]


@MODELS
def test_edits_while_the_phone_is_away_are_all_taken_over_at_its_next_boot(
    empty: Site, tmp_path: Path, model: Model
) -> None:
    writer = Writer(empty, model)
    writer.write(EDITS[0][1])
    writer.boot(tmp_path / "phone.json")
    for _, wanted in EDITS[1:-1]:
        must_hold = writer.write(wanted)
    kept = writer.boot(tmp_path / "phone.json")
    assert (kept.complaints, kept.boots, kept.memory.values) == ((), 2, must_hold)
    assert kept.memory == writer.boot().memory


@MODELS
def test_an_edit_undone_while_the_phone_is_away_makes_no_reboot(empty: Site, tmp_path: Path, model: Model) -> None:
    writer = Writer(empty, model)
    writer.write(EDITS[0][1])
    before = writer.boot(tmp_path / "phone.json")
    for wanted in (EDITS[1][1], EDITS[0][1]):
        writer.write(wanted)
    after = writer.boot(tmp_path / "phone.json")
    assert (after.boots, after.memory) == (1, before.memory)
