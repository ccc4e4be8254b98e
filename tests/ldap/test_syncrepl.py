"""Following OpenLDAP: what only a server can do, from restarts to size limits."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.demo.slapd import PrivateSlapd
from shared.config import Bind, Ldap
from shared.errors import RefreshRequired, SourceUnavailable
from shared.ldap.source import Change, Delete, Done, Present, Upsert
from shared.ldap.syncrepl import SyncreplSource
from shared.settings import SecretFile
from tests.ldap.conftest import StartSlapd
from tests.ldap.directories import (
    SUFFIX,
    Copy,
    SlapdDirectory,
    dn_of,
    first_content,
    ldif_of,
    person,
    persons,
    read_all,
)
from tests.tools import free_port

AN_OLD_COOKIE = b"rid=000,csn=20100101000000.000000Z#000000#000#000000"
A_FUTURE_COOKIE = b"rid=000,csn=29990101000000.000000Z#000000#000#000000"


def ldap_of(*urls: str, **settings: object) -> Ldap:
    return Ldap(urls=urls, base=SUFFIX, **{"connect_timeout": 5, "operation_timeout": 5, **settings})


def bind_of(slapd: PrivateSlapd, password: str | None = None) -> Bind:
    file = slapd.folder / "reader.password"
    file.write_text(slapd.root_password if password is None else password, encoding="utf-8")
    return Bind(dn=slapd.root_dn, password_file=SecretFile(file))


@contextmanager
def following(*urls: str, bind: Bind | None = None, **settings: object) -> Iterator[SyncreplSource]:
    source = SyncreplSource(ldap_of(*urls, **settings), bind or Bind())
    try:
        yield source
    finally:
        source.close()


def many_people(number: int, bytes_each: int) -> str:
    entries = first_content()
    for at in range(number):
        entries[dn_of(f"u{at}")] = {"uid": [f"u{at}"], **person(f"Person {at}", description=["x" * bytes_each])}
    return ldif_of(entries)


def read_until_it_breaks(items: Iterator[Change | Done]) -> list[Change | Done]:
    seen = []
    with pytest.raises(SourceUnavailable):  # noqa: PT012  # what came before the error counts
        for item in items:
            seen.append(item)  # noqa: PERF402
    return seen


def test_a_restart_of_the_server_loses_nothing_and_repeats_nothing(start_slapd: StartSlapd) -> None:
    slapd = start_slapd()
    with following(slapd.url) as source:
        copy = read_all(source, persons())
        SlapdDirectory(slapd).delete(dn_of("bob"))
        slapd.stop()
        with pytest.raises(SourceUnavailable, match="closed the connection"):
            list(source.poll(persons(), copy.cookie))
        slapd.start()
        answer = copy.follow(source, persons())
        assert copy.dns == {dn_of("alice"), dn_of("carol")}
        assert not [item for item in answer if isinstance(item, Upsert)]
        assert copy.follow(source, persons()) == [Done(copy.cookie, complete=False)]


def test_a_killed_server_is_followed_on_after_it_is_back(start_slapd: StartSlapd) -> None:
    slapd = start_slapd()
    with following(slapd.url) as source:
        copy = read_all(source, persons())
        SlapdDirectory(slapd).delete(dn_of("bob"))
        copy.follow(source, persons())
        slapd.kill()
        with pytest.raises(SourceUnavailable):
            list(source.poll(persons(), copy.cookie))
        with pytest.raises(SourceUnavailable, match=r"connect.*refused"):
            source.connect()
        slapd.start()
        SlapdDirectory(slapd).replace(dn_of("alice"), "cn", ["Alicia"])
        copy.follow(source, persons())
        assert copy.dns == {dn_of("alice"), dn_of("carol")}
        assert copy.named(dn_of("alice")).attributes["cn"] == ("Alicia",)


def test_a_session_log_tells_deletions_and_nothing_else(start_slapd: StartSlapd) -> None:
    slapd = start_slapd(sessionlog=100)
    with following(slapd.url) as source:
        copy = read_all(source, persons())
        bob = copy.named(dn_of("bob")).uuid
        SlapdDirectory(slapd).delete(dn_of("bob"))
        answer = copy.follow(source, persons())
        assert answer == [Delete((bob,)), Done(copy.cookie, complete=False)]


def test_without_a_session_log_all_that_is_left_is_named(start_slapd: StartSlapd) -> None:
    slapd = start_slapd(sessionlog=0)
    with following(slapd.url) as source:
        copy = read_all(source, persons())
        kept = {copy.named(dn_of(uid)).uuid for uid in ("alice", "carol")}
        SlapdDirectory(slapd).delete(dn_of("bob"))
        answer = copy.follow(source, persons())
        assert {uuid for item in answer if isinstance(item, Present) for uuid in item.uuids} == kept
        assert answer[-1] == Done(copy.cookie, complete=True)


def test_a_server_killed_in_mid_answer_gives_no_done(start_slapd: StartSlapd) -> None:
    slapd = start_slapd(ldif=many_people(8000, 2000))
    with following(slapd.url) as source:
        source.connect()
        answer = source.poll(persons(attributes="cn description"), None)
        assert isinstance(next(answer), Upsert)
        slapd.kill()
        assert all(isinstance(item, Upsert) for item in read_until_it_breaks(answer))
        slapd.start()
        assert len(read_all(source, persons()).entries) == 8003


def test_a_server_that_freezes_in_mid_answer_is_noticed(start_slapd: StartSlapd) -> None:
    slapd = start_slapd(ldif=many_people(8000, 2000))
    with following(slapd.url, operation_timeout=2) as source:
        source.connect()
        answer = source.poll(persons(attributes="cn description"), None)
        assert isinstance(next(answer), Upsert)
        slapd.freeze()
        assert all(isinstance(item, Upsert) for item in read_until_it_breaks(answer))


def test_a_frozen_server_is_noticed_and_followed_on_after_it_thaws(start_slapd: StartSlapd) -> None:
    slapd = start_slapd()
    with following(slapd.url, operation_timeout=2) as source:  # a busy machine may take one to answer
        copy = read_all(source, persons())
        slapd.freeze()
        with pytest.raises(SourceUnavailable, match="no whole message for 2 s; the server is frozen"):
            list(source.poll(persons(), copy.cookie))
        with pytest.raises(SourceUnavailable, match="bind: no whole message for 2 s"):
            source.connect()
        slapd.thaw()
        assert copy.follow(source, persons()) == [Done(copy.cookie, complete=False)]


def test_an_answer_that_nobody_reads_to_its_end_is_not_taken_for_the_next(start_slapd: StartSlapd) -> None:
    slapd = start_slapd()
    with following(slapd.url) as source:
        source.connect()
        answer = source.poll(persons(), None)
        next(answer)
        answer.close()  # type: ignore[attr-defined]
        assert len(read_all(source, persons()).entries) == 3


def test_polling_before_connecting_is_an_error() -> None:
    with following("ldap://127.0.0.1:1") as source, pytest.raises(SourceUnavailable, match="connect first"):
        list(source.poll(persons(), None))


@pytest.mark.parametrize("cookie", [None, b"cookie"], ids=["first read", "later"])
def test_a_size_limit_names_its_mend_and_gives_no_done(start_slapd: StartSlapd, cookie: bytes | None) -> None:
    slapd = start_slapd(size_limit=2)
    with following(slapd.url) as source:
        source.connect()
        answer = source.poll(persons(), AN_OLD_COOKIE if cookie else None)
        with pytest.raises(SourceUnavailable, match=r"size limit.*limits anonymous size=unlimited"):  # noqa: PT012
            for item in answer:
                assert not isinstance(item, Done)


def test_the_account_may_be_exempt_from_the_size_limit(start_slapd: StartSlapd) -> None:
    slapd = start_slapd(size_limit=2, directives=["limits anonymous size=unlimited time=unlimited"])
    with following(slapd.url) as source:
        assert len(read_all(source, persons()).entries) == 3


def test_an_ancient_cookie_gives_everything_again(start_slapd: StartSlapd) -> None:
    slapd = start_slapd()
    with following(slapd.url) as source:
        source.connect()
        answer = list(source.poll(persons(), AN_OLD_COOKIE))
        assert [type(item) for item in answer[:3]] == [Upsert, Upsert, Upsert]
        assert isinstance(answer[-1], Done)
        assert answer[-1].complete


def test_a_cookie_newer_than_the_server_asks_for_a_full_read(start_slapd: StartSlapd) -> None:
    slapd = start_slapd()
    with following(slapd.url) as source:
        source.connect()
        with pytest.raises(RefreshRequired):
            list(source.poll(persons(), A_FUTURE_COOKIE))
        assert len(list(source.poll(persons(), None))) == 4  # on the same connection


@pytest.mark.parametrize("cookie", [b"", b"garbage", b"\xff\x00", b"rid=000", b"rid=000,csn="])
def test_a_cookie_that_is_none_gives_a_complete_read(start_slapd: StartSlapd, cookie: bytes) -> None:
    slapd = start_slapd()
    with following(slapd.url) as source:
        source.connect()
        answer = list(source.poll(persons(), cookie))
        assert [type(item) for item in answer[:-1]] == [Upsert, Upsert, Upsert]
        assert isinstance(answer[-1], Done)
        assert answer[-1].complete
        assert list(source.poll(persons(), answer[-1].cookie)) == [Done(answer[-1].cookie, complete=False)]


def test_a_rebuilt_server_is_read_in_full(start_slapd: StartSlapd, tmp_path: Path) -> None:
    old = start_slapd()
    with following(old.url) as source:
        copy = read_all(source, persons())
    old.stop()
    rebuilt = start_slapd(port=old.port)
    SlapdDirectory(rebuilt).delete(dn_of("bob"))
    with following(rebuilt.url) as source:
        copy.follow(source, persons())
        assert copy.entries == read_all(source, persons()).entries


def test_the_next_server_of_the_list_is_used_when_one_is_down(start_slapd: StartSlapd) -> None:
    slapd = start_slapd()
    down = f"ldap://127.0.0.1:{free_port()}"
    with following(down, slapd.url) as source:
        with pytest.raises(SourceUnavailable, match=down):
            source.connect()
        assert source.connect() == slapd.url
        assert len(read_all(source, persons()).entries) == 3


def test_a_server_that_refuses_every_poll_is_left_for_the_next(start_slapd: StartSlapd) -> None:
    limited, whole = start_slapd(size_limit=1), start_slapd()
    with following(limited.url, whole.url) as source:
        assert source.connect() == limited.url
        with pytest.raises(SourceUnavailable):
            list(source.poll(persons(), None))
        assert source.connect() == whole.url


def test_a_server_that_has_answered_is_tried_again_first(start_slapd: StartSlapd) -> None:
    first, second = start_slapd(), start_slapd()
    with following(first.url, second.url) as source:
        copy = read_all(source, persons())
        first.stop()
        first.start()
        with pytest.raises(SourceUnavailable):
            list(source.poll(persons(), copy.cookie))
        assert source.connect() == first.url
        first.stop()
        with pytest.raises(SourceUnavailable):
            list(source.poll(persons(), copy.cookie))
        with pytest.raises(SourceUnavailable):
            source.connect()
        assert source.connect() == second.url


def test_a_wrong_password_is_named_without_the_password(start_slapd: StartSlapd) -> None:
    slapd = start_slapd()
    with following(slapd.url, bind=bind_of(slapd, "wrong-and-secret")) as source:
        with pytest.raises(SourceUnavailable, match=r"bind as cn=root.*invalidCredentials.*reader\.password") as caught:
            source.connect()
        assert "wrong-and-secret" not in repr(caught.value.__dict__) + str(caught.value)


def test_a_bound_account_sees_what_anonymous_may_not(start_slapd: StartSlapd) -> None:
    slapd = start_slapd(directives=["access to attrs=mobile by * none", "access to * by * read"])
    with following(slapd.url) as source:
        assert read_all(source, persons()).named(dn_of("alice")).attributes == {"cn": ("Alice Martin",)}
    with following(slapd.url, bind=bind_of(slapd)) as source:
        assert "mobile" in read_all(source, persons()).named(dn_of("alice")).attributes


def test_values_in_a_language_stand_apart_from_those_without_one(start_slapd: StartSlapd) -> None:
    entries = first_content()
    entries[dn_of("dora")] = {"uid": ["dora"], **person("Dora"), "cn;lang-fr": ["Dorothée"], "cn;lang-de": ["Dorothea"]}
    slapd = start_slapd(ldif=ldif_of(entries))
    with following(slapd.url) as source:
        attributes = read_all(source, persons()).named(dn_of("dora")).attributes
        assert {key: values for key, values in attributes.items() if key.startswith("cn")} == {
            "cn": ("Dora",),
            "cn;lang-de": ("Dorothea",),
            "cn;lang-fr": ("Dorothée",),
        }


def test_the_log_holds_the_command_that_repeats_a_poll_and_no_secret(
    start_slapd: StartSlapd, caplog: pytest.LogCaptureFixture
) -> None:
    slapd = start_slapd()
    with caplog.at_level(logging.DEBUG), following(slapd.url, bind=bind_of(slapd)) as source:
        copy = Copy()
        for _ in range(3):
            copy.follow(source, persons())
    commands = [record.getMessage() for record in caplog.records if record.name == "shared.ldap.syncrepl"]
    asked = f"-b ou=people,{SUFFIX} -s sub -E '!sync=ro' '(objectClass=inetOrgPerson)' cn mobile entryCSN"
    file = slapd.folder / "reader.password"
    assert commands == [f"ldapsearch -x -H {slapd.url} -D {slapd.root_dn} -y {file} {asked}"]
    assert slapd.root_password not in caplog.text
