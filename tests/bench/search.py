"""The phonebook: search through nginx against a trivial view, against live LDAP, and over three sizes."""

import http.client
import random
import sqlite3
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import ldap3
from flask.testing import FlaskClient
from ldap3.utils.conv import escape_filter_chars

from services.demo.slapd import PrivateSlapd
from services.directory.app import create_app
from services.directory.tables import DirectoryTables
from shared.config import Config
from shared.ldap.source import Kind
from shared.tables import EntryChange
from tests.bench.people import SUFFIX, people, people_with_several_values
from tests.bench.queries import queries_by_kind, query_mix, typical_queries
from tests.bench.report import Line, percentile
from tests.bench.world import Running, build_directory, fetch, trivial_view
from tests.bench.wrk import CONNECTIONS, Pair, compare, load, write_script

SAMPLE = 20_000
"""People of whom queries are made, at the beginning of every larger directory."""
MIX = 6000
"""Queries drawn for a service that keeps answers: many times more than it keeps."""
ASKED_LIVE = 400
QUERIES = 3000
KINDS = 400
"""Queries of each kind."""
EDITS = 50
MIDDLE = 100_000
"""People at whom the goals of each kind of query are set."""


def against_trivial_view(running: Running, folder: Path) -> Iterator[Line]:
    """Compare with a Flask view that returns the very same bytes, through the same kind of nginx and waitress.

    Twice: one query again and again, which a worker answers from what it kept; then each query for the first time, from
    so many that none is kept when it comes again.
    """
    again, first = list[Comparison](), list[Comparison]()
    for kind, queries in typical_queries(people(min(running.count, SAMPLE))).items():
        paths = [f"/search?q={quote(query)}" for query in queries]
        body = fetch(f"{running.url}{paths[0]}")
        with trivial_view(folder / f"trivial-{kind}", body, "text/xml; charset=ISO-8859-1") as trivial:
            again.append(Comparison(f"{kind} '{queries[0]}'", len(body), compare(f"{running.url}{paths[0]}", trivial)))
            if len(paths) > running.config.directory.kept_answers:  # among fewer people nothing stays new
                script = write_script(folder, paths)
                pair = compare(running.url, trivial, script=script)
                first.append(Comparison(f"{len(paths)} of {kind}", len(body), pair))
    for how, pairs, goal in (("again", again, 0.7), ("for the first time", first, None)):
        if not pairs:
            continue
        what = f"search asked {how} / trivial view, through nginx, {running.count} people"
        ratio = statistics.median(one.pair.ratio for one in pairs)
        yield Line(what, ratio, "", "at least", goal, "; ".join(one.raw for one in pairs))


class Comparison(NamedTuple):
    """A kind of query against the trivial view."""

    what: str
    size: int
    pair: Pair

    @property
    def raw(self) -> str:
        """The figures."""
        a, b, ratio = self.pair
        return (
            f"{self.what} ({self.size} bytes): {a.per_second:.0f}/s p99 {a.p99_ms:.1f} ms, trivial "
            f"{b.per_second:.0f}/s p99 {b.p99_ms:.1f} ms, ratio {ratio:.2f}, {a.errors} errors"
        )


def against_live_ldap(running: Running, slapd: PrivateSlapd, folder: Path) -> Iterator[Line]:
    """Ask the same of a live server: as many clients at once on both sides, each with its connection kept open.

    Ours is asked for many more of the mix, so that none is kept when it comes again.
    """
    mix = list(dict.fromkeys(query_mix(people(min(running.count, SAMPLE)), MIX)))
    queries = mix[:ASKED_LIVE]
    shares = [queries[client::CONNECTIONS] for client in range(CONNECTIONS)]
    with ThreadPoolExecutor(CONNECTIONS) as clients:
        connections = [_bound(slapd) for _ in shares]
        started = time.perf_counter()
        list(clients.map(_search_live, connections, shares))
        live = len(queries) / (time.perf_counter() - started)
        for connection in connections:
            connection.unbind()
    script = write_script(folder, [f"/search?q={quote(query)}" for query in mix])
    load(running.url, seconds=1, script=script)
    ours = load(running.url, script=script)
    one = _one_client(running, slapd, queries)
    raw = (
        f"ours through nginx {ours.per_second:.0f}/s p99 {ours.p99_ms:.1f} ms, live LDAP {live:.1f}/s; "
        f"{len(queries)} queries there and {len(mix)} here, {CONNECTIONS} clients at once, {ours.errors} errors; one client: {one}"
    )
    what = f"search / live slapd through ldap3, {running.count} people"
    yield Line(what, ours.per_second / live, "times", "at least", 10, raw)


def _one_client(running: Running, slapd: PrivateSlapd, queries: Sequence[str]) -> str:
    """Return the throughput of a single client that waits for each answer, on both sides."""
    connection = _bound(slapd)
    started = time.perf_counter()
    _search_live(connection, queries)
    live = len(queries) / (time.perf_counter() - started)
    connection.unbind()
    phone = http.client.HTTPConnection(running.url.removeprefix("http://"), timeout=30)
    started = time.perf_counter()
    for query in queries:
        phone.request("GET", f"/search?q={quote(query)}")
        phone.getresponse().read()
    ours = len(queries) / (time.perf_counter() - started)
    phone.close()
    return f"{ours:.0f}/s and {live:.1f}/s"


