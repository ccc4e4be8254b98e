"""Reads `catalog.toml`, the only place that knows a parameter. No value of a phone or a site may ever be here."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import product
from types import MappingProxyType
from typing import Any, Final, Literal

File = Literal["common", "phone"]

SERIAL: Final = "sys.config_sn"
"""Computed from what a phone is given (design law 1); nobody sets it."""
COMMON_SECTIONS: Final = (
    "ipp", "net", "pstn", "sip", "snmp", "sys", "autoprovision", "qos", "ftp", "ntp", "pppoe", "stun", "upnp", "customer",
)  # fmt: skip
"""Order of sections in the vendor's common file (phone-spec 2.4)."""
PHONE_SECTIONS: Final = ("ipp", "sip", "net", "sys", "autoprovision", "ntp")
"""Order of sections in the article's phone file."""
_INDEX: Final = re.compile(r"\{([^}]*)\}")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One `key=value` that the phone knows."""

    section: str
    key: str
    default: str
    file: File
    meaning: str
    secret: bool

    @property
    def name(self) -> str:
        """How people write it: `sip.CallPkupSC`."""
        return f"{self.section}.{self.key}"


@cache
def load_catalog() -> Mapping[str, Parameter]:
    """Return every parameter by name, indexed ones expanded, in the order of the file."""
    tables = tomllib.loads((files(__package__) / "catalog.toml").read_text(encoding="utf-8"))
    catalog: dict[str, Parameter] = {}
    for section, rows in tables.items():
        for pattern, row in rows.items():
            for parameter in _expand(section, pattern, row):
                if catalog.setdefault(parameter.name, parameter) is not parameter:
                    raise ValueError(f"catalog.toml has {parameter.name} twice")
    return MappingProxyType(catalog)


def parameters_of(file: File) -> tuple[Parameter, ...]:
    """Return the whole set of one file in the order in which it is written."""
    order = COMMON_SECTIONS if file == "common" else PHONE_SECTIONS
    own = [parameter for parameter in load_catalog().values() if parameter.file == file]
    return tuple(sorted(own, key=lambda parameter: order.index(parameter.section)))


def _expand(section: str, pattern: str, row: Mapping[str, Any]) -> Iterator[Parameter]:
    choices = [_values(index) for index in _INDEX.findall(pattern)]
    keys = [_INDEX.sub("{}", pattern).format(*chosen) for chosen in product(*choices)]
    default = row["default"]
    defaults = default if isinstance(default, list) else [default] * len(keys)
    for key, text in zip(keys, defaults, strict=True):
        yield Parameter(section, key, text, row["file"], row["meaning"], row.get("secret", False))


def _values(index: str) -> list[str]:
    first, dots, last = index.partition("..")
    if not dots:
        return index.split(",")
    return [str(number).zfill(len(first)) for number in range(int(first), int(last) + 1)]
