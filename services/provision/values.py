"""Design law 4: a value is one line of ISO-8859-1, or it is refused. Pure text; nothing here knows whose value it is."""

from typing import Final

from shared.text import not_latin1, to_latin1

_NAMED: Final = 8
"""How many foreign characters a message names."""


class Unwritable(ValueError):
    """A value that no phone file can hold; the message is the rest of a sentence, "holds …; mend"."""


def shown_line(text: str) -> str:
    """Return a text for people as the file holds it: Latin letters that ISO-8859-1 lacks are spelt out, blanks around it go.

    Raises `Unwritable` for control characters and other scripts.
    """
    if not (text.isascii() and text.isprintable()):
        text = to_latin1(text)
        _refuse_control(text)
        foreign = not_latin1(text)
        if foreign:
            named = " ".join(f"{c} (U+{ord(c):04X})" for c in foreign[:_NAMED])
            raise Unwritable(f"holds {named}, which ISO-8859-1 lacks; write it in Latin letters")
    return text.strip()


def exact_line(text: str) -> str:
    """Return a text that machines compare (a SIP user, a password) unchanged; never quotes it.

    Raises `Unwritable` where the file could not hold it as it is.
    """
    if not (text.isascii() and text.isprintable()):
        _refuse_control(text)
        if not_latin1(text):
            raise Unwritable("holds characters that ISO-8859-1 lacks; choose another value")
    if text != text.strip():
        raise Unwritable("begins or ends with a blank, which a phone file cannot keep; delete the blank")
    return text


def _refuse_control(text: str) -> None:
    for character in text:
        if character in "\r\n":
            raise Unwritable("holds a line break; write it on one line")
        if character < " " or "\x7f" <= character <= "\x9f":
            raise Unwritable(f"holds the control character U+{ord(character):04X}; delete it")
