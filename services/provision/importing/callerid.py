r"""A caller id as Asterisk writes it, `"Alice \"Ali\" Martin" <1001>`: its name, its number, and back. Pure.

Source: `ast_callerid_parse` in Asterisk's main/callerid.c.
"""

import re
from typing import Final, NamedTuple

from shared.callerids import caller_number_of
from shared.people import caller_name_of

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
    number = caller_number_of(text)
    return CallerId("" if number and "<" not in text else caller_name_of(text), number)


def is_number(text: str) -> bool:
    """Tell whether a text can be dialled."""
    return bool(caller_number_of(text))


def names_nobody(name: str) -> bool:
    """Tell whether a name is none: nothing, a number, or a system's word with or without one (`device`, `Extension 610`)."""
    words = [word for word in re.split(r"[\W_]+", name.casefold()) if not word.isdigit()]
    return all(word in _NOBODY for word in words if word)


def written_caller_id(name: str, number: str) -> str:
    """Return the caller id that says both."""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{number}>' if name else f"<{number}>"
