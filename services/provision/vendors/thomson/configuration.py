"""Which parameters the settings of `[provision]`, a profile and the model of a phone stand for. Nothing is rendered here."""

from collections.abc import Iterator
from collections.abc import Mapping as MappingOf
from functools import cache
from typing import Final, NamedTuple, Protocol

from services.provision.lines import Line, label_of
from services.provision.phones import Phone
from services.provision.profiles import Profile
from services.provision.values import shown_line
from services.provision.vendors.thomson.locales import LANGUAGES, country_of, language_of
from services.provision.vendors.thomson.phonebooks import addresses, titles, translated_titles
from services.provision.vendors.thomson.timezones import UnknownZone, phone_zone
from shared.config import Config, Provision
from shared.errors import EntryError
from shared.ldap.mapping import AccountAttributes, Mapping
from shared.secret import Secret

MOST_LINES: Final = 4
"""Lines that the parameters speak of; a model with fewer of them knows some parameters of the others all the same."""
_KEY_LETTERS: Final = {"blf": "S", "speeddial": "L", "line": "L"}
_TRANSPORTS: Final = {"udp": "0", "tcp": "1", "tls": "2"}
FACTORY_SECRETS: Final = (
    "sys.WebPWD", "sys.TelnetPWD", "autoprovision.Decryption_Key", "autoprovision.Log_Decryption_Key",
)  # fmt: skip
"""Secrets whose factory values everybody can read (phone-spec 1.10 and 2.6)."""
PICKUP: Final = "sip.CallPkupFlg", "sip.CallPkupSC"
"""How a key picks up the call of the extension that it supervises, and by which code."""
PHONEBOOK_URLS: Final = tuple(f"sys.Phonebook{slot}_url" for slot in range(1, 9))
RESYNC_FROM: Final = "sip.AuthNotifyCheckSync"
"""Who may tell phones to fetch their files anew, one address or name (phone-spec 2.7)."""
_LANGUAGE: Final = "ipp.LanguageType"
_COUNTRY: Final = "sys.CountryCode"
_MAIN, _BACKUP = (
    {
        line: tuple(f"sip.{key}{server}{line}" for key in ("RegisterServer", "ProxyServer", "ServiceDomain"))
        for line in range(1, MOST_LINES + 1)
    }
    for server in ("MP", "BK")
)
"""Names of the servers of each line."""


Values = tuple[tuple[str, str | Secret], ...]
"""Parameters and their values."""


class Meant(NamedTuple):
    """What one attribute of an entry stands for, or one setting of the configuration file."""

    values: Values
    where: str
    """DN of the entry; "" for the configuration file."""
    attributes: tuple[str, ...]
    """Attributes of which one is written, see `label_of`; or the setting."""


class _LineNames(NamedTuple):
    """Names of a line's parameters."""

    use: str
    number: str
    registration: str
    password: str
    display_name: str
    shown_number: str
    shows_number: str
    transfer: str


def configured(config: Config) -> Iterator[Meant]:
    """Yield the parameters that the named settings stand for, the same for all phones. Raises `UnknownZone`."""
    own = config.provision
    backup = own.backup_registrar
    zone, daylight = zone_of(own)
    servers_and_clock = (
        (_LANGUAGE, str(LANGUAGES.index(own.language)), "language"),
        ("sip.RegisterServerMP1", own.registrar, "registrar"),
        ("sip.ProxyServerMP1", own.registrar, "registrar"),
        ("sip.ServiceDomainMP1", own.sip_domain or own.registrar, "sip_domain" if own.sip_domain else "registrar"),
        ("sip.RegisterServerBK1", backup, "backup_registrar"),
        ("sip.ProxyServerBK1", backup, "backup_registrar"),
        ("sip.ServiceDomainBK1", (own.sip_domain or backup) if backup else "", "backup_registrar"),
        ("sip.AuthMessageServer", own.registrar, "registrar"),
        (RESYNC_FROM, own.resync_from or own.registrar, "resync_from" if own.resync_from else "registrar"),
        (_COUNTRY, own.country, "country"),
        ("ntp.NTPFlag", _flag(own.ntp_server), "ntp_server"),
        ("ntp.NtpIP", own.ntp_server, "ntp_server"),
        ("ntp.NtpZoneNum", str(zone), "time_zone"),
        ("ntp.NtpDaylight", _flag(daylight), "time_zone"),
    )
    for name, value, setting in servers_and_clock:
        yield Meant(((name, value),), "", (f"provision.{setting}",))
    for name, value, setting in (*titles(config, own.language), *addresses(config)):
        yield Meant(((name, value),), "", (setting,))
    if own.pickup_code:
        values = tuple(zip(PICKUP, ("sc", own.pickup_code), strict=True))
        yield Meant(values, "", ("provision.pickup_code",))


