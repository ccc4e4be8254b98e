"""The table that `make bench` prints: each line a ratio or a figure of one run, its goal, and the raw figures beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table

Side = Literal["at least", "at most"]


@dataclass(frozen=True)
class Line:
    """One measurement."""

    what: str
    value: float
    unit: str
    side: Side
    goal: float | None
    """None: nobody set one."""
    raw: str

    @property
    def met(self) -> bool:
        """Tell whether the goal is met."""
        if self.goal is None:
            return True
        return self.value >= self.goal if self.side == "at least" else self.value <= self.goal


def print_report(lines: Sequence[Line], title: str) -> None:
    """Print all lines; a goal that is missed says so."""
    table = Table(title=title, title_justify="left")
    for column in ("measurement", "value", "goal", "", "raw figures"):
        table.add_column(column, justify="right" if column == "value" else "left", overflow="fold")
    for line in lines:
        sign = "≥" if line.side == "at least" else "≤"
        goal = "" if line.goal is None else f"{sign} {line.goal:g} {line.unit}"
        verdict = "" if line.goal is None else "met" if line.met else "MISSED"
        table.add_row(line.what, f"{line.value:.3g} {line.unit}", goal, verdict, line.raw)
    Console(width=150).print(table)


def peak_megabytes(pid: int) -> float:
    """Return the most resident memory a process ever had."""
    return _status_kilobytes(pid, "VmHWM:") / 1024


def family_of(pid: int) -> list[int]:
    """Return a process and all below it."""
    family = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            family += family_of(int(child))
    return family


def _status_kilobytes(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    return 0


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of all values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
