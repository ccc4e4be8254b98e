"""Which values become settings, and where they stand: compared with what phones would get without them.

What common files say, and what all phones of a profile say alike, becomes the profile's; what is a phone's alone, the phone's.
A value of the common file that stands in phone files makes a profile of its own for the phones that have it.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import count
from typing import Final

from services.provision.entryvalues import Misspelt, parse_keys
from services.provision.importing.checking import SPELT_OUT, ValueChecker, spelt_out
from services.provision.importing.entries import Person, Phone, Profile, records_of
from services.provision.importing.lines import identity_parameters, value_of
from services.provision.importing.phonefiles import CommonFile, PhoneFile, Value
from services.provision.importing.rendered import Texts, render_all
from services.provision.importing.report import Place, Report
from services.provision.rendering import Renderer
from services.provision.vendors.thomson.models import Model
from shared.errors import EntryError
from shared.ldap.ldifwriter import Record
from shared.mac import Mac
from shared.secret import Secret

_KEY: Final = re.compile(r"sys\.FeatureKeyExt(\d\d)")
_KEY_VALUE: Final = re.compile(r"([LS])/<sip:([^<>=\s]+)>")
_KINDS: Final = {"L": "speeddial", "S": "blf"}
_MAILBOX: Final = re.compile(r"sip\.(VoiceMailTelNum|subscribe_event)")
_SHOWN_NUMBER: Final = re.compile(r"sip\.DisplayNum(Flag)?(\d)")
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
        self._checker = ValueChecker(renderer, report)
        self._identity = identity_parameters()
        self._of_common: dict[Place, str] = {}
        self.rendered: Mapping[Mac, Texts | EntryError] = {}
        """What the phones get in the end."""

    def records(self) -> tuple[Record, ...]:
        """Return all entries as they are now."""
        return tuple(records_of(self._base, tuple(self._people), self.profiles, self.phones))

    def add_common(self, common: CommonFile) -> None:
        """Make a profile of a common file."""
        models = [self._model(name) for name in common.models]
        shared = [self._renderer.site.shared(model, ()) for model in models]
        profile = Profile(self._new_name(common.name), f"From {common.place}")
        for name, value in common.values.items():
            if name in self._identity or _MAILBOX.fullmatch(name):
                continue
            text = self._checker.check(name, value, models)
            plain = {_plain(settings[name].value) for settings in shared if name in settings}
            if text is not None and plain != {text}:
                profile.settings[name] = text
        twin = next((known for known in self.profiles if known.settings == profile.settings), None)
        if twin is None:
            self.profiles.append(profile)
        else:
            self._report.note(
                str(common.place), common.place, f"says the same as the profile {twin.name}, which stands for both"
            )
        self._of_common[common.place] = (twin or profile).name

    def add_phone(self, phone: Phone) -> None:
        """Add a phone that has its lines."""
        phone.profile = self._of_common[phone.file.common.place] if phone.file.common else ""
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

    def common_texts(self, common: CommonFile) -> Texts:
        """Return what a phone would get of the profile that a common file became."""
        profile = next(known for known in self.profiles if known.name == self._of_common[common.place])
        texts: dict[str, str] = {}
        for model in map(self._model, common.models):
            texts |= {name: _plain(setting.value) for name, setting in self._renderer.site.shared(model, ()).items()}
        return texts | profile.settings

    def report_unheard(self, common: CommonFile) -> None:
        """Note what a common file says and no phone gets of it: what is of people, and what all its phones say otherwise."""
        texts = self.common_texts(common)
        users = [phone.file for phone in self.phones if phone.file.common is common]
        for name, value in common.values.items():
            if texts.get(name) == value.text or self._report.covers(name, value.place):
                continue
            if users and all(name in file.values for file in users):
                why = "all its phones' own files say otherwise"
                self._report.note(name, value.place, why, together=True)
            elif not users and (name in self._identity or _MAILBOX.fullmatch(name)):
                why = "is of people and accounts; phones get it from theirs"
                self._report.note(name, value.place, why, together=True)

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
                text = self._checker.check(name, value, (model,))
                if text is not None and text != now.get(name) and not self._follows(phone, name, now):
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

    def _follows(self, phone: Phone, name: str, now: Texts) -> bool:
        """Whether a line shows its SIP user by a parameter for another number: without it, it goes on following the user."""
        match = _SHOWN_NUMBER.fullmatch(name)
        if match is None:
            return False
        file, line = phone.file, match[2]
        shown, flag = file.values.get(f"sip.DisplayNum{line}"), file.values.get(f"sip.DisplayNumFlag{line}")
        user = now.get(f"sip.TEL{line}Number", "")
        of_all = file.common.values.get(f"sip.DisplayNumFlag{line}") if file.common else None
        if not user or shown is None or shown.text != user or (of_all is not None and of_all.text == "1"):
            return False
        if match[1] and (flag is None or flag.text != "1"):
            return False
        why = "shows the SIP user, as the phone does without it"
        self._report.note(name, file.values[name].place, why, together=True)
        return True

    def _report_rest(self) -> None:
        self.rendered = render_all(self._renderer, self.records(), self.phones)
        heard = self._heard_voicemail()
        for phone in self.phones:
            texts = self.rendered[phone.file.mac]
            if isinstance(texts, EntryError):
                what, why = f"phone {phone.file.mac}", f"would be refused: {texts.problem}"
                mend = "mend the entry, which holds the file's values; see the other rows"
                self._report.lost(what, phone.file.place, why, mend, whole=True)
                continue
            for name, value in _effective(phone.file):
                if name in texts and texts[name] != value.text and not self._report.covers(name, value.place):
                    self._report_other(phone, name, value, texts[name], is_heard=value.place in heard)

    def _heard_voicemail(self) -> set[Place]:
        """Return the lines of common files about voicemail that reach at least one phone."""
        return {
            value.place
            for phone in self.phones
            if phone.file.common and not isinstance(texts := self.rendered[phone.file.mac], EntryError)
            for name, value in phone.file.common.values.items()
            if _MAILBOX.fullmatch(name) and texts.get(name) == value.text
        }

    def _report_other(self, phone: Phone, name: str, value: Value, now: str, *, is_heard: bool) -> None:
        is_own = name in phone.file.values
        if not is_own and _MAILBOX.fullmatch(name):
            why, mend = (
                "phones get it whose account has a mailbox",
                "give the others an AstAccountMailbox where they shall have it",
            )
            if is_heard or value.text in ("", "0"):
                self._report.note(name, value.place, why, mend)
            else:
                self._report.lost(name, value.place, f"{why}, and none has one", mend)
        elif not is_own and _OF_LINE.fullmatch(name) and not now:
            self._report.note(name, value.place, "phones get it once they use the line", together=True)
        elif not value.text:
            why = "has no value; the phone gets what its people and accounts say"
            self._report.note(name, value.place, why, together=True)
        elif spelt_out(value.text) == now:
            self._report.note(name, value.place, SPELT_OUT)
        elif _OF_LINE.fullmatch(name) and not now:
            why = "the phone does not use the line; unused lines are empty"
            self._report.lost(name, value.place, why, "give the phone a dialtreeLine if it shall use it")
        else:
            why = "the phone gets another value, computed from its people and accounts"
            self._report.lost(name, value.place, why, "let line, user, name and mailbox agree with the account")

    def _model(self, name: str) -> Model:
        return self._renderer.models.find(name) or self._renderer.models.usual

    def _new_name(self, above: str) -> str:
        names = {profile.name.casefold() for profile in self.profiles}
        stem = above or _USUAL_NAME
        candidates = (stem if at == 1 else f"{stem}-{at}" for at in count(1))
        return next(name for name in candidates if name.casefold() not in names)


def _plain(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value


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
