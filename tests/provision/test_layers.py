from pathlib import Path
from typing import Any

import pytest

from services.provision.layers import Layer, Settings, Site, setting_faults
from services.provision.phones import Phone, find_phone
from services.provision.vendors.thomson.catalog import SERIAL, load_catalog
from services.provision.vendors.thomson.models import Model, load_models
from shared.config import Config
from shared.errors import ConfigurationError, EntryError, Fault
from shared.secret import Secret
from tests.provision.desk import ARTICLE_MAC, PHONE_DN, alice, configuration, filled, parameters, phone, rendered


def shown(config: Config, *settings: str) -> dict[str, str]:
    return parameters(rendered(phone(dialtreeSetting=settings) if settings else phone(), alice(), config=config))


def faults(**provision: Any) -> tuple[Fault, ...]:
    config = configuration(**provision)
    return setting_faults(config, load_models(config))


def shared(config: Config) -> Settings:
    models = load_models(config)
    return Site(config, models).shared(models.usual, ())


def own(config: Config, of: Phone) -> Settings:
    models = load_models(config)
    layers = Site(config, models).own_layers(models.usual, of, shared(config))
    return {setting.parameter.name: setting for setting in layers}


# --- the order of layers


def test_every_parameter_has_a_value_from_the_package() -> None:
    settings = shared(configuration())
    assert set(settings) == set(load_catalog()) - {SERIAL}
    assert settings["sip.ExpireTimeMP1"].layer is Layer.PACKAGE
    assert settings["sip.ExpireTimeMP1"].value == "3600"


def test_the_configuration_file_wins_over_the_package() -> None:
    settings = shared(configuration(registrar="pbx.example.org", settings={"sys.VAD": "1"}))
    for name, value in (("sip.RegisterServerMP1", "pbx.example.org"), ("sys.VAD", "1")):
        assert (settings[name].value, settings[name].layer) == (value, Layer.CONFIGURATION)


def test_a_parameter_wins_over_the_named_setting_that_stands_for_it() -> None:
    config = configuration(pickup_code="*8X", settings={"sip.CallPkupSC": "*9X"})
    assert shown(config)["sip.CallPkupSC"] == "*9X"


def test_an_empty_parameter_is_written_empty() -> None:
    assert shown(configuration(settings={"sys.CodecPriority": ""}))["sys.CodecPriority"] == ""


def test_the_phones_entry_wins_over_the_configuration_file() -> None:
    config = configuration(language="fr", settings={"sip.CallPkupSC": "*8X"})
    own = shown(config, "sip.CallPkupSC=*9X", "ipp.LanguageType=3", "sip.ProfileName1=a=b")
    assert (own["sip.CallPkupSC"], own["ipp.LanguageType"], own["sip.ProfileName1"]) == ("*9X", "3", "a=b")


def test_what_is_computed_wins_over_the_phones_entry() -> None:
    config = configuration()
    own = phone(dialtreeSetting=("sip.regid1=x", "sys.FeatureKeyExt03=S/<sip:9>"), dialtreeKey="3 blf 1002")
    file = parameters(rendered(own, alice(), config=config))
    assert (file["sip.regid1"], file["sys.FeatureKeyExt03"]) == ("1001", "S/<sip:1002>")


def test_every_value_remembers_its_layer() -> None:
    config = configuration()
    entries = (phone(dialtreeSetting="sys.VAD=1"), alice())
    found = find_phone(
        filled(config, (phone(dialtreeSetting="sip.CallPkupSC=*9X"), alice())), ARTICLE_MAC, config.ldap.mapping
    )
    settings = own(config, found)
    assert settings["sip.CallPkupSC"].layer is Layer.PHONE
    assert settings["sip.regid1"].layer is Layer.COMPUTED
    with pytest.raises(EntryError, match="common file"):
        rendered(*entries, config=config)


def test_secrets_are_secrets_in_every_layer(tmp_path: Path) -> None:
    (tmp_path / "web").write_text("from-a-file\n", encoding="utf-8")
    config = configuration(settings={"sys.UserPWD": "plain"}, settings_file={"sys.WebPWD": str(tmp_path / "web")})
    settings = shared(config)
    assert settings["sys.WebPWD"].value == Secret("from-a-file")
    found = find_phone(
        filled(config, (phone(dialtreeSetting="sys.TelnetPWD=own"), alice())), ARTICLE_MAC, config.ldap.mapping
    )
    everything = {**settings, **own(config, found)}
    for name, parameter in load_catalog().items():
        if name != SERIAL:
            assert isinstance(everything[name].value, Secret) == parameter.secret
    printed = repr((everything, found))
    for secret in ("plain", "from-a-file", "'own'", "s3cret"):
        assert secret not in printed


