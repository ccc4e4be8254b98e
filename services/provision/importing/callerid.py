"""A caller id as Asterisk writes it, `"Alice \"Ali\" Martin" <1001>`: its name, its number, and back. Pure.

Source: `ast_callerid_parse` in Asterisk's main/callerid.c.
"""

import re
from typing import Final, NamedTuple

_QUOTED: Final = re.compile(r'\s*"(?P<name>(?:[^"\\]|\\.)*)"\s*(?:<(?P<number>[^<>]*)>?)?\s*')
_BRACKETED: Final = re.compile(r"(?P<name>[^<]*)<(?P<number>[^<>]*)>?\s*")
_ESCAPED: Final = re.compile(r"\\(.)")
_NOT_DIALLED: Final = re.compile(r"[\s().-]")
_NUMBER: Final = re.compile(r"\+?[0-9*#]+")
_NOBODY: Final = frozenset(
    {
        "account", "anonymous", "asterisk", "device", "endpoint", "ext", "extension", "phone", "private", "restricted", "sip",
        "softphone", "telephone", "unavailable", "unknown", "user",
    }
)  # fmt: skip
"""Words that a system writes where it knows no name."""


class CallerId(NamedTuple):
    """What a caller id says; "" where it does not."""

    name: str
    number: str


def parse_caller_id(text: str) -> CallerId:
    """Read `"Name" <number>`, `Name <number>`, `<number>`, a name alone or a number alone."""
    match = _QUOTED.fullmatch(text)
    if match:
        return CallerId(_ESCAPED.sub(r"\1", match["name"]).strip(), (match["number"] or "").strip())
    match = _BRACKETED.fullmatch(text)
    if match:
        return CallerId(match["name"].strip().strip('"').strip(), match["number"].strip())
    alone = text.strip().strip('"').strip()
    return CallerId("", alone) if is_number(alone) else CallerId(alone, "")


def is_number(text: str) -> bool:
    """Tell whether a text can be dialled."""
    return bool(_NUMBER.fullmatch(_NOT_DIALLED.sub("", text)))


def names_nobody(name: str) -> bool:
    """Tell whether a name is none: nothing, a number, or a system's word with or without one (`device`, `Extension 610`)."""
    words = [word for word in re.split(r"[\W_]+", name.casefold()) if not word.isdigit()]
    return all(word in _NOBODY for word in words if word)


def written_caller_id(name: str, number: str) -> str:
    """Return the caller id that says both."""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{number}>' if name else f"<{number}>"
