"""Parameter layers: package → configuration file → profiles → phone's entry → computed; the later one wins.

Every value remembers where it came from, and is checked against the catalogue of the phone's model. Nothing here renders, and
no parameter is named here but through the catalogue and `vendors.thomson.configuration`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from services.provision.entryvalues import WrittenSetting
from services.provision.lines import label_of
from services.provision.phones import Phone
from services.provision.profiles import Chain
from services.provision.values import Unwritable
from services.provision.vendors.thomson.catalog import SERIAL, Parameter, load_unmanaged
from services.provision.vendors.thomson.configuration import (
    MOST_LINES,
    Meant,
    all_spoken,
    computed,
    configured,
    line_parameters,
    localised,
    use_of,
)
from services.provision.vendors.thomson.models import Model, Models
from services.provision.vendors.thomson.phonebooks import all_titles
from services.provision.vendors.thomson.timezones import UnknownZone
from shared.config import Config
from shared.errors import ConfigurationError, EntryError, Fault
from shared.secret import Secret


class Layer(StrEnum):
    """Where a value came from, from the weakest to the strongest."""

    PACKAGE = "package"
    CONFIGURATION = "configuration"
    PROFILE = "profile"
    PHONE = "phone"
    COMPUTED = "computed"


class Setting(NamedTuple):
    """A parameter's value, one line of ISO-8859-1, and its origin. A secret parameter's value is a `Secret`."""

    parameter: Parameter
    value: str | Secret
    layer: Layer
    where: str
    """DN of the entry; "" for the package and the configuration file."""
    attribute: str
    """Attribute of the entry, or setting of the configuration file."""


Settings = Mapping[str, Setting]
"""Settings by the parameter's name (`sip.CallPkupSC`); never changed once made."""


class _Below(NamedTuple):
    """What a phone's entry says, else the layers that it shares: see `configuration.Below`."""

    entry: Settings
    shared: Settings

    def value(self, name: str) -> str:
        value = (self.entry.get(name) or self.shared[name]).value
        return value.reveal() if isinstance(value, Secret) else value

    def is_set(self, name: str) -> bool:
        """A model without this parameter has nothing to compute either."""
        return name in self.entry or name not in self.shared or self.shared[name].layer is not Layer.PACKAGE


