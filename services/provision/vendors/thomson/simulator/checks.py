"""What values a phone understands, kind by kind, and the words that say so. Pure; nothing here knows a parameter.

Written from the phone's documentation, never from the catalogue that renders: where both agree, two have read it so.
An empty value clears a setting, whatever its kind, so no check is asked about one.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

URL_LIMIT: Final = 128
"""Characters, phone-spec 1.5."""

CODECS: Final = ("g711a", "g711mu", "g729", "g723", "gsmwbamr", "g722", "l16", "ilbc", "ilbc133")
"""In the vendor's order, phone-spec 3.4."""

_LABEL: Final = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?"
_HOST: Final = rf"{_LABEL}(?:\.{_LABEL})*\.?"
_PORT: Final = r"(?::[0-9]{1,5})?"
_USER: Final = r"[!-;=?A-~]+(?:@[!-;=?A-~]+)?"
"""Printable ASCII without blank and angle brackets, one @ at most."""
_ITEM: Final = re.compile(r"([a-z0-9]+)\(([0-9/]+)\)")
_SHOWN: Final = 40
_OCTET: Final = 255


class Check(NamedTuple):
    """What a parameter takes: in words, as a test, and whether the value may be shown in a complaint."""

    expected: str
    fits: Callable[[str], bool]
    secret: bool = False

    def shown(self, value: str) -> str:
        """Return a value as a complaint may show it."""
        if self.secret:
            return "***"
        return repr(value if len(value) <= _SHOWN else f"{value[:_SHOWN]}...")


def secret(check: Check) -> Check:
    """Return the same check for a value that nobody may see."""
    return check._replace(secret=True)


def number(least: int, most: int, what: str = "a number") -> Check:
    """A decimal number of plain digits in a range, ends included."""

    def fits(value: str) -> bool:
        return value.isascii() and value.isdigit() and len(value) <= len(str(most)) + 3 and least <= int(value) <= most

    return Check(f"{what} from {least} to {most}", fits)


def one_of(*numbers: int) -> Check:
    """One of a few decimal numbers."""
    known = frozenset(numbers)

    def fits(value: str) -> bool:
        return value.isascii() and value.isdigit() and len(value) <= len(str(max(known))) + 3 and int(value) in known

    return Check(f"one of {' '.join(map(str, numbers))}", fits)


def word(known: str) -> Check:
    """One of a few words, written here between blanks, in exactly these letters."""
    return Check(f"one of {known}", frozenset(known.split()).__contains__)


def pattern(expected: str, expression: str) -> Check:
    """Whatever a regular expression matches as a whole."""
    compiled = re.compile(expression)
    return Check(expected, lambda value: compiled.fullmatch(value) is not None)


def codecs(expected: str, fits: Callable[[str], bool], *, distinct: bool = False) -> Check:
    """A list such as `g711a(1)g711mu(2)`: known codecs in any order, none twice, each with an argument that fits."""

    def check(value: str) -> bool:
        items = _items(value)
        arguments = [argument for _, argument in items]
        return (
            bool(items)
            and _are_distinct(name for name, _ in items)
            and all(name in CODECS and fits(argument) for name, argument in items)
            and (not distinct or _are_distinct(arguments))
        )

    return Check(expected, check)


def ranking(*names: str, unused: bool = False) -> Check:
    """A list such as `dialed(2)passerted(1)`: each name once, in this order, with its rank; `unused`: 0 is no rank."""

    def fits(value: str) -> bool:
        items = _items(value)
        ranks = [argument for _, argument in items]
        used = [rank for rank in ranks if not (unused and rank == "0")]
        known = {str(rank) for rank in range(1, len(names) + 1)}
        return tuple(name for name, _ in items) == names and set(used) <= known and _are_distinct(used)

    ends = f"1 to {len(names)}, each once{', 0 unused' if unused else ''}"
    return Check(f"{''.join(f'{name}(n)' for name in names)} with n from {ends}", fits)


def _items(value: str) -> list[tuple[str, str]]:
    """Return (name, argument) of each item; nothing where anything else stands between them."""
    items = _ITEM.findall(value)
    return items if "".join(f"{name}({argument})" for name, argument in items) == value else []


