"""One connection: what may go wrong from the first packet on, each with server, step and mend in its message."""

import logging
import socket
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ldap3.core.exceptions import LDAPSocketOpenError

from shared.config import Bind
from shared.errors import RefreshRequired, SourceUnavailable
from shared.ldap import ber
from shared.ldap.entry import Entry
from shared.ldap.server import Session
from shared.ldap.source import Change, Delete, Done, Present, Upsert
from shared.settings import SecretFile
from tests.ldap.certificates import make_certificates
from tests.ldap.conftest import StartSlapd
from tests.ldap.directories import persons, read_all
from tests.ldap.fakes import done, fake_server, message, silent_server, sync_done, sync_entry, sync_info
from tests.ldap.test_syncrepl import bind_of, following, ldap_of

COOKIE = b"rid=000,csn=20240101000000.000000Z#000000#000#000000"
NEWER = b"rid=000,csn=20250101000000.000000Z#000000#000#000000"
FIRST, SECOND = bytes(range(16)), bytes(range(16, 32))
FIRST_UUID, SECOND_UUID = "00010203-0405-0607-0809-0a0b0c0d0e0f", "10111213-1415-1617-1819-1a1b1c1d1e1f"
Operation = bytes | tuple[bytes, tuple[bytes, ...]]


def answer_of(*operations: Operation, cookie: bytes | None = COOKIE, raw: bytes = b"") -> list[Change | Done]:
    with fake_server(*operations, raw=raw) as url, following(url, operation_timeout=0.2) as source:
        source.connect()
        return list(source.poll(persons(), cookie))


@pytest.mark.parametrize("start_tls", [True, False], ids=["StartTLS", "LDAPS"])
def test_an_encrypted_connection_works_with_the_right_authority(
    start_slapd: StartSlapd, tmp_path: Path, *, start_tls: bool
) -> None:
    tls = make_certificates(tmp_path / "tls")
    slapd = start_slapd(tls=tls, directives=["security simple_bind=128"])
    url = slapd.url.replace("127.0.0.1", "localhost") if start_tls else slapd.tls_url
    with following(url, bind=bind_of(slapd), start_tls=start_tls, ca_file=tls.ca) as source:
        assert len(read_all(source, persons()).entries) == 3


@pytest.mark.parametrize("start_tls", [True, False], ids=["StartTLS", "LDAPS"])
def test_a_certificate_of_another_authority_is_refused(
    start_slapd: StartSlapd, tmp_path: Path, *, start_tls: bool
) -> None:
    slapd = start_slapd(tls=make_certificates(tmp_path / "tls"))
    other = make_certificates(tmp_path / "other")
    url = slapd.url if start_tls else slapd.tls_url
    with (
        following(url, start_tls=start_tls, ca_file=other.ca) as source,
        pytest.raises(SourceUnavailable, match=r"not trusted; set ldap\.ca_file"),
    ):
        source.connect()
    with (
        following(url, start_tls=start_tls) as source,  # the system's authorities
        pytest.raises(SourceUnavailable, match="not trusted"),
    ):
        source.connect()


@pytest.mark.parametrize("start_tls", [True, False], ids=["StartTLS", "LDAPS"])
def test_a_certificate_for_another_name_is_refused_unless_that_name_is_listed(
    start_slapd: StartSlapd, tmp_path: Path, *, start_tls: bool
) -> None:
    tls = make_certificates(tmp_path / "tls", names="DNS:ldap.example.org")
    slapd = start_slapd(tls=tls)
    url = slapd.url if start_tls else slapd.tls_url
    with (
        following(url, start_tls=start_tls, ca_file=tls.ca) as source,
        pytest.raises(SourceUnavailable, match=r"certificate is not for .*ldap\.certificate_names"),
    ):
        source.connect()
    named = ("ldap.example.org",)
    with following(url, start_tls=start_tls, ca_file=tls.ca, certificate_names=named) as source:
        assert source.connect() == url


