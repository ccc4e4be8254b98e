import re
from dataclasses import replace
from pathlib import Path

import pytest

from services.provision.vendors.thomson.catalog import (
    COMMON_SECTIONS,
    PHONE_SECTIONS,
    SERIAL,
    load_catalog,
    load_unmanaged,
    parameters_of,
)
from services.provision.vendors.thomson.models import Model, load_models
from tests.provision.desk import configuration

ARTICLE = Path(__file__).parent / "data" / "article-phone.txt"
MODELS = load_models(configuration())


def model_of(name: str) -> Model:
    found = MODELS.find(name)
    assert found is not None
    return found


SPECIFIED = Path(__file__).parent / "data" / "specified.txt"
"""The 356 rows of phone-spec 3.5, by section and name, `#` for a number, with the models that know each."""


def specified() -> list[tuple[re.Pattern[str], list[str]]]:
    rows = []
    for line in SPECIFIED.read_text(encoding="ascii").splitlines():
        name, *models = line.split(" ")
        pattern = re.escape(name).replace(r"\{MP,BK\}", "(MP|BK)").replace(r"\#", r"\d\d?")
        rows.append((re.compile(pattern), models))
    return rows


IN_THE_VENDORS_FILE = {"ST2022": 499, "ST2030": 762, "TB30": 832}
"""Keys of each model's common file (phone-spec 4)."""
STATE_OF_TR069 = (
    *("CWMPADDDELCOMMANDKEY", "CWMPInformType", "CWMPOBJECT", "CWMPPARAMETERKEY", "CWMPREBOOTCOMMANDKEY"),
    *(f"CWMPDOWNLOAD{what}" for what in ("COMMANDKEY", "FAULT", "STARTTIME", "COMPLETETIME")),
    *("DHCPInformTimer", "KeepAliveMaximumDetect"),
    *("tr069_acs_bak", "tr069_cpe_bak", "tr111_udpaddr_bak", "tr111_natdet_bak"),
    *(f"TR111{what}" for what in ("UDPCRANL", "NATDetected", "STUNSrvAddr", "STUNSrvPort", "STUNUName", "STUNpwd")),
    *("TR111STUNMaxKAP", "TR111STUNMinKAP"),
)
"""Named as internal at the end of phone-spec 3.5: what the phone's TR-069 client writes down for itself."""
LABELS_OF_TR069 = tuple(
    f"tr069_dl_{what}"
    for what in ("cwt", "lt", "m", "pb", "scf", "shca", "shce", "shk", "sm", "ssca", "ssce", "ssk", "tc", "tt")
)
"""Named there too: what a TR-069 server calls the fourteen types of files."""
NOT_PUBLIC = ("CWMPAuthServ",)
"""Stands among them in the vendor's file; section 3.5 does not name it, and nothing says what it does."""
INTERNAL = {
    "ST2022": frozenset[str](),
    "ST2030": frozenset[str](),
    "TB30": frozenset(f"cwmp.{key}" for key in (*STATE_OF_TR069, *LABELS_OF_TR069, *NOT_PUBLIC)),
}
OLDER = {f"sip.CodecPriority_{codec}" for codec in ("GSM_WBAMR", "ILBC", "ILBC_13_3K", "L16")}
"""Dropped from current firmware, so in none of the three files (phone-spec 3.5)."""


@pytest.mark.parametrize("name", IN_THE_VENDORS_FILE)
def test_every_key_of_the_vendors_file_is_managed_or_internal(name: str) -> None:
    model = model_of(name)
    assert len(INTERNAL[name]) == (38 if name == "TB30" else 0)
    assert load_unmanaged(name).keys() == INTERNAL[name] | OLDER
    assert model.catalog.keys().isdisjoint(load_unmanaged(name))
    assert len(model.catalog.keys() - {SERIAL}) + len(INTERNAL[name]) == IN_THE_VENDORS_FILE[name]


@pytest.mark.parametrize("name", IN_THE_VENDORS_FILE)
def test_no_parameter_of_the_specification_is_missing(name: str) -> None:
    """The names of section 3.5's tables, as they are spelt there; which model knows them is said by their defaults."""
    known = {*model_of(name).catalog, *load_unmanaged(name)}
    missing = [row for row, models in specified() if name in models and not any(map(row.fullmatch, known))]
    assert missing == []


@pytest.mark.parametrize("name", IN_THE_VENDORS_FILE)
def test_no_parameter_is_made_up(name: str) -> None:
    rows = [row for row, models in specified() if name in models]
    known = model_of(name).catalog.keys() - {SERIAL}  # named in section 2.5
    assert [each for each in known if not any(row.fullmatch(each) for row in rows)] == []


def test_the_models_know_what_the_specification_says_of_each() -> None:
    small, usual, large = (model_of(name).catalog.keys() for name in ("ST2022", "ST2030", "TB30"))
    assert small - usual == {"ipp.Key_Echo", "sip.EventEndRetransmit"}
    assert usual < large
    lacking = [name for name in usual - small if not re.search(r"\d\d?(_sec)?$", name)]
    assert sorted(lacking) == ["ipp.AutoPkupNum", "ipp.Auto_pickup_Method", "ipp.Local_Pickup_type", "sys.VPNEscCode"]


