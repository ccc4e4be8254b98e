"""Which connections of a worker are closed so that no other client has to wait for them. Pure: times and counts, no sockets.

Behind nginx this hardly ever happens. Whoever reaches a worker directly may open connections and send nothing, send a
request without an end, or never read: each would hold a place until all are taken.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple, TypeVar

MOST: Final = 400
"""Connections from which on those that do nothing are closed for new ones."""
MOST_OF_ONE: Final = 100
"""Connections of one address that wait for their client: requests that did not come, and answers that are not read."""
GRACE_SECONDS: Final = 0.2
"""A new connection's request may still be on its way."""
_REQUEST_SECONDS: Final = 10.0
_READ_SECONDS: Final = 30.0
_IDLE_SECONDS: Final = 60.0
"""Longer than nginx keeps a connection to a worker, so that nginx is the one that closes it."""

State = Literal["asking", "reading", "idle", "busy"]
"""What a connection waits for: (the rest of) its first or next request, its client to read, nothing, or us."""
_LONGEST: Final[dict[State, float]] = {
    "asking": _REQUEST_SECONDS,
    "reading": _READ_SECONDS,
    "idle": _IDLE_SECONDS,
}
Key = TypeVar("Key")


class Connection(NamedTuple):
    """What one connection does. Times are of one clock, in seconds."""

    address: str
    state: State
    since: float
    """When it began to do that: what a client sends or reads in small pieces does not make it younger."""
    active: float
    """When something was last sent or read."""


def overdue(connections: Iterable[tuple[Key, Connection]], now: float) -> Iterator[Key]:
    """Yield those that waited for their client for too long, however few connections there are."""
    for key, each in connections:
        began = each.active if each.state == "reading" else each.since
        if each.state in _LONGEST and now - began > _LONGEST[each.state]:
            yield key


def excess(connections: Iterable[tuple[Key, Connection]], now: float) -> Iterator[Key]:
    """Yield those that are to make place: first what waits for the address that has most of it, the oldest first, then idle ones.

    A connection that waits for us is never among them, nor one that is younger than `GRACE_SECONDS`.
    """
    known = list(connections)
    of_address = Counter(each.address for _, each in known if each.state in {"asking", "reading"})
    too_many = len(known) - MOST
    if too_many <= 0 and max(of_address.values(), default=0) <= MOST_OF_ONE:
        return
    waiting = sorted(
        (each.state == "idle", -of_address[each.address], each.since, at)
        for at, (_, each) in enumerate(known)
        if each.state != "busy" and now - each.since > GRACE_SECONDS
    )
    for is_idle, _, _, at in waiting:
        key, each = known[at]
        over_share = not is_idle and of_address[each.address] > MOST_OF_ONE
        if too_many > 0 or over_share:
            too_many -= 1
            of_address[each.address] -= not is_idle
            yield key
