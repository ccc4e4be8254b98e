"""`/readyz` and the metrics of the directory service warn of a phonebook in which nobody is, and name nobody."""

from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.directory.app import create_app
from services.directory.health import DirectoryHealth
from services.directory.reads import reads_of
from services.directory.tables import NAME, VERSION, DirectoryTables
from shared.config import Guard
from shared.ldap.entry import Entry
from shared.ldap.source import Done, Kind, Upsert
from shared.ldap.streams import streams_of
from shared.store import Reader
from shared.writer import Store
from tests.directory.desk import configuration, person

BOOKS = [
    {"slot": 1},
    {"slot": 2, "kind": "group", "group": "cn=sales,dc=example,dc=org"},
    {"slot": 3, "kind": "filter", "filter": "(employeeType=partner)"},
]
ANNA = person("anna", "Anna Roy", AstAccountName="1001")


class Service:
    """A directory service over a file that a mirror loaded."""

    def __init__(self, folder: Path, *people: Entry, others: dict[Kind, Entry] | None = None, **directory: Any) -> None:
        folder.mkdir(exist_ok=True)
        config = configuration(**directory)
        reads = reads_of(config)
        path = folder / "directory.db"
        store = Store(path, DirectoryTables(config), tuple(reads), secrets=(), guard=Guard())
        store.prepare()
        for stream in streams_of(config.ldap, reads):
            found = (
                people
                if stream.kind is Kind.PERSON
                else [o for kind, o in (others or {}).items() if kind is stream.kind]
            )
            store.apply(stream, "test", None, iter([*map(Upsert, found), Done(None, complete=True)]))
        store.close()
        self.web = create_app(config, Reader(path, NAME, VERSION)).test_client()

    def warnings(self) -> dict[str, str]:
        """Code to message."""
        answer = self.web.get("/readyz")
        assert answer.status_code == 200  # an empty phonebook can be answered from
        assert answer.json is not None
        return {warned["code"]: warned["message"] for warned in answer.json["warnings"]}

    def gauges(self) -> dict[str, float]:
        """The warnings of the metrics, those that are none left out."""
        families = text_string_to_metric_families(self.web.get("/metrics").data.decode())
        samples = [s for family in families for s in family.samples if s.name == "dialtree_store_warnings"]
        assert {s.labels["code"] for s in samples} == set(DirectoryHealth.codes)
        return {s.labels["code"]: s.value for s in samples if s.value}


def test_a_phonebook_with_somebody_in_it_warns_of_nothing(tmp_path: Path) -> None:
    service = Service(tmp_path, ANNA)
    assert (service.warnings(), service.gauges()) == ({}, {})


@pytest.mark.parametrize(
    ("people", "code", "text"),
    [
        ((), "no-person", "finds no person"),
        ((person("anna", "Anna", AstAccountName="1001", dialtreeHidden="TRUE"),), "all-hidden", "everybody is hidden"),
        ((person("anna", "Anna", title="Boss"),), "no-number", "nobody has a number"),
        ((person("anna", "Anna", mobile="*21#"),), "no-number", "nobody has a number"),
    ],
)
def test_an_empty_phonebook_is_one_warning_with_its_cause(
    tmp_path: Path, people: tuple[Entry, ...], code: str, text: str
) -> None:
    service = Service(tmp_path, *people, phonebooks=BOOKS)
    assert list(service.warnings()) == [code]
    assert text in service.warnings()[code]
    assert "dialtree lint" in service.warnings()[code]
    assert "anna" not in str(service.warnings()).lower()
    assert service.gauges() == {code: 1}


def test_each_phonebook_that_lists_nobody_is_a_warning(tmp_path: Path) -> None:
    service = Service(tmp_path, ANNA, phonebooks=BOOKS)
    assert service.gauges() == {"phonebook-empty": 2}
    assert "slot 3 lists nobody" in service.warnings()["phonebook-empty"]


def test_a_phonebook_that_lists_somebody_is_none(tmp_path: Path) -> None:
    partner = person("berta", "Berta Roy", AstAccountName="1002", employeeType="partner")
    group = Entry("g", "cn=sales,dc=example,dc=org", {"member": (ANNA.dn,)})
    assert Service(tmp_path, ANNA, partner, others={Kind.GROUP: group}, phonebooks=BOOKS).warnings() == {}


def test_phones_are_missed_only_where_a_phonebook_compares_their_owners(tmp_path: Path) -> None:
    books = [{"slot": 1}, {"slot": 2, "kind": "my-site"}]
    assert list(Service(tmp_path / "a", ANNA, phonebooks=books).warnings()) == ["no-phone"]
    phone = Entry("p", "cn=phone,dc=example,dc=org", {"macaddress": ("001F9F16E849",), "owner": (ANNA.dn,)})
    assert Service(tmp_path / "b", ANNA, others={Kind.PHONE: phone}, phonebooks=books).warnings() == {}


def test_a_file_that_is_not_there_warns_of_nothing_and_is_not_ready(tmp_path: Path) -> None:
    web = create_app(configuration(), Reader(tmp_path / "none.db", NAME, VERSION)).test_client()
    answer = web.get("/readyz")
    assert answer.json is not None
    assert (answer.status_code, answer.json["warnings"]) == (503, [])


def test_no_look_at_the_health_reads_a_whole_table(tmp_path: Path) -> None:
    Service(tmp_path, ANNA, phonebooks=[*BOOKS, {"slot": 4, "kind": "my-site"}])
    with Reader(tmp_path / "directory.db", NAME, VERSION).snapshot() as db:
        seen: list[str] = []
        db.set_trace_callback(seen.append)
        tuple(DirectoryHealth(configuration(phonebooks=BOOKS)).warnings(db))
        db.set_trace_callback(None)
        own = [asked for asked in seen if not asked.startswith("--") and "'main'." not in asked]  # not the index's
        plans = [(asked, row[3]) for asked in own for row in db.execute(f"EXPLAIN QUERY PLAN {asked}")]
    assert len(own) >= 4
    assert [(asked, step) for asked, step in plans if not (step.startswith("SEARCH") or "LIMIT 1" in asked)] == []
