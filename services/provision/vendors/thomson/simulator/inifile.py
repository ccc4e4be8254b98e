"""A phone's INI files: `[section]` and `key=value` lines of ISO-8859-1.

Nobody has published which lines the phone rejects, only that one wrong line makes it skip the whole file. So a line that
is neither of the two, or that no working file in the field ever held, is taken for one that the phone rejects. A key that
no source describes is no such line: vendors add keys with each firmware. Pure functions; nothing here judges or repeats a value.
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
    """The known settings, the last of each key, and every complaint; with a rejection the phone skips the file."""

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

    def __init__(self, where: str, keys: Keys, internal: re.Pattern[str] | None) -> None:
        self.settings: dict[tuple[str, str], Setting] = {}
        self.complaints: list[Complaint] = []
        self._where = where
        self._keys = keys
        self._internal = internal
        self._sections: set[str] = set()
        self._section: str | None = None
        self._line = 0

    def read(self, line: str) -> None:
        """Take the next line, without its end."""
        self._line += 1
        if not line:
            return
        if len(line) > LINE_LIMIT:
            message = f"has {len(line)} bytes; lines of more than {LINE_LIMIT} are in no file that is known to work"
            self._complain(Rule.LINE_LENGTH, message)
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
        if isinstance(shape, _Opening | _Pair) and line.endswith(" "):
            self._complain(Rule.TRAILING_BLANK, "ends with a blank, which may become a part of the value")

    def _open(self, section: str) -> None:
        self._section = section
        if section not in self._keys:
            self._complain(Rule.UNKNOWN_SECTION, f"opens [{section}], a section that is not known for this file")
        elif section in self._sections:
            self._complain(Rule.SECTION_TWICE, f"opens [{section}] again")
        self._sections.add(section)

    def _take(self, setting: Setting) -> None:
        name = (setting.section, setting.key)
        if setting.key not in self._keys[setting.section]:
            self._complain(*self._unknown(setting))
            return
        if name in self.settings and not _REPEATABLE.fullmatch(setting.key):
            self._complain(Rule.PARAMETER_TWICE, f"sets {setting.key} again")
        self.settings[name] = setting

    def _unknown(self, setting: Setting) -> tuple[Rule, str]:
        if setting.key.lower() == "config_sn" != setting.key:
            return Rule.SERIAL_CASE, "spells the serial otherwise than config_sn, in lower case"
        if self._internal and self._internal.fullmatch(f"{setting.section}.{setting.key}"):
            return Rule.INTERNAL, f"sets {setting.key}, which the phone keeps for itself; leave it out"
        homes = [f"[{section}]" for section, keys in self._keys.items() if setting.key in keys]
        hint = f"; it belongs into {' or '.join(homes)}" if homes else ""
        return Rule.UNKNOWN_PARAMETER, f"sets {setting.key}, which is not known in [{setting.section}]{hint}"

    def _complain(self, rule: Rule, message: str) -> None:
        self.complaints.append(Complaint(rule, f"{self._where} line {self._line}", message))


@lru_cache(maxsize=8192)
def _shape(line: str) -> _Wrong | _Opening | _Pair:
    """Tell what a line is, or what is wrong with it whatever stands around it. Kept: a fleet's files are much alike."""
    fault = _unreadable(line)
    if fault is not None:
        return fault
    if not line.strip(" "):
        return _Wrong(Rule.TRAILING_BLANK, "holds nothing but blanks; leave it empty")
    if line.startswith("["):
        match = _SECTION.fullmatch(line.rstrip(" "))
        return _Opening(match[1]) if match else _Wrong(Rule.SECTION, "is not a section such as [sip]")
    key, equals, value = line.partition("=")
    if not equals or not key:
        return _Wrong(Rule.NO_PARAMETER, "is neither [section] nor key=value")
    if key != key.strip() or value != value.lstrip(" "):
        return _Wrong(Rule.BLANKS, "has a blank beside the key or before the value")
    return _Pair(key, value)


def _unreadable(line: str) -> _Wrong | None:
    """Tell why a line cannot be taken for anything."""
    if "\r" in line:
        return _Wrong(Rule.LINE_END, "holds a CR that ends no line; end lines with CR LF, or with LF")
    if _CONTROL.search(line):
        return _Wrong(Rule.CONTROL_CHARACTER, "holds a control character (UTF-8 text, perhaps: write ISO-8859-1)")
    if line.startswith((";", "#")):
        return _Wrong(Rule.COMMENT, "is a comment; remove it")
    return None


def parse_ini(data: bytes, where: str, keys: Keys, internal: re.Pattern[str] | None = None) -> IniFile:
    """Read a file; `where` names it in complaints. Takes any bytes and never raises.

    `internal`: `section.key` of what the phone keeps for itself, though vendors' files hold it.
    """
    if not data:
        return IniFile((), (Complaint(Rule.EMPTY, where, "is empty"),))
    parser = _Parser(where, keys, internal)
    text = data.decode("iso-8859-1")
    lines = text.removesuffix("\n").split("\n")
    for line in lines:
        parser.read(line.removesuffix("\r"))
    parser.complaints += _line_ends(text, where)
    return IniFile(tuple(parser.settings.values()), tuple(parser.complaints))


def _line_ends(text: str, where: str) -> Iterator[Complaint]:
    """Yield what is odd about the ends of lines: CR LF and LF are both in use, in different files."""
    if 0 < text.count("\r\n") < text.count("\n"):
        yield Complaint(Rule.MIXED_LINE_ENDS, where, "ends its lines in two ways; end all with CR LF, or all with LF")
    if not text.endswith("\n"):
        yield Complaint(Rule.NO_LAST_LINE_END, where, "has no line end after its last line")
