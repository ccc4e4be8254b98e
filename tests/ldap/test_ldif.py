"""An LDIF file that people edit while it is followed."""

import hashlib
import os
import time
from pathlib import Path
from typing import Any

import pytest

from shared.config import Bind, Ldap
from shared.errors import LdifError, SourceUnavailable
from shared.ldap.ldif import LdifSource
from shared.ldap.open import open_source
from shared.ldap.source import Done, Upsert
from tests.ldap.directories import PEOPLE, SUFFIX, dn_of, first_content, ldif_of, person, persons, read_all

LONG_AGO = 1_600_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "directory.ldif"
    path.write_text(ldif_of(first_content()), encoding="utf-8")
    return path


def settle(path: Path, when: int = LONG_AGO) -> None:
    """Make the file look as if it had been written long ago."""
    os.utime(path, (when, when))


def rewrite(path: Path, content: str) -> None:
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123  # not counted by `opened`
        file.write(content)
    settle(path)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every file that is opened through `Path`."""
    names: list[Path] = []
    really_open = Path.open

    def noted(self: Path, *arguments: Any) -> Any:
        names.append(self)
        return really_open(self, *arguments)

    monkeypatch.setattr(Path, "open", noted)
    return names


@pytest.fixture
def writer(path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts that somebody appends to the file, one each time that it was read half."""
    texts: list[str] = []
    really_digest = hashlib.file_digest

    def interrupted(file: Any, name: str) -> Any:
        digest = really_digest(file, name)
        if texts:
            with path.open("a", encoding="utf-8") as appended:
                appended.write(texts.pop(0))
        return digest

    monkeypatch.setattr(hashlib, "file_digest", interrupted)
    return texts


def test_the_identity_is_the_absolute_path(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    assert LdifSource(Path(path.name)).connect() == f"ldif:{path}"


def test_a_missing_file_is_unavailable_until_it_is_there(path: Path) -> None:
    source = LdifSource(path)
    copy = read_all(source, persons())
    path.rename(path.with_suffix(".old"))
    with pytest.raises(SourceUnavailable, match=r"directory\.ldif: No such file.*ldap\.ldif_file"):
        source.connect()
    with pytest.raises(SourceUnavailable, match="No such file"):
        list(source.poll(persons(), copy.cookie))
    path.with_suffix(".old").rename(path)
    assert copy.follow(source, persons()) == [Done(copy.cookie, complete=False)]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable):
        list(LdifSource(tmp_path).poll(persons(), None))


def test_an_edit_that_does_not_parse_is_reported_at_each_poll_until_it_is_mended(path: Path) -> None:
    source = LdifSource(path)
    copy = read_all(source, persons())
    good = path.read_text(encoding="utf-8")
    path.write_text(good.replace("cn: Bob", "cn Bob"), encoding="utf-8")
    line = good.splitlines().index("cn: Bob Müller") + 1
    for _ in range(3):
        with pytest.raises(LdifError, match=f"{path}, line {line}: no colon"):
            list(source.poll(persons(), copy.cookie))
    with pytest.raises(LdifError):
        list(source.poll(persons(), None))
    path.write_text(good.replace("cn: Bob", "cn: Robert"), encoding="utf-8")
    copy.follow(source, persons())
    assert copy.named(dn_of("bob")).attributes["cn"] == ("Robert Müller",)


def test_a_mended_file_with_the_old_content_is_unchanged(path: Path) -> None:
    source = LdifSource(path)
    copy = read_all(source, persons())
    good = path.read_bytes()
    path.write_bytes(b"nonsense\n")
    with pytest.raises(LdifError):
        list(source.poll(persons(), copy.cookie))
    path.write_bytes(good)
    assert copy.follow(source, persons()) == [Done(copy.cookie, complete=False)]


@pytest.mark.parametrize("settled", [True, False])
def test_an_edit_of_the_same_size_in_the_same_instant_is_seen(path: Path, *, settled: bool) -> None:
    source = LdifSource(path)
    now = int(time.time())
    settle(path, LONG_AGO if settled else now)
    copy = read_all(source, persons())
    if settled:
        path.unlink()  # an editor that replaces the file; the time that it sets back is not trusted alone
    path.write_text(ldif_of(first_content()).replace("Alice", "Ecila"), encoding="utf-8")
    settle(path, LONG_AGO if settled else now)
    copy.follow(source, persons())
    assert copy.named(dn_of("alice")).attributes["cn"] == ("Ecila Martin",)