def _bound(slapd: PrivateSlapd) -> ldap3.Connection:
    return ldap3.Connection(slapd.url, slapd.root_dn, slapd.root_password, auto_bind=True, raise_exceptions=False)


def _search_live(connection: ldap3.Connection, queries: Sequence[str]) -> None:
    names = ["cn", "sn", "givenName", "displayName", "telephoneNumber", "mobile"]
    for query in queries:
        words = "".join(
            f"(|(cn=*{w}*)(sn=*{w}*)(givenName=*{w}*)(telephoneNumber=*{w}*)(mobile=*{w}*))"
            for w in map(escape_filter_chars, query.split())
        )
        connection.search(SUFFIX, f"(&{words})", attributes=names, size_limit=50)


def over_sizes(folder: Path, sizes: Sequence[int]) -> Iterator[Line]:
    """Ask the whole application, from query bytes to XML bytes, without a network, at each size; then edit."""
    mixes: dict[int, tuple[float, float]] = {}
    kinds: dict[str, dict[int, tuple[float, float]]] = {}
    raw, edits = [], {}
    for count in sizes:
        config, reader, seconds = build_directory(folder / f"people-{count}", count)
        client = create_app(config, reader).test_client()
        queries = query_mix(people(min(count, 50_000)), QUERIES)
        random.Random(1).shuffle(queries)
        _ask_all(client, queries[:200])
        mixes[count] = _ask_all(client, queries)
        for kind, asked in queries_by_kind(people(min(count, 50_000)), KINDS).items():
            kinds.setdefault(kind, {})[count] = _ask_all(client, asked)
        file = config.state_dir / "directory.db"
        edits[count] = _edits(config, file)
        p50, p99 = mixes[count]
        size = file.stat().st_size / 1e6
        raw.append(f"{count}: p50 {p50:.2f} ms, p99 {p99:.2f} ms, {size:.0f} MB, loaded in {seconds:.1f} s")
    least, most = min(sizes), max(sizes)
    for index, name in enumerate(("p50", "p99")):
        ratio = mixes[most][index] / mixes[least][index]
        what = f"search {name}, {most} / {least} people"
        yield Line(what, ratio, "times", "at most", 3, "" if index else "; ".join(raw))
    yield from _kind_lines(kinds, sorted(sizes))
    p50, p99 = edits[most]
    yield Line(f"edit applied, p99, {most} people", p99, "ms", "at most", 250, f"p50 {p50:.1f} ms, {EDITS} edits")


def with_several_values(folder: Path, count: int) -> Iterator[Line]:
    """Compare people with several values of everything to the same people with one: load, file, first-time searches."""
    figures: dict[str, dict[str, float]] = {}
    for name, directory in (("one", people), ("several", people_with_several_values)):
        config, reader, seconds = build_directory(folder / f"values-{name}", count, directory)
        client = create_app(config, reader).test_client()
        sample = min(count, 50_000)
        queries = query_mix(people(sample), QUERIES)
        _ask_all(client, queries[:200])
        near = queries_by_kind(people(sample), KINDS)["typo"]
        figures[name] = {
            "first load, s": seconds,
            "file size, MB": (config.state_dir / "directory.db").stat().st_size / 1e6,
            "first-time search, p50, ms": _ask_all(client, queries)[0],
            "near misses, p50, ms": _ask_all(client, near)[0],
        }
    for what, one in figures["one"].items():
        several = figures["several"][what]
        name, unit = what.rsplit(", ", 1)
        raw = f"one value of everything {one:.3g} {unit}, several {several:.3g} {unit}"
        yield Line(f"several values / one value, {name}, {count} people", several / one, "times", "at most", None, raw)


def _kind_lines(kinds: dict[str, dict[int, tuple[float, float]]], sizes: Sequence[int]) -> Iterator[Line]:
    shown = MIDDLE if MIDDLE in sizes else sizes[-1]
    for kind, figures in kinds.items():
        raw = "; ".join(f"{count}: p50 {p50:.2f}, p99 {p99:.2f} ms" for count, (p50, p99) in figures.items())
        goal = 15 if kind in ("typo", "nonsense") else 5
        yield Line(f"search, {kind}, p99, {shown} people", figures[shown][1], "ms", "at most", goal, raw)
    yield Line(f"search, 1 letter, p99, {sizes[-1]} people", kinds["1 letters"][sizes[-1]][1], "ms", "at most", 20, "")


def _ask_all(client: FlaskClient, queries: Sequence[str]) -> tuple[float, float]:
    """Return p50 and p99 in milliseconds."""
    times = []
    for query in queries:
        started = time.perf_counter()
        client.get("/search", query_string=f"q={quote(query)}")
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times), percentile(times, 0.99)


def _edits(config: Config, file: Path) -> tuple[float, float]:
    """Rename people in the tables, each in a transaction of its own; return p50 and p99 in milliseconds."""
    tables, times = DirectoryTables(config), []
    db = sqlite3.connect(file, isolation_level=None)
    for number, before in enumerate(islice(people(EDITS), EDITS)):
        after = before._replace(attributes={**before.attributes, "displayname": (f"Edited {number}",)})
        started = time.perf_counter()
        db.execute("BEGIN IMMEDIATE")
        tables.derive(db, [EntryChange(Kind.PERSON, before.uuid, before, after)])
        tables.settle(db, bulk=False)
        db.execute("COMMIT")
        times.append((time.perf_counter() - started) * 1000)
    db.close()
    return statistics.median(times), percentile(times, 0.99)
