"""What the mirror keeps for this service beside the entries: phones by MAC, accounts and persons by DN, common files by digest.

Secrets stay in this file. One row comes from one entry: what several entries mean together is resolved when a phone asks.
"""

import hashlib
import json
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final

from services.provision.layers import fleet_settings
from services.provision.vendors.thomson.render import common_digest, render_common
from shared.config import Config
from shared.errors import EntryError, Malformed
from shared.ldap.entry import Entry, dn_key, parent_key
from shared.ldap.mapping import Mapping, PersonAttributes
from shared.ldap.source import Kind, Read, Reads
from shared.mac import Mac, parse_mac
from shared.people import account_from
from shared.store import EntryChange

log = logging.getLogger("dialtree.provision")

READS: Final[Reads] = {
    Kind.PERSON: Read(("display_name",)),
    Kind.ACCOUNT: Read(("user", "secret", "caller_id", "mailbox")),
    Kind.PHONE: Read(("mac", "owner", "key", "setting")),
}
COMMON_FILES_KEPT: Final = 16
"""A phone in mid-boot gets the common file that its `.inf` named, although the fleet changed since (law 2)."""
_CREATE: Final = """
    CREATE TABLE persons (uuid TEXT PRIMARY KEY, dn_key TEXT NOT NULL, dn TEXT NOT NULL,
        name TEXT NOT NULL, name_attribute TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX persons_by_dn ON persons (dn_key);
    CREATE TABLE accounts (uuid TEXT PRIMARY KEY, dn_key TEXT NOT NULL, above TEXT NOT NULL, dn TEXT NOT NULL,
        user TEXT NOT NULL, secret TEXT NOT NULL, caller_name TEXT NOT NULL, has_mailbox INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX accounts_by_dn ON accounts (dn_key);
    CREATE INDEX accounts_by_above ON accounts (above);
    CREATE TABLE phones (uuid TEXT PRIMARY KEY, dn_key TEXT NOT NULL, dn TEXT NOT NULL, owner TEXT NOT NULL,
        owner_key TEXT, keys TEXT NOT NULL, settings TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE phone_macs (mac TEXT, uuid TEXT, PRIMARY KEY (mac, uuid)) WITHOUT ROWID;
    CREATE INDEX phone_macs_by_uuid ON phone_macs (uuid);
    CREATE TABLE IF NOT EXISTS common_files (sequence INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, content BLOB NOT NULL);
"""
_DELETE: Final = {
    Kind.PERSON: ("DELETE FROM persons WHERE uuid = ?",),
    Kind.ACCOUNT: ("DELETE FROM accounts WHERE uuid = ?",),
    Kind.PHONE: ("DELETE FROM phones WHERE uuid = ?", "DELETE FROM phone_macs WHERE uuid = ?"),
}


