"""The directory service's mirror follows a real slapd: who is hidden disappears, from the files too; groups and callers follow."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.demo.slapd import PrivateSlapd
from services.directory.callers import Caller, find_caller
from services.directory.phonebooks import books_of, restriction
from services.directory.reads import reads_of
from services.directory.tables import DirectoryTables
from shared.config import Config
from shared.errors import StoreUnavailable
from shared.hiding import count_hidden
from shared.ldap.open import open_source
from shared.ldap.source import Kind
from shared.mac import Mac
from shared.mirror import run_mirror
from shared.store import Reader
from tests.e2e.stack import SCHEMAS
from tests.tools import eventually, need_tool

SUFFIX = "dc=example,dc=org"
PEOPLE = f"ou=people,{SUFFIX}"
GROUP = f"cn=sales,{SUFFIX}"
MAC = Mac("001F9F16E849")
CONTENT = f"""\
dn: {SUFFIX}
objectClass: dcObject
objectClass: organization
dc: example
o: Exemple

dn: {PEOPLE}
objectClass: organizationalUnit
ou: people

dn: ou=service,{SUFFIX}
objectClass: organizationalUnit
ou: service

dn: uid=backup,ou=service,{SUFFIX}
objectClass: inetOrgPerson
uid: backup
cn: Backup
sn: Backup
telephoneNumber: 1099

dn: {GROUP}
objectClass: groupOfNames
cn: sales
member: uid=anna,{PEOPLE}

