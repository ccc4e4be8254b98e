"""A SIP account as an Asterisk file has it, and which of Asterisk's files one is. No section is understood here."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final

from services.provision.importing.asteriskconf import Section
from services.provision.importing.report import Place, Report
from shared.people import caller_name_of
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
    caller_id: str = ""
    mailbox: str = ""
    context: str = ""
    call_group: str = ""
    pickup_group: str = ""
    mail: str = ""


def is_true(text: str) -> bool:
    """Tell whether Asterisk takes a value for "yes"."""
    return text.strip().lower() in _TRUE


def key_of(user: str) -> str:
    """Return a form in which two writings of a user are equal, as Asterisk and LDAP compare them: without regard to case."""
    return " ".join(user.split()).casefold()


def name_of(caller_id: str, user: str) -> str:
    """Return the person's name in a caller id; one that only repeats a number is none."""
    name = caller_name_of(caller_id)
    return "" if name == user or name.replace("+", "").isdigit() else name


def report_secret(account: Account, *, has_hash: bool, report: Report) -> None:
    """Report an account whose password cannot be carried over."""
    if account.secret:
        return
    why = "has its password as a hash only, and a phone needs the password itself" if has_hash else "has no password"
    report.lost(
        f"account {account.user}",
        account.place,
        why,
        "give the entry an AstAccountSecret; until then its phones are refused",
    )


def report_left(sections: Iterable[Section], carried: Collection[str], report: Report) -> None:
    """Note once which settings of these sections stay with Asterisk, which goes on reading its own files."""
    left = sorted({setting.name for section in sections for setting in section.settings} - set(carried))
    places = [section.place for section in sections]
    if left and places:
        report.note(", ".join(left), Place(places[0].file), "phones are not told; keep them in Asterisk")


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
        fields = ("secret", "name", "caller_id", "mailbox", "context", "call_group", "pickup_group", "mail")
        known[key_of(account.user)] = replace(first, **{f: getattr(first, f) or getattr(account, f) for f in fields})
        if any(getattr(first, f) and getattr(account, f) and getattr(first, f) != getattr(account, f) for f in fields):
            report.lost(
                f"account {account.user}",
                account.place,
                f"says otherwise than {first.place}, which was taken",
                "correct one of the two",
            )
    return known
