"""What each model is: its names, its lines and keys, the parameters it knows and what they take. Facts of phone-spec."""

from typing import Final

import pytest

from services.provision.vendors.thomson.simulator.complaints import Complaint, Rule
from services.provision.vendors.thomson.simulator.identity import Identity
from services.provision.vendors.thomson.simulator.models import (
    GENERAL_FILE,
    MODELS,
    ST2020,
    ST2022,
    ST2030,
    TB30,
    TFTP_KEYS,
    Model,
    find_model,
)
from services.provision.vendors.thomson.simulator.settings import read_common, read_phone
from shared.errors import Malformed
from shared.mac import Mac

MAC: Final = Mac("00147FE147B3")
PAIRS: Final = "00-14-7F-E1-47-B3"
INTERNAL_TO_TB30: Final = 38
"""Keys of [cwmp] that the vendor's common file holds and a server leaves alone: 14 labels of file types, 24 of its state."""

NAMES = [
    pytest.param(ST2030, f"THOMSON ST2030 hw5 fw2.72 {PAIRS}", "ST2030S", id="ST2030"),
    pytest.param(ST2022, f"THOMSON ST2022 hw2 fw4.68 {PAIRS}", "ST2022S", id="ST2022"),
    pytest.param(TB30, f"Thomson TB30 hw1 fw1.72.0 {PAIRS}", "TB30S", id="TB30"),
    pytest.param(ST2020, f"THOMSON ST2020 hw2 fw4.68 {PAIRS}", "ST2020S", id="ST2020"),
]


@pytest.mark.parametrize(("model", "user_agent", "prefix"), NAMES)
def test_each_model_says_who_it_is_and_asks_for_files_of_its_own(model: Model, user_agent: str, prefix: str) -> None:
    identity = Identity(MAC, model)
    assert identity.user_agent == user_agent
    assert identity.phone_file == f"{prefix}_00147FE147B3"
    assert identity.general_url("http://h/phones/") == f"http://h/phones/{prefix}.inf"
    assert identity.general_url("http://h/any.inf") == "http://h/any.inf"


def test_a_phone_can_run_another_firmware() -> None:
    assert Identity(MAC, TB30, "1.74.0").user_agent == f"Thomson TB30 hw1 fw1.74.0 {PAIRS}"


def test_a_model_that_is_not_simulated_is_refused_with_those_that_are() -> None:
    with pytest.raises(Malformed, match=r"'ST2040'; there is one for ST2030, ST2022, TB30, ST2020"):
        find_model("ST2040")


