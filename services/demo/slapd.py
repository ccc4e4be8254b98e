"""A private slapd: OpenLDAP's server as a child process of an ordinary user, in a folder of its own.

It listens on 127.0.0.1 only, keeps everything below its folder, and ends only the process that it started.
Nothing here knows phones or people; which schemas and which entries, the caller says.
"""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from shared.errors import DialtreeError

_STOCK_SCHEMAS: Final = ("core", "cosine", "inetorgperson", "nis")
_SCHEMA_FOLDERS: Final = (
    Path("/etc/ldap/schema"),
    Path("/etc/openldap/schema"),
    Path("/usr/local/etc/openldap/schema"),
)
_MODULE_FOLDERS: Final = (Path("/usr/lib/ldap"), Path("/usr/lib64/openldap"), Path("/usr/lib/openldap"))
_SYSTEM_PATH: Final = "/usr/sbin:/usr/local/sbin:/sbin:/usr/local/libexec:/usr/libexec"
_LOG_PREFIX: Final = re.compile(r"^[0-9a-f]{8}\.[0-9a-f]{8} 0x[0-9a-f]+ ", re.MULTILINE)
_MAP_SIZE: Final = 16 * 2**30
"""Address space of the database, bytes; the file grows only with its content. mdb's own default is too small for 10,000 people."""
_PATIENCE: Final = 20.0
"""Seconds to start, and seconds to end before it is killed."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """The authority, the certificate and the key of a server that shall speak TLS, PEM."""

    ca: Path
    certificate: Path
    key: Path


class PrivateSlapd:
    """A slapd that runs between `start` and `stop` (or inside `with`), as often as wanted on one folder and port.

    `ldif` fills the database when the folder has none yet. `sessionlog`: deletions that syncprov remembers, 0: none.
    `directives`: further lines of the database's section of slapd.conf (`access to …`, `limits …`, `index …`).
    `config_directives`: lines of the section of cn=config, which then can be changed by `configure`; None: there is none.
    `size_limit` may be set between two starts; None: unlimited. The root DN passes every limit and ACL.
    All methods raise `DialtreeError` with slapd's own words.
    """

    def __init__(  # noqa: PLR0913  # each is one property of the server, most have a default
        self,
        folder: Path,
        *,
        schemas: Sequence[Path] = (),
        suffix: str = "dc=example,dc=org",
        ldif: Path | None = None,
        port: int | None = None,
        sessionlog: int = 1000,
        tls: TlsFiles | None = None,
        directives: Sequence[str] = (),
        config_directives: Sequence[str] | None = None,
    ) -> None:
        self.folder = folder.resolve()
        self.port = port or _free_port()
        self.tls_port = _free_port()
        self.suffix = suffix
        self.root_dn = f"cn=root,{suffix}"
        self.root_password = secrets.token_urlsafe(12)
        self.size_limit: int | None = None
        self._schemas = tuple(schemas)
        self._ldif = ldif
        self._sessionlog = sessionlog
        self._tls = tls
        self._directives = tuple(directives)
        self._config_directives = config_directives
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The server without TLS (StartTLS is offered when it has a certificate)."""
        return f"ldap://127.0.0.1:{self.port}"

    @property
    def tls_url(self) -> str:
        """The server with TLS from the start, by the name that is in its certificate."""
        return f"ldaps://localhost:{self.tls_port}"

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Fill the database if it is new, start, and wait until it answers; nothing happens when it runs."""
        if self._process is not None and self._process.poll() is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, text in (("slapd.conf", self._config()), ("root.password", self.root_password)):
            (self.folder / name).touch(mode=0o600)
            (self.folder / name).write_text(text, encoding="utf-8")
        self._fill()
        urls = [self.url] + ([f"ldaps://127.0.0.1:{self.tls_port}"] if self._tls else [])
        with self._log.open("wb") as log:
            # -d keeps it in the foreground; "none" is the least level that still tells why it does not start
            self._process = subprocess.Popen(  # noqa: S603  # the system's slapd with our own arguments
                [_find_program("slapd"), "-d", "none", "-f", self.folder / "slapd.conf", "-h", " ".join(urls)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait_until_it_answers()
        except BaseException:  # also for Ctrl-C: what was started is ended
            self.kill()
            raise

    def stop(self) -> None:
        """End it in order, thawed if need be; one that does not listen is killed."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        self._process.send_signal(signal.SIGCONT)
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = None

    def freeze(self) -> None:
        """Let it hold its connections and answer nothing, until `thaw`."""
        self._signal(signal.SIGSTOP)
        process = self._process
        while process is not None and process.poll() is None and not _is_stopped(process.pid):
            time.sleep(0.001)  # the signal is on its way: a thread of slapd may still answer

    def thaw(self) -> None:
        """Let it go on after `freeze`."""
        self._signal(signal.SIGCONT)

    def modify(self, ldif: str) -> None:
        """Apply change records (`changetype: modify`, …; records without one are added) as the root DN."""
        self._run("ldapmodify", ["-a", *self._as_root()], ldif)

    def configure(self, ldif: str) -> None:
        """Apply change records to cn=config, until it is started again."""
        as_its_root: list[str | Path] = ["-x", "-H", self.url, "-D", "cn=config", "-y", self.folder / "root.password"]
        self._run("ldapmodify", as_its_root, ldif)

    def delete_tree(self, dn: str) -> None:
        """Delete an entry and everything below it as the root DN."""
        self._run("ldapdelete", ["-r", *self._as_root(), dn])

    @property
    def _log(self) -> Path:
        return self.folder / "slapd.log"

    def _config(self) -> str:
        schemas = [_find_folder(_SCHEMA_FOLDERS, "schemas") / f"{name}.schema" for name in _STOCK_SCHEMAS]
        lines = [f"include {_quoted(path)}" for path in (*schemas, *(path.resolve() for path in self._schemas))]
        lines += [
            f"modulepath {_find_folder(_MODULE_FOLDERS, 'modules')}",
            "moduleload back_mdb",
            "moduleload syncprov",
            "loglevel none",
            f"sizelimit {'unlimited' if self.size_limit is None else self.size_limit}",
            "tool-threads 2",
        ]
        if self._tls is not None:
            lines += [
                f"TLSCACertificateFile {_quoted(self._tls.ca)}",
                f"TLSCertificateFile {_quoted(self._tls.certificate)}",
                f"TLSCertificateKeyFile {_quoted(self._tls.key)}",
            ]
        if self._config_directives is not None:
            lines += ["database config", f"rootpw {self.root_password}", *self._config_directives]
        lines += [
            "database mdb",
            f"suffix {_quoted(self.suffix)}",
            f"rootdn {_quoted(self.root_dn)}",
            f"rootpw {self.root_password}",
            f"directory {_quoted(self.folder / 'data')}",
            f"maxsize {_MAP_SIZE}",
            "dbnosync",  # a crash of the process loses nothing; only a crash of the machine may, and this is no production server
            "index objectClass,entryUUID,entryCSN,uid,owner eq",
            "index macAddress pres,eq",  # the filter of phones asks who has one
            *self._directives,
            "overlay syncprov",
        ]
        if self._sessionlog:
            lines.append(f"syncprov-sessionlog {self._sessionlog}")
        return "\n".join(lines) + "\n"

    def _fill(self) -> None:
        data = self.folder / "data"
        if (data / "data.mdb").exists():
            return
        data.mkdir(exist_ok=True, mode=0o700)
        if self._ldif is None:
            return
        arguments: list[str | Path] = [
            "-q",
            "-w",
            "-f",
            self.folder / "slapd.conf",
            "-b",
            self.suffix,
            "-l",
            self._ldif,
        ]
        try:
            self._run("slapadd", arguments)
        except BaseException:  # also for Ctrl-C: half a database would be taken for a whole one at the next start
            shutil.rmtree(data)
            raise

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not self._answers():
            if self._process is None or self._process.poll() is not None:
                raise DialtreeError(f"slapd did not start on {self.url}: {self._last_words()}")
            if time.monotonic() > deadline:
                raise DialtreeError(
                    f"slapd did not answer on {self.url} within {_PATIENCE:.0f} s: {self._last_words()}"
                )
            time.sleep(0.01)

    def _answers(self) -> bool:
        # It says so once it has the port: before that, another process of the machine might answer in its place.
        if b"slapd starting" not in self._log.read_bytes():
            return False
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _last_words(self) -> str:
        text = _LOG_PREFIX.sub("", self._log.read_text(encoding="utf-8", errors="replace"))
        said = [line.strip() for line in text.splitlines()[2:]]  # the first two name the version and who built it
        return "; ".join(line for line in said if line and "nothing to destroy" not in line) or "it said nothing"

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            raise DialtreeError("slapd is not running")
        self._process.send_signal(number)

    def _as_root(self) -> list[str | Path]:
        return ["-x", "-H", self.url, "-D", self.root_dn, "-y", self.folder / "root.password"]

    def _run(self, program: str, arguments: Sequence[str | Path], given: str = "") -> None:
        done = subprocess.run(  # noqa: S603  # a program of OpenLDAP with our own arguments
            [_find_program(program), *arguments],
            check=False,
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, "LDAPNOINIT": "1"},
        )
        if done.returncode:
            said = "; ".join(line.strip() for line in _LOG_PREFIX.sub("", done.stdout).splitlines() if line.strip())
            raise DialtreeError(f"{program} failed: {said or f'code {done.returncode}'}")


def _find_program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:{_SYSTEM_PATH}")
    if found is None:
        raise DialtreeError(f"{name} is not installed; install it first: sudo apt-get install slapd ldap-utils")
    return found


def _find_folder(candidates: Sequence[Path], content: str) -> Path:
    for folder in candidates:
        if folder.is_dir():
            return folder
    looked = ", ".join(map(str, candidates))
    raise DialtreeError(f"OpenLDAP's {content} are not installed (looked in {looked}): sudo apt-get install slapd")


def _quoted(value: Path | str) -> str:
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _free_port() -> int:
    # Below the range from which systems take the ports of outgoing connections: none of them may sit on it while slapd restarts.
    while True:
        port = secrets.choice(range(15000, 30000))
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


def _is_stopped(pid: int) -> bool:
    """Tell whether the kernel has stopped every thread of a process."""
    states = (
        file.read_text(encoding="ascii").rpartition(")")[2].split()[0]
        for file in Path(f"/proc/{pid}/task").glob("*/stat")
    )
    return all(state in ("T", "t") for state in states)
