"""The phonebook: search through nginx against a trivial view, against live LDAP, and over three sizes."""

import random
import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

import ldap3
from ldap3.utils.conv import escape_filter_chars

from services.demo.slapd import PrivateSlapd
from services.directory.app import create_app
from tests.bench.people import SUFFIX, people
from tests.bench.queries import query_mix
from tests.bench.report import Line, percentile
from tests.bench.world import Running, build_directory, fetch, trivial_view
from tests.bench.wrk import compare

QUERIES = 3000


def against_trivial_view(running: Running, folder: Path) -> Iterator[Line]:
    """Compare with a Flask view that returns the very same bytes, through the same kind of nginx and waitress.

    Twice: on our own server (one thread), and on waitress as it comes (four threads, which makes the view slower too).
    """
    for name, as_it_comes in (("the same server", False), ("waitress as it comes", True)):
        ratios = []
        raw = []
        for kind, query in _typical_queries():
            url = f"{running.url}/search?q={quote(query)}"
            body = fetch(url)
            place = folder / f"trivial-{kind}-{as_it_comes}"
            with trivial_view(place, body, "text/xml; charset=ISO-8859-1", as_it_comes=as_it_comes) as trivial:
                pair = compare(url, trivial)
            ratios.append(pair.ratio)
            raw.append(
                f"{kind} '{query}' ({len(body)} bytes): {pair.a.per_second:.0f}/s p99 {pair.a.p99_ms:.1f} ms, trivial "
                f"{pair.b.per_second:.0f}/s p99 {pair.b.p99_ms:.1f} ms, ratio {pair.ratio:.2f}, {pair.a.errors} errors"
            )
        what = f"search / trivial view on {name}, through nginx, {running.count} people"
        yield Line(what, statistics.median(ratios), "", "at least", 0.7, "; ".join(raw))


def against_live_ldap(running: Running, slapd: PrivateSlapd) -> Iterator[Line]:
    """Ask the same of a live server with a bind kept open, one request after the other on both sides."""
    queries = query_mix(people(min(running.count, 20_000)), 200)
    connection = ldap3.Connection(slapd.url, slapd.root_dn, slapd.root_password, auto_bind=True, raise_exceptions=False)
    started = time.perf_counter()
    for query in queries:
        _search_live(connection, query)
    live = len(queries) / (time.perf_counter() - started)
    connection.unbind()
    started = time.perf_counter()
    for query in queries:
        fetch(f"{running.url}/search?q={quote(query)}")
    ours = len(queries) / (time.perf_counter() - started)
    what = f"search / live slapd through ldap3, {running.count} people"
    yield Line(
        what,
        ours / live,
        "times",
        "at least",
        10,
        f"ours through nginx {ours:.0f}/s, live LDAP {live:.1f}/s, one at a time",
    )


def _search_live(connection: ldap3.Connection, query: str) -> None:
    words = "".join(
        f"(|(cn=*{w}*)(sn=*{w}*)(givenName=*{w}*)(telephoneNumber=*{w}*)(mobile=*{w}*))"
        for w in map(escape_filter_chars, query.split())
    )
    names = ["cn", "sn", "givenName", "displayName", "telephoneNumber", "mobile"]
    connection.search(SUFFIX, f"(&{words})", attributes=names, size_limit=50)


def over_sizes(folder: Path, sizes: Sequence[int]) -> Iterator[Line]:
    """Ask the whole application, from query bytes to XML bytes, without a network, at each size."""
    figures: dict[int, tuple[float, float]] = {}
    raw = []
    for count in sizes:
        config, reader, seconds = build_directory(folder / f"people-{count}", count)
        client = create_app(config, reader).test_client()
        queries = query_mix(people(min(count, 50_000)), QUERIES)
        random.Random(1).shuffle(queries)
        for query in queries[:200]:
            client.get("/search", query_string=f"q={quote(query)}")
        times = []
        for query in queries:
            started = time.perf_counter()
            client.get("/search", query_string=f"q={quote(query)}")
            times.append((time.perf_counter() - started) * 1000)
        figures[count] = (statistics.median(times), percentile(times, 0.99))
        size = (config.state_dir / "directory.db").stat().st_size / 1e6
        raw.append(
            f"{count}: p50 {figures[count][0]:.2f} ms, p99 {figures[count][1]:.2f} ms, {size:.0f} MB, loaded in {seconds:.1f} s"
        )
    least, most = min(sizes), max(sizes)
    for index, name in enumerate(("p50", "p99")):
        ratio = figures[most][index] / figures[least][index]
        yield Line(
            f"search {name}, {most} / {least} people", ratio, "times", "at most", 3, "; ".join(raw) if not index else ""
        )


def _typical_queries() -> Sequence[tuple[str, str]]:
    person = next(iter(people(1)))
    surname, given = person.attributes["sn"][0], person.attributes["givenname"][0]
    digits = "".join(c for c in person.attributes["telephonenumber"][0] if c.isdigit())
    return (
        ("two words", f"{surname[:4]} {given[:3]}"),
        ("number", f"0{digits[2:]}"),
        ("three letters, a menu", surname[:3]),
    )
