"""Which parameters the settings of `[provision]` and the model of a phone stand for. Nothing is rendered here."""

from collections.abc import Iterator
from typing import Final

from services.provision.phones import Phone
from shared.config import Config, Provision
from shared.secret import Secret

_LANGUAGES: Final = ("en", "fr", "es", "de", "it", "no", "ru", "pt", "nl")
"""In the order of `LanguageType`."""
_KEY_LETTERS: Final = {"blf": "S", "speeddial": "L"}


def named_texts(provision: Provision) -> dict[str, str]:
    """Return the settings of free text that reach a phone file, by their name in `[provision]`."""
    names = (
        "registrar", "backup_registrar", "sip_domain", "voicemail_number", "pickup_code", "ntp_server", "phonebook_name",
    )  # fmt: skip
    return {name: getattr(provision, name) for name in names}


def configured(config: Config) -> dict[str, str]:
    """Return the parameters that the named settings stand for, the same for all phones, by parameter name."""
    own = config.provision
    backup = own.backup_registrar
    values = {
        "ipp.LanguageType": str(_LANGUAGES.index(own.language)),
        "sip.RegisterServerMP1": own.registrar,
        "sip.ProxyServerMP1": own.registrar,
        "sip.ServiceDomainMP1": own.sip_domain or own.registrar,
        "sip.RegisterServerBK1": backup,
        "sip.ProxyServerBK1": backup,
        "sip.ServiceDomainBK1": (own.sip_domain or backup) if backup else "",
        "sip.AuthMessageServer": own.registrar,
        "sys.CountryCode": own.country,
        "sys.Phonebook1_name": own.phonebook_name,
        "sys.Phonebook1_url": config.directory.search_url,
        "ntp.NTPFlag": _flag(own.ntp_server),
        "ntp.NtpIP": own.ntp_server,
        "ntp.NtpZoneNum": str(own.time_zone),
        "ntp.NtpDaylight": _flag(own.daylight),
    }
    if own.pickup_code:
        values |= {"sip.CallPkupFlg": "sc", "sip.CallPkupSC": own.pickup_code}
    return values


def computed(phone: Phone, voicemail_number: str) -> Iterator[tuple[str, str | Secret]]:
    """Yield what a phone's account and keys stand for, by parameter name."""
    for line in phone.lines:
        yield f"sip.TEL0{line.number}Use", "1"
        yield f"sip.TEL{line.number}Number", line.user
        yield f"sip.regid{line.number}", line.user
        yield f"sip.regpwd{line.number}", line.secret
        yield f"sip.DisplayName{line.number}", line.display_name
    has_mailbox = any(line.has_mailbox for line in phone.lines)
    yield "sip.VoiceMailTelNum", voicemail_number if has_mailbox else ""
    yield "sip.subscribe_event", _flag(has_mailbox)
    for key in phone.keys:
        yield f"sys.FeatureKeyExt{key.position:02d}", f"{_KEY_LETTERS[key.kind]}/<sip:{key.target}>"


def _flag(value: object) -> str:
    return "1" if value else "0"