def test_a_file_replaced_by_rename_is_seen(path: Path) -> None:
    settle(path)
    source = LdifSource(path)
    copy = read_all(source, persons())
    new = path.with_suffix(".new")
    new.write_text(ldif_of({**first_content(), dn_of("dora"): person("Dora")}), encoding="utf-8")
    settle(new)
    new.replace(path)
    copy.follow(source, persons())
    assert len(copy.entries) == 4


def test_a_touched_file_is_unchanged(path: Path) -> None:
    settle(path)
    source = LdifSource(path)
    copy = read_all(source, persons())
    path.touch()
    assert copy.follow(source, persons()) == [Done(copy.cookie, complete=False)]


def test_a_settled_content_is_opened_once_for_all_streams_and_all_polls(path: Path, opened: list[Path]) -> None:
    source = LdifSource(path)
    streams = [persons(), persons(search="(mobile=*)"), persons(base=SUFFIX, scope="base", search="(o=*)")]
    settle(path)
    copies = [read_all(source, stream) for stream in streams]
    for _ in range(3):
        for copy, stream in zip(copies, streams, strict=True):
            assert copy.follow(source, stream) == [Done(copy.cookie, complete=False)]
    assert opened == [path]
    rewrite(path, ldif_of({**first_content(), dn_of("dora"): person("Dora")}))
    for copy, stream in zip(copies, streams, strict=True):
        copy.follow(source, stream)
    assert opened == [path, path]
    assert [len(copy.entries) for copy in copies] == [4, 2, 1]


def test_a_full_read_after_the_content_was_dropped_reads_the_file_again(path: Path) -> None:
    settle(path)
    source = LdifSource(path)
    copy = read_all(source, persons())
    copy.follow(source, persons())
    assert read_all(source, persons()).entries == copy.entries


@pytest.mark.parametrize("content", [b"", b"dn: uid=a,dc=example,dc=org\nuid: a\ncn: half a na"], ids=["empty", "cut"])
def test_a_file_that_ends_in_mid_line_a_moment_ago_is_still_being_written(path: Path, content: bytes) -> None:
    source = LdifSource(path)
    copy = read_all(source, persons())
    path.write_bytes(content)
    assert copy.follow(source, persons()) == [Done(copy.cookie, complete=False)]
    with pytest.raises(SourceUnavailable, match="still being written"):
        list(source.poll(persons(), None))


def test_a_file_without_a_final_newline_is_believed_once_it_has_settled(path: Path) -> None:
    path.write_text(ldif_of(first_content()).rstrip("\n"), encoding="utf-8")
    settle(path)
    assert len(read_all(LdifSource(path), persons()).entries) == 3


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"version: 1\n"])
def test_a_file_without_an_entry_is_taken_for_a_mistake(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    settle(path)
    with pytest.raises(LdifError, match="no entry"):
        list(LdifSource(path).poll(persons(), None))


@pytest.mark.parametrize("times", [1, 3])
def test_a_file_that_changes_while_it_is_read_is_read_again(path: Path, writer: list[str], times: int) -> None:
    writer += [f"\n{ldif_of({dn_of(f'more{at}'): person('More')})}" for at in range(times)]
    assert len(read_all(LdifSource(path), persons()).entries) == 3 + times


def test_a_file_that_never_stops_changing_is_unavailable(path: Path, writer: list[str]) -> None:
    writer += ["# more\n"] * 100
    with pytest.raises(SourceUnavailable, match="still being written"):
        list(LdifSource(path).poll(persons(), None))


def test_an_escaped_comma_is_no_border_between_entries(path: Path) -> None:
    lookalike = r"cn=x\,ou=people\,dc=example,dc=org"
    path.write_text(ldif_of({**first_content(), lookalike: person("Nobody")}), encoding="utf-8")
    assert len(read_all(LdifSource(path), persons()).entries) == 3
    odd = rf"cn=end\\,{PEOPLE}"
    path.write_text(ldif_of({**first_content(), odd: person("Somebody")}), encoding="utf-8")
    assert len(read_all(LdifSource(path), persons()).entries) == 4


def test_a_matching_rule_is_refused(path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="needs an LDAP server"):
        list(LdifSource(path).poll(persons(search="(cn:caseExactMatch:=x)"), None))


def test_the_sample_is_read_through_the_configuration() -> None:
    sample = Path(__file__).resolve().parents[2] / "deploy" / "ldap" / "sample.ldif"
    source = open_source(Ldap(source="ldif", ldif_file=sample, base=SUFFIX), Bind())
    source.connect()
    answer = list(source.poll(persons(attributes="cn displayName"), None))
    assert len([item for item in answer if isinstance(item, Upsert)]) >= 40
