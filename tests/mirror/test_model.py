"""Any sequence of answers leaves what a plain dictionary would hold, and rows as if derived from scratch."""

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from shared import batch
from shared.errors import SourceUnavailable
from shared.ldap.entry import Entry
from shared.ldap.source import Change, Delete, Done, Kind, Present, Upsert
from tests.mirror.parts import PERSONS, SERVER, Cards, entry, make_store

NUMBERS = st.integers(0, 9)
ENTRIES = st.builds(
    lambda number, name, secret: entry(number, name, secret=secret),
    NUMBERS,
    st.sampled_from("abc"),
    st.sampled_from(["", "s"]),
)
UUIDS = st.lists(NUMBERS.map(lambda number: entry(number).uuid), max_size=4).map(tuple)
CHANGES = st.lists(st.builds(Upsert, ENTRIES) | st.builds(Delete, UUIDS) | st.builds(Present, UUIDS), max_size=12)


class StoreMachine(RuleBasedStateMachine):
    """Answers of all shapes, failures in mid-answer, restarts, other configurations; in chunks of two entries."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(batch, "CHUNK", 2)
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)
        self.model: dict[str, Entry] = {}
        self.tables = Cards()
        self.cookie: bytes | None = None

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()
        self.patch.undo()

    @initialize()
    def start(self) -> None:
        self.store = make_store(self.path, self.tables, (Kind.PERSON,))
        self.store.prepare()

    @rule(changes=CHANGES, complete=st.booleans(), cookie=st.binary(max_size=3), asks_all=st.booleans())
    def answer(self, changes: list[Change], cookie: bytes, *, complete: bool, asks_all: bool) -> None:
        asked = None if asks_all else self.cookie
        mentioned: set[str] = set()
        for change in changes:
            match change:
                case Upsert(found):
                    self.model[found.uuid] = found
                    mentioned.add(found.uuid)
                case Delete(uuids):
                    for uuid in uuids:
                        self.model.pop(uuid, None)
                case Present(uuids):
                    mentioned.update(uuids)
        if complete or asked is None:
            self.model = {uuid: found for uuid, found in self.model.items() if uuid in mentioned}
        self.store.apply(PERSONS, SERVER, asked, iter([*changes, Done(cookie, complete)]))
        self.cookie = cookie

    @rule(changes=CHANGES)
    def answer_that_breaks_off(self, changes: list[Change]) -> None:
        def broken() -> Iterator[Change | Done]:
            yield from changes
            raise SourceUnavailable("the server went away")

        with pytest.raises(SourceUnavailable):
            self.store.apply(PERSONS, SERVER, self.cookie, broken())

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.start()

    @rule(suffix=st.sampled_from(["!", "?"]))
    def restart_with_another_configuration(self, suffix: str) -> None:
        self.store.close()
        self.tables = Cards(fingerprint=suffix, suffix=suffix)
        self.start()

    @invariant()
    def all_is_as_in_the_model(self) -> None:
        if not hasattr(self, "store"):
            return
        found = sorted(self.model.values(), key=lambda each: each.uuid)
        db = sqlite3.connect(self.path / "provision.db")
        stored = db.execute("SELECT uuid, dn, secret FROM entries ORDER BY uuid").fetchall()
        cards = db.execute("SELECT uuid, dn, text FROM cards ORDER BY uuid").fetchall()
        counted = db.execute("SELECT entries, secrets, cookie FROM streams").fetchone()
        db.close()
        secrets = [int("astaccountsecret" in each.attributes) for each in found]
        assert stored == [(each.uuid, each.dn, secret) for each, secret in zip(found, secrets, strict=True)]
        assert cards == [(each.uuid, each.dn, self.tables.text(each)) for each in found]
        assert self.store.cookie(PERSONS, SERVER) == self.cookie
        if counted is not None:
            assert counted[:2] == (len(found), sum(secrets))


StoreMachine.TestCase.settings = settings(max_examples=50, stateful_step_count=20, deadline=None)
TestStoreMachine = StoreMachine.TestCase
