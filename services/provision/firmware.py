"""Places files of the vendor into `provision.vendor_dir`, with their digests, and tells which phones they are for.

Phones compare names only: a file that changes under its name is never fetched again, so none is overwritten unasked.
The digests stand in `SHA256SUMS` beside the files, in the form of `sha256sum`; phones are never given it. A file that is only
for some is in the list of held files before it is in the folder: at no moment does anybody get it unasked.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from services.provision.rendering import Renderer
from services.provision.vendors.thomson.files import HELD, MANIFEST, choose_files, read_held
from services.provision.vendors.thomson.models import InfLine, Model
from shared.errors import DialtreeError

_READABLE: Final = 0o644


class Use(NamedTuple):
    """What a file is for a model."""

    model: Model
    line: InfLine
    """Of the general file."""
    given: bool
    """Phones of this model get it, unless a profile pins another."""
    held: bool
    """Phones get it only where a profile or the configuration names it."""


def uses_of(renderer: Renderer, name: str) -> tuple[Use, ...]:
    """Return the models that know a file of this name, and whether it is what they would be given with it in the folder."""
    found = []
    for model in renderer.models:
        lines = [line for line, own in choose_files([name], model.vendor_files).lines() if own]
        now = renderer.vendor.files(model, renderer.config.provision.pinned_files)
        given = {line for line, chosen in now.lines() if chosen.lower() == name.lower()}
        held = name.lower() in renderer.vendor.held
        found += [Use(model, line, line in given, held) for line in model.vendor_files if line in lines]
    return tuple(found)


def refuse_unplaceable(renderer: Renderer, source: Path) -> Path:
    """Return the folder that a file is for. Raises `DialtreeError` where it cannot be placed whatever is in it."""
    folder = renderer.config.provision.vendor_dir
    if folder is None:
        raise DialtreeError("provision.vendor_dir is not set; name the folder for vendor files")
    if not source.is_file():
        raise DialtreeError(f"{source} is no file; name the vendor's file")
    if not uses_of(renderer, source.name):
        raise DialtreeError(f"{source.name}: no model knows a file of this name; see `vendor_files` in models.toml")
    return folder


def place(renderer: Renderer, source: Path, *, held: bool = False, force: bool = False) -> str:
    """Copy a file into the folder, whole or not at all, and return its SHA-256. Raises `DialtreeError` with the mend.

    `held`: phones get it only where a profile or `provision.pinned_files` names it; else it is for all.
    """
    folder = refuse_unplaceable(renderer, source)
    name = source.name
    try:
        content = source.read_bytes()
        if not content:
            raise DialtreeError(f"{source} is empty; fetch it again")
        digest = hashlib.sha256(content).hexdigest()
        known = renderer.vendor.find(name)
        target = folder / name if known is None else known
        if (target.exists() or target.is_symlink()) and not force and _digest_of(target) != digest:
            raise DialtreeError(
                f"{target} is another file: phones compare names only, and those that have the name would never fetch "
                "the new one; give the file a new name, or say --force"
            )
        if held and (known is None or name.lower() in renderer.vendor.held):
            _hold(folder, target.name, held=True)  # before it is there, so that nobody gets it in between
        _write(target, content)
        if not held:
            _hold(folder, target.name, held=False)
        sums = {each: own for each, own in read_manifest(folder).items() if each != target.name} | {target.name: digest}
        _write(folder / MANIFEST, "".join(f"{sums[each]}  {each}\n" for each in sorted(sums)).encode())
    except OSError as error:
        raise DialtreeError(f"{error.filename or folder}: {error.strerror}; correct the folder or its rights") from None
    return digest


def _hold(folder: Path, name: str, *, held: bool) -> None:
    """Write or strike a name in the list of held files. Raises `OSError`."""
    written = read_held(folder)
    others = {each for each in written if each.lower() != name.lower()}
    wanted = others | ({name} if held else set())
    if wanted == written:
        return
    if wanted:
        _write(folder / HELD, "".join(f"{each}\n" for each in sorted(wanted)).encode())
    else:
        (folder / HELD).unlink()


def read_manifest(folder: Path) -> Mapping[str, str]:
    """Return the digest of each file that was placed here, by name. Raises `OSError`."""
    try:
        text = (folder / MANIFEST).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return {}
    parts = (line.partition("  ") for line in text.splitlines())
    return {name: digest for digest, _, name in parts if name}


def changed_files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files that are not those that were placed, with the mend."""
    try:
        sums = read_manifest(folder)
    except OSError as error:
        yield folder / MANIFEST, f"cannot be read: {error.strerror}; correct its rights"
        return
    for name, digest in sums.items():
        path = folder / name
        try:
            if _digest_of(path) != digest:
                yield path, f"is not the file that {MANIFEST} names; place it again: dialtree firmware add --force FILE"
        except FileNotFoundError:
            yield path, f"is gone, though {MANIFEST} names it; place it again, or delete its line there"
        except OSError as error:
            yield path, f"cannot be read: {error.strerror}; correct its rights"


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(target: Path, content: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=".placing-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(descriptor, _READABLE)
            os.fsync(descriptor)
        Path(temporary).replace(target)
    except BaseException:  # also for Ctrl-C: no half file is left behind
        Path(temporary).unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
