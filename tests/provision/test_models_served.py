"""Phones of every model ask a real store's app: which files they get, by entry, User-Agent and file name."""

import logging
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from services.provision.app import create_app
from services.provision.vendors.thomson.models import Model, load_models
from shared.config import Config
from tests.provision.desk import (
    PEOPLE,
    PHONES,
    alice,
    configuration,
    entry,
    load,
    parameters,
    phone,
    rendered,
    vendor_files,
)

MODELS = load_models(configuration())
NAMES = ["ST2030", "ST2022", "TB30", "ST2020"]
SAYS_NOTHING = "001F9F000001"
SAYS_TB30 = "001F9F000002"
SAYS_NONSENSE = "001F9F000003"
FIRMWARE = {"ST2022": "v2022SG.4.78.zz", "ST2030": "v2030SG.2.74.zz", "TB30": "TB30S.R11.1.74.zz"}
VENDOR_FILES = (*FIRMWARE.values(), "Tone-RG.txt", f"ST2022S_{SAYS_NOTHING}.ser")


def model(name: str) -> Model:
    found = MODELS.find(name)
    assert found is not None
    return found


def agent(name: str, mac: str = SAYS_NOTHING) -> dict[str, str]:
    pairs = "-".join(mac[start : start + 2] for start in range(0, 12, 2))
    return {"User-Agent": f"THOMSON {name} hw2 fw1.0 {pairs}"}


def phone_file(name: str, mac: str = SAYS_NOTHING) -> str:
    return f"/provisioning/{model(name).folder}/config/{model(name).prefix}_{mac}.txt"


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    folder = vendor_files(tmp_path_factory.mktemp("vendor"), *VENDOR_FILES)
    config = configuration(vendor_dir=folder, state_dir=tmp_path_factory.mktemp("state"))
    person = entry(
        f"uid=bob,{PEOPLE}",
        objectClass=("inetOrgPerson", "AsteriskSIPUser"),
        cn="Bob",
        AstAccountName="1002",
        AstAccountSecret="s3cret",
    )
    of = {SAYS_NOTHING: "", SAYS_TB30: "tb30", SAYS_NONSENSE: "ST2031"}
    phones = [
        entry(f"cn={mac},{PHONES}", macAddress=mac, owner=person.dn, **({"dialtreeModel": says} if says else {}))
        for mac, says in of.items()
    ]
    load(config, person, *phones)
    return config


@pytest.fixture
def client(config: Config) -> FlaskClient:
    return create_app(config).test_client()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("folder", ["/", "/provisioning/", "/PROVISIONING/st2030/"])
def test_every_general_file_name_of_a_model_is_answered_anywhere(client: FlaskClient, name: str, folder: str) -> None:
    usual = client.get(f"/{name}.inf")
    assert usual.status_code == 200
    for each in (*model(name).general_files, f"{model(name).prefix}_AAAAAAAAAAAA.inf"):
        for written in (each, each.upper(), each.lower()):
            assert client.get(folder + written).data == usual.data


@pytest.mark.parametrize("name", NAMES)
def test_the_general_file_of_a_model_names_files_of_that_model_only(client: FlaskClient, name: str) -> None:
    text = client.get(f"/{name}.inf").text
    urls = re.findall(r"http://\S+", text)
    assert all(url.startswith(f"http://127.0.0.1:8080/provisioning/{name}/") for url in urls)
    firmware = re.findall(r"^fwurl=.*/data/(\S+)", text, re.MULTILINE)
    assert firmware == ([FIRMWARE[name]] if name in FIRMWARE else [])
    assert re.search(rf"/{model(name).common_file}-[0-9a-f]{{16}}\.txt", text)
    for url in urls:
        path = url.removeprefix("http://127.0.0.1:8080")
        with client.get(path if not path.endswith("/") else phone_file(name)) as answer:
            assert answer.status_code == 200


@pytest.mark.parametrize("name", NAMES)
def test_a_model_gets_its_whole_set_of_parameters(client: FlaskClient, name: str) -> None:
    own = client.get(phone_file(name), headers=agent(name))
    assert parameters(own.data).keys() == {parameter.name for parameter in model(name).phone}
    common = re.search(r"common_config=http://[^/]+(\S+)", client.get(f"/{name}.inf").text)
    assert common is not None
    assert parameters(client.get(common[1]).data).keys() == {parameter.name for parameter in model(name).common}


