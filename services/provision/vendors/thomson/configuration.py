"""Which parameters the settings of `[provision]`, a profile and the model of a phone stand for. Nothing is rendered here."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from services.provision.lines import Line, label_of
from services.provision.phones import Phone
from services.provision.profiles import Profile
from services.provision.values import shown_line
from services.provision.vendors.thomson.locales import LANGUAGES, country_of, language_of
from services.provision.vendors.thomson.phonebooks import addresses, titles, translated_titles
from services.provision.vendors.thomson.timezones import UnknownZone, phone_zone
from shared.config import Config, Provision
from shared.errors import EntryError
from shared.ldap.mapping import Mapping
from shared.secret import Secret

_KEY_LETTERS: Final = {"blf": "S", "speeddial": "L"}
_TRANSPORTS: Final = {"udp": "0", "tcp": "1", "tls": "2"}
FACTORY_SECRETS: Final = (
    "sys.WebPWD", "sys.TelnetPWD", "autoprovision.Decryption_Key", "autoprovision.Log_Decryption_Key",
)  # fmt: skip
"""Secrets whose factory values everybody can read (phone-spec 1.10 and 2.6)."""
PHONEBOOK_URLS: Final = tuple(f"sys.Phonebook{slot}_url" for slot in range(1, 9))
_LANGUAGE: Final = "ipp.LanguageType"
_COUNTRY: Final = "sys.CountryCode"
_SERVERS: Final = tuple(
    f"{key}{server}" for key in ("RegisterServer", "ProxyServer", "ServiceDomain") for server in ("MP", "BK")
)


class Meant(NamedTuple):
    """A parameter's value, and what it was written as."""

    name: str
    value: str | Secret
    where: str
    """DN of the entry; "" for the configuration file."""
    attribute: str
    """Attribute, or setting of the configuration file."""


def configured(config: Config) -> Iterator[Meant]:
    """Yield the parameters that the named settings stand for, the same for all phones. Raises `UnknownZone`."""
    own = config.provision
    backup = own.backup_registrar
    zone, daylight = zone_of(own)
    values = (
        (_LANGUAGE, str(LANGUAGES.index(own.language)), "language"),
        ("sip.RegisterServerMP1", own.registrar, "registrar"),
        ("sip.ProxyServerMP1", own.registrar, "registrar"),
        ("sip.ServiceDomainMP1", own.sip_domain or own.registrar, "sip_domain" if own.sip_domain else "registrar"),
        ("sip.RegisterServerBK1", backup, "backup_registrar"),
        ("sip.ProxyServerBK1", backup, "backup_registrar"),
        ("sip.ServiceDomainBK1", (own.sip_domain or backup) if backup else "", "backup_registrar"),
        ("sip.AuthMessageServer", own.registrar, "registrar"),
        (_COUNTRY, own.country, "country"),
        ("ntp.NTPFlag", _flag(own.ntp_server), "ntp_server"),
        ("ntp.NtpIP", own.ntp_server, "ntp_server"),
        ("ntp.NtpZoneNum", str(zone), "time_zone"),
        ("ntp.NtpDaylight", _flag(daylight), "time_zone"),
    )
    for name, value, setting in values:
        yield Meant(name, value, "", f"provision.{setting}")
    for name, value, setting in (*titles(config, own.language), *addresses(config)):
        yield Meant(name, value, "", setting)
    if own.pickup_code:
        yield Meant("sip.CallPkupFlg", "sc", "", "provision.pickup_code")
        yield Meant("sip.CallPkupSC", own.pickup_code, "", "provision.pickup_code")


def zone_of(provision: Provision) -> tuple[int, bool]:
    """Return `NtpZoneNum` and summer time. Raises `UnknownZone`."""
    if isinstance(provision.time_zone, int):
        return provision.time_zone, provision.daylight
    zone = phone_zone(provision.time_zone)
    return zone.number, zone.daylight and provision.daylight


def localised(profile: Profile, config: Config) -> Iterator[Meant]:
    """Yield what a profile's language, country and time zone stand for. Raises `EntryError`."""
    names = config.ldap.mapping.profile
    language, country = language_of(profile.language), country_of(profile.country)
    if language:
        yield from _spoken(language, config, profile.dn, label_of(names.language))
    if country:
        yield Meant(_COUNTRY, country, profile.dn, label_of(names.country))
    if profile.time_zone:
        attribute = label_of(names.time_zone)
        try:
            zone = phone_zone(profile.time_zone)
        except UnknownZone as problem:
            raise EntryError(profile.dn, attribute, f"{profile.time_zone!r} {problem}") from None
        yield Meant("ntp.NtpZoneNum", str(zone.number), profile.dn, attribute)
        yield Meant("ntp.NtpDaylight", _flag(zone.daylight), profile.dn, attribute)


