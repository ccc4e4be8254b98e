"""Text between Unicode, a phone's ISO-8859-1 and what a person types. Pure functions, no I/O."""

import re
import unicodedata
from typing import Final

from anyascii import anyascii

_LONGEST_SHOWN: Final = 1000
_SPACES: Final = frozenset(" \u00a0\u202f")


def printable(text: str, longest: int = _LONGEST_SHOWN) -> str:
    """Return the text as one line for a log, a table or a status, whatever a server or an entry put into it.

    Control characters, line ends, marks that turn the direction of writing, and all else that Unicode does not call
    printable are escaped as in Python (`\\x1b`, `\\u202e`). Of a longer text the first `longest` characters stay, then `…`.
    """
    if len(text) > longest:
        text = f"{text[:longest]}…"
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in _SPACES else c.encode("unicode_escape").decode() for c in text)


def printable_lines(text: str, longest: int = _LONGEST_SHOWN) -> str:
    """Return what `printable` does, line by line."""
    return "\n".join(printable(line, longest) for line in text.split("\n"))


_LETTERS: Final = str.maketrans(
    {
        "Œ": "OE", "œ": "oe", "Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "Ħ": "H", "ħ": "h", "ı": "i", "İ": "I",
        "ĸ": "k", "Ŋ": "N", "ŋ": "n", "Ŧ": "T", "ŧ": "t", "ſ": "s", "ẞ": "SS", "Ÿ": "Y", "Ə": "A", "ə": "a",
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "″": '"',
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "…": "...", "•": "·", "€": "EUR",
        "™": "TM", "\u2002": " ", "\u2003": " ", "\u2009": " ", "\u200a": " ", "\u202f": " ", "\u200b": "", "\ufeff": "",
    }
)  # fmt: skip
"""Letters and signs of the Latin script that ISO-8859-1 lacks and that a decomposition does not give."""

_ACCENTS: Final = re.compile("[\u0300-\u036f]+")
"""The combining marks of European scripts; folding is on the path of every name of a first load."""
_FOLDED: Final = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "ð": "d", "þ": "th"})


_GREEK: Final = {"ου": "ou", "αυ": "av", "ευ": "ev", "γγ": "ng", "γξ": "nx", "γχ": "nch"}
"""Greek letters that sound otherwise together than alone (ELOT 743, as in passports): `Παπαδόπουλος` is Papadopoulos."""
_GREEK_PAIR: Final = re.compile("[οαε][υύ]|γ[γξχ]", re.IGNORECASE)
_VOICELESS: Final = frozenset("θκξπσςτφχψ") | {""}
"""Before these, and at the end, the second letter of `αυ` and `ευ` is an f."""

_DROPPED: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\u20e3\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u23cf\u23e9-\u23fa\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u2775\u2794-\u27bf"
    "\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55\u3030\u303d\U0001f000-\U0001f0ff\U0001f170-\U0001f1ff\U0001f300-\U0001faff]+"
)
"""What has no place in a word: format characters and variation selectors (Unicode's Default_Ignorable_Code_Point and Cf),
and emoji with their signs, which a transliteration would spell out. A list of our own: Python's tables differ by its version."""
_NO_BREAK: Final = re.compile("[\u00a0\u2007\u202f]")
_BEYOND_LATIN1: Final = re.compile("[^\x00-\xff]")
_BEYOND_ASCII: Final = re.compile("[^\x00-\x7f]")


def is_blank(text: str) -> bool:
    """Tell whether a text shows nothing: empty, blanks, control and format characters."""
    if text.isascii() and text.isprintable():
        return not text or text.isspace()
    return not any(c.isprintable() and c != " " for c in _DROPPED.sub("", text))