def _are_distinct(values: Iterable[str]) -> bool:
    listed = list(values)
    return len(set(listed)) == len(listed)


def _is_packet_time(text: str) -> bool:
    return re.fullmatch(r"[1-9][0-9]{1,2}", text) is not None and int(text) % 10 == 0


def _is_jitter(text: str) -> bool:
    parts = text.split("/")
    if len(parts) != 3 or not all(re.fullmatch(r"[0-9]{1,3}", part) for part in parts):  # noqa: PLR2004
        return False
    least, nominal, most = map(int, parts)
    return least <= nominal <= most


def _is_address(value: str) -> bool:
    parts = value.split(".")
    return len(parts) == 4 and all(re.fullmatch(r"0|[1-9][0-9]{0,2}", part) and int(part) <= _OCTET for part in parts)  # noqa: PLR2004


def _is_host(value: str) -> bool:
    if re.fullmatch(r"[0-9.]+", value):
        return _is_address(value)
    return re.fullmatch(_HOST, value) is not None and len(value) <= 253  # noqa: PLR2004 - RFC 1035 2.3.4


FLAG: Final = word("0 1")
TEXT: Final = Check("text", lambda _: True)
COUNT: Final = number(0, 2**32 - 1)
"""A number whose values are not public."""
PORT: Final = number(1, 65535, "a port")
SECONDS: Final = number(0, 2**32 - 1, "seconds")
BY_CODE: Final = word("local sc")
ADDRESS: Final = Check("an IPv4 address", _is_address)
HOST: Final = Check("a host's name or IPv4 address, without scheme and port", _is_host)
LOCATION: Final = pattern("a host with a path, or a URL, without blanks", r"[!-~]+")
URL: Final = pattern(
    f"an http:// or https:// URL of at most {URL_LIMIT} characters",
    rf"(?=.{{1,{URL_LIMIT}}}\Z)(?i:https?)://(?:{_HOST}){_PORT}(?:[/?][!-~]*)?",
)
LOGIN_URL: Final = secret(URL)
"""Not shown: `Pass=#PASSWORD` may stand there filled in."""
DIAL: Final = pattern("a dial code of digits, *, #, +, A-D and X", r"[0-9*#+A-DXx]+")
TARGET: Final = pattern("a number, a user or user@host, without blanks and angle brackets", _USER)
KEY16: Final = secret(pattern("a key of 16 characters", r".{16}"))
PIN: Final = secret(pattern("a PIN of digits", r"[0-9]+"))
PASSWORD: Final = secret(TEXT)
CLOCK: Final = pattern("a time such as 00:00", r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
DIAL_PLAN: Final = pattern("a dial plan such as x.T", r"[0-9xXT*#+.,:|()\[\]-]+")
EMERGENCY: Final = pattern("patterns between bars such as |112|1[2-8]|", r"\|(?:[0-9xX*#+.\[\]-]+\|)+")
PARK_CODES: Final = pattern("four codes separated by |", r"[0-9*#+A-DXx]*(?:\|[0-9*#+A-DXx]*){3}")
FUNCTION_KEY: Final = pattern("L/<sip:TARGET> or S/<sip:TARGET>", rf"[LS]/(?:<sip:(?:{_USER})?>)?")
SUPERVISION: Final = pattern(
    "dialog(f)regDND(f)ua-profile(f:cfu(f)dnd(f)sf(f)hg(f)) with each f 0 or 1",
    r"dialog\([01]\)regDND\([01]\)ua-profile\([01]:cfu\([01]\)dnd\([01]\)sf\([01]\)hg\([01]\)\)",
)
PRIORITIES: Final = codecs(
    "codec(n)... with n from 1 to 9, each once", lambda text: re.fullmatch("[1-9]", text) is not None, distinct=True
)
PACKET_TIMES: Final = codecs("codec(milliseconds)..., in tens", _is_packet_time)
JITTER: Final = codecs("codec(min/nominal/max)... in this order", _is_jitter)
ADAPTIVE: Final = codecs("codec(0 or 1)...", lambda text: text in ("0", "1"))
