"""HTTP without a library between: what is sent is exactly these bytes, what came back is taken apart strictly."""

import socket
import ssl
from dataclasses import dataclass

import pytest


@dataclass(frozen=True, slots=True)
class Answer:
    """One response as it stood on the wire."""

    status: int
    headers: dict[str, str]
    """Names in lower case; several values of one name joined by a comma."""
    body: bytes


def ask(
    port: int,
    target: str | bytes,
    *,
    method: str = "GET",
    host: str = "127.0.0.1",
    tls: ssl.SSLContext | None = None,
    **headers: str,
) -> Answer:
    """Send one request with this target, byte for byte, and read until the server closes.

    Header names are written with underscores: `X_Forwarded_For="192.0.2.1"`.
    """
    raw = target if isinstance(target, bytes) else target.encode("ascii")
    fields = {"Host": f"127.0.0.1:{port}", "Connection": "close"} | {k.replace("_", "-"): v for k, v in headers.items()}
    head = b"".join(f"{name}: {value}\r\n".encode("latin-1") for name, value in fields.items())
    return send(port, method.encode() + b" " + raw + b" HTTP/1.1\r\n" + head + b"\r\n", host, tls)


def send(port: int, request: bytes, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Answer:
    """Send these bytes and read until the server closes."""
    plain = socket.create_connection((host, port), timeout=20)
    with tls.wrap_socket(plain, server_hostname=host) if tls else plain as connection:
        connection.sendall(request)
        data = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = data.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        headers[name.lower()] = ", ".join(filter(None, (headers.get(name.lower()), value)))
    return Answer(int(status.split()[1]), headers, body)


def need_ipv6() -> None:
    """Skip the test where the machine has no IPv6 loopback; nothing could be installed for it."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no ::1")
