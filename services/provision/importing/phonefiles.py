"""The `key=value` lines of files that phones read, and what a folder holds of them. No file is looked for here.

Source: phone-spec 2.4, the article, and the trees that XiVO and Wazo write.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from services.provision.importing.report import Place, Report
from services.provision.vendors.thomson.catalog import SERIAL
from shared.mac import Mac

_EMPTY: Final = re.compile(r"(?:[LS]/(?:<sip:>)?)?")
"""No value, or a function key without a target."""
COMMON_CONFIG: Final = "config.common_config"
"""What a general file names as the common file."""


class Value(NamedTuple):
    """One `key=value`; the value may be a password."""

    text: str
    place: Place

    def __repr__(self) -> str:
        return f"Value(at {self.place})"


Values = Mapping[str, Value]
"""By the parameter's name, `sip.CallPkupSC`."""


class WrittenFile(NamedTuple):
    """What a file says: the last value of each parameter, but for the serial; and every line, the serial included."""

    values: Values
    lines: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class CommonFile:
    """A common file; `name` is the file's, without its ending. `models`: of the phones that it is for, at least one."""

    name: str
    models: tuple[str, ...]
    place: Place
    written: WrittenFile

    @property
    def values(self) -> Values:
        """The last value of each parameter."""
        return self.written.values


@dataclass(frozen=True, slots=True)
class GeneralFile:
    """A general file (`.inf`). `model`: "" where nothing says whose it is."""

    model: str
    place: Place
    written: WrittenFile


@dataclass(frozen=True, slots=True)
class PhoneFile:
    """A phone's own file. `common`: the common file that it goes with, None where there is none."""

    mac: Mac
    model: str
    place: Place
    written: WrittenFile
    common: CommonFile | None = None

    @property
    def values(self) -> Values:
        """The last value of each parameter."""
        return self.written.values


@dataclass(frozen=True, slots=True)
class Folder:
    """What a folder holds, phones in the order of their addresses."""

    phones: tuple[PhoneFile, ...] = ()
    commons: tuple[CommonFile, ...] = ()
    generals: tuple[GeneralFile, ...] = ()


def parse_written(name: str, text: str, report: Report) -> WrittenFile:
    """Read the lines of a file. An earlier value of a parameter that stands there twice is reported where it differs."""
    last: dict[str, Value] = {}
    lines: list[tuple[str, Value]] = []
    section = ""
    for number, raw in enumerate(text.split("\n"), start=1):
        line, place = raw.strip(), Place(name, number)
        key, equals, value = line.partition("=")
        if not line or line.startswith((";", "#")):
            continue
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1].strip()
        elif not equals or not key.strip() or not section:
            # not quoted: a line that lost its equals sign may hold a password
            report.lost("a line", place, "it is no [section] and no key=value below one", "correct it")
            section = "" if line.startswith("[") else section  # what follows belongs to a section that nobody can name
        else:
            found = Value(value.strip(), place)
            lines.append((f"{section}.{key.strip()}", found))
            last[lines[-1][0]] = found
    for parameter, earlier in lines:
        if parameter != SERIAL and not is_repeated(earlier, last[parameter]):
            why = "stands in the file again with another value, and the last one counts"
            report.lost(parameter, earlier.place, why, "delete one of the two")
    last.pop(SERIAL, None)
    return WrittenFile(last, tuple(lines))


def is_repeated(earlier: Value, last: Value) -> bool:
    """Whether a line loses nothing to the last one of its parameter: it says the same, or is empty, as an unused key is."""
    return earlier.text == last.text or bool(_EMPTY.fullmatch(earlier.text))
