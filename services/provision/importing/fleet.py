"""Which values become settings, and where they stand: compared with what phones would get without them.

What common files say, and what all phones of a profile say alike, becomes the profile's; what is a phone's alone, the phone's.
A value of the common file that stands in phone files makes a profile of its own for the phones that have it.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import count
from typing import Final

from services.provision.entryvalues import Misspelt, parse_keys
from services.provision.importing.entries import Person, Phone, Profile, records_of
from services.provision.importing.lines import identity_parameters, value_of
from services.provision.importing.phonefiles import CommonFile, PhoneFile, Value
from services.provision.importing.rendered import Texts, render_all
from services.provision.importing.report import Report
from services.provision.layers import why_not
from services.provision.rendering import Renderer
from services.provision.values import Unwritable
from services.provision.vendors.thomson.models import Model
from shared.errors import EntryError
from shared.ldap.ldifwriter import Record
from shared.mac import Mac
from shared.secret import Secret

_KEY: Final = re.compile(r"sys\.FeatureKeyExt(\d\d)")
_KEY_VALUE: Final = re.compile(r"([LS])/<sip:([^<>=\s]+)>")
_KINDS: Final = {"L": "speeddial", "S": "blf"}
_MAILBOX: Final = re.compile(r"sip\.(VoiceMailTelNum|subscribe_event)")
_OF_LINE: Final = re.compile(r"sip\.\w*?(?:MP|BK)?[2-4]")
_SHARED_BY: Final = 2
"""Phones that must say the same before it becomes a profile's."""
_USUAL_NAME: Final = "phones"