@pytest.mark.parametrize("start_tls", [True, False], ids=["StartTLS", "LDAPS"])
def test_a_server_may_be_named_by_an_address_of_its_certificate(
    start_slapd: StartSlapd, tmp_path: Path, *, start_tls: bool
) -> None:
    tls = make_certificates(tmp_path / "tls", names="IP:127.0.0.1")
    slapd = start_slapd(tls=tls)
    url = slapd.url if start_tls else slapd.tls_url.replace("localhost", "127.0.0.1")
    with following(url, start_tls=start_tls, ca_file=tls.ca) as source:
        assert source.connect() == url


def test_certificates_are_not_checked_only_where_the_configuration_says_so(
    start_slapd: StartSlapd, tmp_path: Path
) -> None:
    slapd = start_slapd(tls=make_certificates(tmp_path / "tls"))
    with following(slapd.tls_url, check_certificate=False) as source:
        assert len(read_all(source, persons()).entries) == 3


def test_a_server_without_start_tls_is_refused(start_slapd: StartSlapd) -> None:
    slapd = start_slapd()
    with following(slapd.url, start_tls=True) as source, pytest.raises(SourceUnavailable, match="StartTLS: "):
        source.connect()


def test_a_server_that_wants_encryption_names_the_mend(start_slapd: StartSlapd) -> None:
    slapd = start_slapd(directives=["security simple_bind=128"])
    with (
        following(slapd.url, bind=bind_of(slapd)) as source,
        pytest.raises(SourceUnavailable, match=r"confidentialityRequired.*ldaps://"),
    ):
        source.connect()


def test_a_missing_authority_file_is_named(tmp_path: Path) -> None:
    with (
        following("ldaps://localhost", ca_file=tmp_path / "nowhere.pem") as source,
        pytest.raises(SourceUnavailable, match=r"TLS: .*CA"),
    ):
        source.connect()


@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
def test_a_server_that_accepts_and_never_answers_is_noticed(scheme: str) -> None:
    with (
        silent_server() as port,
        following(f"{scheme}://127.0.0.1:{port}", connect_timeout=0.3, operation_timeout=0.3) as source,
        pytest.raises(SourceUnavailable, match=f"{scheme}://127.0.0.1:{port}: .*no whole message for"),
    ):
        source.connect()


def test_a_port_where_nobody_listens_is_an_error() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"ldap://127.0.0.1:{bound.getsockname()[1]}"
        with following(url) as source, pytest.raises(SourceUnavailable, match=r"connect: .*refused"):
            source.connect()


def test_a_name_that_does_not_exist_is_an_error() -> None:
    with (
        following("ldap://nowhere.invalid") as source,
        pytest.raises(SourceUnavailable, match=r"nowhere\.invalid: connect"),
    ):
        source.connect()


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x30\x03\x02\x01\x01",
        b"\x30\x80\x00\x00",
        b"\x00" * 40,
        b"0\x0c\x02\x01\x01a\x07\n\x01\x00",
    ],
)
def test_a_server_that_does_not_speak_ldap_is_an_error(raw: bytes) -> None:
    with (
        fake_server(bind=None, raw=raw) as url,
        following(url, operation_timeout=0.3) as source,
        pytest.raises(SourceUnavailable, match="bind: "),
    ):
        source.connect()


@settings(max_examples=15, deadline=None)
@given(raw=st.binary(min_size=1, max_size=60))
def test_any_bytes_in_an_answer_are_an_error_and_never_a_done(raw: bytes) -> None:
    with pytest.raises(SourceUnavailable):
        answer_of(raw=raw)


def test_a_delete_phase_names_what_is_gone() -> None:
    ids = ber.element(0xA3, ber.boolean(True), ber.element(ber.SET, ber.octets(FIRST), ber.octets(SECOND)))
    answer = answer_of(sync_info(ids), done(0, "", sync_done(NEWER, refresh_deletes=True)))
    assert answer == [Delete((FIRST_UUID, SECOND_UUID)), Done(NEWER, complete=False)]


def test_a_present_phase_names_what_is_left() -> None:
    ids = ber.element(0xA3, ber.element(ber.SET, ber.octets(FIRST)))
    answer = answer_of(sync_info(ids), done(0, "", sync_done(NEWER, refresh_deletes=False)))
    assert answer == [Present((FIRST_UUID,)), Done(NEWER, complete=True)]


