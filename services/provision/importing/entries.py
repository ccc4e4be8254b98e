"""What an import has decided, and the LDAP entries that say it. Nothing is read or compared here.

The attribute names are those of the schemas in deploy/ldap, whatever a site's own mapping is: an import writes our schema.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from services.provision.importing.accounts import Account
from services.provision.importing.callerid import parse_caller_id, written_caller_id
from services.provision.importing.phonefiles import PhoneFile
from shared.callerids import EXTENSION_DIGITS
from shared.callerids import extension_of as number_in
from shared.ldap.ldifwriter import Record

_SPECIAL: Final = str.maketrans({character: f"\\{character}" for character in ',+"\\<>;='})
_UNITS: Final = ("people", "phones", "profiles")
ACCOUNT_CLASS: Final = "dialtreeAccount"
AUTH_NAME: Final = "dialtreeAuthName"
"""Attribute of an account whose authentication name is not its user; the mapping of a site has to name it."""
EXTENSION: Final = "dialtreeExtension"
"""Attribute of an account whose extension is neither in its caller id nor its user; the mapping has to name it."""


@dataclass(slots=True)
class Profile:
    """Settings that several phones share; `parent`: the name of the profile above, or ""."""

    name: str
    description: str
    parent: str = ""
    settings: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(slots=True)
class Person:
    """Whoever an account is given to; `display_name` is "" where the name itself is shown."""

    account: Account
    display_name: str = ""

    @property
    def name(self) -> str:
        """The name of the entry."""
        return self.account.name or self.account.user

    @property
    def shown(self) -> str:
        """The name that a phone shows."""
        return self.display_name or self.name


@dataclass(slots=True)
class Line:
    """A line of a phone: the person's, or one with an account of the phone's own."""

    number: int
    person: Person
    own: Account | None = None


@dataclass(slots=True)
class Phone:
    """A phone to be written. `keys`: position → `kind target`; `settings`: parameter → text."""

    file: PhoneFile
    lines: list[Line] = field(default_factory=list)
    profile: str = ""
    keys: dict[int, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """The name of the entry."""
        return f"phone-{self.file.mac.lower()}"


def records_of(
    base: str, people: Sequence[Person], profiles: Sequence[Profile], phones: Sequence[Phone]
) -> Iterator[Record]:
    """Yield the entries, each after the one it stands below; the entry of `base` itself is there already."""
    for unit in _UNITS:
        if unit != "profiles" or profiles:
            yield Record(f"ou={unit},{base}", (("objectClass", "organizationalUnit"), ("ou", unit)))
    for person in people:
        yield _person(base, person)
    for profile in profiles:
        yield _profile(base, profile)
    for phone in phones:
        yield from _phone(base, phone)


def person_dn(base: str, person: Person) -> str:
    """Return the DN of a person."""
    return f"uid={escaped(person.account.user)},ou=people,{base}"


def escaped(value: str) -> str:
    """Return a value as a DN writes it (RFC 4514)."""
    text = value.translate(_SPECIAL)
    if text.startswith(("#", " ")):
        text = f"\\{text}"
    return f"{text[:-1]}\\ " if value.endswith(" ") and len(value) > 1 else text


def _person(base: str, person: Person) -> Record:
    account = person.account
    words = person.name.split()
    attributes = [
        ("objectClass", "inetOrgPerson"),
        ("objectClass", "AsteriskSIPUser"),
        ("uid", account.user),
        ("cn", person.name),
        ("sn", words[-1]),
        ("givenName", " ".join(words[:-1])),
        ("displayName", person.display_name),
        ("mail", account.mail),
        *_account(account),
    ]
    return Record(person_dn(base, person), tuple((name, value) for name, value in attributes if value))


def _account(account: Account) -> list[tuple[str, str]]:
    caller_id, extension = account.caller_id, account.extension
    if extension and not parse_caller_id(caller_id).number:
        caller_id = written_caller_id(parse_caller_id(caller_id).name or account.name, extension)
    if extension == number_in(caller_id, account.user) and len(extension) <= EXTENSION_DIGITS:
        extension = ""  # a longer one is no extension for the phonebook, unless an attribute says so
    return [
        ("objectClass", ACCOUNT_CLASS if account.auth_name or extension else ""),
        ("AstAccountName", account.user),
        (AUTH_NAME, account.auth_name),
        (EXTENSION, extension),
        ("AstAccountSecret", account.secret.reveal()),
        ("AstAccountCallerID", caller_id),
        ("AstAccountMailbox", account.mailbox),
        ("AstAccountContext", account.context),
        ("AstAccountCallGroup", account.call_group),
        ("AstAccountPickupGroup", account.pickup_group),
    ]


def _profile(base: str, profile: Profile) -> Record:
    attributes = [
        ("objectClass", "dialtreeProfile"),
        ("cn", profile.name),
        ("description", profile.description),
        ("dialtreeParent", profile.parent),
        *_settings(profile.settings),
    ]
    dn = f"cn={escaped(profile.name)},ou=profiles,{base}"
    return Record(dn, tuple((name, value) for name, value in attributes if value))


def _phone(base: str, phone: Phone) -> Iterator[Record]:
    mac = phone.file.mac.lower()
    dn = f"cn={phone.name},ou=phones,{base}"
    lines = [(line.number, _line_dn(base, dn, line)) for line in phone.lines if line.number > 1 or line.own]
    attributes = [
        ("objectClass", "device"),
        ("objectClass", "ieee802Device"),
        ("objectClass", "dialtreePhone"),
        ("cn", phone.name),
        ("macAddress", ":".join(mac[at : at + 2] for at in range(0, 12, 2))),
        ("owner", person_dn(base, phone.lines[0].person) if phone.lines else ""),
        ("dialtreeModel", phone.file.model),
        ("dialtreeProfile", phone.profile),
        *(("dialtreeLine", f"{number} {line}") for number, line in lines),
        *(("dialtreeKey", f"{position} {key}") for position, key in sorted(phone.keys.items())),
        *_settings(phone.settings),
    ]
    yield Record(dn, tuple((name, value) for name, value in attributes if value))
    for line in phone.lines:
        if line.own:
            name = f"line-{line.number}"
            own = (
                ("objectClass", "applicationProcess"),
                ("objectClass", "AsteriskSIPUser"),
                ("cn", name),
                *_account(line.own),
            )
            yield Record(f"cn={name},{dn}", tuple((name, value) for name, value in own if value))


def _line_dn(base: str, phone_dn: str, line: Line) -> str:
    return f"cn=line-{line.number},{phone_dn}" if line.own else person_dn(base, line.person)


def _settings(settings: dict[str, str]) -> list[tuple[str, str]]:
    return [("dialtreeSetting", f"{name}={text}") for name, text in sorted(settings.items())]
