"""When the mirror asks again: the pace of polls, and the retreat from what fails. Pure arithmetic; no clock, no I/O."""

from typing import Final

_SHARE: Final = 5
_LONGEST_PAUSE: Final = 60.0
_LEAST_LOOK: Final = 60.0
_LOOK_SHARE: Final = 20
_LEAST_HINTED: Final = 1.0
_HINTED_SHARE: Final = 5
_FIRST_RETRY: Final = 0.5
_LONGEST_RETRY: Final = 15.0


class Pace:
    """How long to rest between two polls of one stream, so that a poll that is dear to the server comes less often.

    The pause is five times what recent polls cost, at least `poll_interval` and at most a minute: the server is asked for
    a sixth of its time at most. What recent polls cost is the cost of the last one, or half of what it was before if
    that is more. So polls of 1 ms repeat every `poll_interval`; one of 0.5 s is followed by a pause of 2.5 s, and
    when the next ones are cheap again, by 1.25 s, 0.6 s, …
    """

    def __init__(self, poll_interval: float) -> None:
        self._least = poll_interval
        self._cost = 0.0

    def pause_after(self, cost: float) -> float:
        """Return the pause after a poll for which the source took so many seconds."""
        self._cost = max(cost, self._cost / 2)
        return max(self._least, min(_SHARE * self._cost, _LONGEST_PAUSE))


def look_pause(cost: float) -> float:
    """Return the pause after a look at everything (a sweep, a complete read) that took the source so many seconds.

    A minute, or twenty times the cost where that is more: a twentieth of the server's time at most.
    """
    return max(_LEAST_LOOK, _LOOK_SHARE * cost)


def hinted_pause(cost: float) -> float:
    """Return the pause after which a change that hints at others may begin the next look."""
    return max(_LEAST_HINTED, _HINTED_SHARE * cost)


class Backoff:
    """How long to wait after a failure: exponential, with full jitter, so that many hosts do not come back at once.

    Any time up to 0.5 s after the first failure, up to 1 s after the second, …, up to 15 s.
    """

    def __init__(self) -> None:
        self._failures = 0

    def after_failure(self, chance: float) -> float:
        """Return the seconds to wait. `chance`: a random number from 0 to 1."""
        longest = min(_LONGEST_RETRY, _FIRST_RETRY * 2.0**self._failures)
        self._failures = min(self._failures + 1, 10)
        return chance * longest

    def reset(self) -> None:
        """Begin anew after a success."""
        self._failures = 0