def test_entries_may_be_present_added_modified_and_deleted_one_by_one() -> None:
    answer = answer_of(
        sync_entry(0, FIRST, "uid=a"),
        sync_entry(1, SECOND, "uid=b", CN=[b"B", b"\xe9t\xe9"], description=[b"not asked for"]),
        sync_entry(2, FIRST, "uid=a", cn=[]),
        sync_entry(3, SECOND, "uid=b"),
        done(0, "", sync_done(NEWER, refresh_deletes=True)),
    )
    assert answer == [
        Present((FIRST_UUID,)),
        Upsert(Entry(SECOND_UUID, "uid=b", {"cn": ("B", "été")})),
        Upsert(Entry(FIRST_UUID, "uid=a", {})),
        Delete((SECOND_UUID,)),
        Done(NEWER, complete=False),
    ]


def test_a_present_phase_that_a_delete_phase_follows_is_complete() -> None:
    answer = answer_of(
        sync_entry(0, FIRST, "uid=a"),
        sync_info(ber.element(0xA2, ber.octets(NEWER))),
        sync_entry(3, SECOND, "uid=b"),
        done(0, "", sync_done(NEWER, refresh_deletes=True)),
    )
    assert answer == [Present((FIRST_UUID,)), Delete((SECOND_UUID,)), Done(NEWER, complete=True)]


@pytest.mark.parametrize("new", [None, COOKIE], ids=["no cookie", "the same cookie"])
def test_an_answer_without_a_new_cookie_never_means_that_all_is_gone(new: bytes | None) -> None:
    assert answer_of(done(0, "", sync_done(new, refresh_deletes=False))) == [Done(COOKIE, complete=False)]


def test_new_cookies_delete_phase_ends_references_and_unknown_messages_are_passed_over() -> None:
    answer = answer_of(
        sync_info(ber.octets(NEWER, 0x80)),
        sync_info(ber.element(0xA1, ber.boolean(False))),
        ber.element(0x73, ber.octets("ldap://elsewhere/")),
        ber.element(0x79, ber.octets("1.2.3", 0x80)),
        done(0, "", sync_done(NEWER, refresh_deletes=True)),
    )
    assert answer == [Done(NEWER, complete=False)]


def test_refresh_required_asks_for_a_full_read_and_keeps_the_connection() -> None:
    with fake_server(done(4096, "reload")) as url, following(url) as source:
        source.connect()
        for _ in range(2):
            with pytest.raises(RefreshRequired):
                list(source.poll(persons(), COOKIE))


@pytest.mark.parametrize(
    ("code", "cookie", "mend"),
    [
        (3, COOKIE, "time limit.*limits anonymous"),
        (11, COOKIE, "administrative limit.*limits anonymous"),
        (12, COOKIE, "overlay syncprov"),
        (53, None, "result 53 because"),
        (50, COOKIE, "ACL"),
        (10, COOKIE, "referral"),
        (80, None, "result 80 because"),
    ],
)
def test_every_other_result_is_an_error_with_its_mend(code: int, cookie: bytes | None, mend: str) -> None:
    with pytest.raises(SourceUnavailable, match=mend):
        answer_of(sync_entry(1, FIRST, "uid=a"), done(code, "because"), cookie=cookie)


@pytest.mark.parametrize(
    ("operations", "complaint"),
    [
        ([ber.element(0x64, ber.octets("uid=a"), ber.element(ber.SEQUENCE))], "without its sync state"),
        ([sync_entry(9, FIRST, "uid=a")], "sync state"),
        ([sync_entry(1, b"short", "uid=a")], "entryUUID of 5 bytes"),
        ([ber.element(0x61)], "0x61"),
    ],
)
def test_what_breaks_the_protocol_is_an_error(operations: list[Operation], complaint: str) -> None:
    with pytest.raises(SourceUnavailable, match=f"not LDAP.*{complaint}"):
        answer_of(*operations, done())


def test_an_answer_to_something_else_is_an_error() -> None:
    with pytest.raises(SourceUnavailable, match="message 77"):
        answer_of(raw=message(77, done()[0]))


def test_a_server_that_ends_the_session_is_quoted() -> None:
    with pytest.raises(SourceUnavailable, match="ends the session: shutting down"):
        answer_of(raw=message(0, done(52, "shutting down", tag=0x78)[0]))


