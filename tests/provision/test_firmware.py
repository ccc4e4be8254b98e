"""Files of the vendor are placed whole, under names that a model knows, and never changed under the same name unasked."""

import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli import main
from services.provision.firmware import changed_files, place, read_manifest, uses_of
from services.provision.rendering import Renderer
from services.provision.vendors.thomson.files import MANIFEST
from shared.errors import DialtreeError
from tests.provision.desk import configuration, vendor_files
from tests.provision.test_check import found, sound

NAME = "v2030SG.2.74.zz"
DIGEST = hashlib.sha256(b"new").hexdigest()


def given(folder: Path, name: str = NAME, content: bytes = b"new") -> Path:
    """A file somewhere else, to be placed."""
    source = folder / "downloads" / name
    source.parent.mkdir(exist_ok=True)
    source.write_bytes(content)
    return source


def renderer(folder: Path, *pinned: str) -> Renderer:
    return Renderer(configuration(vendor_dir=vendor_files(folder / "vendor"), pinned_files=pinned))


def test_a_file_is_placed_with_its_digest_for_all_to_read(tmp_path: Path) -> None:
    source = given(tmp_path)
    source.chmod(0o600)
    assert place(renderer(tmp_path), source) == DIGEST
    placed = tmp_path / "vendor" / NAME
    assert placed.read_bytes() == b"new"
    assert placed.stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "vendor" / MANIFEST).read_text() == f"{DIGEST}  {NAME}\n"
    assert sorted(path.name for path in (tmp_path / "vendor").iterdir()) == [MANIFEST, NAME]


def test_the_manifest_is_sorted_and_no_phone_is_given_it(tmp_path: Path) -> None:
    for name in (NAME, "ToneTbl.zz", "LangTbl.zz"):
        place(renderer(tmp_path), given(tmp_path, name))
    folder = tmp_path / "vendor"
    assert list(read_manifest(folder)) == sorted(read_manifest(folder))
    assert renderer(tmp_path).vendor.find(MANIFEST) is None


@pytest.mark.parametrize(
    ("name", "content", "why"), [("firmware.bin", b"new", "no model knows"), (NAME, b"", "is empty")]
)
def test_what_phones_cannot_use_is_not_placed(tmp_path: Path, name: str, content: bytes, why: str) -> None:
    with pytest.raises(DialtreeError, match=why):
        place(renderer(tmp_path), given(tmp_path, name, content))
    assert list((tmp_path / "vendor").iterdir()) == []


def test_another_file_of_the_same_name_stays_unless_it_is_forced(tmp_path: Path) -> None:
    place(renderer(tmp_path), given(tmp_path, NAME, b"old"))
    with pytest.raises(DialtreeError, match="compare names only"):
        place(renderer(tmp_path), given(tmp_path, NAME.upper()))
    assert (tmp_path / "vendor" / NAME).read_bytes() == b"old"
    place(renderer(tmp_path), given(tmp_path), force=True)
    assert place(renderer(tmp_path), given(tmp_path)) == DIGEST
    assert (tmp_path / "vendor" / NAME).read_bytes() == b"new"


def test_the_newest_file_or_the_pinned_one_is_given(tmp_path: Path) -> None:
    old = "v2030SG.2.72.zz"
    for name in (old, NAME):
        place(renderer(tmp_path), given(tmp_path, name))
    (use,) = uses_of(renderer(tmp_path), NAME)
    assert (use.model.name, use.line, use.given) == ("ST2030", "fwurl", True)
    assert [use.given for use in uses_of(renderer(tmp_path, old), NAME)] == [False]


def test_check_finds_a_file_that_changed_since_it_was_placed(tmp_path: Path) -> None:
    for name in (NAME, "ToneTbl.zz"):
        place(renderer(tmp_path), given(tmp_path, name))
    folder = tmp_path / "vendor"
    assert list(changed_files(folder)) == []
    (folder / NAME).write_bytes(b"else")
    (folder / "ToneTbl.zz").unlink()
    problems = {Path(each.where).name: each.problem for each in found(config=sound(vendor_dir=folder))}
    assert "place it again" in problems[NAME]
    assert "is gone" in problems["ToneTbl.zz"]


def test_the_commands_place_and_list(tmp_path: Path) -> None:
    folder = vendor_files(tmp_path / "vendor", "v2030SG.2.72.zz")
    (tmp_path / "none.ldif").touch()
    file = tmp_path / "dialtree.toml"
    file.write_text(
        f'[ldap]\nsource = "ldif"\nldif_file = "none.ldif"\n[provision]\nvendor_dir = "{folder}"\n', encoding="utf-8"
    )
    added = CliRunner().invoke(main, ["--config", str(file), "firmware", "add", str(given(tmp_path)), "--all"])
    assert added.exit_code == 0, added.output
    assert f"{DIGEST}  {NAME}" in added.output
    assert "ST2030: fwurl; gets it from now on" in added.output
    listed = CliRunner().invoke(main, ["--config", str(file), "firmware", "list"]).output
    assert DIGEST in listed
    assert "those that pin it" in listed
    assert MANIFEST not in listed
