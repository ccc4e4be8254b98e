"""A real nginx as any user: its own folder, its own process, the configuration that `dialtree export nginx` prints."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Final, Self

from services.nginx import render_nginx
from shared.config import Config
from shared.errors import DialtreeError
from shared.settings import Address

_PATIENCE: Final = 10.0
_MAIN: Final = """{user}daemon off;
worker_processes 1;
pid nginx.pid;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
    include dialtree.conf;
}}
"""


def find_nginx() -> str | None:
    """Return the path of nginx, which is often outside an ordinary user's PATH."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/sbin")


class PrivateNginx:
    """A context manager: inside it nginx answers on `config.nginx.listen`. Logs: `<folder>/dialtree.access.log` and beside."""

    def __init__(self, config: Config, folder: Path) -> None:
        """`folder` is created. Raises `ConfigurationError` for a configuration that nginx cannot be given."""
        self.folder = folder.resolve()
        self._listen = config.nginx.listen
        self._text = render_nginx(config, self.folder)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and wait until it answers. Raises `DialtreeError` with nginx's own words when it does not."""
        command = self._prepare()
        if _answers(self._listen):
            raise DialtreeError(f"nginx cannot listen on {self._listen}: something answers there already")
        with (self.folder / "nginx.log").open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  # nginx itself, with arguments of ours
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + _PATIENCE
        while not _answers(self._listen):
            ended = self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                self.stop()
                raise DialtreeError(f"nginx does not start on {self._listen}: {self.said()}")
            time.sleep(0.01)

    def stop(self) -> None:
        """End it, requests in flight included."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def check(self) -> str:
        """Let nginx check the configuration (`nginx -t`) and return what it says. Raises `DialtreeError` with its words."""
        done = subprocess.run([*self._prepare(), "-t"], capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise DialtreeError(done.stderr.strip())
        return done.stderr

    def said(self) -> str:
        """Return what nginx wrote to its standard error."""
        return (self.folder / "nginx.log").read_text(encoding="utf-8", errors="replace").strip()

    def _prepare(self) -> list[str]:
        program = find_nginx()
        if program is None:
            raise DialtreeError("nginx is not installed; on Debian: apt-get install nginx-light")
        self.folder.mkdir(parents=True, exist_ok=True)
        # Started by root, nginx would become "nobody", who may not read a folder of root's.
        user = f"user {getpass.getuser()};\n" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(_MAIN.format(user=user), encoding="utf-8")
        (self.folder / "dialtree.conf").write_text(self._text, encoding="utf-8")
        return [program, "-e", "stderr", "-p", f"{self.folder}/", "-c", f"{self.folder}/nginx.conf"]


def _answers(address: Address) -> bool:
    try:
        socket.create_connection((address.host, address.port), timeout=1).close()
    except OSError:
        return False
    return True
