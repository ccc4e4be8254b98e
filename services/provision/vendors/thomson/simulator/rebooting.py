"""What made the phone reboot, boot by boot, so that a loop is told with its cause. Names and serials only, no values."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from services.provision.vendors.thomson.simulator import apslog
from services.provision.vendors.thomson.simulator.memory import Memory

SEALED: Final = "ser"
"""Where the memory keeps what it knows of an encrypted phone file."""

_LABELS: Final[Mapping[str, str]] = {
    **{part.key: part.label for part in (*apslog.FIRMWARE, *apslog.FILES, apslog.COMMON)},
    SEALED: "encrypted phone file",
}
_SERIAL: Final = "serial"
_SHOWN: Final = 4


class Change(NamedTuple):
    """One reason for a reboot: what differed, and from what to what it went ("" on a factory-fresh phone)."""

    what: str
    before: str
    after: str


def changes(before: Memory, after: Memory) -> tuple[Change, ...]:
    """Return what a boot installed or applied, in the order of the phone."""
    found = [
        Change(label, before.installed.get(key, ""), after.installed[key])
        for key, label in _LABELS.items()
        if key in after.installed and before.installed.get(key) != after.installed[key]
    ]
    if before.serial != after.serial:
        found.append(Change(_SERIAL, before.serial or "", after.serial or ""))
    return tuple(found)


def explain_loop(boots: list[tuple[Change, ...]]) -> str:
    """Return what differed more than once, each with the values that it went through; if nothing did, all that changed."""
    seen: dict[str, list[Change]] = {}
    for change in (change for boot in boots for change in boot):
        seen.setdefault(change.what, []).append(change)
    often = {what: found for what, found in seen.items() if len(found) > 1}
    if not often:
        return f"so far it took over {', '.join(seen)}"
    return "; ".join(f"the {what} differs every time: {_trail(found)}" for what, found in often.items())


def _trail(found: list[Change]) -> str:
    values = [change.after for change in found]
    return " -> ".join(values if len(values) <= _SHOWN else ("...", *values[-_SHOWN:]))
