"""Reads a text file that people wrote, in UTF-8 or ISO-8859-1. Nothing of its content is understood here."""

from pathlib import Path

from services.provision.importing.report import Place, Report
from shared.errors import DialtreeError


class ImportFault(DialtreeError):
    """What shall be imported cannot be read at all; names the file and the mend."""


def read_text(path: Path, report: Report) -> str:
    """Return the text, without a byte order mark. Raises `ImportFault`.

    A control character other than a tab or a line's end is reported, and read as a blank.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ImportFault(f"{path}: {error.strerror}; check the name and the permissions") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("iso-8859-1")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(_clean(line, Place(path.name, at), report) for at, line in enumerate(lines, start=1))


def _clean(line: str, place: Place, report: Report) -> str:
    if any(_is_control(character) for character in line):
        report.lost("unreadable bytes", place, "the line holds control characters", "write it anew as plain text")
        return "".join(" " if _is_control(character) else character for character in line)
    return line


def _is_control(character: str) -> bool:
    return (character < " " and character != "\t") or "\x7f" <= character <= "\x9f" or character in "\u2028\u2029"
