"""Where a value comes from: what is explained is what is served."""

from services.provision.explain import Explained, explain_phone
from services.provision.layers import Layer
from services.provision.rendering import Renderer
from shared.config import Config
from shared.ldap.entry import Entry
from shared.secret import Secret
from tests.provision.desk import (
    ALICE_DN,
    ARTICLE_MAC,
    PHONE_DN,
    alice,
    common_file,
    configuration,
    filled,
    parameters,
    phone,
    phone_file,
)
from tests.provision.test_profiles import FRANCE, LYON

CONFIG = configuration(registrar="pbx", settings={"sip.CallPkupSC": "*8X", "sys.TelnetPWD": "hunter2"})
ENTRIES = (
    phone(dialtreeProfile="Lyon", dialtreeSetting="sip.CallPkupSC=*7X"),
    alice(preferredLanguage="de"),
    LYON,
    FRANCE,
)


def explained(*entries: Entry, config: Config = CONFIG) -> dict[str, Explained]:
    explanation = explain_phone(Renderer(config), filled(config, entries), ARTICLE_MAC)
    return {each.parameter.name: each for each in explanation.parameters}


def test_a_value_shows_every_layer_that_spoke() -> None:
    stack = explained(*ENTRIES)["sip.CallPkupSC"].settings
    assert [(s.value, s.layer, s.where, s.attribute) for s in stack] == [
        ("", Layer.PACKAGE, "", ""),
        ("*8X", Layer.CONFIGURATION, "", "provision.settings.sip.CallPkupSC"),
        ("*9X", Layer.PROFILE, LYON.dn, "dialtreeSetting"),
        ("*7X", Layer.PHONE, PHONE_DN, "dialtreeSetting"),
    ]


def test_what_is_computed_names_the_person_and_the_attribute() -> None:
    found = explained(*ENTRIES)
    name, language = found["sip.DisplayName1"].settings[-1], found["ipp.LanguageType"].settings[-1]
    assert (name.value, name.layer, name.where, name.attribute) == (
        "Alice Martin",
        Layer.COMPUTED,
        ALICE_DN,
        "displayName",
    )
    assert (language.value, language.where, language.attribute) == ("3", ALICE_DN, "preferredLanguage")


def test_the_last_value_is_the_one_in_the_files() -> None:
    db = filled(CONFIG, ENTRIES)
    served = parameters(common_file(CONFIG, db, ARTICLE_MAC)) | parameters(phone_file(CONFIG, db, ARTICLE_MAC))
    del served["sys.config_sn"]
    values = {name: each.settings[-1].value for name, each in explained(*ENTRIES).items()}
    assert {name: v.reveal() if isinstance(v, Secret) else v for name, v in values.items()} == served


def test_secrets_are_masked() -> None:
    found = explained(*ENTRIES)
    assert "hunter2" not in str(found)
    assert "s3cret" not in str(found)
    assert str(found["sys.TelnetPWD"].settings[-1].value) == "***"
