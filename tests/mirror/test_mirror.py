"""When the mirror asks, and what arrives."""

import io
import logging
import re
import threading
from pathlib import Path

import pytest

from shared.config import Config
from shared.errors import MirrorRunning, StoreUnavailable
from shared.ldap.source import Kind, Read
from shared.mirror import run_mirror
from shared.progress import shown_progress
from shared.writerlock import sole_writer
from tests.mirror.parts import (
    PERSONS,
    SERVER,
    Cards,
    Directory,
    entry,
    names,
    nothing,
    reader_of,
)
from tests.mirror.runs import Run
from tests.tools import eventually


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
    arguments = (config(tmp_path), tables, {Kind.PERSON: Read(("surname",))}, source, stop)
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
