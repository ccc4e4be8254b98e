"""When the mirror asks, what it does when asking fails, and what it says about it."""

import io
import logging
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.config import Config, Guard
from shared.errors import LdifError, MirrorRunning, SourceUnavailable, StoreUnavailable
from shared.ldap.source import Kind
from shared.mirror import Mirror, run_mirror
from shared.progress import shown_progress
from shared.store import Status
from shared.storefile import sole_writer
from shared.writer import accept_holds
from tests.mirror.parts import (
    ACCOUNTS,
    PERSONS,
    SERVER,
    TRUSTING,
    Cards,
    Directory,
    Steps,
    entries,
    entry,
    make_store,
    names,
    nothing,
    reader_of,
)
from tests.tools import eventually


class Run:
    """A mirror of persons and accounts of a directory in memory, from its start to its end."""

    def __init__(
        self, folder: Path, *steps: Callable[[], None], guard: Guard = TRUSTING, source: Directory | None = None
    ) -> None:
        self.folder = folder
        self.source = source or Directory()
        self.clock = Steps(*steps)
        self.guard = guard
        self.tables = Cards()
        self.streams = [PERSONS, ACCOUNTS]

    def follow(self, *steps: Callable[[], None]) -> None:
        """Run until the steps are done; each happens while the mirror waits."""
        if steps:
            self.clock = Steps(*steps)
        store = make_store(self.folder, self.tables, [stream.kind for stream in self.streams], self.guard)
        Mirror("provision", store, self.source, self.streams, 0.1, self.clock).run()

    def names(self) -> list[str]:
        return names(reader_of(self.folder, self.tables))

    def status(self) -> Status:
        return reader_of(self.folder, self.tables).status()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run(tmp_path)
    run.source.put(Kind.PERSON, *entries(20))
    run.source.put(Kind.ACCOUNT, *(entry(number, secret="s3cret") for number in range(20)))
    return run


@pytest.fixture
def guarded(run: Run) -> Run:
    run.guard = Guard(share=0.2, least=3)
    return run


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno >= logging.WARNING]


def test_changes_arrive_poll_by_poll(run: Run) -> None:
    seen: list[str] = []
    run.follow(
        lambda: run.source.put(Kind.PERSON, entry(0, "changed")),
        lambda: seen.append(next(name for name in run.names() if name == "changed")),
        lambda: run.source.put(Kind.PERSON, entry(99, "new")),
        lambda: seen.append(run.names()[-1]),
    )
    assert seen == ["changed", "new"]


def test_a_cheap_poll_repeats_at_the_interval_and_uses_the_cookie(run: Run) -> None:
    run.follow(nothing, nothing)
    assert run.source.asked == [
        (Kind.PERSON, None), (Kind.ACCOUNT, None),
        (Kind.PERSON, b"3"), (Kind.ACCOUNT, b"3"),
        (Kind.PERSON, b"3"), (Kind.ACCOUNT, b"3"),
    ]  # fmt: skip
    assert run.clock.waits == pytest.approx([0.1, 0.1, 0.1])


def test_a_dear_poll_comes_less_often(run: Run) -> None:
    def cost() -> None:
        run.clock.time += 0.5

    run.streams = [PERSONS]
    run.follow(
        lambda: setattr(run.source, "on_poll", cost),
        nothing,
        lambda: setattr(run.source, "on_poll", nothing),
        nothing,
        nothing,
    )
    assert run.clock.waits == pytest.approx([0.1, 2.5, 2.5, 1.25, 0.625, 0.3125])


def test_the_time_that_storing_takes_does_not_slow_the_pace(run: Run) -> None:
    def slow(*, bulk: bool) -> None:
        run.clock.time += 5

    run.streams = [PERSONS]
    run.tables.on_settle = slow
    run.follow(lambda: run.source.put(Kind.PERSON, entry(0, "changed")), nothing)
    assert run.clock.waits == pytest.approx([0.1, 0.1, 0.1])


def test_a_first_load_says_nothing_about_the_pace_of_polls(run: Run) -> None:
    run.streams = [PERSONS]
    run.source.on_item = lambda _: setattr(run.clock, "time", run.clock.time + 1)
    run.follow(nothing)
    assert run.clock.waits == pytest.approx([0.1, 0.1])


