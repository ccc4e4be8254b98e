"""The mirror: first load, an edit's way to the phone, a start without LDAP, memory."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import ldap3

from services.demo.processes import Children
from services.demo.slapd import PrivateSlapd
from services.directory.tables import DirectoryTables
from shared.configfile import load_config
from shared.store import Reader
from tests.bench.people import SUFFIX
from tests.bench.report import Line, family_of, peak_megabytes, percentile
from tests.bench.world import Running, answers, fetch, is_loaded, wait_until, write_config

EDITS = 100


def first_load(folder: Path, slapd: PrivateSlapd, count: int) -> Iterator[Line]:
    """Load everything into an empty store by `dialtree directory mirror`, from start of the process to the commit."""
    file = write_config(folder, _bind(folder, slapd))
    config = load_config(file, {})
    tables = DirectoryTables(config)
    reader = Reader(config.state_dir / "directory.db", tables.name, tables.version)
    with Children(folder) as children:
        started = time.perf_counter()
        child = children.start_dialtree("directory", ["--config", str(file), "directory", "mirror"])
        wait_until(lambda: is_loaded(reader), children)
        seconds = time.perf_counter() - started
        memory = peak_megabytes(child.process.pid)
    raw = f"{seconds:.1f} s, peak memory {memory:.0f} MB"
    yield Line(f"first load of {count} people from slapd", count / seconds, "entries/s", "at least", 15_000, raw)
    yield Line("its memory", memory, "MB", "at most", 150, "")


def edit_to_answer(running: Running, slapd: PrivateSlapd) -> Iterator[Line]:
    """Change one name after the other; the clock runs from the return of the modify to the answer that shows it."""
    connection = ldap3.Connection(slapd.url, slapd.root_dn, slapd.root_password, auto_bind=True)
    times = []
    for number in range(EDITS):
        word = f"zq{number:03d}x"
        dn = f"uid=p{number * 97 % running.count},ou=people,{SUFFIX}"
        connection.modify(  # type: ignore[no-untyped-call]
            dn, {"displayName": [(ldap3.MODIFY_REPLACE, [f"Edited {word}"])]}
        )
        started = time.perf_counter()
        while word.encode() not in fetch(f"{running.url}/search?q={word}"):
            pass
        times.append((time.perf_counter() - started) * 1000)
        time.sleep(0.013 * (number % 8))  # so that edits fall anywhere between two polls
    connection.unbind()
    raw = f"p50 {percentile(times, 0.5):.0f} ms, max {max(times):.0f} ms, {EDITS} edits"
    what = f"modify → new name in an answer, p99, {running.count} people"
    yield Line(what, percentile(times, 0.99), "ms", "at most", 250, raw)


def start_without_ldap(folder: Path, config_file: Path, count: int) -> Iterator[Line]:
    """Start the service with LDAP down on the store of the last run; from start of the process to the first search."""
    config = load_config(config_file, {})
    url = f"http://{config.directory.listen}/search?q=edited"
    with Children(folder) as children:
        started = time.perf_counter()
        children.start_dialtree("directory-again", ["--config", str(config_file), "directory", "serve"])
        wait_until(lambda: answers(url), children)
        seconds = time.perf_counter() - started
    yield Line(f"start to first answer, LDAP down, {count} people", seconds, "s", "at most", 2, "")


def memory(running: Running) -> Iterator[Line]:
    """Report the most that any of the service's processes took."""
    each = {pid: peak_megabytes(pid) for pid in family_of(running.process.process.pid)}
    raw = ", ".join(f"{_role(pid)} {megabytes:.0f} MB" for pid, megabytes in each.items())
    yield Line(f"memory of the largest process, {running.count} people", max(each.values()), "MB", "at most", 150, raw)


def _role(pid: int) -> str:
    parent = re.search(r"PPid:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))
    return f"process {pid} (of {parent.group(1)})" if parent else str(pid)


def _bind(folder: Path, slapd: PrivateSlapd) -> dict[str, object]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "password").write_text(slapd.root_password, encoding="utf-8")
    return {"urls": [slapd.url], "directory_bind": {"dn": slapd.root_dn, "password_file": "password"}}


def directory_config(folder: Path, slapd: PrivateSlapd) -> Path:
    """Write the configuration of a directory service that follows this server."""
    return write_config(folder, _bind(folder, slapd))