class Site:
    """The configuration as layers need it: the models, and what the configuration file gives each of them."""

    def __init__(self, config: Config, models: Models) -> None:
        """Raises `ConfigurationError`, see `setting_faults`."""
        faults = setting_faults(config, models)
        if faults:
            raise ConfigurationError(faults)
        self.config: Final = config
        self.models: Final = models
        self._spoken = all_spoken(config)
        self._bases = {model.name: self._base(model) for model in models}

    def shared(self, model: Model, chain: Chain) -> Settings:
        """Return every parameter but the serial as all phones of a model and a profile have it: package, configuration, profiles.

        Raises `EntryError` when a profile sets what it cannot.
        """
        base = self._bases[model.name]
        if not chain:
            return base
        return MappingProxyType({**base, **_by_name(self.profile_layer(model, chain))})

    def own_values(self, model: Model, phone: Phone, shared: Settings) -> Mapping[str, str | Secret]:
        """Return only what this phone has of its own, to be laid over `unused_lines(model, shared)`: its entry, then computed.

        The same as `own_layers`, without the origins, which nobody asks for when a phone boots. Raises `EntryError`.
        """
        values: dict[str, str | Secret] = {}
        entry: Settings = {}
        if phone.settings:
            entry = _by_name(self.phone_layer(model, phone))
            values = {name: setting.value for name, setting in entry.items()}
            for setting in unused_layer(model, phone):
                values.pop(setting.parameter.name, None)
        for meant in self._computed(model, phone, shared, entry):
            values.update(meant.values)
        return values

    def own_layers(self, model: Model, phone: Phone, shared: Settings) -> Iterator[Setting]:
        """Yield what this phone has of its own: its entry, then computed, then the lines that it does not use; the later wins.

        `shared`: what it shares. Raises `EntryError` when the entry sets what it cannot.
        """
        entry = _by_name(self.phone_layer(model, phone))
        yield from entry.values()
        for meant in self._computed(model, phone, shared, entry):
            yield from _settings(meant, model, Layer.COMPUTED)
        yield from unused_layer(model, phone)

    def package_layer(self, model: Model) -> Iterator[Setting]:
        """Yield the whole set of parameters with the factory's values, or better ones where the catalogue has them."""
        for name, parameter in model.catalog.items():
            if name != SERIAL:
                yield _setting(parameter, parameter.advised or parameter.default, Layer.PACKAGE, "", "")

    def configuration_layer(self, model: Model) -> Iterator[Setting]:
        """Yield what the configuration file says, as far as the model knows it."""
        catalog = model.catalog
        own = self.config.provision
        for meant in configured(self.config):
            for name, value in meant.values:
                if name in catalog:
                    checked, setting = catalog[name].check(str(value)), label_of(meant.attributes)
                    yield _setting(catalog[name], checked, Layer.CONFIGURATION, meant.where, setting)
        for name, text in own.settings.items():
            if name in catalog:
                where = f"provision.settings.{name}"
                yield _setting(catalog[name], catalog[name].check(text), Layer.CONFIGURATION, "", where)
        for name, file in own.settings_file.items():
            if name in catalog:
                where = f"provision.settings_file.{name}"
                yield Setting(catalog[name], file.secret, Layer.CONFIGURATION, "", where)

    def profile_layer(self, model: Model, chain: Chain) -> Iterator[Setting]:
        """Yield what profiles say, the topmost first, as far as the model knows it. Raises `EntryError`."""
        attribute = label_of(self.config.ldap.mapping.profile.setting)
        for profile in chain:
            for meant in localised(profile, self.config, self._spoken):
                yield from _settings(meant, model, Layer.PROFILE)
            for written in profile.settings:
                parameter = model.catalog.get(written.name)
                if parameter is not None and parameter.name != SERIAL:
                    yield _checked(parameter, written, Layer.PROFILE, profile.dn, attribute)
                else:
                    problem = why_not(written.name, self.models)
                    if problem:
                        raise EntryError(profile.dn, attribute, problem)

    def phone_layer(self, model: Model, phone: Phone) -> Iterator[Setting]:
        """Yield what a phone's entry sets. Raises `EntryError`."""
        attribute = label_of(self.config.ldap.mapping.phone.setting)
        for written in phone.settings:
            parameter = model.catalog.get(written.name)
            if parameter is None or parameter.name == SERIAL:
                unknown = f"{written.name} is no parameter of the {model.name}; delete the setting"
                raise EntryError(phone.dn, attribute, why_not(written.name, self.models) or unknown)
            if parameter.file == "common":
                problem = f"{written.name} is of the common file, which phones share; set it in a profile or [provision.settings]"
                raise EntryError(phone.dn, attribute, problem)
            yield _checked(parameter, written, Layer.PHONE, phone.dn, attribute)

    def _computed(self, model: Model, phone: Phone, shared: Settings, entry: Settings) -> Iterator[Meant]:
        """Yield what follows from the phone's people, accounts and keys, as far as the model knows it. Raises `EntryError`.

        `shared`, `entry`: what the layers below say.
        """
        below = _Below(entry, shared)
        names = self.config.ldap.mapping.phone
        if len(phone.lines) > 1:
            _refuse_beyond(phone.dn, names.line, "line", [line.number for line in phone.lines], model.lines)
        find = model.fits.get
        for meant in computed(phone, below, self.config, self._spoken):
            unknown = False
            for name, value in meant.values:
                fits = find(name)
                if fits is None:
                    unknown = True
                elif not fits(value if isinstance(value, str) else value.reveal()):
                    problem = f"becomes {name}, which must be {model.catalog[name].kind.allowed}"
                    raise EntryError(meant.where, label_of(meant.attributes), problem)
            yield _only_known(meant, model) if unknown else meant

    def _base(self, model: Model) -> Settings:
        return MappingProxyType(_by_name((*self.package_layer(model), *self.configuration_layer(model))))


def unused_lines(model: Model, shared: Settings) -> Settings:
    """Return the same with all further lines empty, as a phone has it that does not use them."""
    unused = (setting for number in range(2, MOST_LINES + 1) for setting in _unused_line(model, number))
    return MappingProxyType({**shared, **_by_name(unused)})


def unused_layer(model: Model, phone: Phone) -> Iterator[Setting]:
    """Yield the parameters of lines that the phone does not use: empty, whatever other layers say."""
    used = {line.number for line in phone.lines}
    for number in range(2, MOST_LINES + 1):
        if number not in used:
            yield from _unused_line(model, number)


