"""The phone's HTTP client: one plain GET a connection, and no mercy with the answer.

It follows no redirect, reads no chunks and unpacks nothing, as phones of 2010 do. An answer without `Content-Length` is
read until the server closes: PHP scripts sent such phonebooks for years, but no source says that every firmware reads them.
Nothing here may know what a file means. HTTPS is not spoken, which is a limit of this client and not of the phone.
"""

import asyncio
import re
import socket
import time
from dataclasses import dataclass
from typing import Final, NoReturn

from services.provision.vendors.thomson.simulator.complaints import Complaint, Refused, Rule

URL_LIMIT: Final = 128
"""Characters. Seen by others on phonebook links; no other limit is known, so it holds for every URL."""

TEXT_LIMIT: Final = 256 * 1024
"""Bytes of a file that the phone parses."""

BINARY_LIMIT: Final = 32 * 1024 * 1024
"""Bytes of a firmware or a table."""

_HEAD_LIMIT: Final = 8 * 1024
_LAST_PORT: Final = 65535
_REDIRECTS: Final = range(300, 400)

# RFC 9112 section 4: status-line = HTTP-version SP status-code SP [ reason-phrase ]
_STATUS_LINE: Final = re.compile(r"HTTP/1\.[01] ([1-5][0-9]{2})(?: [\t -~\x80-\xff]*)?")
# RFC 9110 section 5.6.2: token; RFC 9112 section 5: field-line = field-name ":" OWS field-value OWS
_FIELD_LINE: Final = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~\x80-\xff]*?)[ \t]*")
_URL: Final = re.compile(r"http://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?(/[^\x00-\x1f\x7f]*)")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request as a server's log would show it: path with query, status (None: no usable answer), seconds, bytes of the body."""

    path: str
    status: int | None
    seconds: float
    size: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body of one request, and what is odd about how they came."""

    status: int
    body: bytes
    complaints: tuple[Complaint, ...] = ()


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of a URL that a request is made of; `target` is one character a byte."""

    host: str
    port: int
    authority: str
    target: str


@dataclass(frozen=True, slots=True)
class Head:
    """Status and header fields of an answer, names in lower case, in order."""

    status: int
    fields: tuple[tuple[str, str], ...]

    def values(self, name: str) -> tuple[str, ...]:
        """Return every value of a field."""
        return tuple(value for known, value in self.fields if known == name)


class Client:
    """A phone's client. `exchanges` grows with each request; the phone sends one after the other, as the real one does."""

    def __init__(self, user_agent: str, *, timeout: float, absolute_form: bool = False) -> None:
        self.exchanges: list[Exchange] = []
        self._user_agent = user_agent
        self._timeout = timeout
        self._absolute_form = absolute_form

    async def get(self, url: str, *, limit: int, longest: int = URL_LIMIT) -> Answer:
        """Return the answer with at most `limit` bytes of body. `url` is one character a byte: raw bytes are possible.

        `longest`: characters of a URL that is still asked for.

        Raises `Refused` for everything that a phone does not understand; a status such as 404 is an answer.
        """
        address = parse_url(url, longest)
        started = time.monotonic()
        status: int | None = None
        size = 0
        try:
            async with asyncio.timeout(self._timeout):
                with await _connect(address, url) as connection:
                    await asyncio.get_running_loop().sock_sendall(connection, self._request(address))
                    reader = _Reader(connection, url)
                    head = parse_head(await reader.head(), url)
                    status = head.status
                    length = body_length(head, limit, url)
                    body = await (reader.rest(limit) if length is None else reader.body(length))
            size = len(body)
            return Answer(head.status, body, _unmeasured(url) if length is None else ())
        except OSError as error:
            reason = "timed out" if isinstance(error, TimeoutError) else error
            _refuse(Rule.UNREACHABLE, url, f"the server does not answer: {reason}")
        finally:
            self.exchanges.append(Exchange(address.target, status, time.monotonic() - started, size))

    def _request(self, address: Address) -> bytes:
        target = f"http://{address.authority}{address.target}" if self._absolute_form else address.target
        lines = (
            f"GET {target} HTTP/1.1",
            f"Host: {address.authority}",
            f"User-Agent: {self._user_agent}",
            "Connection: close",
        )
        return "".join(f"{line}\r\n" for line in (*lines, "")).encode("latin-1")


