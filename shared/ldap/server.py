"""One bound connection to one LDAP server: the only module that imports ldap3, which opens, encrypts and binds it.

Searches go over the same socket with our own messages, one at a time, because ldap3 collects a whole answer in memory.
Every error of a socket, of TLS, of ldap3 or of the encoding becomes `SourceUnavailable` here. No password leaves.
"""

import ipaddress
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import urlsplit

import ldap3
from ldap3.core.exceptions import LDAPCertificateError, LDAPException
from ldap3.core.tls import check_hostname

from shared.config import Bind, Ldap
from shared.errors import SourceUnavailable
from shared.ldap.ber import BerError
from shared.ldap.messages import (
    SEARCH_DONE,
    UNSOLICITED,
    Message,
    SearchRequest,
    encode_search,
    read_messages,
    read_result,
)
from shared.ldap.source import Scope
from shared.ldap.waiting import Waiting, deadline
from shared.text import printable

_INVALID_CREDENTIALS: Final = 49
_NEEDS_ENCRYPTION: Final = (8, 13)
"""strongerAuthRequired, confidentialityRequired."""
_SCOPES: Final[Mapping[Scope, Literal["BASE", "LEVEL", "SUBTREE"]]] = {
    "base": ldap3.BASE,
    "one": ldap3.LEVEL,
    "subtree": ldap3.SUBTREE,
}
_NO_BASE: Final = (10, 32)
"""referral, noSuchObject."""
_CUT: Final = (3, 4, 11)
"""timeLimitExceeded, sizeLimitExceeded, adminLimitExceeded: what was sent until then is right."""
_NAMING_CONTEXTS: Final = "namingContexts"
_NAME_MISMATCH: Final = "doesn't match any name"
_FIRST_NUMBER: Final = 1_000_000
"""Message ids of searches begin far above those that ldap3 counts."""


class Look(NamedTuple):
    """The first entries that a search finds."""

    entries: tuple[tuple[str, Mapping[str, tuple[str, ...]]], ...]
    """DN, and attributes in lower case, without options."""
    is_cut: bool
    """A limit left some out."""


