"""From a written value to plain signs: nothing invisible, no wrapping of addresses. Pure text: no country, no digits changed."""

import html
import re
import unicodedata
from typing import Final
from urllib.parse import unquote

_SIGNS: Final = (
    dict.fromkeys(map(ord, "‐‑‒–—―−⁃˗﹘﹣－ー─━"), "-")
    | dict.fromkeys(map(ord, "⁄∕／÷"), "/")
    | dict.fromkeys(map(ord, "’‘ʼ′´`＇"), "'")
    | dict.fromkeys(map(ord, "“”„‟«»‹›″＂"), '"')
    | dict.fromkeys(map(ord, "•∙⋅・･․．｡"), ".")
    | dict.fromkeys(map(ord, "·_"), "'")
    | dict.fromkeys(map(ord, "，、؛،；"), ",")
    | dict.fromkeys(map(ord, "¦｜￨∣│"), "|")
    | dict.fromkeys(map(ord, "［【〔〈《「{⟨"), "[")
    | dict.fromkeys(map(ord, "］】〕〉》」}⟩"), "]")
    | dict.fromkeys(map(ord, "\v\f\r\x85\u2028\u2029"), "\n")
    | {0x2116: " no ", 0x2121: " tel ", 0x213B: " fax ", 0x1F4E0: " fax "}
    | dict.fromkeys(map(ord, "☎☏✆📞📱🕿🕽🕾🖁📲🖀"), " tel ")
)
_NUMERO: Final = re.compile(r"(?<![^\W\d_])n[°º]", re.IGNORECASE)
_NAMED: Final = re.compile(
    r"""\s*(?:"[^"]*"\s*<([^<>]*)>|[^<>]*<\s*((?:sips?|tel|callto):[^<>]*)>).*""", re.IGNORECASE | re.DOTALL
)
_SCHEME: Final = re.compile(r"\s*(tel|sips?|callto|sms|facetime):(?://)?(?=[^\s])", re.IGNORECASE)
_PARAMETER: Final = re.compile(
    r";\s*(?:(?:npdi|user|transport|tag|isub|rn|cic|trunk-context|tgrp|lr)(?![\w-])[^;]*|[a-z-]+=[^;]*)", re.IGNORECASE
)
_CONTEXT: Final = re.compile(r";\s*phone-context=\s*(\+\d+)", re.IGNORECASE)
_OCTET: Final = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
NO_NUMBER: Final = re.compile(
    rf"\d+\.0+|\d+,\d{{1,2}}|[1-9]\d{{0,2}}(?:[,']\d{{3}})+(?:\.\d+)?|\d{{1,3}}(?:\.\d{{3}})+,\d+"
    rf"|{_DAY}([./-]){_MONTH}\1(?:{_YEAR}|\d\d)|{_MONTH}([/-]){_DAY}\2(?:{_YEAR}|\d\d)|{_YEAR}([./-]){_MONTH}\3{_DAY}"
    rf"|{_MONTH}/{_YEAR}|(?!\d\d(?:\.\d\d){{3}}$)(?:{_OCTET}\.){{3}}{_OCTET}"
)
"""A spreadsheet's float, an amount, a date, an address of IPv4."""


def clean(text: str) -> str:
    """Return the text in plain signs: any script's digits as ASCII, one kind of blank and dash, nothing invisible.

    HTML entities and the wrapping of SIP addresses and URIs are taken away.
    """
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = "".join(map(_plain, unicodedata.normalize("NFC", _NUMERO.sub(" no ", text)).translate(_SIGNS)))
    text = text.replace("\r", "\n").replace("\v", "\n").replace("\f", "\n").replace("_", "'")
    named = _NAMED.fullmatch(text)
    if named:
        text = named[1] if named[1] is not None else named[2]
    scheme = _SCHEME.match(text)
    if scheme:
        text = _without_scheme(scheme[1].lower(), text[scheme.end() :])
    elif ";" in text:
        text = _with_context(text)
    return text.strip()


def _plain(c: str) -> str:
    if c.isascii():
        return c
    category = unicodedata.category(c)
    if category == "Nd":
        return str(unicodedata.decimal(c))
    if category == "Zs":
        return " "
    if category in ("Cf", "Me") or "\ufe00" <= c <= "\ufe0f" or "\U000e0100" <= c <= "\U000e01ef":
        return ""
    if category == "Pd":
        return "-"
    simple = unicodedata.normalize("NFKC", c)
    return simple if len(simple) == 1 and not simple.isnumeric() else c


def _without_scheme(scheme: str, rest: str) -> str:
    rest = unquote(rest)
    if scheme.startswith("sip"):
        rest = re.split(r"@", rest, maxsplit=1)[0]
    return _with_context(re.split(r"[?@]", rest, maxsplit=1)[0] if scheme != "tel" else rest)


def _with_context(text: str) -> str:
    context = _CONTEXT.search(text)
    text = _PARAMETER.sub("", text)
    return f"{context[1]} {text}" if context and not text.lstrip().startswith("+") else text