@pytest.mark.parametrize(
    ("model", "lines", "keys", "softkeys", "verified"),
    [(ST2030, 4, 66, 12, True), (ST2022, 2, 5, 0, True), (TB30, 4, 66, 12, True), (ST2020, 2, 5, 0, False)],
    ids=lambda value: getattr(value, "name", ""),
)
def test_each_model_has_its_lines_keys_and_softkeys(
    model: Model,
    lines: int,
    keys: int,
    softkeys: int,
    verified: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert (model.lines, model.keys, model.softkeys, model.verified) == (lines, keys, softkeys, verified)
    known = model.common["sys"]
    assert sum(key.startswith("FeatureKeyExt") for key in known) == keys
    assert sum(key.startswith("FeatureKeyOpt") for key in known) == keys
    assert sum(key.startswith("FKExt") for key in known) == keys
    assert sum(key.startswith("softkey") for key in known) == softkeys


@pytest.mark.parametrize(
    ("model", "vendors", "internal"),
    [(ST2030, 762, 0), (ST2022, 499, 0), (TB30, 832, INTERNAL_TO_TB30)],
    ids=lambda value: getattr(value, "name", ""),
)
def test_each_model_knows_what_the_vendors_common_file_holds_less_what_is_internal(
    model: Model, vendors: int, internal: int
) -> None:
    assert sum(len(keys) for keys in model.common.values()) == vendors - internal
    assert set(model.phone["sys"]) - set(model.common["sys"]) == {"config_sn"}
    assert sum(len(keys) for keys in GENERAL_FILE.values()) == 11 + len(TFTP_KEYS) + 1  # provision_mode


def test_an_st2030_knows_nothing_that_a_tb30_does_not() -> None:
    assert known_to(ST2030) < known_to(TB30)


def test_what_only_an_st2022_knows_and_what_it_lacks() -> None:
    assert known_to(ST2022) - known_to(TB30) == {"ipp.Key_Echo", "sip.EventEndRetransmit"}
    lacking = {name for name in known_to(ST2030) - known_to(ST2022) if not name[-2:].isdigit() and "_sec" not in name}
    assert {name for name in lacking if "VPNesp" not in name} == {
        "ipp.Auto_pickup_Method",
        "ipp.AutoPkupNum",
        "ipp.Local_Pickup_type",
        "sys.VPNEscCode",
    }


def test_numbered_parameters_begin_and_end_where_the_phones_do() -> None:
    sip, sys = ST2030.common["sip"], ST2030.common["sys"]
    assert {"TEL1Number", "TEL04Use", "TrVoiceMailFlg0", "TLSPortBK0", "ProxyServerMP4"} <= set(sip)
    assert not {"TEL0Number", "TEL1Use", "TEL05Use", "DisplayName0", "ProxyServerMP0", "ProxyServerMP5"} & set(sip)
    assert {"FeatureKeyExt01", "FeatureKeyExt66", "FKExt09_sec", "VPNesp1", "Phonebook8_url", "softkey12"} <= set(sys)
    assert not {"FeatureKeyExt1", "FeatureKeyExt00", "VPNesp01", "Phonebook9_url", "softkey13"} & set(sys)


@pytest.mark.parametrize(
    ("model", "section", "key"),
    [
        (ST2022, "sys", "FeatureKeyExt06"),
        (ST2022, "sys", "FKExt06_sec"),
        (ST2022, "sys", "softkey01"),
        (ST2022, "ipp", "AutoPkupNum"),
        (ST2030, "ipp", "Key_Echo"),
        (ST2030, "sys", "BrandName"),
        (TB30, "ipp", "Key_Echo"),
        (ST2030, "ipp", "CWMPInformType"),
        (TB30, "sys", "FeatureKeyExt67"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_parameter_of_another_model_or_beyond_its_count_is_found(model: Model, section: str, key: str) -> None:
    assert rules(common(model, section, key, "0")) == [Rule.UNKNOWN_PARAMETER]


def test_a_section_of_another_model_is_found() -> None:
    assert common(TB30, "cwmp", "CWMPFlag", "0") == ()
    assert rules(common(ST2030, "cwmp", "CWMPFlag", "0")) == [Rule.UNKNOWN_SECTION]


@pytest.mark.parametrize("key", ["CWMPInformType", "CWMPAuthServ", "tr069_dl_lt", "TR111STUNpwd", "DHCPInformTimer"])
def test_what_a_tb30_keeps_for_itself_is_style_in_its_file_and_unknown_to_the_others(key: str) -> None:
    assert rules(common(TB30, "cwmp", key, "0")) == [Rule.INTERNAL]
    assert rules(common(TB30, "sys", key, "0")) == [Rule.UNKNOWN_PARAMETER]
    assert rules(common(ST2030, "cwmp", key, "0")) == [Rule.UNKNOWN_SECTION]
    assert common(TB30, "cwmp", "TR111STUNEnable", "0") == ()


@pytest.mark.parametrize("key", ["TEL3Number", "regid4", "regpwd3", "DisplayName4", "DisplayNum3", "TEL03Use"])
def test_an_account_on_a_line_that_the_model_does_not_have_is_found(key: str) -> None:
    (complaint,) = common(ST2022, "sip", key, "1")
    assert (complaint.rule, complaint.message) == (
        Rule.LINE_BEYOND,
        f"sip.{key} is set, but a ST2022 has 2 lines",
    )
    assert common(ST2030, "sip", key, "1") == ()
    assert common(ST2022, "sip", key, "") == ()
    assert common(ST2022, "sip", "TEL03Use", "0") == ()


CODEC = "g711a(1)g711mu(2)g729(3)g723(4)gsmwbamr(5)g722(6)l16(7)ilbc(8)ilbc133(9)"
SUPERVISED = "dialog(1)regDND(0)ua-profile(0:cfu(0)dnd(0)sf(0)hg(0))"

UNDERSTOOD = [
    ("ipp", "TimeFlag", "0", "1"),
    ("ipp", "LanguageType", "0", "8"),
    ("ipp", "AutoAnsTimer", "0", "10", "60"),
    ("ipp", "AutoRejectTimer", "0", "6", "61", "91", "180"),
    ("ipp", "AutoStopTimer", "0", "6", "10", "60", "90", "180"),
    ("ipp", "OptionVisible", "0000", "6148", "8191"),
    ("ipp", "AutocallNumber", "1001", "*98", "sip:taxi@example.org"),
    ("net", "Gateway", "0.0.0.0", "10.0.8.1"),
    ("net", "ESWITCH_LAN", "1", "5"),
    ("sip", "RegisterServerMP1", "10.0.8.165", "pbx-1.example.org", "sbc_1"),
    ("sip", "TEL1Number", "1001", "alice", "alice+desk", "1001@example.org"),
    ("sip", "DisplayName1", "Élise d'Aumale <3", "a=b;c#d"),
    ("sip", "regpwd1", 'p4ss w"rd<>@'),
    ("sip", "CallPkupSC", "*8X", "**#"),
    ("sip", "SFOffSV", "*271x*"),
    ("sip", "CallPkupFlg", "local", "sc"),
    ("sip", "ComverseParkCode", "*61#|*62X#|*63#|*64X#"),
    ("sip", "CLIPDisplayPrior", "ppreferred(2)passerted(1)remoteparty(3)from(4)"),
    ("sip", "sip_portMP1", "1", "65535"),
    ("sip", "TransportFlgBK4", "2"),
    ("sip", "sw_park_srv_addr0", "700@10.0.0.1"),
    ("sip", "ExpireTimeMP1", "60"),
    ("sys", "CodecPriority", CODEC, "g711a(1)g711mu(2)g729(3)g723(4)", "g722(1)"),
    ("sys", "CodecPktime", "g711a(20)g711mu(20)g729(30)g723(30)"),
    ("sys", "CodecJitterBufMult", "g711a(2/3/7)g711mu(1/3/5)g729(2/3/4)g723(1/2/3)", "g711a(1/2/12)"),
    ("sys", "CodecAdaptivePlayout", "g711a(1)g711mu(0)"),
    ("sys", "FeatureKeyExt01", "L/<sip:>", "S/<sip:1002>", "L/<sip:1002@pbx.example.org>", "L/", "S/<sip:*98>"),
    ("sys", "FeatureKeyOpt66", SUPERVISED),
    ("sys", "ServiceSupOrder", "callfwd(0)dnd(0)secfilter(0)huntgroup(0)", "callfwd(2)dnd(1)secfilter(0)huntgroup(3)"),
    ("sys", "BLFListSipUri", "L/<sip:>", "L/<sip:team@example.org>"),
    ("sys", "softkey01", "CallLog", "TrVoiceMail"),
    ("sys", "EmergencyDialPlan", "|911|11x|1[2-8]|"),
    ("sys", "VOIPDialPlan", "x.T", "[2-9]xxx|0x.T"),
    ("sys", "Phonebook1_url", "http://10.0.8.165:8080/search?q=#SEARCH", "https://h/#SEARCH/x"),
    ("sys", "PSettingURLdl", "https://h/cgi/get?Login_ID=#LOGIN;Pass=#PASSWORD"),
    ("sys", "CountryCode", "AT"),
    ("autoprovision", "Decryption_Key", "Th0mson2$8s8@9z!"),
    ("autoprovision", "Autoprovisionstarttime", "00:00", "23:59"),
    ("autoprovision", "AutoprovisionHTTPServer", "host.example.org/st2030", "http://h:8080/ST2030.inf"),
    ("qos", "DSCP1", "0", "63"),
    ("qos", "VLANid1", "1", "4094"),
    ("ntp", "NtpZoneNum", "0", "63"),
    ("ntp", "NtpIP", "pool.ntp.org"),
]

MISFITS = [
    ("ipp", "TimeFlag", "2", "yes", "01", "true"),
    ("ipp", "LanguageType", "9", "-1", "fr", "²"),
    ("ipp", "AutoAnsTimer", "11", "61"),
    ("ipp", "AutoRejectTimer", "7", "60"),
    ("ipp", "AutoStopTimer", "11", "61"),
    ("ipp", "OptionVisible", "8192", "0x1804"),
    ("ipp", "PasswordString", "12a4"),
    ("net", "Gateway", "10.0.8", "10.0.8.256", "gateway.example.org", "10.0.08.1"),
    ("sip", "RegisterServerMP1", "http://10.0.8.165", "10.0.8.165:5060", "a b", "-a.example.org", "10.0.8.300"),
    ("sip", "TEL1Number", "alice martin", "<sip:1001>", "a@b@c", "é"),
    ("sip", "CallPkupSC", "*8 X", "pickup"),
    ("sip", "CallPkupFlg", "Local", "1"),
    ("sip", "ComverseParkCode", "*61#|*62X#"),
    ("sip", "CLIPDisplayPrior", "ppreferred(2)passerted(2)remoteparty(3)from(4)", "from(1)", "ppreferred(2) from(1)"),
    ("sip", "sip_portMP1", "0", "65536", "5060/udp"),
    ("sip", "TransportFlgBK4", "3", "tcp"),
    ("sip", "ExpireTimeMP1", "1h", "99999999999"),
    ("sys", "CodecPriority", "g711a(1)g711mu(1)", "g711(1)", "g711a(0)", "g711a", "g711a(1),g729(2)", "g729(1)g729(2)"),
    ("sys", "CodecPktime", "g711a(25)", "g711a(5)", "g711a()"),
    ("sys", "CodecJitterBufMult", "g711a(3/2/7)", "g711a(1/2)", "g711a(1)"),
    ("sys", "CodecAdaptivePlayout", "g711a(2)"),
    ("sys", "FeatureKeyExt01", "B/<sip:1002>", "S/1002", "S/<sip:1002", "<sip:1002>", "S/<sip:a b>", "s/<sip:1002>"),
    ("sys", "FeatureKeyOpt66", "dialog(1)", SUPERVISED.replace("dialog(1)", "dialog(2)")),
    ("sys", "ServiceSupOrder", "callfwd(1)dnd(1)secfilter(0)huntgroup(0)", "dnd(0)callfwd(0)secfilter(0)huntgroup(0)"),
    ("sys", "BLFListSipUri", "team@example.org"),
    ("sys", "softkey01", "calllog", "Directory"),
    ("sys", "EmergencyDialPlan", "911", "|9 11|"),
    ("sys", "VOIPDialPlan", "x. T"),
    (
        "sys",
        "Phonebook1_url",
        "h/#SEARCH",
        "http://h/a b",
        "ftp://h/#SEARCH",
        "http://h/#SEARCH".ljust(129, "x"),
    ),
    ("sys", "PSettingURLdl", "h/cgi"),
    ("sys", "CountryCode", "fr", "CH"),
    ("autoprovision", "Decryption_Key", "short", "x" * 17),
    ("autoprovision", "Autoprovisionstarttime", "24:00", "0:00"),
    ("autoprovision", "AutoprovisionHTTPServer", "a b"),
    ("qos", "DSCP1", "64"),
    ("qos", "VLANid1", "0", "4095"),
    ("ntp", "NtpZoneNum", "64", "Europe/Paris"),
    ("ntp", "NtpIP", "10.0.1.44 10.0.1.45"),
]


@pytest.mark.parametrize(("section", "key", "value"), [(r[0], r[1], value) for r in UNDERSTOOD for value in r[2:]])
def test_a_value_that_the_phone_understands_is_taken(section: str, key: str, value: str) -> None:
    assert common(ST2030, section, key, value) == ()


@pytest.mark.parametrize(("section", "key", "value"), [(r[0], r[1], value) for r in MISFITS for value in r[2:]])
def test_a_value_that_the_phone_does_not_understand_is_found(section: str, key: str, value: str) -> None:
    assert rules(common(ST2030, section, key, value)) == [Rule.VALUE]


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.name)
def test_an_empty_value_clears_any_parameter(model: Model) -> None:
    text = "".join(f"[{section}]\n" + "".join(f"{key}=\n" for key in keys) for section, keys in model.common.items())
    assert read_common(text.encode(), "common", model)[1] == ()


def test_a_complaint_names_parameter_value_and_what_was_expected() -> None:
    (complaint,) = common(ST2030, "qos", "DSCP1", "64")
    assert str(complaint) == "unknown: common line 2: qos.DSCP1 is '64'; expected a number from 0 to 63 [value]"


@pytest.mark.parametrize(
    ("model", "section", "key", "value"),
    [
        (ST2030, "autoprovision", "Decryption_Key", "hunter2"),
        (ST2030, "ipp", "PasswordString", "hunter2"),
        (ST2030, "sys", "PSettingURLul", "h/?Pass=hunter2"),
        (TB30, "sys", "Log_Decryption_Key", "hunter2"),
        (TB30, "cwmp", "CWMPACS", "hunter2"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_complaint_shows_no_secret(model: Model, section: str, key: str, value: str) -> None:
    (complaint,) = common(model, section, key, value)
    assert "is ***; expected" in complaint.message
    assert "hunter2" not in str(complaint)


def test_a_phone_file_is_judged_like_a_common_file() -> None:
    _, complaints = read_phone(b"[sys]\nconfig_sn=201007300008\nFeatureKeyExt01=1002\n", "phone", ST2030)
    assert rules(complaints) == [Rule.VALUE]


def common(model: Model, section: str, key: str, value: str) -> tuple[Complaint, ...]:
    return read_common(f"[{section}]\n{key}={value}\n".encode("iso-8859-1"), "common", model)[1]


def rules(complaints: tuple[Complaint, ...]) -> list[Rule]:
    return [complaint.rule for complaint in complaints]


def known_to(model: Model) -> set[str]:
    return {f"{section}.{key}" for section, keys in model.common.items() for key in keys}