class ProvisionTables:
    """The `Tables` of the provision service."""

    name = "provision"
    version = 1

    def __init__(self, config: Config) -> None:
        """Raises `ConfigurationError` when a parameter of the configuration cannot be used."""
        self._names: Mapping = config.ldap.mapping
        self._common = render_common(fleet_settings(config))
        self.fingerprint = hashlib.sha256(self._names.model_dump_json().encode()).hexdigest()[:16]

    def create(self, db: sqlite3.Connection) -> None:
        """Create the tables; the kept common files survive a `drop`, since phones may still ask for them."""
        for statement in _CREATE.split(";"):
            db.execute(statement)

    def drop(self, db: sqlite3.Connection) -> None:
        """Drop what is derived from entries."""
        for table in ("persons", "accounts", "phones", "phone_macs"):
            db.execute(f"DROP TABLE IF EXISTS {table}")

    def derive(self, db: sqlite3.Connection, changes: Sequence[EntryChange]) -> None:
        """Replace the rows of these entries."""
        for kind, statements in _DELETE.items():
            gone = [(change.uuid,) for change in changes if change.kind is kind and change.before is not None]
            for statement in statements:
                db.executemany(statement, gone)
        new = {kind: [c.after for c in changes if c.kind is kind and c.after is not None] for kind in READS}
        db.executemany("INSERT INTO persons VALUES (?,?,?,?,?)", self._persons(new[Kind.PERSON]))
        db.executemany("INSERT INTO accounts VALUES (?,?,?,?,?,?,?,?)", self._accounts(new[Kind.ACCOUNT]))
        db.executemany("INSERT INTO phones VALUES (?,?,?,?,?,?,?)", self._phones(new[Kind.PHONE]))
        db.executemany("INSERT INTO phone_macs VALUES (?,?)", self._macs(new[Kind.PHONE]))

    def settle(self, db: sqlite3.Connection, *, bulk: bool) -> None:  # noqa: ARG002  # the indexes are cheap here
        """Keep the common file of the configuration as the newest one."""
        digest = common_digest(self._common)
        newest = db.execute("SELECT digest, sequence FROM common_files ORDER BY sequence DESC LIMIT 1").fetchone()
        if newest is not None and newest[0] == digest:
            return
        sequence = newest[1] + 1 if newest else 1
        db.execute("INSERT OR REPLACE INTO common_files VALUES (?, ?, ?)", (sequence, digest, self._common))
        db.execute(
            "DELETE FROM common_files WHERE sequence NOT IN (SELECT sequence FROM common_files ORDER BY sequence DESC LIMIT ?)",
            (COMMON_FILES_KEPT,),
        )

    def _persons(self, entries: Sequence[Entry]) -> Iterator[tuple[object, ...]]:
        for entry in entries:
            name, attribute = _name_of(entry, self._names.person)
            yield entry.uuid, dn_key(entry.dn), entry.dn, name, attribute

    def _accounts(self, entries: Sequence[Entry]) -> Iterator[tuple[object, ...]]:
        for entry in entries:
            account = account_from(entry, self._names.account)
            key = dn_key(entry.dn)
            yield (
                entry.uuid, key, parent_key(key), entry.dn,
                account.user, account.secret.reveal(), account.caller_name, bool(account.mailbox),
            )  # fmt: skip

    def _phones(self, entries: Sequence[Entry]) -> Iterator[tuple[object, ...]]:
        names = self._names.phone
        for entry in entries:
            owner = entry.first(names.owner)
            keys, settings = (json.dumps(sorted(entry.values(which))) for which in (names.key, names.setting))
            yield entry.uuid, dn_key(entry.dn), entry.dn, owner, dn_key(owner) or None, keys, settings

    def _macs(self, entries: Sequence[Entry]) -> Iterator[tuple[object, ...]]:
        for entry in entries:
            for mac in sorted(_macs_of(entry, self._names)):
                yield mac, entry.uuid


def current_digest(db: sqlite3.Connection) -> str:
    """Return the digest of the common file that `.inf` files name now; "" before the mirror settled."""
    row = db.execute("SELECT digest FROM common_files ORDER BY sequence DESC LIMIT 1").fetchone()
    return str(row[0]) if row else ""


def find_common(db: sqlite3.Connection, digest: str) -> bytes | None:
    """Return the common file of a digest, None when it is not kept."""
    row = db.execute("SELECT content FROM common_files WHERE digest = ?", (digest,)).fetchone()
    return bytes(row[0]) if row else None


def _name_of(entry: Entry, names: PersonAttributes) -> tuple[str, str]:
    for attribute in names.display_name:
        name = entry.first((attribute,))
        if name:
            return name, attribute
    return "", ""


def _macs_of(entry: Entry, names: Mapping) -> set[Mac]:
    """All addresses of the entry. A typing error identifies no phone; it is reported once, when the entry changes."""
    macs = set()
    for value in entry.values(names.phone.mac):
        try:
            macs.add(parse_mac(value))
        except Malformed as error:
            log.warning("no phone: %s", EntryError(entry.dn, " or ".join(names.phone.mac), str(error)))
    return macs
