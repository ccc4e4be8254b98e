"""A desk for these tests: persons, a configuration, the service's tables filled from them."""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from lxml import etree

from services.directory.app import create_app
from services.directory.tables import NAME, VERSION, DirectoryTables
from shared.config import Config
from shared.ldap.entry import Entry, uuid_of_dn
from shared.ldap.source import Kind
from shared.store import DDL, NEW_EDITION, Reader
from shared.tables import EntryChange

PEOPLE = "ou=people,dc=example,dc=org"


def person(uid: str, name: str, surname: str = "", **attributes: str | tuple[str, ...]) -> Entry:
    """A person; attribute names are the keywords. Without a number given, the extension is 1001."""
    usual: dict[str, str | tuple[str, ...]] = {"displayName": name, "sn": surname}
    numbers = attributes or {"AstAccountName": "1001"}
    several = {key: (value,) if isinstance(value, str) else value for key, value in (usual | numbers).items()}
    dn = f"uid={uid},{PEOPLE}"
    return Entry(uuid_of_dn(dn), dn, {key.lower(): value for key, value in several.items() if value not in ((), ("",))})


def configuration(outside_prefix: str = "0", region: str = "FR", **directory: object) -> Config:
    """A configuration of a site in France, with these settings of `[directory]`."""
    return Config.model_validate(
        {
            "ldap": {"source": "ldif", "ldif_file": "none.ldif"},
            "numbers": {"region": region, "outside_prefix": outside_prefix, "extension_digits": 4},
            "directory": {"public_url": "http://phones.example.org", "trusted_proxies": [], **directory},
        }
    )


@dataclass
class Mirror:
    """The service's tables in memory, followed as the mirror does: each call is one batch."""

    config: Config = field(default_factory=configuration)
    entries: dict[str, Entry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        for statement in DDL:
            self.db.execute(statement)
        self.tables = DirectoryTables(self.config)
        self.tables.create(self.db)

    def load(self, entries: Iterable[Entry]) -> "Mirror":
        self.change(entries, bulk=True)
        return self

    def change(self, after: Iterable[Entry] = (), *, gone: Iterable[str] = (), bulk: bool = False) -> None:
        """These entries are there now, and those uuids are gone."""
        changes = [self._change(entry.uuid, entry) for entry in after] + [self._change(uuid, None) for uuid in gone]
        self.tables.derive(self.db, changes)
        self.tables.settle(self.db, bulk=bulk)
        self.db.execute(NEW_EDITION)
        self.db.execute("INSERT INTO contact_terms (contact_terms, rank) VALUES ('integrity-check', 1)")

    def _change(self, uuid: str, after: Entry | None) -> EntryChange:
        before = self.entries.pop(uuid, None)
        if after is not None:
            self.entries[uuid] = after
        return EntryChange(Kind.PERSON, uuid, before, after)


class TableReader(Reader):
    """Reads tables in memory; without them there is no store."""

    def __init__(self, db: sqlite3.Connection | None) -> None:
        super().__init__(Path("no such folder/directory.db"), NAME, VERSION)
        self._db = db

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        if self._db is None:
            with super().snapshot() as db:
                yield db
        else:
            yield self._db


def client_of(mirror: Mirror | None, config: Config | None = None) -> FlaskClient:
    """A client of the service that answers from these tables; without them the store is missing."""
    config = config or (mirror.config if mirror else configuration())
    return create_app(config, TableReader(mirror.db if mirror else None)).test_client()


def ask(client: FlaskClient, query: str | bytes, path: str = "/search") -> etree._Element:
    """Ask with the query as raw bytes after `q=`, check what every document must hold to, and return it."""
    raw = query.encode() if isinstance(query, str) else query
    return checked(client, path, b"q=" + raw)[1]


def checked(client: FlaskClient, path: str, query_string: bytes) -> tuple[int, etree._Element]:
    """Return status and document, after checking charset, sizes and links."""
    response = client.get(path, environ_overrides={"QUERY_STRING": query_string.decode("latin-1")})
    declared = re.match(rb'<\?xml version="1.0" encoding="([A-Z0-9-]+)"\?>\n', response.data)
    assert declared is not None
    charset = declared[1].decode()
    assert response.headers["Content-Type"] == f"text/xml; charset={charset}"
    assert response.headers["Content-Length"] == str(len(response.data))
    response.data.decode(charset)
    root = etree.fromstring(response.data)
    assert len(root) <= 32
    for url in root.iterfind("MenuItem/URL"):
        assert url.text is not None
        assert len(url.text) <= 128
        assert "&" not in url.text
    return response.status_code, root


def rows_of(document: etree._Element) -> list[tuple[str, str]]:
    """The rows of a phonebook."""
    assert document.tag == "ThomsonPhoneBook"
    return [(entry.findtext("Name") or "", entry.findtext("Telephone") or "") for entry in document]


def items_of(document: etree._Element) -> list[tuple[str, str]]:
    """The items of a menu: label and URL."""
    assert document.tag == "ThomsonPhoneMenu"
    return [(item.findtext("Name") or "", item.findtext("URL") or "") for item in document]


def follow(client: FlaskClient, url: str) -> etree._Element:
    """Press an item of a menu."""
    parts = urlsplit(url)
    return checked(client, parts.path, parts.query.encode())[1]


def reach(client: FlaskClient, document: etree._Element) -> list[tuple[str, str]]:
    """All rows of a document and of all that its links lead to, in order."""
    if document.tag == "ThomsonPhoneBook":
        return rows_of(document)
    return [row for _, url in items_of(document) for row in reach(client, follow(client, url))]
