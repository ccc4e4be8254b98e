"""What the options of an attribute description mean (RFC 4512 section 2.5): the one place that decides it. Pure.

An entry keeps the values of `cn` under `cn`, those of `cn;lang-pl` (RFC 3866) under `cn;lang-pl`, and those of
`cn;lang-ja;phonetic` (the readings of names in 389 DS and its relatives) under `cn;phonetic`. `range=0-1499` says only that
an answer comes in pieces (Active Directory). Values with any other option (`x-private`, `binary`) do not count.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

LANGUAGE: Final = ";lang-"
"""What stands between the name and the language tag in the key of values in a language."""
PHONETIC: Final = ";phonetic"
"""What ends the key of values that say how a name is spoken."""


def key_of(description: str) -> str | None:
    """Return the key under which an entry keeps the values of a description, or None where they do not count.

    `CN` is `cn`, `cn;Lang-PL` is `cn;lang-pl`, `member;range=0-1499` is `member`, `mobile;x-private` is None.
    """
    name, semicolon, rest = description.lower().partition(";")
    if not semicolon:
        return name
    options = [option for option in rest.split(";") if not option.startswith("range=")]
    languages = sorted(option for option in options if option.startswith("lang-"))
    others = [option for option in options if not option.startswith("lang-")]
    if others:
        return f"{name}{PHONETIC}" if others == ["phonetic"] else None
    return f"{name};{languages[0]}" if languages else name


def name_of_key(key: str) -> str:
    """Return the attribute name of a key, without what says a language."""
    return key.partition(";")[0]


def has_options(attributes: Iterable[str]) -> bool:
    """Tell whether any of these keys says more than a name; asked of every entry of a first load."""
    return ";" in "".join(attributes)


def values_of_all(attributes: Mapping[str, Sequence[str]], name: str) -> Iterator[str]:
    """Yield the values of an attribute, those in every language included, as a server's filter sees them."""
    yield from attributes.get(name, ())
    with_option = f"{name};"
    for key, values in attributes.items():
        if key.startswith(with_option):
            yield from values