class Session:
    """A bound connection. The constructor opens it; every method raises `SourceUnavailable`, after which only `hang_up` is left."""

    def __init__(self, url: str, ldap: Ldap, bind: Bind) -> None:
        self.url = url
        self._ldap = ldap
        self._connection = self._prepare(bind)
        self._number = _FIRST_NUMBER
        self.waiting = Waiting(ldap.operation_timeout)
        self._messages = read_messages(self._receive)
        try:
            self._open_in_time(bind)
        except BaseException:  # also when it is interrupted: no socket is left behind
            self.hang_up()
            raise

    def search(self, search: SearchRequest, control: bytes = b"") -> Iterator[Message]:
        """Send the search and yield the messages of its answer as they come; the last one is its SearchResultDone.

        Read it within `errors`, to its end: what is left unread would be taken for the next answer.
        """
        self._number += 1
        self.waiting.begin()
        self._connection.socket.settimeout(self._ldap.operation_timeout)
        self._connection.socket.sendall(encode_search(self._number, search, control))
        for message in self._messages:
            self.waiting.next_message()
            if message.number == UNSOLICITED:
                raise SourceUnavailable(
                    f"{self.url}: the server ends the session: {read_result(message).text or 'no reason given'}"
                )
            if message.number != self._number:
                raise BerError(f"an answer to message {message.number}, which was not asked")
            yield message
            if message.tag == SEARCH_DONE:
                return

    def read(self, base: str, filter_text: str, attributes: list[str]) -> list[dict[str, tuple[str, ...]]]:
        """Return the entries of a small search by ldap3, attributes in lower case; none where they may not be read.

        Only before the first `search` of this session.
        """
        with self.errors(f"read {base}"):
            self._connection.search(
                base, filter_text, attributes=attributes, time_limit=int(self._ldap.operation_timeout)
            )
            found = [entry for entry in self._connection.response or () if entry["type"] == "searchResEntry"]
        return [
            {name.lower(): tuple(map(str, values)) for name, values in entry["attributes"].items()} for entry in found
        ]

    def look(
        self, base: str, scope: Scope, filter_text: str, attributes: list[str], most: int, *, names_only: bool
    ) -> Look | None:
        """Return at most so many entries of a search, however many there are; None where there is no such base.

        `names_only`: attributes without their values. Only before the first `search` of this session.
        """
        with self.errors(f"look at {base!r}"):
            self._connection.search(
                base,
                filter_text,
                search_scope=_SCOPES[scope],
                attributes=attributes,
                size_limit=most,
                types_only=names_only,
                time_limit=int(self._ldap.operation_timeout),
            )
            code = self._connection.result["result"]
            found = [entry for entry in self._connection.response or () if entry["type"] == "searchResEntry"]
        if code in _NO_BASE and not found:
            return None
        if code not in (0, *_CUT):
            raise SourceUnavailable(f"{self.url}: look at {base!r}: {self._connection.result['description']}")
        return Look(tuple((entry["dn"], _attributes(entry)) for entry in found), code in _CUT)

    def suffixes(self) -> tuple[str, ...]:
        """Return the naming contexts that the server tells (RFC 4512 section 5.1); none where it tells none."""
        with self.errors("look at the root DSE"):
            self._connection.search("", "(objectClass=*)", search_scope=ldap3.BASE, attributes=[_NAMING_CONTEXTS])
            found = [entry for entry in self._connection.response or () if entry["type"] == "searchResEntry"]
        return tuple(dn for entry in found for dn in _attributes(entry).get(_NAMING_CONTEXTS.lower(), ()) if dn)

    def end(self) -> None:
        """Say goodbye and close."""
        with suppress(LDAPException, OSError):
            self._connection.unbind()
        self.hang_up()

    def hang_up(self) -> None:
        """Close without a word, whatever state it is in."""
        if self._connection.socket is not None:
            self._connection.socket.close()

    @contextmanager
    def errors(self, step: str) -> Iterator[None]:
        """Turn what may go wrong in this step into `SourceUnavailable`, which names server, step and mend."""
        try:
            yield
        except LDAPException as error:
            raise SourceUnavailable(f"{self.url}: {step}: {self._explain(error)}") from error
        except TimeoutError as error:
            raise SourceUnavailable(f"{self.url}: {step}: {self._silence()}") from error
        except EOFError as error:
            raise SourceUnavailable(f"{self.url}: {step}: the server closed the connection") from error
        except OSError as error:
            raise SourceUnavailable(f"{self.url}: {step}: {error.strerror or error}") from error
        except BerError as error:
            raise SourceUnavailable(
                f"{self.url}: {step}: the answer is not LDAP ({error}); is this an LDAP port?"
            ) from error

    def _prepare(self, bind: Bind) -> ldap3.Connection:
        parts = urlsplit(self.url)
        encrypted = parts.scheme == "ldaps"
        server = ldap3.Server(
            parts.hostname or "",
            port=parts.port or (636 if encrypted else 389),
            use_ssl=encrypted,
            tls=self._tls() if encrypted or self._ldap.start_tls else None,
            get_info=ldap3.NONE,
            connect_timeout=self._ldap.connect_timeout,
        )
        return ldap3.Connection(
            server,
            user=bind.dn or None,
            password=self._password(bind),
            authentication=ldap3.SIMPLE if bind.dn else ldap3.ANONYMOUS,
            client_strategy=ldap3.SYNC,
            auto_bind=ldap3.AUTO_BIND_NONE,
            auto_referrals=False,
            check_names=False,
            read_only=True,
        )

    def _password(self, bind: Bind) -> str | None:
        """Return the password as its file has it now, so that a new one needs no restart."""
        try:
            return bind.password_file.current().reveal() if bind.password_file else None
        except ValueError as error:
            raise SourceUnavailable(f"{self.url}: bind as {bind.dn}: {error}") from error

    def _tls(self) -> ldap3.Tls:
        # ldap3's own default accepts any certificate
        validate = ssl.CERT_REQUIRED if self._ldap.check_certificate else ssl.CERT_NONE
        ca_file = str(self._ldap.ca_file) if self._ldap.ca_file else None
        with self.errors("TLS"):
            return _Tls(validate=validate, ca_certs_file=ca_file, valid_names=list(self._ldap.certificate_names))

    def _open_in_time(self, bind: Bind) -> None:
        seconds = self._ldap.connect_timeout + self._ldap.operation_timeout
        with deadline(seconds, lambda: self._connection.socket) as is_over:
            try:
                self._open(bind)
            except SourceUnavailable as error:
                if is_over():
                    raise SourceUnavailable(
                        f"{self.url}: connect: no whole answer within {seconds:g} s; the server hardly moves"
                    ) from error
                raise

    def _open(self, bind: Bind) -> None:
        with self.errors("connect"):
            self._connection.open(read_server_info=False)
            # not ldap3's receive_timeout, which takes whole seconds only
            self._connection.socket.settimeout(self._ldap.operation_timeout)
        if self._ldap.start_tls:
            with self.errors("StartTLS"):
                _ask(lambda: self._connection.start_tls(read_server_info=False))
        with self.errors("bind"):
            bound = _ask(lambda: self._connection.bind(read_server_info=False))
        if not bound:
            raise SourceUnavailable(
                f"{self.url}: bind as {bind.dn or 'anonymous'}: {_refusal(self._connection.result, bind)}"
            )

    def _receive(self) -> bytes:
        return self.waiting.receive(self._connection.socket)

    def _silence(self) -> str:
        return (
            f"no whole message for {self._ldap.operation_timeout:g} s; the server is frozen, or needs longer: "
            "index what the filter asks for, or raise ldap.operation_timeout"
        )

    def _explain(self, error: LDAPException) -> str:
        said = printable(str(error))
        host = urlsplit(self.url).hostname
        if isinstance(error, LDAPCertificateError) or _NAME_MISMATCH in said:
            return (
                f"the server's certificate is not for {host}; write the name that is in the certificate into ldap.urls, "
                "or list it in ldap.certificate_names"
            )
        if "timed out" in said:
            return self._silence()
        return next((f"{fix} ({_reason(said)})" for sign, fix in _FIXES if sign in said), said)


