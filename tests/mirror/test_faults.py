"""What the mirror does when the directory, the network or the disk fails, and what it says about it."""

import logging
from functools import partial

import pytest

from shared.acceptance import accept_holds
from shared.errors import LdifError, SourceUnavailable, StoreUnavailable
from shared.ldap.source import Kind
from shared.store import Status
from tests.mirror.parts import (
    ACCOUNTS,
    PERSONS,
    SERVER,
    Cards,
    entries,
    entry,
    nothing,
)
from tests.mirror.runs import Run, warnings


def test_a_required_refresh_is_made_at_once_and_without_a_gap(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[int] = []

    def forget() -> None:
        run.source.forgetful = True
        run.source.put(Kind.PERSON, entry(0, "changed"))
        run.source.asked.clear()
        run.source.on_item = lambda _: seen.append(len(run.names()))

    caplog.set_level(logging.INFO)
    run.follow(forget, nothing)
    assert run.source.asked[:2] == [(Kind.PERSON, b"3"), (Kind.PERSON, None)]
    assert set(seen) == {40}
    assert "changed" in run.names()
    assert f"provision: {SERVER} asks for a full refresh of person entries" in caplog.messages
    assert warnings(caplog) == []


def test_a_source_that_goes_away_is_retried_later_and_later(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    before: list[list[str]] = []
    stati: list[Status] = []

    def leave() -> None:
        before.append(run.names())
        run.source.down = "ldap://one.example.org: connection refused"

    def look() -> None:
        stati.append(run.status())

    def come_back() -> None:
        assert run.names() == before[0]
        run.source.down = ""
        run.source.put(Kind.PERSON, entry(0, "back"))

    caplog.set_level(logging.INFO)
    run.follow(leave, look, *[nothing] * 6, come_back, look, nothing)
    assert [(status.connected, status.problem) for status in stati] == [
        (False, "ldap://one.example.org: connection refused"),
        (True, ""),
    ]
    assert run.clock.waits[1:9] == pytest.approx([0.5, 1, 2, 4, 8, 15, 15, 15])
    assert warnings(caplog) == ["provision: ldap://one.example.org: connection refused"]
    assert "provision: all is well again, the directory is followed" in caplog.messages
    assert "back" in run.names()


def test_every_outage_begins_with_a_quick_retry_and_is_told_again(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    """First the whole server, then one kind, then the disk; each twice."""
    run.streams = [PERSONS]

    def fill() -> None:
        def refuse(*, bulk: bool) -> None:
            raise StoreUnavailable("full")

        run.tables.on_settle = refuse
        run.source.put(Kind.PERSON, entry(0, f"changed {run.clock.time}"))

    def leave() -> None:
        run.source.down = "refused"

    def refuse_persons() -> None:
        run.source.fails[Kind.PERSON] = SourceUnavailable("denied")

    def mend() -> None:
        run.source.down = ""
        run.source.fails.clear()
        run.tables.on_settle = Cards().on_settle

    twice = [each for fault in (leave, refuse_persons, fill) for each in (fault, nothing, mend) * 2]
    run.follow(*twice, nothing)
    assert run.clock.waits == pytest.approx([0.1, 0.5, 1] * 6 + [0.1, 0.1])
    message = "provision: person entries cannot be followed: denied"
    assert warnings(caplog) == ["provision: refused"] * 2 + [message] * 2 + ["provision: full"] * 2
    assert run.source.closes == 13  # after each failure, and at the end


def test_a_connection_lost_in_mid_answer_is_made_again_and_stores_nothing(run: Run) -> None:
    def lose(count: int) -> None:
        if count == 10:
            run.source.on_item = lambda _: None
            raise SourceUnavailable("the connection was reset")

    def change() -> None:
        run.source.put(Kind.PERSON, *entries(20, "changed"))
        run.source.on_item = lose

    seen: list[list[str]] = []
    run.follow(change, lambda: seen.append(run.names()), *[nothing] * 8)
    assert "changed" not in seen[0]
    assert run.names().count("changed") == 20
    assert run.source.closes == 2  # after the loss, and at the end


def test_a_kind_that_cannot_be_followed_does_not_stop_the_others(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    run.source.fails[Kind.PERSON] = SourceUnavailable("size limit exceeded")
    seen: list[Status] = []
    run.follow(nothing, nothing, lambda: seen.append(run.status()))
    assert not seen[0].loaded
    assert not seen[0].connected
    assert seen[0].entries == {Kind.ACCOUNT: 20}
    assert seen[0].problem == "person entries cannot be followed: size limit exceeded"
    assert warnings(caplog) == ["provision: person entries cannot be followed: size limit exceeded"]


def test_a_broken_file_keeps_the_last_good_content_and_is_told_once(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    fault = LdifError("people.ldif, line 7: no colon")
    seen: list[Status] = []

    def break_it() -> None:
        run.source.fails = dict.fromkeys(Kind, fault)

    def look() -> None:
        assert len(run.names()) == 40
        seen.append(run.status())

    def mend() -> None:
        run.source.fails = {}

    run.follow(break_it, look, nothing, look, mend, look)
    assert [status.problem for status in seen] == [
        "people.ldif, line 7: no colon; the last good content still serves",
        "people.ldif, line 7: no colon; the last good content still serves",
        "",
    ]
    assert [status.connected for status in seen] == [False, False, True]
    assert len(warnings(caplog)) == 1


def test_the_store_is_loaded_by_the_last_kind(run: Run) -> None:
    loaded: list[bool] = []
    run.source.fails[Kind.ACCOUNT] = SourceUnavailable("not now")
    run.follow(
        lambda: loaded.append(run.status().loaded),
        run.source.fails.clear,
        *[nothing] * 8,
        lambda: loaded.append(run.status().loaded),
    )
    assert loaded == [False, True]


def test_an_emptied_directory_is_held_and_asked_for_gently(guarded: Run, caplog: pytest.LogCaptureFixture) -> None:
    guarded.follow(lambda: guarded.source.empty(Kind.ACCOUNT), *[nothing] * 300)
    assert len(guarded.names()) == 40
    (hold,) = guarded.status().holds
    assert hold.kind == Kind.ACCOUNT
    assert warnings(caplog) == [f"provision: {hold.what}"]
    assert "s3cret" not in caplog.text
    polls = guarded.source.asked.count((Kind.ACCOUNT, b"3"))
    assert guarded.clock.time / 15 - 2 < polls < guarded.clock.time / 15 + 2
    assert guarded.source.asked.count((Kind.PERSON, b"4")) > 200


def test_a_directory_that_is_emptied_one_by_one_is_held_whole(guarded: Run, caplog: pytest.LogCaptureFixture) -> None:
    leaving = [partial(guarded.source.remove, Kind.ACCOUNT, entry(number)) for number in range(20)]
    guarded.follow(*leaving, *[nothing] * 300)
    assert len(guarded.names()) == 40
    assert guarded.status().holds[0].what.startswith("20 of 20 account entries")
    assert len(warnings(caplog)) == 1


def test_a_hold_names_all_that_would_go_not_what_was_gone_at_the_first_look(
    guarded: Run, caplog: pytest.LogCaptureFixture
) -> None:
    begun, rest = [entry(number) for number in range(8)], [entry(number) for number in range(8, 20)]
    guarded.follow(
        lambda: guarded.source.remove(Kind.ACCOUNT, *begun),
        lambda: guarded.source.remove(Kind.ACCOUNT, *rest),
        *[nothing] * 20,
    )
    (warning,) = warnings(caplog)
    assert warning.startswith("provision: 20 of 20 account entries and 20 of 20 account secrets would go.")


def test_a_removal_is_stored_once_a_second_look_finds_no_more_of_it(run: Run) -> None:
    counts: list[tuple[float, int]] = []
    run.streams = [PERSONS]
    run.follow(
        lambda: run.source.remove(Kind.PERSON, entry(0)),
        lambda: run.source.remove(Kind.PERSON, entry(1)),
        *[lambda: counts.append((round(run.clock.time, 1), len(run.names())))] * 3,
    )
    assert counts == [(1.1, 20), (1.2, 18), (1.3, 18)]


def test_people_who_leave_one_after_the_other_leave_after_three_seconds(run: Run) -> None:
    counts: list[int] = []
    run.streams = [PERSONS]

    def leave() -> None:
        run.source.remove(Kind.PERSON, next(iter(run.source.found[Kind.PERSON].values())))
        counts.append(len(run.names()))

    run.follow(*[leave] * 10)
    assert counts == [20] * 7 + [13] * 3


def test_a_hold_ends_by_itself_when_the_directory_is_back(guarded: Run) -> None:
    guarded.follow(
        lambda: guarded.source.empty(Kind.ACCOUNT),
        nothing,
        lambda: guarded.source.put(Kind.ACCOUNT, *(entry(number, "back", secret="s") for number in range(20))),
        *[nothing] * 200,
    )
    assert guarded.status().holds == ()
    assert guarded.names().count("back") == 20


def test_an_accepted_removal_is_applied_within_about_a_second(guarded: Run, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    times: list[float] = []
    guarded.streams = [ACCOUNTS]

    def accept() -> None:
        accept_holds(guarded.folder / "provision.db")
        times.append(guarded.clock.time)
        guarded.source.on_poll = lambda: times.append(guarded.clock.time)

    guarded.follow(lambda: guarded.source.empty(Kind.ACCOUNT), nothing, accept, *[nothing] * 20)
    assert times[1] == times[0]
    assert max(guarded.clock.waits) <= 1  # so often it looks whether something was accepted
    assert guarded.status().holds == ()
    assert "provision: the removal of account entries was accepted" in caplog.messages


def test_a_full_disk_is_reported_and_recovered_from(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    """The tables refuse as SQLite does."""
    full = StoreUnavailable("provision.db cannot be written (database or disk is full); what it holds still serves")
    problems: list[str] = []

    def refuse(*, bulk: bool) -> None:
        raise full

    def fill() -> None:
        run.tables.on_settle = refuse
        run.source.put(Kind.PERSON, entry(0, "changed"))

    def make_room() -> None:
        assert len(run.names()) == 40
        problems.append(run.status().problem)
        run.tables.on_settle = Cards().on_settle

    run.follow(fill, nothing, nothing, make_room, lambda: problems.append(run.status().problem), nothing)
    assert problems == [str(full), ""]
    assert "changed" in run.names()
    assert run.clock.waits[1:4] == pytest.approx([0.5, 1, 2])
    assert warnings(caplog) == [f"provision: {full}"]


def test_a_damaged_file_is_loaded_anew_while_following(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    run.follow(nothing)
    path = run.folder / "provision.db"
    path.write_bytes(path.read_bytes()[:4096] + b"\xa5" * (path.stat().st_size - 4096))
    run.follow(nothing, nothing)
    assert len(run.names()) == 40
    assert (run.folder / "provision.db.corrupt-1").exists()
    assert any("provision.db is damaged" in message for message in warnings(caplog))
    assert any("the damaged file is kept as" in message for message in warnings(caplog))


def test_a_stop_in_the_middle_of_a_load_stores_nothing_of_it(run: Run) -> None:
    run.source.put(Kind.PERSON, *entries(5000))

    def stop(count: int) -> None:
        run.clock.over = run.clock.over or count == 1000

    run.source.on_item = stop
    run.follow()
    status = run.status()
    assert status.entries == {}
    assert (status.connected, status.problem) == (False, "the mirror is not running")
    assert run.source.closes == 1
