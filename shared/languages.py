"""Language tags (RFC 5646): which languages somebody prefers, and which of the languages of a value is theirs. Pure."""

import re
from collections.abc import Iterable
from typing import Final

_PREFERENCE: Final = re.compile(
    r"\s*(?P<tag>[A-Za-z]{1,8}(?:[-_][A-Za-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*(?P<quality>[01](?:\.\d{0,3})?)\s*)?"
)
_NORWEGIAN: Final = {"nb": "no", "nn": "no"}
"""Phones know one Norwegian."""


def preferred_languages(text: str) -> tuple[str, ...]:
    """Return the tags of a `preferredLanguage` (RFC 2798 2.7) or an `Accept-Language` header, the most wanted first.

    In lower case, with hyphens: `da, fr-CH;q=0.8, en;q=0` gives `da`, `fr-ch`. What is no tag is left out.
    """
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(text.split(",")):
        match = _PREFERENCE.fullmatch(part)
        quality = float(match["quality"] or 1) if match else 0
        if match and quality > 0:
            wanted.append((-quality, place, _plain(match["tag"])))
    return tuple(dict.fromkeys(tag for _, _, tag in sorted(wanted)))


def best_tag(language: str, tags: Iterable[str]) -> str:
    """Return which of these tags is that of a language, "" where none is.

    The same one is best, then one that says less (`fr` for `fr-ch`), then one that says more (`pt-br` for `pt`).
    `fr-ca` is not that of `fr-ch`.
    """
    wanted = _plain(language)
    if not wanted:
        return ""
    fitting = [
        (tag != wanted, -len(tag) if _begins(wanted, tag) else len(tag), tag)
        for tag in map(_plain, tags)
        if _begins(wanted, tag) or _begins(tag, wanted)
    ]
    return min(fitting, default=(False, 0, ""))[2]


def _begins(tag: str, beginning: str) -> bool:
    return f"{tag}-".startswith(f"{beginning}-")


def _plain(tag: str) -> str:
    primary, hyphen, rest = tag.lower().replace("_", "-").partition("-")
    return f"{_NORWEGIAN.get(primary, primary)}{hyphen}{rest}"
