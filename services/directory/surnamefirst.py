"""`Jean Dupin` as `Dupin, Jean`: how a name stands in a list that is sorted by surnames. Pure: strings, no person.

Only a surname that ends or begins the name is moved. What people write behind a name
(`shared.personnames.split_additions`) stays behind it: `Martin Luther King Jr.` is `King, Martin Luther Jr.`. A name that
is written surname first keeps its comma where it is: `Dubois (née Lefort), Marie`. A surname with nothing but a title stays
as it is: `Dr. Straßer`.
"""

from functools import lru_cache
from typing import Final

from shared.personnames import split_additions
from shared.text import fold

_TITLES: Final = frozenset({
    "dr", "prof", "professor", "mr", "mrs", "ms", "miss", "mx", "sir", "dame", "lord", "lady", "mme", "mlle",
    "mgr", "me", "herr", "frau", "fr", "hr", "sr", "sra", "srta", "dott", "dottssa", "sig", "ing", "dipl", "mag",
    "lic", "med", "rer", "nat", "phil", "jur", "habil", "hc", "pd", "ra", "univ", "doc", "bc", "pan",
    "pani",
})  # fmt: skip


def surname_first(name: str, surname: str) -> str:
    """Return the name with its surname first; both are clean (`shared.text.one_line`), and either may be ""."""
    parts, size = name.split(" "), surname.count(" ") + 1
    if not surname or len(parts) <= size:
        return name
    folded = _folded(surname)
    if _folded(" ".join(parts[-size:])) == folded:
        return _moved(name, parts, size)
    front = " ".join(parts[:size])
    if _folded(front.removesuffix(",")) == folded:
        return _parted(name, front, " ".join(parts[size:]))
    core, additions = split_additions(name)
    parts = core.split(" ")
    if additions and len(parts) > size and _folded(" ".join(parts[-size:])) == folded:
        moved = _moved(core, parts, size)
        return name if moved == core else f"{moved}{additions}"
    return name


def _moved(name: str, parts: list[str], size: int) -> str:
    """Move the last words, so many of them, to the front."""
    rest = parts[:-size]
    if all(map(_is_title, rest)):
        return name
    return f"{' '.join(parts[-size:])}, {' '.join(rest).removesuffix(',')}"


def _parted(name: str, front: str, rest: str) -> str:
    """Put a comma behind a surname that stands first, or behind what belongs to it."""
    if front.endswith(","):
        return f"{front} {rest}"
    _, additions = split_additions(f"{front} {rest}")
    if "," in rest.removesuffix(additions.strip(" ")) or f" {rest}" == additions:
        return name
    words = rest.split(" ")
    for count in range(len(words) - 1, 0, -1):  # `Dubois (née Lefort) Marie`
        behind = f" {' '.join(words[:count])}"
        if split_additions(f"{front}{behind}") == (front, behind):
            return f"{front}{behind}, {' '.join(words[count:])}"
    return f"{front}, {rest}"


@lru_cache(maxsize=8192)
def _is_title(word: str) -> bool:
    return fold(word).replace(".", "").strip(",") in _TITLES


@lru_cache(maxsize=8192)
def _folded(text: str) -> str:
    """Surnames come again and again."""
    return fold(text)
