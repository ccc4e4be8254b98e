"""The order of the alphabet in a language, as keys whose bytes sort so. Pure: tables and string work, no I/O, no person.

Facts from the Unicode CLDR's collation rules of each language (unicode-org/cldr, `common/collation`): which letters stand
on their own, and where. Every other letter counts as its base letter (é as e), other scripts as they are transliterated.
Where there is a choice:

* German names stand as in its phone books (DIN 5007-2, CLDR `phonebk`): ä as ae, so that Müller and Mueller stand together.
* Letters count as one where the language still sorts them so: Czech ch, Hungarian sz, Danish aa; no longer Spanish ll.
* A name is sorted word by word: `Dupin, Zoé` before `Dupin-Martin, Anna` before `Dupinel, Eva`. Hyphens are blanks,
  apostrophes and dots do not count (O'Brien stands with Obrien).
* Names that differ by accents only: the one without comes first.

A letter that stands after another one is written as that one and `~`, which is above all letters: Spanish ñ is `n~`,
Swedish å, ä, ö are `z~`, `z~~`, `z~~~`. Greek and Cyrillic letters in their own languages are the 32 signs from `A` to the
backtick, above digits and below `a`: the language's own script comes first.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Final, get_args

from shared.sections.directory import Locale
from shared.text import fold

_DANISH: Final = "z<æ=ä=ę<ø=ö=ő=œ<å=aa d=đ=ð y=ü=ű"
_SWEDISH: Final = "z<å<ä=æ=ę<ö=ø=ő=œ=ô d=đ=ð y=ü=ű"
_CROATIAN: Final = "c<č<ć d<dž<đ l<lj n<nj s<š z<ž"
_SPANISH: Final = "n<ñ"
_RULES: Final[dict[str, str]] = {
    "bs": _CROATIAN,
    "cs": "c<č h<ch r<ř s<š z<ž",
    "cy": "c<ch d<dd f<ff g<ng l<ll p<ph r<rh t<th",
    "da": _DANISH,
    "de": "ae=ä oe=ö ue=ü",
    "el": "σ=ς",
    "es": _SPANISH,
    "et": "s<š<z<ž w<õ<ä<ö<ü",
    "eu": _SPANISH,
    "fi": _SWEDISH,
    "fo": "a<á d<ð=đ i<í o<ó u<ú y<ý z<æ=ä=ę<ø=ö=ő=œ<å=aa",
    "gl": _SPANISH,
    "hr": _CROATIAN,
    "hu": "c<cs d<dz<dzs g<gy l<ly n<ny o<ö=ő s<sz t<ty u<ü=ű z<zs",
    "is": "a<á d<ð=đ e<é i<í o<ó u<ú y<ý z<þ<æ=ä<ö=ø<å",
    "lt": "c<č i=y s<š z<ž",
    "lv": "c<č g<ģ i=y k<ķ l<ļ n<ņ r<ŗ s<š z<ž",
    "nb": _DANISH,
    "nn": _DANISH,
    "no": _DANISH,
    "pl": "a<ą c<ć e<ę l<ł n<ń o<ó s<ś z<ź<ż",
    "ro": "a<ă<â i<î s<ș=ş t<ț=ţ",
    "ru": "е=ё",
    "sk": "a<ä c<č h<ch o<ô s<š z<ž",
    "sl": "c<č<ć d<đ s<š z<ž",
    "sq": "c<ç d<dh e<ë g<gj l<ll n<nj r<rr s<sh t<th x<xh z<zh",
    "sv": _SWEDISH,
    "tr": "c<ç g<ğ h<ı o<ö s<ş u<ü",
    "uk": "г<ґ",
}
"""In the notation of CLDR: `z<å<ä=æ` puts å after z, then ä, and æ where ä is."""
_ALPHABETS: Final = {
    "bg": "абвгдежзийклмнопрстуфхцчшщъьюя",
    "el": "αβγδεζηθικλμνξοπρστυφχψω",
    "ru": "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "uk": "абвгдеєжзиіїйклмнопрстуфхцчшщьюя",
}
_DOUBLED: Final = frozenset({"hu"})
"""Languages that double letters which count as one by their first: ssz is sz and sz."""
_DOTLESS: Final = frozenset({"tr"})
"""Languages in which I is the capital of ı, and İ that of i."""


def sort_key(text: str, locale: Locale) -> str:
    """Return a key whose bytes (UTF-8, here always ASCII but for the accents at its end) sort as the language does.

    Every character is at or above the blank, so a caller may put what breaks ties behind a control character.
    """
    return collator(locale)(text)


@cache
def collator(locale: Locale) -> Callable[[str], str]:
    """Return `sort_key` of one language: a first load asks for keys by the hundred thousand."""
    return _Collator(locale).key


@cache
def letter_collator(locale: Locale) -> Callable[[str], str]:
    """Return the same without the accents at its end: equal for Guérin and Guerin, so that rows of one name meet."""
    return _Collator(locale).letters


class _Collator:
    def __init__(self, locale: str) -> None:
        self._keys = _keys_of(locale)
        self._is_dotless = locale in _DOTLESS
        several = sorted((letters for letters in self._keys if len(letters) > 1), key=len, reverse=True)
        plain = "".join(c for c in "abcdefghijklmnopqrstuvwxyz0123456789 !" if self._keys.get(c, c) == c)
        self._special = re.compile("|".join((*several, f"[^{plain}]"))).sub
        self._keeps_ascii = not self._is_dotless and not any(letters.isascii() for letters in self._keys)

    def key(self, text: str) -> str:
        if text.isascii():
            return self.letters(text)
        return f"{self.letters(text)} {self._lower(unicodedata.normalize('NFC', text))}"

    def letters(self, text: str) -> str:
        if not text.isascii():
            text = unicodedata.normalize("NFC", text)
        words = _words(self._lower(text))
        return words if self._keeps_ascii and text.isascii() else self._special(self._replace, words)

    def _lower(self, text: str) -> str:
        return text.replace("İ", "i").replace("I", "ı").lower() if self._is_dotless else text.lower()

    def _replace(self, found: re.Match[str]) -> str:
        letters = found[0]
        known = self._keys.get(letters)
        if known is None:
            known = self._keys[letters] = self._key_of_other(letters)
        return known

    def _key_of_other(self, letter: str) -> str:
        """Return the key of a letter that the language does not have: that of its base letter, or of what is written for it."""
        base = unicodedata.normalize("NFD", letter)[0]
        if base in self._keys:
            return self._keys[base]
        return "".join(self._keys.get(c, c) for c in _words(fold(letter)))


def _words(lower: str) -> str:
    """Let words part as they sort: a comma with its blank lowest, then blanks and hyphens."""
    words = lower.replace(" ", "!").replace(",!", " ").replace("-", "!")
    return words.replace("'", "").replace(".", "")


def _keys_of(locale: str) -> dict[str, str]:
    """Return the key of each letter, and of each few letters that count as one, which are not written as they are."""
    keys = {letter: chr(ord("A") + place) for place, letter in enumerate(_ALPHABETS.get(locale, ""))}
    for rule in _RULES.get(locale, "").split():
        first, *following = rule.split("<")
        base, *equal = first.split("=")
        start = keys.get(base, base)
        keys |= dict.fromkeys(equal, start)
        for place, letters in enumerate(following, 1):
            keys |= dict.fromkeys(letters.split("="), start + "~" * place)
    if locale in _DOUBLED:
        keys |= {letters[0] + letters: key * 2 for letters, key in keys.items() if len(letters) > 1}
    return keys


LOCALES: Final[tuple[Locale, ...]] = get_args(Locale)
