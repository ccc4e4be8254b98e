"""Provisioning: a phone file through nginx against a trivial view with the same body."""

from collections.abc import Iterator
from pathlib import Path

from tests.bench.report import Line
from tests.bench.world import fetch, running_service, trivial_view, write_config
from tests.bench.wrk import compare

SAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "ldap" / "sample.ldif"
PHONE = "/provisioning/ST2030/config/ST2030S_001F9F16E849.txt"


def against_trivial_view(folder: Path) -> Iterator[Line]:
    """Render one phone again and again: nothing is cached between requests but what all phones share."""
    file = write_config(folder, {"source": "ldif", "ldif_file": str(SAMPLE)})
    with running_service(folder, "provision", file, 40) as running:
        url = f"{running.url}{PHONE}"
        body = fetch(url)
        for name, as_it_comes in (("the same server", False), ("waitress as it comes", True)):
            place = folder / f"trivial-{as_it_comes}"
            with trivial_view(place, body, "text/plain; charset=iso-8859-1", as_it_comes=as_it_comes) as trivial:
                pair = compare(url, trivial)
            raw = (
                f"{len(body)} bytes: {pair.a.per_second:.0f}/s p99 {pair.a.p99_ms:.1f} ms, "
                f"trivial {pair.b.per_second:.0f}/s p99 {pair.b.p99_ms:.1f} ms, {pair.a.errors} errors"
            )
            yield Line(f"phone file / trivial view on {name}, through nginx", pair.ratio, "", "at least", 0.6, raw)