def zone_of(provision: Provision) -> tuple[int, bool]:
    """Return `NtpZoneNum` and summer time. Raises `UnknownZone`."""
    if isinstance(provision.time_zone, int):
        return provision.time_zone, provision.daylight
    zone = phone_zone(provision.time_zone)
    return zone.number, zone.daylight and provision.daylight


def localised(profile: Profile, config: Config, spoken: MappingOf[str, Values]) -> Iterator[Meant]:
    """Yield what a profile's language, country and time zone stand for. `spoken`: see `all_spoken`. Raises `EntryError`."""
    names = config.ldap.mapping.profile
    language, country = language_of(profile.language), country_of(profile.country)
    if language:
        yield Meant(spoken[language], profile.dn, names.language)
    if country:
        yield Meant(((_COUNTRY, country),), profile.dn, names.country)
    if profile.time_zone:
        try:
            zone = phone_zone(profile.time_zone)
        except UnknownZone as problem:
            raise EntryError(profile.dn, label_of(names.time_zone), f"{profile.time_zone!r} {problem}") from None
        values = ("ntp.NtpZoneNum", str(zone.number)), ("ntp.NtpDaylight", _flag(zone.daylight))
        yield Meant(values, profile.dn, names.time_zone)


def all_spoken(config: Config) -> MappingOf[str, Values]:
    """Return what each language stands for: the menus', and the titles of phonebooks that are translated into it."""
    return {
        language: (
            (_LANGUAGE, str(number)),
            *((name, shown_line(title)) for name, title, _ in translated_titles(config, language)),
        )
        for number, language in enumerate(LANGUAGES)
    }


def line_parameters(number: int) -> tuple[str, ...]:
    """Return the parameters of a line that are empty while it is not in use, but the flag that says so."""
    keys = ("TEL{}Number", "regid{}", "regpwd{}", "DisplayName{}", "DisplayNum{}", "sw_tr_vmail_address{}")
    return (*(f"sip.{key.format(number)}" for key in keys), *_MAIN[number], *_BACKUP[number])


def use_of(number: int) -> str:
    """Return the flag that says whether a line is in use."""
    return f"sip.TEL0{number}Use"


class Below(Protocol):
    """What all other layers say of a phone."""

    def value(self, name: str) -> str:
        """Return a parameter's value."""

    def is_set(self, name: str) -> bool:
        """Say whether somebody set it, empty or not: more than the package."""


def computed(phone: Phone, below: Below, config: Config, spoken: MappingOf[str, Values]) -> Iterator[Meant]:
    """Yield what a phone's lines, keys and people stand for. `spoken`: see `all_spoken`. Raises `EntryError`."""
    names = config.ldap.mapping
    transfer = config.provision.voicemail_transfer
    voicemail = config.provision.voicemail_number
    has_mailbox = False
    for line in phone.lines:
        has_mailbox = has_mailbox or line.has_mailbox
        yield from _line(line, names.account)
        if line.extension:
            yield _shown_number(line, below, names.account)
        if transfer and line.has_mailbox:
            yield from _transfer(line, below, names.account, transfer)
        if line.number > 1 or line.registrar or line.backup_registrar:
            yield from _servers(line, below, names.account, config.provision.sip_domain)
        if line.transport:
            yield _transport(line, names.account)
    first = phone.lines[0]
    about = ("sip.VoiceMailTelNum", voicemail if has_mailbox else ""), ("sip.subscribe_event", _flag(has_mailbox))
    yield Meant(about, first.account_dn, names.account.mailbox)
    language = language_of(first.language) if first.language else None
    if language:
        yield Meant(spoken[language], first.locale_dn, names.person.language)
    country = country_of(first.country) if first.country else None
    if country:
        yield Meant(((_COUNTRY, country),), first.locale_dn, names.person.country)
    if phone.keys:
        yield from _keys(phone, names)


