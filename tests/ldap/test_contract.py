"""What `shared.ldap.source.Source` promises, asked of every adapter, each on the real thing."""

import random
from collections.abc import Iterator

import pytest

from shared.errors import SourceUnavailable
from shared.ldap.source import Done, Source, Upsert
from tests.ldap.conftest import StartSlapd
from tests.ldap.directories import OTHERS, PEOPLE, SUFFIX, Copy, Directory, dn_of, person, persons, read_all
from tests.ldap.test_syncrepl import following, many_people


@pytest.fixture
def source(directory: Directory) -> Iterator[Source]:
    opened = directory.source()
    yield opened
    opened.close()


def test_the_first_read_is_complete(source: Source) -> None:
    copy = Copy()
    answer = copy.follow(source, persons())
    assert copy.dns == {dn_of("alice"), dn_of("bob"), dn_of("carol")}
    assert [item for item in answer if isinstance(item, Done)] == [Done(copy.cookie, complete=True)]
    assert answer[-1] == Done(copy.cookie, complete=True)


def test_an_entry_holds_what_was_asked_for_and_nothing_else(source: Source) -> None:
    copy = read_all(source, persons(attributes="CN mobile homePhone"))
    assert copy.named(dn_of("alice")).attributes == {
        "cn": ("Alice Martin",),
        "mobile": ("+33 6 39 98 10 60", "+33 6 39 98 10 61"),
    }
    assert copy.named(dn_of("bob")).attributes == {"cn": ("Bob Müller",)}


def test_a_stream_may_ask_for_no_attribute_at_all(source: Source) -> None:
    assert read_all(source, persons(attributes="")).named(dn_of("alice")).attributes == {}


def test_an_unchanged_directory_answers_nothing(source: Source) -> None:
    copy = read_all(source, persons())
    for _ in range(3):
        assert copy.follow(source, persons()) == [Done(copy.cookie, complete=False)]


def test_an_added_entry_arrives(directory: Directory, source: Source) -> None:
    copy = read_all(source, persons())
    directory.add(dn_of("dora"), person("Dora Ðorđević"))
    copy.follow(source, persons())
    assert copy.named(dn_of("dora")).attributes == {"cn": ("Dora Ðorđević",)}
    assert len(copy.entries) == 4


def test_an_edited_entry_arrives_with_its_identity(directory: Directory, source: Source) -> None:
    copy = read_all(source, persons())
    before = copy.named(dn_of("bob")).uuid
    directory.replace(dn_of("bob"), "cn", ["Bob", "Robert"])
    answer = copy.follow(source, persons())
    assert [item.entry.dn for item in answer if isinstance(item, Upsert)].count(dn_of("bob")) == 1
    assert sorted(copy.named(dn_of("bob")).attributes["cn"]) == ["Bob", "Robert"]
    assert copy.named(dn_of("bob")).uuid == before


def test_an_attribute_without_values_is_absent(directory: Directory, source: Source) -> None:
    copy = read_all(source, persons())
    directory.replace(dn_of("carol"), "mobile", [])
    copy.follow(source, persons())
    assert copy.named(dn_of("carol")).attributes == {"cn": ("Carol Łoś",)}


def test_a_renamed_entry_has_its_new_name_only(directory: Directory, source: Source) -> None:
    copy = read_all(source, persons())
    before = copy.named(dn_of("bob")).uuid
    directory.move(dn_of("bob"), "robert", PEOPLE)
    copy.follow(source, persons())
    assert copy.dns == {dn_of("alice"), dn_of("robert"), dn_of("carol")}
    assert (copy.named(dn_of("robert")).uuid == before) is directory.keeps_uuid


def test_an_entry_that_moves_out_of_the_base_leaves_and_comes_back(directory: Directory, source: Source) -> None:
    copy = read_all(source, persons())
    directory.move(dn_of("bob"), "bob", OTHERS)
    copy.follow(source, persons())
    assert copy.dns == {dn_of("alice"), dn_of("carol")}
    directory.move(dn_of("bob", OTHERS), "bob", PEOPLE)
    copy.follow(source, persons())
    assert copy.dns == {dn_of("alice"), dn_of("bob"), dn_of("carol")}


