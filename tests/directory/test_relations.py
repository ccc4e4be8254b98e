"""Whose phone a MAC address is, and who is in which group: as the mirror keeps it while both change."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

import pytest

from services.directory.belonging import department_terms, site_terms
from services.directory.callers import Caller, Owner, find_caller, find_owner
from services.directory.phonebooks import books_of, restriction
from services.directory.reads import reads_of
from services.directory.tables import DirectoryTables
from shared.config import Config, Guard, Numbers
from shared.ldap.entry import Entry, uuid_of_dn
from shared.ldap.source import Change, Done, Kind, Upsert
from shared.ldap.streams import streams_of
from shared.mac import Mac
from shared.sections.numbers import Location
from shared.writer import Store
from tests.directory.desk import configuration

PEOPLE = "ou=people,dc=example,dc=org"
MAC = Mac("001F9F16E849")
GROUP_DN = "cn=sales,ou=groups,dc=example,dc=org"


def entry(dn: str, /, **attributes: str | tuple[str, ...]) -> Entry:
    several = {name.lower(): (value,) if isinstance(value, str) else value for name, value in attributes.items()}
    return Entry(uuid_of_dn(dn), dn, several)


def person(name: str, number: str, **attributes: str | tuple[str, ...]) -> Entry:
    return entry(f"uid={name},{PEOPLE}", cn=name, uid=name, telephoneNumber=number, **attributes)


def phone(owner: str, **attributes: str | tuple[str, ...]) -> Entry:
    usual: dict[str, str | tuple[str, ...]] = {"macAddress": "00:1f:9f:16:e8:49", "owner": owner}
    return entry("cn=phone,ou=phones,dc=example,dc=org", **(usual | attributes))


class Office:
    """A directory service's file, to which each call brings all entries of a kind."""

    def __init__(self, folder: Path, config: Config | None = None) -> None:
        self.config = config or configuration()
        self.path = folder / "directory.db"
        reads = reads_of(self.config)
        self.store = Store(
            self.path, DirectoryTables(self.config), tuple(reads), secrets=(), guard=Guard(least=1_000_000)
        )
        self.store.prepare()
        self.streams = {stream.kind: stream for stream in streams_of(self.config.ldap, reads)}
        for kind in self.streams:
            self.bring(kind, [])

    def bring(self, kind: Kind, entries: Iterable[Entry]) -> None:
        answer: list[Change | Done] = [*map(Upsert, entries), Done(b"1", complete=True)]
        self.store.apply(self.streams[kind], "ldap://one", None, iter(answer))

    def db(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path)

    def caller(self, mac: Mac = MAC) -> Caller | None:
        return find_caller(self.db(), mac)

    def owner(self) -> Owner | None:
        return find_owner(self.db(), MAC)

    def listed(self, slot: int) -> list[str]:
        """The names of the rows that a phonebook lists for this caller."""
        (book,) = (book for book in books_of(self.config) if book.slot == slot)
        expression = restriction(book, self.caller())
        asked = "SELECT c.name FROM contact_terms t JOIN contacts c ON c.place = t.rowid WHERE contact_terms MATCH ?"
        return [name for (name,) in self.db().execute(f"{asked} ORDER BY t.rowid", (expression,))]


ALICE = person("alice", "1001", l="Lyon", ou=("Sales", "Stores"))
BOB = person("bob", "1002", l="Lyon", ou="Stores")
CARL = person("carl", "1003", l="Paris")


# --- callers


@pytest.mark.parametrize(
    "of",
    [
        phone(ALICE.dn),
        phone(f"UID=alice, {PEOPLE.upper()}"),
        phone(f"cn=account,{ALICE.dn}"),
        entry(f"cn=phone,{ALICE.dn}", macAddress="001F9F16E849"),
        person("alice", "1001", macAddress="001f.9f16.e849"),
        phone(ALICE.dn, macAddress=("00-1F-9F-16-E8-49", "nonsense", "00:00:00:00:00:01")),
    ],
)
def test_the_caller_is_the_owner_of_the_phone_or_the_person_it_is_or_stands_below(tmp_path: Path, of: Entry) -> None:
    office = Office(tmp_path)
    office.bring(Kind.PERSON, [ALICE, BOB])
    office.bring(Kind.PHONE, [of])
    assert office.owner() == Owner(ALICE.uuid, Caller(site_terms(["lyon"]), department_terms(["sales", "stores"]), ""))


