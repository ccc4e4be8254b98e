"""Profiles and the common files that follow from them, as the mirror keeps them: chains by reference, files by digest.

A common file is rendered when a profile or the configuration changes, and kept for phones in mid-boot (design law 2).
A profile that is faulty keeps the common file that it had, for phones in mid-boot; all other files are refused to its phones.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from services.provision.entryvalues import WrittenKey, WrittenSetting
from services.provision.layers import Site
from services.provision.profiles import NO_PROFILE, Chain, Fault, Profile, layout_of, profile_from, resolve
from services.provision.vendors.thomson.models import Model, load_models
from services.provision.vendors.thomson.render import common_digest, render_common
from shared.config import Config
from shared.errors import EntryError
from shared.tables import EntryChange

COMMON_FILES_KEPT: Final = 64
"""Beside those that are current: a phone in mid-boot gets the common file that its `.inf` named, although it changed since."""
_CREATE: Final = """
    CREATE TABLE profiles (uuid TEXT PRIMARY KEY, dn TEXT NOT NULL, name TEXT NOT NULL,
        profile TEXT NOT NULL, fault TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE profile_chains (ref TEXT PRIMARY KEY, digest TEXT NOT NULL, chain TEXT NOT NULL, fault TEXT,
        keys TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS common_files (sequence INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, content BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS common_current (model TEXT, ref TEXT, digest TEXT NOT NULL, PRIMARY KEY (model, ref)) WITHOUT ROWID
"""
_CURRENT: Final = "SELECT digest FROM common_current WHERE model = ? AND ref = ?"
_FORGET_OLD: Final = """DELETE FROM common_files WHERE digest NOT IN (SELECT digest FROM common_current) AND sequence NOT IN
    (SELECT sequence FROM common_files WHERE digest NOT IN (SELECT digest FROM common_current) ORDER BY sequence DESC LIMIT ?)"""


class CommonFiles:
    """The part of the service's tables that follows profiles."""

    def __init__(self, config: Config) -> None:
        """Raises `ConfigurationError` when a parameter of the configuration cannot be used."""
        self._names = config.ldap.mapping.profile
        self._site = Site(config, load_models(config))
        self._is_settled = False

    def create(self, db: sqlite3.Connection) -> None:
        """Create the tables; those of common files may be there already."""
        self._is_settled = False
        for statement in _CREATE.split(";"):
            db.execute(statement)

    def drop(self, db: sqlite3.Connection) -> None:
        """Drop what is derived from entries."""
        for table in ("profiles", "profile_chains"):
            db.execute(f"DROP TABLE IF EXISTS {table}")

    def follow(self, db: sqlite3.Connection, changes: Sequence[EntryChange]) -> None:
        """Replace the rows of these profiles."""
        for change in changes:
            self._is_settled = False
            db.execute("DELETE FROM profiles WHERE uuid = ?", (change.uuid,))
            if change.after is not None:
                read = profile_from(change.after, self._names)
                texts = ("", json.dumps(read)) if isinstance(read, Fault) else (json.dumps(read), "")
                known = (change.uuid, change.after.dn, change.after.first(self._names.name))
                db.execute("INSERT INTO profiles VALUES (?, ?, ?, ?, ?)", (*known, *texts))

    def settle(self, db: sqlite3.Connection) -> None:
        """Resolve all profiles anew, and keep the common files that follow from them."""
        if self._is_settled:
            return
        chains = resolve(_stored(db), self._names)
        rows = {ref: _chain_row(chain) for ref, chain in {NO_PROFILE: (), **chains}.items()}
        _write_chains(db, rows)
        for model in self._site.models:
            self._keep(db, model, chains)
        names = json.dumps([model.name for model in self._site.models])
        db.execute("DELETE FROM common_current WHERE model NOT IN (SELECT value FROM json_each(?))", (names,))
        refs = json.dumps(list(rows))
        db.execute("DELETE FROM common_current WHERE ref NOT IN (SELECT value FROM json_each(?))", (refs,))
        db.execute(_FORGET_OLD, (COMMON_FILES_KEPT,))
        self._is_settled = True

    def _keep(self, db: sqlite3.Connection, model: Model, chains: Mapping[str, Chain | Fault]) -> None:
        """Keep the common files of a model; those of profiles that are faulty for it stay as they are."""
        digests: dict[Chain, str] = {}
        for ref, chain in {NO_PROFILE: (), **chains}.items():
            if isinstance(chain, Fault):
                continue
            if chain not in digests:
                try:
                    digests[chain] = _keep_content(db, render_common(model, self._site.shared(model, chain)))
                except EntryError:  # told when a phone of the profile asks
                    continue
            row = db.execute(_CURRENT, (model.name, ref)).fetchone()
            if row is None or row[0] != digests[chain]:
                db.execute("INSERT OR REPLACE INTO common_current VALUES (?, ?, ?)", (model.name, ref, digests[chain]))


def _keep_content(db: sqlite3.Connection, content: bytes) -> str:
    """Keep a file as the newest one, unless it is current already, and return its digest."""
    digest = common_digest(content)
    if db.execute("SELECT 1 FROM common_current WHERE digest = ?", (digest,)).fetchone() is None:
        (last,) = db.execute("SELECT coalesce(max(sequence), 0) FROM common_files").fetchone()
        db.execute("INSERT OR REPLACE INTO common_files VALUES (?, ?, ?)", (last + 1, digest, content))
    return digest


def current_digest(db: sqlite3.Connection, model: Model, profile: str) -> str:
    """Return the digest of the common file that `.inf` files name now for this reference; "" where there is none."""
    row = db.execute(_CURRENT, (model.name, profile)).fetchone()
    return str(row[0]) if row else ""


def find_common(db: sqlite3.Connection, digest: str) -> bytes | None:
    """Return the common file of a digest, None when it is not kept."""
    row = db.execute("SELECT content FROM common_files WHERE digest = ?", (digest,)).fetchone()
    return bytes(row[0]) if row else None


def find_chain(db: sqlite3.Connection, digest: str) -> Chain:
    """Return a chain by its digest; () where there is none."""
    row = db.execute("SELECT chain FROM profile_chains WHERE digest = ? LIMIT 1", (digest,)).fetchone()
    return tuple(_profile(item) for item in json.loads(row[0])) if row else ()


def find_reference(db: sqlite3.Connection, ref: str) -> Chain | Fault:
    """Return the chain of the profile that a reference means, or what is wrong with it; () where it means none."""
    row = db.execute("SELECT chain, fault FROM profile_chains WHERE ref = ?", (ref,)).fetchone()
    if row is None:
        return ()
    return Fault(*json.loads(row[1])) if row[1] else tuple(_profile(item) for item in json.loads(row[0]))


def known_chains(db: sqlite3.Connection) -> tuple[Chain | Fault, ...]:
    """Return every chain once, or what is wrong with it; without the one of no profile."""
    rows = db.execute("SELECT DISTINCT chain, fault FROM profile_chains ORDER BY chain, fault").fetchall()
    chains = (Fault(*json.loads(fault)) if fault else tuple(map(_profile, json.loads(chain))) for chain, fault in rows)
    return tuple(chain for chain in chains if chain)


def _chain_row(chain: Chain | Fault) -> tuple[str, str, str | None, str]:
    """Return digest, chain, fault and keys as they are kept."""
    if isinstance(chain, Fault):
        return "", "[]", json.dumps(chain), "[]"
    text = json.dumps(chain)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16] if chain else ""
    return digest, text, None, json.dumps(layout_of(chain))


def _write_chains(db: sqlite3.Connection, rows: Mapping[str, tuple[str, str, str | None, str]]) -> None:
    """Write them where they changed: a start of the mirror that finds nothing new must not write anything."""
    stored = {ref: tuple(row) for ref, *row in db.execute("SELECT ref, digest, chain, fault, keys FROM profile_chains")}
    if stored != rows:
        db.execute("DELETE FROM profile_chains")
        db.executemany("INSERT INTO profile_chains VALUES (?, ?, ?, ?, ?)", ((ref, *row) for ref, row in rows.items()))


def _stored(db: sqlite3.Connection) -> Iterator[tuple[str, str, Profile | Fault]]:
    for dn, name, profile, fault in db.execute("SELECT dn, name, profile, fault FROM profiles").fetchall():
        yield dn, name, Fault(*json.loads(fault)) if fault else _profile(json.loads(profile))


def _profile(texts: list[object]) -> Profile:
    dn, name, parent, settings, time_zone, language, country, files, keys = texts
    read = tuple(WrittenSetting(*setting) for setting in settings)  # type: ignore[attr-defined]
    laid = tuple(WrittenKey(*key) for key in keys)  # type: ignore[attr-defined]
    pinned: tuple[str, ...] = tuple(files)  # type: ignore[arg-type]
    return Profile(str(dn), str(name), str(parent), read, str(time_zone), str(language), str(country), pinned, laid)
