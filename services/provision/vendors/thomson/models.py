"""The models of the family: names of their files, counts, and which parameters they know. Pure but for reading TOML files.

The package's models stand in `models.toml`; a site's own in `*.toml` of `provision.models_dir`, laid over them. No parameter is
named here.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.provision.values import Unwritable
from services.provision.vendors.thomson.catalog import (
    FAMILIES,
    SERIAL,
    Catalog,
    Parameter,
    adapt,
    load_catalog,
    parameters_of,
)
from shared.config import Config
from shared.errors import ConfigurationError, Fault
from shared.mac import Mac

PACKAGE_FILE: Final = "models.toml"
InfLine = Literal[
    "fwurl", "dspurl", "booturl", "telcfg", "melodies", "system_melodies", "call_waiting_tone", "tone_table", "language_table",
]  # fmt: skip
"""A line of the general file that names a vendor file (phone-spec 2.4)."""

_FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
_Version = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)*$")]
_Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")]
_MERGED: Final = {"based_on", "vendor_files", "defaults", "without"}
_REQUIRED: Final = (
    "lines", "keys", "softkeys", "prefix", "common_file", "general_files", "folder", "user_agents",
)  # fmt: skip
_MODEL_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")


class _Table(BaseModel):
    """A model as a file defines it; None: as the model that it is based on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    based_on: str | None = None
    verified: bool | None = None
    firmware: str | None = None
    lines: Annotated[int, Field(ge=1, le=4)] | None = None
    keys: Annotated[int, Field(ge=0, le=66)] | None = None
    softkeys: Annotated[int, Field(ge=0, le=12)] | None = None
    prefix: _Word | None = None
    common_file: _Word | None = None
    general_files: tuple[_FileName, ...] | None = None
    folder: _Word | None = None
    user_agents: tuple[_Word, ...] | None = None
    dsp_versions: dict[_Version, _Version] | None = None
    vendor_files: dict[InfLine, tuple[str, ...]] = {}
    defaults: dict[str, str] = {}
    without: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Model:
    """What a model of phone is, for everything that is written to it or asked by it."""

    name: str
    """`ST2030`."""
    family: str
    """The model of the package whose parameters it knows."""
    verified: bool
    """False where nothing public says that any of this is right."""
    firmware: str
    """The firmware that its catalogue was written from; "" where none is known."""
    lines: int
    keys: int
    """Function keys, those of two expansion modules included."""
    softkeys: int
    prefix: str
    """`ST2030S`, in the names of a phone's own files."""
    common_file: str
    general_files: tuple[str, ...]
    folder: str
    """Of its files' URLs, below the prefix of all paths."""
    user_agents: tuple[str, ...]
    dsp_versions: Mapping[str, str]
    """By the version of the firmware from which on it was shipped: the version of the DSP, `{"2.69": "3.20"}`."""
    vendor_files: Mapping[InfLine, tuple[str, ...]]
    """Patterns of file names for each line of the general file; see `models.toml`."""
    catalog: Catalog
    """The parameters that it knows, the serial included, with its own defaults."""

    @cached_property
    def fits(self) -> Mapping[str, Callable[[str], object]]:
        """What says of each parameter whether the phone can take a value, see `Kind.fits`."""
        return {name: parameter.kind.fits for name, parameter in self.catalog.items()}

    @cached_property
    def common(self) -> tuple[Parameter, ...]:
        """The whole set of its common file, in order."""
        return parameters_of("common", self.catalog)

    @cached_property
    def phone(self) -> tuple[Parameter, ...]:
        """The whole set of its phone file, in order, the serial included."""
        return parameters_of("phone", self.catalog)

    def common_name(self, digest: str) -> str:
        """Return the name of a common file (design law 2): `ComConf2030S-<digest>.txt`."""
        return f"{self.common_file}-{digest}.txt"

    def goes_as(self, other: "Model") -> bool:
        """Say whether a phone of this model may well present itself as the other one."""
        return self.prefix == other.prefix or not set(self.user_agents).isdisjoint(other.user_agents)

    def phone_name(self, mac: Mac, ending: str = ".txt") -> str:
        """Return the name of a phone's own file: `ST2030S_001F9F16E849.txt`."""
        return f"{self.prefix}_{mac}{ending}"


class _Placed(NamedTuple):
    place: str
    """File and table, for messages."""
    table: _Table