def setting_faults(config: Config, models: Models) -> tuple[Fault, ...]:
    """Return everything in `[provision]` that no phone file can hold."""
    return tuple(dict.fromkeys(_faults(config, models)))


def _faults(config: Config, models: Models) -> Iterator[Fault]:
    own = config.provision
    try:
        meant = [(label_of(each.attributes), *value) for each in configured(config) for value in each.values]
    except UnknownZone as error:
        yield Fault("provision.time_zone", f"{own.time_zone!r} {error}")
        meant = []
    for setting, name, value in meant:
        yield from _text_fault(setting, name, str(value), models)
    for name, title, setting in all_titles(config):
        yield from _text_fault(setting, name, title, models)
    yield from _text_fault("provision.voicemail_number", "sip.VoiceMailTelNum", own.voicemail_number, models)
    yield from _text_fault("provision.voicemail_transfer", "sip.sw_tr_vmail_address1", own.voicemail_transfer, models)
    for table in ("settings", "settings_file"):
        for name in getattr(own, table):
            problem = why_not(name, models)
            if problem:
                yield Fault(f"provision.{table}", problem)
    for name, text in own.settings.items():
        yield from _text_fault(f"provision.settings.{name}", name, text, models)
    for name, file in own.settings_file.items():
        yield from _text_fault(f"provision.settings_file.{name}", name, file.secret.reveal(), models)
        if name in own.settings:
            yield Fault(f"provision.settings_file.{name}", "stands under settings too; delete one of the two")


def why_not(name: str, models: Models) -> str:
    """Return why nobody can set a parameter of this name, and the mend; "" where a model knows it."""
    if name == SERIAL:
        return f"{name} is computed from what the phone is given; delete the setting"
    known = {name: None for model in models for name in model.catalog}
    if name in known:
        return ""
    for model in models:
        unmanaged = load_unmanaged(model.family).get(name)
        if unmanaged:
            return f"{name} is left to the phone ({unmanaged.meaning.rstrip('.')}); delete the setting"
    near = get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]}?" if near else "; `dialtree parameters` shows what there is"
    return f"{name} is no parameter of these phones{hint}"


def _by_name(settings: Iterable[Setting]) -> dict[str, Setting]:
    return {setting.parameter.name: setting for setting in settings}


def _setting(parameter: Parameter, text: str, layer: Layer, where: str, attribute: str) -> Setting:
    return Setting(parameter, Secret(text) if parameter.secret else text, layer, where, attribute)


def _only_known(meant: Meant, model: Model) -> Meant:
    """Leave out what the model does not know: an ST2022 has no third line."""
    return meant._replace(values=tuple((name, value) for name, value in meant.values if name in model.catalog))


def _settings(meant: Meant, model: Model, layer: Layer) -> Iterator[Setting]:
    attribute = label_of(meant.attributes)
    for name, value in _only_known(meant, model).values:
        yield Setting(model.catalog[name], value, layer, meant.where, attribute)


def _checked(parameter: Parameter, written: WrittenSetting, layer: Layer, dn: str, attribute: str) -> Setting:
    try:
        return _setting(parameter, parameter.check(written.text), layer, dn, attribute)
    except Unwritable as error:
        raise EntryError(dn, attribute, f"{written.name} {error}") from None


def _text_fault(path: str, name: str, text: str, models: Models) -> Iterator[Fault]:
    """Yield what the first model that knows the parameter says against the text."""
    for model in models:
        if name in model.catalog:
            try:
                model.catalog[name].check(text)
            except Unwritable as error:
                yield Fault(path, str(error))
                return


def _unused_line(model: Model, number: int) -> Iterator[Setting]:
    what = f"line {number} is not in use"
    for name in (use_of(number), *line_parameters(number)):
        parameter = model.catalog.get(name)
        if parameter is not None:
            yield _setting(parameter, "0" if name == use_of(number) else "", Layer.COMPUTED, "", what)


def _refuse_beyond(dn: str, attributes: Sequence[str], what: str, numbers: Sequence[int], most: int) -> None:
    if min(numbers) < 1 or max(numbers) > most:
        number = next(number for number in numbers if not 1 <= number <= most)
        raise EntryError(dn, label_of(attributes), f"is for {what} {number}; there are 1 to {most}")