@cache
def key_parameter(position: int) -> str:
    """Return the parameter of a function key."""
    return f"sys.FeatureKeyExt{position:02d}"


def _keys(phone: Phone, names: Mapping) -> Iterator[Meant]:
    """Yield the keys, those of each entry that gives some together."""
    given: dict[str, list[tuple[str, str | Secret]]] = {}
    for position, kind, target, profile in phone.keys:
        value = f"{_KEY_LETTERS[kind]}/<sip:{target if kind != 'line' else ''}>"
        given.setdefault(profile, []).append((key_parameter(position), value))
    for profile, keys in given.items():
        yield Meant(tuple(keys), profile or phone.dn, names.profile.key if profile else names.phone.key)


@cache
def _names_of(number: int) -> _LineNames:
    keys = (
        "TEL{}Number", "regid{}", "regpwd{}", "DisplayName{}", "DisplayNum{}", "DisplayNumFlag{}", "sw_tr_vmail_address{}",
    )  # fmt: skip
    return _LineNames(use_of(number), *(f"sip.{key.format(number)}" for key in keys))


def _line(line: Line, written: AccountAttributes) -> Iterator[Meant]:
    names, dn, user = _names_of(line.number), line.account_dn, line.user
    if line.auth_name:
        yield Meant(((names.use, "1"), (names.number, user)), dn, written.user)
        yield Meant(((names.registration, line.auth_name),), dn, written.auth_name)
    else:
        yield Meant(((names.use, "1"), (names.number, user), (names.registration, user)), dn, written.user)
    yield Meant(((names.password, line.secret),), dn, written.secret)
    named = (line.name_attribute,) if line.name_attribute else written.user
    yield Meant(((names.display_name, line.display_name),), line.name_dn or dn, named)


def _shown_number(line: Line, below: Below, written: AccountAttributes) -> Meant:
    """Where the extension is not the SIP user, the phone shows it; what somebody set counts more."""
    names = _names_of(line.number)
    values = (names.shown_number, line.extension), (names.shows_number, "1")
    return Meant(tuple(each for each in values if not below.is_set(each[0])), line.account_dn, written.number)


def _transfer(line: Line, below: Below, written: AccountAttributes, target: str) -> Iterator[Meant]:
    """The site's target, unless somebody set another one, or none."""
    name = _names_of(line.number).transfer
    if not below.is_set(name):
        own = f"{target[:-1]}{line.extension or line.user}" if target.endswith("X") else target
        yield Meant(((name, own),), line.account_dn, written.mailbox)


def _servers(line: Line, below: Below, written: AccountAttributes, domain: str) -> Iterator[Meant]:
    """A line has the servers of its account, else those that a layer names for it, else those of the first line."""
    number, dn = line.number, line.account_dn
    for keys, own, attributes in (
        (_MAIN, line.registrar, written.registrar),
        (_BACKUP, line.backup_registrar, written.backup_registrar),
    ):
        names = keys[number]
        if own:
            yield Meant(tuple(zip(names, (own, own, domain or own), strict=True)), dn, attributes)
        elif number > 1:
            values = [
                (name, below.value(name) or below.value(first)) for name, first in zip(names, keys[1], strict=True)
            ]
            yield Meant(tuple(values), dn, written.user)


def _transport(line: Line, written: AccountAttributes) -> Meant:
    flag = _TRANSPORTS.get(line.transport.lower())
    if flag is None:
        problem = f"{line.transport!r} is no transport; write udp, tcp or tls"
        raise EntryError(line.account_dn, label_of(written.transport), problem)
    values = tuple((f"sip.TransportFlg{server}{line.number}", flag) for server in ("MP", "BK"))
    return Meant(values, line.account_dn, written.transport)


def _flag(value: object) -> str:
    return "1" if value else "0"
