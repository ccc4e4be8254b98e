"""Hand-written files of phones: which file is whose, and the `key=value` lines in them. No parameter is named here but the serial.

Source: the article (`ST2030S_<MAC>.txt`, `ComConf*.txt`, the general file's `common_config`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from services.provision.importing.report import Place, Report
from services.provision.importing.textfile import ImportFault, read_text
from services.provision.vendors.thomson.catalog import SERIAL
from shared.mac import Mac

_PHONE: Final = re.compile(r"(?P<model>ST20\d\d|TB30)S?_(?P<mac>[0-9A-F]{12})\.(?P<kind>txt|ser|inf)", re.IGNORECASE)
_LIKE_PHONE: Final = re.compile(r"(?:ST20\d\d|TB30)S?_.*\.txt", re.IGNORECASE)
_COMMON: Final = re.compile(r"ComConf(?P<model>\d{4}|TB30)?.*\.txt", re.IGNORECASE)
_GENERAL: Final = re.compile(r"(?P<model>ST20\d\d|TB30)S?(?:-\w+)?\.inf", re.IGNORECASE)


class Value(NamedTuple):
    """One `key=value`; the value may be a password."""

    text: str
    place: Place

    def __repr__(self) -> str:
        return f"Value(at {self.place})"


Values = Mapping[str, Value]
"""By the parameter's name, `sip.CallPkupSC`."""


@dataclass(frozen=True, slots=True)
class CommonFile:
    """A common file; `name` is the file's, without its ending."""

    name: str
    model: str
    place: Place
    values: Values


@dataclass(frozen=True, slots=True)
class PhoneFile:
    """A phone's own file. `common`: the common file beside it, None where there is none."""

    mac: Mac
    model: str
    place: Place
    values: Values
    common: CommonFile | None = None


@dataclass(frozen=True, slots=True)
class Folder:
    """What a folder holds, phones in the order of their addresses."""

    phones: tuple[PhoneFile, ...] = ()
    commons: tuple[CommonFile, ...] = ()


def read_folder(folder: Path, report: Report) -> Folder:
    """Read all files of phones in a folder and below it. Raises `ImportFault` when there is no such folder."""
    if not folder.is_dir():
        raise ImportFault(f"{folder} is no folder; name the one that holds ST2030S_<MAC>.txt files")
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    commons = tuple(_commons(paths, report))
    named = _named_commons(paths)
    phones: dict[Mac, PhoneFile] = {}
    for path in paths:
        match = _PHONE.fullmatch(path.name)
        if match is None:
            if _LIKE_PHONE.fullmatch(path.name):
                report.lost(
                    path.name, Place(path.name), "holds no MAC address in its name", "name it ST2030S_<MAC>.txt"
                )
            continue
        mac, model = Mac(match["mac"].upper()), match["model"].upper()
        place = Place(path.name)
        if match["kind"].lower() == "ser":
            report.lost(path.name, place, "is encrypted", "put the .txt file it was made from beside it")
        elif match["kind"].lower() == "txt" and mac in phones:
            report.lost(
                path.name, place, f"{mac} has {phones[mac].place} too, which was taken", "delete one of the two"
            )
        elif match["kind"].lower() == "txt":
            common = _common_of(mac, model, commons, named)
            phones[mac] = PhoneFile(mac, model, place, parse_values(path.name, read_text(path, report), report), common)
            if common is None and commons:
                report.lost(path.name, place, "no common file of its model is there", "put its ComConf file beside it")
    if not phones and not commons:
        report.lost(
            str(folder.name), Place(folder.name), "holds no file of a phone", "name the folder of ST2030S_<MAC>.txt"
        )
    return Folder(tuple(phones[mac] for mac in sorted(phones)), commons)


def parse_values(name: str, text: str, report: Report) -> dict[str, Value]:
    """Read the lines of a file; the last one of a key counts, the serial is left out since it is computed."""
    values: dict[str, Value] = {}
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
            parameter = f"{section}.{key.strip()}"
            if parameter in values:
                why = f"stands in line {values[parameter].place.line} already; the last one counts"
                report.lost(parameter, place, why, "delete one of the two")
            values[parameter] = Value(value.strip(), place)
    values.pop(SERIAL, None)
    return values


def _commons(paths: list[Path], report: Report) -> Iterator[CommonFile]:
    known: dict[str, Path] = {}
    for path in paths:
        match = _COMMON.fullmatch(path.name)
        if match is None:
            continue
        if path.stem.lower() in known:
            report.lost(path.name, Place(path.name), "is there twice; the first one was taken", "delete one of the two")
            continue
        known[path.stem.lower()] = path
        model = (match["model"] or "").upper()
        values = parse_values(path.name, read_text(path, report), report)
        yield CommonFile(path.stem, f"ST{model}" if model.isdigit() else model, Place(path.name), values)


def _named_commons(paths: list[Path]) -> dict[str, str]:
    """What general files name as common file: by a phone's address, or by the model."""
    named = {}
    for path in paths:
        match = _PHONE.fullmatch(path.name) or _GENERAL.fullmatch(path.name)
        if match is None or not path.name.lower().endswith(".inf"):
            continue
        values = parse_values(path.name, read_text(path, Report()), Report())
        common = values.get("config.common_config")
        if common is not None:
            key = match.groupdict().get("mac") or match["model"]
            named[key.upper()] = Path(common.text).stem.lower()
    return named


def _common_of(mac: Mac, model: str, commons: tuple[CommonFile, ...], named: Mapping[str, str]) -> CommonFile | None:
    wanted = named.get(mac) or named.get(model)
    of_model = [common for common in commons if common.model in ("", model)]
    return next((common for common in commons if common.name.lower() == wanted), of_model[-1] if of_model else None)
