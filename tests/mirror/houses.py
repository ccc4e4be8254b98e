"""A house with branches in a real slapd, and the mirror of each service that follows it, in threads with a clock of their own."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from services.commands.roles import Role, directory_role, provision_role
from services.demo.slapd import PrivateSlapd
from shared.config import Config
from shared.errors import StoreUnavailable
from shared.ldap.open import open_source
from shared.ldap.streams import streams_of
from shared.mirror import Clock, Mirror
from shared.store import Status
from shared.writer import Store

SUFFIX = "dc=example,dc=org"
PEOPLE = f"ou=people,{SUFFIX}"
LEAVERS = f"ou=leavers,{SUFFIX}"
PARIS, LYON = f"ou=paris,{PEOPLE}", f"ou=lyon,{PEOPLE}"
GROUP = f"cn=choir,{SUFFIX}"
READER = f"cn=reader,{SUFFIX}"
READERS = f"cn=readers,{SUFFIX}"
PASSWORD = "reader-secret"  # of a server that lives as long as its test
SCHEMAS = tuple(
    Path(__file__).resolve().parents[2] / "deploy" / "ldap" / f"{n}.schema" for n in ("asterisk", "dialtree")
)
PER_BRANCH = 4


def record(dn: str, *lines: str) -> str:
    return "\n".join((f"dn: {dn}", *lines)) + "\n\n"


def person_record(uid: str, number: int, branch: str, *more: str) -> str:
    lines = (
        "objectClass: inetOrgPerson", "objectClass: AsteriskSIPUser", f"uid: {uid}", f"cn: {uid.title()} Smith", "sn: Smith",
        f"AstAccountName: {number}", f"AstAccountSecret: s{number}", f"telephoneNumber: {number}",
    )  # fmt: skip
    return record(f"uid={uid},{branch}", *lines, *more)


def phone_record(number: int, owner: str, above: str) -> str:
    lines = ("objectClass: device", "objectClass: ieee802Device", f"cn: phone{number}", f"owner: {owner}")
    return record(f"cn=phone{number},{above}", *lines, f"macAddress: 00:14:7f:00:{number // 100:02}:{number % 100:02}")


def house(people: int = PER_BRANCH) -> str:
    """Two branches with so many people each, one phone below its owner, a group of the people of Paris, a reader."""
    ou = "objectClass: organizationalUnit"
    records = [record(SUFFIX, "objectClass: dcObject", "objectClass: organization", "dc: example", "o: Example")]
    records += [record(dn, ou, f"ou: {dn[3:].partition(',')[0]}") for dn in (PEOPLE, LEAVERS, PARIS, LYON)]
    records += [person_record(f"p{n}", 1000 + n, PARIS) for n in range(people)]
    records += [person_record(f"l{n}", 3000 + n, LYON) for n in range(people)]
    records += [phone_record(1000, f"uid=p0,{PARIS}", f"uid=p0,{PARIS}")]
    members = [f"member: uid=p{n},{PARIS}" for n in range(min(people, PER_BRANCH))]
    records += [record(GROUP, "objectClass: groupOfNames", "cn: choir", *members)]
    records += [
        record(
            READER,
            "objectClass: organizationalRole",
            "objectClass: simpleSecurityObject",
            "cn: reader",
            f"userPassword: {PASSWORD}",
        )
    ]
    return "".join(records)


def move(dn: str, above: str) -> str:
    return record(
        dn, "changetype: modrdn", f"newrdn: {dn.partition(',')[0]}", "deleteoldrdn: 1", f"newsuperior: {above}"
    )


def rename(dn: str, rdn: str) -> str:
    return record(dn, "changetype: modrdn", f"newrdn: {rdn}", "deleteoldrdn: 1")


class FastClock(Clock):
    """A clock whose hours are short: what the mirror does each minute it does each second or so."""

    def __init__(self, stop: threading.Event, speed: float) -> None:
        super().__init__(stop)
        self._speed = speed

    def ticks(self) -> float:
        return super().ticks() * self._speed

    def wait(self, seconds: float) -> None:
        super().wait(min(seconds / self._speed, 0.1))


class Followed:
    """A service's file, while a mirror fills it."""

    def __init__(self, config: Config, role: Role) -> None:
        self.path = role.database(config)
        self._reader = role.reader(config)

    def rows(self, question: str, *values: object) -> list[tuple[object, ...]]:
        """Ask the file; nothing while it is not loaded."""
        try:
            with self._reader.snapshot() as db:
                return db.execute(question, values).fetchall()
        except StoreUnavailable:
            return []

    def column(self, question: str, *values: object) -> list[object]:
        return [row[0] for row in self.rows(question, *values)]

    @property
    def status(self) -> Status:
        return self._reader.status()

    def is_loaded(self) -> bool:
        return bool(self.rows("SELECT 1"))


def config_of(folder: Path, slapd: PrivateSlapd, **directory: object) -> Config:
    password = folder / "reader.password"
    password.write_text(PASSWORD, encoding="utf-8")
    bind = {"dn": READER, "password_file": password}
    return Config.model_validate(
        {
            "state_dir": folder / "state",
            "ldap": {
                "urls": [slapd.url], "base": SUFFIX, "operation_timeout": 5, "provision_bind": bind, "directory_bind": bind,
            },
            "directory": directory,
        }
    )  # fmt: skip


@contextmanager
def followed(config: Config, service: str, *, speed: float = 1.0) -> Iterator[Followed]:
    """Follow the directory into the service's file until the block ends."""
    role = directory_role(config) if service == "directory" else provision_role(config)
    config.state_dir.mkdir(exist_ok=True)
    stop = threading.Event()

    def run() -> None:
        secrets = config.ldap.mapping.account.secret
        store = Store(role.database(config), role.tables, tuple(role.reads), secrets=secrets, guard=config.guard)
        streams = streams_of(config.ldap, role.reads)
        source = open_source(config.ldap, role.bind)
        Mirror(service, store, source, streams, config.ldap.poll_interval, FastClock(stop, speed)).run()

    thread = threading.Thread(target=run)
    with ExitStack() as stack:
        thread.start()
        stack.callback(thread.join, 20)
        stack.callback(stop.set)
        yield Followed(config, role)
    assert not thread.is_alive()
