"""The private slapd itself: it says why it does not start, and keeps what it was given."""

from pathlib import Path

import pytest

from services.demo.slapd import PrivateSlapd
from shared.errors import DialtreeError
from tests.ldap.conftest import StartSlapd
from tests.ldap.directories import PEOPLE, SUFFIX, SlapdDirectory, dn_of, person, persons, read_all


def dns(slapd: PrivateSlapd) -> set[str]:
    source = SlapdDirectory(slapd).source()
    try:
        return read_all(source, persons(base=SUFFIX)).dns
    finally:
        source.close()


def test_it_keeps_its_content_over_stops_kills_and_starts(start_slapd: StartSlapd) -> None:
    slapd = start_slapd()
    slapd.start()  # runs already
    SlapdDirectory(slapd).add(dn_of("dora"), person("Dora"))
    slapd.kill()
    slapd.start()
    SlapdDirectory(slapd).delete(dn_of("bob"))
    slapd.freeze()
    slapd.stop()
    slapd.stop()
    slapd.start()
    assert dns(slapd) == {dn_of("alice"), dn_of("carol"), dn_of("dora")}


def test_a_tree_is_deleted_whole(start_slapd: StartSlapd) -> None:
    slapd = start_slapd()
    slapd.delete_tree(PEOPLE)
    assert dns(slapd) == set()


def test_it_starts_empty_in_a_folder_with_a_blank(tmp_path: Path, start_slapd: StartSlapd) -> None:
    with PrivateSlapd(tmp_path / "a folder") as slapd:
        slapd.modify(f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: x\n")
        assert dns(slapd) == set()
        assert (slapd.folder / "slapd.conf").stat().st_mode & 0o777 == 0o600


def test_a_port_in_use_is_named(tmp_path: Path, start_slapd: StartSlapd) -> None:
    running = start_slapd()
    with pytest.raises(DialtreeError, match=f"{running.port}.*Address already in use"):
        PrivateSlapd(tmp_path / "second", port=running.port).start()
    assert dns(running)


def test_a_wrong_directive_is_named(tmp_path: Path, start_slapd: StartSlapd) -> None:
    with pytest.raises(DialtreeError, match="unknown directive <nonsense>"):
        PrivateSlapd(tmp_path / "slapd", directives=["nonsense 1"]).start()


def test_content_that_does_not_fit_the_schemas_is_named_and_not_kept(tmp_path: Path, start_slapd: StartSlapd) -> None:
    content = tmp_path / "content.ldif"
    content.write_text(f"dn: {SUFFIX}\nobjectClass: nonsense\n", encoding="utf-8")
    slapd = PrivateSlapd(tmp_path / "slapd", ldif=content)
    for _ in range(2):
        with pytest.raises(DialtreeError, match=r"slapadd failed.*unrecognized objectClass 'nonsense'"):
            slapd.start()


def test_a_change_that_is_refused_is_named(start_slapd: StartSlapd) -> None:
    with pytest.raises(DialtreeError, match=r"ldapmodify failed.*No such object"):
        SlapdDirectory(start_slapd()).delete(dn_of("nobody"))


def test_a_stopped_server_cannot_be_frozen(tmp_path: Path) -> None:
    with pytest.raises(DialtreeError, match="not running"):
        PrivateSlapd(tmp_path).freeze()
