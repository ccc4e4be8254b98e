"""A desk for these tests: entries, a configuration, the service's tables filled from them, and golden files."""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from services.provision.commonfiles import current_digest
from services.provision.reads import READS
from services.provision.rendering import Renderer
from services.provision.tables import ProvisionTables
from services.provision.vendors.thomson.models import load_models
from shared.config import Config
from shared.ldap.entry import Entry, uuid_of_dn
from shared.ldap.ldif import LdifSource
from shared.ldap.source import Done, Kind, Upsert
from shared.ldap.streams import streams_of
from shared.mac import Mac
from shared.store import Reader
from shared.tables import EntryChange
from shared.writer import Store

GOLDEN = Path(__file__).parent / "golden"
ARTICLE_MAC = Mac("001F9F16E849")
PEOPLE = "ou=people,dc=example,dc=org"
PHONES = "ou=phones,dc=example,dc=org"
ALICE_DN = f"uid=alice,{PEOPLE}"
PHONE_DN = f"cn=phone-1001,{PHONES}"


def entry(dn: str, **attributes: str | tuple[str, ...]) -> Entry:
    """An entry; attribute names are the keywords, in any case."""
    several = {name: (value,) if isinstance(value, str) else value for name, value in attributes.items()}
    return Entry(uuid_of_dn(dn), dn, {name.lower(): values for name, values in several.items()})


def alice(**attributes: str | tuple[str, ...]) -> Entry:
    """A person with an account; "" takes an attribute away."""
    usual: dict[str, str | tuple[str, ...]] = {
        "objectClass": ("inetOrgPerson", "AsteriskSIPUser"),
        "displayName": "Alice Martin",
        "AstAccountName": "1001",
        "AstAccountSecret": "s3cret",
    }
    return entry(ALICE_DN, **{name: value for name, value in (usual | attributes).items() if value})


def phone(**attributes: str | tuple[str, ...]) -> Entry:
    """The article's phone, which is Alice's."""
    usual: dict[str, str | tuple[str, ...]] = {"macAddress": "00:1f:9f:16:e8:49", "owner": ALICE_DN}
    return entry(PHONE_DN, **{name: value for name, value in (usual | attributes).items() if value})


def configuration(
    directory: Mapping[str, object] | None = None,
    *,
    state_dir: Path = Path("no such folder"),
    mapping: Mapping[str, object] | None = None,
    **provision: object,
) -> Config:
    """A configuration with these settings of `[provision]` (and of `[directory]`, and of `[ldap.mapping]`)."""
    ldap = {"source": "ldif", "ldif_file": "none.ldif", "mapping": mapping or {}}
    values: dict[str, Any] = {"ldap": ldap, "provision": provision}
    return Config.model_validate(values | {"directory": directory or {}, "state_dir": state_dir})


def kinds_of(of: Entry) -> Iterator[Kind]:
    """As what the default filters follow an entry."""
    classes = of.attributes.get("objectclass", ())
    if "inetOrgPerson" in classes:
        yield Kind.PERSON
    if "AsteriskSIPUser" in classes:
        yield Kind.ACCOUNT
    if "macaddress" in of.attributes:
        yield Kind.PHONE
    if "dialtreeProfile" in classes:
        yield Kind.PROFILE


def changes(*entries: Entry) -> list[EntryChange]:
    """All of them new."""
    return [EntryChange(kind, each.uuid, None, each) for each in entries for kind in kinds_of(each)]


def changes_in(ldif: Path, config: Config) -> list[EntryChange]:
    """Everything that a first load of this LDIF file finds."""
    source = LdifSource(ldif)
    return [
        EntryChange(stream.kind, found.entry.uuid, None, found.entry)
        for stream in streams_of(config.ldap, READS)
        for found in source.poll(stream, None)
        if isinstance(found, Upsert)
    ]


def filled(config: Config, entries: Iterable[Entry]) -> sqlite3.Connection:
    """The service's tables as the mirror leaves them after a first load of these entries."""
    return filled_with(config, changes(*entries))


def filled_with(config: Config, loaded: Sequence[EntryChange]) -> sqlite3.Connection:
    """The same of what a source found."""
    tables = ProvisionTables(config)
    db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    tables.create(db)
    tables.derive(db, loaded)
    tables.settle(db, bulk=True)
    return db


def rendered(*entries: Entry, config: Config | None = None, mac: Mac = ARTICLE_MAC) -> bytes:
    """The phone file of this directory."""
    config = config or configuration()
    return phone_file(config, filled(config, entries), mac)


def phone_file(config: Config, db: sqlite3.Connection, mac: Mac = ARTICLE_MAC) -> bytes:
    """A phone's own file, asked for as by an ST2030."""
    renderer = Renderer(config)
    return renderer.phone(db, renderer.models.usual, mac)


def general_file(config: Config, db: sqlite3.Connection, mac: Mac | None = None) -> bytes:
    """The general file, asked for as by an ST2030."""
    renderer = Renderer(config)
    return renderer.general(db, renderer.models.usual, mac)


def common_file(config: Config, db: sqlite3.Connection, mac: Mac | None = None) -> bytes:
    """The common file of an ST2030."""
    renderer = Renderer(config)
    return renderer.common_of(db, renderer.models.usual, mac)


def digest_of(db: sqlite3.Connection, profile: str = "") -> str:
    """The digest of the common file of an ST2030 with this reference to a profile."""
    return current_digest(db, load_models(configuration()).usual, profile)


def parameters(file: bytes) -> dict[str, str]:
    """Read a file as a phone does, strictly: `section.key` to value."""
    found: dict[str, str] = {}
    section = ""
    assert file.endswith(b"\r\n")
    for line in file.removesuffix(b"\r\n").decode("iso-8859-1").split("\r\n"):
        assert "\r" not in line
        assert "\n" not in line
        if line.startswith("["):
            section = line[1:-1]
        elif line:
            key, equals, value = line.partition("=")
            assert equals
            assert f"{section}.{key}" not in found, f"{key} stands twice"
            found[f"{section}.{key}"] = value
    return found


def compare_with_golden(name: str, content: bytes) -> None:
    """Compare a file whole. `GOLDEN=write pytest tests/provision` writes them anew; read the difference before committing."""
    if os.environ.get("GOLDEN") == "write":
        (GOLDEN / name).write_bytes(content)
    assert content.decode("iso-8859-1") == (GOLDEN / name).read_bytes().decode("iso-8859-1")


def vendor_files(folder: Path, *names: str) -> Path:
    """Stand-ins of one byte for vendor files."""
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"\n")
    return folder


def load(config: Config, *entries: Entry) -> None:
    """Write the service's file as a mirror does that starts, loads everything anew and ends."""
    path = config.state_dir / f"{ProvisionTables.name}.db"
    secrets = config.ldap.mapping.account.secret
    store = Store(path, ProvisionTables(config), tuple(READS), secrets=secrets, guard=config.guard)
    store.prepare()
    for stream in streams_of(config.ldap, READS):
        own = [Upsert(each) for each in entries if stream.kind in kinds_of(each)]
        store.apply(stream, "test", None, iter([*own, Done(None, complete=True)]))
    store.close()


def reader_of(config: Config) -> Reader:
    """The service's store, as a worker opens it."""
    return Reader(config.state_dir / f"{ProvisionTables.name}.db", ProvisionTables.name, ProvisionTables.version)
