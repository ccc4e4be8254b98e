"""Accounts expire by the clock alone: nobody edits LDAP, which may even be down, and nothing is started anew."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.demo.slapd import PrivateSlapd
from services.directory.callers import find_caller
from services.directory.reads import reads_of
from services.directory.tables import NAME, VERSION, DirectoryTables
from shared.config import Guard
from shared.errors import StoreUnavailable
from shared.hiding import count_hidden
from shared.ldap.entry import Entry, uuid_of_dn
from shared.ldap.source import Kind
from shared.ldap.streams import streams_of
from shared.mac import Mac
from shared.mirror import Mirror
from shared.store import Reader
from shared.writer import Store
from tests.directory.desk import configuration
from tests.mirror.parts import Directory, Steps, nothing
from tests.tools import eventually, need_tool

NOW = 1_795_869_015.0
"""28 November 2026."""
PEOPLE = "ou=people,dc=example,dc=org"
MAC = Mac("001F9F16E849")
DAY = 86400


def filetime(moment: float) -> str:
    return str((int(moment) + 11_644_473_600) * 10_000_000)


def person(name: str, number: int = 1001, /, **attributes: str) -> Entry:
    dn = f"uid={name},{PEOPLE}"
    values = {"cn": name, "telephoneNumber": str(number), **attributes}
    return Entry(uuid_of_dn(dn), dn, {key.lower(): (value,) for key, value in values.items()})


class Office:
    """A directory in memory, its mirror, and a clock that stands still unless the test moves it."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.path = folder / "directory.db"
        self.config = configuration()
        self.source = Directory()
        self.reader = Reader(self.path, NAME, VERSION, trusted=0)

    def put(self, *people: Entry) -> None:
        self.source.put(Kind.PERSON, *people)

    def follow(self, *steps: Callable[[], None], poll_interval: float = 0.1) -> Steps:
        """Run a mirror until the steps are done; each happens while it waits. What it saw is judged by the test's clock."""
        reads = reads_of(self.config)
        tables = DirectoryTables(self.config, lambda: self.now)
        store = Store(self.path, tables, tuple(reads), secrets=(), guard=Guard(), now=lambda: self.now)
        clock = Steps(*steps)
        Mirror(NAME, store, self.source, streams_of(self.config.ldap, reads), poll_interval, clock).run()
        return clock

    def at(self, moment: float) -> Callable[[], None]:
        return lambda: setattr(self, "now", moment)

    def rows(self) -> list[str]:
        with self.reader.snapshot() as db:
            return [name for (name,) in db.execute("SELECT name FROM contacts ORDER BY place")]

    def hidden(self) -> int:
        with self.reader.snapshot() as db:
            return sum(count_hidden(db, Kind.PERSON).values())

    def holds(self) -> int:
        return len(self.reader.status().holds)

    def entries(self) -> int:
        return self.reader.status().entries[Kind.PERSON]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


MIDNIGHT = NOW - NOW % DAY + DAY


