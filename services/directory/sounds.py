"""How a folded word sounds in the language of the site, as a short code: words that sound alike have the same. Pure.

German and Dutch: the Cologne phonetics of Hans Joachim Postel (1969). French: silent endings and letters that share a sound
taken away, after the rules of a primary school's speller. Else: consonants by the place where they are spoken, as English
and its neighbours write them. Only asked when neither parts nor near misses found anything, so that coarse is good enough.
"""

import re
from collections.abc import Callable
from typing import Final

_COLOGNE: Final = {letter: code for letters, code in (
    ("aeijouy", "0"), ("b", "1"), ("fvw", "3"), ("gkq", "4"), ("l", "5"), ("mn", "6"), ("r", "7"), ("sz", "8"),
) for letter in letters}  # fmt: skip
_FRENCH: Final = tuple((re.compile(find), put) for find, put in (
    ("ph", "f"), ("tion$", "sion"), ("(?:e?aux?|o[stx]?)$", "o"), ("e?au", "o"), ("ain|ein|aim|eim|ym|yn|im(?=[bp])", "in"),
    ("am(?=[bp])|em(?=[bp])|en(?![aeiouyn])|an(?![aeiouyn])", "an"), ("om(?=[bp])", "on"), ("qu?|ck|c(?=[aoulrtk]|$)", "k"),
    ("c(?=[eiy])|ss?|z|x", "s"), ("ge(?=[ao])|g(?=[eiy])", "j"), ("gu(?=[eiy])", "g"), ("sch|sh|ch", "S"), ("y|ill?e?", "i"),
    ("ai|ei|et$|er$|ez$|ee$", "e"), ("h", ""), (r"([a-zA-Z])\1", r"\1"), ("(?<=..)(?:es?|[dpstx]+)$", ""), ("(?<=..)e$", ""),
))  # fmt: skip
_OTHER: Final = tuple((re.compile(find), put) for find, put in (
    ("^(?:kn|gn)", "n"), ("^wr", "r"), ("^wh", "v"), ("ph|gh(?=t)|w|v|f", "F"), ("sch|tsch|tch|ch|sh|cz|sz|c(?=[ij])", "S"),
    ("th|d|t", "T"), ("dg|g(?=[eiy])|j|y(?=[aeiou])", "J"), ("ck|c(?![eiy])|qu?|k|g|x", "K"), ("c|z|s", "Z"), ("b|p", "P"),
    ("m|n", "N"), ("[aeiouyh]+", "a"), (r"(.)\1+", r"\1"),
))  # fmt: skip


def _cologne(word: str) -> str:
    codes = [_cologne_letter(word, at) for at in range(len(word))]
    joined = re.sub(r"(.)\1+", r"\1", "".join(codes))
    return joined[:1] + joined[1:].replace("0", "")


def _cologne_letter(word: str, at: int) -> str:
    letter, before, after = word[at], word[at - 1 : at], word[at + 1 : at + 2]
    if letter == "h":
        return ""
    if letter == "p":
        return "3" if after == "h" else "1"
    if letter in "dt":
        return "8" if after and after in "csz" else "2"
    if letter == "x":
        return "8" if before and before in "ckq" else "48"
    if letter == "c":
        hard = "ahkloqrux" if at == 0 else "ahkoqux"
        return "4" if after and after in hard and not (before and before in "sz") else "8"
    return _COLOGNE.get(letter, "")


def _by_rules(rules: tuple[tuple[re.Pattern[str], str], ...]) -> Callable[[str], str]:
    def code(word: str) -> str:
        for find, put in rules:
            word = find.sub(put, word)
        return word

    return code


_CODES: Final[dict[str, Callable[[str], str]]] = {"de": _cologne, "nl": _cologne, "fr": _by_rules(_FRENCH)}
_ELSE: Final = _by_rules(_OTHER)
_LEAST_LETTERS: Final = 3
_LEAST_CODE: Final = 2


def sound_of(word: str, language: str) -> str:
    """Return the code of a folded word, or "" where it is too short to mean anything; `language`: ISO 639-1."""
    if len(word) < _LEAST_LETTERS or not word.isalpha():
        return ""
    code = _CODES.get(language, _ELSE)(word)
    return code if len(code) >= _LEAST_CODE else ""
