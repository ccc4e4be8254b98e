"""Sections of `pjsip.conf` (res_pjsip) to SIP accounts: an endpoint with its auth and its address of record, or a wizard's.

Source: docs.asterisk.org, "PJSIP Configuration Sections and Relationships" and "PJSIP Configuration Wizard", and Asterisk's
pjsip.conf.sample and pjsip_wizard.conf.sample.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from services.provision.importing.accounts import Account, is_true, key_of, named, report_left
from services.provision.importing.asteriskconf import Section, Setting
from services.provision.importing.report import Report
from shared.secret import Secret

_ENDPOINT: Final = frozenset(
    {
        "type", "auth", "aors", "callerid", "context", "mailboxes", "call_group", "pickup_group", "callgroup", "pickupgroup",
        "outbound_auth", "username", "password", "has_hint", "hint_exten", "accepts_auth", "accepts_registrations",
    }
)  # fmt: skip
_TYPES: Final = frozenset(
    {
        "endpoint", "auth", "aor", "wizard", "transport", "registration", "identify", "acl", "contact", "domain_alias",
        "global", "system", "phoneprov", "resource_list", "inbound-publication", "outbound-publish", "asterisk-publication",
    }
)  # fmt: skip
_HASHES: Final = ("md5_cred", "password_digest")


class _Parts(NamedTuple):
    """What one account is put together from."""

    endpoint: Section
    auth: Section
    aor: Section
    user: str
    """By which the phone registers: the name of the address of record."""
    is_trunk: bool
    extension: str = ""


def is_pjsip(sections: Sequence[Section]) -> bool:
    """Tell whether these are sections of `pjsip.conf`."""
    return any(_type(section) in _TYPES for section in sections)


def pjsip_accounts(sections: Sequence[Section], wanted: Collection[str], report: Report) -> Iterator[Account]:
    """Yield the accounts.

    `wanted`: the `key_of` users that phone files name, which are phones whatever else they look like.
    """
    auths = {key_of(section.name): section for section in sections if _type(section) == "auth"}
    addresses = {key_of(section.name): section for section in sections if _type(section) == "aor"}
    phones: list[Section] = []
    for section in sections:
        kind = _type(section)
        if kind in ("endpoint", "wizard"):
            parts = _wizard(section) if kind == "wizard" else _endpoint(section, auths, addresses, report)
            if parts.is_trunk and key_of(parts.user) not in wanted:
                why = "registers elsewhere or has a fixed contact: a trunk and no phone"
                report.lost(f"[{section.name}]", section.place, why, "keep it in Asterisk")
                continue
            phones += (parts.endpoint, parts.auth, parts.aor)
            yield _account(parts)
        elif kind == "registration":
            why = "Asterisk registers itself elsewhere: a trunk and no phone"
            report.lost(f"[{section.name}] type=registration", section.place, why, "keep it in Asterisk")
        elif not kind:
            report.lost(f"[{section.name}]", section.place, "has no type, so Asterisk leaves it out", "give it a type")
        elif kind not in ("auth", "aor"):
            what = f"[{section.name}] type={kind}"
            report.note(what, section.place, "phones are not told; keep it in Asterisk", together=True)
    used = {id(section) for section in phones}
    for section in (*auths.values(), *addresses.values()):
        if id(section) not in used:
            what = f"[{section.name}] type={_type(section)}"
            report.note(
                what, section.place, "belongs to no endpoint that is a phone's; keep it in Asterisk", together=True
            )
    report_left(phones, _ENDPOINT, report)


def _account(parts: _Parts) -> Account:
    endpoint, auth = parts.endpoint, parts.auth
    auth_name = auth.last("username")
    return named(
        Account(
            user=parts.user,
            secret=Secret(auth.last("password")),
            name="",
            place=endpoint.place,
            auth_name="" if auth_name == parts.user else auth_name,
            extension=parts.extension,
            caller_id=endpoint.last("callerid"),
            mailbox=endpoint.last("mailboxes") or parts.aor.last("mailboxes"),
            context=endpoint.last("context"),
            call_group=endpoint.last("call_group", "callgroup"),
            pickup_group=endpoint.last("pickup_group", "pickupgroup"),
            has_hash=any(auth.last(name) for name in _HASHES),
        )
    )


def _endpoint(
    section: Section, auths: Mapping[str, Section], addresses: Mapping[str, Section], report: Report
) -> _Parts:
    names = [name.strip() for name in section.last("aors").split(",") if name.strip()]
    own = next((name for name in names if key_of(name) == key_of(section.name)), "")
    user = own or (names[0] if names else section.name)
    if user != section.name and not own:
        why = f"phones register as {user}, the name of its address of record"
        report.note(
            f"[{section.name}]", section.place, why, "let identify_by of the endpoint fit that, as it did before"
        )
    auth_name = section.last("auth").split(",")[0].strip()
    empty = Section(section.name, (), section.place)
    auth = auths.get(key_of(auth_name), empty)
    if auth_name and not auth.settings:
        report.lost(f"[{section.name}]", section.place, f"there is no auth {auth_name}", "correct auth=")
    found = [addresses[key_of(name)] for name in names if key_of(name) in addresses]
    is_trunk = bool(section.last("outbound_auth")) or any(aor.last("contact") for aor in found)
    aor = addresses.get(key_of(user), empty)
    return _Parts(section, auth, aor, user, is_trunk)


def _wizard(section: Section) -> _Parts:
    """Take a wizard's section apart: `endpoint/callerid` is the endpoint's `callerid`."""
    parts: dict[str, list[Setting]] = {"": []}
    for setting in section.settings:
        kind, slash, name = setting.name.partition("/")
        parts.setdefault(kind if slash else "", []).append(setting._replace(name=name if slash else setting.name))
    own = Section(section.name, tuple(parts[""]), section.place)
    endpoint, auth, aor = (
        Section(section.name, tuple(parts.get(kind, ())), section.place) for kind in ("endpoint", "inbound_auth", "aor")
    )
    others = tuple(
        s for s in section.settings if s.name.partition("/")[0] in ("outbound_auth", "registration", "identify")
    )
    is_trunk = bool(own.last("remote_hosts")) or is_true(own.last("sends_registrations")) or bool(aor.last("contact"))
    whole = endpoint._replace(settings=(*own.settings, *endpoint.settings, *others))
    return _Parts(whole, auth, aor, section.name, is_trunk, own.last("hint_exten"))


def _type(section: Section) -> str:
    return section.last("type").lower()
