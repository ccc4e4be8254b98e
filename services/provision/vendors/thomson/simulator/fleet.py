"""Many phones booting at once, a bounded number at a time, and what it cost."""

import math
import time
from array import array
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Final

from services.provision.vendors.thomson.simulator.complaints import Complaint
from services.provision.vendors.thomson.simulator.phone import boot
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
    model: str = "ST2030",
    firmware: str = "",
    concurrency: int = 16,
    timeout: float = 10.0,
    log: Log,
) -> FleetResult:
    """Boot a factory-fresh phone for each address, `concurrency` of them at a time, each until it is steady.

    `timeout` is in seconds for one request. `log` gets the first complaints and the summary.
    """
    queue: SimpleQueue[Mac] = SimpleQueue()
    for mac in macs:
        queue.put(mac)
    started = time.monotonic()
    threads = max(1, min(concurrency, len(macs)))
    with ThreadPoolExecutor(threads, thread_name_prefix="phone") as pool:
        running = [pool.submit(_boot_some, queue, url, model, firmware, timeout) for _ in range(threads)]
        tallies = [future.result() for future in running]
    seconds = time.monotonic() - started
    result = FleetResult(
        phones=len(macs),
        steady=sum(tally.steady for tally in tallies),
        requests=sum(len(tally.requests) for tally in tallies),
        complaints=tuple(complaint for tally in tallies for complaint in tally.complaints),
        boot_times=_times([value for tally in tallies for value in tally.boots]),
        request_times=_times([value for tally in tallies for value in tally.requests]),
        seconds=seconds,
    )
    _report(result, log)
    return result


class _Tally:
    """What one thread has seen."""

    def __init__(self) -> None:
        self.steady = 0
        self.boots = array("d")
        self.requests = array("d")
        self.complaints: list[tuple[Mac, Complaint]] = []


def _boot_some(queue: SimpleQueue[Mac], url: str, model: str, firmware: str, timeout: float) -> _Tally:
    """Boot phones until the queue is empty."""
    tally = _Tally()
    while True:
        try:
            mac = queue.get_nowait()
        except Empty:
            return tally
        result = boot(url, mac, model=model, firmware=firmware, timeout=timeout, log=_unheard)
        tally.steady += result.steady
        tally.boots.append(result.seconds)
        tally.requests.extend(exchange.seconds for exchange in result.exchanges)
        tally.complaints.extend((mac, complaint) for complaint in result.complaints)


def _unheard(line: str) -> None:
    """Take a line of a phone's log; a fleet's logs are nobody's reading."""


def _times(values: list[float]) -> Times:
    if not values:
        return Times(0.0, 0.0, 0.0)
    values.sort()
    return Times(values[0], values[(len(values) - 1) // 2], values[math.ceil(len(values) * 0.99) - 1])


def _report(result: FleetResult, log: Log) -> None:
    for mac, complaint in result.complaints[:_SHOWN]:
        log(f"{mac}: {complaint}")
    if len(result.complaints) > _SHOWN:
        log(f"... and {len(result.complaints) - _SHOWN} more complaints")
    log(f"{result.phones} phones: {result.steady} steady, {result.phones - result.steady} not")
    log(f"{result.requests} requests in {result.seconds:.2f} s: {result.requests_per_second:.0f} a second")
    log(f"boot: {result.boot_times}")
    log(f"request: {result.request_times}")
