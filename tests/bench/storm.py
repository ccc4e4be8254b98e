"""The morning after a power cut: 2,000 phones boot to steady state, from dialtree and from files on disk of the same bytes.

The phones are simulated by one Python process on one core, and everything shares the machine: the same storm on files from
disk tells what simulator and nginx alone can do, and how busy the simulator was tells whether it was the limit.
"""

import re
import resource
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from services.demo.nginx import PrivateNginx
from services.provision.vendors.thomson.simulator.fleet import FleetResult, boot_fleet
from shared.config import Config
from shared.configfile import load_config
from tests.bench.fleet import all_macs, write_phones
from tests.bench.report import Line
from tests.bench.world import answers, fetch, running_service, wait_until, write_config

PHONES: Final = 2000
AT_ONCE: Final = 200
_INF: Final = "ST2030.inf"
_FILES_ONLY: Final = """
log_format storm '$remote_addr "$request" $status $body_bytes_sent $request_time';
access_log files.access.log storm;
server {{ listen {listen}; root {root}; log_not_found off; types {{ }} default_type text/plain; }}
"""


@dataclass(frozen=True)
class Storm:
    """A fleet that booted, and the share of the time in which the simulator was busy with itself."""

    fleet: FleetResult
    busy: float

    @property
    def raw(self) -> str:
        """Requests a second, the 99th percentile of a request and of a boot, how busy the simulator was."""
        fleet = self.fleet
        return (
            f"{fleet.requests_per_second:.0f}/s p99 {fleet.request_times.p99 * 1000:.0f} ms, "
            f"boot p99 {fleet.boot_times.p99:.2f} s, simulator {self.busy:.0%} busy"
        )


class _FilesOnly(PrivateNginx):
    """nginx with nothing but a folder."""

    def __init__(self, config: Config, folder: Path, root: Path) -> None:
        super().__init__(config, folder)
        self._text = _FILES_ONLY.format(listen=config.nginx.listen, root=root)


def against_files(folder: Path) -> Iterator[Line]:
    """Boot the same fleet from dialtree and from disk, in turn, with one worker and with two."""
    folder.mkdir()
    ldif = folder / "phones.ldif"
    write_phones(ldif, PHONES)
    with ExitStack() as stack:
        files = ""
        for workers in (1, 2):
            place = folder / f"workers-{workers}"
            settings: dict[str, object] = {"workers": workers}
            file = write_config(place, {"source": "ldif", "ldif_file": str(ldif)}, provision=settings)
            with running_service(place, "provision", file, PHONES) as running:
                _wait_for_all(running.config)
                files = files or stack.enter_context(_files_of(running.url, folder))
                ours, disk = _storm(running.url), _storm(files)
            yield from _lines(ours, disk, f"{workers} worker{'s' if workers > 1 else ''}")


def _wait_for_all(config: Config) -> None:
    listen = config.provision.listen
    for number in range(config.provision.workers):
        url = f"http://{listen.of_worker(number)}/readyz"
        wait_until(partial(answers, url))


def _lines(ours: Storm, disk: Storm, workers: str) -> Iterator[Line]:
    a, b = ours.fleet, disk.fleet
    what = f"storm of {PHONES} phones, {workers}"
    rates = a.requests_per_second / b.requests_per_second
    yield Line(f"{what}: requests/s / files from disk", rates, "", "at least", None, f"{ours.raw}; files {disk.raw}")
    times = a.request_times.p99 / b.request_times.p99
    yield Line(f"{what}: p99 of a request / files from disk", times, "", "at most", None, f"{AT_ONCE} phones at a time")
    faults = a.phones - a.steady + len(a.complaints)
    yield Line(f"{what}: phones not steady, and complaints", faults, "", "at most", 0, f"{a.requests} requests")


def _storm(url: str) -> Storm:
    before = _own_seconds()
    fleet = boot_fleet(f"{url}/{_INF}", tuple(all_macs(PHONES)), concurrency=AT_ONCE, timeout=30.0, log=_unheard)
    return Storm(fleet, (_own_seconds() - before) / fleet.seconds)


def _own_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _unheard(line: str) -> None:
    """Take a line of the fleet's report; the table says it all."""


@contextmanager
def _files_of(url: str, folder: Path) -> Iterator[str]:
    """Serve from disk what dialtree serves, byte for byte but for the port in the URLs; give the URL."""
    config = load_config(write_config(folder / "files", {"urls": ["ldap://127.0.0.1:9"]}), {})
    own = f"http://{config.nginx.listen}"
    root = folder / "www"
    inf = fetch(f"{url}/{_INF}").decode("ascii")
    common = re.search(r"^common_config=(.*)\r$", inf, re.MULTILINE)
    base = re.search(r"^config=(.*)\r$", inf, re.MULTILINE)
    assert common is not None
    assert base is not None
    wanted = [f"{url}/{_INF}", common[1], *(f"{base[1]}ST2030S_{mac}.txt" for mac in all_macs(PHONES))]
    for name in wanted:
        path = root / name.removeprefix(f"{url}/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(fetch(name).replace(url.encode(), own.encode()))
    with _FilesOnly(config, folder / "nginx-files", root):
        yield own
