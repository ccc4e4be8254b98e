"""All files that phones are given, in a folder: to compare what a later version, or another configuration, would give them.

For each phone `MAC.inf` and `MAC.txt`, or `MAC.refused` with the reason; common files under the names that general files give
them. `dialtree render` prints the same files, so a folder can be made with a version that cannot save. The files hold SIP
passwords: folder 0700, files 0600.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from services.provision.filevalues import names_in
from services.provision.rendering import Renderer
from shared.errors import DialtreeError, EntryError, Malformed, Unknown
from shared.mac import Mac, parse_mac

_GENERAL, _OWN, _REFUSED = ".inf", ".txt", ".refused"
_COMMON: Final = "common_config"


class PhoneFiles(NamedTuple):
    """What one phone is given; all empty where it is unknown, or refused for the reason in `problem`."""

    general: bytes = b""
    common: bytes = b""
    own: bytes = b""
    problem: str = ""


def known_macs(db: sqlite3.Connection) -> list[Mac]:
    """Return the addresses of all phones, in order."""
    return [Mac(mac) for (mac,) in db.execute("SELECT DISTINCT mac FROM phone_macs ORDER BY mac").fetchall()]


def files_of(renderer: Renderer, db: sqlite3.Connection, mac: Mac) -> PhoneFiles:
    """Return a phone's files as they are served now. Raises `StoreUnavailable`."""
    if db.execute("SELECT 1 FROM phone_macs WHERE mac = ?", (mac,)).fetchone() is None:
        return PhoneFiles()
    asked = renderer.models.usual
    try:
        own = renderer.phone(db, asked, mac)
        return PhoneFiles(renderer.general(db, asked, mac), renderer.common_of(db, asked, mac), own)
    except (EntryError, Unknown) as error:
        return PhoneFiles(problem=str(error))


def save_all(renderer: Renderer, db: sqlite3.Connection, folder: Path) -> tuple[int, int]:
    """Write the files of all phones, and return how many there are and how many are refused.

    Raises `DialtreeError` when the folder holds anything already or cannot be written, `StoreUnavailable`.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise DialtreeError(f"{folder} is not empty; name a new folder")
        folder.chmod(0o700)
        macs, refused, written = known_macs(db), 0, set[str]()
        for mac in macs:
            files = files_of(renderer, db, mac)
            if files.problem:
                refused += 1
                _write(folder / f"{mac}{_REFUSED}", f"{files.problem}\n".encode())
                continue
            common = names_in(files.general)[_COMMON]
            if common not in written:
                written.add(common)
                _write(folder / common, files.common)
            _write(folder / f"{mac}{_GENERAL}", files.general)
            _write(folder / f"{mac}{_OWN}", files.own)
    except OSError as error:
        raise DialtreeError(f"{error.filename or folder} cannot be written: {error.strerror}") from error
    return len(macs), refused


def read_saved(folder: Path) -> dict[Mac, PhoneFiles]:
    """Return what `save_all` wrote. Raises `DialtreeError` when the folder holds no phone's files, or a part is missing."""
    try:
        found = dict(_read(folder))
    except OSError as error:
        raise DialtreeError(f"{error.filename or folder} cannot be read: {error.strerror}") from error
    if not found:
        raise DialtreeError(
            f"{folder} holds no phone's files; write them with `dialtree render --save`, before the upgrade"
        )
    return found


def _read(folder: Path) -> Iterator[tuple[Mac, PhoneFiles]]:
    commons: dict[str, bytes] = {}
    for path in sorted(folder.iterdir()):
        try:
            mac = parse_mac(path.stem)
        except Malformed:
            continue
        if path.suffix == _REFUSED:
            yield mac, PhoneFiles(problem=path.read_text(encoding="utf-8").strip())
        elif path.suffix == _OWN:
            general = path.with_suffix(_GENERAL).read_bytes()
            common = names_in(general).get(_COMMON, "")
            if not common:
                raise DialtreeError(f"{path.with_suffix(_GENERAL)} names no common file; save the files anew")
            if common not in commons:
                commons[common] = (folder / common).read_bytes()
            yield mac, PhoneFiles(general, commons[common], path.read_bytes())


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(content)
