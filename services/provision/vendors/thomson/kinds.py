"""What a parameter's value may be: flags, numbers, hosts, dial codes, the phone's own lists. Pure: text in, yes or no out.

Which parameter is of which kind stands in `catalog.toml`. Where the phone's documentation gives no limit, these are wide:
a value is refused here only if the phone could not make anything of it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Final

LONGEST_TEXT: Final = 128
"""Characters. No limit is documented; the longest line of the vendor's files is about that long (phone-spec 2.4)."""
CODECS: Final = ("g711a", "g711mu", "g729", "g723", "gsmwbamr", "g722", "l16", "ilbc", "ilbc133")
"""In the order in which the phone lists them (phone-spec 3.4)."""
SERVICES: Final = ("callfwd", "dnd", "secfilter", "huntgroup")
_UNITS: Final = {"": "", "ms": " milliseconds", "s": " seconds", "h": " hours", "d": " days"}
_ITEM: Final = re.compile(r"([a-z0-9]+)\(([^()]*)\)")
_PACKET_TIMES: Final = range(10, 101, 10)
_MOST_PACKETS: Final = 255
_LABEL: Final = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_BYTE: Final = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_ADDRESS: Final = rf"{_BYTE}(?:\.{_BYTE}){{3}}"
_HOST: Final = rf"{_ADDRESS}|(?:{_LABEL}\.)*(?=[0-9-]*[A-Za-z_]){_LABEL}\.?"
"""The last label of a name holds a letter: 10.0.0.256 is neither an address nor a name."""
_SIP: Final = r"[!-;=?A-~]+(?:@[!-;=?A-~]+)?"
_BIT: Final = r"\([01]\)"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of value."""

    name: str
    """The catalogue's word for it."""
    allowed: str
    """For people, the rest of "must be …"."""
    may_be_empty: bool
    fits: Callable[[str], object] = field(repr=False, compare=False)
    """Says by its truth whether the phone can take a value, which is one line of ISO-8859-1, or empty."""


@cache
def parse_kind(name: str, allowed: str = "", unit: str = "") -> Kind:
    """Return the kind that a row of the catalogue names (`number`, `0-60`, `s`). Raises `ValueError` for no kind."""
    if name in _PATTERNS:
        pattern, meaning = _PATTERNS[name]
        return _matching(name, pattern, meaning, LONGEST_TEXT)
    if name in _BUILDERS:
        return _BUILDERS[name](allowed, unit)
    raise ValueError(f"{name!r} is no kind of value")


def spoken(values: Iterable[str]) -> str:
    """Return `a, b or c`."""
    *most, last = values
    return f"{', '.join(most)} or {last}" if most else last


def _matching(name: str, pattern: str, meaning: str, longest: int) -> Kind:
    whole = re.compile(rf"(?!.{{{longest + 1}}})(?:{pattern}|)", re.ASCII | re.DOTALL)
    return Kind(name, meaning, may_be_empty=True, fits=whole.fullmatch)


def _choice(allowed: str, _unit: str) -> Kind:
    values = allowed.split()
    return Kind("choice", spoken(values), "" in values, frozenset(values).__contains__)


def _number(allowed: str, unit: str) -> Kind:
    ranges = [_range(part) for part in allowed.split(",")]

    def fits(text: str) -> bool:
        digits = text.isascii() and text.isdigit() and len(text) <= len("4294967295")
        return digits and any(int(text) in each for each in ranges)

    texts = [f"{each[0]} to {each[-1]}" if len(each) > 1 else str(each[0]) for each in ranges]
    return Kind("number", spoken(texts) + _UNITS[unit], may_be_empty=False, fits=fits)


def _range(part: str) -> range:
    first, _, last = part.partition("-")
    return range(int(first), int(last or first) + 1)


def _text(allowed: str, _unit: str) -> Kind:
    lengths = _range(allowed or f"0-{LONGEST_TEXT}")
    several = f"at most {lengths[-1]}" if lengths[0] <= 1 else f"{lengths[0]} to {lengths[-1]}"
    meaning = f"{several if len(lengths) > 1 else lengths[0]} characters"
    return Kind("text", meaning, 0 in lengths, lambda text: len(text) in lengths)


def _digits(allowed: str, _unit: str) -> Kind:
    if allowed:
        return _matching("digits", rf"\d{{{allowed}}}", f"{allowed} digits", int(allowed))
    return _matching("digits", r"\d+", "digits", LONGEST_TEXT)


def _url(allowed: str, _unit: str) -> Kind:
    longest = int(allowed or LONGEST_TEXT)
    pattern = rf"(?i:https?)://(?:{_HOST})(?::\d{{1,5}})?(?:[/?][!-~]*)?"
    return _matching("url", pattern, f"an http or https URL of at most {longest} characters, without blanks", longest)


