"""The one table from path and User-Agent to dialect. Pure. Nothing here knows what a dialect writes."""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from services.directory.dialects import (
    cisco,
    fanvil,
    gigaset,
    grandstream,
    markup,
    plain,
    polycom,
    snom,
    thomson,
    yealink,
)
from services.directory.dialects.screen import Captions, Listing, Profile, Screen


class Dialect(NamedTuple):
    """How a vendor's phones are answered. `name`: of the path `/<name>/search`. `agents`: what their User-Agent holds."""

    name: str
    agents: re.Pattern[str]
    profile: Profile
    render: Callable[[Screen, Profile, Captions], bytes]
    asks: bool = False
    """An empty query is answered with the vendor's input page."""
    content_type: Callable[[Profile], str] = markup.content_type
    render_list: Callable[[Listing, Profile], bytes] | None = None
    """The client asks for rows by their number; there are no links."""


def _agents(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


THOMSON: Final = Dialect("thomson", _agents(r"^thomson |^technicolor "), thomson.PROFILE, thomson.render)
"""Also the dialect of `/search` for whoever is not known."""
DIALECTS: Final = (
    THOMSON,
    Dialect("yealink", _agents(r"yealink"), yealink.PROFILE, yealink.render, asks=True),
    Dialect("snom", _agents(r"\bsnom"), snom.PROFILE, snom.render, asks=True),
    Dialect("cisco", _agents(r"\bcisco|allegro-software-webclient"), cisco.PROFILE, cisco.render, asks=True),
    Dialect("grandstream", _agents(r"grandstream"), grandstream.PROFILE, grandstream.render),
    Dialect("fanvil", _agents(r"fanvil"), fanvil.PROFILE, fanvil.render, asks=True),
    Dialect("polycom", _agents(r"polycom"), polycom.PROFILE, polycom.render, asks=True, content_type=polycom.content_type),
    Dialect("gigaset", _agents(r"gigaset"), gigaset.PROFILE, gigaset.render, render_list=gigaset.render_list),
    Dialect(
        "json", _agents(r"(?!)"), plain.PROFILE, plain.render,
        content_type=plain.content_type, render_list=plain.render_list,
    ),
)  # fmt: skip
BY_NAME: Final = {dialect.name: dialect for dialect in DIALECTS}


def dialect_of(user_agent: str) -> Dialect:
    """Return the dialect of a User-Agent; Thomson's for one that nobody knows."""
    return next((dialect for dialect in DIALECTS if dialect.agents.search(user_agent)), THOMSON)
