"""A SIP account as an Asterisk file has it, and which of Asterisk's files one is. No section is understood here."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final

from services.provision.importing.asteriskconf import Section
from services.provision.importing.callerid import names_nobody, parse_caller_id, written_caller_id
from services.provision.importing.report import Place, Report
from shared.callerids import extension_of as number_in
from shared.secret import Secret

_TRUE: Final = ("yes", "true", "y", "t", "1", "on")


@dataclass(frozen=True, slots=True)
class Account:
    """A SIP account; what it does not have is ""."""

    user: str
    secret: Secret
    name: str
    """Of the person; "" where no caller id and no full name says it."""
    place: Place
    auth_name: str = ""
    """By which the phone authenticates; "" where that is the user."""
    extension: str = ""
    """The number that others dial; "" where it is the number in the caller id, else the user."""
    caller_id: str = ""
    mailbox: str = ""
    context: str = ""
    call_group: str = ""
    pickup_group: str = ""
    mail: str = ""
    nobody: str = ""
    """What its caller id says for a name that names nobody."""
    has_hash: bool = False
    """Its password is there as a hash only."""


def is_true(text: str) -> bool:
    """Tell whether Asterisk takes a value for "yes"."""
    return text.strip().lower() in _TRUE


def key_of(user: str) -> str:
    """Return a form in which two writings of a user are equal, as Asterisk and LDAP compare them: without regard to case."""
    return " ".join(user.split()).casefold()


def named(account: Account) -> Account:
    """Return the account with its person's name, taken out of its caller id unless that names nobody."""
    name, number = parse_caller_id(account.caller_id)
    if account.name or not account.caller_id:
        return account
    if not names_nobody(name):
        return replace(account, name=name)
    if any(character.isalpha() for character in name):
        return replace(account, nobody=name, caller_id=written_caller_id("", number) if number else "")
    return account


def extension_of(account: Account) -> str:
    """Return the number that others dial."""
    return account.extension or number_in(account.caller_id, account.user)


def report_missing(account: Account, report: Report) -> None:
    """Report what an account still lacks once everything was read: a password, a name."""
    what = f"account {account.user}"
    if not account.secret:
        why = "has no password"
        if account.has_hash:
            why = "has its password as a hash only, and a phone needs the password itself"
        mend = "give the entry an AstAccountSecret; until then its phones are refused"
        report.lost(what, account.place, why, mend)
    if account.nobody and not account.name:
        why = f"its caller id names nobody ({account.nobody}); {account.user} stands in until a name is known"
        report.note(what, account.place, why, "give the person a cn, or the account a caller id with a name")


def report_left(sections: Iterable[Section], carried: Collection[str], report: Report) -> None:
    """Note once which settings of these sections stay with Asterisk, which goes on reading its own files."""
    for section in sections:
        for setting in section.settings:
            if setting.name not in carried:
                why = "phones are not told; keep them in Asterisk"
                report.note(setting.name, Place(setting.place.file), why, together=True)


def merged(accounts: Iterable[Account], report: Report) -> dict[str, Account]:
    """Return the accounts by `key_of` their user.

    One that stands in several files has what the first one says, filled from the others.
    """
    known: dict[str, Account] = {}
    for account in accounts:
        first = known.get(key_of(account.user))
        if first is None:
            known[key_of(account.user)] = account
            continue
        fields = (
            "secret",
            "auth_name",
            "extension",
            "name",
            "caller_id",
            "mailbox",
            "context",
            "call_group",
            "pickup_group",
            "mail",
        )
        known[key_of(account.user)] = replace(first, **{f: getattr(first, f) or getattr(account, f) for f in fields})
        if any(getattr(first, f) and getattr(account, f) and getattr(first, f) != getattr(account, f) for f in fields):
            report.lost(
                f"account {account.user}",
                account.place,
                f"says otherwise than {first.place}, which was taken",
                "correct one of the two",
            )
    return known
