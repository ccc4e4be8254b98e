"""The words of a name and of a query, folded, and the spellings under which a name is indexed. Pure: no SQL, no person, no page.

A typed word is folded once; a name is indexed under every way to write it that a keypad can type: `Müller` as `muller` and
`mueller`, `Mueller` as both too, `Jean-Luc` as `jean`, `luc`, `jeanluc` and `jl`, `O'Brien` as `o`, `brien` and `obrien`,
`H&M` as `hm` too, `24/7` as `247`, `van der Berg` as `vanderberg`. So a query needs no guessing.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from shared.text import fold

_WORDS: Final = re.compile("[a-z0-9]+")
_UNUSUAL: Final = re.compile("['`&+/.0-9-]")
"""What makes parts of a name that people also write as one word."""
_JOINED: Final = re.compile("[a-z0-9]+(?:(?:['`./+-]{1,2}| ?& ?)[a-z0-9]+)+")
_DIGITS: Final = re.compile("[0-9]+(?:[^a-z0-9]+[0-9]+)+")
"""Digits that a query reads as one number."""
_HYPHENED: Final = re.compile("[a-z]+(?:-[a-z]+)+")
_GIVEN_NAMES: Final = re.compile(", ([a-z]+[.]?(?: [a-z]+[.]?)+)")
"""`Moreau, Jean Luc`: all that stands behind the comma."""
_WITH_DOT: Final = re.compile("[a-z0-9]+[.]?")
"""An initial (`l.`) is no particle."""
_PARTICLES: Final = frozenset({
    "abd", "abu", "af", "al", "am", "av", "auf", "bar", "ben", "bin", "bint", "d", "da", "dal", "dalla",
    "dall", "das", "de", "degli", "dei", "del", "della", "delle", "dell", "den", "der", "des", "di", "do", "dos",
    "du", "el", "ibn", "in", "l", "la", "las", "le", "les", "lo", "los", "mac", "mc", "o", "op", "san",
    "sankt", "santa", "sao", "st", "st.", "saint", "sainte", "ten", "ter", "thor", "til", "und", "van", "vande",
    "vander", "vom", "von", "zu", "zum", "zur",
})  # fmt: skip
"""Words that stand before a surname, or within it, and that people write together with it."""
_ARTICLE: Final = re.compile("(?<![a-z0-9])'([a-z]) ([a-z0-9]+)")
"""`'t Hart` is `thart`."""
_TRUNK_ZERO: Final = re.compile(r"(\+[\d\s.-]*)\(\s*0\s*\)")
_UMLAUTS: Final = re.compile("[äöüøåÄÖÜØÅ\u0308\u030a]")
_WRITTEN_OUT: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ä": "ae", "Ö": "oe", "Ü": "ue", "Ø": "oe", "Å": "aa"}
)
_CONTRACTED: Final = re.compile("(?<![aeiouqg])([aou])e(?!u)")
"""`ue` that may stand for an umlaut: not that of Guerin, Jacques or Lecoeur."""

_KEYPAD: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for: folded words, none the beginning of another one. Empty: nothing was typed."""

    words: tuple[str, ...]

    @property
    def letters(self) -> int:
        """How many letters and digits there are; repeated words do not count."""
        return sum(map(len, self.words))


def words_of(text: str) -> tuple[str, ...]:
    """Return the folded words of a text, each once, in order. `Jean-Luc Müller` gives `jean`, `luc`, `muller`."""
    return tuple(dict.fromkeys(_WORDS.findall(fold(text))))


def spellings_of(text: str, folded: str) -> tuple[str, ...]:
    """Return every word under which a text is found, each once; `folded`: the same text, folded already."""
    words = _WORDS.findall(folded)
    if not text.isascii() and _UMLAUTS.search(text):
        out = fold(unicodedata.normalize("NFC", text).translate(_WRITTEN_OUT))
        words += _WORDS.findall(out)
        folded = f"{folded} {out}"
    if not folded.replace(", ", "").isalpha() and _UNUSUAL.search(folded):  # nearly all names are words and a comma
        words += _joined(folded)
    if len(words) > 2 or not _PARTICLES.isdisjoint(words):  # noqa: PLR2004  # nearly all names have two
        words += _together(folded)
    if "ue" in folded or "oe" in folded or "ae" in folded:
        words += [contracted(word) for word in words]
    return tuple(dict.fromkeys(words))


def _joined(folded: str) -> Iterator[str]:
    """Yield what a name with signs between its parts is without them, and the initials of hyphened parts."""
    for joined in _JOINED.findall(folded):
        yield "".join(_WORDS.findall(joined))
    for article, noun in _ARTICLE.findall(folded):
        yield article + noun
    for digits in _DIGITS.findall(folded):
        yield "".join(_WORDS.findall(digits))
    for hyphened in _HYPHENED.findall(folded):
        yield "".join(part[0] for part in hyphened.split("-"))


def _together(folded: str) -> Iterator[str]:
    """Yield surnames written as one word with their particles, and the initials of several given names."""
    given_names = _GIVEN_NAMES.search(folded)
    if given_names and given_names.end() == len(folded):
        yield "".join(name[0] for name in given_names[1].split(" "))
    for part in folded.split(","):
        words = _WITH_DOT.findall(part)
        for at, word in enumerate(words[:-1]):
            if word in _PARTICLES:
                end = next((end for end in range(at + 1, len(words)) if words[end] not in _PARTICLES), len(words) - 1)
                yield "".join(words[at : end + 1]).replace(".", "")


def contracted(word: str) -> str:
    """Return a word with the vowels that umlauts are written out with taken away: `mueller` gives `muller`."""
    return _CONTRACTED.sub(r"\1", word)


def keypad_of(word: str) -> str:
    """Return the keys of a telephone that spell a word: `dupin` is 38746."""
    return word.translate(_KEYPAD)


def parse_query(text: str) -> Query:
    """Read what was typed. Digits with blanks between them are one number: `01 99 00` is `019900`.

    A word that another one begins with asks for nothing more, so it is left out.
    """
    if "(" in text:
        text = _TRUNK_ZERO.sub(r"\1", text)
    found = _WORDS.findall(fold(text))
    words: list[str] = []
    for digits, group in groupby(found, str.isdigit):
        parts = list(group)
        words += ["".join(parts)] if digits else parts
    return _without_beginnings(words)


def respelled(query: Query) -> Iterator[Query]:
    """Yield other ways to write a query that found nothing: two words written as one."""
    words = query.words
    for at in range(len(words) - 1):
        one, two = words[at : at + 2]
        if not (one.isdigit() or two.isdigit()):
            yield _without_beginnings([*words[:at], one + two, *words[at + 2 :]])


def _without_beginnings(words: list[str] | tuple[str, ...]) -> Query:
    if len(words) == 1:
        return Query((words[0],))
    each = dict.fromkeys(words)
    return Query(tuple(w for w in each if not any(other != w and other.startswith(w) for other in each)))
