"""Sections of `sip.conf` and `users.conf` (chan_sip) to SIP accounts.

Source: the samples that Asterisk ships, sip.conf.sample and users.conf.sample.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from services.provision.importing.accounts import Account, is_true, key_of, named, report_left
from services.provision.importing.asteriskconf import Section
from services.provision.importing.callerid import written_caller_id
from services.provision.importing.report import Place, Report
from shared.secret import Secret

_TYPES: Final = ("friend", "peer", "user")
_COMMON: Final = frozenset(
    {
        "secret",
        "callerid",
        "fullname",
        "cid_number",
        "mailbox",
        "context",
        "callgroup",
        "pickupgroup",
        "regexten",
        "email",
        "host",
        "type",
    }
)
_USERS: Final = _COMMON | {"hassip", "hasvoicemail"}
_GENERAL: Final = frozenset({"context", "register"})
_SPECIAL: Final = ("general", "authentication")
_REGISTER: Final = re.compile(
    r"(?:(?P<peer>[^?/:@]+)\?)?(?:\w+://)?(?P<user>[^:@/]*)(?:@[^:@/]*(?=:.*@))?(?::.*)?@(?P<host>[^@:/~]+)[^@]*"
)
"""`register => [peer?][transport://]user[@domain][:secret[:authuser]]@host[:port][/extension][~expiry]`"""


def users_accounts(sections: Sequence[Section], report: Report) -> Iterator[Account]:
    """Yield the accounts of `users.conf`: a section is one when `hassip` says so."""
    general = _general(sections)
    phones = []
    for section in sections:
        if _is_special(section):
            continue
        if not is_true(section.last("hassip") or general.last("hassip")):
            report.note(f"[{section.name}]", section.place, "hassip is not yes, so it is no SIP account")
        elif is_true(section.last("registersip")) or section.last("trunkname"):
            report.lost(f"[{section.name}]", section.place, "is a trunk and no phone", "keep it in Asterisk")
        else:
            has_mailbox = is_true(section.last("hasvoicemail") or general.last("hasvoicemail"))
            mailbox = section.last("mailbox") or (section.name if has_mailbox else "")
            phones.append(section)
            yield _account(section, general, ("context", "callgroup", "pickupgroup"), mailbox)
    report_left(phones, _USERS, report)
    _report_special(sections, _USERS, report)


def sip_accounts(sections: Sequence[Section], wanted: Collection[str], report: Report) -> Iterator[Account]:
    """Yield the accounts of `sip.conf`.

    `wanted`: the `key_of` users that phone files name, which are phones whatever else they look like.
    """
    general = _general(sections)
    registered = set(_registered(sections, report))
    own = [section for section in sections if not _is_special(section)]
    phones = []
    for section in _joined(own, report):
        kind, host = section.last("type").lower(), section.last("host").lower()
        if kind not in _TYPES:
            why = "has no type, so Asterisk leaves it out" if not kind else f"type={kind} is no phone"
            report.lost(f"[{section.name}]", section.place, why, "write type=friend if it is a phone's account")
        elif key_of(section.name) not in wanted and (registered & {key_of(section.name), host}):
            report.lost(
                f"[{section.name}]",
                section.place,
                "a register line names it: a trunk and no phone",
                "keep it in Asterisk",
            )
        elif key_of(section.name) not in wanted and host not in ("dynamic", ""):
            report.lost(
                f"[{section.name}]", section.place, "has a fixed host: a trunk and no phone", "keep it in Asterisk"
            )
        else:
            phones.append(section)
            yield _account(section, general, ("context",), ",".join(section.values("mailbox")))
    report_left(phones, _COMMON, report)
    _report_special(sections, _GENERAL, report)


def _is_special(section: Section) -> bool:
    return section.name.lower() in _SPECIAL


def _report_special(sections: Sequence[Section], carried: Collection[str], report: Report) -> None:
    """Note which settings of the whole server stay with it; a register line is reported by itself."""
    for section in sections:
        for setting in section.settings if _is_special(section) else ():
            if setting.name not in carried:
                why = f"is of [{section.name}], which is for the whole server; keep it in Asterisk"
                report.note(setting.name, Place(setting.place.file), why, together=True)


def _joined(sections: Sequence[Section], report: Report) -> Iterator[Section]:
    """Yield the sections, those of one name as one: chan_sip reads each of them into the same peer."""
    by_name: dict[str, list[Section]] = {}
    for section in sections:
        by_name.setdefault(key_of(section.name), []).append(section)
    for each in by_name.values():
        newest = each[-1]
        for older in each[:-1]:
            why = f"stands in {newest.place} again, and the last value of a setting counts"
            if any(older.last(s.name) != newest.last(s.name) for s in newest.settings if older.values(s.name)):
                report.lost(f"[{older.name}]", older.place, why, "delete one of the two")
            else:
                report.note(f"[{older.name}]", older.place, why)
        yield newest._replace(settings=tuple(setting for section in each for setting in section.settings))


def _account(section: Section, general: Section, defaults: Collection[str], mailbox: str) -> Account:
    def value(name: str) -> str:
        return section.last(name) or (general.last(name) if name in defaults else "")

    full_name = section.last("fullname")
    number = section.last("cid_number")
    caller_id = section.last("callerid")
    if not caller_id and (full_name or number):
        caller_id = written_caller_id(full_name, number or section.name)
    return named(
        Account(
            user=section.name,
            secret=Secret(section.last("secret")),
            name=full_name,
            place=section.place,
            extension=section.last("regexten").partition("&")[0].partition("@")[0],
            caller_id=caller_id,
            mailbox=mailbox,
            context=value("context"),
            call_group=value("callgroup"),
            pickup_group=value("pickupgroup"),
            mail=section.last("email"),
            has_hash=bool(section.last("md5secret")),
        )
    )


def _general(sections: Sequence[Section]) -> Section:
    found = [section for section in sections if section.name.lower() == "general"]
    settings = tuple(setting for section in found for setting in section.settings)
    return Section("general", settings, found[0].place if found else sections[0].place)


def _registered(sections: Sequence[Section], report: Report) -> Iterator[str]:
    """Yield what register lines name: peers and hosts. Such a line holds a password and is never quoted."""
    for section in sections:
        for setting in section.settings if section.name.lower() == "general" else ():
            if setting.name == "register":
                match = _REGISTER.fullmatch(setting.value)
                host = match["host"] if match else ""
                what = f"register line for {host}" if host else "register line"
                report.lost(
                    what, setting.place, "Asterisk registers itself there: a trunk and no phone", "keep it in Asterisk"
                )
                if match:
                    yield from (key_of(part) for part in (host, match["peer"] or "") if part)
