"""What the benchmarks run: a store of any size, services as processes, a trivial view to compare with, nginx before both."""

import http.client
import multiprocessing
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response

from services.demo.nginx import PrivateNginx
from services.demo.processes import Child, Children
from services.directory.reads import reads_of
from services.directory.tables import DirectoryTables
from shared.config import Config
from shared.configfile import load_config, toml_value
from shared.errors import StoreUnavailable
from shared.ldap.entry import Entry
from shared.ldap.source import Change, Done, Identity, Kind, Stream, Upsert
from shared.mirror import run_mirror
from shared.serving import Server
from shared.store import Reader
from tests.bench.people import SUFFIX, people
from tests.tools import free_port

PATIENCE = 600.0
_LOOK_SECONDS = 0.02
"""How often a condition is looked at: looking takes time of what is measured."""


@dataclass(frozen=True)
class Running:
    """A service as processes behind nginx."""

    config: Config
    url: str
    """Through nginx."""
    process: Child
    count: int
    """People in its directory."""


class GivenPeople:
    """A source that yields synthetic people once: the store's and the index's own share of a first load."""

    is_exact = True

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = entries

    def connect(self) -> str:
        """Return an identity that never changes."""
        return "given"

    def poll(self, stream: Stream, cookie: bytes | None) -> Iterator[Change | Done]:
        """Yield everything the first time that persons are asked for, nothing afterwards."""
        if cookie is None and stream.kind is Kind.PERSON:
            yield from (Upsert(entry) for entry in self._entries)
        yield Done(b"all", complete=cookie is None)

    def sweep(self, stream: Stream) -> Iterator[Sequence[Identity]]:  # noqa: ARG002  # never asked
        """Name nothing."""
        yield ()

    def fetch(self, stream: Stream, uuids: Sequence[str]) -> Iterator[Entry]:  # noqa: ARG002  # never asked
        """Find nothing."""
        return iter(())

    def access(self) -> str:
        """Return ""."""
        return ""

    def watch(self, waiting: Callable[[float], None]) -> None:
        """Keep nobody waiting."""

    def close(self) -> None:
        """Nothing is open."""


def write_config(folder: Path, ldap: dict[str, object], **settings: dict[str, object]) -> Path:
    """Write a configuration below a folder, with free ports; return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    front = free_port()
    tables: dict[str, dict[str, object]] = {
        "ldap": {"base": SUFFIX, "connect_timeout": 1, "operation_timeout": 10, **ldap},
        "provision": {"listen": f"127.0.0.1:{free_port(10)}", "public_url": f"http://127.0.0.1:{front}"},
        "directory": {"listen": f"127.0.0.1:{free_port(10)}", "public_url": f"http://127.0.0.1:{front}"},
        "nginx": {"listen": f"127.0.0.1:{front}", "provision_rate": 100_000, "directory_rate": 100_000},
    }
    for name, values in settings.items():
        tables.setdefault(name, {}).update(values)
    lines = [f"state_dir = {toml_value(str(folder / 'state'))}", 'log_level = "warning"']
    for name, values in tables.items():
        lines += [f"[{name}]", *(f"{key} = {toml_value(value)}" for key, value in values.items())]
    file = folder / "dialtree.toml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def build_directory(
    folder: Path, count: int, directory: Callable[[int], Iterable[Entry]] = people
) -> tuple[Config, Reader, float]:
    """Load so many synthetic people into a directory store that keeps no answers; return it and the seconds it took."""
    file = write_config(folder, {"urls": ["ldap://127.0.0.1:9"]}, directory={"kept_answers": 0})
    config = load_config(file, {})
    tables = DirectoryTables(config)
    reader = Reader(config.state_dir / "directory.db", tables.name, tables.version)
    stop = threading.Event()
    mirror = threading.Thread(
        target=run_mirror,
        args=(config, tables, reads_of(config), GivenPeople(directory(count)), stop),
        kwargs={"progress": False},
    )
    started = time.perf_counter()
    mirror.start()
    try:
        wait_until(lambda: is_loaded(reader))
        seconds = time.perf_counter() - started
    finally:
        stop.set()
        mirror.join()
    return config, reader, seconds


def is_loaded(reader: Reader) -> bool:
    """Tell whether the mirror has committed its first load."""
    try:
        return reader.status().loaded
    except StoreUnavailable:
        return False


def wait_until(condition: Callable[[], bool], children: Children | None = None, seconds: float = PATIENCE) -> None:
    """Wait for a condition, looking fifty times a second; a child that ended is an error."""
    deadline = time.monotonic() + seconds
    while not condition():
        if children is not None:
            children.check()
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(_LOOK_SECONDS)


@contextmanager
def running_service(folder: Path, name: str, config_file: Path, count: int) -> Iterator[Running]:
    """Run `dialtree <name> serve` and nginx before it."""
    config = load_config(config_file, {})
    service = config.directory if name == "directory" else config.provision
    with Children(folder) as children:
        child = children.start_dialtree(name, ["--config", str(config_file), name, "serve"])
        wait_until(lambda: answers(f"http://{service.listen}/readyz"), children)
        with PrivateNginx(config, folder / "nginx"):
            yield Running(config, f"http://{config.nginx.listen}", child, count)


def answers(url: str) -> bool:
    """Tell whether a URL answers with 200."""
    try:
        fetch(url)
    except (OSError, AssertionError, http.client.HTTPException):
        return False
    return True


@contextmanager
def trivial_view(folder: Path, body: bytes, content_type: str) -> Iterator[str]:
    """Serve one constant body by Flask, waitress and nginx as dialtree's own are set up; give its URL through nginx."""
    config = load_config(write_config(folder, {"urls": ["ldap://127.0.0.1:9"]}), {})
    listener = socket.create_server((config.directory.listen.host, config.directory.listen.port), backlog=1024)
    app = Flask("trivial", static_folder=None)
    app.add_url_rule("/search", view_func=lambda: Response(body, content_type=content_type))
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(app, listener), daemon=True)
    process.start()
    listener.close()
    try:
        with PrivateNginx(config, folder / "nginx"):
            url = f"http://{config.nginx.listen}/search?q=x"
            assert fetch(url) == body
            yield url
    finally:
        process.terminate()
        process.join()


def _serve(app: Flask, listener: socket.socket) -> None:
    Server(app, listener).run()


def fetch(url: str) -> bytes:
    """Return the body of an answer that must be 200."""
    host, _, path = url.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(host, timeout=30)
    try:
        connection.request("GET", f"/{path}")
        response = connection.getresponse()
        body = response.read()
        assert response.status == 200, (url, response.status, body[:200])
        return body
    finally:
        connection.close()