class Fleet:
    """Phones and their profiles while they are put together."""

    def __init__(self, renderer: Renderer, base: str, people: Collection[Person], report: Report) -> None:
        self.profiles: list[Profile] = []
        self.phones: list[Phone] = []
        self._renderer = renderer
        self._base = base
        self._people = people
        self._report = report
        self._identity = identity_parameters()
        self._of_common: dict[str, str] = {}

    def records(self) -> tuple[Record, ...]:
        """Return all entries as they are now."""
        return tuple(records_of(self._base, tuple(self._people), self.profiles, self.phones))

    def add_common(self, common: CommonFile) -> None:
        """Make a profile of a common file."""
        model = self._model(common.model)
        shared = self._renderer.site.shared(model, ())
        profile = Profile(common.name, f"From {common.place}")
        for name, value in common.values.items():
            if name not in self._identity and not _MAILBOX.fullmatch(name):
                text = self._checked(name, value, model)
                plain = shared[name].value if text is not None else ""
                if text is not None and text != (plain.reveal() if isinstance(plain, Secret) else plain):
                    profile.settings[name] = text
        twin = next((known for known in self.profiles if known.settings == profile.settings), None)
        if twin is None:
            self.profiles.append(profile)
        else:
            self._report.note(
                str(common.place), common.place, f"says the same as the profile {twin.name}, which stands for both"
            )
        self._of_common[common.name] = (twin or profile).name

    def add_phone(self, phone: Phone) -> None:
        """Add a phone that has its lines."""
        phone.profile = self._of_common[phone.file.common.name] if phone.file.common else ""
        self.phones.append(phone)

    def compare(self) -> None:
        """Give phones and profiles the settings that they need, and report what phones would get otherwise all the same."""
        missing = self._missing()
        self._part(missing)
        self._share(missing)
        for phone in self.phones:
            for name, text in missing[phone.file.mac].items():
                self._set(phone, name, text)
        self._report_rest()

    def _missing(self) -> dict[Mac, dict[str, str]]:
        """What the phones' own files say and the phones would not get."""
        found: dict[Mac, dict[str, str]] = {}
        rendered = render_all(self._renderer, self.records(), self.phones)
        for phone in self.phones:
            texts = rendered[phone.file.mac]
            now: Texts = {} if isinstance(texts, EntryError) else texts
            model = self._model(phone.file.model)
            own = found[phone.file.mac] = {}
            for name, value in phone.file.values.items():
                if name in self._identity:
                    continue
                text = self._checked(name, value, model)
                if text is not None and text != now.get(name):
                    own[name] = text
        return found

    def _part(self, missing: Mapping[Mac, dict[str, str]]) -> None:
        """Give phones whose files hold values of the common file a profile with these, below the one that they have."""
        made: dict[tuple[str, tuple[tuple[str, str], ...]], Profile] = {}
        for phone in self.phones:
            own = missing[phone.file.mac]
            catalog = self._model(phone.file.model).catalog
            common = {name: own.pop(name) for name in tuple(own) if catalog[name].file == "common"}
            if not common:
                continue
            key = (phone.profile, tuple(sorted(common.items())))
            if key not in made:
                made[key] = Profile(
                    self._new_name(phone.profile), f"From {phone.file.place}", phone.profile, settings=dict(common)
                )
                self.profiles.append(made[key])
            phone.profile = made[key].name
            for name in common:
                why = f"is of the common file; the profile {phone.profile} has it"
                self._report.note(name, phone.file.values[name].place, why)

    def _share(self, missing: Mapping[Mac, dict[str, str]]) -> None:
        """Move what all phones of a profile say alike to the profile."""
        parents = {profile.name: profile.parent for profile in self.profiles}
        names = {phone.profile for phone in self.phones}
        for name in sorted(
            {*names, *(parents.get(name, "") for name in names)}, key=lambda name: (bool(parents.get(name)), name)
        ):
            members = [
                phone for phone in self.phones if name in (phone.profile, parents.get(phone.profile) or phone.profile)
            ]
            alike = _alike([missing[phone.file.mac] for phone in members], [phone.file for phone in members])
            if len(members) < _SHARED_BY or not alike:
                continue
            profile = next((known for known in self.profiles if known.name == name), None)
            if profile is None:
                profile = Profile(self._new_name(""), "What all phones' files say alike")
                self.profiles.append(profile)
            profile.settings.update(alike)
            for phone in members:
                phone.profile = phone.profile or profile.name
                for parameter in alike:
                    missing[phone.file.mac].pop(parameter, None)

    def _set(self, phone: Phone, name: str, text: str) -> None:
        position, value = _KEY.fullmatch(name), _KEY_VALUE.fullmatch(text)
        if position and value:
            key = f"{_KINDS[value[1]]} {value[2]}"
            try:
                parse_keys((f"{position[1]} {key}",))
            except Misspelt:
                phone.settings[name] = text
            else:
                phone.keys[int(position[1])] = key
        else:
            phone.settings[name] = text

    def _report_rest(self) -> None:
        rendered = render_all(self._renderer, self.records(), self.phones)
        for phone in self.phones:
            texts = rendered[phone.file.mac]
            if isinstance(texts, EntryError):
                what = f"phone {phone.file.mac}"
                self._report.lost(
                    what, phone.file.place, f"would be refused: {texts.problem}", "mend the entry; see the other rows"
                )
                continue
            for name, value in _effective(phone.file):
                if name in texts and texts[name] != value.text:
                    self._report_other(phone, name, value, texts[name])

    def _report_other(self, phone: Phone, name: str, value: Value, now: str) -> None:
        is_own = name in phone.file.values
        if not is_own and _MAILBOX.fullmatch(name):
            why = "phones get it whose account has a mailbox"
            self._report.note(name, value.place, why, "give the others an AstAccountMailbox where they shall have it")
        elif not is_own and _OF_LINE.fullmatch(name) and not now:
            self._report.note(name, value.place, "phones get it once they use the line")
        elif not self._checks(name, value, phone):
            return
        elif name in self._identity or _MAILBOX.fullmatch(name):
            why = f"phone {phone.file.mac} gets another value, computed from its people and accounts"
            self._report.lost(name, value.place, why, "let line, user, name and mailbox agree with the account")
        elif _OF_LINE.fullmatch(name):
            why = f"phone {phone.file.mac} does not use the line; unused lines are empty"
            self._report.lost(name, value.place, why, "give the phone a dialtreeLine if it shall use it")
        else:
            self._report.lost(name, value.place, f"phone {phone.file.mac} gets another value", "see `dialtree explain`")

    def _checks(self, name: str, value: Value, phone: Phone) -> bool:
        """Whether the model can take the value; one that it cannot is reported already."""
        try:
            self._model(phone.file.model).catalog[name].check(value.text)
        except Unwritable:
            return name in self._identity
        return True

    def _checked(self, name: str, value: Value, model: Model) -> str | None:
        """Return a value as the catalogue has it; None, and a row, where the model does not take it."""
        parameter = model.catalog.get(name)
        if parameter is None:
            problem = why_not(name, self._renderer.models) or f"{name} is no parameter of the {model.name}"
            self._report.lost(name, value.place, problem, "correct the name, or leave it out")
            return None
        try:
            return parameter.check(value.text)
        except Unwritable as error:
            self._report.lost(name, value.place, str(error), "correct the value")
            return None

    def _model(self, name: str) -> Model:
        return self._renderer.models.find(name) or self._renderer.models.usual

    def _new_name(self, above: str) -> str:
        names = {profile.name.casefold() for profile in self.profiles}
        stem = above or _USUAL_NAME
        candidates = (stem if at == 1 else f"{stem}-{at}" for at in count(1))
        return next(name for name in candidates if name.casefold() not in names)


def _alike(missing: list[dict[str, str]], files: list[PhoneFile]) -> dict[str, str]:
    """What at least one phone would not get and all files say alike, but for keys, which are each phone's own."""
    named = sorted({name for own in missing for name in own})
    alike = {}
    for name in named:
        texts = {value.text if (value := file.values.get(name)) is not None else None for file in files}
        found = next((own[name] for own in missing if name in own), "")
        if len(texts) == 1 and not (_KEY.fullmatch(name) and _KEY_VALUE.fullmatch(found)):
            alike[name] = found
    return alike


def _effective(file: PhoneFile) -> Iterator[tuple[str, Value]]:
    names: Iterable[str] = dict.fromkeys((*file.values, *(file.common.values if file.common else ())))
    for name in names:
        value = value_of(file, name)
        if value is not None:
            yield name, value
