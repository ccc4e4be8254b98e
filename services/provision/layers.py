"""Parameter layers: package → configuration file → phone's entry → computed; the later one wins.

Every value remembers the layer it came from. Nothing here renders, and no parameter is named here but through the
catalogue and `vendors.thomson.configuration`.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from services.provision.phones import Override, Phone
from services.provision.values import Unwritable, exact_line, shown_line
from services.provision.vendors.thomson.catalog import SERIAL, Parameter, load_catalog
from services.provision.vendors.thomson.configuration import computed, configured, named_texts
from shared.config import Config, Provision
from shared.errors import ConfigurationError, EntryError, Fault
from shared.secret import Secret


class Layer(StrEnum):
    """Where a value came from, from the weakest to the strongest."""

    PACKAGE = "package"
    CONFIGURATION = "configuration"
    PHONE = "phone"
    COMPUTED = "computed"


class Setting(NamedTuple):
    """A parameter's value, one line of ISO-8859-1, and its origin. A secret parameter's value is a `Secret`."""

    parameter: Parameter
    value: str | Secret
    layer: Layer


Settings = Mapping[str, Setting]
"""Settings by the parameter's name (`sip.CallPkupSC`); never changed once made."""


def setting_faults(config: Config) -> tuple[Fault, ...]:
    """Return everything in `[provision]` that no phone file can hold."""
    return tuple(_faults(config.provision))


def fleet_settings(config: Config) -> Settings:
    """Return every parameter but the serial as all phones have it: package, then configuration file.

    Raises `ConfigurationError`, see `setting_faults`.
    """
    faults = setting_faults(config)
    if faults:
        raise ConfigurationError(faults)
    catalog = load_catalog()
    settings = {
        name: _setting(parameter, parameter.default, Layer.PACKAGE)
        for name, parameter in catalog.items()
        if name != SERIAL
    }
    texts = {**configured(config), **config.provision.settings}
    for name, text in texts.items():
        parameter = catalog[name]
        value = text if parameter.secret else shown_line(text)
        settings[name] = _setting(parameter, value, Layer.CONFIGURATION)
    for name, file in config.provision.settings_file.items():
        settings[name] = Setting(catalog[name], file.secret, Layer.CONFIGURATION)
    return MappingProxyType(settings)


def phone_settings(phone: Phone, voicemail_number: str) -> Settings:
    """Return only what this phone has of its own, to be laid over the fleet's: its entry, then what is computed.

    Raises `EntryError` when the entry sets what it cannot.
    """
    catalog = load_catalog()
    settings = {override.name: _overridden(override) for override in phone.overrides}
    for name, value in computed(phone, voicemail_number):
        settings[name] = Setting(catalog[name], value, Layer.COMPUTED)
    return MappingProxyType(settings)


def _setting(parameter: Parameter, text: str, layer: Layer) -> Setting:
    return Setting(parameter, Secret(text) if parameter.secret else text, layer)


def _overridden(override: Override) -> Setting:
    parameter = load_catalog().get(override.name)
    problem = ""
    if parameter is None or override.name == SERIAL:
        problem = _why_not(override.name)
    elif parameter.file == "common":
        problem = f"{override.name} is of the common file, which all phones share; set it under [provision.settings]"
    if problem or parameter is None:
        raise EntryError(override.dn, override.attribute, problem)
    try:
        text = _line(parameter, override.text)
    except Unwritable as error:
        raise EntryError(override.dn, override.attribute, f"{override.name} {error}") from None
    return _setting(parameter, text, Layer.PHONE)


def _line(parameter: Parameter, text: str) -> str:
    return exact_line(text) if parameter.secret else shown_line(text)


def _why_not(name: str) -> str:
    if name == SERIAL:
        return f"{name} is computed from what the phone is given; delete the setting"
    near = get_close_matches(name, load_catalog(), n=1)
    hint = f"; did you mean {near[0]}?" if near else "; see catalog.toml for what there is"
    return f"{name} is no parameter of an ST2030{hint}"


def _faults(provision: Provision) -> Iterator[Fault]:
    for setting, text in named_texts(provision).items():
        yield from _text_fault(f"provision.{setting}", text, secret=False)
    for table in ("settings", "settings_file"):
        for name in getattr(provision, table):
            if name not in load_catalog() or name == SERIAL:
                yield Fault(f"provision.{table}", _why_not(name))
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