# --- what the named settings stand for


def test_a_backup_registrar_is_written_and_its_absence_too() -> None:
    names = [f"sip.{name}BK1" for name in ("RegisterServer", "ProxyServer", "ServiceDomain")]
    without = shown(configuration(registrar="a", sip_domain="example.org"))
    assert [without[name] for name in names] == ["", "", ""]
    with_one = shown(configuration(registrar="a", backup_registrar="b"))
    assert [with_one[name] for name in names] == ["b", "b", "b"]
    domain = shown(configuration(registrar="a", backup_registrar="b", sip_domain="example.org"))
    assert [domain[f"sip.ServiceDomain{server}1"] for server in ("MP", "BK")] == ["example.org"] * 2


def test_the_mailbox_of_the_account_decides_about_voicemail() -> None:
    config = configuration(voicemail_number="*98")
    names = ("sip.VoiceMailTelNum", "sip.subscribe_event")
    without = parameters(rendered(phone(), alice(), config=config))
    assert [without[name] for name in names] == ["", "0"]
    with_one = parameters(rendered(phone(), alice(AstAccountMailbox="1001@default"), config=config))
    assert [with_one[name] for name in names] == ["*98", "1"]


def test_without_a_pickup_code_the_phone_picks_up_by_itself() -> None:
    names = ("sip.CallPkupFlg", "sip.CallPkupSC")
    assert [shown(configuration())[name] for name in names] == ["local", ""]
    assert [shown(configuration(pickup_code="*8X"))[name] for name in names] == ["sc", "*8X"]


def test_without_an_ntp_server_there_is_no_ntp() -> None:
    assert shown(configuration())["ntp.NTPFlag"] == "0"
    assert shown(configuration(ntp_server="ntp.example.org", daylight=False))["ntp.NTPFlag"] == "1"
    assert shown(configuration(daylight=False))["ntp.NtpDaylight"] == "0"


@pytest.mark.parametrize(("language", "index"), [("en", "0"), ("fr", "1"), ("de", "3"), ("nl", "8")])
def test_a_language_is_written_as_the_phones_number_of_it(language: str, index: str) -> None:
    assert shown(configuration(language=language))["ipp.LanguageType"] == index


def test_the_phonebook_is_the_directory_services() -> None:
    file = shown(configuration(directory={"public_url": "http://books.example.org"}, phonebook_name="Société"))
    assert file["sys.Phonebook1_url"] == "http://books.example.org/search?q=#SEARCH"
    assert file["sys.Phonebook1_name"] == "Société"
    assert [file[f"sys.Phonebook{n}_url"] for n in range(2, 9)] == [""] * 7


def test_each_phonebook_has_its_address_and_its_title_in_the_language_of_the_phone() -> None:
    books = [{"slot": 1}, {"slot": 3, "kind": "my-site", "name": {"en": "My site", "fr": "Mon siège", "de": "Büro"}}]
    directory = {"public_url": "http://books.example.org", "phonebooks": books}
    french, german = configuration(directory, language="fr"), configuration(directory, language="de")
    assert shown(french)["sys.Phonebook3_url"] == "http://books.example.org/b3/search?q=#SEARCH"
    assert [shown(config)["sys.Phonebook3_name"] for config in (french, german)] == ["Mon siège", "Büro"]
    assert [shown(french)[f"sys.Phonebook{n}_{what}"] for n in (2, 8) for what in ("name", "url")] == [""] * 4
    of_a_german = parameters(rendered(phone(), alice(preferredLanguage="de"), config=french))
    assert (of_a_german["sys.Phonebook1_name"], of_a_german["sys.Phonebook3_name"]) == ("Phonebook", "Büro")


def test_a_title_that_no_phone_can_hold_is_a_fault_in_whatever_language() -> None:
    books = [{"slot": 2, "kind": "my-site", "name": {"en": "Site", "ru": "Площадка"}}]
    config = configuration({"phonebooks": books})
    broken = setting_faults(config, load_models(config))
    assert [fault.path for fault in broken] == ["directory.phonebooks.2.name"]


def test_only_the_first_line_is_used() -> None:
    file = shown(configuration())
    assert [file[f"sip.TEL0{n}Use"] for n in range(1, 5)] == ["1", "0", "0", "0"]
    for n in range(2, 5):
        for name in ("TEL{}Number", "regid{}", "regpwd{}", "DisplayName{}", "ProxyServerMP{}", "RegisterServerBK{}"):
            assert file[f"sip.{name.format(n)}"] == ""


# --- what the configuration file may not say


def test_a_sound_configuration_has_no_faults() -> None:
    assert faults(settings={"sip.CallPkupSC": "*8X", "sys.WebPWD": "s3cret"}) == ()


