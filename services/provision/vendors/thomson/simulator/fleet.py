"""Many phones booting at once, a bounded number at a time, and what it cost."""

import asyncio
import math
import time
from array import array
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Final

from services.provision.vendors.thomson.simulator.complaints import Complaint, Verdict
from services.provision.vendors.thomson.simulator.phone import BootResult, run_phone
from shared.errors import Malformed
from shared.mac import Mac

Log = Callable[[str], None]

_SHOWN: Final = 10
_MAC_END: Final = 1 << 48


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds: the least, the middle, and the one that 99 of 100 do not exceed. Zero where nothing was measured."""

    least: float
    median: float
    p99: float

    def __str__(self) -> str:
        return f"min {self.least * 1000:.1f} ms, median {self.median * 1000:.1f} ms, p99 {self.p99 * 1000:.1f} ms"


@dataclass(frozen=True, slots=True)
class FleetResult:
    """What came of booting a fleet; times of whole boots to steady state, and of single requests."""

    phones: int
    steady: int
    requests: int
    complaints: tuple[tuple[Mac, Complaint], ...]
    boot_times: Times
    request_times: Times
    seconds: float

    @property
    def requests_per_second(self) -> float:
        """Over the whole run."""
        return self.requests / self.seconds if self.seconds else 0.0

    @property
    def exit_code(self) -> int:
        """0: every phone is steady; 1: one is not."""
        return 0 if self.steady == self.phones else 1

    @property
    def strict_exit_code(self) -> int:
        """0: every phone is steady, and there is nothing to complain about."""
        return 1 if self.complaints else self.exit_code


def consecutive_macs(first: Mac, count: int) -> tuple[Mac, ...]:
    """Return `count` addresses from `first` upwards. Raises `Malformed` past FF:FF:FF:FF:FF:FF."""
    start = int(first, 16)
    if count < 1 or start + count > _MAC_END:
        raise Malformed(f"there are no {count} addresses from {first} upwards")
    return tuple(Mac(f"{number:012X}") for number in range(start, start + count))


def boot_fleet(
    url: str,
    macs: Sequence[Mac],
    *,
    models: Sequence[str] = ("ST2030",),
    firmware: str = "",
    concurrency: int = 16,
    timeout: float = 10.0,
    log: Log,
) -> FleetResult:
    """Boot a factory-fresh phone for each address, `concurrency` of them at a time, each until it is steady.

    The phones are of the `models` in turn. `timeout` is in seconds for one request. `log` gets the first complaints and
    the summary. One thread runs them all: with threads, each would wait for the interpreter longer than for the server.
    """

    async def run(mac: Mac, model: str) -> None:
        tally.count(mac, await run_phone(url, mac, model=model, firmware=firmware, timeout=timeout, log=_unheard))

    tally = _Tally()
    started = time.monotonic()
    asyncio.run(_run_all(run, iter(zip(macs, cycle(models), strict=False)), min(concurrency, len(macs))))
    seconds = time.monotonic() - started
    result = FleetResult(
        phones=len(macs),
        steady=tally.steady,
        requests=len(tally.requests),
        complaints=tuple(tally.complaints),
        boot_times=_times(tally.boots),
        request_times=_times(tally.requests),
        seconds=seconds,
    )
    _report(result, log)
    return result


class _Tally:
    """What has been seen of a fleet."""

    def __init__(self) -> None:
        self.steady = 0
        self.boots = array("d")
        self.requests = array("d")
        self.complaints: list[tuple[Mac, Complaint]] = []

    def count(self, mac: Mac, result: BootResult) -> None:
        """Add a phone that is done."""
        self.steady += result.steady
        self.boots.append(result.seconds)
        self.requests.extend(exchange.seconds for exchange in result.exchanges)
        self.complaints.extend((mac, complaint) for complaint in result.complaints)


async def _run_all(
    run: Callable[[Mac, str], Awaitable[None]], phones: Iterator[tuple[Mac, str]], concurrency: int
) -> None:
    """Run all phones, so many at a time; when one is done the next begins."""

    async def some() -> None:
        for mac, model in phones:
            await run(mac, model)

    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(some())


def _unheard(line: str) -> None:
    """Take a line of a phone's log; a fleet's logs are nobody's reading."""


def _times(values: Iterable[float]) -> Times:
    ordered = sorted(values)
    if not ordered:
        return Times(0.0, 0.0, 0.0)
    return Times(ordered[0], ordered[(len(ordered) - 1) // 2], ordered[math.ceil(len(ordered) * 0.99) - 1])


def _report(result: FleetResult, log: Log) -> None:
    gravest_first = sorted(result.complaints, key=lambda pair: list(Verdict).index(pair[1].verdict))
    for mac, complaint in gravest_first[:_SHOWN]:
        log(f"{mac}: {complaint}")
    if len(result.complaints) > _SHOWN:
        log(f"... and {len(result.complaints) - _SHOWN} more complaints")
    log(f"{result.phones} phones: {result.steady} steady, {result.phones - result.steady} not")
    log(f"{result.requests} requests in {result.seconds:.2f} s: {result.requests_per_second:.0f} a second")
    log(f"boot: {result.boot_times}")
    log(f"request: {result.request_times}")
