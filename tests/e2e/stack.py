"""The whole of dialtree for a test: a real slapd with the sample, both services as processes, a real nginx in front."""

import http.client
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from services.demo.nginx import PrivateNginx
from services.demo.processes import Children
from services.demo.slapd import PrivateSlapd
from shared.config import Config
from shared.configfile import load_config, toml_value
from tests.tools import eventually, free_port, need_tool

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
SUFFIX = "dc=example,dc=org"
SCHEMAS = (DEPLOY / "ldap" / "asterisk.schema", DEPLOY / "ldap" / "dialtree.schema")
SAMPLE = DEPLOY / "ldap" / "sample.ldif"
VENDOR_FILES = (
    "v2030SG.R11.1.SED.100804.2.72.2.zz",
    "v2030_dsp_R11.1_SED_v320.zz",
    "v2030_boot_v111.zz",
    "TelConf2030SG.R11.1.SED.100804.2.72.2.txt",
    "Tone-Melodies.txt",
    "Tone-RG.txt",
    "Tone-CW.txt",
    "ToneTbl.zz",
    "LangTbl.zz",
)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, whole."""

    status: int
    headers: dict[str, str]
    body: bytes


class Stack:
    """A running dialtree; `slapd` may be stopped, frozen and started again by the test."""

    def __init__(self, folder: Path, slapd: PrivateSlapd, port: int, settings: dict[str, dict[str, object]]) -> None:
        self.folder = folder
        self.slapd = slapd
        self.port = port
        self.provision_port, self.directory_port = free_port(), free_port()
        self.vendor = folder / "vendor"
        self.vendor.mkdir()
        for name in VENDOR_FILES:
            (self.vendor / name).write_bytes(f"stand-in for {name}\r\n".encode())
        self.config_file = folder / "dialtree.toml"
        self._write_config(settings)
        self._services = Children(folder)

    @property
    def url(self) -> str:
        """Where phones reach it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return load_config(self.config_file, {})

    def start_services(self) -> None:
        """Start both services, each with its mirror and its workers, and wait until both are ready."""
        self._services = Children(self.folder)
        for service, port in (("provision", self.provision_port), ("directory", self.directory_port)):
            self._services.start_dialtree(service, ["--config", str(self.config_file), service, "serve"])
            eventually(lambda port=port: self.is_ready(port), 30)  # type: ignore[misc]

    def stop_services(self) -> None:
        """End both services and all their processes."""
        self._services.end()

    def is_ready(self, port: int) -> bool:
        """Tell whether the service at its own port says that it can answer."""
        self._services.check()
        try:
            return get(port, "/readyz").status == 200
        except OSError:
            return False

    def get(self, target: str, method: str = "GET") -> Answer:
        """Ask through nginx."""
        return get(self.port, target, method)

    def file_of(self, mac: str) -> bytes:
        """The phone file, which must be there."""
        answer = self.get(f"/provisioning/ST2030/config/ST2030S_{mac}.txt")
        assert answer.status == 200, answer
        return answer.body

    def dialtree(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a `dialtree` command with this configuration."""
        return run_dialtree("--config", str(self.config_file), *arguments)

    def _write_config(self, settings: dict[str, dict[str, object]]) -> None:
        tables: dict[str, dict[str, object]] = {
            "ldap": {"urls": [self.slapd.url], "base": SUFFIX, "connect_timeout": 1, "operation_timeout": 2},
            "provision": {
                "listen": f"127.0.0.1:{self.provision_port}",
                "public_url": self.url,
                "vendor_dir": str(self.vendor),
                "registrar": "10.0.8.165",
                "voicemail_number": "*98",
                "pickup_code": "*8X",
            },
            "directory": {"listen": f"127.0.0.1:{self.directory_port}", "public_url": self.url},
            "nginx": {"listen": f"127.0.0.1:{self.port}", "provision_rate": 10_000, "directory_rate": 10_000},
        }
        for name, values in settings.items():
            tables.setdefault(name, {}).update(values)
        lines = [f"state_dir = {toml_value(str(self.folder / 'state'))}"]
        for name, values in tables.items():
            lines += [f"[{name}]", *(f"{key} = {toml_value(value)}" for key, value in values.items())]
        self.config_file.write_text("\n".join(lines) + "\n", encoding="utf-8")


@contextmanager
def running_stack(folder: Path, *, sessionlog: int = 1000, **settings: dict[str, object]) -> Iterator[Stack]:
    """Run everything; `settings` are tables of the configuration laid over the test's own."""
    need_tool("slapd")
    need_tool("nginx")
    with PrivateSlapd(folder / "slapd", schemas=SCHEMAS, suffix=SUFFIX, ldif=SAMPLE, sessionlog=sessionlog) as slapd:
        stack = Stack(folder, slapd, free_port(), settings)
        try:
            stack.start_services()
            with PrivateNginx(stack.config, folder / "nginx"):
                yield stack
        finally:
            stack.stop_services()


def get(port: int, target: str, method: str = "GET") -> Answer:
    """Ask a server of this machine; redirects are not followed."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, target)
        response = connection.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()


def run_dialtree(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a `dialtree` command to its end."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DIALTREE_")}
    return subprocess.run(
        [sys.executable, "-m", "services.cli", *arguments],
        check=False,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=90,
        env=environment,
        stdin=subprocess.DEVNULL,
    )
