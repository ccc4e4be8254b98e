"""The same small directory twice, as an LDIF file and in a real slapd, with the same verbs to change it."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from services.demo.slapd import PrivateSlapd
from shared.config import Bind, Ldap
from shared.errors import RefreshRequired
from shared.ldap.entry import Entry
from shared.ldap.open import open_source
from shared.ldap.source import Change, Delete, Done, Kind, Present, Scope, Source, Stream, Upsert

SUFFIX = "dc=example,dc=org"
PEOPLE = f"ou=people,{SUFFIX}"
OTHERS = f"ou=others,{SUFFIX}"
Attributes = dict[str, list[str]]


def person(name: str, **more: list[str]) -> Attributes:
    return {"objectClass": ["inetOrgPerson"], "cn": [name], "sn": [name.rpartition(" ")[2]], **more}


def dn_of(uid: str, parent: str = PEOPLE) -> str:
    return f"uid={uid},{parent}"


def persons(
    *,
    base: str = PEOPLE,
    scope: Scope = "subtree",
    search: str = "(objectClass=inetOrgPerson)",
    attributes: str = "cn mobile",
) -> Stream:
    return Stream(Kind.PERSON, base, scope, search, tuple(attributes.split()))


def ldif_of(entries: Mapping[str, Attributes]) -> str:
    records = ("\n".join([f"dn: {dn}", *(f"{n}: {v}" for n, vs in a.items() for v in vs)]) for dn, a in entries.items())
    return "\n\n".join(records) + "\n"


def first_content() -> dict[str, Attributes]:
    return {
        SUFFIX: {"objectClass": ["dcObject", "organization"], "dc": ["example"], "o": ["Exemple"]},
        PEOPLE: {"objectClass": ["organizationalUnit"], "ou": ["people"]},
        OTHERS: {"objectClass": ["organizationalUnit"], "ou": ["others"]},
        dn_of("alice"): {"uid": ["alice"], **person("Alice Martin", mobile=["+33 6 39 98 10 60", "+33 6 39 98 10 61"])},
        dn_of("bob"): {"uid": ["bob"], **person("Bob Müller", description=["not asked for"])},
        dn_of("carol"): {"uid": ["carol"], **person("Carol Łoś", mobile=["+33 6 39 98 10 62"])},
    }


class Directory(Protocol):
    """A directory that a test may change; each change is complete when the verb returns."""

    keeps_uuid: bool

    def source(self) -> Source: ...
    def add(self, dn: str, attributes: Attributes) -> None: ...
    def replace(self, dn: str, name: str, values: list[str]) -> None: ...
    def move(self, dn: str, uid: str, parent: str) -> None: ...
    def delete(self, dn: str) -> None: ...


class FileDirectory:
    keeps_uuid = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries = first_content()
        self._write()

    def source(self) -> Source:
        return open_source(Ldap(source="ldif", ldif_file=self.path, base=SUFFIX), Bind())

    def add(self, dn: str, attributes: Attributes) -> None:
        self.entries[dn] = {"uid": [dn.partition(",")[0].removeprefix("uid=")], **attributes}
        self._write()

    def replace(self, dn: str, name: str, values: list[str]) -> None:
        self.entries[dn][name] = values
        self._write()

    def move(self, dn: str, uid: str, parent: str) -> None:
        self.entries[dn_of(uid, parent)] = {**self.entries.pop(dn), "uid": [uid]}
        self._write()

    def delete(self, dn: str) -> None:
        del self.entries[dn]
        self._write()

    def _write(self) -> None:
        self.path.write_text(ldif_of(self.entries), encoding="utf-8")


class SlapdDirectory:
    keeps_uuid = True

    def __init__(self, slapd: PrivateSlapd) -> None:
        self.slapd = slapd

    def source(self) -> Source:
        return open_source(Ldap(urls=(self.slapd.url,), base=SUFFIX, operation_timeout=5), Bind())

    def add(self, dn: str, attributes: Attributes) -> None:
        self.slapd.modify(ldif_of({dn: attributes}))

    def replace(self, dn: str, name: str, values: list[str]) -> None:
        lines = [f"dn: {dn}", "changetype: modify", f"replace: {name}", *(f"{name}: {value}" for value in values)]
        self.slapd.modify("\n".join(lines) + "\n")

    def move(self, dn: str, uid: str, parent: str) -> None:
        lines = [f"dn: {dn}", "changetype: modrdn", f"newrdn: uid={uid}", "deleteoldrdn: 1", f"newsuperior: {parent}"]
        self.slapd.modify("\n".join(lines) + "\n")

    def delete(self, dn: str) -> None:
        self.slapd.modify(f"dn: {dn}\nchangetype: delete\n")


class Copy:
    """What a mirror would hold: the answers applied in order (RFC 4533 section 3.3)."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.cookie: bytes | None = None

    @property
    def dns(self) -> set[str]:
        return {entry.dn for entry in self.entries.values()}

    def named(self, dn: str) -> Entry:
        return next(entry for entry in self.entries.values() if entry.dn == dn)

    def follow(self, source: Source, stream: Stream) -> list[Change | Done]:
        """Poll once, again in full where the source wants it, and apply the answer."""
        source.connect()
        try:
            answer = list(source.poll(stream, self.cookie))
        except RefreshRequired:
            answer = list(source.poll(stream, None))
        self.apply(answer)
        return answer

    def apply(self, answer: Iterable[Change | Done]) -> None:
        mentioned: set[str] = set()
        for item in answer:
            match item:
                case Upsert(entry):
                    self.entries[entry.uuid] = entry
                    mentioned.add(entry.uuid)
                case Present(uuids):
                    mentioned.update(uuids)
                case Delete(uuids):
                    for uuid in uuids:
                        self.entries.pop(uuid, None)
                case Done(cookie, complete):
                    self.cookie = cookie
                    if complete:
                        self.entries = {uuid: entry for uuid, entry in self.entries.items() if uuid in mentioned}


def read_all(source: Source, stream: Stream) -> Copy:
    """A copy made by one full read."""
    copy = Copy()
    copy.follow(source, stream)
    return copy
