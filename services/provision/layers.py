"""Parameter layers: package → configuration file → profiles → phone's entry → computed; the later one wins.

Every value remembers where it came from. Nothing here renders, and no parameter is named here but through the catalogue
and `vendors.thomson.configuration`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from services.provision.entryvalues import WrittenSetting
from services.provision.lines import label_of
from services.provision.phones import Phone
from services.provision.profiles import Chain
from services.provision.values import Unwritable, exact_line, shown_line
from services.provision.vendors.thomson.catalog import SERIAL, Parameter, load_catalog
from services.provision.vendors.thomson.configuration import (
    Meant,
    computed,
    configured,
    line_parameters,
    localised,
    named_texts,
    use_of,
    zone_of,
)
from services.provision.vendors.thomson.timezones import UnknownZone
from shared.config import Config, Provision
from shared.errors import ConfigurationError, EntryError, Fault
from shared.secret import Secret

_LINES: Final = 4
_KEYS: Final = 66


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


def setting_faults(config: Config) -> tuple[Fault, ...]:
    """Return everything in `[provision]` that no phone file can hold."""
    return tuple(_faults(config.provision))


def shared_settings(config: Config, chain: Chain) -> Settings:
    """Return every parameter but the serial as all phones of a profile have it: package, configuration file, profiles.

    Raises `ConfigurationError`, see `setting_faults`, and `EntryError` when a profile sets what it cannot.
    """
    faults = setting_faults(config)
    if faults:
        raise ConfigurationError(faults)
    layers = (*package_layer(), *configuration_layer(config), *profile_layer(config, chain))
    return MappingProxyType({setting.parameter.name: setting for setting in layers})


def unused_lines(shared: Settings) -> Settings:
    """Return the same with all further lines empty, as a phone has it that does not use them."""
    unused = (setting for number in range(2, _LINES + 1) for setting in _unused_line(number))
    return MappingProxyType({**shared, **{setting.parameter.name: setting for setting in unused}})


def phone_settings(phone: Phone, shared: Settings, config: Config) -> Settings:
    """Return only what this phone has of its own, to be laid over `unused_lines(shared)`: its entry, then what is computed.

    Raises `EntryError` when the entry sets what it cannot.
    """
    settings = {setting.parameter.name: setting for setting in phone_layer(phone, config)}

    def below(name: str) -> str:
        value = (settings.get(name) or shared[name]).value
        return value.reveal() if isinstance(value, Secret) else value

    for setting in computed_layer(phone, below, config):
        settings[setting.parameter.name] = setting
    if phone.settings:
        for setting in unused_layer(phone):
            settings.pop(setting.parameter.name, None)
    return settings


def package_layer() -> Iterator[Setting]:
    """Yield the whole set of parameters with the factory's values."""
    for name, parameter in load_catalog().items():
        if name != SERIAL:
            yield _setting(parameter, parameter.default, Layer.PACKAGE, "", "")


def configuration_layer(config: Config) -> Iterator[Setting]:
    """Yield what the configuration file says, see `setting_faults`."""
    catalog = load_catalog()
    own = config.provision
    for meant in configured(config):
        yield _meant(meant, Layer.CONFIGURATION)
    for name, text in own.settings.items():
        value = text if catalog[name].secret else shown_line(text)
        yield _setting(catalog[name], value, Layer.CONFIGURATION, "", f"provision.settings.{name}")
    for name, file in own.settings_file.items():
        yield Setting(catalog[name], file.secret, Layer.CONFIGURATION, "", f"provision.settings_file.{name}")


def profile_layer(config: Config, chain: Chain) -> Iterator[Setting]:
    """Yield what profiles say, the topmost first. Raises `EntryError`."""
    names = config.ldap.mapping.profile
    attribute = label_of(names.setting)
    for profile in chain:
        for meant in localised(profile, names):
            yield _meant(meant, Layer.PROFILE)
        for written in profile.settings:
            yield _written(written, Layer.PROFILE, profile.dn, attribute)


def phone_layer(phone: Phone, config: Config) -> Iterator[Setting]:
    """Yield what a phone's entry sets. Raises `EntryError`."""
    attribute = label_of(config.ldap.mapping.phone.setting)
    for written in phone.settings:
        yield _written(written, Layer.PHONE, phone.dn, attribute)


