"""The lines of hand-written phone files: whose each one is, or an account of its own where a person's would not do.

What a line shows is computed from people and accounts and cannot be set. So a file that says otherwise than the person's
entry gets an account below the phone's own entry.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from services.provision.importing.accounts import Account, key_of
from services.provision.importing.entries import Line, Person, Phone
from services.provision.importing.phonefiles import PhoneFile, Value
from services.provision.importing.report import Report
from services.provision.vendors.thomson.configuration import line_parameters, use_of
from shared.secret import Secret

LINES: Final = range(1, 5)
_VOICEMAIL: Final = "sip.VoiceMailTelNum"


class _Written(NamedTuple):
    """What a file says of a line; None where it does not say."""

    number: int
    user: str
    secret: Secret | None
    display_name: str | None
    has_mailbox: bool | None
    where: Value
    """The line that names the user."""


def identity_parameters() -> frozenset[str]:
    """Return what says whose a line is: computed, never a setting."""
    set_freely = ("RegisterServer", "ProxyServer", "ServiceDomain", "sw_tr_vmail_address")
    names = {name for number in LINES for name in (*line_parameters(number), use_of(number))}
    return frozenset(name for name in names if not name.partition(".")[2].startswith(set_freely))


def value_of(file: PhoneFile, name: str) -> Value | None:
    """Return what a phone holds of a parameter: its own file over the common one."""
    return file.values.get(name) or (file.common.values.get(name) if file.common else None)


def voicemail_numbers(file: PhoneFile) -> Iterator[str]:
    """Yield the numbers that a phone calls to hear messages."""
    value = value_of(file, _VOICEMAIL)
    if value is not None and value.text:
        yield value.text


class Lines:
    """Gives the lines of phones to people, and makes people for accounts that only phone files know."""

    def __init__(self, accounts: Mapping[str, Account], report: Report, *, only_files: bool) -> None:
        self.people = {key: Person(account) for key, account in sorted(accounts.items())}
        """By `key_of` the user."""
        self._report = report
        self._only_files = only_files
        self._named: set[str] = set()

    def give(self, phone: Phone) -> None:
        """Find out whose the lines of a phone are; a phone without a first line is reported."""
        for number in LINES:
            written = _written(phone.file, number)
            if written is not None:
                phone.lines.append(self._line(phone.file, written))
            elif number == 1:
                place = phone.file.place
                self._report.lost(
                    f"phone {phone.file.mac}",
                    place,
                    "names no account in sip.TEL1Number or sip.regid1",
                    "give the entry an owner",
                )
                return

    def _line(self, file: PhoneFile, written: _Written) -> Line:
        key = key_of(written.user)
        person = self.people.get(key)
        if person is None:
            person = self.people[key] = self._unknown(file, written)
        if key not in self._named:
            self._named.add(key)
            self._settle(person, written)
        if self._agrees(person, written):
            return Line(written.number, person)
        account = person.account
        own = replace(
            account,
            secret=written.secret or account.secret,
            caller_id=f'"{written.display_name or person.shown}" <{account.user}>',
            mailbox=account.mailbox if written.has_mailbox is not False else "",
        )
        if written.has_mailbox and not own.mailbox:
            own = replace(own, mailbox=f"{account.user}@default")
        self._report.note(
            f"line {written.number} of {file.mac}",
            written.where.place,
            f"has another password, name or mailbox than account {account.user} has elsewhere; it got an account of its own",
        )
        return Line(written.number, person, own)

    def _unknown(self, file: PhoneFile, written: _Written) -> Person:
        account = Account(
            user=written.user,
            secret=written.secret or Secret(""),
            name=written.display_name or "",
            place=file.place,
            mailbox=f"{written.user}@default" if written.has_mailbox else "",
        )
        if not self._only_files:
            self._report.lost(
                f"account {written.user}", written.where.place, "is in no file of Asterisk; it was made from the phone's file",
                "add it to Asterisk, or delete the phone",
            )  # fmt: skip
        if not account.secret:
            self._report.lost(
                f"account {written.user}", written.where.place, "has no password", "give the entry an AstAccountSecret"
            )
        return Person(account)

    def _settle(self, person: Person, written: _Written) -> None:
        """Let the first file that names somebody say how the name is shown, and that there is a mailbox."""
        account = person.account
        if written.display_name and written.display_name != person.shown:
            person.display_name = written.display_name
        if written.secret and not account.secret:
            person.account = account = replace(account, secret=written.secret)
            self._report.note(f"account {account.user}", written.where.place, "the password is the phone file's")
        if written.has_mailbox and not account.mailbox:
            person.account = replace(account, mailbox=f"{account.user}@default")
            self._report.note(
                f"account {account.user}",
                written.where.place,
                f"has a voicemail number, so it got the mailbox {account.user}@default",
            )

    def _agrees(self, person: Person, written: _Written) -> bool:
        account = person.account
        return (
            written.secret in (None, Secret(""), account.secret)
            and written.display_name in (None, "", person.shown)
            and written.has_mailbox in (None, bool(account.mailbox))
        )


def _written(file: PhoneFile, number: int) -> _Written | None:
    named = (f"sip.TEL{number}Number", f"sip.regid{number}")
    where = next((value for name in named if (value := value_of(file, name)) is not None and value.text), None)
    use = value_of(file, use_of(number))
    if where is None or (use is not None and use.text == "0"):
        return None
    secret, name = value_of(file, f"sip.regpwd{number}"), value_of(file, f"sip.DisplayName{number}")
    return _Written(
        number=number,
        user=where.text,
        secret=None if secret is None else Secret(secret.text),
        display_name=None if name is None else name.text,
        has_mailbox=_has_mailbox(file, number),
        where=where,
    )


def _has_mailbox(file: PhoneFile, number: int) -> bool | None:
    """What the phone's own file says; the common file speaks for people with and without a mailbox alike."""
    for name in (_VOICEMAIL, "sip.subscribe_event") if number == 1 else ():
        value = file.values.get(name)
        if value is not None:
            return value.text not in ("", "0")
    return None
