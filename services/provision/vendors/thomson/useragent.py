"""What a phone says of itself in `User-Agent`. A name, not a proof (design law 13)."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from shared.mac import Mac

_LONGEST: Final = 128
_AGENT: Final = re.compile(
    r"(?:thomson|technicolor) (?P<model>[A-Z0-9-]+)(?: hw(?P<hardware>\S+))?(?: fw(?P<firmware>\S+))?"
    r"(?: (?P<mac>(?:[0-9A-F]{2}-){5}[0-9A-F]{2}))?(?: .*)?",
    re.IGNORECASE | re.ASCII,
)


class UserAgent(NamedTuple):
    """`THOMSON ST2030 hw5 fw2.72 00-14-7F-E1-47-B3`; "" and None for what it does not say (phone-spec 1.2)."""

    model: str
    hardware: str
    firmware: str
    mac: Mac | None


def parse_user_agent(text: str) -> UserAgent | None:
    """Read the header in any letter case; None for what is no phone of this family."""
    return (
        _parse(text) if len(text) <= _LONGEST else None
    )  # no phone's is longer, and the cache is not to hold inventions


@lru_cache(maxsize=4096)
def _parse(text: str) -> UserAgent | None:
    match = _AGENT.fullmatch(text.strip())
    if match is None:
        return None
    mac = Mac(match["mac"].replace("-", "").upper()) if match["mac"] else None
    return UserAgent(match["model"], match["hardware"] or "", match["firmware"] or "", mac)