def test_a_source_without_cookies_is_asked_for_everything_at_its_own_pace(run: Run) -> None:
    run.streams = [PERSONS]
    run.source.gives_cookies = False
    run.source.on_item = lambda _: setattr(run.clock, "time", run.clock.time + 0.1)
    run.follow(nothing, nothing)
    assert {cookie for _, cookie in run.source.asked} == {None}
    assert run.clock.waits == pytest.approx([0.1, 10, 10])


def test_a_restart_goes_on_from_the_cookie(run: Run) -> None:
    run.follow(nothing)
    run.source.asked.clear()
    run.source.put(Kind.PERSON, entry(0, "changed meanwhile"))
    run.follow(nothing)
    assert run.source.asked[0] == (Kind.PERSON, b"3")
    assert run.names()[20] == "changed meanwhile"


def test_another_server_is_asked_for_everything(run: Run) -> None:
    seen: list[list[str]] = []
    run.follow(nothing)
    run.source.asked.clear()
    run.source.identity = "ldap://two.example.org"
    run.source.on_poll = lambda: seen.append(run.names())
    run.follow(nothing)
    assert run.source.asked[0] == (Kind.PERSON, None)
    assert all(len(found) == 40 for found in seen)
    assert run.status().server == "ldap://two.example.org"


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

    def accept() -> None:
        accept_holds(guarded.folder / "provision.db")
        times.append(guarded.clock.time)
        guarded.source.on_poll = lambda: times.append(guarded.clock.time) if len(guarded.names()) == 20 else None

    guarded.follow(lambda: guarded.source.empty(Kind.ACCOUNT), nothing, accept, *[nothing] * 20)
    assert times[1] - times[0] <= 1.1
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


def test_the_first_load_is_told_with_figures_and_without_values(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "dialtree")
    run.follow(nothing)
    lines = [re.sub(r"in .*", "in …", message) for message in caplog.messages]
    assert lines == [
        f"provision: following {SERVER}",
        f"provision: read all person entries from {SERVER}: 20, of which 20 changed, in …",
        f"provision: read all account entries from {SERVER}: 20, of which 20 changed, in …",
    ]


def test_another_configuration_is_derived_anew_and_told(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    run.follow(nothing)
    run.tables = Cards(fingerprint="other", suffix="!")
    run.follow(nothing)
    assert run.names()[0].endswith("!")
    assert "provision: derived anew: the configuration or the version changed" in caplog.messages
    assert (Kind.PERSON, None) not in run.source.asked[2:]


def config(folder: Path) -> Config:
    return Config.model_validate(
        {
            "state_dir": folder / "state",
            "ldap": {"urls": ["ldap://127.0.0.1"], "base": "dc=example,dc=org", "poll_interval": 0.02},
        }
    )


def test_a_mirror_runs_from_its_configuration_until_it_is_told_to_stop(tmp_path: Path) -> None:
    stop = threading.Event()
    source = Directory()
    source.put(Kind.PERSON, entry(0))
    tables = Cards("directory")
    arguments = (config(tmp_path), tables, (Kind.PERSON,), source, stop)
    reader = reader_of(tmp_path / "state", tables)

    def found() -> list[str]:
        try:
            return names(reader)
        except StoreUnavailable:
            return []

    running = threading.Thread(target=lambda: run_mirror(*arguments, progress=False))
    running.start()
    try:
        eventually(lambda: found() == ["name 0"])
        source.put(Kind.PERSON, entry(0, "changed"))
        eventually(lambda: found() == ["changed"])
        with pytest.raises(MirrorRunning):
            run_mirror(*arguments, progress=False)
    finally:
        stop.set()
        running.join(20)
    assert not running.is_alive()
    with sole_writer(tmp_path / "state", "directory"):
        pass


def test_progress_is_shown_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    shown: dict[str, str] = {}
    for name, stream, enabled in (
        ("terminal", Terminal(), True),
        ("quiet", Terminal(), False),
        ("file", io.StringIO(), True),
    ):
        monkeypatch.setattr("sys.stderr", stream)
        with shown_progress("ldap://one: person", enabled=enabled) as show:
            show(12345)
        shown[name] = stream.getvalue()
    assert "12,345 entries" in shown["terminal"]
    assert (shown["quiet"], shown["file"]) == ("", "")