def one_line(text: str) -> str:
    """Return a text as one line that shows: no format characters, no emoji, no control characters, single blanks; NFC."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        if _DROPPED.search(text):
            text = _DROPPED.sub("", text)
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())


def without_invisible(text: str) -> str:
    """Return a text without format characters and emoji, and the blanks around those; all else, faults as well, stays."""
    if text.isascii() or not _DROPPED.search(text):
        return text
    return re.sub(" {2,}", " ", _DROPPED.sub("", text)).strip(" ")


def joined_at_no_break(text: str) -> list[str]:
    """Return what stands around blanks at which no line breaks, as one word each time: it may have been one."""
    if text.isascii() or not _NO_BREAK.search(text):
        return []
    found: list[str] = []
    for run in text.split(" "):
        parts = _NO_BREAK.split(run)
        found += ["".join(parts[at : at + size]) for size in (2, 3) for at in range(len(parts) - size + 1)]
    return found


def to_latin1(text: str) -> str:
    """Return the text in characters of ISO-8859-1: what is there stays, known Latin letters are written with those that are.

    `Œuvrard` gives `OEuvrard`, `Łukasz` gives `Lukasz`. A character of another script stays as it is, so that
    the caller can refuse it (`not_latin1`): a name is never silently mangled (design law 4).
    """
    text = unicodedata.normalize("NFC", text)
    if text.isascii():
        return text
    return _BEYOND_LATIN1.sub(_latin, text)


def not_latin1(text: str) -> str:
    """Return the characters of the text that ISO-8859-1 lacks, each once, in order."""
    return "".join(dict.fromkeys(c for c in text if c > "\xff"))


def show_latin1(text: str) -> str:
    """Return the text in ISO-8859-1 for a screen: other scripts are transliterated, what has no sound is dropped.

    For what people read (a phonebook). Not for settings: use `to_latin1` there and refuse the rest.
    """
    latin = to_latin1(text)
    if latin.isascii():
        return latin
    return _BEYOND_LATIN1.sub(lambda found: anyascii(found[0]), _GREEK_PAIR.sub(_greek, _DROPPED.sub("", latin)))


def show_ascii(text: str) -> str:
    """Return the text without accents for a screen that shows no others: `Müller` is `Muller`, `Großmann` is `Grossmann`."""
    return _BEYOND_ASCII.sub(lambda found: anyascii(found[0]), show_latin1(text))


def fold(text: str) -> str:
    """Return lower-case ASCII for comparing: accents and case gone, other scripts transliterated.

    `Müller`, `MULLER` and `muller` are equal; `Łódź` is `lodz`; `Straße` is `strasse`; `Δημήτρης` is `dimitris`.
    """
    if text.isascii():
        return text.lower()
    folded = text.translate(_FOLDED_LETTERS)  # a tenth of the work, and right unless something else is in the text
    return folded if folded.isascii() else _fold_any(text)


def _fold_any(text: str) -> str:
    text = _DROPPED.sub("", text)
    plain = _plain(text)
    if plain.isascii():
        return plain
    plain = _plain(_GREEK_PAIR.sub(_greek, unicodedata.normalize("NFC", text)))
    return anyascii("".join(c for c in plain if not unicodedata.combining(c))).lower()


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS)).casefold().translate(_FOLDED)
    return _ACCENTS.sub("", decomposed)


def _greek(found: re.Match[str]) -> str:
    pair = found[0]
    plain = pair.lower().replace("ύ", "υ")
    written = _GREEK[plain]
    if plain in ("αυ", "ευ") and found.string[found.end() : found.end() + 1].lower() in _VOICELESS:
        written = f"{written[0]}f"
    if pair.isupper():
        return written.upper()
    return written.capitalize() if pair[0].isupper() else written


def _latin(found: re.Match[str]) -> str:
    character = found[0]
    known = character.translate(_LETTERS)
    if known != character:
        return known
    base = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    return base if base and all(c <= "\xff" for c in base) else character


_FOLDED_LETTERS: Final = {code: _fold_any(chr(code)) for code in (*range(ord("A"), ord("Z") + 1), *range(0xC0, 0x180))}
"""The letters of the Latin script up to Latin Extended-A, each folded once: folding goes letter by letter."""
