"""The main job: an administrator edits LDAP, and phones and phonebook follow. Real slapd, nginx, processes, phones."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.provision.vendors.thomson.simulator.directorykey import search
from services.provision.vendors.thomson.simulator.phone import BootResult, boot
from shared.mac import Mac
from tests.e2e.stack import SAMPLE, VENDOR_FILES, Stack, running_stack
from tests.tools import eventually

ALICE = Mac("001F9F16E849")
ALICE_DN = "uid=alice.martin,ou=people,dc=example,dc=org"
UNFINISHED = 2
DATA = "/provisioning/ST2030/data"
CONFIG = "/provisioning/ST2030/config"


@pytest.fixture(params=[1000, 0], ids=["session log", "no session log"], scope="module")
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("follow"), sessionlog=request.param) as stack:
        yield stack


def all_macs() -> list[str]:
    found = re.findall(r"^macAddress: (.*)$", SAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    return [mac.replace(":", "").upper() for mac in found]


def working_macs() -> list[str]:
    return all_macs()[:-UNFINISHED]


def serial(file: bytes) -> str:
    match = re.search(rb"^config_sn=([0-9]{12})\r$", file, re.MULTILINE)
    assert match is not None
    return match.group(1).decode()


def boot_alice(stack: Stack, state: Path) -> BootResult:
    return boot(f"{stack.url}/ST2030.inf", ALICE, state=state, log=print)


def paths(result: BootResult) -> list[str]:
    return [exchange.path for exchange in result.exchanges]


def names_found(stack: Stack, query: str) -> list[str]:
    return re.findall(r"<Name>(.*?)</Name>", stack.get(f"/search?q={query}").body.decode("iso-8859-1"))


def rename(stack: Stack, dn: str, name: str) -> None:
    stack.slapd.modify(f"dn: {dn}\nchangetype: modify\nreplace: displayName\ndisplayName: {name}\n")


def test_a_fresh_phone_asks_exactly_as_in_the_article_and_is_steady(stack: Stack, tmp_path: Path) -> None:
    result = boot_alice(stack, tmp_path / "phone.json")
    assert result.complaints == ()
    common = next(path for path in paths(result) if "/ComConf2030S-" in path)
    firmware, dsp, boot_code, telephone, *tones = VENDOR_FILES
    data = [f"{DATA}/{name}" for name in (firmware, dsp, boot_code)]
    tables = [f"{DATA}/{name}" for name in tones]
    own = [f"{CONFIG}/ST2030S_{ALICE}.ser", f"{CONFIG}/ST2030S_{ALICE}.txt"]
    assert paths(result) == [
        "/ST2030.inf",
        *data,
        "/ST2030.inf",
        *tables,
        f"{DATA}/{telephone}",
        common,
        *own,
        "/ST2030.inf",
        *own,
    ]


def test_every_phone_of_the_sample_is_served(stack: Stack) -> None:
    files = [stack.file_of(mac) for mac in working_macs()]
    assert len(files) == 12
    assert len({serial(file) for file in files}) == 12


def test_a_new_display_name_reaches_its_phone_and_the_phonebook_and_no_other_phone(
    stack: Stack, tmp_path: Path
) -> None:
    state = tmp_path / "phone.json"
    assert boot_alice(stack, state).steady
    before = {mac: stack.file_of(mac) for mac in working_macs()}
    try:
        rename(stack, ALICE_DN, "Alice Zwanzig")
        eventually(lambda: b"DisplayName1=Alice Zwanzig\r\n" in stack.file_of(ALICE))
        after = {mac: stack.file_of(mac) for mac in working_macs()}
        assert {mac for mac in before if before[mac] != after[mac]} == {ALICE}
        assert serial(before[ALICE]) != serial(after[ALICE])

        applied = boot_alice(stack, state)
        assert applied.steady
        assert applied.boots == 2
        assert applied.memory.values["sip.DisplayName1"] == "Alice Zwanzig"
        again = boot_alice(stack, state)
        assert (again.steady, again.boots) == (True, 1)
        eventually(lambda: names_found(stack, "zwanzig"))
    finally:
        rename(stack, ALICE_DN, "Alice Martin")
        eventually(lambda: stack.file_of(ALICE) == before[ALICE])
        eventually(lambda: names_found(stack, "zwanzig") == [])  # the phonebook follows at a pace of its own


def test_the_directory_key_finds_every_number_and_follows_menus(stack: Stack, tmp_path: Path) -> None:
    memory = boot_alice(stack, tmp_path / "phone.json").memory
    found = search(memory, "martin alice", ALICE, log=print)
    assert found.complaints == ()
    assert [row.telephone for row in found.rows] == ["1001", "0199002010", "0639981060", "0639984070", "0199006011"]
    everyone = search(memory, "0199", ALICE, log=print)
    assert everyone.complaints == ()
    assert everyone.duplicates == ()
    assert len(everyone.rows) > 32


def test_people_and_phones_come_move_and_go(stack: Stack) -> None:
    person = "uid=nina.neu,ou=people,dc=example,dc=org"
    stack.slapd.modify(
        f"dn: {person}\nchangetype: add\nobjectClass: inetOrgPerson\nobjectClass: AsteriskSIPUser\nuid: nina.neu\n"
        "cn: Nina Neu\nsn: Neu\ngivenName: Nina\nAstAccountName: 1999\nAstAccountSecret: s1999\ntelephoneNumber: 1999\n\n"
        "dn: cn=phone-1999,ou=phones,dc=example,dc=org\nchangetype: add\nobjectClass: device\nobjectClass: ieee802Device\n"
        f"cn: phone-1999\nmacAddress: 00:14:7f:00:19:99\nowner: {person}\n"
    )
    eventually(lambda: names_found(stack, "nina"))
    assert b"regpwd1=s1999\r\n" in eventually(lambda: body_of(stack, "00147F001999"))
    stack.slapd.modify(f"dn: {person}\nchangetype: modrdn\nnewrdn: uid=nina.alt\ndeleteoldrdn: 1\n")
    eventually(lambda: body_of(stack, "00147F001999") == b"")  # the owner that the phone names is gone
    assert names_found(stack, "nina")
    stack.slapd.modify("dn: uid=nina.alt,ou=people,dc=example,dc=org\nchangetype: delete\n")
    eventually(lambda: not [name for name in names_found(stack, "nina") if "Nina" in name])  # who sounds alike is found
    stack.slapd.modify("dn: cn=phone-1999,ou=phones,dc=example,dc=org\nchangetype: delete\n")


def test_what_changed_while_dialtree_was_down_arrives(stack: Stack) -> None:
    stack.stop_services()
    rename(stack, ALICE_DN, "Alice Later")
    stack.slapd.modify(
        "dn: uid=temp,ou=people,dc=example,dc=org\nchangetype: add\nobjectClass: inetOrgPerson\nuid: temp\ncn: Temp Orary\n"
        "sn: Orary\ntelephoneNumber: 4711\n"
    )
    stack.start_services()
    eventually(lambda: b"DisplayName1=Alice Later\r\n" in stack.file_of(ALICE))
    eventually(lambda: names_found(stack, "orary"))
    stack.stop_services()
    rename(stack, ALICE_DN, "Alice Martin")
    stack.slapd.modify("dn: uid=temp,ou=people,dc=example,dc=org\nchangetype: delete\n")
    stack.start_services()
    eventually(lambda: b"DisplayName1=Alice Martin\r\n" in stack.file_of(ALICE))
    eventually(lambda: names_found(stack, "orary") == [])


def test_with_ldap_stopped_phones_and_searches_are_served_as_before_also_after_a_restart(
    stack: Stack, tmp_path: Path
) -> None:
    files = {mac: stack.file_of(mac) for mac in working_macs()}
    found = stack.get("/search?q=martin").body
    stack.slapd.stop()
    try:
        assert {mac: stack.file_of(mac) for mac in working_macs()} == files
        assert stack.get("/search?q=martin").body == found
        stack.stop_services()
        stack.start_services()
        assert {mac: stack.file_of(mac) for mac in working_macs()} == files
        assert stack.get("/search?q=martin").body == found
        assert boot_alice(stack, tmp_path / "phone.json").steady
    finally:
        stack.slapd.start()


def body_of(stack: Stack, mac: str) -> bytes:
    answer = stack.get(f"{CONFIG}/ST2030S_{mac}.txt")
    return answer.body if answer.status == 200 else b""
