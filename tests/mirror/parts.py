"""What the tests of the mirror are made of: small tables, entries, a directory in memory, a clock that nobody waits for."""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from shared.config import Guard
from shared.errors import RefreshRequired, SourceUnavailable
from shared.hiding import Hidden
from shared.ldap.entry import Entry
from shared.ldap.source import Change, Delete, Done, Identity, Kind, Present, Stream, Upsert
from shared.mirror import Clock
from shared.store import Reader, Status
from shared.tables import EntryChange
from shared.writer import Store
from shared.writerlock import WriterLock

TRUSTING = Guard(least=1_000_000)
"""A guard that believes everything."""
KINDS = (Kind.PERSON, Kind.ACCOUNT)
SERVER = "ldap://one.example.org"


def stream(kind: Kind, filter_: str = "(objectClass=*)") -> Stream:
    return Stream(kind, "dc=example,dc=org", "subtree", filter_, ("cn", "AstAccountSecret"))


PERSONS = stream(Kind.PERSON)
ACCOUNTS = stream(Kind.ACCOUNT)


def entry(number: int, name: str = "", *, secret: str = "") -> Entry:
    attributes: dict[str, tuple[str, ...]] = {"cn": (name or f"name {number}",)}
    if secret:
        attributes["astaccountsecret"] = (secret,)
    return Entry(f"{number:08x}-0000-4000-8000-000000000000", f"uid=u{number},dc=example,dc=org", attributes)


def entries(count: int, name: str = "") -> list[Entry]:
    return [entry(number, name) for number in range(count)]


def whole(found: Iterable[Entry], cookie: bytes | None = b"1") -> Iterator[Change | Done]:
    """An answer that mentions everything."""
    for each in found:
        yield Upsert(each)
    yield Done(cookie, complete=True)


def some(*changes: Change, cookie: bytes | None = b"2") -> Iterator[Change | Done]:
    """An answer that mentions what changed."""
    yield from changes
    yield Done(cookie, complete=False)


def gone(*found: Entry) -> Delete:
    return Delete(tuple(each.uuid for each in found))


def present(*found: Entry) -> Present:
    return Present(tuple(each.uuid for each in found))


