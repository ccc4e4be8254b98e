"""How far refusals can be told apart by their time: `python -m tests.attack.refusals [COUNT]`. Prints, and judges nothing.

Unknown, faulty and disallowed requests for phone files are asked in turn of one app, in this process. A client that is
not allowed gets nothing else, so its time tells it nothing; unknown and faulty are those that must not differ.
"""

import logging
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Final

from services.provision.app import create_app
from tests.provision.desk import configuration, load
from tests.provision.office import ENTRIES, REFUSED_MACS, phone_path

_INSIDE: Final = "127.0.0.1"
_OUTSIDE: Final = "203.0.113.7"


def main(count: int = 2000) -> None:
    """Ask and print."""
    logging.disable(logging.CRITICAL)
    times: dict[str, list[float]] = defaultdict(list)
    chance = random.Random(1)  # the same order each time
    with tempfile.TemporaryDirectory() as folder:
        config = configuration(state_dir=Path(folder))
        load(config, *ENTRIES)
        client = create_app(config).test_client()
        kinds = [("unknown", _INSIDE), ("faulty", _INSIDE), ("disallowed", _OUTSIDE)]
        for number in range(count + 60):
            kind, address = kinds[number % 3] if number < 60 else chance.choice(kinds)  # warming up
            known = chance.choice(REFUSED_MACS) if kind == "faulty" else f"BBBBBB{chance.randrange(1 << 24):06X}"
            began = time.perf_counter()
            answer = client.get(phone_path(known), environ_base={"REMOTE_ADDR": address})
            took = time.perf_counter() - began
            assert answer.status_code == 404
            if number >= 60:
                times[kind].append(took * 1e6)
    sys.stdout.write("refusal    | count | median µs | p10 | p90 | p99\n")
    for kind, taken in times.items():
        deciles, hundredths = statistics.quantiles(taken, n=10), statistics.quantiles(taken, n=100)
        middle = statistics.median(taken)
        sys.stdout.write(
            f"{kind:10} | {len(taken):5} | {middle:9.0f} | {deciles[0]:.0f} | {deciles[-1]:.0f} | {hundredths[-1]:.0f}\n"
        )
    share = _share(times["unknown"], times["faulty"])
    sys.stdout.write(
        f"a faulty one took longer than an unknown one in {share:.0%} of pairs (50 %: cannot be told apart)\n"
    )


def _share(first: list[float], second: list[float]) -> float:
    """Return the share of pairs in which the second is larger."""
    return sum(b > a for a in first for b in second) / (len(first) * len(second))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