def test_a_part_of_the_tree_without_syncprov_says_so(start_slapd: StartSlapd) -> None:
    slapd = start_slapd()
    with following(slapd.url) as source:
        source.connect()
        with pytest.raises(SourceUnavailable, match="overlay syncprov"):
            list(source.poll(persons(base="cn=Subschema", scope="base", search="(objectClass=*)"), None))


def test_the_mend_of_a_size_limit_names_the_account(tmp_path: Path) -> None:
    (tmp_path / "ldap").write_text("x", encoding="utf-8")
    bind = Bind(dn="cn=reader,dc=example,dc=org", password_file=SecretFile(tmp_path / "ldap"))
    with fake_server(done(4, "")) as url, following(url, bind=bind) as source:
        source.connect()
        with pytest.raises(SourceUnavailable, match=r'limits dn\.exact="cn=reader,dc=example,dc=org" size=unlimited'):
            list(source.poll(persons(), None))


def test_nothing_is_logged_of_a_password(start_slapd: StartSlapd, caplog: pytest.LogCaptureFixture) -> None:
    slapd = start_slapd()
    with caplog.at_level(logging.DEBUG), following(slapd.url, bind=bind_of(slapd, "wrong-and-secret")) as source:
        with pytest.raises(SourceUnavailable):
            source.connect()
        assert "wrong-and-secret" not in caplog.text


def test_a_password_that_changes_in_its_file_is_used_by_the_next_connection(start_slapd: StartSlapd) -> None:
    slapd = start_slapd()
    bind = bind_of(slapd, "the old one")
    assert bind.password_file is not None
    with following(slapd.url, bind=bind) as source:
        with pytest.raises(SourceUnavailable, match="invalidCredentials"):
            source.connect()
        bind.password_file.path.write_text(slapd.root_password, encoding="utf-8")
        assert source.connect() == slapd.url


def test_a_password_file_that_is_gone_is_named_when_it_is_needed(start_slapd: StartSlapd) -> None:
    slapd = start_slapd()
    bind = bind_of(slapd)
    assert bind.password_file is not None
    bind.password_file.path.unlink()
    with (
        following(slapd.url, bind=bind) as source,
        pytest.raises(SourceUnavailable, match=r"cannot read .*reader\.password"),
    ):
        source.connect()


def test_a_port_without_tls_is_named_with_both_ways_out(start_slapd: StartSlapd) -> None:
    url = start_slapd().url.replace("ldap://", "ldaps://")
    with (
        following(url) as source,
        pytest.raises(SourceUnavailable, match=r"there is no TLS at this port; write the port of ldaps"),
    ):
        source.connect()


def test_a_server_without_starttls_is_named(start_slapd: StartSlapd) -> None:
    slapd = start_slapd()
    with (
        following(slapd.url, start_tls=True) as source,
        pytest.raises(SourceUnavailable, match="does not offer StartTLS"),
    ):
        source.connect()


@pytest.mark.parametrize(
    ("said", "fix"),
    [
        ("certificate verify failed: CA cert does not include key usage extension (_ssl.c:1020)", "has no keyUsage"),
        ("certificate verify failed: Missing Authority Key Identifier (_ssl.c:1020)", "authorityKeyIdentifier"),
        ("certificate verify failed: Basic Constraints of CA cert not marked critical", "basicConstraints=critical"),
        ("certificate verify failed: certificate has expired (_ssl.c:1006)", "has expired; renew it"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate", "set ldap.ca_file to the CA that signed it"),
        ("socket connection error while opening: [Errno 111] Connection refused", "nobody listens there"),
        ("invalid server address: [Errno -2] Name or service not known", "no DNS server knows this name"),
    ],
)
def test_what_the_libraries_say_is_told_with_the_fix(said: str, fix: str) -> None:
    with pytest.raises(SourceUnavailable) as caught, session_errors():
        raise LDAPSocketOpenError(said)
    assert fix in str(caught.value)
    assert said in str(caught.value)


def session_errors() -> AbstractContextManager[None]:
    """What a session makes of an error; no connection is opened for it."""
    session = Session.__new__(Session)
    session.url, session._ldap = "ldaps://ldap.example.org", ldap_of("ldaps://ldap.example.org")
    return session.errors("connect")
