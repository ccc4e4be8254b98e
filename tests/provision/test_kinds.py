"""Every kind of value: what fits, what does not, and what people are told."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.provision.values import Unwritable
from services.provision.vendors.thomson.catalog import SERIAL, Parameter, load_catalog
from services.provision.vendors.thomson.kinds import parse_kind
from services.provision.vendors.thomson.models import load_models
from tests.provision.desk import configuration

CATALOG = load_catalog()


def parameter(name: str) -> Parameter:
    return CATALOG[name]


FITTING = [
    ("sys.VAD", "0 1"),
    ("ipp.AutoAnsTimer", "0 1 10 15 60"),
    ("ipp.LanguageType", "0 8"),
    ("net.ESWITCH_LAN", "1 5"),
    ("sip.CallPkupFlg", "local sc"),
    ("sip.sw_CF", "0 2"),
    ("sys.dtmf_mode_flag", "0 1 4"),
    ("sys.CountryCode", "US AT"),
    ("net.Gateway", "0.0.0.0 10.0.8.165 255.255.255.255"),
    ("sip.RegisterServerMP1", "10.0.8.165 pbx pbx-1.example.org _sip._udp.example.org a1 1a.example"),
    ("sys.Phonebook1_url", "http://10.0.8.165:8000/search?q=#SEARCH https://pbx/?a=1&q=#SEARCH"),
    ("autoprovision.AutoprovisionHTTPServer", "10.0.8.165/st2030 http://host/ST2030.inf"),
    ("sip.CallPkupSC", "*8X ##70 **1"),
    ("sip.VoiceMailTelNum", "*98 3000 sip:mail@pbx"),
    ("sys.VOIPDialPlan", "x.T (0xxxxxxxxx|1[2-8]x)T"),
    ("sys.EmergencyDialPlan", "|911|11x|1[2-8]| |112|"),
    ("sys.FeatureKeyExt01", "L/<sip:> S/<sip:1002> S/<sip:1002@pbx.example.org> L/ S/"),
    ("sys.FeatureKeyOpt66", "dialog(1)regDND(1)ua-profile(1:cfu(1)dnd(1)sf(1)hg(1))"),
    ("sys.softkey12", "CallLog TrVoiceMail"),
    ("autoprovision.Autoprovisionstarttime", "00:00 23:59"),
    ("autoprovision.Decryption_Key", "0123456789abcdef"),
    ("ipp.PasswordString", "0000 123456"),
    ("sip.ComverseParkCode", "*61#|*62X#|*63#|*64X#"),
    ("sip.CLIPDisplayPrior", "ppreferred(1)passerted(2)remoteparty(3)from(4)"),
    ("sys.CodecPriority", "g711a(1) g711a(2)g722(1) g711a(1)g711mu(2)g729(3)g723(4)"),
    ("sys.CodecPktime", "g711a(20)g729(30)"),
    ("sys.CodecJitterBufMult", "g711a(2/3/7)g723(1/1/1)"),
    ("sys.CodecAdaptivePlayout", "g711a(0)g711mu(1)"),
    ("sys.ServiceSupOrder", "callfwd(2)dnd(1)secfilter(0)huntgroup(0)"),
]
UNFITTING = [
    ("sys.VAD", "2 on yes 00 -1"),
    ("ipp.AutoAnsTimer", "11 61 -1 1.5 x 99999999999"),
    ("ipp.LanguageType", "9 fr"),
    ("net.ESWITCH_LAN", "0 6"),
    ("sip.CallPkupFlg", "SC none"),
    ("sip.sw_CF", "1"),
    ("sys.dtmf_mode_flag", "2"),
    ("sys.CountryCode", "us CA"),
    ("net.Gateway", "10.0.0 10.0.0.256 pbx"),
    ("sip.RegisterServerMP1", "10.0.0.256 10.0.0 pbx:5060 sip:pbx -pbx a..b pbx/x 12345 ::1"),
    ("sys.Phonebook1_url", "pbx/search ftp://pbx/ http://10.0.0.256/ http:// http://pbx:x/"),
    ("sip.CallPkupSC", "*8Y abc"),
    ("sip.VoiceMailTelNum", "<sip:mail> a>b"),
    ("sys.VOIPDialPlan", "abc x;T"),
    ("sys.EmergencyDialPlan", "911 |911 911| ||"),
    ("sys.FeatureKeyExt01", "B/<sip:> L 1002 S/1002 S/<sip:10<02> s/<sip:1>"),
    ("sys.FeatureKeyOpt66", "dialog(1) dialog(2)regDND(1)ua-profile(1:cfu(1)dnd(1)sf(1)hg(1))"),
    ("sys.softkey12", "calllog Nothing"),
    ("autoprovision.Autoprovisionstarttime", "24:00 1:00 12:60 noon"),
    ("ipp.PasswordString", "12a4"),
    ("sip.ComverseParkCode", "*61# *61#|*62X#|*63# *61#|*62X#|*63#|*64X#|1"),
    ("sip.CLIPDisplayPrior", "ppreferred(1)passerted(1)remoteparty(3)from(4) ppreferred(1)passerted(2)remoteparty(3)"),
    ("sys.CodecPriority", "g711a g711a(0) g711a(1)g722(1) g711mu(1)g711a(2) opus(1) g711a(1)g711a(2) g711a(1)x"),
    ("sys.CodecPktime", "g711a(15) g711a(0) g711a(200)"),
    ("sys.CodecJitterBufMult", "g711a(3/2/7) g711a(1/2) g711a(0/1/2) g711a(1/2/256)"),
    ("sys.CodecAdaptivePlayout", "g711a(2)"),
    (
        "sys.ServiceSupOrder",
        "callfwd(1)dnd(1)secfilter(0)huntgroup(0) callfwd(1) callfwd(5)dnd(0)secfilter(0)huntgroup(0)",
    ),
]


@pytest.mark.parametrize(("name", "texts"), FITTING, ids=[name for name, _ in FITTING])
def test_what_the_phone_can_take_is_taken_as_it_is(name: str, texts: str) -> None:
    for text in texts.split():
        assert parameter(name).check(text) == text


@pytest.mark.parametrize(("name", "texts"), UNFITTING, ids=[name for name, _ in UNFITTING])
def test_what_it_cannot_take_is_refused_and_what_is_allowed_is_said(name: str, texts: str) -> None:
    for text in texts.split():
        with pytest.raises(Unwritable) as refused:
            parameter(name).check(text)
        if name == "ipp.PasswordString":  # a secret
            assert text not in str(refused.value)
        else:
            assert str(refused.value).endswith(f", and is {text!r}")
        assert str(refused.value).startswith(f"must be {parameter(name).kind.allowed}")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sys.VAD", "must be 0 or 1, and is 'x'"),
        ("ipp.Ringer_default_vol", "must be 0 to 9, and is 'x'"),
        ("ipp.AutoAnsTimer", "must be 0 to 10, 15, 20, 25, 30, 40, 50 or 60 seconds, and is 'x'"),
        ("sip.CallPkupFlg", "must be local or sc, and is 'x'"),
        ("sip.CallPkupSC", "must be a dial code of 0-9 * # + A-D, X for a number or empty, and is 'x y'"),
        ("ntp.NtpZoneNum", "must be 0 to 63, and is 'x'"),
        ("autoprovision.Decryption_Key", "must be 16 characters"),
    ],
)
def test_the_message_is_a_sentence_for_people(name: str, message: str) -> None:
    with pytest.raises(Unwritable) as refused:
        parameter(name).check("x y" if "'x y'" in message else "x")
    assert str(refused.value) == message


@pytest.mark.parametrize(
    "name", ["sys.VAD", "ntp.NtpZoneNum", "sip.CallPkupFlg", "sys.WebPWD", "autoprovision.Decryption_Key"]
)
def test_flags_numbers_choices_and_passwords_are_never_empty(name: str) -> None:
    with pytest.raises(Unwritable):
        parameter(name).check("")


@pytest.mark.parametrize("name", ["sip.RegisterServerMP1", "sip.CallPkupSC", "sys.CodecPriority", "sys.Phonebook1_url"])
def test_what_a_phone_can_do_without_may_be_empty(name: str) -> None:
    assert parameter(name).check("") == ""


def test_a_phonebook_url_has_at_most_128_characters() -> None:
    url = "http://pbx/" + "x" * 117
    assert parameter("sys.Phonebook8_url").check(url) == url
    with pytest.raises(Unwritable, match="at most 128 characters"):
        parameter("sys.Phonebook8_url").check(url + "x")


def test_a_text_is_one_line_of_the_phones_letters() -> None:
    assert parameter("sip.DisplayName1").check(" Łukasz ") == "Lukasz"
    assert len(parameter("sip.DisplayName1").check("é" * 128)) == 128
    for text in ("a\nb", "Москва", "é" * 129):
        with pytest.raises(Unwritable):
            parameter("sip.DisplayName1").check(text)


def test_a_secret_is_checked_as_it_is_and_never_quoted() -> None:
    for text in (" hunter2hunter2 7", "hunter2", "hunter2\nhunter2hu"):
        with pytest.raises(Unwritable) as refused:
            parameter("autoprovision.Decryption_Key").check(text)
        assert "hunter" not in str(refused.value)


def test_every_default_of_every_model_is_allowed() -> None:
    for model in load_models(configuration()):
        for each in model.catalog.values():
            if each.name != SERIAL:
                assert each.check(each.default) == each.default, f"{model.name}: {each.name}"


@settings(deadline=None)
@given(name=st.sampled_from(sorted(set(CATALOG) - {SERIAL})), text=st.text(max_size=200))
def test_any_text_is_refused_or_becomes_one_line_that_fits(name: str, text: str) -> None:
    try:
        line = parameter(name).check(text)
    except Unwritable:
        return
    assert parameter(name).check(line) == line
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", line)
    line.encode("iso-8859-1")


def test_a_kind_that_there_is_not_is_an_error() -> None:
    with pytest.raises(ValueError, match="'colour' is no kind"):
        parse_kind("colour")
