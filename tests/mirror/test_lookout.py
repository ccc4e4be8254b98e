"""When the mirror looks for what polls do not tell, and what it does with it; on a directory in memory."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.acceptance import want_everything
from shared.config import Guard
from shared.errors import SourceUnavailable
from shared.ldap.entry import Entry
from shared.ldap.source import Kind
from tests.mirror.parts import ACCOUNTS, PERSONS, SERVER, Cards, entries, entry, make_store, nothing, whole
from tests.mirror.runs import Run

COUNT = 40


@pytest.fixture
def silent(tmp_path: Path) -> Run:
    """A mirror of persons whose directory may change without a poll telling it; the copy is loaded."""
    run = Run(tmp_path)
    run.streams = [PERSONS]
    run.source.is_exact = False
    run.source.put(Kind.PERSON, *entries(COUNT))
    run.follow(nothing)
    run.source.asked.clear()
    run.source.swept.clear()
    return run


def quietly(run: Run, change: Callable[[dict[str, Entry]], None]) -> Callable[[], None]:
    """A change that no poll reports."""
    return lambda: change(run.source.found[Kind.PERSON])


def minute(run: Run, count: int = 1) -> Callable[[], None]:
    def wait() -> None:
        run.clock.time += 61 * count

    return wait


def polls(run: Run) -> list[bytes | None]:
    return [cookie for kind, cookie in run.source.asked if kind is Kind.PERSON]


def steps(count: int) -> list[Callable[[], None]]:
    return [nothing] * count


def test_a_copy_that_is_right_is_swept_at_the_start_and_each_minute_and_nothing_is_read(silent: Run) -> None:
    silent.follow(*steps(40), minute(silent), *steps(10))
    assert silent.source.swept == [Kind.PERSON] * 2
    assert silent.source.fetched == []
    assert set(polls(silent)) == {b"2"}
    assert silent.status().compared.difference == ""
    assert silent.status().compared.at == 1000.0


def test_what_moved_came_and_went_unreported_is_put_right_by_a_sweep(silent: Run) -> None:
    def change(found: dict[str, Entry]) -> None:
        found[entry(1).uuid] = entry(1)._replace(dn="uid=u1,ou=moved,dc=example,dc=org")
        found[entry(2).uuid] = entry(2, "edited")._replace(stamp="newer")
        found[entry(77).uuid] = entry(77)
        del found[entry(3).uuid]

    quietly(silent, change)()
    silent.follow(*steps(40))
    names = silent.names()
    assert "name 77" in names
    assert "name 3" not in names
    assert "edited" in names
    assert sorted(silent.source.fetched) == sorted(entry(number).uuid for number in (1, 2, 3, 77))
    assert silent.status().compared.difference in ("", "4 person entries differed")
    assert None not in polls(silent)


def test_an_entry_that_a_sweep_missed_but_that_is_there_stays(silent: Run) -> None:
    sweep = silent.source.sweep

    def short(stream: object) -> object:
        return ([each for each in page if each.uuid != entry(5).uuid] for page in sweep(stream))  # type: ignore[arg-type]

    silent.source.sweep = short  # type: ignore[method-assign, assignment]
    silent.follow(*steps(40))
    assert silent.source.fetched == [entry(5).uuid]
    assert len(silent.names()) == COUNT


def test_a_sweep_that_breaks_off_deletes_nothing_and_is_not_tried_at_once_again(
    silent: Run, caplog: pytest.LogCaptureFixture
) -> None:
    pages = []

    def broken() -> None:
        pages.append(silent.clock.time)
        if len(pages) % 2 == 0:
            raise SourceUnavailable("size limit")

    silent.source.on_page = broken
    silent.follow(*steps(100), minute(silent), *steps(100), minute(silent), *steps(100))
    assert len(silent.names()) == COUNT
    assert silent.source.fetched == []
    assert len(pages) == 2 * 4  # at the start, once more at once, then each minute
    assert silent.status().compared.at == 0.0
    assert sum("cannot be compared with LDAP: size limit" in message for message in caplog.messages) == 1


def test_a_large_difference_is_read_completely_and_held_by_the_guard(
    silent: Run, caplog: pytest.LogCaptureFixture
) -> None:
    silent.guard = Guard(share=0.2, least=3)
    for number in range(20):
        del silent.source.found[Kind.PERSON][entry(number).uuid]
    with caplog.at_level(logging.ERROR):
        silent.follow(*steps(60))
    assert len(silent.names()) == COUNT
    assert [hold.kind for hold in silent.status().holds] == [Kind.PERSON]
    assert None in polls(silent)
    assert sum("would go" in message for message in caplog.messages) == 1


def test_what_is_read_again_of_other_entries_ends_no_hold(silent: Run) -> None:
    silent.guard = Guard(share=0.2, least=3)
    silent.source.put(Kind.PERSON, entry(39)._replace(attributes={}))
    silent.follow(*steps(3))
    silent.source.remove(Kind.PERSON, *entries(20))
    silent.follow(*steps(10))
    silent.source.fetched.clear()
    seen: list[int] = []
    watch = [lambda: seen.append(len(silent.status().holds))] * 20
    silent.follow(*watch, minute(silent), *watch, minute(silent), *watch)
    assert silent.source.fetched == []
    assert set(seen) == {1}
    assert len(silent.names()) == COUNT


def test_entries_that_lack_something_are_read_each_minute_with_the_same_stamp(silent: Run) -> None:
    bare = entry(4)._replace(attributes={})
    silent.source.put(Kind.PERSON, bare)
    silent.follow(*steps(3))
    silent.source.fetched.clear()
    quietly(silent, lambda found: found.update({bare.uuid: entry(4, "readable now")}))()
    silent.follow(nothing, minute(silent), *steps(3))
    assert silent.source.fetched == [bare.uuid] * len(silent.source.fetched)
    assert "readable now" in silent.names()


def test_other_rights_make_everything_be_read(silent: Run) -> None:
    silent.follow(*steps(3))
    silent.source.asked.clear()
    quietly(silent, lambda found: found.update({entry(4).uuid: entry(4, "shown now")}))()
    silent.follow(nothing, lambda: setattr(silent.source, "rights", "others"), minute(silent), *steps(3))
    assert polls(silent).count(None) == 1
    assert "shown now" in silent.names()
    assert silent.status().compared.difference == "1 person entry differed when everything was read"


def test_rights_that_cannot_be_seen_say_nothing(silent: Run) -> None:
    silent.follow(*steps(3))
    silent.source.asked.clear()
    silent.source.rights = ""
    silent.follow(nothing, minute(silent), *steps(3))
    assert None not in polls(silent)


def test_everything_is_read_once_a_day_a_little_earlier_by_chance(silent: Run) -> None:
    silent.follow(*steps(3), minute(silent, 60 * 17), *steps(3))  # a chance of 1 takes a quarter off the day
    assert None not in polls(silent)
    silent.follow(*steps(3), minute(silent, 60 * 19), *steps(3))
    assert polls(silent).count(None) == 1


@pytest.mark.parametrize("is_exact", [True, False])
def test_whoever_wants_everything_read_gets_it_once(silent: Run, *, is_exact: bool) -> None:
    silent.source.is_exact = is_exact
    quietly(silent, lambda found: found.update({entry(4).uuid: entry(4, "read again")}))()
    want_everything(silent.folder / "provision.db")
    silent.follow(*steps(5))
    assert polls(silent).count(None) == 1
    assert "read again" in silent.names()


def test_a_file_is_never_swept(silent: Run) -> None:
    silent.source.is_exact = True
    silent.follow(*steps(40), minute(silent, 60 * 30), *steps(10))
    assert silent.source.swept == []
    assert None not in polls(silent)


def test_a_lost_connection_is_followed_by_a_sweep_and_a_complete_read(silent: Run) -> None:
    silent.follow(
        *steps(40),
        minute(silent),
        lambda: setattr(silent.source, "down", "gone"),
        minute(silent),
        lambda: setattr(silent.source, "down", ""),
        minute(silent),
        minute(silent),
        *steps(40),
    )
    assert len(silent.source.swept) >= 2
    assert polls(silent).count(None) == 1


def test_a_renamed_entry_is_a_hint_to_sweep_and_an_edited_one_is_not(silent: Run) -> None:
    silent.follow(*steps(40))
    silent.source.swept.clear()
    silent.follow(*steps(40), lambda: silent.source.put(Kind.PERSON, entry(1, "edited")), *steps(40))
    assert silent.source.swept == [Kind.PERSON]  # the one at the start
    silent.source.swept.clear()
    renamed = entry(1)._replace(dn="uid=other,dc=example,dc=org")
    silent.follow(*steps(40), lambda: silent.source.put(Kind.PERSON, renamed), *steps(40))
    assert silent.source.swept == [Kind.PERSON] * 2


def test_a_hidden_entry_or_one_of_no_use_is_seen_once(tmp_path: Path) -> None:
    tables = Cards()
    tables.hides = lambda found: "flag" if found.dn.startswith("uid=u1") else ""
    run = Run(tmp_path)
    run.tables, run.streams, run.source.is_exact = tables, [PERSONS], False
    run.source.put(Kind.PERSON, *entries(COUNT))
    run.follow(nothing)
    run.follow(*steps(40), minute(run), *steps(20))
    assert run.source.swept == [Kind.PERSON] * 2
    assert run.source.fetched == []


def test_a_source_without_cookies_is_not_swept_since_each_poll_reads_all(silent: Run) -> None:
    silent.source.gives_cookies = False
    silent.source.cookie += 1
    silent.follow(*steps(40))
    silent.source.swept.clear()
    silent.follow(*steps(40))
    assert silent.source.swept == []


def test_while_the_source_keeps_a_poll_waiting_the_status_says_so(silent: Run) -> None:
    seen: list[tuple[bool, str]] = []

    def frozen() -> None:
        silent.source.on_poll = nothing
        silent.source.waiting(6.0)
        status = silent.status()
        seen.append((status.connected, status.problem))

    silent.follow(nothing, lambda: setattr(silent.source, "on_poll", frozen), nothing, nothing, nothing)
    assert seen == [(False, f"{SERVER} has not answered for 5 s; it is waited for")]


def test_a_batch_that_waits_for_the_source_is_given_up_and_nothing_of_it_is_stored(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.streams = [ACCOUNTS]
    run.source.put(Kind.ACCOUNT, *entries(5))

    def stall(count: int) -> None:
        if count == 3:
            run.source.on_item = lambda _: None
            run.source.waiting(9.0)

    run.source.on_item = stall
    run.follow(nothing, nothing, nothing)
    assert len(run.names()) == 5
    assert run.tables.abandoned == 1


def test_an_older_file_without_marks_is_read_anew_and_then_left_alone(tmp_path: Path) -> None:
    store = make_store(tmp_path, kinds=(Kind.PERSON,))
    store.prepare()
    store.apply(PERSONS, SERVER, None, whole([each._replace(stamp=None) for each in entries(3)]))
    store.ledger.begin_sweep()
    store.ledger.note_page([])
    assert len(store.ledger.difference(Kind.PERSON).missing) == 3
    store.close()
