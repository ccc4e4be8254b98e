"""What the mirror keeps for this service beside the entries: phones by MAC, accounts and persons by DN, profiles, common files.

Secrets stay in this file. One row comes from one entry, but for profiles: their chains are resolved here whenever one changes,
and with them the common files. What else several entries mean together is resolved when a phone asks.
"""

import hashlib
import json
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Final

from services.provision.ambiguous import Ambiguous
from services.provision.commonfiles import CommonFiles
from services.provision.entryvalues import Misspelt, parse_keys, parse_lines, parse_settings
from services.provision.lines import label_of
from services.provision.profiles import reference
from services.provision.reads import READS
from shared.bounds import bounded
from shared.config import Config
from shared.errors import EntryError, Malformed
from shared.hiding import Hidden
from shared.ldap.entry import Entry, dn_key, parent_key
from shared.ldap.mapping import Mapping
from shared.ldap.source import Kind
from shared.mac import Mac, parse_mac
from shared.people import PersonReader, account_from
from shared.tables import EntryChange
from shared.text import without_invisible

log = logging.getLogger("dialtree.provision")

MOST_VALUES: Final = 4096
"""Values of an attribute that count: more than all models have parameters."""
_CREATE: Final = """
    CREATE TABLE persons (uuid TEXT PRIMARY KEY, dn_key TEXT NOT NULL, dn TEXT NOT NULL, name TEXT NOT NULL,
        name_attribute TEXT NOT NULL, language TEXT NOT NULL, country TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX persons_by_dn ON persons (dn_key);
    CREATE TABLE accounts (uuid TEXT PRIMARY KEY, dn_key TEXT NOT NULL, above TEXT NOT NULL, dn TEXT NOT NULL,
        user TEXT NOT NULL, auth_name TEXT NOT NULL, extension TEXT NOT NULL, secret TEXT NOT NULL,
        caller_name TEXT NOT NULL, has_mailbox INTEGER NOT NULL,
        registrar TEXT NOT NULL, backup_registrar TEXT NOT NULL, transport TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX accounts_by_dn ON accounts (dn_key);
    CREATE INDEX accounts_by_above ON accounts (above);
    CREATE TABLE phones (uuid TEXT PRIMARY KEY, dn_key TEXT NOT NULL, dn TEXT NOT NULL, owner TEXT NOT NULL,
        owner_key TEXT, model TEXT NOT NULL, profile TEXT NOT NULL, profile_ref TEXT NOT NULL,
        keys TEXT NOT NULL, lines TEXT NOT NULL, settings TEXT NOT NULL, fault TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE phone_macs (mac TEXT, uuid TEXT, PRIMARY KEY (mac, uuid)) WITHOUT ROWID;
    CREATE INDEX phone_macs_by_uuid ON phone_macs (uuid);
    CREATE TABLE ambiguous (uuid TEXT, kind TEXT, dn TEXT NOT NULL, attribute TEXT NOT NULL, count INTEGER NOT NULL,
        is_fault INTEGER NOT NULL, PRIMARY KEY (uuid, kind, attribute)) WITHOUT ROWID
"""
_DELETE: Final = {
    Kind.PERSON: ("DELETE FROM persons WHERE uuid = ?",),
    Kind.ACCOUNT: ("DELETE FROM accounts WHERE uuid = ?",),
    Kind.PHONE: ("DELETE FROM phones WHERE uuid = ?", "DELETE FROM phone_macs WHERE uuid = ?"),
}
_INCOMPLETE: Final = {
    Kind.ACCOUNT: "SELECT uuid FROM accounts WHERE user = '' OR secret = '' ORDER BY uuid LIMIT ?",
    Kind.PHONE: """SELECT uuid FROM phones WHERE owner_key IS NULL
        AND NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.dn_key = phones.dn_key)
        AND NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.above = phones.dn_key) ORDER BY uuid LIMIT ?""",
}


