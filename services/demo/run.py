"""`dialtree demo`, which `make run` calls: the whole of dialtree on the sample directory, with no root and no server.

Everything it writes is below one folder, everything it starts ends with it. Services run as they would in production,
through the same commands; only the configuration is made here.
"""

import shutil
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from services.demo.nginx import PrivateNginx, find_nginx
from services.demo.processes import Children
from services.demo.slapd import PrivateSlapd
from shared.configfile import load_config, toml_value
from shared.errors import DialtreeError

SUFFIX: Final = "dc=example,dc=org"
_DEPLOY: Final = Path(__file__).resolve().parents[2] / "deploy"
_SAMPLE_MAC: Final = "001F9F16E849"
_START_SECONDS: Final = 60.0

Directory = Literal["ldif", "slapd"]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: ports of the front and of the two services, the folder for state, and where people are kept."""

    port: int
    folder: Path
    directory: Directory
    with_nginx: bool
    ldif: Path

    @property
    def provision_port(self) -> int:
        """The provision service's own port."""
        return self.port + 1

    @property
    def directory_port(self) -> int:
        """The directory service's own port."""
        return self.port + 2

    @property
    def provision_url(self) -> str:
        """Where phones find their files."""
        return f"http://127.0.0.1:{self.port if self.with_nginx else self.provision_port}"

    @property
    def directory_url(self) -> str:
        """Where phones find the phonebook."""
        return f"http://127.0.0.1:{self.port if self.with_nginx else self.directory_port}"


def plan_demo(port: int, folder: Path, directory: Directory, ldif: Path | None = None) -> Plan:
    """Decide what can be run here. Raises `DialtreeError` when the sample is not there or a port is in use."""
    sample = ldif or _DEPLOY / "ldap" / "sample.ldif"
    if not sample.is_file():
        raise DialtreeError(
            f"{sample} does not exist; run the demonstration from a checkout, or name a file with --ldif"
        )
    plan = Plan(port, folder.resolve(), directory, with_nginx=find_nginx() is not None, ldif=sample.resolve())
    wanted = [plan.provision_port, plan.directory_port] + ([plan.port] if plan.with_nginx else [])
    for number in sorted(wanted):
        _check_port(number)
    return plan


def run_demo(plan: Plan, say: Say, stop: threading.Event) -> None:
    """Run until `stop` is set. Raises `DialtreeError` when something does not start or ends by itself."""
    plan.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (plan.folder / "vendor").mkdir(exist_ok=True)
    with ExitStack() as stack:
        slapd = stack.enter_context(_slapd(plan)) if plan.directory == "slapd" else None
        config_file = plan.folder / "dialtree.toml"
        config_file.write_text(demo_config(plan, slapd), encoding="utf-8")
        children = stack.enter_context(Children(plan.folder))
        for service in ("provision", "directory"):
            children.start_dialtree(service, ["--config", str(config_file), service, "serve"])
        _wait_until_ready(plan, children, stop)
        if plan.with_nginx:
            stack.enter_context(PrivateNginx(load_config(config_file, {}), plan.folder / "nginx"))
        for line in what_to_try(plan, slapd):
            say(line)
        while not stop.wait(0.5):
            children.check()
        say("Ending …")


def demo_config(plan: Plan, slapd: PrivateSlapd | None) -> str:
    """Return the demonstration's `dialtree.toml`: a short example of a real one."""
    ldap: list[tuple[str, object]] = [("source", "ldif"), ("ldif_file", str(plan.ldif))]
    if slapd is not None:
        ldap = [("source", "syncrepl"), ("urls", [slapd.url])]
    front = [("listen", f"127.0.0.1:{plan.port}"), ("provision_rate", 10_000), ("directory_rate", 10_000)]
    provision: list[tuple[str, object]] = [
        ("listen", f"127.0.0.1:{plan.provision_port}"),
        ("public_url", plan.provision_url),
        ("vendor_dir", str(plan.folder / "vendor")),
        ("registrar", "127.0.0.1"),
        ("voicemail_number", "*98"),
        ("pickup_code", "*8X"),
        ("language", "fr"),
        ("country", "FR"),
        ("phonebook_name", "Exemple SA"),
    ]
    tables: list[tuple[str, list[tuple[str, object]]]] = [
        ("", [("state_dir", str(plan.folder))]),
        ("ldap", [*ldap, ("base", SUFFIX)]),
        ("provision", provision),
        ("directory", [("listen", f"127.0.0.1:{plan.directory_port}"), ("public_url", plan.directory_url)]),
        ("nginx", front),
    ]
    blocks = (
        "\n".join(([f"[{name}]"] if name else []) + [f"{k} = {toml_value(v)}" for k, v in rows])
        for name, rows in tables
    )
    return "# Written anew by each `dialtree demo`.\n" + "\n\n".join(blocks) + "\n"


def what_to_try(plan: Plan, slapd: PrivateSlapd | None) -> Iterator[str]:
    """Yield the lines that are printed once everything answers."""
    inf = f"{plan.provision_url}/ST2030.inf"
    yield "dialtree is running. Try, in another terminal:"
    yield ""
    yield f"  general file   curl {inf}"
    yield f"  a phone        curl {plan.provision_url}/provisioning/ST2030/config/ST2030S_{_SAMPLE_MAC}.txt"
    yield f"  a search       curl '{plan.directory_url}/search?q=martin'"
    yield f"  boot a phone   .venv/bin/dialtree simulate --url {inf} --mac {_SAMPLE_MAC}"
    yield f"  directory key  .venv/bin/dialtree simulate --url {inf} --mac {_SAMPLE_MAC} --search dup"
    yield ""
    if slapd is None:
        yield f"  The directory is {plan.ldif}: edit it, and the answers follow."
    else:
        yield "  The directory is a private slapd. Give Alice another name, and her phone and the phonebook follow:"
        change = "changetype: modify\\nreplace: displayName\\ndisplayName: Alice Dupont\\n"
        yield f"    printf 'dn: uid=alice.martin,ou=people,{SUFFIX}\\n{change}' |"
        yield f"      ldapmodify -x -H {slapd.url} -D {slapd.root_dn} -w {slapd.root_password}"
    if not plan.with_nginx:
        yield "  nginx is not installed: the services answer on their own ports, without its limits and rates."
    yield f"  Put the vendor's firmware and tone files into {plan.folder / 'vendor'} and the general file names them."
    yield f"  Logs and state: {plan.folder}. Ctrl-C ends everything."


@contextmanager
def _slapd(plan: Plan) -> Iterator[PrivateSlapd]:
    folder = plan.folder / "slapd"
    for old in (folder, *plan.folder.glob("*.db*")):  # the new server gives its entries new identities
        shutil.rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)
    schemas = [_DEPLOY / "ldap" / "asterisk.schema", _DEPLOY / "ldap" / "dialtree.schema"]
    with PrivateSlapd(folder, schemas=schemas, suffix=SUFFIX, ldif=plan.ldif) as slapd:
        yield slapd


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise DialtreeError(
                f"port {port} of 127.0.0.1 cannot be used ({error}); choose others: make run PORT=9080"
            ) from error


def _wait_until_ready(plan: Plan, children: Children, stop: threading.Event) -> None:
    waiting = [plan.provision_port, plan.directory_port]
    for _ in range(int(_START_SECONDS / 0.1)):
        children.check()
        waiting = [port for port in waiting if not _is_ready(port)]
        if not waiting or stop.wait(0.1):
            return
    raise DialtreeError(f"not ready after {_START_SECONDS:.0f} s; see the logs in {plan.folder}")


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004
    except (urllib.error.URLError, OSError):
        return False
