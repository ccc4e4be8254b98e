"""The lines of LDIF files (RFC 2849), whatever wrote them: character sets, line ends, continuations, comments, records.

Accepted beyond the RFC, because tools and people write it: UTF-16 and UTF-8 with a byte order mark, lines that end with a
carriage return alone, continuations that begin with a tab, DOS's Ctrl-Z behind the last line, no final newline.
No file is opened here, and nothing here knows an entry.
"""

import codecs
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final, NamedTuple

from shared.errors import LdifError

_UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UTF32_MARKS: Final = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_CTRL_Z: Final = b"\x1a"
ENTRY_BEGINS: Final = "an entry begins with dn:, after an empty line"
_FOLDS: Final = (b" ", b"\t")


class Line(NamedTuple):
    """A logical line: unfolded, without its line end, with the number of its first physical line.

    A named tuple, since a file has them by the million.
    """

    number: int
    raw: bytes


def error_at(name: str, number: int, problem: str) -> LdifError:
    """Return an error that names file and line."""
    return LdifError(f"{name}, line {number}: {problem}")


def records(name: str, lines: Iterable[bytes]) -> Iterator[list[Line]]:
    """Yield the lines of each record. `name` is the file's name for messages, `lines` its physical lines with their ends."""
    record: list[Line] = []
    version: Line | None = None
    is_first = True
    for line in _unfold(name, lines):
        if not line.raw:
            if record:
                yield record
                record = []
        elif not record and line.raw[:8].lower() == b"version:":  # in the middle, another file begins
            if line.raw.partition(b":")[2].strip() != b"1":
                raise error_at(name, line.number, "only version: 1 of LDIF exists; correct it")
            version = None if is_first else line
            is_first = False
        else:
            record.append(line)
            version, is_first = None, False
    if record:
        yield record
    if version is not None:
        raise error_at(name, version.number, f"{ENTRY_BEGINS}; remove this line")


def _unfold(name: str, lines: Iterable[bytes]) -> Iterator[Line]:
    """Yield logical lines, comments left out; an empty one ends a record."""
    number = 0
    parts: list[bytes] = []
    is_blank = False
    for at, raw in enumerate(_physical(name, lines), start=1):
        if raw[:1] in _FOLDS:
            if parts and parts[0]:
                parts.append(raw[1:])
                is_blank = not raw.strip()
                continue
            if raw.strip():
                problem = "a continuation without a line before it; remove the blank it begins with"
                raise error_at(name, at, problem)
            raw = b""  # noqa: PLW2901  # an empty line, to the eye
        if is_blank and raw[:3].lower() == b"dn:":  # those were no continuations, but empty lines with blanks in them
            yield from _joined(number, _without_blank_end(parts))
            number, parts = at, [b""]
        is_blank = False
        if len(parts) == 1:
            if parts[0][:1] != b"#":
                yield Line(number, parts[0])
        else:
            yield from _joined(number, parts)
        number, parts = at, [raw]
    yield from _joined(number, _without_blank_end(parts) if is_blank else parts)


def _joined(number: int, parts: list[bytes]) -> tuple[Line, ...]:
    return (Line(number, b"".join(parts)),) if parts and not parts[0].startswith(b"#") else ()


def _without_blank_end(parts: list[bytes]) -> list[bytes]:
    while parts[1:] and not parts[-1].strip():
        parts = parts[:-1]
    return parts


def _physical(name: str, lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines in UTF-8 (or what a Latin-1 file has), without their ends and byte order marks."""
    held: list[bytes] = []
    for number, line in enumerate(_decoded(name, lines), start=1):
        raw = line.rstrip(b"\r\n")
        if b"\0" in raw:
            raise error_at(name, number, "a NUL byte: the file is damaged, or no text; save it as UTF-8")
        if raw[-1:] == _CTRL_Z or held:  # the end of the file, unless something follows
            if not held or not raw.strip(b" \t\x1a"):
                held.append(raw)
                continue
            yield from held
            held = [raw] if raw[-1:] == _CTRL_Z else []
            if held:
                continue
        yield raw.removeprefix(codecs.BOM_UTF8)
    if held:
        yield held[0].rstrip(_CTRL_Z)


def _decoded(name: str, lines: Iterable[bytes]) -> Iterable[bytes]:
    """Return the lines with their ends; as they are, unless the file is UTF-16 or of an old Mac."""
    chunks = iter(lines)
    first = next(chunks, b"")
    if first.startswith(_UTF32_MARKS):
        raise error_at(name, 1, "the file is UTF-32; save it as UTF-8")
    if first.startswith(_UTF16_MARKS):
        chunks = _from_utf16(name, chain((first,), chunks))
        first = next(chunks, b"")
    chunks = chain((first,), chunks)
    if b"\r" in first.rstrip(b"\r\n"):  # the line end of old Macs
        return (line for chunk in chunks for line in chunk.splitlines())
    return chunks


def _from_utf16(name: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines with their ends, in UTF-8."""
    decode = codecs.getincrementaldecoder("utf-16")().decode
    number, rest = 1, ""
    for chunk, is_last in chain(((chunk, False) for chunk in chunks), ((b"", True),)):
        try:
            *whole, rest = (rest + decode(chunk, is_last)).split("\n")
        except UnicodeDecodeError as error:
            raise error_at(name, number, f"this is not UTF-16 ({error.reason}); save the file as UTF-8") from error
        for line in whole:
            yield f"{line}\n".encode()
        number += len(whole)
    if rest:
        yield rest.encode()
