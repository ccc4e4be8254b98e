"""A phone's INI files, read as strictly as any phone might: `[section]` and `key=value` lines of ISO-8859-1.

Nobody has published which lines the phone rejects, only that one wrong line makes it skip the whole file. So what no
working file in the field ever held is refused here. Pure functions; nothing here judges or repeats a value.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

from services.provision.vendors.thomson.simulator.complaints import Complaint, Rule

Keys = Mapping[str, Collection[str]]
"""The keys that are known, by section; a section that is not there is unknown."""

LINE_LIMIT: Final = 255
"""Bytes of a line. No maximum is documented; vendors' lines have about 130, and 256 is the smallest usual buffer."""

_SECTION: Final = re.compile(r"\[([A-Za-z0-9_-]+)\]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_REPEATABLE: Final = re.compile(r"FeatureKeyExt[0-9]{2}")
"""Files that list every function key empty and some a second time work on ST2030s in the field: the last one wins."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One `key=value` line."""

    section: str
    key: str
    value: str = field(repr=False)
    line: int


@dataclass(frozen=True, slots=True)
class IniFile:
    """The settings that could be read, in order, and everything that is wrong; with complaints the phone skips the file."""

    settings: tuple[Setting, ...]
    complaints: tuple[Complaint, ...]


class _Wrong(NamedTuple):
    rule: Rule
    message: str


class _Opening(NamedTuple):
    section: str


class _Pair(NamedTuple):
    key: str
    value: str


class _Parser:
    """The state while reading one file from top to bottom."""

    def __init__(self, where: str, keys: Keys) -> None:
        self.settings: dict[tuple[str, str], Setting] = {}
        self.complaints: list[Complaint] = []
        self._where = where
        self._keys = keys
        self._sections: set[str] = set()
        self._section: str | None = None
        self._line = 0

    def read(self, line: str) -> None:
        """Take the next line, without its end."""
        self._line += 1
        if not line:
            return
        shape = _shape(line)
        if isinstance(shape, _Wrong):
            self._complain(shape.rule, shape.message)
            if shape.rule is Rule.SECTION:
                self._section = ""
        elif isinstance(shape, _Opening):
            self._open(shape.section)
        elif self._section is None:
            self._complain(Rule.NO_SECTION, f"sets {shape.key} before any section")
        elif self._section in self._keys:
            self._take(Setting(self._section, shape.key, shape.value, self._line))

    def _open(self, section: str) -> None:
        self._section = section
        if section not in self._keys:
            self._complain(Rule.SECTION, f"opens [{section}], which this file does not have")
        elif section in self._sections:
            self._complain(Rule.SECTION_TWICE, f"opens [{section}] again")
        self._sections.add(section)

    def _take(self, setting: Setting) -> None:
        name = (setting.section, setting.key)
        if setting.key not in self._keys[setting.section]:
            self._complain(*self._unknown(setting))
        elif name in self.settings and not _REPEATABLE.fullmatch(setting.key):
            self._complain(Rule.PARAMETER_TWICE, f"sets {setting.key} again")
        self.settings[name] = setting

    def _unknown(self, setting: Setting) -> tuple[Rule, str]:
        if setting.key.lower() == "config_sn" != setting.key:
            return Rule.SERIAL_CASE, "spells the serial otherwise than config_sn, in lower case"
        homes = [f"[{section}]" for section, keys in self._keys.items() if setting.key in keys]
        hint = f"; it belongs into {' or '.join(homes)}" if homes else ""
        return Rule.UNKNOWN_PARAMETER, f"sets {setting.key}, which [{setting.section}] does not have{hint}"

    def _complain(self, rule: Rule, message: str) -> None:
        self.complaints.append(Complaint(rule, f"{self._where} line {self._line}", message))


@lru_cache(maxsize=8192)
def _shape(line: str) -> _Wrong | _Opening | _Pair:
    """Tell what a line is, or what is wrong with it whatever stands around it. Kept: a fleet's files are much alike."""
    fault = _unreadable(line)
    if fault is not None:
        return fault
    if line.startswith("["):
        match = _SECTION.fullmatch(line)
        return _Opening(match[1]) if match else _Wrong(Rule.SECTION, "is not a section such as [sip]")
    key, equals, value = line.partition("=")
    if not equals or not key:
        return _Wrong(Rule.BLANKS if line.isspace() else Rule.NO_PARAMETER, "is neither [section] nor key=value")
    if key != key.strip() or value != value.strip(" "):
        return _Wrong(Rule.BLANKS, "has a blank before or after the key or the value")
    return _Pair(key, value)


def _unreadable(line: str) -> _Wrong | None:
    """Tell why a line cannot be taken for anything."""
    if "\r" in line or "\n" in line:
        return _Wrong(Rule.LINE_END, "ends its lines in two ways; end all with CR LF, or all with LF")
    if _CONTROL.search(line):
        return _Wrong(Rule.CONTROL_CHARACTER, "holds a control character (UTF-8 text, perhaps: write ISO-8859-1)")
    if len(line) > LINE_LIMIT:
        return _Wrong(Rule.LINE_LENGTH, f"is longer than {LINE_LIMIT} bytes")
    if line.startswith((";", "#")):
        return _Wrong(Rule.COMMENT, "is a comment; remove it")
    return None


def parse_ini(data: bytes, where: str, keys: Keys) -> IniFile:
    """Read a file; `where` names it in complaints. Takes any bytes and never raises."""
    if not data:
        return IniFile((), (Complaint(Rule.EMPTY, where, "is empty"),))
    parser = _Parser(where, keys)
    for line in _lines(data.decode("iso-8859-1")):
        parser.read(line)
    if not data.endswith(b"\n"):
        parser.complaints.append(Complaint(Rule.LINE_END, where, "has no line end after its last line"))
    return IniFile(tuple(parser.settings.values()), tuple(parser.complaints))


def _lines(text: str) -> Iterator[str]:
    end = "\r\n" if "\r\n" in text else "\n"
    yield from text.removesuffix(end).split(end)
