"""Design law 11: which removals are believed, and which wait for a person. Pure decisions; no I/O, no clock.

An emptied server, a broken ACL or a wrong filter looks like everybody leaving at once. So removals of entries, and losses
of secrets, count together over a window of time, and a batch with which they grow too large is held. What is removed one by
one (`ldapdelete -r`) begins like a small removal, so each is judged once a second look finds no more of it.
"""

from dataclasses import dataclass
from typing import Final

from shared.config import Guard
from shared.ldap.source import Kind

LOOK_AGAIN_SECONDS: Final = 0.5
"""A removal is looked at again after so long, before it is judged: less than the second in which an edit shall arrive."""
_PATIENCE_SECONDS: Final = 3.0
"""What goes on for so long is judged as it is: people do leave one after the other."""


@dataclass(frozen=True, slots=True)
class Tally:
    """So many entries, and so many entries with a secret."""

    entries: int = 0
    secrets: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.entries + other.entries, self.secrets + other.secrets)

    def less(self, other: "Tally") -> "Tally":
        """Return what is left without the other, nothing below zero."""
        return Tally(max(0, self.entries - other.entries), max(0, self.secrets - other.secrets))

    def is_within(self, other: "Tally") -> bool:
        """Tell whether neither count is above the other's."""
        return not self.less(other)

    def __bool__(self) -> bool:
        return bool(self.entries or self.secrets)


class Leaving:
    """Removals of one kind of entry that are not stored: they wait for the second look, or are held. Times in seconds."""

    def __init__(self) -> None:
        self._seen = Tally()
        self._since = 0.0

    def limit(self, now: float) -> Tally | None:
        """Return what is judged now, since it was seen to go a moment ago; None: whatever goes, for that has waited long."""
        return None if self._seen and now - self._since >= _PATIENCE_SECONDS else self._seen

    def note(self, leaving: Tally | None, now: float) -> None:
        """Take what would go by the last look; None when nothing goes, or it was stored."""
        if not self._seen:
            self._since = now
        self._seen = leaving or Tally()


@dataclass(frozen=True, slots=True)
class Removal:
    """What a batch would take away of one kind of entry, and what must be known to judge it."""

    before: Tally
    """What the copy holds, without this batch."""
    earlier: Tally
    """What went within the window already."""
    now: Tally
    """What would go. An entry that is gone counts in `secrets` too if it had one; one that lost its secret only there."""
    accepted: Tally = Tally()
    """What a person accepted; the batch is judged by what it takes beyond that."""


def is_believed(guard: Guard, removal: Removal) -> bool:
    """Tell whether the batch may be applied.

    It may not when the removals of the window including this batch are at least `guard.least` and more than
    `guard.share` of what was there before them, counted for entries and for secrets each. An acceptance covers as much
    as it was given for and starts the window anew; what goes beyond it is judged like any other batch.
    """
    before, earlier, now = removal.before, removal.earlier, removal.now
    if removal.accepted:
        before, earlier, now = before.less(removal.accepted), Tally(), now.less(removal.accepted)
    there = before + earlier
    return not (
        _is_mass(guard, now.entries, earlier.entries, there.entries)
        or _is_mass(guard, now.secrets, earlier.secrets, there.secrets)
    )


def describe(guard: Guard, service: str, kind: Kind, removal: Removal) -> str:
    """Return the sentence for the operator: what would go, why it waits, and the command that accepts it."""
    now, earlier, before = removal.now, removal.earlier, removal.before
    would = f"{now.entries} of {before.entries} {kind} entries"
    if now.secrets:
        would += f" and {now.secrets} of {before.secrets} {kind} secrets"
    already = f"; {earlier.entries} entries and {earlier.secrets} secrets went shortly before" if earlier else ""
    return (
        f"{would} would go{already}. That is more than {guard.share:.0%} within {guard.window:g} seconds, "
        f"so the copy stays as it is. If it is meant: dialtree {service} mirror --accept"
    )


def _is_mass(guard: Guard, now: int, earlier: int, there: int) -> bool:
    total = now + earlier
    return bool(now) and total >= guard.least and total > guard.share * there
