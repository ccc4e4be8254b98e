"""Eleven edits in a real slapd, one upon the other: after each, a phone that was there holds what a factory-new one is given."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from services.provision.vendors.thomson.simulator.phone import BootResult, boot
from shared.mac import Mac
from tests.e2e.stack import Stack, running_stack
from tests.tools import eventually

PEOPLE: Final = "ou=people,dc=example,dc=org"
PHONES: Final = "ou=phones,dc=example,dc=org"
INES: Final = f"uid=ines,{PEOPLE}"
OMAR: Final = f"uid=omar,{PEOPLE}"
MACS: Final = {"ST2030": Mac("00147FAA2030"), "ST2022": Mac("00147FAA2022"), "TB30": Mac("00147FAA0030")}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("inheritance")) as stack:
        for uid, number in (("ines", "2001"), ("omar", "2002")):
            stack.slapd.modify(
                f"dn: uid={uid},{PEOPLE}\nchangetype: add\nobjectClass: inetOrgPerson\nobjectClass: AsteriskSIPUser\n"
                f"uid: {uid}\ncn: {uid.title()}\nsn: {uid.title()}\ndisplayName: {uid.title()}\n"
                f"AstAccountName: {number}\nAstAccountSecret: secret-of-{uid}\n"
            )
        yield stack


def add_phone(stack: Stack, model: str) -> str:
    """Add two profiles of this model's own and a phone of the first; return the phone's DN."""
    for name, setting in (("paris", "sip.CallWaitingOffSC=*71"), ("berlin", "qos.DSCP1=34")):
        stack.slapd.modify(
            f"dn: cn={name}-{model},{PHONES}\nchangetype: add\nobjectClass: dialtreeProfile\ncn: {name}-{model}\n"
            f"dialtreeTimeZone: Europe/{name.title()}\ndialtreeSetting: {setting}\n"
        )
    dn = f"cn=phone-{model},{PHONES}"
    stack.slapd.modify(
        f"dn: {dn}\nchangetype: add\nobjectClass: device\nobjectClass: ieee802Device\nobjectClass: dialtreePhone\n"
        f"cn: phone-{model}\nmacAddress: {MACS[model]}\nowner: {INES}\ndialtreeModel: {model}\n"
        f"dialtreeProfile: paris-{model}\n"
    )
    return dn


def edits(model: str, phone: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield each edit: the entry, what is changed, and what the phone must hold afterwards of that and of what was before."""
    yield phone, f"replace: owner\nowner: {OMAR}\n", {"sip.TEL1Number": "2002", "sip.DisplayName1": "Omar"}
    second = {"sip.TEL02Use": "1", "sip.TEL2Number": "2001", "sip.regid2": "2001", "sip.regpwd2": "secret-of-ines"}
    yield phone, f"add: dialtreeLine\ndialtreeLine: 2 {INES}\n", second
    yield phone, "add: dialtreeKey\ndialtreeKey: 3 blf 1002\n", {"sys.FeatureKeyExt03": "S/<sip:1002>"}
    layout = {
        "sys.FeatureKeyExt03": "S/<sip:1002>",
        "sys.FeatureKeyExt04": "S/<sip:2001>",
        "sys.FeatureKeyExt05": "L/<sip:>",
    }
    keys = f"dialtreeKey: 3 blf 1003\ndialtreeKey: 4 blf {INES}\ndialtreeKey: 5 blf {OMAR}\n"
    yield f"cn=paris-{model},{PHONES}", f"add: dialtreeKey\n{keys}", layout
    yield phone, "add: dialtreeSetting\ndialtreeSetting: net.TelnetTime=60\n", {"net.TelnetTime": "60"}
    berlin = {"sys.FeatureKeyExt04": "L/<sip:>", "sip.CallWaitingOffSC": "", "qos.DSCP1": "34", "ntp.NtpZoneNum": "25"}
    yield phone, f"replace: dialtreeProfile\ndialtreeProfile: berlin-{model}\n", berlin
    yield phone, "delete: dialtreeLine\n", {"sip.TEL02Use": "0", **dict.fromkeys(second.keys() - {"sip.TEL02Use"}, "")}
    yield phone, "delete: dialtreeSetting\n", {"net.TelnetTime": "240"}
    yield f"cn=berlin-{model},{PHONES}", "delete: dialtreeSetting\n", {"qos.DSCP1": "46"}
    yield phone, "delete: dialtreeKey\n", {"sys.FeatureKeyExt03": "L/<sip:>"}
    back = {"sip.TEL1Number": "2001", "sip.DisplayName1": "Ines"}
    yield phone, f"replace: owner\nowner: {INES}\n", back


@pytest.mark.parametrize("model", MACS)
def test_after_each_of_eleven_edits_the_phone_holds_what_a_new_one_would(
    stack: Stack, tmp_path: Path, model: str
) -> None:
    phone = add_phone(stack, model)
    state = tmp_path / "phone.json"

    def settles(wanted: Mapping[str, str]) -> bool:
        """Boot both phones; the mirror may be behind the edit, or take it over between the two boots."""
        kept, new = boot_one(stack, model, state), boot_one(stack, model)
        both_steady = kept.steady and new.steady
        return both_steady and kept.memory == new.memory and wanted.items() <= kept.memory.values.items()

    eventually(lambda: stack.get(f"/provisioning/{model}/config/{model}S_{MACS[model]}.txt").status == 200)
    eventually(lambda: settles({"sip.TEL1Number": "2001", "sip.CallWaitingOffSC": "*71", "net.TelnetTime": "240"}))
    holds: dict[str, str] = {}
    done = 0
    for dn, change, wanted in edits(model, phone):
        stack.slapd.modify(f"dn: {dn}\nchangetype: modify\n{change}")
        holds |= wanted
        eventually(partial(settles, dict(holds)), 30)
        done += 1
    assert done == 11
    steady = boot_one(stack, model, state)
    assert (steady.boots, steady.complaints) == (1, ())


def boot_one(stack: Stack, model: str, state: Path | None = None) -> BootResult:
    """Boot a phone until it is steady; without a state a factory-new one."""
    return boot(f"{stack.url}/", MACS[model], model=model, state=state, log=print)
