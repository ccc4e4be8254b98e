"""Sections of `pjsip.conf` (res_pjsip) to SIP accounts: an endpoint with its auth and its address of record.

Source: docs.asterisk.org, "PJSIP Configuration Sections and Relationships", and Asterisk's pjsip.conf.sample.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from services.provision.importing.accounts import Account, key_of, name_of, report_left, report_secret
from services.provision.importing.asteriskconf import Section
from services.provision.importing.report import Report
from shared.secret import Secret

_ENDPOINT: Final = frozenset(
    {"type", "auth", "aors", "callerid", "context", "mailboxes", "call_group", "pickup_group", "outbound_auth"}
)


def is_pjsip(sections: Sequence[Section]) -> bool:
    """Tell whether these are sections of `pjsip.conf`."""
    return any(_type(section) == "endpoint" for section in sections)


def pjsip_accounts(sections: Sequence[Section], wanted: Collection[str], report: Report) -> Iterator[Account]:
    """Yield the accounts.

    `wanted`: the `key_of` users that phone files name, which are phones whatever else they look like.
    """
    auths = {section.name: section for section in sections if _type(section) == "auth"}
    addresses = {section.name: section for section in sections if _type(section) == "aor"}
    phones: list[Section] = []
    for section in sections:
        if _type(section) == "endpoint":
            account = _account(section, auths, addresses, report)
            if key_of(account.user) not in wanted and _is_trunk(section, addresses):
                why = "registers elsewhere or has a fixed contact: a trunk and no phone"
                report.lost(f"[{section.name}]", section.place, why, "keep it in Asterisk")
                continue
            report_secret(account, has_hash=bool(_auth_of(section, auths).last("md5_cred")), report=report)
            phones.append(section)
            yield account
        elif _type(section) == "registration":
            why = "Asterisk registers itself elsewhere: a trunk and no phone"
            report.lost(f"[{section.name}] type=registration", section.place, why, "keep it in Asterisk")
        elif not _type(section):
            report.lost(f"[{section.name}]", section.place, "has no type, so Asterisk leaves it out", "give it a type")
        elif _type(section) not in ("auth", "aor"):
            report.note(
                f"[{section.name}] type={_type(section)}", section.place, "phones are not told; keep it in Asterisk"
            )
    report_left(phones, _ENDPOINT, report)


def _account(section: Section, auths: dict[str, Section], addresses: dict[str, Section], report: Report) -> Account:
    auth = _auth_of(section, auths)
    user = auth.last("username") or section.name
    aor = section.last("aors").split(",")[0].strip() or section.name
    if user != aor:
        why = f"registers {aor} with the user {user}; an entry has one name for both, and {user} was taken"
        report.lost(f"[{section.name}]", section.place, why, "give the auth and the aor one name")
    if section.last("auth") and not auth.settings:
        report.lost(f"[{section.name}]", section.place, f"there is no auth {section.last('auth')}", "correct auth=")
    caller_id = section.last("callerid")
    mailboxes = section.last("mailboxes") or (addresses[aor].last("mailboxes") if aor in addresses else "")
    return Account(
        user=user,
        secret=Secret(auth.last("password")),
        name=name_of(caller_id, user),
        place=section.place,
        caller_id=caller_id,
        mailbox=mailboxes,
        context=section.last("context"),
        call_group=section.last("call_group", "callgroup"),
        pickup_group=section.last("pickup_group", "pickupgroup"),
    )


def _auth_of(section: Section, auths: dict[str, Section]) -> Section:
    name = section.last("auth").split(",")[0].strip()
    return auths.get(name, Section(name, (), section.place))


def _is_trunk(section: Section, addresses: dict[str, Section]) -> bool:
    names = [name.strip() for name in section.last("aors").split(",")]
    return bool(section.last("outbound_auth")) or any(
        addresses[name].last("contact") for name in names if name in addresses
    )


def _type(section: Section) -> str:
    return section.last("type").lower()
