"""The service on a real store, as the mirror writes it; and on the sample directory that dialtree ships."""

from pathlib import Path
from typing import Any

from services.provision.app import create_app
from services.provision.rendering import Renderer
from services.provision.tables import KINDS, ProvisionTables
from shared.config import Config
from shared.errors import EntryError
from shared.ldap.entry import Entry
from shared.ldap.source import Done, Stream, Upsert
from shared.writer import Store
from tests.provision.desk import alice, changes_in, configuration, filled_with, kinds_of, parameters, phone
from tests.provision.office import PHONE_FILE

SAMPLE = Path(__file__).parents[2] / "deploy" / "ldap" / "sample.ldif"


def in_state_dir(folder: Path, **provision: Any) -> Config:
    return configuration(**provision).model_copy(update={"state_dir": folder})


def load(config: Config, *entries: Entry) -> None:
    """Write the service's file as a mirror does that starts, loads everything once and ends."""
    path = config.state_dir / "provision.db"
    store = Store(path, ProvisionTables(config), KINDS, secrets=("AstAccountSecret",), guard=config.guard)
    store.prepare()
    for kind in KINDS:
        own = [Upsert(entry) for entry in entries if kind in kinds_of(entry)]
        store.apply(Stream(kind, "dc=example,dc=org", "subtree", "", ()), "test", None, iter([*own, Done(b"1", True)]))
    store.close()


def test_the_service_reads_what_the_mirror_wrote(tmp_path: Path) -> None:
    config = in_state_dir(tmp_path)
    client = create_app(config).test_client()
    assert client.get(PHONE_FILE).status_code == 503
    load(config, phone(), alice())
    assert parameters(client.get(PHONE_FILE).data)["sip.DisplayName1"] == "Alice Martin"
    load(config, phone(), alice(displayName="Alice Dupont"))
    assert parameters(client.get(PHONE_FILE).data)["sip.DisplayName1"] == "Alice Dupont"


def test_a_mirror_that_starts_with_another_configuration_writes_its_common_file_and_keeps_the_old_one(
    tmp_path: Path,
) -> None:
    load(in_state_dir(tmp_path), phone(), alice())
    other = in_state_dir(tmp_path, settings={"sys.VAD": "1"})
    client = create_app(other).test_client()
    before = client.get("/ST2030.inf").text
    Store(tmp_path / "provision.db", ProvisionTables(other), KINDS, secrets=(), guard=other.guard).prepare()
    after = client.get("/ST2030.inf").text
    assert before != after
    for general, vad in ((before, "0"), (after, "1")):
        path = general.partition("common_config=http://127.0.0.1:8080")[2].splitlines()[0]
        assert parameters(client.get(path).data)["sys.VAD"] == vad


def test_the_shipped_sample_is_served_but_for_its_two_unfinished_entries() -> None:
    config = configuration()
    db = filled_with(config, changes_in(SAMPLE, config))
    served, refused = [], []
    for (mac,) in db.execute("SELECT mac FROM phone_macs").fetchall():
        try:
            served.append(Renderer(config).phone(db, mac))
        except EntryError as error:
            refused.append(error.attribute)
    assert len(set(served)) == 12
    assert sorted(refused) == ["AstAccountSecret", "owner"]
