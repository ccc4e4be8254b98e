"""Design law 11, as arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.config import Guard
from shared.guard import Leaving, Removal, Tally, describe, is_believed
from shared.ldap.source import Kind

GUARD = Guard()  # 20 %, at least 10


@pytest.mark.parametrize(
    ("before", "earlier", "now", "believed"),
    [
        (100, 0, 20, True),
        (100, 0, 21, False),
        (100, 0, 100, False),
        (12, 0, 9, True),
        (9, 0, 9, True),
        (12, 0, 10, False),
        (85, 15, 5, True),
        (85, 15, 6, False),
        (80, 20, 0, True),
        (0, 50, 0, True),
    ],
)
def test_entries_are_believed_to_go_up_to_a_share(before: int, earlier: int, now: int, *, believed: bool) -> None:
    assert is_believed(GUARD, Removal(Tally(before), Tally(earlier), Tally(now))) is believed


def test_lost_secrets_are_judged_like_lost_entries() -> None:
    before = Tally(entries=100, secrets=30)
    assert is_believed(GUARD, Removal(before, Tally(), Tally(0, 6))) is True
    assert is_believed(GUARD, Removal(before, Tally(), Tally(0, 10))) is False
    assert (
        is_believed(GUARD, Removal(before, Tally(), Tally(15, 15))) is False
    )  # few of the entries, half of the secrets


def test_an_acceptance_covers_what_it_was_given_for() -> None:
    before, accepted = Tally(100, 100), Tally(50, 50)
    assert is_believed(GUARD, Removal(before, Tally(), Tally(50, 50), accepted))
    assert is_believed(GUARD, Removal(before, Tally(), Tally(59, 59), accepted))


def test_an_acceptance_does_not_cover_much_more() -> None:
    assert not is_believed(GUARD, Removal(Tally(100), Tally(), Tally(70), Tally(50)))
    assert not is_believed(GUARD, Removal(Tally(100, 90), Tally(), Tally(50, 90), Tally(50, 0)))


def test_the_sentence_says_what_would_go_and_how_to_accept_it() -> None:
    removal = Removal(Tally(40, 36), Tally(2, 1), Tally(38, 35))
    assert describe(GUARD, "provision", Kind.ACCOUNT, removal) == (
        "38 of 40 account entries and 35 of 36 account secrets would go; 2 entries and 1 secrets went shortly before. "
        "That is more than 20% within 3600 seconds, so the copy stays as it is. "
        "If it is meant: dialtree provision mirror --accept"
    )


def test_what_leaves_is_judged_when_it_was_seen_to_leave_before_or_has_left_for_long() -> None:
    leaving = Leaving()
    assert leaving.limit(100.0) == Tally()
    for now in (100.0, 101.0, 102.0):
        leaving.note(Tally(int(now)), now)
        assert leaving.limit(now + 0.5) == Tally(int(now))
    assert leaving.limit(103.0) is None
    leaving.note(None, 103.0)
    assert leaving.limit(110.0) == Tally()


COUNTS = st.integers(0, 1000)


@given(before=COUNTS, earlier=COUNTS, now=COUNTS, more=COUNTS)
def test_who_does_not_believe_a_removal_does_not_believe_a_larger_one(
    before: int, earlier: int, now: int, more: int
) -> None:
    smaller = Removal(Tally(before), Tally(earlier), Tally(min(now, before)))
    larger = Removal(Tally(before), Tally(earlier), Tally(min(now + more, before)))
    assert is_believed(GUARD, smaller) or not is_believed(GUARD, larger)


@given(before=COUNTS, earlier=COUNTS)
def test_a_batch_that_removes_nothing_is_always_believed(before: int, earlier: int) -> None:
    assert is_believed(GUARD, Removal(Tally(before, before), Tally(earlier, earlier), Tally()))
