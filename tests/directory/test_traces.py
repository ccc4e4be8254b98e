"""A hidden person is in no file of the service, whatever was there before: the bytes of the files are searched."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from services.directory.reads import reads_of
from services.directory.tables import DirectoryTables
from shared.config import Guard
from shared.ldap.entry import Entry, uuid_of_dn
from shared.ldap.source import Change, Done, Kind, Upsert
from shared.ldap.streams import streams_of
from shared.store import Reader
from shared.writer import Store
from tests.directory.desk import configuration

NAME, NUMBER = "Quetzalcoatl Xylander", "+33 6 98 76 54 32"
TRACES = ("quetzalcoatl", "xylander", "698765432", "98 76 54 32")
OTHERS = 400


class Office:
    """A directory service's store of some people, which a mirror would own."""

    def __init__(self, folder: Path, now: Callable[[], float] = time.time) -> None:
        self.folder = folder
        config = configuration()
        reads = reads_of(config)
        tables = DirectoryTables(config, now)
        self.stream = {stream.kind: stream for stream in streams_of(config.ldap, reads)}[Kind.PERSON]
        self.store = Store(folder / "directory.db", tables, [Kind.PERSON], secrets=(), guard=Guard())
        self.store.prepare()
        self.reader = Reader(folder / "directory.db", tables.name, tables.version)
        people = [person(f"name{n}", f"{1000 + n}") for n in range(OTHERS)]
        self.bring(*people, person("ottilie", NUMBER, NAME), complete=True)

    def bring(self, *entries: Entry, complete: bool = False) -> None:
        answer: list[Change | Done] = [*map(Upsert, entries), Done(b"1", complete=complete)]
        self.store.apply(self.stream, "ldap://one", None if complete else b"1", iter(answer))

    def found(self, word: str) -> int:
        """How many rows the index finds."""
        with self.reader.snapshot() as db:
            asked = "SELECT count(*) FROM contact_terms WHERE contact_terms MATCH ?"
            count: int = db.execute(asked, (word,)).fetchone()[0]
            return count

    def traces(self) -> list[str]:
        content = b"".join(file.read_bytes() for file in self.folder.iterdir() if file.is_file()).lower()
        return [trace for trace in TRACES if trace.encode() in content]

    def wait_until_clean(self) -> None:
        """Poll as the mirror does while nothing happens, until nothing is left to clean."""
        for _ in range(50):
            self.bring()
            with self.reader.snapshot() as db:
                if not db.execute("SELECT residue FROM status").fetchone()[0]:
                    break
        self.bring()
        self.bring()


def person(uid: str, number: str, name: str = "", **attributes: str) -> Entry:
    dn = f"uid={uid},ou=people,dc=example,dc=org"
    values = {"cn": name or uid, "telephonenumber": number, **attributes}
    return Entry(uuid_of_dn(dn), dn, {name.lower(): (value,) for name, value in values.items()})


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    found = Office(tmp_path)
    with closing(found.store):
        yield found


def test_a_person_who_is_shown_is_in_the_file(office: Office) -> None:
    assert office.traces()[:2] == ["quetzalcoatl", "xylander"]


def test_a_person_who_is_hidden_leaves_no_trace(office: Office) -> None:
    office.bring(person("ottilie", NUMBER, NAME, dialtreeHidden="TRUE"))
    office.wait_until_clean()
    assert office.traces() == []


def test_a_value_that_is_hidden_leaves_no_trace(office: Office) -> None:
    office.bring(person("ottilie", NUMBER, NAME, dialtreeHide="work"))
    office.wait_until_clean()
    assert not {"698765432", "98 76 54 32"} & set(office.traces())


def test_who_is_disabled_on_a_day_goes_when_it_comes_though_nobody_edits_anything(tmp_path: Path) -> None:
    day = [20_000]
    office = Office(tmp_path, lambda: day[0] * 86400)
    with closing(office.store):
        office.bring(person("ottilie", NUMBER, NAME, shadowExpire="20001"))
        assert office.found("xylander") == 1
        day[0] = 20_001
        office.store.expire()
        assert office.found("xylander") == 0
        office.wait_until_clean()
        assert office.traces() == []


def test_cleaning_keeps_the_index_whole(office: Office) -> None:
    for n in range(0, OTHERS, 7):
        office.bring(person(f"name{n}", f"{1000 + n}", f"other{n}"))
    office.bring(person("ottilie", NUMBER, NAME, dialtreeHidden="TRUE"))
    office.wait_until_clean()
    assert [office.found(word) for word in ("other7", "name7", "name8")] == [1, 0, 1]
