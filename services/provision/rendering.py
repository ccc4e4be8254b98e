"""From a snapshot of the store to the bytes a phone fetches: the one way that requests and previews share.

The bytes depend on directory, configuration and vendor folder alone (design law 1). Nothing here knows HTTP.
"""

import sqlite3
from dataclasses import dataclass
from typing import Final, NamedTuple

from services.provision.commonfiles import current_digest, find_chain, find_common
from services.provision.layers import Settings, Site, unused_lines
from services.provision.lines import Line, label_of
from services.provision.phones import NOBODY, Key, Phone, beyond, find_assignment, find_phone
from services.provision.profiles import NO_PROFILE, Chain
from services.provision.vendors.thomson.files import VendorFolder
from services.provision.vendors.thomson.models import Model, load_models
from services.provision.vendors.thomson.render import PhoneTemplate, Transport, render_general
from shared.config import Config, Provision
from shared.errors import EntryError, Malformed, StoreUnavailable, Unknown
from shared.mac import Mac
from shared.secret import Secret

_MOST_PREPARED: Final = 256
"""Models and profiles whose settings a worker keeps at hand; beyond that it begins anew."""
_DECOY: Final = Phone(
    mac=Mac("000000000000"),
    dn="",
    model="",
    profile="",
    profile_ref=NO_PROFILE,
    common="",
    lines=(Line(1, "0", Secret("0"), "0", has_mailbox=False),),
    keys=(Key(1, "blf", "0"),),
    settings=(),
)
"""Rendered and thrown away for a phone that is refused, so that the time does not tell which addresses exist (law 7)."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What all phones of a model and a profile have in common."""

    settings: Settings
    template: PhoneTemplate
    pinned: tuple[str, ...]
    """Vendor files that they get instead of the newest ones, those of the nearest profile first."""


class Rendered(NamedTuple):
    """A phone's own file, the model that the phone is taken for, and what of its entry was left out."""

    content: bytes
    model: Model
    notes: tuple[str, ...]


class Renderer:
    """Renders for one configuration. Safe to share between threads.

    `asked`: the model that the request speaks of. What the phone's entry says wins over it.
    """

    def __init__(self, config: Config) -> None:
        """Raises `ConfigurationError` when a parameter or a model of the configuration cannot be used."""
        self.config: Final = config
        self.models: Final = load_models(config)
        self.vendor: Final = VendorFolder(config.provision.vendor_dir)
        self.site: Final = Site(config, self.models)
        self._prepared: dict[tuple[str, str], _Prepared | EntryError] = {}

    def general(self, db: sqlite3.Connection, asked: Model, mac: Mac | None = None, over: Transport = "http") -> bytes:
        """Return the general file, as this phone's model and profile have it.

        Raises `Unknown` where its profile is faulty, `StoreUnavailable`.
        """
        assigned = find_assignment(db, mac) if mac else NOBODY
        model = self.models.find(assigned.model) or asked
        if assigned.profile_ref != NO_PROFILE and not assigned.profile:
            raise Unknown("the profile of this phone is faulty")  # other firmware would be worse than none
        try:
            prepared = self._prepared_for(db, model, assigned.profile)
        except EntryError as error:
            raise Unknown(str(error)) from None
        vendor = self.vendor.files(model, prepared.pinned)
        digest = _digest(db, model, assigned.profile_ref)
        return render_general(model, self.config.provision, vendor, digest, over)

    def common(self, db: sqlite3.Connection, digest: str) -> bytes:
        """Return a common file that is still kept. Raises `Unknown`."""
        content = find_common(db, digest)
        if content is None:
            raise Unknown("this common file is not kept")
        return content

    def common_of(self, db: sqlite3.Connection, asked: Model, mac: Mac | None = None) -> bytes:
        """Return the common file that a phone would be given now. Raises `Unknown`, `StoreUnavailable`."""
        assigned = find_assignment(db, mac) if mac else NOBODY
        return self.common(db, _digest(db, self.models.find(assigned.model) or asked, assigned.profile_ref))

    def phone(self, db: sqlite3.Connection, asked: Model, mac: Mac) -> bytes:
        """Return a phone's own file. Raises `Unknown`, `EntryError` (what is wrong with its entries), `StoreUnavailable`."""
        return self.rendered(db, asked, mac).content

    def rendered(self, db: sqlite3.Connection, asked: Model, mac: Mac) -> Rendered:
        """Return a phone's own file with the model that it is for. Raises as `phone`."""
        try:
            phone = find_phone(db, mac, self.config.ldap.mapping, asked.name)
            model = self.model_of(phone, asked)
            notes = beyond(phone, model.keys, self.config.ldap.mapping).notes
            return Rendered(self._render(db, model, phone), model, notes)
        except (Unknown, EntryError):
            self._render(db, asked, _DECOY)
            raise

    def asked(self, name: str) -> Model:
        """Return the model of this name, of the usual one for "". Raises `Malformed`."""
        model = self.models.find(name) if name else self.models.usual
        if model is None:
            raise Malformed(self.models.why_not(name))
        return model

    def model_of(self, phone: Phone, asked: Model) -> Model:
        """Return the model of a phone. Raises `EntryError` when its entry names none that there is."""
        if not phone.model:
            return asked
        model = self.models.find(phone.model)
        if model is None:
            raise EntryError(phone.dn, label_of(self.config.ldap.mapping.phone.model), self.models.why_not(phone.model))
        return model

    def _render(self, db: sqlite3.Connection, model: Model, phone: Phone) -> bytes:
        prepared = self._prepared_for(db, model, phone.profile)
        own = self.site.own_values(model, phone, prepared.settings)
        common = model.common_name(phone.common or _digest(db, model, phone.profile_ref))
        return prepared.template.render(own, common, self.vendor.files(model, prepared.pinned).telcfg)

    def _prepared_for(self, db: sqlite3.Connection, model: Model, profile: str) -> _Prepared:
        prepared = self._prepared.get((model.name, profile)) or self._prepare(db, model, profile)
        if isinstance(prepared, EntryError):
            raise prepared.with_traceback(None)  # else each request would lengthen it
        return prepared

    def _prepare(self, db: sqlite3.Connection, model: Model, profile: str) -> _Prepared | EntryError:
        """Prepare a profile, or find out what is wrong with it; both are kept, since a digest always means the same."""
        if len(self._prepared) >= _MOST_PREPARED:
            self._prepared.clear()
        chain = find_chain(db, profile) if profile else ()
        prepared: _Prepared | EntryError
        try:
            settings = self.site.shared(model, chain)
        except EntryError as error:
            prepared = error
        else:
            pinned = pins_of(chain, self.config.provision)
            prepared = _Prepared(settings, PhoneTemplate(model, unused_lines(model, settings)), pinned)
        self._prepared[model.name, profile] = prepared
        return prepared


def pins_of(chain: Chain, provision: Provision) -> tuple[str, ...]:
    """Return the vendor files that phones of a profile get instead of the newest ones, those of the nearest profile first."""
    return (*(name for each in reversed(chain) for name in each.files), *provision.pinned_files)


def _digest(db: sqlite3.Connection, model: Model, profile: str) -> str:
    digest = current_digest(db, model, profile)
    if digest:
        return digest
    if current_digest(db, model, NO_PROFILE):
        raise Unknown("the profile of this phone has no common file yet")
    raise StoreUnavailable("the mirror has not written a common file yet; run `dialtree provision mirror`")
