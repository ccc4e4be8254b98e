"""What the mirror keeps: follows adds, edits, moves and deletes, and keeps common files for phones in mid-boot."""

import sqlite3

import pytest

from services.provision.commonfiles import COMMON_FILES_KEPT, find_common
from services.provision.phones import find_phone
from services.provision.tables import ProvisionTables
from services.provision.vendors.thomson.render import common_digest
from shared.config import Config
from shared.errors import EntryError, StoreUnavailable, Unknown
from shared.ldap.entry import Entry
from shared.ldap.source import Kind
from shared.mac import Mac
from shared.tables import EntryChange
from tests.provision.desk import (
    ALICE_DN,
    ARTICLE_MAC,
    alice,
    changes,
    common_file,
    configuration,
    digest_of,
    entry,
    filled,
    general_file,
    kinds_of,
    phone,
    phone_file,
)

CONFIG = configuration()
TABLES = ProvisionTables(CONFIG)


def replace(db: sqlite3.Connection, before: Entry, after: Entry) -> None:
    TABLES.derive(db, [EntryChange(kind, before.uuid, before, after) for kind in kinds_of(before)])


def remove(db: sqlite3.Connection, entry: Entry) -> None:
    TABLES.derive(db, [EntryChange(kind, entry.uuid, entry, None) for kind in kinds_of(entry)])


def name_of(db: sqlite3.Connection, mac: Mac = ARTICLE_MAC) -> str:
    return find_phone(db, mac, CONFIG.ldap.mapping).lines[0].display_name


def test_an_edit_replaces_the_rows_of_an_entry() -> None:
    db = filled(CONFIG, (phone(), alice()))
    replace(db, alice(), alice(displayName="Alice Dupont"))
    assert name_of(db) == "Alice Dupont"
    assert db.execute("SELECT count(*) FROM persons").fetchone() == (1,)


def test_a_removed_account_refuses_its_phone() -> None:
    db = filled(CONFIG, (phone(), alice()))
    remove(db, alice())
    with pytest.raises(EntryError):
        name_of(db)


def test_a_removed_phone_leaves_nothing() -> None:
    db = filled(CONFIG, (phone(), alice()))
    remove(db, phone())
    with pytest.raises(Unknown):
        name_of(db)
    assert db.execute("SELECT count(*) FROM phones").fetchone() == (0,)
    assert db.execute("SELECT count(*) FROM phone_macs").fetchone() == (0,)


def test_a_phone_that_gets_another_address_is_found_by_that_one_only() -> None:
    db = filled(CONFIG, (phone(), alice()))
    replace(db, phone(), phone(macAddress="00:14:7f:00:00:01"))
    assert name_of(db, Mac("00147F000001")) == "Alice Martin"
    with pytest.raises(Unknown):
        name_of(db)


def test_a_renamed_owner_is_followed_when_the_phone_names_the_new_name() -> None:
    db = filled(CONFIG, (phone(), alice()))
    before = alice()
    moved = Entry(before.uuid, "uid=alice,ou=sales,dc=example,dc=org", before.attributes)
    replace(db, before, moved)
    with pytest.raises(EntryError, match="no person and no account"):
        name_of(db)
    replace(db, phone(), phone(owner=moved.dn))
    assert name_of(db) == "Alice Martin"


def test_one_entry_of_three_kinds_leaves_one_kind_alone() -> None:
    everything = alice(macAddress="001F9F16E849")
    db = filled(CONFIG, (everything,))
    TABLES.derive(db, [EntryChange(Kind.PERSON, everything.uuid, everything, None)])
    assert name_of(db) == "1001"


def test_the_name_is_the_first_attribute_that_has_one() -> None:
    db = filled(CONFIG, (phone(), entry(ALICE_DN, objectClass="inetOrgPerson", cn=("B", "A"))))
    assert db.execute("SELECT name, name_attribute FROM persons").fetchall() == [("A", "cn")]


# --- common files


def common_files(db: sqlite3.Connection) -> list[str]:
    return [digest for (digest,) in db.execute("SELECT digest FROM common_files ORDER BY sequence")]


def fleet(tone: int) -> Config:
    return configuration(settings={"sys.2833_volume": str(tone)})


def test_the_common_file_is_kept_by_the_digest_of_its_content() -> None:
    db = filled(CONFIG, ())
    content = find_common(db, digest_of(db))
    assert content is not None
    assert common_digest(content) == digest_of(db)


def test_settling_twice_changes_nothing() -> None:
    db = filled(CONFIG, ())
    before = db.total_changes
    ProvisionTables(CONFIG).settle(db, bulk=False)
    assert db.total_changes == before


def test_another_configuration_adds_a_common_file_and_keeps_the_last_ones() -> None:
    db = filled(CONFIG, ())
    first = digest_of(db)
    current = len(common_files(db))
    for tone in range(1, COMMON_FILES_KEPT // current + 1):
        ProvisionTables(fleet(tone)).settle(db, bulk=False)
    assert find_common(db, first) is not None
    for tone in range(COMMON_FILES_KEPT // current + 1, COMMON_FILES_KEPT // current + 4):
        ProvisionTables(fleet(tone)).settle(db, bulk=False)
    assert len(common_files(db)) == COMMON_FILES_KEPT + current
    assert find_common(db, first) is None


def test_a_common_file_that_comes_back_is_the_current_one_again() -> None:
    db = filled(CONFIG, ())
    first, before = digest_of(db), set(common_files(db))
    ProvisionTables(fleet(1)).settle(db, bulk=False)
    second = digest_of(db)
    ProvisionTables(CONFIG).settle(db, bulk=False)
    assert digest_of(db) == first != second
    assert before | {second} <= set(common_files(db))
    assert len(common_files(db)) == 2 * len(before)


def test_common_files_survive_when_the_entries_are_derived_anew() -> None:
    db = filled(CONFIG, (phone(), alice()))
    first = digest_of(db)
    TABLES.drop(db)
    TABLES.create(db)
    TABLES.derive(db, changes(alice()))
    assert find_common(db, first) is not None


def test_before_the_mirror_settled_nothing_is_served() -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    TABLES.create(db)
    for ask in (general_file, common_file):
        with pytest.raises(StoreUnavailable):
            ask(CONFIG, db)
    with pytest.raises(StoreUnavailable):
        phone_file(CONFIG, db, ARTICLE_MAC)


# --- what the rows depend on


def test_the_rows_depend_on_the_mapping_and_on_no_parameter() -> None:
    assert ProvisionTables(fleet(9)).fingerprint == TABLES.fingerprint
    other = configuration(mapping={"person": {"display_name": ["cn"]}})
    assert ProvisionTables(other).fingerprint != TABLES.fingerprint
