"""Load by wrk, always in pairs: A and B in turn in one run, so that a noisy machine is noisy for both."""

import re
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from tests.tools import need_tool


@dataclass(frozen=True)
class Load:
    """What one run of wrk measured."""

    per_second: float
    p50_ms: float
    p99_ms: float
    errors: int


class Pair(NamedTuple):
    """Medians of A and B, and the median of the ratios of neighbouring runs."""

    a: Load
    b: Load
    ratio: float


CONNECTIONS: Final = 8
"""Clients at once."""
_IN_TURN: Final = """local paths = {%s}
local at = 0
request = function()
  at = at %% #paths + 1
  return wrk.format("GET", paths[at])
end
"""


def load(url: str, *, connections: int = CONNECTIONS, seconds: int = 3, script: Path | None = None) -> Load:
    """Ask for one URL as fast as the server answers, for some seconds; or for what the script says."""
    ordered = ["-s", str(script)] if script else []
    command = [need_tool("wrk"), "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", *ordered, url]
    text = subprocess.run(command, check=True, capture_output=True, encoding="utf-8", timeout=seconds + 30).stdout
    errors = sum(int(n) for n in re.findall(r"(?:Non-2xx or 3xx responses|connect|read|write|timeout):? (\d+)", text))
    return Load(
        float(_find(r"Requests/sec:\s+([\d.]+)", text)), _milliseconds("50%", text), _milliseconds("99%", text), errors
    )


def compare(a: str, b: str, *, rounds: int = 5, seconds: int = 3, script: Path | None = None) -> Pair:
    """Measure two URLs in turn, after a warm-up of each; or for both what the script says."""
    for url in (a, b):
        load(url, seconds=1, script=script)
    runs = [(load(a, seconds=seconds, script=script), load(b, seconds=seconds, script=script)) for _ in range(rounds)]
    ratio = statistics.median(one.per_second / other.per_second for one, other in runs)
    return Pair(_median([one for one, _ in runs]), _median([other for _, other in runs]), ratio)


def write_script(folder: Path, paths: Sequence[str]) -> Path:
    """Write a script for `load` that asks for these paths in turn, again and again; they are percent-encoded."""
    script = folder / "paths.lua"
    script.write_text(_IN_TURN % ", ".join(f'"{path}"' for path in paths), encoding="ascii")
    return script


def _median(loads: list[Load]) -> Load:
    return Load(
        statistics.median(load.per_second for load in loads),
        statistics.median(load.p50_ms for load in loads),
        statistics.median(load.p99_ms for load in loads),
        sum(load.errors for load in loads),
    )


def _find(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match is not None, text
    return match.group(1)


def _milliseconds(share: str, text: str) -> float:
    value = _find(rf"{share}\s+([\d.]+(?:us|ms|s))", text)
    number = float(re.sub("[a-z]", "", value))
    return number / 1000 if value.endswith("us") else number if value.endswith("ms") else number * 1000
