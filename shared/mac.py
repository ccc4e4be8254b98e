"""A phone's hardware address, parsed once where it comes in."""

import re
from typing import NewType

from shared.errors import Malformed

Mac = NewType("Mac", str)
"""Twelve upper-case hexadecimal digits without separators, as in `ST2030S_<MAC>.txt`."""

_WRITINGS = re.compile(r"[0-9A-F]{12}|[0-9A-F]{2}([:-])(?:[0-9A-F]{2}\1){4}[0-9A-F]{2}|(?:[0-9A-F]{4}\.){2}[0-9A-F]{4}")


def parse_mac(text: str) -> Mac:
    """Parse any usual writing of a MAC address: `00:1f:9f:16:e8:49`, `00-1F-…`, `001f.9f16.e849`, `001F9F16E849`.

    Raises `Malformed` for anything else.
    """
    upper = text.strip().upper()
    if not _WRITINGS.fullmatch(upper):
        raise Malformed(f"{text!r} is not a MAC address (twelve hexadecimal digits such as 00:1F:9F:16:E8:49)")
    return Mac(re.sub(r"[:.-]", "", upper))
