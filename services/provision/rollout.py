"""Who would get a vendor file, and the change of the directory that gives it to some phones alone. Pure but for SQL.

Nothing here places a file or writes LDAP. A held file (`HELD`) is given to nobody until a profile names it. So a rollout to
some phones begins with nothing: the file is placed and held, and then the change that stands here gives it to them.
"""

import re
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from services.provision.commonfiles import find_chain, find_reference
from services.provision.profiles import NO_PROFILE, Chain, Fault, Profile, reference
from services.provision.rendering import Renderer, pins_of
from services.provision.vendors.thomson.files import choose_files, line_of
from services.provision.vendors.thomson.models import Model
from shared.errors import DialtreeError
from shared.ldap.entry import parent_key
from shared.ldap.ldifwriter import Modify, Record, Step
from shared.ldap.source import Kind
from shared.mac import Mac

CANARY: Final = "canary"
_PHONE_CLASS: Final = "dialtreePhone"
_PROFILE_CLASS: Final = "dialtreeProfile"
_FIND_PHONES: Final = """
    SELECT m.mac, p.dn, p.model, p.profile_ref, c.digest, c.fault IS NOT NULL
    FROM phone_macs m JOIN phones p ON p.uuid = m.uuid LEFT JOIN profile_chains c ON c.ref = p.profile_ref ORDER BY m.mac"""
_SPECIAL: Final = re.compile(r'([,+"\\<>;=#])')


class Telephone(NamedTuple):
    """A phone of the directory, as far as its vendor files are concerned."""

    mac: Mac
    dn: str
    models: tuple[Model, ...]
    """What it is; every model that it may be where its entry names none."""
    names_model: bool
    profile_ref: str
    chain: Chain


class Recipients(NamedTuple):
    """Phones of one model and one profile that would get a file that they do not get now."""

    model: str
    """"" where their entries name none: they get it if they are of a model that knows it."""
    profile: str
    """"" where they have none."""
    macs: tuple[Mac, ...]


