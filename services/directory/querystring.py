"""What was typed, out of a raw query string, however a vendor sends it. Pure; no words, no search."""

import re
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from services.directory.dialects.gigaset import FIELDS
from shared.errors import Malformed

_NAMES: Final = (b"q", b"name", b"search", b"term", b"n", *(field.encode() for field in FIELDS))
"""Names of the query, the first that is there: ours, and those seen in the field (phone-spec 1.1 and the vendors' guides)."""
_FILE: Final = re.compile(r"/(?:gs_)?phonebook\.xml$")
"""What a Grandstream phone adds to the URL it is given (XML Application Guide of 3/2009, page 5); not typed by anybody."""
_SEVERAL: Final = frozenset(field.encode() for field in FIELDS)
_FURTHEST: Final = 10_000
"""Number of the last row that a client may ask for; beyond that nobody pages, and each row costs."""


class Window(NamedTuple):
    """Which rows a client asks for by their number, and of which list.

    `first`: from this row on, or 0; `last`: up to this row, -1 for the very last, or 0; never both (Gigaset's specification
    3.1.1). `most`: how many. `kind`: the word by which a Gigaset base names the list: `pb` (public) or `pr` (private).
    """

    first: int
    last: int
    most: int
    kind: str = "pb"


def typed_text(query_string: str) -> str:
    """Return what was typed: the query of a raw query string, as WSGI gives it (bytes as ISO-8859-1).

    Percent-encoded UTF-8 or else ISO-8859-1; `+` is a blank; a percent sign that encodes nothing stays one.
    A Gigaset base sends several fields, each with `*` where it holds anything; they count together.
    """
    raw = query_string.encode("latin-1", errors="replace")
    if raw.startswith(b"q=") and b"&" not in raw:
        typed = _decoded(raw[2:])
        return _FILE.sub("", typed) if typed.endswith(".xml") else typed
    fields = _fields(raw)
    for name in _NAMES:
        if name in fields and name not in _SEVERAL:
            return _FILE.sub("", _decoded(fields[name]))
    texts = (_decoded(fields[name]).replace("*", " ").strip() for name in _NAMES if name in fields)
    return " ".join(text for text in texts if text)


def window_of(query_string: str, usual: int) -> Window:
    """Return which rows a client asks for, at most and usually so many. Raises `Malformed`."""
    fields = _fields(query_string.encode("latin-1", errors="replace"))
    first, last, count = (_number(fields, name) for name in (b"first", b"last", b"count"))
    if (first and last) or first < 0 or last < -1 or count < 0 or max(first, last) > _FURTHEST:
        raise Malformed("first, last and count do not name a part of a list")
    kind = "pr" if fields.get(b"type") == b"pr" else "pb"
    return Window(first if first or last else 1, last, min(count or usual, usual), kind)


def _fields(raw: bytes) -> dict[bytes, bytes]:
    """The first value of each name, names in lower case."""
    fields: dict[bytes, bytes] = {}
    for field in raw.split(b"&"):
        name, _, value = field.partition(b"=")
        fields.setdefault(name.lower(), value)
    return fields


def _number(fields: dict[bytes, bytes], name: bytes) -> int:
    text = fields.get(name, b"")
    try:
        return int(text or b"0")
    except ValueError:
        raise Malformed(f"{name.decode()} is not a number") from None


def _decoded(value: bytes) -> str:
    raw = unquote_to_bytes(value.replace(b"+", b" "))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