class _Reader:
    """Reads one answer from a connection."""

    def __init__(self, connection: socket.socket, url: str) -> None:
        self._connection = connection
        self._url = url
        self._rest = b""
        self._loop = asyncio.get_running_loop()

    async def head(self) -> bytes:
        """Return status line and header fields, without the empty line."""
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0 and len(data) <= _HEAD_LIMIT:
            more = await self._loop.sock_recv(self._connection, 4096)
            if not more:
                _refuse(Rule.RESPONSE, self._url, "the connection ended before the header did")
            data += more
        if not 0 <= end <= _HEAD_LIMIT:
            _refuse(Rule.RESPONSE, self._url, f"the header is longer than {_HEAD_LIMIT} bytes")
        self._rest = data[end + 4 :]
        return data[:end]

    async def body(self, length: int) -> bytes:
        """Return exactly `length` bytes, after which the server closes as it was asked to; fewer or more are refused."""
        parts = bytearray(self._rest)
        while len(parts) <= length and (more := await self._loop.sock_recv(self._connection, 65536)):
            parts += more
        if len(parts) < length:
            _refuse(
                Rule.TRUNCATED, self._url, f"Content-Length is {length}, but the body ended after {len(parts)} bytes"
            )
        if len(parts) > length:
            _refuse(Rule.RESPONSE, self._url, f"more than the {length} bytes that Content-Length announces")
        return bytes(parts)

    async def rest(self, limit: int) -> bytes:
        """Return all that comes until the server closes; more than `limit` bytes are refused."""
        parts = bytearray(self._rest)
        while len(parts) <= limit and (more := await self._loop.sock_recv(self._connection, 65536)):
            parts += more
        if len(parts) > limit:
            _refuse(Rule.TOO_LARGE, self._url, f"more than {limit} bytes; the phone takes no more")
        return bytes(parts)


async def _connect(address: Address, url: str) -> socket.socket:
    """Return a connection to the first of the host's addresses that takes one. Raises `OSError`, `Refused`."""
    loop = asyncio.get_running_loop()
    try:
        found = await _addresses(address)
    except UnicodeError:
        _refuse(Rule.URL, url, "the host's name cannot be looked up")
    failure = OSError("the host's name has no address")
    for family, target in found:
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            await loop.sock_connect(connection, target)
        except OSError as error:
            connection.close()
            failure = error
        except BaseException:  # also when the task is cancelled: no socket is left behind
            connection.close()
            raise
        else:
            return connection
    raise failure


async def _addresses(address: Address) -> list[tuple[int, tuple[str, int]]]:
    """Return family and target of each address of a host; one that is written as an address is not looked up."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, address.host)
        except OSError:
            continue
        return [(family, (address.host, address.port))]
    found = await asyncio.get_running_loop().getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    return [(family, (str(target[0]), int(target[1]))) for family, _, _, _, target in found]


def parse_url(url: str, longest: int = URL_LIMIT) -> Address:
    """Return the parts of an `http://` URL of at most `longest` characters. Raises `Refused`."""
    if len(url) > longest:
        _refuse(Rule.URL_TOO_LONG, url, f"the URL has {len(url)} characters; the phone cuts at {longest}")
    if url.lower().startswith("https://"):
        _refuse(Rule.HTTPS, url, "HTTPS is not simulated; whether a phone accepts the certificate is not known")
    match = _URL.fullmatch(url)
    port = int(match[2] or 80) if match else 0
    if match is None or not 0 < port <= _LAST_PORT or any(character > "\xff" for character in url):
        _refuse(Rule.URL, url, "not a URL such as http://10.0.8.165/ST2030.inf")
    host = match[1]
    return Address(host.strip("[]"), port, host if match[2] is None else f"{host}:{port}", match[3])


def parse_head(data: bytes, url: str) -> Head:
    """Return status and fields of an answer's head. Raises `Refused`."""
    first, *lines = data.decode("latin-1").split("\r\n")
    status = _STATUS_LINE.fullmatch(first)
    if status is None or status[1].startswith("1"):
        _refuse(Rule.RESPONSE, url, "the answer does not begin with a final HTTP/1.x status line")
    fields = []
    for line in lines:
        field = _FIELD_LINE.fullmatch(line)
        if field is None:
            _refuse(Rule.RESPONSE, url, "a header line is not `Name: value`")
        fields.append((field[1].lower(), field[2]))
    return Head(int(status[1]), tuple(fields))


def body_length(head: Head, limit: int, url: str) -> int | None:
    """Return the bytes of the body, None for all until the server closes.

    Raises `Refused` for any framing or coding that a phone does not understand.
    """
    if head.status in _REDIRECTS:
        _refuse(
            Rule.REDIRECT, url, f"answered {head.status}: phones do not follow redirects; answer under this very URL"
        )
    if head.values("transfer-encoding"):
        _refuse(Rule.CHUNKED, url, "sent with Transfer-Encoding; send Content-Length and the plain body")
    if head.values("content-encoding"):
        _refuse(Rule.CONTENT_ENCODING, url, "sent with Content-Encoding; phones unpack nothing")
    lengths = head.values("content-length")
    if not lengths:
        return None
    if len(lengths) != 1 or not re.fullmatch(r"[0-9]{1,12}", lengths[0]):
        _refuse(Rule.CONTENT_LENGTH, url, "sent without one plain Content-Length")
    if int(lengths[0]) > limit:
        _refuse(Rule.TOO_LARGE, url, f"{lengths[0]} bytes; the phone takes at most {limit}")
    return int(lengths[0])


def _unmeasured(url: str) -> tuple[Complaint, ...]:
    return (Complaint(Rule.NO_LENGTH, url, "sent without Content-Length; not every firmware may read to the end"),)


def _refuse(rule: Rule, url: str, message: str) -> NoReturn:
    raise Refused(rule, url, message)
