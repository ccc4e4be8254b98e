"""From a snapshot of the store to the bytes a phone fetches: the one way that requests and previews share.

The bytes depend on directory, configuration and vendor folder alone (design law 1). Nothing here knows HTTP.
"""

import sqlite3
from dataclasses import dataclass
from typing import Final

from services.provision.commonfiles import current_digest, find_chain, find_common
from services.provision.layers import Settings, phone_settings, shared_settings, unused_lines
from services.provision.lines import Line
from services.provision.phones import Key, Phone, find_assignment, find_phone
from services.provision.profiles import NO_PROFILE
from services.provision.vendors.thomson.files import VendorFolder
from services.provision.vendors.thomson.models import load_models
from services.provision.vendors.thomson.render import PhoneTemplate, common_name, render_general
from shared.config import Config
from shared.errors import EntryError, StoreUnavailable, Unknown
from shared.mac import Mac
from shared.secret import Secret

_MOST_TEMPLATES: Final = 256
"""Profiles whose settings a worker keeps at hand; beyond that it begins anew."""
_DECOY: Final = Phone(
    mac=Mac("000000000000"),
    dn="",
    model="",
    profile="",
    profile_ref=NO_PROFILE,
    lines=(Line(1, "0", Secret("0"), "0", has_mailbox=False),),
    keys=(Key(1, "blf", "0"),),
    settings=(),
)
"""Rendered and thrown away for a phone that is refused, so that the time does not tell which addresses exist (law 7)."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What all phones of a profile have in common."""

    settings: Settings
    template: PhoneTemplate


class Renderer:
    """Renders for one configuration. Safe to share between threads."""

    def __init__(self, config: Config) -> None:
        """Raises `ConfigurationError` when a parameter of the configuration cannot be used."""
        self._config = config
        self._models = load_models(config)
        self._plain = self._prepare(shared_settings(config, ()))
        self._prepared: dict[str, _Prepared] = {}
        self.vendor = VendorFolder(config.provision.vendor_dir)

    def general(self, db: sqlite3.Connection, mac: Mac | None = None) -> bytes:
        """Return the general file, as the profile of this phone has it. Raises `Unknown`, `StoreUnavailable`."""
        profile = find_assignment(db, mac).profile if mac else NO_PROFILE
        return render_general(self._config.provision, self.vendor.files(self._models.usual), _digest(db, profile))

    def common(self, db: sqlite3.Connection, digest: str = "") -> bytes:
        """Return a common file that is still kept, without a digest that of no profile. Raises `Unknown`, `StoreUnavailable`."""
        content = find_common(db, digest or _digest(db, NO_PROFILE))
        if content is None:
            raise Unknown("this common file is not kept")
        return content

    def common_of(self, db: sqlite3.Connection, mac: Mac) -> bytes:
        """Return the common file that a phone would be given now. Raises `Unknown`, `StoreUnavailable`."""
        return self.common(db, _digest(db, find_assignment(db, mac).profile))

    def phone(self, db: sqlite3.Connection, mac: Mac) -> bytes:
        """Return a phone's own file. Raises `Unknown`, `EntryError` (what is wrong with its entries), `StoreUnavailable`."""
        try:
            return self._render(db, find_phone(db, mac, self._config.ldap.mapping))
        except (Unknown, EntryError):
            self._render(db, _DECOY)
            raise

    def _render(self, db: sqlite3.Connection, phone: Phone) -> bytes:
        prepared = self._of_profile(db, phone.profile) if phone.profile else self._plain
        own = phone_settings(phone, prepared.settings, self._config)
        digest = _digest(db, phone.profile_ref)
        return prepared.template.render(own, common_name(digest), self.vendor.files(self._models.usual).telcfg)

    def _of_profile(self, db: sqlite3.Connection, digest: str) -> _Prepared:
        prepared = self._prepared.get(digest)
        if prepared is None:
            if len(self._prepared) >= _MOST_TEMPLATES:
                self._prepared.clear()
            prepared = self._prepare(shared_settings(self._config, find_chain(db, digest)))
            self._prepared[digest] = prepared
        return prepared

    def _prepare(self, settings: Settings) -> _Prepared:
        return _Prepared(settings, PhoneTemplate(unused_lines(settings)))


def _digest(db: sqlite3.Connection, profile: str) -> str:
    digest = current_digest(db, profile)
    if digest:
        return digest
    if current_digest(db, NO_PROFILE):
        raise Unknown("the profile of this phone has no common file yet")
    raise StoreUnavailable("the mirror has not written a common file yet; run `dialtree provision mirror`")