def _spoken(language: str, config: Config, dn: str, attribute: str) -> Iterator[Meant]:
    """Yield what a language stands for: the menus', and the titles of phonebooks that are translated into it."""
    yield Meant(_LANGUAGE, str(LANGUAGES.index(language)), dn, attribute)
    for name, title, _ in translated_titles(config, language):
        yield Meant(name, shown_line(title), dn, attribute)


def line_parameters(number: int) -> tuple[str, ...]:
    """Return the parameters of a line that are empty while it is not in use, but the flag that says so."""
    keys = (
        "TEL{}Number",
        "regid{}",
        "regpwd{}",
        "DisplayName{}",
        "DisplayNum{}",
        "sw_tr_vmail_address{}",
        *(f"{s}{{}}" for s in _SERVERS),
    )
    return tuple(f"sip.{key.format(number)}" for key in keys)


def use_of(number: int) -> str:
    """Return the flag that says whether a line is in use."""
    return f"sip.TEL0{number}Use"


def computed(phone: Phone, below: Callable[[str], str], config: Config) -> Iterator[Meant]:
    """Yield what a phone's lines, keys and people stand for. `below`: a parameter's value by all other layers.

    Raises `EntryError`.
    """
    names = config.ldap.mapping
    voicemail = config.provision.voicemail_number
    for line in phone.lines:
        yield from _line(line, names, voicemail)
        yield from _servers(line, below, names, config.provision.sip_domain)
    has_mailbox = any(line.has_mailbox for line in phone.lines)
    mailbox = label_of(names.account.mailbox)
    first = phone.lines[0]
    yield Meant("sip.VoiceMailTelNum", voicemail if has_mailbox else "", first.account_dn, mailbox)
    yield Meant("sip.subscribe_event", _flag(has_mailbox), first.account_dn, mailbox)
    language, country = language_of(first.language), country_of(first.country)
    if language:
        yield from _spoken(language, config, first.locale_dn, label_of(names.person.language))
    if country:
        yield Meant(_COUNTRY, country, first.locale_dn, label_of(names.person.country))
    written = label_of(names.phone.key)
    for key in phone.keys:
        value = "L/<sip:>" if key.kind == "line" else f"{_KEY_LETTERS[key.kind]}/<sip:{key.target}>"
        yield Meant(key_parameter(key.position), value, phone.dn, written)


def key_parameter(position: int) -> str:
    """Return the parameter of a function key."""
    return f"sys.FeatureKeyExt{position:02d}"


def _line(line: Line, names: Mapping, voicemail: str) -> Iterator[Meant]:
    number, dn, user = line.number, line.account_dn, label_of(names.account.user)
    yield Meant(use_of(number), "1", dn, user)
    yield Meant(f"sip.TEL{number}Number", line.user, dn, user)
    yield Meant(f"sip.regid{number}", line.user, dn, user)
    yield Meant(f"sip.regpwd{number}", line.secret, dn, label_of(names.account.secret))
    yield Meant(f"sip.DisplayName{number}", line.display_name, line.name_dn or dn, line.name_attribute or user)
    target = voicemail if line.has_mailbox else ""
    yield Meant(f"sip.sw_tr_vmail_address{number}", target, dn, label_of(names.account.mailbox))


def _servers(line: Line, below: Callable[[str], str], names: Mapping, domain: str) -> Iterator[Meant]:
    """A line has the servers of its account, else those that a layer names for it, else those of the first line."""
    number, dn = line.number, line.account_dn
    for server, own, attribute in (
        ("MP", line.registrar, names.account.registrar),
        ("BK", line.backup_registrar, names.account.backup_registrar),
    ):
        keys = [f"sip.{key}{server}" for key in ("RegisterServer", "ProxyServer", "ServiceDomain")]
        if own:
            for key, value in zip(keys, (own, own, domain or own), strict=True):
                yield Meant(f"{key}{number}", value, dn, label_of(attribute))
        elif number > 1:
            for key in keys:
                value = below(f"{key}{number}") or below(f"{key}1")
                yield Meant(f"{key}{number}", value, dn, label_of(names.account.user))
    if line.transport:
        transport = label_of(names.account.transport)
        if line.transport.lower() not in _TRANSPORTS:
            raise EntryError(dn, transport, f"{line.transport!r} is no transport; write udp, tcp or tls")
        for server in ("MP", "BK"):
            yield Meant(f"sip.TransportFlg{server}{number}", _TRANSPORTS[line.transport.lower()], dn, transport)


def _flag(value: object) -> str:
    return "1" if value else "0"