def test_an_entry_that_no_longer_passes_the_filter_leaves_and_comes_back(directory: Directory, source: Source) -> None:
    stream = persons(search="(&(objectClass=inetOrgPerson)(!(title=hidden)))")
    copy = read_all(source, stream)
    directory.replace(dn_of("alice"), "title", ["hidden"])
    copy.follow(source, stream)
    assert copy.dns == {dn_of("bob"), dn_of("carol")}
    directory.replace(dn_of("alice"), "title", ["Director"])
    copy.follow(source, stream)
    assert copy.dns == {dn_of("alice"), dn_of("bob"), dn_of("carol")}


def test_a_deleted_entry_leaves(directory: Directory, source: Source) -> None:
    copy = read_all(source, persons())
    directory.delete(dn_of("carol"))
    copy.follow(source, persons())
    assert copy.dns == {dn_of("alice"), dn_of("bob")}


def test_the_last_entry_leaves_too(directory: Directory, source: Source) -> None:
    copy = read_all(source, persons())
    for uid in ("alice", "bob", "carol"):
        directory.delete(dn_of(uid))
    copy.follow(source, persons())
    assert copy.dns == set()


def test_changes_made_while_nobody_looked_arrive(directory: Directory) -> None:
    source = directory.source()
    copy = read_all(source, persons())
    source.close()
    directory.delete(dn_of("carol"))
    directory.move(dn_of("bob"), "robert", PEOPLE)
    directory.add(dn_of("dora"), person("Dora"))
    directory.replace(dn_of("alice"), "cn", ["Alicia"])
    later = directory.source()
    copy.follow(later, persons())
    assert copy.dns == {dn_of("alice"), dn_of("robert"), dn_of("dora")}
    assert copy.named(dn_of("alice")).attributes["cn"] == ("Alicia",)
    assert copy.follow(later, persons()) == [Done(copy.cookie, complete=False)]
    later.close()


def test_a_source_may_be_closed_and_connected_again(source: Source) -> None:
    identity = source.connect()
    copy = read_all(source, persons())
    source.close()
    assert source.connect() == identity
    assert copy.follow(source, persons()) == [Done(copy.cookie, complete=False)]


def test_a_full_read_gives_all_at_any_time(directory: Directory, source: Source) -> None:
    read_all(source, persons())
    directory.delete(dn_of("carol"))
    assert read_all(source, persons()).dns == {dn_of("alice"), dn_of("bob")}
    assert read_all(source, persons()).dns == {dn_of("alice"), dn_of("bob")}


def test_the_scope_bounds_what_is_found(directory: Directory, source: Source) -> None:
    directory.add(dn_of("child", dn_of("alice")), person("Child"))
    everything = "(objectClass=*)"
    assert read_all(source, persons(scope="base", search=everything)).dns == {PEOPLE}
    one = read_all(source, persons(scope="one", search=everything)).dns
    assert one == {dn_of("alice"), dn_of("bob"), dn_of("carol")}
    assert read_all(source, persons(search=everything)).dns == {PEOPLE, dn_of("child", dn_of("alice")), *one}
    spelled = persons(base="OU=People , DC=Example,dc=org", scope="one", search=everything)
    assert read_all(source, spelled).dns == one


def test_streams_are_followed_side_by_side(directory: Directory, source: Source) -> None:
    streams = [persons(), persons(search="(mobile=*)"), persons(base=SUFFIX, search="(objectClass=organizationalUnit)")]
    copies = [read_all(source, stream) for stream in streams]
    assert [len(copy.entries) for copy in copies] == [3, 2, 2]
    directory.replace(dn_of("bob"), "mobile", ["+33 6 39 98 10 63"])
    for copy, stream in zip(copies, streams, strict=True):
        copy.follow(source, stream)
    assert [len(copy.entries) for copy in copies] == [3, 3, 2]
    assert all(copy.named(dn_of("bob")).attributes["mobile"] for copy in copies[:2])


def test_a_base_that_does_not_exist_is_an_error_not_an_empty_directory(source: Source) -> None:
    source.connect()
    with pytest.raises(SourceUnavailable, match=r"ou=nowhere.*base"):
        list(source.poll(persons(base=f"ou=nowhere,{SUFFIX}"), None))
    assert read_all(source, persons()).dns


def identities(source: Source, **search: str) -> dict[str, tuple[str, str]]:
    return {found.uuid: (found.dn, found.stamp) for page in source.sweep(persons(**search)) for found in page}  # type: ignore[arg-type]


def of_copy(copy: Copy) -> dict[str, tuple[str, str | None]]:
    return {entry.uuid: (entry.dn, entry.stamp) for entry in copy.entries.values()}