_FIXES: Final = (
    (
        "key usage extension",
        (
            "the CA's certificate has no keyUsage, which Python 3.13 requires (RFC 5280); "
            "issue it again with keyUsage=critical,keyCertSign,cRLSign"
        ),
    ),
    ("Missing Authority Key Identifier", "Python 3.13 requires an authorityKeyIdentifier (RFC 5280); issue it again"),
    ("Missing Subject Key Identifier", "Python 3.13 requires a subjectKeyIdentifier (RFC 5280); issue it again"),
    ("not marked critical", "Python 3.13 requires basicConstraints=critical of a CA (RFC 5280); issue it again"),
    ("certificate has expired", "the server's certificate, or its CA's, has expired; renew it"),
    ("not yet valid", "the server's certificate is not valid yet; set the clock of one of the two right"),
    ("CERTIFICATE_VERIFY_FAILED", "the server's certificate is not trusted; set ldap.ca_file to the CA that signed it"),
    ("WRONG_VERSION_NUMBER", "there is no TLS at this port; write the port of ldaps (636), or ldap:// and start_tls"),
    ("UNEXPECTED_EOF", "there is no TLS at this port; write the port of ldaps (636), or ldap:// and start_tls"),
    ("startTLS failed", "the server does not offer StartTLS; write ldaps://, or configure TLS at the server"),
    ("Connection refused", "nobody listens there; start the server, or correct ldap.urls"),
    ("Name or service not known", "no DNS server knows this name; correct ldap.urls"),
    ("Temporary failure in name resolution", "the name cannot be looked up now; look after DNS"),
)
"""What OpenSSL, the system or ldap3 say, and what that means; the first that fits counts."""


def _reason(said: str) -> str:
    """Return the words of OpenSSL, the system or ldap3 without the quotation marks and brackets that ldap3 adds."""
    return said.strip("()',\" ").replace("socket ssl wrapping error: ", "")


class _Tls(ldap3.Tls):
    """ldap3's TLS, without two faults of 2.9.1.

    It forgets the socket, still open, when the certificate is for another name; and from Python 3.12 on it compares
    names only, so that no certificate fits a server that is named by its address.
    """

    def wrap_socket(self, connection: ldap3.Connection, do_handshake: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        super().wrap_socket(connection, do_handshake=False)
        connection.socket.do_handshake()
        if self.validate == ssl.CERT_REQUIRED and not _has_address(connection.socket, connection.server.host):
            check_hostname(connection.socket, connection.server.host, self.valid_names)


def _has_address(encrypted: ssl.SSLSocket, host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    names: Any = (encrypted.getpeercert() or {}).get("subjectAltName", ())
    return any(kind == "IP Address" and ipaddress.ip_address(value) == address for kind, value in names)


def _attributes(entry: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {
        name.partition(";")[0].lower(): tuple(value.decode(errors="replace") for value in values or ())
        for name, values in entry["raw_attributes"].items()
    }


def _ask(request: Callable[[], object]) -> bool:
    try:
        return bool(request())
    except (LDAPException, OSError):  # some of them are a ValueError as well
        raise
    except (LookupError, TypeError, ValueError) as error:  # so ldap3 ends when an answer is not LDAP
        raise BerError(f"{type(error).__name__} in ldap3") from error


def _refusal(result: dict[str, Any], bind: Bind) -> str:
    said = printable(f"{result['description']} {result['message'] or ''}".strip())
    if result["result"] == _INVALID_CREDENTIALS and bind.password_file is not None:
        return f"{said}; check the DN and the password in {bind.password_file.path}"
    if result["result"] in _NEEDS_ENCRYPTION:
        return f"{said}; use an ldaps:// URL or set ldap.start_tls"
    return said