def computed_layer(phone: Phone, below: Callable[[str], str], config: Config) -> Iterator[Setting]:
    """Yield what follows from the phone's people, accounts and keys. Raises `EntryError`."""
    names = config.ldap.mapping.phone
    _refuse_beyond(phone.dn, label_of(names.line), "line", (line.number for line in phone.lines), _LINES)
    _refuse_beyond(phone.dn, label_of(names.key), "position", (key.position for key in phone.keys), _KEYS)
    for meant in computed(phone, below, config):
        yield _meant(meant, Layer.COMPUTED)


def unused_layer(phone: Phone) -> Iterator[Setting]:
    """Yield the parameters of lines that the phone does not use: empty, whatever other layers say."""
    used = {line.number for line in phone.lines}
    for number in range(2, _LINES + 1):
        if number not in used:
            yield from _unused_line(number)


def _unused_line(number: int) -> Iterator[Setting]:
    catalog = load_catalog()
    what = f"line {number} is not in use"
    yield _setting(catalog[use_of(number)], "0", Layer.COMPUTED, "", what)
    for name in line_parameters(number):
        yield _setting(catalog[name], "", Layer.COMPUTED, "", what)


def _refuse_beyond(dn: str, attribute: str, what: str, numbers: Iterable[int], most: int) -> None:
    for number in numbers:
        if not 1 <= number <= most:
            raise EntryError(dn, attribute, f"is for {what} {number}; there are 1 to {most}")


def _setting(parameter: Parameter, text: str, layer: Layer, where: str, attribute: str) -> Setting:
    return Setting(parameter, Secret(text) if parameter.secret else text, layer, where, attribute)


def _meant(meant: Meant, layer: Layer) -> Setting:
    return Setting(load_catalog()[meant.name], meant.value, layer, meant.where, meant.attribute)


def _written(written: WrittenSetting, layer: Layer, dn: str, attribute: str) -> Setting:
    parameter = load_catalog().get(written.name)
    problem = ""
    if parameter is None or written.name == SERIAL:
        problem = why_not(written.name)
    elif parameter.file == "common" and layer is Layer.PHONE:
        problem = (
            f"{written.name} is of the common file, which phones share; set it in a profile or [provision.settings]"
        )
    if problem or parameter is None:
        raise EntryError(dn, attribute, problem)
    try:
        text = exact_line(written.text) if parameter.secret else shown_line(written.text)
    except Unwritable as error:
        raise EntryError(dn, attribute, f"{written.name} {error}") from None
    return _setting(parameter, text, layer, dn, attribute)


def why_not(name: str) -> str:
    """Return why nobody can set a parameter of this name, and the mend."""
    if name == SERIAL:
        return f"{name} is computed from what the phone is given; delete the setting"
    near = get_close_matches(name, load_catalog(), n=1)
    hint = f"; did you mean {near[0]}?" if near else "; see catalog.toml for what there is"
    return f"{name} is no parameter of an ST2030{hint}"


def _faults(provision: Provision) -> Iterator[Fault]:
    for setting, text in named_texts(provision).items():
        yield from _text_fault(f"provision.{setting}", text, secret=False)
    try:
        zone_of(provision)
    except UnknownZone as problem:
        yield Fault("provision.time_zone", f"{provision.time_zone!r} {problem}")
    for table in ("settings", "settings_file"):
        for name in getattr(provision, table):
            if name not in load_catalog() or name == SERIAL:
                yield Fault(f"provision.{table}", why_not(name))
    for name, text in provision.settings.items():
        yield from _text_fault(f"provision.settings.{name}", text, secret=_is_secret(name))
    for name, file in provision.settings_file.items():
        yield from _text_fault(f"provision.settings_file.{name}", file.secret.reveal(), secret=True)
        if name in provision.settings:
            yield Fault(f"provision.settings_file.{name}", "stands under settings too; delete one of the two")


def _is_secret(name: str) -> bool:
    parameter = load_catalog().get(name)
    return parameter is not None and parameter.secret


def _text_fault(path: str, text: str, *, secret: bool) -> Iterator[Fault]:
    try:
        exact_line(text) if secret else shown_line(text)
    except Unwritable as error:
        yield Fault(path, str(error))