def test_a_sweep_names_every_entry_as_a_poll_gives_it(directory: Directory, source: Source) -> None:
    copy = read_all(source, persons())
    assert identities(source) == of_copy(copy)
    directory.replace(dn_of("bob"), "cn", ["Bob"])
    directory.move(dn_of("alice"), "alice", OTHERS)
    directory.delete(dn_of("carol"))
    copy.follow(source, persons())
    assert identities(source) == of_copy(copy)
    assert identities(source, base=OTHERS).keys() != identities(source).keys()


def test_a_sweep_comes_in_pages_between_which_polls_are_answered(start_slapd: StartSlapd) -> None:
    slapd = start_slapd(ldif=many_people(1200, 10))
    with following(slapd.url) as source:
        copy = read_all(source, persons())
        pages = 0
        swept: set[str] = set()
        for page in source.sweep(persons()):
            pages += 1
            swept |= {found.uuid for found in page}
            assert copy.follow(source, persons()) == [Done(copy.cookie, complete=False)]
        assert pages > 2
        assert swept == copy.entries.keys()


def test_a_sweep_that_a_limit_cuts_short_is_an_error(start_slapd: StartSlapd) -> None:
    slapd = start_slapd(ldif=many_people(1200, 10), directives=["limits * size.prtotal=600 size=unlimited"])
    with following(slapd.url) as source:
        source.connect()
        with pytest.raises(SourceUnavailable, match="limit"):
            list(source.sweep(persons()))


def test_a_sweep_ends_with_its_connection(start_slapd: StartSlapd) -> None:
    with following(start_slapd(ldif=many_people(1200, 10)).url) as source:
        source.connect()
        sweep = source.sweep(persons())
        next(sweep)
        source.close()
        with pytest.raises(SourceUnavailable):
            list(sweep)
        assert len(identities(source_after(source))) > 1200


def source_after(source: Source) -> Source:
    source.connect()
    return source


def test_entries_are_fetched_as_polls_give_them_and_those_that_are_gone_are_not(
    directory: Directory, source: Source
) -> None:
    copy = read_all(source, persons())
    alice, bob = copy.named(dn_of("alice")), copy.named(dn_of("bob"))
    assert sorted(source.fetch(persons(), [alice.uuid, bob.uuid])) == sorted([alice, bob])
    directory.delete(dn_of("bob"))
    assert list(source.fetch(persons(), [alice.uuid, bob.uuid])) == [alice]
    assert list(source.fetch(persons(search="(cn=nobody)"), [alice.uuid])) == []
    many = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(120)]
    assert list(source.fetch(persons(), [*many, alice.uuid])) == [alice]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_followed_copy_always_equals_a_fresh_read(directory: Directory, source: Source, seed: int) -> None:
    chance = random.Random(seed)
    stream = persons(search="(&(objectClass=inetOrgPerson)(!(title=hidden)))")
    copy = read_all(source, stream)
    places = dict.fromkeys(("alice", "bob", "carol"), PEOPLE)
    for step in range(24):
        for _ in range(chance.randint(1, 3)):
            change_something(directory, places, chance, f"n{step}x{len(places)}")
        copy.follow(source, stream)
        assert copy.entries == read_all(source, stream).entries


def change_something(directory: Directory, places: dict[str, str], chance: random.Random, new: str) -> None:
    uid = chance.choice(sorted(places)) if places else ""
    verb = chance.choice(["add", "edit", "hide", "show", "move", "rename", "delete"]) if uid else "add"
    if verb == "add" and new not in places:
        places[new] = chance.choice([PEOPLE, OTHERS])
        directory.add(dn_of(new, places[new]), person(f"New {new}"))
    elif verb == "edit":
        directory.replace(dn_of(uid, places[uid]), "cn", [f"Edited {chance.random()}"])
    elif verb in ("hide", "show"):
        directory.replace(dn_of(uid, places[uid]), "title", ["hidden" if verb == "hide" else "shown"])
    elif verb in ("move", "rename"):
        old = dn_of(uid, places.pop(uid))
        target = chance.choice([PEOPLE, OTHERS])
        name = new if verb == "rename" and new not in places else uid
        if dn_of(name, target) != old:
            directory.move(old, name, target)
        places[name] = target
    elif verb == "delete":
        directory.delete(dn_of(uid, places.pop(uid)))
