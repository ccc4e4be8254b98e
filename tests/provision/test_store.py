"""The service on a real store, as the mirror writes it; and on the sample directory that dialtree ships."""

from pathlib import Path

from services.provision.app import create_app
from shared.errors import EntryError
from tests.provision.desk import alice, changes_in, configuration, filled_with, load, parameters, phone, phone_file
from tests.provision.office import PHONE_FILE, common_path

SAMPLE = Path(__file__).parents[2] / "deploy" / "ldap" / "sample.ldif"


def test_the_service_reads_what_the_mirror_wrote(tmp_path: Path) -> None:
    config = configuration(state_dir=tmp_path)
    client = create_app(config).test_client()
    assert client.get(PHONE_FILE).status_code == 503
    load(config, phone(), alice())
    assert parameters(client.get(PHONE_FILE).data)["sip.DisplayName1"] == "Alice Martin"
    load(config, phone(), alice(displayName="Alice Dupont"))
    assert parameters(client.get(PHONE_FILE).data)["sip.DisplayName1"] == "Alice Dupont"


def test_a_mirror_that_starts_with_another_configuration_writes_its_common_file_and_keeps_the_old_one(
    tmp_path: Path,
) -> None:
    load(configuration(state_dir=tmp_path), phone(), alice())
    other = configuration(state_dir=tmp_path, settings={"sys.VAD": "1"})
    client = create_app(other).test_client()
    before = common_path(client)
    load(other, phone(), alice())
    after = common_path(client)
    assert before != after
    for path, vad in ((before, "0"), (after, "1")):
        assert parameters(client.get(path).data)["sys.VAD"] == vad


def test_the_shipped_sample_is_served_but_for_its_two_unfinished_entries() -> None:
    config = configuration()
    db = filled_with(config, changes_in(SAMPLE, config))
    served, refused = [], []
    for (mac,) in db.execute("SELECT mac FROM phone_macs").fetchall():
        try:
            served.append(phone_file(config, db, mac))
        except EntryError as error:
            refused.append(error.attribute)
    assert len(set(served)) == 12
    assert sorted(refused) == ["AstAccountSecret", "owner"]