class ProvisionTables:
    """The `Tables` of the provision service."""

    name = "provision"
    version = 4
    keeps_damaged = True

    def __init__(self, config: Config) -> None:
        """Raises `ConfigurationError` when a parameter of the configuration cannot be used."""
        self._names: Mapping = config.ldap.mapping
        self._person = PersonReader(self._names.person)
        self._default_profile = config.provision.default_profile
        self._extension_digits = config.numbers.longest_extension
        self._ambiguous = Ambiguous(self._names)
        self._common = CommonFiles(config)
        depends_on = (self._names.model_dump_json(), self._default_profile, str(self._extension_digits))
        self.fingerprint = hashlib.sha256("\0".join(depends_on).encode()).hexdigest()[:16]

    def admit(self, kind: Kind, entry: Entry) -> Entry | Hidden | None:  # noqa: ARG002  # all kinds alike
        """Return what of the entry counts: nothing is hidden from this service."""
        return bounded(entry, MOST_VALUES)

    def create(self, db: sqlite3.Connection) -> None:
        """Create the tables; the kept common files survive a `drop`, since phones may still ask for them."""
        for statement in _CREATE.split(";"):
            db.execute(statement)
        self._common.create(db)

    def drop(self, db: sqlite3.Connection) -> None:
        """Drop what is derived from entries."""
        for table in ("persons", "accounts", "phones", "phone_macs", "ambiguous"):
            db.execute(f"DROP TABLE IF EXISTS {table}")
        self._common.drop(db)

    def derive(self, db: sqlite3.Connection, changes: Sequence[EntryChange]) -> None:
        """Replace the rows of these entries."""
        for kind, statements in _DELETE.items():
            gone = [(change.uuid,) for change in changes if change.kind is kind and change.before is not None]
            for statement in statements:
                db.executemany(statement, gone)
        before = [(change.uuid, change.kind) for change in changes if change.before is not None]
        db.executemany("DELETE FROM ambiguous WHERE uuid = ? AND kind = ?", before)
        new = {kind: [c.after for c in changes if c.kind is kind and c.after is not None] for kind in READS}
        db.executemany("INSERT INTO persons VALUES (?,?,?,?,?,?,?)", self._persons(new[Kind.PERSON]))
        db.executemany("INSERT INTO accounts VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", self._accounts(new[Kind.ACCOUNT]))
        db.executemany("INSERT INTO phones VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", self._phones(new[Kind.PHONE]))
        db.executemany("INSERT INTO phone_macs VALUES (?,?)", self._macs(new[Kind.PHONE]))
        for kind, entries in new.items():
            db.executemany("INSERT INTO ambiguous VALUES (?,?,?,?,?,?)", self._ambiguous.rows(kind, entries))
        self._common.follow(db, [change for change in changes if change.kind is Kind.PROFILE])

    def settle(self, db: sqlite3.Connection, *, bulk: bool) -> None:  # noqa: ARG002  # the indexes are cheap here
        """Resolve the profiles, where one changed, and keep the common files that follow from them."""
        self._common.settle(db)

    def abandon(self) -> None:
        """All is in the transaction."""

    def expired(self, db: sqlite3.Connection, kind: Kind) -> list[Entry]:  # noqa: ARG002  # no dates
        """Nothing depends on the time."""
        return []

    def incomplete(self, db: sqlite3.Connection, kind: Kind, most: int) -> list[str]:
        """Return accounts without user or secret, and phones that name no owner and are no account themselves."""
        statement = _INCOMPLETE.get(kind)
        return [uuid for (uuid,) in db.execute(statement, (most,))] if statement else []

    def next_expiry(self, db: sqlite3.Connection, kind: Kind) -> float | None:  # noqa: ARG002  # no dates
        """Nothing depends on the time."""
        return None

    def clean(self, db: sqlite3.Connection) -> bool:  # noqa: ARG002  # plain tables leave no traces
        """Nothing is left in an index."""
        return False

    def _persons(self, entries: Sequence[Entry]) -> Iterator[tuple[object, ...]]:
        names = self._names.person
        for entry in entries:
            locale = entry.first(names.language), entry.first(names.country)
            yield entry.uuid, dn_key(entry.dn), entry.dn, *_name_of(entry, self._person, locale[0]), *locale

    def _accounts(self, entries: Sequence[Entry]) -> Iterator[tuple[object, ...]]:
        names = self._names.account
        for entry in entries:
            account = account_from(entry, names, self._extension_digits)
            key = dn_key(entry.dn)
            yield (
                entry.uuid, key, parent_key(key), entry.dn, account.user, account.auth_name, account.extension,
                account.secret.reveal(), account.caller_name, bool(account.mailbox),
                entry.first(names.registrar), entry.first(names.backup_registrar), entry.first(names.transport),
            )  # fmt: skip

    def _phones(self, entries: Sequence[Entry]) -> Iterator[tuple[object, ...]]:
        names = self._names.phone
        for entry in entries:
            owner = entry.first(names.owner)
            profile = entry.first(names.profile) or self._default_profile
            about = (entry.first(names.model), profile, reference(profile))
            yield entry.uuid, dn_key(entry.dn), entry.dn, owner, dn_key(owner) or None, *about, *self._written(entry)

    def _written(self, entry: Entry) -> tuple[str, str, str, str]:
        """Return keys, lines and settings as JSON, and the first fault in them (attribute, problem) or ""."""
        names = self._names.phone
        read: list[tuple[Any, ...]] = []
        fault = ""
        for parse, of in ((parse_keys, names.key), (parse_lines, names.line), (parse_settings, names.setting)):
            try:
                read.append(parse(entry.values(of)))
            except Misspelt as problem:
                read.append(())
                fault = fault or json.dumps((label_of(of), str(problem)))
        keys, lines, settings = map(json.dumps, read)
        return keys, lines, settings, fault

    def _macs(self, entries: Sequence[Entry]) -> Iterator[tuple[object, ...]]:
        for entry in entries:
            for mac in sorted(_macs_of(entry, self._names)):
                yield mac, entry.uuid


def _name_of(entry: Entry, reader: PersonReader, language: str) -> tuple[str, str]:
    """Return the name on the person's own phone, in the language that the person prefers, and where it stands."""
    shown = reader.name(entry, language)
    name = without_invisible(shown.display_name or f"{shown.given_name} {shown.surname}".strip())
    return (name, shown.attribute) if name else ("", "")


def _macs_of(entry: Entry, names: Mapping) -> set[Mac]:
    """All addresses of the entry. A typing error identifies no phone; it is reported once, when the entry changes."""
    macs = set()
    for value in entry.values(names.phone.mac):
        try:
            macs.add(parse_mac(value))
        except Malformed as error:
            log.warning("no phone: %s", EntryError(entry.dn, " or ".join(names.phone.mac), str(error)))
    return macs
