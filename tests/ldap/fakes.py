"""A server that answers what a test dictates, for answers that a real slapd gives only in other circumstances."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from shared.ldap import ber

BIND_SUCCESS = ber.element(0x61, ber.integer(0, ber.ENUMERATED), ber.octets(""), ber.octets(""))


def message(number: int, operation: bytes, *controls: bytes) -> bytes:
    """An LDAP message."""
    return ber.element(ber.SEQUENCE, ber.integer(number), operation, ber.element(0xA0, *controls) if controls else b"")


def control(oid: str, value: bytes) -> bytes:
    """A control of an answer."""
    return ber.element(ber.SEQUENCE, ber.octets(oid), ber.octets(value))


def done(code: int = 0, text: str = "", *controls: bytes, tag: int = 0x65) -> tuple[bytes, tuple[bytes, ...]]:
    """A SearchResultDone (or, by its tag, another result) and its controls."""
    return ber.element(tag, ber.integer(code, ber.ENUMERATED), ber.octets(""), ber.octets(text)), controls


def sync_done(cookie: bytes | None, *, refresh_deletes: bool) -> bytes:
    """A Sync Done control."""
    parts = (b"" if cookie is None else ber.octets(cookie), ber.boolean(refresh_deletes))
    return control("1.3.6.1.4.1.4203.1.9.1.3", ber.element(ber.SEQUENCE, *parts))


def sync_info(choice: bytes) -> bytes:
    """A Sync Info message."""
    return ber.element(0x79, ber.octets("1.3.6.1.4.1.4203.1.9.1.4", 0x80), ber.octets(choice, 0x81))


def sync_entry(state: int, uuid: bytes, dn: str, **attributes: Sequence[bytes]) -> tuple[bytes, tuple[bytes, ...]]:
    """A search entry and its Sync State control."""
    pairs = [
        ber.element(ber.SEQUENCE, ber.octets(name), ber.element(ber.SET, *map(ber.octets, values)))
        for name, values in attributes.items()
    ]
    entry = ber.element(0x64, ber.octets(dn), ber.element(ber.SEQUENCE, *pairs))
    value = ber.element(ber.SEQUENCE, ber.integer(state, ber.ENUMERATED), ber.octets(uuid))
    return entry, (control("1.3.6.1.4.1.4203.1.9.1.2", value),)


@contextmanager
def fake_server(
    *answer: bytes | tuple[bytes, tuple[bytes, ...]], bind: bytes | None = BIND_SUCCESS, raw: bytes = b""
) -> Iterator[str]:
    """Serve one connection: the bind is answered, then each search with these operations, or with `raw` bytes.

    `bind=None` sends `raw` at once. The connection is closed when the client closes it.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, answer, bind, raw))
        thread.start()
        try:
            yield f"ldap://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            _wake(listener)
            thread.join()


@contextmanager
def silent_server() -> Iterator[int]:
    """The port of a server whose system accepts connections, and which never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def _wake(listener: socket.socket) -> None:
    with socket.create_connection(listener.getsockname()):
        pass  # it may still wait for its one connection


def _serve(
    listener: socket.socket, answer: Sequence[bytes | tuple[bytes, tuple[bytes, ...]]], bind: bytes | None, raw: bytes
) -> None:
    connection, _ = listener.accept()
    with connection:
        if bind is None:
            connection.sendall(raw)
        while request := connection.recv(65536):
            start, end = ber.expect_element(request, 0, len(request), ber.SEQUENCE)
            start, stop = ber.expect_element(request, start, end, ber.INTEGER)
            number = ber.read_integer(request, start, stop)
            tag, _, _ = ber.read_element(request, stop, end)
            if tag == 0x60 and bind is not None:
                connection.sendall(message(number, bind))
            elif tag == 0x63:
                operations = (item if isinstance(item, tuple) else (item, ()) for item in answer)
                connection.sendall(raw + b"".join(message(number, op, *controls) for op, controls in operations))
