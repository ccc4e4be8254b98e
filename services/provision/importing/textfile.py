"""Reads a text file that people wrote: UTF-8, UTF-16 with a mark, Windows-1252 or ISO-8859-1. No content is understood here."""

import codecs
from pathlib import Path
from typing import Final

from services.provision.importing.report import Place, Report
from shared.errors import DialtreeError

_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class ImportFault(DialtreeError):
    """What shall be imported cannot be read at all; names the file and the mend."""


def read_text(path: Path, report: Report, shown: str = "") -> str:
    """Return the text, without a byte order mark. `shown`: the file's name in the report. Raises `ImportFault`.

    A control character other than a tab or a line's end is reported, and read as a blank.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ImportFault(f"{path}: {error.strerror}; check the name and the permissions") from None
    lines = _decoded(raw).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    name = shown or path.name
    return "\n".join(_clean(line, Place(name, at), report) for at, line in enumerate(lines, start=1))


def _decoded(raw: bytes) -> str:
    if raw.startswith(_UTF_16):
        return raw.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("iso-8859-1")


def _clean(line: str, place: Place, report: Report) -> str:
    if any(_is_control(character) for character in line):
        report.lost("unreadable bytes", place, "the line holds control characters", "write it anew as plain text")
        return "".join(" " if _is_control(character) else character for character in line)
    return line


def _is_control(character: str) -> bool:
    return (character < " " and character != "\t") or "\x7f" <= character <= "\x9f" or character in "\u2028\u2029"