@pytest.mark.parametrize(
    ("never", "coming", "moment"),
    [
        ({"accountExpires": "0"}, {"accountExpires": filetime(NOW + 30)}, NOW + 30),
        ({"accountExpires": "9223372036854775807"}, {"accountExpires": filetime(NOW + 30)}, NOW + 30),
        ({"shadowExpire": "-1"}, {"shadowExpire": str(int(MIDNIGHT // DAY))}, MIDNIGHT),
        ({"shadowExpire": "99999"}, {"shadowExpire": "-1", "accountExpires": filetime(NOW + 1)}, NOW + 1),
    ],
)
def test_an_account_that_expires_is_hidden_when_its_time_comes_and_not_before(
    office: Office, never: dict[str, str], coming: dict[str, str], moment: float
) -> None:
    office.put(person("anna", 1001, **never), person("berta", 1002, **coming))
    office.follow(nothing, office.at(moment - 0.5), nothing)
    assert office.rows() == ["anna", "berta"]
    office.follow(office.at(moment), nothing)
    assert office.rows() == ["anna"]
    assert (office.entries(), office.hidden()) == (1, 1)


@pytest.mark.parametrize("stated", ["1", "-5", "9" * 25, "soon", filetime(NOW), filetime(NOW - 400 * DAY)])
def test_an_account_that_has_expired_or_says_so_unreadably_is_never_stored(office: Office, stated: str) -> None:
    office.put(person("anna"), person("berta", 1002, accountExpires=stated))
    office.follow()
    assert (office.rows(), office.hidden()) == (["anna"], 1)
    assert b"berta" not in office.path.read_bytes()


def test_the_mirror_wakes_for_an_expiry_however_seldom_it_polls(office: Office) -> None:
    office.put(person("anna"), person("berta", 1002, accountExpires=filetime(NOW + 4)))
    clock = office.follow(office.at(NOW + 4), nothing, poll_interval=3600)
    assert clock.waits[0] == 4
    assert office.rows() == ["anna"]
    assert clock.waits[1] > 600  # nothing is left to wake for


def test_the_mirror_looks_at_the_clock_now_and_then_while_something_will_expire(office: Office) -> None:
    office.put(person("anna", accountExpires=filetime(NOW + 9_000_000)))
    clock = office.follow(nothing, office.at(NOW + 9_000_001), nothing, poll_interval=3600)
    assert max(clock.waits[:2]) <= 30
    assert office.rows() == []


def test_an_account_expires_while_ldap_is_down(office: Office) -> None:
    office.put(person("anna"), person("berta", 1002, accountExpires=filetime(NOW + 30)))
    office.follow()
    office.source.down = "connection refused"
    office.follow(office.at(NOW + 29), nothing)
    assert office.rows() == ["anna", "berta"]
    office.follow(office.at(NOW + 30), nothing)
    assert office.rows() == ["anna"]
    assert office.reader.status().problem


def test_an_expiry_that_is_put_off_shows_the_person_again(office: Office) -> None:
    office.put(person("anna", accountExpires=filetime(NOW + 5)))
    office.follow(office.at(NOW + 6), nothing)
    assert office.rows() == []
    office.follow(lambda: office.put(person("anna", accountExpires=filetime(NOW + 60))), nothing)
    assert (office.rows(), office.hidden()) == (["anna"], 0)
    office.follow(office.at(NOW + 60), nothing)
    assert office.rows() == []


def test_an_expiry_that_is_put_off_before_it_comes_counts_no_more(office: Office) -> None:
    office.put(person("anna", accountExpires=filetime(NOW + 5)))
    office.follow(lambda: office.put(person("anna", accountExpires="0")), nothing, office.at(NOW + 6), nothing)
    assert office.rows() == ["anna"]


def students(expires: float) -> list[Entry]:
    return [person(f"student{n}", 2000 + n, accountExpires=filetime(expires)) for n in range(1500)]


def test_many_who_expire_at_once_are_not_held_since_their_entries_said_so_before(office: Office) -> None:
    office.put(person("anna"), *students(NOW + 60))
    office.follow()
    assert office.entries() == 1501
    office.follow(office.at(NOW + 60), nothing)
    assert (office.rows(), office.hidden(), office.holds()) == (["anna"], 1500, 0)


def test_many_whose_entries_are_changed_to_have_expired_are_held_as_a_removal_is(office: Office) -> None:
    office.put(person("anna"), *students(NOW + 60))
    office.follow(lambda: office.put(*students(NOW - 60)), *[nothing] * 10)
    assert (office.entries(), office.holds()) == (1501, 1)


def test_who_was_hidden_by_a_wrong_clock_comes_back_when_it_is_right_again(office: Office) -> None:
    office.put(person("anna"), *students(NOW + 3600 * 24 * 365))
    office.follow(office.at(NOW + 20 * 365 * DAY), nothing)
    assert office.rows() == ["anna"]
    office.follow(office.at(NOW + 1), nothing, nothing)
    assert (office.entries(), office.hidden(), office.holds()) == (1501, 0, 0)


def test_a_clock_that_is_set_back_a_little_asks_for_nothing(office: Office) -> None:
    office.put(person("anna"))
    office.follow()
    before = len(office.source.asked)
    office.follow(office.at(NOW - 30), nothing)
    assert all(cookie is not None for _, cookie in office.source.asked[before:])


def test_a_clock_that_is_set_back_makes_the_mirror_ask_for_everything_once(office: Office) -> None:
    office.put(person("anna"))
    office.follow(office.at(NOW + 10 * DAY), nothing, nothing)
    before = len(office.source.asked)
    office.follow(office.at(NOW), *[nothing] * 5)
    asked = [cookie for kind, cookie in office.source.asked[before:] if kind is Kind.PERSON]
    assert asked.count(None) == 1


def test_a_phone_that_is_the_entry_of_a_person_goes_with_it(office: Office) -> None:
    phone = person("anna", macAddress="00:1f:9f:16:e8:49", accountExpires=filetime(NOW + 5))
    office.source.put(Kind.PHONE, phone)
    office.put(person("berta", 1002))
    office.follow(office.at(NOW + 4), nothing)
    assert office.reader.status().entries[Kind.PHONE] == 1
    office.follow(office.at(NOW + 5), nothing)
    assert office.reader.status().entries[Kind.PHONE] == 0
    with office.reader.snapshot() as db:
        assert find_caller(db, MAC) is None
        assert db.execute("SELECT count(*) FROM expiries").fetchone() == (0,)


# --- a mirror of its own process


CONTENT = """\
dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: uid=anna,dc=example,dc=org
objectClass: inetOrgPerson
uid: anna
cn: Anna
sn: Roy
telephoneNumber: 1001

dn: uid=berta,dc=example,dc=org
objectClass: inetOrgPerson
uid: berta
cn: Berta
sn: Roy
telephoneNumber: 1002
"""


class Running:
    """A mirror's process, seen by its file."""

    def __init__(self, folder: Path) -> None:
        self._reader = Reader(folder / "state/directory.db", NAME, VERSION, trusted=0)

    def rows(self) -> list[str]:
        """The names in the phonebook; [] before the first load."""
        return self._read("SELECT name FROM contacts ORDER BY place")

    def is_to_expire(self) -> bool:
        """Whether somebody who is shown will be hidden by the clock."""
        return bool(self._read("SELECT entry FROM expiries"))

    def _read(self, query: str) -> list[str]:
        try:
            with self._reader.snapshot() as db:
                return [text for (text,) in db.execute(query)]
        except StoreUnavailable:
            return []

    def announce(self, change: Callable[[float], None]) -> None:
        """Have `change` let Berta expire in a few seconds, more of them where the machine is too busy to take note before."""
        for seconds in (3, 9, 27):
            moment = int(time.time()) + seconds
            change(moment)
            while time.time() < moment:
                if self.is_to_expire():
                    return
                time.sleep(0.02)
        pytest.fail("the mirror does not take note of changes")


@contextmanager
def mirror_of(folder: Path, ldap: str) -> Iterator[Running]:
    """Run `dialtree directory mirror`, loaded with Anna and Berta."""
    (folder / "dialtree.toml").write_text(f'[ldap]\nbase = "dc=example,dc=org"\n{ldap}\n', encoding="utf-8")
    command = [sys.executable, "-m", "services.cli", "--config", str(folder / "dialtree.toml"), "directory", "mirror"]
    with (folder / "mirror.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            found = Running(folder)
            eventually(lambda: found.rows() == ["Anna", "Berta"], 60)
            yield found
        finally:
            process.terminate()
            process.wait(20)


def test_a_running_mirror_hides_who_expires_in_a_few_seconds(tmp_path: Path) -> None:
    people = tmp_path / "people.ldif"
    people.write_text(CONTENT, encoding="utf-8")
    with mirror_of(tmp_path, 'source = "ldif"\nldif_file = "people.ldif"') as mirror:

        def change(moment: float) -> None:
            people.write_text(f"{CONTENT}accountExpires: {filetime(moment)}\n", encoding="utf-8")

        mirror.announce(change)
        eventually(lambda: mirror.rows() == ["Anna"], 60)


def test_a_running_mirror_hides_who_expires_after_the_server_went_down(tmp_path: Path) -> None:
    need_tool("slapd")
    need_tool("ldapmodify")
    (tmp_path / "people.ldif").write_text(CONTENT, encoding="utf-8")
    with PrivateSlapd(tmp_path / "slapd", ldif=tmp_path / "people.ldif") as slapd:

        def change(moment: float) -> None:
            text = time.strftime("%Y%m%d%H%M%SZ", time.gmtime(moment))
            lines = ("dn: uid=berta,dc=example,dc=org", "changetype: modify", "replace: employeeNumber")
            slapd.modify("\n".join((*lines, f"employeeNumber: {text}")) + "\n")

        mapping = '[ldap.mapping.person]\ndisabled = ["employeeNumber<=now"]'
        with mirror_of(tmp_path, f'urls = ["{slapd.url}"]\n{mapping}') as mirror:
            mirror.announce(change)
            slapd.stop()
            eventually(lambda: mirror.rows() == ["Anna"], 60)
