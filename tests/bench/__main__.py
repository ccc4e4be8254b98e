"""`make bench`: every figure of the project, each a ratio of two things measured in one run, or a figure with its goal.

Talks to 127.0.0.1 only, ends what it starts, keeps nothing.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from services.demo.slapd import PrivateSlapd
from tests.bench import following, rendering, search, storm
from tests.bench.people import write_ldif
from tests.bench.report import Line, print_report
from tests.bench.world import running_service

SIZES = (10_000, 100_000, 1_000_000)
INDICES = ("index cn,sn,givenName,displayName,telephoneNumber,mobile eq,sub,pres",)


def measure(folder: Path, sizes: list[int], people: int) -> Iterator[Line]:
    """Yield every line, in the order of the table."""
    yield from rendering.against_trivial_view(folder / "rendering")
    yield from rendering.full_phones(folder / "full")
    yield from storm.against_files(folder / "storm")
    ldif = folder / "people.ldif"
    write_ldif(ldif, people)
    with PrivateSlapd(folder / "slapd", ldif=ldif, directives=INDICES) as slapd:
        yield from following.first_load(folder / "load", slapd, people)
        file = following.directory_config(folder / "directory", slapd)
        with running_service(folder / "directory", "directory", file, people) as running:
            yield from search.against_trivial_view(running, folder)
            yield from search.against_live_ldap(running, slapd, folder)
            yield from following.edit_to_answer(running, slapd)
            yield from following.memory(running)
    yield from following.start_without_ldap(folder / "directory", file, people)
    yield from search.over_sizes(folder, sizes)
    yield from search.with_several_values(folder, search.MIDDLE if search.MIDDLE in sizes else min(sizes))


def main() -> None:
    """Measure, showing each line as it comes, then print the table."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--sizes", default=",".join(map(str, SIZES)), help="people, for the sizes compared: 10000,100000"
    )
    parser.add_argument("--people", type=int, default=100_000, help="people in slapd")
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.sizes.split(",")]
    console = Console(stderr=True)
    started = time.monotonic()
    lines: list[Line] = []
    with tempfile.TemporaryDirectory(prefix="dialtree-bench-") as folder, console.status("preparing") as status:
        for line in measure(Path(folder), sizes, min(arguments.people, max(sizes))):
            lines.append(line)
            status.update(f"{time.monotonic() - started:.0f} s; last: {line.what}: {line.value:.3g} {line.unit}")
    print_report(lines, f"dialtree, {time.monotonic() - started:.0f} s on this machine")


if __name__ == "__main__":
    main()
