"""How administrators write lines, keys and settings into an entry: `dialtreeLine`, `dialtreeKey`, `dialtreeSetting`. Pure.

Positions are explicit, since LDAP does not order values. The mirror reads them when the entry changes, so that answering a
phone costs no parsing; a fault is kept beside the entry and told when the phone asks. No parameter of a vendor is named here.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final, Literal, NamedTuple, TypeVar

from shared.ldap.entry import dn_key

KeyKind = Literal["blf", "speeddial", "line"]
WrittenKind = Literal["blf", "speeddial", "line", "none"]
"""`none` empties a key that a profile further up sets."""

_KEY: Final = re.compile(
    r"""(?P<position>\d{1,3}) [ \t]+ (?:
        line [ \t]+ (?P<line>\d{1,2})
      | (?P<none>none)
      | (?P<kind>blf|speeddial) [ \t]+ (?: <(?P<dn>[^<>]*=[^<>]*|(?:sips?|tel):[!-;=?-~]+)> | (?P<target>[!-;=?-~]+) )
    ) (?:[ \t]+(?P<label>\S.*))?""",
    re.IGNORECASE | re.ASCII | re.VERBOSE,
)
_KEY_FORM: Final = (
    "write it as position, kind, target, label: `3 blf 1002 Reception`, `4 speeddial 0123456789`, `5 line 2`, `6 none`"
)
_SCHEME: Final = re.compile(r"(?:sips?|tel):", re.IGNORECASE)
"""What people copy with a number; the parameter of a key has it anyway."""
_LINE: Final = re.compile(r"(?P<number>\d{1,2})[ \t]+(?P<dn>\S.*=.*)")
_LINE_FORM: Final = "write it as the number of the line and the DN of a person or an account: `2 uid=alice,ou=people,…`"
_SETTING: Final = re.compile(r"(?P<name>[a-z]+\.[A-Za-z0-9_-]+)=(?P<text>.*)", re.DOTALL)

_Value = TypeVar("_Value")


class Misspelt(ValueError):
    """A value that cannot be read; the message is the rest of a sentence, and never quotes a secret."""


class WrittenKey(NamedTuple):
    """A function key. `target`: what is dialled or supervised, the line's number, or the DN of a person or account.

    A number has no `sip:` in front.
    """

    position: int
    kind: WrittenKind
    target: str
    target_key: str
    """The comparable form of the DN, "" where `target` is none."""
    label: str


class WrittenLine(NamedTuple):
    """A further line of a phone, and whose it is."""

    number: int
    dn: str
    dn_key: str


class WrittenSetting(NamedTuple):
    """A parameter's value, not yet compared with any catalogue; it may be a password."""

    name: str
    text: str

    def __repr__(self) -> str:
        return f"WrittenSetting(name={self.name!r}, text='***')"


def parse_keys(values: Iterable[str]) -> tuple[WrittenKey, ...]:
    """Read function keys, in the order of their positions. Raises `Misspelt`."""
    return _each_once(
        map(_parse_key, values), lambda key: key.position, "gives position {} twice; delete one of the two"
    )


def parse_lines(values: Iterable[str]) -> tuple[WrittenLine, ...]:
    """Read further lines, in the order of their numbers. Raises `Misspelt`."""
    return _each_once(map(_parse_line, values), lambda line: line.number, "gives line {} twice; delete one of the two")


def parse_settings(values: Iterable[str]) -> tuple[WrittenSetting, ...]:
    """Read parameters, in the order of their names. Raises `Misspelt`."""
    return _each_once(map(_parse_setting, values), lambda setting: setting.name, "sets {} twice; delete one of the two")


def _parse_key(value: str) -> WrittenKey:
    match = _KEY.fullmatch(value.strip())
    if match is None:
        raise Misspelt(f"{value!r} is not a key; {_KEY_FORM}")
    position, label = int(match["position"]), match["label"] or ""
    if match["line"]:
        return WrittenKey(position, "line", match["line"], "", label)
    if match["none"]:
        return WrittenKey(position, "none", "", "", label)
    kind: KeyKind = "blf" if match["kind"].lower() == "blf" else "speeddial"
    target = match["dn"] or match["target"]
    scheme = _SCHEME.match(target)
    if scheme:
        if scheme.end() == len(target):
            raise Misspelt(f"{value!r} is not a key; {_KEY_FORM}")
        return WrittenKey(position, kind, target[scheme.end() :], "", label)
    return WrittenKey(position, kind, target, dn_key(target) if "=" in target else "", label)


def _parse_line(value: str) -> WrittenLine:
    match = _LINE.fullmatch(value.strip())
    key = dn_key(match["dn"]) if match else ""
    if match is None or not key:
        raise Misspelt(f"{value!r} is not a line; {_LINE_FORM}")
    return WrittenLine(int(match["number"]), match["dn"], key)


def _parse_setting(value: str) -> WrittenSetting:
    match = _SETTING.fullmatch(value)
    if match is None:  # the value is not shown: it may be a password
        raise Misspelt("has a value that is not section.Parameter=text, as in sip.CallPkupSC=*8X")
    return WrittenSetting(match["name"], match["text"])


def _each_once(values: Iterable[_Value], place_of: Callable[[_Value], int | str], problem: str) -> tuple[_Value, ...]:
    found: dict[int | str, _Value] = {}
    for value in values:
        place = place_of(value)
        if place in found:
            raise Misspelt(problem.format(place))
        found[place] = value
    return tuple(found[place] for place in sorted(found, key=lambda place: (isinstance(place, str), place)))
