"""Reads `catalog.toml`, the only place that knows a parameter. No value of a phone or a site may ever be here."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from itertools import product
from types import MappingProxyType
from typing import Any, Final, Literal

from services.provision.values import Unwritable, exact_line, shown_line
from services.provision.vendors.thomson.kinds import Kind, parse_kind

File = Literal["common", "phone"]
Catalog = Mapping[str, "Parameter"]
"""The parameters that a model knows, by name (`sip.CallPkupSC`), in the order of the file; never changed once made."""

SERIAL: Final = "sys.config_sn"
"""Computed from what a phone is given (design law 1); nobody sets it."""
COMMON_SECTIONS: Final = (
    "ipp", "net", "pstn", "sip", "snmp", "cwmp", "sys", "autoprovision", "qos", "ftp", "ntp", "pppoe", "stun", "upnp", "customer",
)  # fmt: skip
"""Order of sections in the vendor's common file (phone-spec 2.4)."""
PHONE_SECTIONS: Final = ("ipp", "sip", "net", "sys", "autoprovision", "ntp")
"""Order of sections in the article's phone file."""
FAMILIES: Final = ("ST2022", "ST2030", "TB30")
"""Models whose parameters the catalogue says; all others are based on one of them."""
_OTHERS: Final = "*"
_INDEX: Final = re.compile(r"\{([^}]*)\}")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One `key=value` that a model knows."""

    section: str
    key: str
    default: str
    """The factory's value on this model."""
    advised: str
    """What phones get instead where nobody sets it; "" where the factory's is right."""
    file: File
    """Which file holds it: `phone` may differ from phone to phone, `common` is shared by the phones of a profile."""
    kind: Kind
    secret: bool
    meaning: str
    """One line for people."""
    basis: str
    """Where it is described, letters of phone-spec 0; `I`: inferred."""
    firmware: str
    """Which firmware knows it; "": the one that the model names, at least."""
    pattern: str
    """The name of its row in the catalogue, one for all numbers: `sys.FeatureKeyExt{01..keys}`."""
    name: str = field(init=False)
    """How people write it: `sip.CallPkupSC`."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", f"{self.section}.{self.key}")

    def check(self, text: str) -> str:
        """Return a value as the file holds it: one line of ISO-8859-1 that the phone can take.

        Raises `Unwritable` with the rest of a sentence ("must be 0 or 1"), which never quotes a secret.
        """
        if self.secret:
            line = exact_line(text)
            shown = ""
        else:
            line = shown_line(text)
            shown = f", and is {line!r}"
        if self.kind.fits(line):
            return line
        empty = " or empty" if self.kind.may_be_empty else ""
        raise Unwritable(f"must be {self.kind.allowed}{empty}{shown}")


@dataclass(frozen=True, slots=True)
class Unmanaged:
    """A parameter that phones know and no file of ours ever holds: the phone's own state, or of older firmware."""

    name: str
    meaning: str
    firmware: str
    pattern: str


@cache
def load_catalog(family: str = "ST2030", keys: int = 66, softkeys: int = 12) -> Catalog:
    """Return the parameters that a model of this family knows which has that many function keys and softkeys.

    Raises `ValueError` for a catalogue that contradicts itself.
    """
    counts = {"keys": keys, "softkeys": softkeys}
    catalog: dict[str, Parameter] = {}
    for section, pattern, row in _rows(family):
        if row["file"] != "none":
            for parameter in _expand(section, pattern, row, family, counts):
                if catalog.setdefault(parameter.name, parameter) is not parameter:
                    raise ValueError(f"catalog.toml has {parameter.name} twice")
    return MappingProxyType(catalog)


def adapt(catalog: Catalog, defaults: Mapping[str, str], without: frozenset[str]) -> Catalog:
    """Return a catalogue with other defaults, and without some parameters; all names must be in it."""
    if not defaults and not without:
        return catalog
    own = {name: parameter for name, parameter in catalog.items() if name not in without}
    own |= {name: replace(own[name], default=default, advised="") for name, default in defaults.items()}
    return MappingProxyType(own)


@cache
def load_unmanaged(family: str) -> Mapping[str, Unmanaged]:
    """Return what phones of this family know and we leave alone, by name; with it goes what only older firmware knew."""
    found: dict[str, Unmanaged] = {}
    for section, pattern, row in _rows(family):
        if row["file"] == "none":
            for key in _keys(pattern, {}):
                name = f"{section}.{key}"
                found[name] = Unmanaged(name, row["meaning"], row.get("firmware", ""), f"{section}.{pattern}")
    return MappingProxyType(found)


def parameters_of(file: File, catalog: Catalog | None = None) -> tuple[Parameter, ...]:
    """Return the whole set of one file in the order in which it is written."""
    order = COMMON_SECTIONS if file == "common" else PHONE_SECTIONS
    own = [parameter for parameter in (catalog or load_catalog()).values() if parameter.file == file]
    return tuple(sorted(own, key=lambda parameter: order.index(parameter.section)))


@cache
def _tables() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    return tomllib.loads((files(__package__) / "catalog.toml").read_text(encoding="utf-8"))


def _rows(family: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    if family not in FAMILIES:
        raise ValueError(f"catalog.toml knows no {family}")
    for section, rows in _tables().items():
        for pattern, row in rows.items():
            if family in (row.get("models") or FAMILIES):
                yield section, pattern, row


def _expand(
    section: str, pattern: str, row: Mapping[str, Any], family: str, counts: Mapping[str, int]
) -> Iterator[Parameter]:
    keys = _keys(pattern, counts)
    default = row["default"]
    if isinstance(default, dict):
        default = default[family] if family in default else default[_OTHERS]
    defaults = default[: len(keys)] if isinstance(default, list) else [default] * len(keys)
    kind = parse_kind(row["type"], row.get("allowed", ""), row.get("unit", ""))
    for key, text in zip(keys, defaults, strict=True):
        yield Parameter(
            section=section,
            key=key,
            default=text,
            advised=row.get("advised", ""),
            file=row["file"],
            kind=kind,
            secret=row.get("secret", False),
            meaning=row["meaning"],
            basis=row["basis"],
            firmware=row.get("firmware", ""),
            pattern=f"{section}.{pattern}",
        )


def _keys(pattern: str, counts: Mapping[str, int]) -> list[str]:
    choices = [_values(index, counts) for index in _INDEX.findall(pattern)]
    return [_INDEX.sub("{}", pattern).format(*chosen) for chosen in product(*choices)]


def _values(index: str, counts: Mapping[str, int]) -> list[str]:
    """`1..4`, `01..keys` (as many as there are), `MP,BK`."""
    first, dots, last = index.partition("..")
    if not dots:
        return index.split(",")
    end = counts[last] if last in counts else int(last)
    return [str(number).zfill(len(first)) for number in range(int(first), end + 1)]
