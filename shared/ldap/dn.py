"""Distinguished names: every spelling that RFC 4514 allows, and RFC 1779 and RFC 2253 did, to one key. No I/O, no schema.

Values are compared as caseIgnoreMatch does (RFC 4517, prepared by RFC 4518): without regard to case, to Unicode's
compatibility forms, to invisible characters, and to blanks at both ends; inner blanks count as one. That holds for every
attribute, since most that name entries compare so. Two DNs that differ otherwise have different keys.

A key is a DN again: the usual names of its attributes (`shared.ldap.attributetypes`), folded values, backslashes before
special characters, the pairs of a multi-valued RDN in order.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from shared.ldap import ber
from shared.ldap.attributetypes import ALIASES, usual_name

_PLAIN: Final = (
    r"[A-Za-z0-9._@'()/&:*!\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u0131\u0134-\u013e\u0141-\u0148\u014a-\u017e"
    r"\u0400-\u0481\u048a-\u04ff\u3041-\u3094\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3-]+"
)
"""Latin, Cyrillic, Japanese, Chinese and Korean letters that only casefolding changes, beside ASCII without special characters."""
_USUAL_RDN: Final = re.compile(rf"([A-Za-z][A-Za-z0-9-]*)={_PLAIN}(?: {_PLAIN})*")
"""An RDN whose key is itself, casefolded. Nearly all entries have one, and a first load makes a key of each DN."""
_PAIR: Final = re.compile(
    r"""\s*(?:(?P<name>[A-Za-z0-9][A-Za-z0-9.-]*)\s*=\s*)?
    (?: "(?P<quoted>(?:[^"\\]|\\.)*)"\s* | \#(?P<hex>(?:[0-9A-Fa-f]{2})+)\s* | (?P<plain>(?:[^,;+\\]|\\.|\\\Z)*) )
    (?P<end>[,;+]|\Z)""",
    re.VERBOSE | re.DOTALL,
)
"""One attribute and value, and what ends it. A value that only begins like a quoted or hexadecimal one is plain."""
_ESCAPE: Final = re.compile(rb"\\([0-9A-Fa-f]{2}|(?s:.))")
_SPECIAL: Final = re.compile(r'[,+"\\<>;=]|\A#')
_UNIQUE_ID: Final = re.compile(r"#\s*'[01]*'B\s*\Z")
_CHARSETS: Final = {
    0x04: "utf-8", 0x0C: "utf-8", 0x12: "ascii", 0x13: "ascii", 0x14: "iso-8859-1", 0x16: "ascii", 0x1A: "ascii",
    0x1C: "utf-32-be", 0x1E: "utf-16-be",
}  # fmt: skip
"""BER tags of the strings that a DirectoryString may be, and OCTET STRING, which RFC 4514 takes for its example."""


class Pair(NamedTuple):
    """One attribute and value of an RDN."""

    name: str
    """The usual name, in lower case; "" where the text has no `=`."""
    value: str
    """Without escapes or quotes; `#` and hexadecimal digits of its BER encoding where it is no text."""
    is_text: bool


def dn_key(dn: str) -> str:
    """Return a form in which two spellings of one DN are equal; "" stays "".

    `CN=Doe\\, John , dc=x`, `cn="doe,  john";DC=X` and `2.5.4.3=#0c09446f652c204a6f686e,dc=x` give the same key.
    """
    rdn, comma, above = dn.partition(",")
    match = _USUAL_RDN.fullmatch(rdn)
    if match is not None and match[1].lower() not in ALIASES:
        return f"{rdn.casefold()},{_above_key(above)}" if comma else rdn.casefold()
    if not dn:
        return ""
    pairs, end = _rdn_at(dn, 0)
    return f"{_rdn_key(pairs)},{_above_key(dn[end:])}" if end else _rdn_key(pairs)


def parent_key(key: str) -> str:
    """Return the key of the entry above, for a key made by `dn_key`; "" above the topmost."""
    if "\\" not in key:
        return key.partition(",")[2]
    at = 0
    while at < len(key) and key[at] != ",":
        at += 2 if key[at] == "\\" else 1
    return key[at + 1 :]


def is_within(key: str, base: str) -> bool:
    """Tell whether an entry is the base or below it; both are keys, and every entry is below ""."""
    if key == base or not base:
        return True
    if not key.endswith(f",{base}"):
        return False
    if key[-len(base) - 2] != "\\":
        return True
    while len(key) > len(base):  # the comma may be an escaped one, part of a value
        key = parent_key(key)
    return key == base


def is_dn(text: str) -> bool:
    """Tell whether the text could be a DN: each of its parts names an attribute and a value (RFC 4514)."""
    return all(pair.name and pair.value.strip() for rdn in split_dn(text) for pair in rdn)


def split_dn(dn: str) -> list[tuple[Pair, ...]]:
    """Return the RDNs of a DN; at least one."""
    rdns: list[tuple[Pair, ...]] = []
    at: int | None = 0
    while at is not None:
        pairs, at = _rdn_at(dn, at)
        rdns.append(pairs)
    return rdns


def split_first_rdn(dn: str) -> tuple[tuple[Pair, ...], str]:
    """Return the first RDN, and the DN of the entry above as it is written, "" above the topmost."""
    pairs, end = _rdn_at(dn, 0)
    return pairs, dn[end:].strip() if end else ""


def without_unique_id(value: str) -> str:
    """Return the DN of a value in the syntax Name And Optional UID (RFC 4517 section 3.3.21), `uid=a,dc=x#'0101'B`."""
    return _UNIQUE_ID.sub("", value) if "'" in value else value


def folded_value(text: str) -> str:
    """Return a form in which two values are equal that caseIgnoreMatch takes for equal."""
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFD", text.translate(_PREPARED)).casefold()
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(text.lower().split())


@lru_cache(maxsize=4096)
def _above_key(dn: str) -> str:
    """Thousands of entries stand below the same one."""
    return ",".join(map(_rdn_key, split_dn(dn))) if dn else ""


def _rdn_at(dn: str, at: int) -> tuple[tuple[Pair, ...], int | None]:
    """Return the pairs of the RDN that begins there, and where the next one begins, None after the last."""
    pairs: list[Pair] = []
    end = "+"
    while end == "+":
        match = _PAIR.match(dn, at)
        if match is None:  # the expression matches every text
            raise AssertionError(dn)
        pairs.append(_pair(match))
        at, end = match.end(), match["end"]
    return tuple(pairs), at if end else None


def _pair(match: re.Match[str]) -> Pair:
    name = usual_name(match["name"] or "")
    if match["hex"] is not None:
        return Pair(name, *_decoded(bytes.fromhex(match["hex"])))
    value = match["plain"] if match["quoted"] is None else match["quoted"]
    if "\\" not in value:
        return Pair(name, value, is_text=True)
    raw = _ESCAPE.sub(_unescaped, value.encode())
    try:
        return Pair(name, raw.decode(), is_text=True)
    except UnicodeDecodeError:
        return Pair(name, f"#{ber.octets(raw).hex()}", is_text=False)


def _unescaped(match: re.Match[bytes]) -> bytes:
    escaped = match[1]
    return bytes.fromhex(escaped.decode()) if len(escaped) == 2 else escaped  # noqa: PLR2004  # two digits


def _decoded(encoded: bytes) -> tuple[str, bool]:
    """Return the text of a BER string; else the digits, and that it is none."""
    try:
        tag, start, end = ber.read_element(encoded, 0, len(encoded))
        if end == len(encoded) and tag in _CHARSETS:
            return encoded[start:end].decode(_CHARSETS[tag]), True
    except (ber.BerError, UnicodeDecodeError):
        pass
    return f"#{encoded.hex()}", False


def _rdn_key(pairs: Sequence[Pair]) -> str:
    if len(pairs) == 1:
        return _pair_key(pairs[0])
    return "+".join(sorted(map(_pair_key, pairs)))


def _pair_key(pair: Pair) -> str:
    value = _SPECIAL.sub(r"\\\g<0>", folded_value(pair.value)) if pair.is_text else pair.value
    return f"{pair.name}={value}" if pair.name else value


class _Preparation(dict[int, str | None]):
    """What becomes of a character before it is compared (RFC 4518 section 2.2): nothing, a blank, or the same."""

    _BLANKS: Final = frozenset((0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x85))
    _NOTHING: Final = frozenset((0x034F, 0x1806, 0x180B, 0x180C, 0x180D, 0xFFFC, *range(0xFE00, 0xFE10)))

    def __missing__(self, code: int) -> str | None:
        category = unicodedata.category(chr(code))
        prepared: str | None = chr(code)
        if code in self._BLANKS or category in ("Zs", "Zl", "Zp"):
            prepared = " "
        elif code in self._NOTHING or category in ("Cc", "Cf"):
            prepared = None
        self[code] = prepared
        return prepared


_PREPARED: Final = _Preparation()