def test_an_unknown_parameter_is_a_fault_that_names_a_near_one() -> None:
    (fault,) = faults(settings={"sip.CallPickupSC": "*8X"})
    assert fault.path == "provision.settings"
    assert "did you mean sip.CallPkupSC?" in fault.message


@pytest.mark.parametrize("name", ["cwmp.CWMPPARAMETERKEY", "sip.CodecPriority_L16"])
def test_what_is_left_to_the_phone_is_a_fault_that_says_so(name: str) -> None:
    (fault,) = faults(settings={name: "1"})
    assert f"{name} is left to the phone (" in fault.message
    assert fault.message.endswith("); delete the setting")


def test_a_parameter_in_the_wrong_section_is_a_fault() -> None:
    assert len(faults(settings={"sys.CallPkupSC": "*8X"})) == 1


def test_the_serial_is_not_set() -> None:
    (fault,) = faults(settings={"sys.config_sn": "201007300008"})
    assert "computed" in fault.message


def test_a_parameter_that_cannot_be_written_is_a_fault() -> None:
    broken = faults(settings={"sys.UserID": "a\nTelnetPWD=x", "snmp.sysLocation": "Москва"})
    assert [fault.path for fault in broken] == ["provision.settings.sys.UserID", "provision.settings.snmp.sysLocation"]


def test_a_named_setting_that_cannot_be_written_is_a_fault() -> None:
    assert [fault.path for fault in faults(phonebook_name="Книга", registrar="a\nb")] == [
        "provision.registrar",
        "provision.phonebook_name",
    ]


def test_a_secret_that_cannot_be_written_is_a_fault_that_does_not_show_it(tmp_path: Path) -> None:
    (tmp_path / "web").write_text("hunter2\nsecond line", encoding="utf-8")
    broken = faults(
        settings={"sys.UserPWD": " hunter2", "sys.WebPWD": "hunter2"},
        settings_file={"sys.WebPWD": str(tmp_path / "web")},
    )
    assert [fault.path for fault in broken] == [
        "provision.settings.sys.UserPWD",
        "provision.settings_file.sys.WebPWD",
        "provision.settings_file.sys.WebPWD",
    ]
    assert "hunter2" not in str(broken)


def test_a_broken_configuration_is_not_rendered() -> None:
    with pytest.raises(ConfigurationError, match=r"sip\.Nothing"):
        shared(configuration(settings={"sip.Nothing": "1"}))


# --- what an entry may not say


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("sip.CallPickupSC=*8X", "did you mean sip.CallPkupSC?"),
        ("voip.CallPkupSC=*8X", "no parameter"),
        ("sys.config_sn=201007300008", "computed"),
        ("sys.WebPWD=hunter2", "common file"),
        ("sys.Phonebook1_name=Книга", "Latin letters"),
        ("sys.TelnetPWD=hunter2\nx", "line break"),
        ("sys.TelnetPWD= hunter2", "blank"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused(setting: str, problem: str) -> None:
    with pytest.raises(EntryError) as refused:
        shown(configuration(), setting)
    assert (refused.value.dn, refused.value.attribute) == (PHONE_DN, "dialtreeSetting")
    assert problem in str(refused.value)
    assert setting.partition("=")[0] in str(refused.value)
    assert "hunter2" not in str(refused.value)


# --- what the package advises

TWENTY = "g711a(20)g711mu(20)g729(20)g723(30)gsmwbamr(20)g722(20)l16(20)ilbc(20)ilbc133(30)"


@pytest.mark.parametrize("model", tuple(load_models(configuration())), ids=lambda model: model.name)
def test_packets_hold_20_ms_of_voice_unless_a_frame_is_longer(model: Model) -> None:
    config = configuration()
    setting = Site(config, load_models(config)).shared(model, ())["sys.CodecPktime"]
    assert (setting.value, setting.layer) == (TWENTY, Layer.PACKAGE)
    assert setting.parameter.default.startswith("g711a(10)")


def test_every_value_that_the_package_advises_is_one_that_the_phone_takes() -> None:
    advised = [each for model in load_models(configuration()) for each in model.catalog.values() if each.advised]
    assert {each.key for each in advised} == {"CodecPktime"}
    assert all(each.check(each.advised) == each.advised != each.default for each in advised)


def test_a_default_of_the_sites_own_model_wins_over_what_the_package_advises(tmp_path: Path) -> None:
    text = '[Lobby]\nbased_on = "ST2030"\n[Lobby.defaults]\n"sys.CodecPktime" = "g711a(30)"\n'
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    config = configuration(models_dir=str(tmp_path))
    models = load_models(config)
    lobby = models.find("Lobby")
    assert lobby is not None
    assert Site(config, models).shared(lobby, ())["sys.CodecPktime"].value == "g711a(30)"
