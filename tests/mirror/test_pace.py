"""How often the directory is asked, and how soon again after a failure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.pace import Backoff, Pace

SECONDS = st.floats(0, 1000)


def test_a_cheap_poll_repeats_at_the_configured_interval() -> None:
    pace = Pace(0.1)
    assert [pace.pause_after(0.001) for _ in range(3)] == [0.1, 0.1, 0.1]


def test_a_dear_poll_comes_seldom_and_is_forgotten_by_halves() -> None:
    pace = Pace(0.1)
    assert pace.pause_after(0.5) == pytest.approx(2.5)
    assert [pace.pause_after(0.001) for _ in range(6)] == pytest.approx([1.25, 0.625, 0.3125, 0.15625, 0.1, 0.1])


def test_a_configured_interval_longer_than_a_minute_is_kept() -> None:
    assert Pace(600).pause_after(100) == 600


@given(interval=st.floats(0.02, 3600), costs=st.lists(SECONDS, min_size=1))
def test_a_pause_is_five_times_the_cost_within_its_bounds(interval: float, costs: list[float]) -> None:
    pace = Pace(interval)
    for cost in costs:
        pause = pace.pause_after(cost)
        assert pause >= interval
        assert pause >= min(5 * cost, 60)
        assert pause <= max(interval, 60)


def test_retries_come_later_and_later_and_at_least_every_15_seconds() -> None:
    backoff = Backoff()
    assert [backoff.after_failure(1.0) for _ in range(8)] == [0.5, 1, 2, 4, 8, 15, 15, 15]
    backoff.reset()
    assert backoff.after_failure(1.0) == 0.5


@given(chance=st.floats(0, 1), failures=st.integers(0, 2000))
def test_the_jitter_is_full(chance: float, failures: int) -> None:
    certain, jittered = Backoff(), Backoff()
    for _ in range(failures):
        certain.after_failure(1.0)
        jittered.after_failure(chance)
    assert jittered.after_failure(chance) == pytest.approx(chance * certain.after_failure(1.0))