@pytest.mark.parametrize(
    ("name", "small", "usual", "large"),
    [
        ("net.DSCPflag", "1", "0", "0"),
        ("sip.ACRResp", "1", "2", "2"),
        ("sip.P_id_type", "1", "0", "0"),
        ("sip.Hold_bf_AttTrans", "1", "0", "0"),
        ("sip.P-AssertedIDforCallee", "1", "0", "0"),
        ("qos.DSCP3", "0", "40", "40"),
        ("sys.ServiceSupervisionFK", "3", "6", "6"),
        ("sys.Current_Max_Multiline", "2", "5", "5"),
        ("sip.TEL01Use", "1", "1", "0"),
        ("ipp.RestoreLanguageType", "0", "0", "||"),
        ("snmp.sysName", "ST2022 SIP", "ST2030 SIP", "TB30 SIP"),
    ],
)
def test_defaults_that_differ(name: str, small: str, usual: str, large: str) -> None:
    assert [model_of(model).catalog[name].default for model in ("ST2022", "ST2030", "TB30")] == [small, usual, large]


def test_the_jitter_buffer_of_the_tb30_is_larger() -> None:
    name = "sys.CodecJitterBufMult"
    assert "g722(1/2/12)" in model_of("TB30").catalog[name].default
    assert model_of("ST2022").catalog[name].default == model_of("ST2030").catalog[name].default


def test_all_else_is_the_same_for_every_model() -> None:
    small, usual, large = (model_of(name).catalog for name in ("ST2022", "ST2030", "TB30"))
    for other in (small, large):
        differing = [n for n in usual.keys() & other.keys() if usual[n].default != other[n].default]
        assert len(differing) == (9 if other is small else 4), differing
        assert [n for n in usual.keys() & other.keys() if replace(other[n], default=usual[n].default) != usual[n]] == []


def test_every_basis_is_a_letter_of_the_specification() -> None:
    for parameter in model_of("TB30").catalog.values():
        assert set(parameter.basis.split()) <= set("BTGWXPOI"), parameter.name
        assert "I" not in parameter.basis or parameter.basis == "I"


def test_every_parameter_is_in_exactly_one_file() -> None:
    common = [parameter.name for parameter in parameters_of("common")]
    phone = [parameter.name for parameter in parameters_of("phone")]
    assert sorted(common + phone) == sorted(load_catalog())


@pytest.mark.parametrize(("file", "order"), [("common", COMMON_SECTIONS), ("phone", PHONE_SECTIONS)])
def test_a_file_is_written_in_the_order_of_its_sections(file: str, order: tuple[str, ...]) -> None:
    sections = [parameter.section for parameter in parameters_of("common" if file == "common" else "phone")]
    assert list(dict.fromkeys(sections)) == [section for section in order if section in sections]
    assert sections == sorted(sections, key=order.index)


def test_everything_the_article_writes_for_one_phone_is_of_the_phone_file() -> None:
    section = ""
    for line in ARTICLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line:
            assert load_catalog()[f"{section}.{line.partition('=')[0]}"].file == "phone"


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("sip.ProxyServerMP{}", 4),
        ("sip.ProxyServerBK{}", 4),
        ("sip.regpwd{}", 4),
        ("sip.TEL0{}Use", 4),
        ("sys.Phonebook{}_url", 8),
    ],
)
def test_all_lines_and_phonebooks_are_of_the_phone_file(name: str, count: int) -> None:
    assert [load_catalog()[name.format(n)].file for n in range(1, count + 1)] == ["phone"] * count
    assert name.format(count + 1) not in load_catalog()


def test_all_66_keys_are_of_the_phone_file() -> None:
    keys = [name for name in load_catalog() if name.startswith("sys.FeatureKeyExt")]
    assert keys == [f"sys.FeatureKeyExt{n:02d}" for n in range(1, 67)]
    assert {load_catalog()[name].file for name in keys} == {"phone"}


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("sip.TEL01Use", "1"),
        ("sip.TEL02Use", "0"),
        ("sip.ProfileName3", "Profile 3"),
        ("sys.softkey12", "TrVoiceMail"),
        ("sip.ACRResp", "2"),
        ("qos.DSCP3", "40"),
        ("sys.FeatureKeyExt66", "L/<sip:>"),
        ("sip.CallRetreiveSC", ""),
    ],
)
def test_the_default_is_the_st2030s(name: str, default: str) -> None:
    assert load_catalog()[name].default == default


@pytest.mark.parametrize("name", ["ipp.LocalPB", "sys.BrandName", "cwmp.CWMPFlag", "ipp.Key_Echo", "ntp.NtpZone"])
def test_other_models_and_old_firmware_are_left_out(name: str) -> None:
    assert name not in load_catalog()


@pytest.mark.parametrize("name", ["sip.regpwd1", "sys.WebPWD", "sys.TelnetPWD", "autoprovision.Decryption_Key"])
def test_passwords_are_secret(name: str) -> None:
    assert load_catalog()[name].secret


def test_every_parameter_is_explained_in_one_line() -> None:
    for parameter in load_catalog().values():
        assert parameter.meaning.endswith(".")
        assert "\n" not in parameter.meaning
