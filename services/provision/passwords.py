"""What is wrong with a SIP password: it cannot be typed alike everywhere, or it can be guessed. Pure; nothing here shows one."""

import re
from collections.abc import Iterable
from enum import StrEnum
from itertools import pairwise
from typing import Final

LEAST_CHARACTERS: Final = 8
_WELL_KNOWN: Final = frozenset(
    """1q2w3e4r 1qaz2wsx abc admin administrator asterisk azerty bienvenue change changeit changeme changez default
    demo extension freepbx geheim guest hello iloveyou letmein login master monkey motdepasse nopassword pabx pass
    passphrase passw passwd password passwort pbx phone polycom pwd qwerty qwertz root secret secure sip snom
    startrek sunshine superman technicolor telefon telephone temp test tester testing thomson topsecret user voice
    voicemail voip wazo welcome xivo yealink""".split()  # noqa: SIM905
)
"""What a list of common passwords is made of, with the words of this trade; digits and signs around a word do not help it."""
_FEW: Final = 2
_LETTERS: Final = str.maketrans("013457@$!|", "oieastasil")
_ROWS: Final = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "azertyuiop", "qwertzuiop")


class Weakness(StrEnum):
    """Why somebody could guess a password; the value is the rest of a sentence."""

    GUESSED = "is easily guessed"
    """It is known, or follows from what anybody can know of the account."""
    SHORT = f"has fewer than {LEAST_CHARACTERS} characters"


def weakness_of(secret: str, known: Iterable[str]) -> Weakness | None:
    """Return why somebody could guess a password, None for one that is not easily guessed.

    `known`: what else is known of the account: user, number, names.
    """
    if _is_pattern(secret.casefold()) or _is_made_of(secret.casefold(), known):
        return Weakness.GUESSED
    return Weakness.SHORT if len(secret) < LEAST_CHARACTERS else None


def _is_pattern(plain: str) -> bool:
    if len(set(plain)) <= _FEW or _is_row(plain) or plain in (plain + plain)[1:-1]:  # `0000`, `abcdef`, `12341234`
        return True
    word = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    stems = (re.sub(r"[^a-z]", "", text.translate(_LETTERS)) for text in (plain, word))
    return not _WELL_KNOWN.isdisjoint((plain, word, *stems))


def _is_made_of(plain: str, known: Iterable[str]) -> bool:
    """Say whether nothing is left of a password without the words of its account, but a well-known word or a few signs."""
    bare = re.sub(r"[\W_]", "", plain)
    words = {
        word
        for text in known
        for word in (*re.split(r"[\W_]+", text.casefold()), re.sub(r"[\W_]", "", text.casefold()))
    }
    if bare in words or bare[::-1] in words:
        return True
    rest = bare
    for word in sorted(words, key=lambda word: (-len(word), word)):
        if len(word) > _FEW:
            rest = rest.replace(word, "")
    return rest != bare and (len(rest) <= _FEW or rest.translate(_LETTERS) in _WELL_KNOWN)


def _is_row(text: str) -> bool:
    """Say whether the characters follow one another in the alphabet, on a keyboard or in counting, either way."""
    if any(text in row or text in row[::-1] for row in _ROWS):
        return True
    return text.isascii() and text.isdigit() and len({(int(b) - int(a)) % 10 for a, b in pairwise(text)}) == 1