def test_the_entry_wins_over_user_agent_and_file(client: FlaskClient) -> None:
    right = client.get(phone_file("TB30", SAYS_TB30)).data
    assert client.get(phone_file("ST2022", SAYS_TB30), headers=agent("ST2030", SAYS_TB30)).data == right
    general = client.get("/ST2022.inf", headers=agent("ST2030", SAYS_TB30)).data
    assert general == client.get("/TB30.inf").data == client.get(f"/ST2030S_{SAYS_TB30}.inf").data


def test_the_letter_case_of_the_entrys_model_changes_not_even_the_serial() -> None:
    written = [rendered(phone(dialtreeModel=name), alice()) for name in ("tb30", "TB30")]
    assert written[0] == written[1]
    assert parameters(written[0])["sys.config_sn"] != parameters(rendered(phone(), alice()))["sys.config_sn"]


def test_the_user_agent_wins_over_the_file(client: FlaskClient) -> None:
    assert client.get(phone_file("ST2030"), headers=agent("ST2022")).data == client.get(phone_file("ST2022")).data
    assert client.get("/ST2030.inf", headers=agent("TB30")).data == client.get("/TB30.inf").data
    assert client.get("/TB30.inf", headers={"User-Agent": "curl/8"}).data == client.get("/TB30.inf").data


def test_an_entry_that_names_no_model_is_refused_by_name(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "dialtree.provision"):
        assert client.get(phone_file("ST2030", SAYS_NONSENSE)).status_code == 404
    assert f"cn={SAYS_NONSENSE},{PHONES}: dialtreeModel: 'ST2031' is no model; there are ST2030" in caplog.text


def contradicting(client: FlaskClient) -> float:
    families = {family.name: family for family in text_string_to_metric_families(client.get("/metrics").text)}
    return families["dialtree_contradicting_phones"].samples[0].value


def test_a_contradiction_is_reported_once_for_each_phone(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    assert contradicting(client) == 0
    with caplog.at_level(logging.WARNING, "dialtree.provision"):
        for _ in range(3):
            client.get(phone_file("ST2022", SAYS_TB30), headers=agent("ST2030", SAYS_TB30))
    (record,) = caplog.records
    assert record.getMessage() == (
        f"phone {SAYS_TB30}: its entry says TB30, which counts, but its User-Agent says ST2030 and the file it asks for "
        "says ST2022; correct the entry's model, or reset the phone"
    )
    assert contradicting(client) == 1
    client.get(phone_file("TB30", SAYS_TB30), headers=agent("TB30", SAYS_TB30))
    assert contradicting(client) == 0


def test_an_encrypted_file_is_the_one_of_the_model_that_is_asked_for(client: FlaskClient) -> None:
    for name, status in (("ST2022", 200), ("ST2030", 404)):
        with client.get(phone_file(name).replace(".txt", ".ser")) as answer:
            assert answer.status_code == status


@pytest.mark.parametrize("folder", ["ST2022", "st2030", "TB30", "ST2020"])
def test_vendor_files_are_in_the_folder_of_every_model(client: FlaskClient, folder: str) -> None:
    with client.get(f"/provisioning/{folder}/data/Tone-RG.txt") as answer:
        assert answer.status_code == 200
    assert client.get(f"/provisioning/{folder}X/data/Tone-RG.txt").status_code == 404


def test_a_sites_own_model_is_served(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        '[Kiosk]\nbased_on = "ST2022"\nkeys = 2\nprefix = "KIOSK"\nfolder = "kiosk"\ngeneral_files = ["kiosk.inf"]\n'
        'common_file = "ComConfKiosk"\nuser_agents = ["KIOSK"]\n[Kiosk.defaults]\n"sys.AEC" = "0"\n',
        encoding="utf-8",
    )
    config = configuration(models_dir=str(tmp_path), state_dir=tmp_path)
    load(config)
    client = create_app(config).test_client()
    general = client.get("/kiosk.inf").text
    common = re.search(
        r"common_config=http://[^/]+(/provisioning/kiosk/config/ComConfKiosk-[0-9a-f]{16}\.txt)", general
    )
    assert common is not None
    assert parameters(client.get(common[1]).data)["sys.AEC"] == "0"