class Models:
    """All models of an installation. Several may go by the same names: of these a name means the first one."""

    def __init__(self, models: Sequence[Model]) -> None:
        self._models = tuple(models)
        self._by_name = {model.name.lower(): model for model in models}
        self._by_agent = {word.lower(): model for model in reversed(models) for word in model.user_agents}

    def __iter__(self) -> Iterator[Model]:
        return iter(self._models)

    def find(self, name: str) -> Model | None:
        """Return a model by its name, in any letter case."""
        return self._by_name.get(name.strip().lower())

    def why_not(self, name: str) -> str:
        """Return the rest of a sentence about a name that no model has."""
        near = get_close_matches(name.strip().upper(), [model.name.upper() for model in self], n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return f"{name!r} is no model; there are {', '.join(model.name for model in self)}{hint}"

    def of_user_agent(self, word: str) -> Model | None:
        """Return the model that a User-Agent names, in any letter case: `ST2030` in `THOMSON ST2030 hw5 fw2.72 …`."""
        return self._by_agent.get(word.lower())

    @property
    def usual(self) -> Model:
        """The model of a phone about which nothing is known."""
        return self._by_name["st2030"]


def load_models(config: Config) -> Models:
    """Return the package's models with the site's laid over them. Raises `ConfigurationError` with every fault."""
    text = (files(__package__) / PACKAGE_FILE).read_text(encoding="utf-8")
    return _Builder([(PACKAGE_FILE, text), *_site_files(config)]).models()


def _site_files(config: Config) -> Iterator[tuple[str, str]]:
    folder = config.provision.models_dir
    if not folder.is_dir():
        if "models_dir" in config.provision.model_fields_set:
            raise ConfigurationError(
                (Fault("provision.models_dir", f"{folder} is no folder; make it, or delete the setting"),)
            )
        return
    for path in sorted(folder.glob("*.toml")):
        try:
            yield str(path), path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError((Fault(str(path), f"cannot be read: {error}"),)) from None


class _Builder:
    """Puts tables together into models, and gathers what is wrong with them."""

    def __init__(self, sources: Iterable[tuple[str, str]]) -> None:
        """`sources`: (name, text) of each file, the package's first."""
        self._faults: list[Fault] = []
        self._tables: dict[str, list[_Placed]] = {}
        """By the model's name, a site's table after the package's."""
        for source, text in sources:
            self._read(source, text)

    def models(self) -> Models:
        """Return them. Raises `ConfigurationError`."""
        models = [self._model(name) for name in self._tables]
        if self._faults:
            raise ConfigurationError(tuple(self._faults))
        return Models([model for model in models if model is not None])

    def _read(self, source: str, text: str) -> None:
        try:
            tables = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:  # it names the line
            self._faults.append(Fault(source, f"is not TOML: {error}"))
            return
        for written, values in tables.items():
            place = f"{source}: {written}"
            if not _MODEL_NAME.fullmatch(written):
                self._faults.append(Fault(place, "is no name for a model; write letters, digits and hyphens"))
                continue
            try:
                table = _Table.model_validate(values)
            except ValidationError as error:
                self._faults += [_fault(place, detail) for detail in error.errors()]
                continue
            self._tables.setdefault(self._known(written) or written, []).append(_Placed(place, table))

    def _known(self, written: str) -> str | None:
        return next((name for name in self._tables if name.lower() == written.lower()), None)

    def _model(self, name: str) -> Model | None:
        chain = self._chain(name)
        if not chain:
            return None
        values: dict[str, Any] = {"verified": True, "firmware": "", "dsp_versions": {}}
        patterns: dict[InfLine, tuple[str, ...]] = {}
        for _, table in chain:
            values |= table.model_dump(exclude_none=True, exclude=_MERGED)
            patterns |= table.vendor_files
        missing = [key for key in _REQUIRED if key not in values]
        if missing:
            self._faults.append(Fault(chain[-1].place, f"needs {', '.join(missing)}, or a model that it is based_on"))
            return None
        family = self._root(name)
        catalog = self._catalog(chain, family, load_catalog(family, values["keys"], values["softkeys"]))
        return Model(name=name, family=family, vendor_files=MappingProxyType(patterns), catalog=catalog, **values)

    def _base(self, name: str) -> str:
        """Return what a model is based on, as it is written; "" for none."""
        return next((t.based_on for _, t in reversed(self._tables[name]) if t.based_on is not None), "")

    def _chain(self, name: str) -> list[_Placed]:
        """Return the tables that a model is put together from, the weakest first; none for a fault."""
        chain: list[_Placed] = []
        passed: list[str] = []
        at = name
        while True:
            chain = [*self._tables[at], *chain]
            passed.append(at)
            base = self._base(at)
            if not base:
                break
            place = f"{self._tables[at][-1].place}.based_on"
            known = self._known(base)
            if known is None:
                return self._refused(place, f"{base!r} is no model; there are {', '.join(self._tables)}")
            if known in passed:
                return self._refused(place, f"leads in a circle: {' → '.join((*passed, known))}; take one out")
            at = known
        if at not in FAMILIES:
            place = f"{self._tables[at][-1].place}.based_on"
            return self._refused(place, f"is missing; name one of {', '.join(FAMILIES)}, whose parameters it knows")
        return chain

    def _refused(self, place: str, problem: str) -> list[_Placed]:
        self._faults.append(Fault(place, problem))
        return []

    def _root(self, name: str) -> str:
        base = self._base(name)
        return self._root(self._known(base) or base) if base else name

    def _catalog(self, chain: Sequence[_Placed], family: str, catalog: Catalog) -> Catalog:
        """Lay the tables' defaults over a catalogue; one for a key that only a model with more keys has is passed over."""
        known = load_catalog(family)
        defaults: dict[str, str] = {}
        without: set[str] = set()
        for place, table in chain:
            for name in (*table.defaults, *table.without):
                if name not in known or name == SERIAL:
                    self._faults.append(Fault(f"{place}.{name}", f"is no parameter of the {family}; see catalog.toml"))
            for name, text in table.defaults.items():
                defaults |= self._default(place, catalog.get(name), text)
            without |= catalog.keys() & set(table.without)
        return adapt(
            catalog, {name: text for name, text in defaults.items() if name not in without}, frozenset(without)
        )

    def _default(self, place: str, parameter: Parameter | None, text: str) -> dict[str, str]:
        if parameter is None:
            return {}
        try:
            return {parameter.name: parameter.check(text)}
        except Unwritable as error:
            self._faults.append(Fault(f"{place}.defaults.{parameter.name}", str(error)))
            return {}


def _fault(place: str, detail: Any) -> Fault:
    path = ".".join((place, *(str(part) for part in detail["loc"])))
    if detail["type"] == "extra_forbidden":
        return Fault(path, f"is nothing that a model has; there are {', '.join(_Table.model_fields)}")
    return Fault(path, detail["msg"])