class Rollout:
    """The phones of a directory at one moment, and what each would be given."""

    def __init__(self, renderer: Renderer, db: sqlite3.Connection) -> None:
        """`db`: the service's tables."""
        self._renderer = renderer
        self._db = db
        self._own = renderer.config.provision
        self._mapping = renderer.config.ldap.mapping
        self._telephones = tuple(_telephones(renderer, db))

    def recipients(self, name: str) -> tuple[Recipients, ...]:
        """Return who would get a file of this name if it lay in the folder, for all."""
        return self._gaining(name, for_all=True, pins=lambda phone: pins_of(phone.chain, self._own))

    def is_for_unknown(self, name: str) -> bool:
        """Say whether phones that no entry names would get it too."""
        return any(self._gets(name, model, pins_of((), self._own), for_all=True) for model in self._renderer.models)

    def below(self, profile: Profile) -> frozenset[Mac]:
        """Return the phones that have this profile, or one below it."""
        return frozenset(each.mac for each in self._telephones if profile in each.chain)

    def recipients_below(self, name: str, profile: Profile) -> tuple[Recipients, ...]:
        """Return who would get it if this profile alone named it."""
        changed = profile._replace(files=(name,))

        def pins(phone: Telephone) -> tuple[str, ...]:
            return pins_of(tuple(changed if each.dn == profile.dn else each for each in phone.chain), self._own)

        return self._gaining(name, for_all=False, pins=pins, among=self.below(profile))

    def recipients_of(self, name: str, macs: Collection[Mac]) -> tuple[Recipients, ...]:
        """Return who would get it if these phones had a profile that names it."""
        return self._gaining(name, for_all=False, pins=lambda _: (name,), among=macs)

    def refuse_others(self, name: str, wanted: Collection[Mac]) -> None:
        """Raise `DialtreeError` where placing a file for some would give it to others, or has given it to them."""
        folder = self._renderer.vendor
        if folder.find(name) is not None and name.lower() not in folder.held:
            given = [model.name for model in self._renderer.models if self._has(name, model, pins_of((), self._own))]
            having = [each.mac for each in self._telephones if self._is_given(name, each)]
            if given or having:
                raise DialtreeError(
                    f"{name} is in the folder for all, and {len(having)} phones of the directory get it now; "
                    "to take it back from them, delete it there or name the older file in provision.pinned_files"
                )
        at_once = self._gaining(name, for_all=False, pins=lambda phone: pins_of(phone.chain, self._own))
        others = {mac for each in at_once for mac in each.macs}.difference(wanted)
        pinned = any(self._gets(name, model, pins_of((), self._own), for_all=False) for model in self._renderer.models)
        if others or pinned:
            raise DialtreeError(
                f"{name} is pinned already, by a profile or provision.pinned_files: {len(others)} phones besides those that "
                "were named would get it at once; take that pin out first"
            )

    def profile_named(self, written: str) -> Profile:
        """Return a profile by its name or DN. Raises `DialtreeError`."""
        found = find_reference(self._db, reference(written))
        if isinstance(found, Fault):
            raise found.error()
        if not found:
            raise DialtreeError(f"{written} is no profile; name one by its name or its DN")
        return found[-1]

    def change_of_profile(self, name: str, profile: Profile) -> tuple[Modify, ...]:
        """Return what makes a profile name a file, instead of others that it names for the same line; () if it does so now."""
        attribute = _first(self._mapping.profile.file, "profile.file")
        rivals = tuple(own for own in profile.files if own.lower() != name.lower() and self._is_for_same(own, name))
        steps = [Step("delete", attribute, rivals)] if rivals else []
        if name.lower() not in map(str.lower, profile.files):
            steps.append(Step("add", attribute, (name,)))
        return (Modify(profile.dn, tuple(steps)),) if steps else ()

    def change_of_phones(
        self, name: str, macs: Iterable[Mac], classes_of: Callable[[str], Collection[str]]
    ) -> tuple[Record | Modify, ...]:
        """Return what gives a file to these phones alone: a profile of their own below the one that they have.

        `classes_of`: the object classes of an entry, in lower case, by its DN. Raises `DialtreeError`.
        """
        chosen = {mac: self._telephone(mac, name) for mac in dict.fromkeys(macs)}
        changes: list[Record | Modify] = []
        taken: set[str] = set()
        for ref in dict.fromkeys(phone.profile_ref for phone in chosen.values()):
            group = [phone for phone in chosen.values() if phone.profile_ref == ref]
            chain = group[0].chain
            everybody = self.below(chain[-1]) if chain else frozenset()
            if chain and chain[-1].name.lower().endswith(CANARY) and everybody <= chosen.keys():
                changes += self.change_of_profile(name, chain[-1])
                continue
            record = self._canary_profile(name, group[0], taken)
            changes += [record, *(self._join(record.dn, phone, classes_of(phone.dn)) for phone in group)]
        return tuple(changes)

    def _telephone(self, mac: Mac, name: str) -> Telephone:
        found = [each for each in self._telephones if each.mac == mac]
        if len(found) != 1:
            why = "no entry has this address" if not found else "several entries have this address"
            raise DialtreeError(f"{mac}: {why}; give the file to phones that dialtree check has nothing against")
        (phone,) = found
        if not any(line_of(name, model) for model in phone.models):
            raise DialtreeError(
                f"{mac} is of the model {phone.models[0].name}, which does not know a file called {name}"
            )
        return phone

    def _canary_profile(self, name: str, phone: Telephone, taken: set[str]) -> Record:
        names = self._mapping.profile
        above = phone.chain[-1] if phone.chain else None
        stem = f"{above.name or 'profile'}-{CANARY}" if above else CANARY
        free, number = stem, 1
        while reference(free) in taken or find_reference(self._db, reference(free)) != ():
            number += 1
            free = f"{stem}-{number}"
        taken.add(reference(free))
        attribute = _first(names.name, "profile.name")
        escaped = _SPECIAL.sub(r"\\\1", free)
        dn = f"{attribute}={escaped},{self._container(above, phone)}"
        parent = ((_first(names.parent, "profile.parent"), above.dn),) if above else ()
        file = (_first(names.file, "profile.file"), name)
        return Record(dn, (("objectClass", _PROFILE_CLASS), (attribute, free), *parent, file))

    def _container(self, above: Profile | None, phone: Telephone) -> str:
        """Return the DN below which a new profile stands: beside the one that it is for, else where profiles are looked for."""
        ldap = self._renderer.config.ldap
        if above is not None:
            return parent_key(above.dn)
        known = self._db.execute("SELECT dn FROM profiles ORDER BY dn LIMIT 1").fetchone()
        if known:
            return parent_key(str(known[0]))
        return ldap.search(Kind.PROFILE).base or ldap.base or parent_key(phone.dn)

    def _join(self, profile_dn: str, phone: Telephone, classes: Collection[str]) -> Modify:
        attribute = _first(self._mapping.phone.profile, "phone.profile")
        steps = [Step("replace", attribute, (profile_dn,))]
        if _PHONE_CLASS.lower() not in classes:
            steps.insert(0, Step("add", "objectClass", (_PHONE_CLASS,)))
        return Modify(phone.dn, tuple(steps))

    def _is_for_same(self, one: str, other: str) -> bool:
        return any(
            line_of(one, model) is not None and line_of(one, model) == line_of(other, model)
            for model in self._renderer.models
        )

    def _gaining(
        self,
        name: str,
        *,
        for_all: bool,
        pins: Callable[[Telephone], tuple[str, ...]],
        among: Collection[Mac] | None = None,
    ) -> tuple[Recipients, ...]:
        """Return who gets a file that they do not get now. `among`: these phones alone; None: all."""
        groups: dict[tuple[str, str], list[Mac]] = {}
        for phone in self._telephones:
            if among is not None and phone.mac not in among:
                continue
            now = pins_of(phone.chain, self._own)
            gaining = [
                model
                for model in phone.models
                if self._gets(name, model, pins(phone), for_all=for_all) and not self._has(name, model, now)
            ]
            if gaining:
                model = gaining[0].name if phone.names_model else ""
                profile = (phone.chain[-1].name or phone.chain[-1].dn) if phone.chain else ""
                groups.setdefault((model, profile), []).append(phone.mac)
        return tuple(Recipients(*key, tuple(groups[key])) for key in sorted(groups))

    def _gets(self, name: str, model: Model, pins: Sequence[str], *, for_all: bool) -> bool:
        """Say whether phones of a model get it once it is in the folder; otherwise than `for_all` it is held."""
        vendor, lower = self._renderer.vendor, name.lower()
        names = (*(each for each in vendor.names if each.lower() != lower), name)
        held = vendor.held - {lower} if for_all else vendor.held | {lower}
        return any(chosen == name for _, chosen in choose_files(names, model.vendor_files, pins, held).lines())

    def _is_given(self, name: str, phone: Telephone) -> bool:
        return any(self._has(name, model, pins_of(phone.chain, self._own)) for model in phone.models)

    def _has(self, name: str, model: Model, pins: tuple[str, ...]) -> bool:
        given = self._renderer.vendor.files(model, pins).lines()
        return any(chosen.lower() == name.lower() for _, chosen in given)


def _telephones(renderer: Renderer, db: sqlite3.Connection) -> Iterator[Telephone]:
    """Yield the phones that are given files at all."""
    chains: dict[str, Chain] = {}
    for mac, dn, written, ref, digest, is_faulty in db.execute(_FIND_PHONES).fetchall():
        if is_faulty or (ref != NO_PROFILE and digest is None):
            continue
        if digest and digest not in chains:
            chains[digest] = find_chain(db, digest)
        named = renderer.models.find(written) if written else None
        if named is not None or not written:
            models = (named,) if named is not None else tuple(renderer.models)
            yield Telephone(Mac(mac), dn, models, named is not None, ref, chains.get(digest or "", ()))


def _first(names: Sequence[str], field: str) -> str:
    if not names:
        raise DialtreeError(f"ldap.mapping.{field} names no attribute; name one, and restart the service")
    return names[0]
