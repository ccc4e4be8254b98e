"""Which of the names that an entry gives is shown, and by which others the person is found. Pure: strings, no entry.

**Shown** is a value of the first attribute of `ldap.mapping.person.display_name` that has a name (`displayName`, then
`cn`). Where it has several: the one that stands in the RDN; else one that holds surname and given name; else one that holds
the surname; of those the shortest, then by code points, so that every host shows the same. A value without a letter
(`4711`), or one word with a digit in the RDN that is no surname (`e4711`), names an account: it is shown only where
nothing else is there, surname and given name included.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from shared.ldap.entry import rdn_values
from shared.text import fold, is_blank, one_line

_LETTER: Final = re.compile(r"[^\W\d_]")
_DIGIT: Final = re.compile(r"\d")
_ADDITIONS: Final = re.compile(
    r"""(?P<core>.+?)(?P<additions>(?:,?\ (?:
        \([^()]*\) | \[[^\[\]]*\] | "[^"]*" | “[^”]*” | „[^“”]*[“”] | «[^»]*» | ‘[^’]*’ | '[^']*' | ”[^”]*”
      | (?:jr|sr|jun|sen)\.? | junior | senior | I{2,3} | IV
      | Ph\.?D\.? | M\.?D\.? | M\.?B\.?A\.? | [MB]\.?Sc\.? | [MB]\.?A\.? | LL\.?[BM]\.? | D\.?Phil\.? | Esq\.?
      | (?:née? | nee | geb\.? | geborene[rn]? | born | épouse | ép\. | veuve | dite? | alias | a\.?k\.?a\.? | formerly
        | f\. | ur\. | roz\. | z\ domu)\ .+
    ))+)""",
    re.IGNORECASE | re.VERBOSE,
)
"""What people write behind a name: a name at birth, a generation, a degree, what stands in brackets or quotes."""


class Names(NamedTuple):
    """The names of an entry. `display`: of each attribute that may be shown, its name and its values, in order."""

    display: Sequence[tuple[str, tuple[str, ...]]]
    surnames: tuple[str, ...]
    given_names: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Every name, each once."""
        values = (value for _, values in self.display for value in values)
        return tuple(dict.fromkeys((*values, *self.surnames, *self.given_names)))


class Shown(NamedTuple):
    """The name to show, as it is written, with its surname and given name; "" where there is none."""

    display_name: str
    surname: str
    given_name: str
    attribute: str = ""
    """Where the display name stands."""


def shown_of(names: Names, dn: str) -> Shown:
    """Return which name is shown of an entry with this DN."""
    surnames, given_names = sorted(filter(has_letter, names.surnames)), sorted(filter(has_letter, names.given_names))
    weak: Shown | None = None
    for attribute, values in names.display:
        in_rdn = _in_rdn(dn, values)
        ranked = sorted((*_rank(value, in_rdn, surnames, given_names), value) for value in values if one_line(value))
        if not ranked:
            continue
        is_weak, *_, name = ranked[0]
        shown = Shown(str(name), *_parts(str(name), surnames, given_names), attribute)
        if not is_weak:
            return shown
        weak = weak or shown
    if surnames or given_names or weak is None:
        surname, given_name = (
            min(each, default="") for each in (surnames or names.surnames, given_names or names.given_names)
        )
        return Shown("", surname, given_name)
    return weak


def has_letter(text: str) -> bool:
    """Tell whether a text holds a letter of any script."""
    return _LETTER.search(text) is not None


def split_additions(name: str) -> tuple[str, str]:
    """Cut off what is written behind a name: `Marie Dubois (née Lefort)` gives `Marie Dubois` and ` (née Lefort)`."""
    match = _ADDITIONS.fullmatch(name)
    return (match["core"], match["additions"]) if match else (name, "")


def plain_values(values: Iterable[str]) -> tuple[str, ...]:
    """Return the values that show something, sorted."""
    return tuple(sorted(value for value in values if not is_blank(value)))


def _rank(
    value: str, in_rdn: frozenset[str], surnames: Sequence[str], given_names: Sequence[str]
) -> tuple[bool, bool, int, int]:
    """Return what a value is judged by, the better the smaller: weakness, the RDN, what it holds, its length."""
    folded = f" {' '.join(fold(one_line(value)).replace(',', ' ').split())} "
    holds = [
        any(f" {' '.join(fold(one_line(name)).split())} " in folded for name in each)
        for each in (surnames, given_names)
    ]
    stands = value in in_rdn
    is_account = stands and " " not in value.strip() and _DIGIT.search(value) is not None
    weak = not has_letter(one_line(value)) or (is_account and bool(surnames) and not holds[0])
    return weak, not (stands and not weak), -(2 * holds[0] + holds[1]), len(value)


def _parts(name: str, surnames: Sequence[str], given_names: Sequence[str]) -> tuple[str, str]:
    """Return the surname and the given name that a name holds, else the first ones."""
    if len(surnames) < 2 and len(given_names) < 2:  # noqa: PLR2004
        return min(surnames, default=""), min(given_names, default="")
    name = one_line(name)
    core = fold(split_additions(name)[0])
    surname = max(
        surnames, key=lambda each: (_ends(core, fold(each)), _ends(fold(name), fold(each)), len(each)), default=""
    )
    given_name = max(given_names, key=lambda each: (fold(each) in core, len(each)), default="")
    return surname, given_name


def _ends(text: str, part: str) -> int:
    """Return 2 where the text ends with these words, 1 where it begins with them."""
    return 2 * f" {text}".endswith(f" {part}") or int(f"{text.replace(',', ' ')} ".startswith(f"{part} "))


def _in_rdn(dn: str, values: Iterable[str]) -> frozenset[str]:
    """Return which values stand in the RDN, whatever it calls the attribute (`cn`, `commonName`, `2.5.4.3`)."""
    standing = {fold(one_line(value)) for value in rdn_values(dn)}
    return frozenset(value for value in values if fold(one_line(value)) in standing)
