"""What is wrong in the folder of vendor files: files that no phone can be given, that nobody gets, that do not go together.

Nothing here prints, or reads what is in a file but to compare it with its digest.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from services.provision.commonfiles import known_chains
from services.provision.firmware import changed_files
from services.provision.lines import label_of
from services.provision.profiles import Fault
from services.provision.rendering import Renderer, pins_of
from services.provision.vendors.thomson.files import HELD, VendorFiles, line_of, read_held, unusable_files
from services.provision.vendors.thomson.models import Model
from services.provision.vendors.thomson.releases import older_files
from shared.findings import CONFIGURATION, Finding

_WHAT: Final = "vendor file"


class _Given(NamedTuple):
    """What the phones of a model get that pin the same files."""

    model: Model
    files: VendorFiles


def file_findings(renderer: Renderer, db: sqlite3.Connection) -> Iterator[Finding]:
    """Yield what is wrong. `db`: the service's tables."""
    folder = renderer.config.provision.vendor_dir
    yield from _of_pins(renderer, db)
    if folder is None:
        return
    for path, problem in (*unusable_files(folder), *changed_files(folder)):
        yield Finding(str(path), _WHAT, problem)
    given = _given(renderer, db)
    yield from _of_releases(folder, given)
    yield from _of_unused(renderer, folder, given)


def _given(renderer: Renderer, db: sqlite3.Connection) -> tuple[_Given, ...]:
    """Return what phones get: of each model, without a profile and with each."""
    own = renderer.config.provision
    pins = {pins_of((), own): None}
    for chain in known_chains(db):
        if not isinstance(chain, Fault):
            pins[pins_of(chain, own)] = None
    return tuple(_Given(model, renderer.vendor.files(model, pinned)) for model in renderer.models for pinned in pins)


def _of_releases(folder: Path, given: tuple[_Given, ...]) -> Iterator[Finding]:
    for model, files in given:
        for name, problem, is_fault in older_files(files, model.dsp_versions):
            yield Finding(str(folder / name), _WHAT, problem, is_fault)


def _of_unused(renderer: Renderer, folder: Path, given: tuple[_Given, ...]) -> Iterator[Finding]:
    """Yield the files that nobody gets, and what the list of held files says that is not so."""
    used = {name.lower() for _, files in given for _, name in files.lines()}
    prefixes = tuple(f"{model.prefix.lower()}_" for model in renderer.models)
    held = renderer.vendor.held
    for name in renderer.vendor.names:
        lower = name.lower()
        encrypted = lower.endswith(".ser") and lower.startswith(prefixes)  # a phone asks for it by its own address
        if lower not in used and not encrypted:
            yield Finding(str(folder / name), _WHAT, _why_unused(name, held, given), is_fault=False)
    try:
        written = read_held(folder)
    except OSError as error:
        yield Finding(str(folder / HELD), _WHAT, f"cannot be read: {error.strerror}; correct its rights")
        return
    for name in sorted(written):
        if renderer.vendor.find(name) is None:
            problem = f"names {name}, which is not in the folder; place it, or delete the line"
            yield Finding(str(folder / HELD), _WHAT, problem, is_fault=False)


def _why_unused(name: str, held: frozenset[str], given: tuple[_Given, ...]) -> str:
    rivals = [getattr(files, line) for model, files in given if (line := line_of(name, model))]
    if not rivals:
        return "is given to nobody: no model knows a file of this name; see `vendor_files` in models.toml, or delete it"
    if name.lower() in held:
        return "is held, and no profile names it; give it to all with dialtree firmware add --all, or delete it"
    winner = next((rival for rival in rivals if rival), "")
    return f"is given to nobody: {winner} goes before it; delete it" if winner else "is given to nobody; delete it"


def _of_pins(renderer: Renderer, db: sqlite3.Connection) -> Iterator[Finding]:
    pins = [(CONFIGURATION, "provision.pinned_files", name) for name in renderer.config.provision.pinned_files]
    attribute = label_of(renderer.config.ldap.mapping.profile.file)
    for chain in known_chains(db):
        if not isinstance(chain, Fault):
            pins += [(profile.dn, attribute, name) for profile in chain for name in profile.files]
    for where, what, name in pins:
        if renderer.vendor.find(name) is None:
            yield Finding(where, what, f"names {name}, which is not in provision.vendor_dir; place it there")
        elif not any(line_of(name, model) for model in renderer.models):
            problem = f"names {name}, which is no file of any model; see `vendor_files` in models.toml"
            yield Finding(where, what, problem)
