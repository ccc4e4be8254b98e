"""A new firmware reaches a canary, then a profile, then all: a real slapd, a real nginx, and phones that install what they get."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.provision.vendors.thomson.simulator.phone import boot
from shared.mac import Mac
from tests.e2e.stack import VENDOR_FILES, Stack, running_stack
from tests.tools import eventually

OLD, NEW = VENDOR_FILES[0], "v2030SG.R11.1.SED.101223.2.74.zz"
CANARY, TEAM, OTHER = Mac("001F9F16E849"), Mac("00147FE149A3"), Mac("00147FE14B96")
PROFILES = "ou=phones,dc=example,dc=org"


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with running_stack(tmp_path) as stack:
        stack.slapd.modify(
            f"dn: cn=Team,{PROFILES}\nchangetype: add\nobjectClass: dialtreeProfile\ncn: Team\n\n"
            f"dn: cn=phone-1002,{PROFILES}\nchangetype: modify\nadd: objectClass\nobjectClass: dialtreePhone\n-\n"
            "add: dialtreeProfile\ndialtreeProfile: Team\n"
        )
        yield stack


def test_a_firmware_reaches_whom_it_is_for_and_nobody_else(stack: Stack, tmp_path: Path) -> None:
    source = tmp_path / NEW
    source.write_bytes(b"stand-in for the new firmware")

    def installed() -> dict[Mac, str]:
        """Boot each phone of the three as it is now, and return the firmware that it has then, "" where it is not steady.

        The mirror may take a change over in the middle of a boot.
        """
        results = {
            mac: boot(f"{stack.url}/ST2030.inf", mac, state=tmp_path / f"{mac}.json", log=print)
            for mac in (CANARY, TEAM, OTHER)
        }
        return {mac: result.memory.installed["fwurl"] if result.steady else "" for mac, result in results.items()}

    def add(*words: str) -> str:
        done = stack.dialtree("firmware", "add", str(source), *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    eventually(lambda: installed() == dict.fromkeys((CANARY, TEAM, OTHER), OLD))
    assert stack.dialtree("firmware", "add", str(source)).returncode == 1
    assert installed() == dict.fromkeys((CANARY, TEAM, OTHER), OLD)

    change = add("--canary", CANARY)
    assert installed() == dict.fromkeys((CANARY, TEAM, OTHER), OLD)
    stack.slapd.modify(change)
    eventually(lambda: installed()[CANARY] == NEW)
    assert installed() == {CANARY: NEW, TEAM: OLD, OTHER: OLD}

    stack.slapd.modify(add("--profile", "Team"))
    eventually(lambda: installed()[TEAM] == NEW)
    assert installed() == {CANARY: NEW, TEAM: NEW, OTHER: OLD}

    add("--all")
    assert installed() == dict.fromkeys((CANARY, TEAM, OTHER), NEW)
    for name in ("HELD", "SHA256SUMS"):
        assert stack.get(f"/provisioning/ST2030/data/{name}").status == 404
