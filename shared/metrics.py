"""What a worker counts, for Prometheus. Every app has a registry of its own, so that two apps can live in one process.

No path, query, MAC address, name or secret is ever a label: labels come from closed sets in the code.

Each worker process counts for itself and is scraped at its own port (`listen`, and ten ports higher for each further
worker); Prometheus adds the workers up. The gauges of the store are the same at every worker of a host.
"""

import time
from collections import Counter as Counts
from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from shared.errors import StoreUnavailable
from shared.health import NOTHING_TO_WARN_OF, Health, read_warnings
from shared.store import Reader

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_OUTCOMES: Final = {400: "malformed", 404: "unknown", 405: "method", 429: "limited", 503: "unavailable"}
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)


class Metrics:
    """The counters of one app. `service`: "provision" or "directory"."""

    def __init__(
        self, service: str, reader: Reader, registry: CollectorRegistry, health: Health = NOTHING_TO_WARN_OF
    ) -> None:
        self._registry = registry
        self._requests = Counter(
            "dialtree_requests", "Requests by handler and outcome", ("handler", "outcome"), registry=registry
        )
        self._counters: dict[tuple[str, str], Counter] = {}
        self._seconds = Histogram(
            "dialtree_request_seconds", "Time from request to answer", buckets=_SECONDS, registry=registry
        )
        self._refused = Counter(
            "dialtree_refused_phones", "Phone files that were not rendered, by reason", ("reason",), registry=registry
        )
        ProcessCollector(registry=registry)
        registry.register(_StoreCollector(service, reader, health))

    def request(self, handler: str, status: int, seconds: float) -> None:
        """Count one request. `handler`: the name of a view, or "none"."""
        outcome = "ok" if status < 400 else _OUTCOMES.get(status, "other")  # noqa: PLR2004
        counter = self._counters.get((handler, outcome))
        if counter is None:  # `labels` takes a lock and checks its arguments, at every request
            counter = self._counters[handler, outcome] = self._requests.labels(handler, outcome)
        counter.inc()
        self._seconds.observe(seconds)

    def refused(self, reason: str) -> None:
        """Count a phone that could not be rendered. `reason`: one word of a closed set, never a value of an entry."""
        self._refused.labels(reason).inc()

    def watch(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Show what `read` returns whenever Prometheus asks, NaN for a store that cannot be read; `dialtree_` precedes the name."""

        def value() -> float:
            try:
                return read()
            except StoreUnavailable:
                return float("nan")

        Gauge(f"dialtree_{name}", meaning, registry=self._registry).set_function(value)

    def render(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self._registry)


class _StoreCollector(Collector):
    """Reads the mirror's status when Prometheus asks; a store that cannot be read is `dialtree_store_usable 0`."""

    def __init__(self, service: str, reader: Reader, health: Health) -> None:
        self._service = service
        self._reader = reader
        self._health = health

    def collect(self) -> Iterator[Metric]:
        try:
            status = self._reader.status()
        except StoreUnavailable:
            yield self._gauge("usable", "1 when the mirror's copy can be answered from", 0)
            return
        yield self._gauge("usable", "1 when the mirror's copy can be answered from", status.loaded)
        yield self._gauge("connected", "1 when the mirror follows its source", status.connected)
        yield self._gauge("holds", "Batches that wait for a person's acceptance", len(status.holds))
        yield self._gauge("changed_timestamp_seconds", "When the copy last changed, Unix time", status.changed_at)
        if status.confirmed_at:
            age = max(0.0, time.time() - status.confirmed_at)
            yield self._gauge("age_seconds", "Since when the source has not confirmed the copy", age)
        entries = GaugeMetricFamily("dialtree_store_entries", "Entries by kind", labels=("service", "kind"))
        for kind, count in status.entries.items():
            entries.add_metric((self._service, kind), count)
        yield entries
        warned = Counts(warned.code for warned in read_warnings(self._reader, self._health))
        warnings = GaugeMetricFamily("dialtree_store_warnings", "Warnings by code", labels=("service", "code"))
        for code in self._health.codes:
            warnings.add_metric((self._service, code), warned[code])
        yield warnings

    def _gauge(self, name: str, meaning: str, value: float) -> Metric:
        gauge = GaugeMetricFamily(f"dialtree_store_{name}", meaning, labels=("service",))
        gauge.add_metric((self._service,), value)
        return gauge