def test_the_order_in_which_phone_and_person_come_does_not_count(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.bring(Kind.PHONE, [phone(ALICE.dn)])
    assert office.caller() is None
    office.bring(Kind.PERSON, [ALICE])
    assert office.caller() is not None


def test_the_owner_counts_before_the_phones_own_entry(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.bring(Kind.PERSON, [ALICE, BOB])
    office.bring(Kind.PHONE, [entry(f"cn=phone,{BOB.dn}", macAddress="001F9F16E849", owner=ALICE.dn)])
    owner = office.owner()
    assert owner is not None
    assert owner.person == ALICE.uuid


def test_a_phone_without_a_visible_owner_has_no_caller(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.bring(Kind.PERSON, [person("alice", "1001", dialtreeHidden="TRUE")])
    office.bring(Kind.PHONE, [phone(ALICE.dn)])
    assert office.caller() is None
    assert office.caller(Mac("000000000000")) is None


def test_the_caller_follows_the_phone_and_the_person(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.bring(Kind.PERSON, [ALICE, CARL])
    office.bring(Kind.PHONE, [phone(ALICE.dn)])
    office.bring(Kind.PHONE, [phone(CARL.dn)])
    moved = office.caller()
    office.bring(Kind.PERSON, [ALICE, person("carl", "1003", l="Nice")])
    settled = office.caller()
    office.bring(Kind.PHONE, [])
    assert moved is not None
    assert settled is not None
    assert (moved.sites, settled.sites, office.caller()) == (site_terms(["Paris"]), site_terms(["Nice"]), None)


OTHER_MAC = Mac("001F9F16E850")


@pytest.mark.parametrize(
    ("after", "remaining"),
    [
        (phone(ALICE.dn, macAddress="00:1f:9f:16:e8:50"), {OTHER_MAC}),
        (phone(ALICE.dn, macAddress=("00:1f:9f:16:e8:50", "001F9F16E849")), {MAC, OTHER_MAC}),
        (phone(ALICE.dn, macAddress=()), set()),
        (phone(ALICE.dn, macAddress="nonsense"), set()),
    ],
    ids=["changed", "added", "removed", "misspelt"],
)
def test_an_address_that_left_a_phone_has_no_owner_any_more(tmp_path: Path, after: Entry, remaining: set[Mac]) -> None:
    office = Office(tmp_path)
    office.bring(Kind.PERSON, [ALICE])
    office.bring(Kind.PHONE, [phone(ALICE.dn)])
    assert office.caller() is not None
    kept = {key: values for key, values in after.attributes.items() if values}
    office.bring(Kind.PHONE, [after._replace(attributes=kept)])
    assert {mac for mac in (MAC, OTHER_MAC) if office.caller(mac) is not None} == remaining
    assert {mac for mac in (MAC, OTHER_MAC) if find_owner(office.db(), mac) is not None} == remaining


def test_a_caller_dials_by_the_rules_of_the_persons_location(tmp_path: Path) -> None:
    south = Location(name="south", sites=("lyon",))
    office = Office(tmp_path, configuration().model_copy(update={"numbers": Numbers(locations=(south,))}))
    office.bring(Kind.PERSON, [ALICE])
    office.bring(Kind.PHONE, [phone(ALICE.dn)])
    caller = office.caller()
    assert caller is not None
    assert caller.location == "south"


def test_the_caller_is_found_by_keys_alone(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.bring(Kind.PERSON, [ALICE])
    office.bring(Kind.PHONE, [phone(ALICE.dn)])
    seen: list[str] = []
    db = office.db()
    db.set_trace_callback(seen.append)
    find_caller(db, MAC)
    db.set_trace_callback(None)
    plans = [row[3] for asked in list(seen) for row in db.execute(f"EXPLAIN QUERY PLAN {asked}")]
    assert len(plans) == len(seen) == 2
    assert all(step.startswith("SEARCH") for step in plans)


# --- phonebooks

BOOKS = [
    {"slot": 1},
    {"slot": 2, "kind": "my-site"},
    {"slot": 3, "kind": "my-department"},
    {"slot": 4, "kind": "group", "group": GROUP_DN},
    {"slot": 5, "kind": "filter", "filter": "(l=paris)"},
]


def group(*members: str, logins: tuple[str, ...] = (), dn: str = GROUP_DN) -> Entry:
    return Entry(uuid_of_dn(dn), dn, {"member": members, **({"memberuid": logins} if logins else {})})


def test_my_site_and_my_department_list_those_of_the_caller(tmp_path: Path) -> None:
    office = Office(tmp_path, configuration(phonebooks=BOOKS))
    office.bring(Kind.PERSON, [ALICE, BOB, CARL])
    office.bring(Kind.PHONE, [phone(BOB.dn)])
    assert (office.listed(2), office.listed(3)) == (["alice", "bob"], ["alice", "bob"])
    office.bring(Kind.PHONE, [phone(CARL.dn)])
    assert office.listed(2) == ["carl"]


def test_a_filter_lists_whom_it_matches_as_they_change(tmp_path: Path) -> None:
    office = Office(tmp_path, configuration(phonebooks=BOOKS))
    office.bring(Kind.PERSON, [ALICE, CARL])
    assert office.listed(5) == ["carl"]
    office.bring(Kind.PERSON, [person("alice", "1001", l="Paris"), CARL])
    assert office.listed(5) == ["alice", "carl"]


def test_a_group_lists_its_members_as_they_come_and_go(tmp_path: Path) -> None:
    office = Office(tmp_path, configuration(phonebooks=BOOKS))
    office.bring(Kind.GROUP, [group(ALICE.dn)])
    office.bring(Kind.PERSON, [ALICE, BOB, CARL])
    assert office.listed(4) == ["alice"]
    office.bring(Kind.GROUP, [group(BOB.dn, logins=("CARL",))])
    assert office.listed(4) == ["bob", "carl"]
    office.bring(Kind.GROUP, [group(BOB.dn), group(ALICE.dn, dn="cn=others,dc=example,dc=org")])
    assert office.listed(4) == ["bob"]
    office.bring(Kind.GROUP, [])
    assert office.listed(4) == []


def test_a_member_who_comes_later_or_is_renamed_is_listed(tmp_path: Path) -> None:
    office = Office(tmp_path, configuration(phonebooks=BOOKS))
    office.bring(Kind.GROUP, [group(ALICE.dn, logins=("dora",))])
    office.bring(Kind.PERSON, [BOB])
    assert office.listed(4) == []
    office.bring(Kind.PERSON, [ALICE, BOB._replace(attributes=dict(BOB.attributes) | {"uid": ("dora",)})])
    assert office.listed(4) == ["alice", "bob"]


def test_a_hidden_member_is_neither_listed_nor_named_in_the_file(tmp_path: Path) -> None:
    office = Office(tmp_path, configuration(phonebooks=BOOKS))
    office.bring(Kind.GROUP, [group("uid=ottilie,ou=people,dc=example,dc=org", ALICE.dn, logins=("ottilie",))])
    office.bring(Kind.PERSON, [ALICE, person("ottilie", "4711", dialtreeHidden="TRUE", macAddress="001F9F16E850")])
    office.bring(Kind.PHONE, [phone("uid=ottilie,ou=people,dc=example,dc=org")])
    assert office.listed(4) == ["alice"]
    assert b"ottilie" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())
