"""The simulator against the whole of dialtree: every model boots and presses each directory key, and nothing is odd."""

from collections.abc import Iterator
from typing import Final

import pytest

from services.provision.vendors.thomson.simulator.complaints import Rule
from services.provision.vendors.thomson.simulator.directorykey import Encoding, SearchResult, search
from services.provision.vendors.thomson.simulator.memory import Memory
from services.provision.vendors.thomson.simulator.phone import BootResult, boot
from shared.mac import Mac
from tests.e2e.stack import Stack, running_stack
from tests.tools import eventually

ALICE_DN: Final = "uid=alice.martin,ou=people,dc=example,dc=org"
MACS: Final = {
    "ST2030": Mac("001F9F16E849"),
    "ST2022": Mac("00147FBB2022"),
    "TB30": Mac("00147FBB0030"),
    "ST2020": Mac("00147FBB2020"),
}
BOOKS: Final = [
    {"slot": 1},
    {"slot": 2, "kind": "my-department"},
    {"slot": 5, "kind": "filter", "filter": "(ou=Ventes)"},
]
TYPED: Final = ("dup", "dupim", "e", "müller", "zoé", "jean luc", " ", "+33", "100%", "a&b", "xqzwvk", "")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("simulate")
    with running_stack(folder, directory={"phonebooks": BOOKS}) as stack:
        for model, mac in list(MACS.items())[1:]:
            stack.slapd.modify(
                f"dn: cn=phone-{model},ou=phones,dc=example,dc=org\nchangetype: add\nobjectClass: device\n"
                f"objectClass: ieee802Device\nobjectClass: dialtreePhone\ncn: phone-{model}\nmacAddress: {mac}\n"
                f"owner: {ALICE_DN}\ndialtreeModel: {model}\n"
            )
            path = f"/provisioning/{model}/config/{model}S_{mac}.txt"
            eventually(lambda path=path: stack.get(path).status == 200)  # type: ignore[misc]
        yield stack


def press(model: str, memory: Memory, text: str, slot: int = 1) -> SearchResult:
    """Press a directory key of a phone that has booted."""
    return search(memory, text, MACS[model], model=model, slot=slot, log=print)


def boot_one(stack: Stack, model: str) -> BootResult:
    """Boot a factory-new phone."""
    return boot(f"{stack.url}/", MACS[model], model=model, log=print)


@pytest.mark.parametrize("model", MACS)
def test_every_model_boots_and_searches_and_even_strictly_nothing_is_odd(stack: Stack, model: str) -> None:
    booted = boot_one(stack, model)
    assert (booted.steady, booted.complaints) == (True, ())
    for text, slot in (*((text, 1) for text in TYPED), ("e", 2), ("e", 5)):
        found = press(model, booted.memory, text, slot)
        assert (found.complaints, found.strict_exit_code) == ((), 0), (text, slot)
        assert found.dialled == (found.rows[0].telephone if found.rows else "")


def test_the_command_shows_rows_first_says_last_how_they_were_found_and_is_content(stack: Stack) -> None:
    phone = ("simulate", "--strict", "--url", f"{stack.url}/", "--mac", MACS["ST2030"])
    done = stack.dialtree(*phone, "--search", "dupim")
    *_, first, _, note = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert first.startswith("Dupin, Jean")
    assert note == "Similar names"
    other = stack.dialtree(*phone, "--search", "dup", "--phonebook", "7")
    assert other.returncode == 1
    assert "rejected: Phonebook7_url: is not set" in other.stdout


@pytest.mark.parametrize("model", MACS)
@pytest.mark.parametrize("encoding", Encoding)
def test_every_writing_of_an_umlaut_is_understood_behind_nginx(stack: Stack, model: str, encoding: Encoding) -> None:
    url = f"{stack.url}/search?q=#SEARCH"
    found = search(url, "müller", MACS[model], model=model, encoding=encoding, log=print)
    assert found.complaints == ()
    assert found.dialled == found.rows[0].telephone
    assert found.rows[0].name.startswith("Müller, Zoé")


def test_a_directory_that_is_down_is_not_noticed_by_phones_and_a_service_that_is_down_is(stack: Stack) -> None:
    stack.slapd.stop()
    try:
        phones = {model: boot_one(stack, model) for model in MACS}
        found = {model: press(model, phone.memory, "dupim") for model, phone in phones.items()}
    finally:
        stack.slapd.start()
    assert {(phone.strict_exit_code, found[model].strict_exit_code) for model, phone in phones.items()} == {(0, 0)}
    assert {result.messages for result in found.values()} == {("Similar names",)}
    stack.stop_services()
    try:
        down = [press(model, phone.memory, "dup") for model, phone in phones.items()]
        failed = boot_one(stack, "ST2030")
    finally:
        stack.start_services()
    for each in down:
        assert [complaint.message for complaint in each.complaints] == ["answered 503 and says: Directory unavailable"]
    assert (failed.exit_code, [complaint.rule for complaint in failed.complaints]) == (1, [Rule.STATUS])
