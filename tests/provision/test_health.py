"""`/readyz` of the provision service warns of what LDAP does not show it."""

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from services.provision.app import create_app
from services.provision.health import ProvisionHealth
from shared.ldap.entry import Entry
from tests.provision.desk import alice, configuration, load, phone, reader_of


def warned(folder: Path, *entries: Entry) -> dict[str, str]:
    """Code to message, which the metrics say as well."""
    config = configuration(state_dir=folder)
    load(config, *entries)
    web = create_app(config, reader_of(config)).test_client()
    answer = web.get("/readyz")
    assert answer.status_code == 200
    assert answer.json is not None
    families = text_string_to_metric_families(web.get("/metrics").data.decode())
    samples = [s for family in families for s in family.samples if s.name == "dialtree_store_warnings"]
    assert {s.labels["code"] for s in samples} == set(ProvisionHealth.codes)
    found = {each["code"]: each["message"] for each in answer.json["warnings"]}
    assert {s.labels["code"] for s in samples if s.value} == set(found)
    return found


def test_a_directory_with_a_phone_an_account_and_a_person_warns_of_nothing(tmp_path: Path) -> None:
    assert warned(tmp_path, alice(), phone()) == {}


def test_each_kind_that_is_not_found_is_a_warning_that_names_the_command(tmp_path: Path) -> None:
    found = warned(tmp_path)
    assert set(found) == {"no-person", "no-account", "no-phone"}
    assert found["no-phone"] == "the provision service finds no phone in the directory; `dialtree check` says why"
    assert set(warned(tmp_path, alice())) == {"no-phone"}


def test_accounts_without_any_secret_are_a_warning(tmp_path: Path) -> None:
    assert set(warned(tmp_path, alice(AstAccountSecret=""), phone())) == {"no-secret"}
