"""A phone's INI files, read as strictly as any phone might: `[section]` and `key=value` lines of ISO-8859-1.

Nobody has published which lines the phone rejects, only that one wrong line makes it skip the whole file. So what no
working file in the field ever held is refused here. Pure functions; nothing here judges or repeats a value.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

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
        if "\r" in line or "\n" in line:
            self._complain(Rule.LINE_END, "ends its lines in two ways; end all with CR LF, or all with LF")
        elif _CONTROL.search(line):
            self._complain(Rule.CONTROL_CHARACTER, "holds a control character (UTF-8 text, perhaps: write ISO-8859-1)")
        elif len(line) > LINE_LIMIT:
            self._complain(Rule.LINE_LENGTH, f"is longer than {LINE_LIMIT} bytes")
        elif line.startswith((";", "#")):
            self._complain(Rule.COMMENT, "is a comment; remove it")
        elif line.startswith("["):
            self._open(line)
        elif line:
            self._set(line)

    def _open(self, line: str) -> None:
        match = _SECTION.fullmatch(line)
        self._section = match[1] if match else ""
        if match is None:
            self._complain(Rule.SECTION, "is not a section such as [sip]")
        elif match[1] not in self._keys:
            self._complain(Rule.SECTION, f"opens [{match[1]}], which this file does not have")
        elif match[1] in self._sections:
            self._complain(Rule.SECTION_TWICE, f"opens [{match[1]}] again")
        self._sections.add(self._section)

    def _set(self, line: str) -> None:
        key, equals, value = line.partition("=")
        if not equals or not key:
            self._complain(Rule.BLANKS if line.isspace() else Rule.NO_PARAMETER, "is neither [section] nor key=value")
        elif key != key.strip() or value != value.strip(" "):
            self._complain(Rule.BLANKS, "has a blank before or after the key or the value")
        elif self._section is None:
            self._complain(Rule.NO_SECTION, f"sets {key} before any section")
        elif self._section in self._keys:
            self._take(Setting(self._section, key, value, self._line))

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