dn: cn=phone,{SUFFIX}
objectClass: device
objectClass: ieee802Device
cn: phone
macAddress: 00:1f:9f:16:e8:49
owner: uid=anna,{PEOPLE}
"""


def person(name: str, number: int) -> str:
    classes = "objectClass: inetOrgPerson\nobjectClass: dialtreePerson\nobjectClass: shadowAccount"
    return (
        f"\ndn: uid={name.lower()},{PEOPLE}\n{classes}\nuid: {name.lower()}\ncn: {name}\nsn: {name}\n"
        f"telephoneNumber: {number}\nmobile: +33 6 12 34 {number // 100} {number % 100:02}\nemployeeType: staff\nl: Lyon\n"
    )


class Following:
    """A running mirror, what its file holds, and the directory that it follows."""

    def __init__(self, slapd: PrivateSlapd, config: Config, reader: Reader) -> None:
        self.slapd = slapd
        self.config = config
        self.reader = reader

    def change(self, name: str, *lines: str) -> None:
        self.modify(f"uid={name},{PEOPLE}", *lines)

    def modify(self, dn: str, *lines: str) -> None:
        self.slapd.modify("\n".join((f"dn: {dn}", "changetype: modify", *lines)) + "\n")

    def rows(self, book: int = 1) -> list[str]:
        """Name and number of each row that a phonebook lists for the phone of this test; [] before the first load."""
        try:
            with self.reader.snapshot() as db:
                (found,) = (each for each in books_of(self.config) if each.slot == book)
                asked = restriction(found, find_caller(db, MAC))
                of = "contacts c" if not asked else "contact_terms t JOIN contacts c ON c.place = t.rowid"
                where = "WHERE contact_terms MATCH ?" if asked else "WHERE ? = ''"
                return [
                    name for (name,) in db.execute(f"SELECT DISTINCT c.name FROM {of} {where} ORDER BY 1", (asked,))
                ]
        except StoreUnavailable:
            return []

    def caller(self) -> Caller | None:
        with self.reader.snapshot() as db:
            return find_caller(db, MAC)

    def hidden(self) -> dict[str, int]:
        with self.reader.snapshot() as db:
            return count_hidden(db, Kind.PERSON)

    def holds(self, text: str) -> bool:
        """Whether any file of the service holds this text."""
        files = [file for file in self.config.state_dir.iterdir() if file.is_file()]
        return any(text.encode() in file.read_bytes() for file in files)


@contextmanager
def following(
    folder: Path,
    *directives: str,
    more: str = "",
    schemas: tuple[Path, ...] = (),
    ldap: Mapping[str, object] | None = None,
    **directory: object,
) -> Iterator[Following]:
    need_tool("slapd")
    need_tool("ldapmodify")
    content = folder / "content.ldif"
    content.write_text(
        CONTENT + "".join(person(n, 1001 + i) for i, n in enumerate(("Anna", "Berta", "Clara"))) + more,
        "utf-8",
    )
    schemas = (*SCHEMAS, *schemas)
    with PrivateSlapd(folder / "slapd", schemas=schemas, suffix=SUFFIX, ldif=content, directives=directives) as slapd:
        config = Config.model_validate(
            {
                "state_dir": folder / "state",
                "ldap": {"urls": [slapd.url], "base": SUFFIX, "poll_interval": 0.02, **(ldap or {})},
                "directory": directory,
            }
        )
        tables = DirectoryTables(config)
        source = open_source(config.ldap, config.ldap.directory_bind)
        stop = threading.Event()
        arguments = (config, tables, reads_of(config), source, stop)
        mirror = threading.Thread(target=lambda: run_mirror(*arguments, progress=False))
        mirror.start()
        try:
            found = Following(slapd, config, Reader(folder / "state/directory.db", tables.name, tables.version))
            eventually(found.rows)
            yield found
        finally:
            stop.set()
            mirror.join()


def test_who_is_hidden_by_a_flag_goes_and_comes_back(tmp_path: Path) -> None:
    with following(tmp_path, visibility={"excluded": [f"ou=service,{SUFFIX}"]}) as office:
        assert (office.rows(), office.hidden()) == (["Anna", "Berta", "Clara"], {"excluded": 1})
        office.change("berta", "replace: dialtreeHidden", "dialtreeHidden: TRUE")
        eventually(lambda: office.rows() == ["Anna", "Clara"])
        assert office.hidden() == {"excluded": 1, "flag": 1}
        eventually(lambda: not office.holds("Berta"))
        eventually(lambda: not office.holds("berta"))
        office.change("berta", "replace: dialtreeHidden", "dialtreeHidden: FALSE")
        eventually(lambda: office.rows() == ["Anna", "Berta", "Clara"])


def test_one_attribute_is_hidden_and_leaves_the_files(tmp_path: Path) -> None:
    with following(tmp_path) as office:
        assert office.holds("+33 6 12 34 10 02")
        office.change("berta", "replace: dialtreeHide", "dialtreeHide: mobile")
        eventually(lambda: not office.holds("+33 6 12 34 10 02"))
        eventually(lambda: not office.holds("612341002"))
        assert "Berta" in office.rows()


def test_the_filter_is_asked_of_ldap(tmp_path: Path) -> None:
    with following(tmp_path, visibility={"filter": "(employeeType=staff)"}) as office:
        assert office.rows() == ["Anna", "Berta", "Clara"]
        office.change("clara", "replace: employeeType", "employeeType: guest")
        eventually(lambda: office.rows() == ["Anna", "Berta"])
        office.change("clara", "replace: employeeType", "employeeType: staff")
        eventually(lambda: office.rows() == ["Anna", "Berta", "Clara"])


def test_an_account_that_is_disabled_in_slapd_hides_its_person(tmp_path: Path) -> None:
    with following(tmp_path, "moduleload ppolicy", "overlay ppolicy") as office:
        office.change("anna", "replace: shadowExpire", "shadowExpire: 1")
        office.change("berta", "replace: pwdAccountLockedTime", "pwdAccountLockedTime: 000001010000Z")
        eventually(lambda: office.rows() == ["Backup", "Clara"])
        assert office.hidden() == {"disabled": 2}
        office.change("berta", "delete: pwdAccountLockedTime")
        eventually(lambda: office.rows() == ["Backup", "Berta", "Clara"])


def test_a_group_and_the_caller_follow(tmp_path: Path) -> None:
    books = [{"slot": 1}, {"slot": 2, "kind": "group", "group": GROUP}, {"slot": 3, "kind": "my-site"}]
    with following(tmp_path, phonebooks=books) as office:
        assert (office.rows(2), office.rows(3)) == (["Anna"], ["Anna", "Berta", "Clara"])
        office.modify(GROUP, "add: member", f"member: uid=clara,{PEOPLE}")
        eventually(lambda: office.rows(2) == ["Anna", "Clara"])
        office.change("clara", "replace: l", "l: Paris")
        eventually(lambda: office.rows(3) == ["Anna", "Berta"])
        office.modify(f"cn=phone,{SUFFIX}", "replace: owner", f"owner: uid=clara,{PEOPLE}")
        eventually(lambda: office.rows(3) == ["Clara"])
        office.change("clara", "replace: dialtreeHidden", "dialtreeHidden: TRUE")
        eventually(lambda: office.caller() is None)
        eventually(lambda: office.rows(2) == ["Anna"])


def test_a_group_of_a_search_follows_the_persons_who_change(tmp_path: Path) -> None:
    dyngroup = Path("/etc/ldap/schema/dyngroup.schema")
    if not dyngroup.exists():
        pytest.skip("OpenLDAP's dyngroup.schema is not there")
    url = f"ldap:///{PEOPLE}??one?(&(objectClass=person)(l=Ly*)(!(employeeType=guest)))"
    group = f"\ndn: cn=lyon,{SUFFIX}\nobjectClass: groupOfURLs\ncn: lyon\nmemberURL: {url}\n"
    books = [{"slot": 1}, {"slot": 2, "kind": "group", "group": f"cn=lyon,{SUFFIX}"}]
    settings = {"mapping": {"person": {"member_filter": ["objectClass", "employeeType"]}}}
    with following(tmp_path, more=group, schemas=(dyngroup,), ldap=settings, phonebooks=books) as office:
        assert office.rows(2) == ["Anna", "Berta", "Clara"]
        office.change("clara", "replace: l", "l: Paris")
        eventually(lambda: office.rows(2) == ["Anna", "Berta"])
        office.change("berta", "replace: employeeType", "employeeType: Guest")
        eventually(lambda: office.rows(2) == ["Anna"])
        office.change("clara", "replace: l", "l: LYON")
        eventually(lambda: office.rows(2) == ["Anna", "Clara"])
        office.modify(f"cn=lyon,{SUFFIX}", "replace: memberURL", f"memberURL: ldap:///{PEOPLE}??sub?(uid=berta)")
        eventually(lambda: office.rows(2) == ["Berta"])
        office.modify(f"cn=lyon,{SUFFIX}", "delete: memberURL")
        eventually(lambda: office.rows(2) == [])
