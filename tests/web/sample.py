"""A small service for the tests of this folder and of `tests/nginx`: a real app, real processes, real HTTP.

`python -m tests.web.sample '{"listen": …}'` runs it through `run_service`; the settings are those of `shared.config.Service`.
"""

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, request

from shared.config import Directory
from shared.errors import ConfigurationError, DialtreeError, Fault, Malformed, Unavailable, Unknown
from shared.ldap.source import Kind
from shared.store import Hold, Reader, Status
from shared.web import create_web, status_of
from shared.workers import Setup, run_service
from tests.tools import eventually

SECRET = "correct horse battery staple"
STATUS = Status(
    loaded=True,
    connected=True,
    server="ldap://127.0.0.1",
    confirmed_at=1.0,
    changed_at=1.0,
    entries={Kind.PERSON: 40, Kind.PHONE: 12},
    holds=(Hold(Kind.PHONE, "11 of 12 phones would go; dialtree provision mirror --accept", 1.0),),
    problem="",
)


class FixedReader(Reader):
    """A store with this status; without one it is missing."""

    def __init__(self, status: Status | None = STATUS) -> None:
        super().__init__(Path("no such folder/no such file.db"), "sample", 1)
        self._status = status

    def status(self) -> Status:
        return self._status or super().status()


def answer(error: DialtreeError) -> Response:
    return Response(f"{type(error).__name__}\n", status_of(error), content_type="text/plain")


def create_sample(service: Directory, reader: Reader | None = None) -> Flask:
    app = create_web("directory", service, reader or FixedReader(), answer)

    @app.get("/search")
    @app.get("/search/<path:below>")
    def search(below: str = "") -> Response:
        return Response(request.query_string or below or b"x" * 2048, content_type="application/octet-stream")

    @app.get("/provisioning/<path:below>")
    @app.get("/<below>")
    def file(below: str) -> Response:
        return Response(f"{below}\r\n".encode("latin-1"), content_type="text/plain")

    @app.get("/provisioning/forwarding")
    def forwarding() -> Response:
        return Response(repr(sorted((name, value) for name, value in request.headers if name != "User-Agent")))

    @app.get("/search/pid")
    def pid() -> Response:
        return Response(str(os.getpid()))

    @app.get("/search/slow")
    def slow() -> Response:
        marker = Path(request.args["marker"])
        marker.touch()  # the test knows from it that this request is in flight
        eventually(lambda: not marker.exists())
        return Response("slow, but answered")

    @app.get("/search/fail/<kind>")
    def fail(kind: str) -> Response:
        raise {"unknown": Unknown, "unavailable": Unavailable, "malformed": Malformed, "crash": KeyError}[kind](SECRET)

    @app.get("/search/stream")
    def stream() -> Response:
        return Response(piece for piece in (b"one", b"two"))

    return app


@dataclass(frozen=True, slots=True)
class Running:
    """A sample service in processes of its own."""

    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


_HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
os.execv(sys.argv[2], sys.argv[2:])
"""


@contextmanager
def running_sample(
    folder: Path, mirror: str = "none", handed_over: socket.socket | None = None, **settings: object
) -> Iterator[Running]:
    """Run the service; `mirror`: none, follow (until asked to end), misconfigured (later: only after its first run),
    deaf (never ends).

    `handed_over`: a listening socket that the service gets as systemd gives it (sd_listen_fds(3)).
    """
    service = Directory.model_validate(settings)
    log = folder / f"sample-{service.listen.port}.log"
    command = [sys.executable, "-m", "tests.web.sample", service.model_dump_json(), mirror, str(folder)]
    numbers = [] if handed_over is None else [handed_over.fileno()]
    for number in numbers:
        command = [sys.executable, "-c", _HAND_OVER, str(number), *command]
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, pass_fds=numbers)
    running = Running(process, log)
    try:
        yield running
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answers(port: int, host: str = "127.0.0.1") -> bool:
    """Tell whether somebody listens there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        return probe.connect_ex((host, port)) == 0


def _note(folder: Path, line: str) -> None:
    with (folder / "mirror.lives").open("a", encoding="ascii") as lives:
        lives.write(f"{line}\n")


def _mirror(kind: str, folder: Path, stop: threading.Event) -> None:
    (folder / "mirror.pid").write_text(str(os.getpid()), encoding="ascii")
    _note(folder, f"{os.getpid()}")
    if kind == "misconfigured" or (kind == "later" and (folder / "later").exists()):
        raise ConfigurationError((Fault("ldap.ca_file", "does not exist; name a file"),))
    (folder / "mirror.follows").touch()
    stop.wait()
    if kind == "deaf":
        time.sleep(3600)
    (folder / "mirror.ended").touch()
    _note(folder, f"{os.getpid()} ended")


def _setup(settings: str, mirror: str, folder: Path) -> Setup:
    service = Directory.model_validate_json(settings)
    follow = None if mirror == "none" else lambda stop: _mirror(mirror, folder, stop)
    return Setup(service, lambda: create_sample(service), follow)


def _no_app() -> Flask:
    raise RuntimeError("this app cannot be made")


def _reload(folder: Path, mirror: str) -> Setup:
    """What a test wrote for the next SIGHUP: settings, or the word that stands for a configuration that is faulty."""
    settings = (folder / "reload").read_text(encoding="utf-8")
    if settings == "faulty":
        raise ConfigurationError((Fault("directory.workers", "is no number; write one"),))
    if settings == "broken app":
        return _setup(sys.argv[1], mirror, folder)._replace(create_app=_no_app)
    return _setup(settings, mirror, folder)


def main() -> int:
    logging.basicConfig(level=logging.INFO)
    mirror, folder = sys.argv[2], Path(sys.argv[3])
    return run_service("directory", _setup(sys.argv[1], mirror, folder), lambda: _reload(folder, mirror))


if __name__ == "__main__":
    sys.exit(main())
