"""What no change protocol reports: branches that move, and entries that look different although nobody changed them. Real slapd."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from services.commands import mirrored
from services.commands.mirrored import mirror_findings
from services.commands.reading import read_found_entries
from services.commands.roles import provision_role
from services.demo.slapd import PrivateSlapd
from shared.acceptance import accept_holds, want_everything
from shared.ldap.entry import Entry
from shared.ldap.source import Kind
from shared.ldap.streams import streams_of
from shared.ldap.syncrepl import SyncreplSource
from tests.mirror.houses import (
    GROUP,
    LEAVERS,
    LYON,
    PARIS,
    PER_BRANCH,
    READER,
    SCHEMAS,
    SUFFIX,
    Followed,
    config_of,
    followed,
    house,
    move,
    person_record,
    record,
    rename,
)
from tests.tools import eventually, need_tool

HIDDEN = {"visibility": {"excluded": [LEAVERS]}}
MAC = "0014 7f00 1000".replace(" ", "")
MINUTES = 60.0
"""Speed of a clock that makes a minute a second."""
StartHouse = Callable[..., PrivateSlapd]


@pytest.fixture
def start_house(tmp_path: Path) -> Iterator[StartHouse]:
    """Start a slapd with a house in it; `rules`: its access rules, `people`: of a branch."""
    need_tool("slapd")
    with ExitStack() as stack:

        def start(*rules: str, people: int = PER_BRANCH) -> PrivateSlapd:
            content = tmp_path / "house.ldif"
            content.write_text(house(people), encoding="utf-8")
            directives = [f"access to {rule}" for rule in rules]
            slapd = PrivateSlapd(
                tmp_path / "slapd",
                schemas=SCHEMAS,
                ldif=content,
                directives=directives,
                config_directives=(CONFIG_READERS,),
            )
            return stack.enter_context(slapd)

        yield start


CONFIG_READERS = f"access to * by dn.exact={READER} read"
READ_ALL = "* by * read"
AUTHENTICATE = "attrs=userPassword by anonymous auth by * none"


def names(directory: Followed) -> set[object]:
    return set(directory.column("SELECT name FROM contacts"))


def set_rules(slapd: PrivateSlapd, *rules: str) -> None:
    """Replace the access rules of the running server."""
    lines = [f"olcAccess: {{{number}}}to {rule}" for number, rule in enumerate(rules)]
    slapd.configure(
        "\n".join(["dn: olcDatabase={1}mdb,cn=config", "changetype: modify", "replace: olcAccess", *lines]) + "\n"
    )


def test_people_below_a_branch_that_moves_below_a_hidden_one_leave_the_phonebook(
    start_house: StartHouse, tmp_path: Path
) -> None:
    slapd = start_house()
    with followed(config_of(tmp_path, slapd, **HIDDEN), "directory") as directory:
        eventually(lambda: len(names(directory)) == 2 * PER_BRANCH)
        slapd.modify(move(PARIS, LEAVERS))
        eventually(lambda: names(directory) == {f"Smith, L{n}" for n in range(PER_BRANCH)})
        eventually(
            lambda: (
                directory.column("SELECT count(*) FROM hidden WHERE kind = 'person' AND rule = 'excluded'")
                == [PER_BRANCH]
            )
        )
        slapd.modify(move(f"ou=paris,{LEAVERS}", f"ou=people,{SUFFIX}"))
        eventually(lambda: len(names(directory)) == 2 * PER_BRANCH)
    assert not any(b"leavers" in path.read_bytes() for path in (tmp_path / "state").iterdir())


def test_a_branch_that_moved_while_the_mirror_was_down_is_found_at_its_start(
    start_house: StartHouse, tmp_path: Path
) -> None:
    slapd = start_house()
    config = config_of(tmp_path, slapd, **HIDDEN)
    with followed(config, "directory") as directory:
        eventually(lambda: len(names(directory)) == 2 * PER_BRANCH)
    slapd.modify(move(PARIS, LEAVERS))
    with followed(config, "directory") as directory:
        eventually(lambda: names(directory) == {f"Smith, L{n}" for n in range(PER_BRANCH)})


def test_a_branch_that_comes_into_the_base_brings_its_people(start_house: StartHouse, tmp_path: Path) -> None:
    slapd = start_house()
    slapd.modify(move(PARIS, LEAVERS))
    config = config_of(tmp_path, slapd)
    search = config.ldap.person.model_copy(update={"base": f"ou=people,{SUFFIX}"})
    config = config.model_copy(update={"ldap": config.ldap.model_copy(update={"person": search})})
    with followed(config, "directory") as directory:
        eventually(lambda: len(names(directory)) == PER_BRANCH)
        slapd.modify(move(f"ou=paris,{LEAVERS}", f"ou=people,{SUFFIX}"))
        eventually(lambda: len(names(directory)) == 2 * PER_BRANCH)
        slapd.modify(move(PARIS, LEAVERS))
        eventually(lambda: len(names(directory)) == PER_BRANCH)


def test_a_renamed_branch_keeps_the_phonebook_of_a_group(start_house: StartHouse, tmp_path: Path) -> None:
    slapd = start_house()
    books = [{"slot": 1}, {"slot": 2, "kind": "group", "group": GROUP}]
    listed = "SELECT count(*) FROM contacts WHERE terms LIKE '%==b%'"
    with followed(config_of(tmp_path, slapd, phonebooks=books), "directory") as directory:
        eventually(lambda: directory.column(listed) == [PER_BRANCH])
        slapd.modify(rename(PARIS, "ou=seine"))
        members = (f"member: uid=p{n},ou=seine,ou=people,{SUFFIX}" for n in range(PER_BRANCH))
        slapd.modify(record(GROUP, "changetype: modify", "replace: member", *members))
        dns = "SELECT count(*) FROM entries WHERE kind = 'person' AND dn LIKE '%ou=seine,%'"
        eventually(lambda: directory.column(dns) == [PER_BRANCH])
        eventually(lambda: directory.column(listed) == [PER_BRANCH])


def test_a_phone_below_a_person_follows_when_the_person_is_renamed(start_house: StartHouse, tmp_path: Path) -> None:
    slapd = start_house()
    with followed(config_of(tmp_path, slapd), "provision") as provision:
        eventually(lambda: provision.column("SELECT dn FROM phones") == [f"cn=phone1000,uid=p0,{PARIS}"])
        slapd.modify(rename(f"uid=p0,{PARIS}", "uid=petra"))
        eventually(lambda: provision.column("SELECT dn FROM phones") == [f"cn=phone1000,uid=petra,{PARIS}"])


def test_a_branch_of_many_waits_for_a_person_and_goes_when_it_is_accepted(
    start_house: StartHouse, tmp_path: Path
) -> None:
    slapd = start_house(people=30)
    config = config_of(tmp_path, slapd, **HIDDEN)
    with followed(config, "directory", speed=15) as directory:
        eventually(lambda: len(names(directory)) == 60)
        slapd.modify(move(PARIS, LEAVERS))
        eventually(lambda: [hold.kind for hold in directory.status.holds] == [Kind.PERSON])
        assert len(names(directory)) == 60
        slapd.modify(person_record("new", 5000, LYON))
        eventually(lambda: directory.status.holds)
        assert accept_holds(directory.path)
        eventually(lambda: len(names(directory)) == 31)
        eventually(lambda: not directory.status.holds)


def test_hidden_entries_are_not_fetched_by_sweep_after_sweep(
    start_house: StartHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[str] = []
    fetch = SyncreplSource.fetch

    def counting(self: SyncreplSource, stream: object, uuids: list[str]) -> object:
        fetched.extend(uuids)
        return fetch(self, stream, uuids)  # type: ignore[arg-type]

    monkeypatch.setattr(SyncreplSource, "fetch", counting)
    slapd = start_house()
    slapd.modify(move(PARIS, LEAVERS))
    with followed(config_of(tmp_path, slapd, **HIDDEN), "directory", speed=MINUTES) as directory:
        first = eventually(lambda: directory.status.compared.at if directory.is_loaded() else 0)
        eventually(lambda: directory.status.compared.at > first)
        assert fetched == []
        slapd.modify(record(f"uid=p1,ou=paris,{LEAVERS}", "changetype: modify", "replace: title", "title: gone"))
        second = directory.status.compared.at
        eventually(lambda: directory.status.compared.at > second)
        assert fetched == []


def test_a_secret_that_becomes_readable_arrives_within_a_minute(start_house: StartHouse, tmp_path: Path) -> None:
    slapd = start_house(AUTHENTICATE, "attrs=AstAccountSecret by * none", READ_ALL)
    config = config_of(tmp_path, slapd)
    secrets = "SELECT count(*) FROM accounts WHERE secret <> ''"
    with followed(config, "provision", speed=MINUTES) as provision:
        eventually(provision.is_loaded)
        eventually(lambda: provision.status.compared.at)
        assert provision.column(secrets) == [0]
        without_config(slapd)
        set_rules(slapd, AUTHENTICATE, READ_ALL)
        eventually(lambda: provision.column(secrets) == [2 * PER_BRANCH])
        assert not provision.status.holds


def without_config(slapd: PrivateSlapd) -> None:
    """Let the account read nothing of cn=config, as nearly everywhere."""
    slapd.configure(
        "dn: olcDatabase={0}config,cn=config\nchangetype: modify\nreplace: olcAccess\nolcAccess: {0}to * by * none\n"
    )


def test_a_refresh_brings_what_looks_different_at_once(start_house: StartHouse, tmp_path: Path) -> None:
    slapd = start_house(AUTHENTICATE, "attrs=displayName,cn,sn,givenName by * none", READ_ALL)
    without_config(slapd)
    with followed(config_of(tmp_path, slapd), "provision") as provision:
        eventually(provision.is_loaded)
        set_rules(slapd, AUTHENTICATE, READ_ALL)
        named = "SELECT count(*) FROM persons WHERE name <> ''"
        assert provision.column(named) == [0]
        want_everything(provision.path)
        eventually(lambda: provision.column(named) == [2 * PER_BRANCH])
        assert "person entries differed when everything was read" in provision.status.compared.difference


def test_changed_access_rules_are_noticed_where_the_account_may_read_them(
    start_house: StartHouse, tmp_path: Path
) -> None:
    slapd = start_house(AUTHENTICATE, "attrs=displayName,cn,sn,givenName by * none", READ_ALL)
    named = "SELECT count(*) FROM persons WHERE name <> ''"
    with followed(config_of(tmp_path, slapd), "provision", speed=MINUTES) as provision:
        eventually(lambda: provision.column("SELECT count(*) FROM comparison WHERE access <> ''") == [1])
        eventually(provision.is_loaded)
        assert provision.column(named) == [0]
        set_rules(slapd, AUTHENTICATE, READ_ALL)
        eventually(lambda: provision.column(named) == [2 * PER_BRANCH])


def test_an_account_that_becomes_a_member_of_a_group_sees_what_that_group_may_see(
    start_house: StartHouse, tmp_path: Path
) -> None:
    group = f"cn=readers,{SUFFIX}"
    slapd = start_house(
        AUTHENTICATE, f"attrs=displayName,cn,sn,givenName by group.exact={group} read by * none", READ_ALL
    )
    without_config(slapd)
    slapd.modify(record(group, "objectClass: groupOfNames", "cn: readers", f"member: {SUFFIX}"))
    named = "SELECT count(*) FROM persons WHERE name <> ''"
    with followed(config_of(tmp_path, slapd), "provision", speed=MINUTES) as provision:
        eventually(lambda: provision.column("SELECT count(*) FROM comparison WHERE access <> ''") == [1])
        eventually(provision.is_loaded)
        assert provision.column(named) == [0]
        slapd.modify(record(group, "changetype: modify", "add: member", f"member: {READER}"))
        eventually(lambda: provision.column(named) == [2 * PER_BRANCH])


def test_a_server_that_is_started_with_other_rules_is_read_completely(start_house: StartHouse, tmp_path: Path) -> None:
    slapd = start_house(AUTHENTICATE, "attrs=displayName,cn,sn,givenName by * none", READ_ALL)
    without_config(slapd)
    named = "SELECT count(*) FROM persons WHERE name <> ''"
    with followed(config_of(tmp_path, slapd), "provision", speed=MINUTES) as provision:
        eventually(provision.is_loaded)
        slapd.stop()
        file = slapd.folder / "slapd.conf"
        slapd._directives = (f"access to {AUTHENTICATE}", f"access to {READ_ALL}")  # what an administrator edits
        slapd.start()
        assert file.exists()
        eventually(lambda: provision.column(named) == [2 * PER_BRANCH])


def test_an_entry_that_becomes_visible_is_found_by_a_sweep(start_house: StartHouse, tmp_path: Path) -> None:
    slapd = start_house(AUTHENTICATE, f"dn.subtree={PARIS} by * none", READ_ALL)
    without_config(slapd)
    with followed(config_of(tmp_path, slapd), "directory", speed=MINUTES) as directory:
        eventually(lambda: len(names(directory)) == PER_BRANCH)
        set_rules(slapd, AUTHENTICATE, READ_ALL)
        eventually(lambda: len(names(directory)) == 2 * PER_BRANCH)
        eventually(lambda: directory.status.compared.at)


def test_a_fresh_read_names_what_the_mirror_holds_otherwise(
    start_house: StartHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirrored, "_SETTLE_SECONDS", 0.0)
    slapd = start_house(AUTHENTICATE, "attrs=displayName,cn,sn,givenName by * none", READ_ALL)
    without_config(slapd)
    config = config_of(tmp_path, slapd)
    role = provision_role(config)
    streams = streams_of(config.ldap, role.reads)

    def found() -> list[tuple[Kind, Entry]]:
        return list(read_found_entries(config, role.bind, streams))

    assert list(mirror_findings(config, role, found(), found)) == []  # no file yet
    with followed(config, "provision") as provision:
        eventually(provision.is_loaded)
        assert list(mirror_findings(config, role, found(), found)) == []
        set_rules(slapd, AUTHENTICATE, READ_ALL)
        (finding,) = mirror_findings(config, role, found(), found)
        assert finding.is_fault
        assert "8 person entries are not as LDAP shows them, such as uid=l0," in finding.problem
        assert "`dialtree provision mirror --refresh`" in finding.problem
        want_everything(provision.path)
        eventually(lambda: not list(mirror_findings(config, role, found(), found)))
    slapd.modify(record(f"uid=l1,{LYON}", "changetype: delete"))
    kinds = {"1 account entries", "1 person entries"}
    stale = list(mirror_findings(config, role, found(), found))
    assert {finding.problem.partition(" are not")[0] for finding in stale} == kinds
    assert {finding.problem.partition(": ")[2] for finding in stale} == {"the mirror is not connected to LDAP"}
    assert not any(finding.is_fault for finding in stale)
