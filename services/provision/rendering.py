"""From a snapshot of the store to the bytes a phone fetches: the one way that requests and previews share.

The bytes depend on directory, configuration and vendor folder alone (design law 1). Nothing here knows HTTP.
"""

import sqlite3
from typing import Final

from services.provision.layers import fleet_settings, phone_settings
from services.provision.phones import Key, Line, Phone, find_phone
from services.provision.tables import current_digest, find_common
from services.provision.vendors.thomson.files import VendorFolder
from services.provision.vendors.thomson.render import PhoneTemplate, common_name, render_general
from shared.config import Config
from shared.errors import EntryError, StoreUnavailable, Unknown
from shared.mac import Mac
from shared.secret import Secret

_DECOY: Final = Phone(
    mac=Mac("000000000000"),
    dn="",
    lines=(Line(1, "0", Secret("0"), "0", has_mailbox=False),),
    keys=(Key(1, "blf", "0"),),
    overrides=(),
)
"""Rendered and thrown away for a phone that is refused, so that the time does not tell which addresses exist (law 7)."""


class Renderer:
    """Renders for one configuration. Safe to share between threads."""

    def __init__(self, config: Config) -> None:
        """Raises `ConfigurationError` when a parameter of the configuration cannot be used."""
        self._config = config
        self._template = PhoneTemplate(fleet_settings(config))
        self.vendor = VendorFolder(config.provision.vendor_dir)

    def general(self, db: sqlite3.Connection) -> bytes:
        """Return the general file. Raises `StoreUnavailable` before the mirror wrote a common file."""
        return render_general(self._config.provision, self.vendor.files(), _digest(db))

    def common(self, db: sqlite3.Connection, digest: str | None = None) -> bytes:
        """Return a common file that is still kept, without a digest the newest. Raises `Unknown`, `StoreUnavailable`."""
        content = find_common(db, digest or _digest(db))
        if content is None:
            raise Unknown("this common file is not kept")
        return content

    def phone(self, db: sqlite3.Connection, mac: Mac) -> bytes:
        """Return a phone's own file. Raises `Unknown`, `EntryError` (what is wrong with its entries), `StoreUnavailable`."""
        digest = _digest(db)
        try:
            return self._render(find_phone(db, mac, self._config.ldap.mapping), digest)
        except (Unknown, EntryError):
            self._render(_DECOY, digest)
            raise

    def _render(self, phone: Phone, digest: str) -> bytes:
        own = phone_settings(phone, self._config.provision.voicemail_number)
        return self._template.render(own, common_name(digest), self.vendor.files().telcfg)


def _digest(db: sqlite3.Connection) -> str:
    digest = current_digest(db)
    if not digest:
        raise StoreUnavailable("the mirror has not written a common file yet; run `dialtree provision mirror`")
    return digest