def _codes(allowed: str, _unit: str) -> Kind:
    number = int(allowed)
    code = r"[0-9*#+A-DXx]*"
    return _matching("codes", rf"{code}(?:\|{code}){{{number - 1}}}", f"{number} dial codes between bars", LONGEST_TEXT)


def _ranks(allowed: str, _unit: str) -> Kind:
    names = tuple(allowed.split())
    ranks = [str(number + 1) for number in range(len(names))]

    def fits(text: str) -> bool:
        items = _items(text)
        return not text or (items is not None and tuple(items) == names and sorted(items.values()) == ranks)

    form = "".join(f"{name}(n)" for name in names)
    return Kind("ranks", f"{form}, each of 1 to {len(names)} once", may_be_empty=True, fits=fits)


def _services(_allowed: str, _unit: str) -> Kind:
    def fits(text: str) -> bool:
        items = _items(text) or {}
        used = [rank for rank in items.values() if rank != "0"]
        ranked = set(used) <= set("1234") and len(set(used)) == len(used)
        return not text or (tuple(items) == SERVICES and ranked)

    form = "".join(f"{name}(n)" for name in SERVICES)
    return Kind("services", f"{form}, 0 for none, else each rank once", may_be_empty=True, fits=fits)


def _codecs(allowed: str, _unit: str) -> Kind:
    meaning, values_fit = _CODEC_VALUES[allowed]

    def fits(text: str) -> bool:
        items = _items(text)
        if items is None or tuple(items) != tuple(codec for codec in CODECS if codec in items):
            return False
        return values_fit(list(items.values()))

    return Kind(
        "codecs", f"codec({meaning}) for some of {' '.join(CODECS)}, in this order", may_be_empty=True, fits=fits
    )


def _items(text: str) -> dict[str, str] | None:
    """Read `name(value)name(value)…`; None for anything else or a name that stands twice."""
    found = _ITEM.findall(text)
    items = dict(found)
    return items if len(items) == len(found) and "".join(f"{name}({value})" for name, value in found) == text else None


def _fit_ranks(values: list[str]) -> bool:
    return set(values) <= {str(rank) for rank in range(1, len(CODECS) + 1)} and len(set(values)) == len(values)


def _fit_jitter(values: list[str]) -> bool:
    for value in values:
        match = re.fullmatch(r"(\d{1,3})/(\d{1,3})/(\d{1,3})", value, re.ASCII)
        if match is None:
            return False
        least, usual, most = map(int, match.groups())
        if not 1 <= least <= usual <= most <= _MOST_PACKETS:
            return False
    return True


_CODEC_VALUES: Final[Mapping[str, tuple[str, Callable[[list[str]], bool]]]] = MappingProxyType(
    {
        "rank": ("rank, 1 is best, each once", _fit_ranks),
        "ms": ("milliseconds, 10 to 100 in tens", {str(time) for time in _PACKET_TIMES}.issuperset),
        "jitter": ("least/usual/most packet times", _fit_jitter),
        "flag": ("0 or 1", {"0", "1"}.issuperset),
    }
)
_BUILDERS: Final[Mapping[str, Callable[[str, str], Kind]]] = MappingProxyType(
    {
        "flag": lambda _allowed, _unit: Kind("flag", "0 or 1", may_be_empty=False, fits={"0", "1"}.__contains__),
        "choice": _choice,
        "number": _number,
        "text": _text,
        "digits": _digits,
        "url": _url,
        "codes": _codes,
        "ranks": _ranks,
        "services": _services,
        "codecs": _codecs,
    }
)
_PATTERNS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "address": (_ADDRESS, "an IPv4 address"),
        "host": (_HOST, "a host name or an IPv4 address, without a port"),
        "location": (r"(?:[a-z]+://)?[!-~]+", "a URL, or host/path without a scheme"),
        "code": (r"[0-9*#+A-DXx]+", "a dial code of 0-9 * # + A-D, X for a number"),
        "dialled": (_SIP, "a number or a SIP address, without blanks and angle brackets"),
        "dialplan": (r"[0-9*#+xXT.|()\[\],:-]+", "a dial plan of 0-9 * # + x X T . , : - | ( ) [ ]"),
        "patterns": (r"\|(?:[0-9*#+xX.\[\]-]+\|)+", "patterns of 0-9 * # + x . [ - ], each between bars, |911|11x|"),
        "key": (rf"[LS]/(?:<sip:(?:{_SIP})?>)?", "L/<sip:target> or S/<sip:target>"),
        "supervision": (
            rf"dialog{_BIT}regDND{_BIT}ua-profile\([01]:cfu{_BIT}dnd{_BIT}sf{_BIT}hg{_BIT}\)",
            "dialog(n)regDND(n)ua-profile(n:cfu(n)dnd(n)sf(n)hg(n)), each n 0 or 1",
        ),
        "time": (r"(?:[01]\d|2[0-3]):[0-5]\d", "HH:MM"),
    }
)