class Cards:
    """`Tables` with one row an entry, which insist that every change fits what was derived before."""

    def __init__(self, name: str = "provision", version: int = 1, fingerprint: str = "f", suffix: str = "") -> None:
        self.name = name
        self.version = version
        self.fingerprint = fingerprint
        self.keeps_damaged = True
        self.suffix = suffix
        self.settled: list[bool] = []
        self.abandoned = 0
        """Batches that were not stored."""
        self.on_settle: Callable[..., None] = lambda **_: None
        self.changes: list[EntryChange] = []
        self.hides: Callable[[Entry], str] = lambda _: ""
        """The rule that hides an entry, or ""."""
        self.most = 0
        """The most changes that came at once."""

    def admit(self, kind: Kind, entry: Entry) -> Entry | Hidden | None:  # noqa: ARG002  # all kinds alike
        rule = self.hides(entry)
        return Hidden(rule) if rule else entry

    def create(self, db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE cards (kind TEXT, uuid TEXT, dn TEXT, text TEXT, PRIMARY KEY (kind, uuid))")

    def drop(self, db: sqlite3.Connection) -> None:
        db.execute("DROP TABLE IF EXISTS cards")

    def derive(self, db: sqlite3.Connection, changes: Sequence[EntryChange]) -> None:
        self.most = max(self.most, len(changes))
        self.changes += changes
        for change in changes:
            assert change.before != change.after
            if change.before is not None:
                row = (change.kind, change.uuid, change.before.dn, self.text(change.before))
                done = db.execute("DELETE FROM cards WHERE (kind, uuid, dn, text) = (?, ?, ?, ?)", row)
                assert done.rowcount == 1
            if change.after is not None:
                row = (change.kind, change.uuid, change.after.dn, self.text(change.after))
                db.execute("INSERT INTO cards VALUES (?, ?, ?, ?)", row)

    def settle(self, db: sqlite3.Connection, *, bulk: bool) -> None:
        assert db.in_transaction
        self.on_settle(bulk=bulk)
        self.settled.append(bulk)

    def abandon(self) -> None:
        self.abandoned += 1

    def expired(self, db: sqlite3.Connection, kind: Kind) -> list[Entry]:  # noqa: ARG002  # no dates
        """Nothing depends on the time."""
        return []

    def incomplete(self, db: sqlite3.Connection, kind: Kind, most: int) -> list[str]:
        """Entries without a name."""
        rows = db.execute("SELECT uuid FROM cards WHERE kind = ? AND text = '-' ORDER BY uuid LIMIT ?", (kind, most))
        return [uuid for (uuid,) in rows]

    def next_expiry(self, db: sqlite3.Connection, kind: Kind) -> float | None:  # noqa: ARG002  # no dates
        return None

    def clean(self, db: sqlite3.Connection) -> bool:  # noqa: ARG002  # no index
        return False

    def text(self, found: Entry) -> str:
        return f"{found.attributes.get('cn', ('-',))[0]}{self.suffix}"


def make_store(
    folder: Path,
    tables: Cards | None = None,
    kinds: Sequence[Kind] = KINDS,
    guard: Guard = TRUSTING,
    now: Callable[[], float] = lambda: 1000.0,
    lock: WriterLock | None = None,
) -> Store:
    """A store that is not prepared yet."""
    tables = tables or Cards()
    path = folder / f"{tables.name}.db"
    return Store(path, tables, kinds, secrets=("AstAccountSecret",), guard=guard, now=now, lock=lock)


def prepared_store(folder: Path, tables: Cards | None = None, guard: Guard = TRUSTING) -> Store:
    """A store of persons only, ready for the first batch."""
    store = make_store(folder, tables, (Kind.PERSON,), guard)
    store.prepare()
    return store


def reader_of(folder: Path, tables: Cards | None = None, *, trusted: float = 0.0) -> Reader:
    tables = tables or Cards()
    return Reader(folder / f"{tables.name}.db", tables.name, tables.version, trusted)


def status_of(folder: Path, tables: Cards | None = None) -> Status:
    return reader_of(folder, tables).status()


def names(reader: Reader) -> list[str]:
    """The names on all cards, in order of their entries."""
    with reader.snapshot() as db:
        return [row[0] for row in db.execute("SELECT text FROM cards ORDER BY kind, uuid")]


class Directory:
    """A `Source` in memory. What the test does to it is what an administrator, a network or a server does."""

    is_exact = True

    def __init__(self, identity: str = SERVER) -> None:
        self.identity = identity
        self.found: dict[Kind, dict[str, Entry]] = {kind: {} for kind in Kind}
        self.cookie = 1
        self.asked: list[tuple[Kind, bytes | None]] = []
        self.connects = 0
        self.closes = 0
        self.down = ""
        self.forgetful = False
        """It does not know the next cookie."""
        self.gives_cookies = True
        self.fails: dict[Kind, Exception] = {}
        self.on_poll: Callable[[], None] = lambda: None
        self.on_item: Callable[[int], None] = lambda _: None
        self.on_page: Callable[[], None] = lambda: None
        self.swept: list[Kind] = []
        self.fetched: list[str] = []
        self.rights = "r"
        self.waiting: Callable[[float], None] = lambda _: None

    def put(self, kind: Kind, *found: Entry) -> None:
        self.found[kind].update({each.uuid: each for each in found})
        self.cookie += 1

    def remove(self, kind: Kind, *found: Entry) -> None:
        for each in found:
            del self.found[kind][each.uuid]
        self.cookie += 1

    def empty(self, kind: Kind) -> None:
        self.found[kind].clear()
        self.cookie += 1

    def connect(self) -> str:
        self.connects += 1
        if self.down:
            raise SourceUnavailable(self.down)
        return self.identity

    def poll(self, stream: Stream, cookie: bytes | None) -> Iterator[Change | Done]:
        self.asked.append((stream.kind, cookie))
        if stream.kind is not Kind.CONTAINER:
            self.on_poll()
        if stream.kind in self.fails:
            raise self.fails[stream.kind]
        if self.down:
            raise SourceUnavailable(self.down)
        if cookie is not None and self.forgetful:
            self.forgetful = False
            raise RefreshRequired("content has changed")
        now = str(self.cookie).encode()
        if cookie != now:
            for count, each in enumerate(list(self.found[stream.kind].values())):
                self.on_item(count)
                yield Upsert(each)
        yield Done(now if self.gives_cookies else None, complete=cookie != now)

    def sweep(self, stream: Stream) -> Iterator[Sequence[Identity]]:
        self.swept.append(stream.kind)
        found = list(self.found[stream.kind].values())
        for start in range(0, len(found), 10):
            self.on_page()
            yield [Identity(each.uuid, each.dn, each.stamp or "") for each in found[start : start + 10]]

    def fetch(self, stream: Stream, uuids: Sequence[str]) -> Iterator[Entry]:
        self.fetched += uuids
        found = self.found[stream.kind]
        return iter([found[uuid] for uuid in uuids if uuid in found])

    def access(self) -> str:
        return self.rights

    def watch(self, waiting: Callable[[float], None]) -> None:
        self.waiting = waiting

    def close(self) -> None:
        self.closes += 1


class Steps(Clock):
    """A clock whose waiting is the test: at each wait the next step happens, after the last one the mirror is to stop."""

    def __init__(self, *steps: Callable[[], None], chance: float = 1.0) -> None:
        super().__init__(threading.Event())
        self._steps = list(steps)
        self._chance = chance
        self.time = 0.0
        self.waits: list[float] = []
        self.over = False

    def ticks(self) -> float:
        return self.time

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += seconds
        if self._steps:
            self._steps.pop(0)()
        else:
            self.over = True

    def is_over(self) -> bool:
        return self.over

    def chance(self) -> float:
        return self._chance


def nothing() -> None:
    """A step in which nothing happens."""
