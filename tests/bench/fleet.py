"""A directory of phones: as many as wanted with one line each, or one full phone of a model, all lines and all keys."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from services.provision.vendors.thomson.models import Model
from shared.mac import Mac, parse_mac

FIRST: Final = parse_mac("00147F000000")
SUFFIX: Final = "dc=example,dc=org"
_TOP: Final = f"""\
dn: {SUFFIX}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ou=people,{SUFFIX}
objectClass: organizationalUnit
ou: people

dn: ou=phones,{SUFFIX}
objectClass: organizationalUnit
ou: phones
"""


def write_phones(file: Path, count: int) -> None:
    """Write so many persons, each with an account and a phone; addresses count upwards from `FIRST`."""
    entries = [_TOP]
    for number in range(count):
        entries += [_person(number), _phone(number)]
    file.write_text("\n".join(entries), encoding="utf-8")


def write_full_phone(file: Path, model: Model) -> None:
    """Write one phone with an account on each line and a supervised person on each key."""
    extra = [f"dialtreeModel: {model.name}"]
    extra += [f"dialtreeLine: {line} {_dn(line - 1)}" for line in range(2, model.lines + 1)]
    extra += [f"dialtreeKey: {key} blf {1000 + key}" for key in range(1, model.keys + 1)]
    people = (_person(number) for number in range(max(model.lines, model.keys + 1)))
    file.write_text("\n".join([_TOP, *people, _phone(0, extra)]), encoding="utf-8")


def mac_of(number: int) -> Mac:
    """Return the address of a phone."""
    return Mac(f"{int(FIRST, 16) + number:012X}")


def _dn(number: int) -> str:
    return f"uid=p{number},ou=people,{SUFFIX}"


def _person(number: int) -> str:
    return _entry(
        f"dn: {_dn(number)}",
        "objectClass: inetOrgPerson",
        "objectClass: AsteriskSIPUser",
        f"uid: p{number}",
        f"cn: Person {number}",
        "sn: Person",
        f"AstAccountName: {1000 + number}",
        f"AstAccountSecret: secret-{number}",
        f"AstAccountMailbox: {1000 + number}@default",
    )


def _phone(number: int, extra: list[str] | None = None) -> str:
    return _entry(
        f"dn: cn=phone-{number},ou=phones,{SUFFIX}",
        "objectClass: device",
        "objectClass: ieee802Device",
        "objectClass: dialtreePhone",
        f"cn: phone-{number}",
        f"macAddress: {mac_of(number)}",
        f"owner: {_dn(number)}",
        *(extra or ()),
    )


def _entry(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def all_macs(count: int) -> Iterator[Mac]:
    """Yield the address of each phone."""
    return (mac_of(number) for number in range(count))
