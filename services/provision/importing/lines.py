"""The lines of hand-written phone files: whose each one is, or an account of its own where a person's would not do.

What a line shows is computed from people and accounts and cannot be set. So a file that says otherwise than the person's
entry gets an account below the phone's own entry.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from services.provision.importing.accounts import Account, extension_of, key_of
from services.provision.importing.callerid import is_number, parse_caller_id, written_caller_id
from services.provision.importing.entries import Line, Person, Phone
from services.provision.importing.phonefiles import PhoneFile, Value
from services.provision.importing.report import Report
from services.provision.vendors.thomson.configuration import MOST_LINES, use_of
from shared.secret import Secret

LINES: Final = range(1, MOST_LINES + 1)
_VOICEMAIL: Final = "sip.VoiceMailTelNum"


class _WrittenLine(NamedTuple):
    """What a file says of a line; None where it does not say."""

    number: int
    user: str
    auth_name: str | None
    extension: str | None
    secret: Secret | None
    display_name: str | None
    has_mailbox: bool | None
    name: str
    where: Value
    """The line that names the user."""


def identity_parameters() -> frozenset[str]:
    """Return what says whose a line is: computed, never a setting."""
    keys = ("TEL{}Number", "regid{}", "regpwd{}", "DisplayName{}")
    return frozenset(name for n in LINES for name in (*(f"sip.{key.format(n)}" for key in keys), use_of(n)))


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

    def give(self, phone: Phone, most: int) -> None:
        """Find out whose the lines of a phone are, `most` at most; a phone without a first line is reported."""
        for number in LINES:
            written = _written(phone.file, number)
            if written is not None and number > most:
                why = f"is for line {number}; the {phone.file.model} has {most}"
                self._report.lost(written.name, written.where.place, why, "give the line to another phone")
            elif written is not None:
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

    def _line(self, file: PhoneFile, written: _WrittenLine) -> Line:
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
            auth_name=account.auth_name if written.auth_name is None else written.auth_name,
            caller_id=written_caller_id(written.display_name or person.shown, extension_of(account)),
            mailbox=account.mailbox if written.has_mailbox is not False else "",
        )
        if written.has_mailbox and not own.mailbox:
            own = replace(own, mailbox=f"{account.user}@default")
        self._report.note(
            f"line {written.number} of {file.mac}",
            written.where.place,
            f"has another password, authentication name, name or mailbox than account {account.user} has elsewhere; "
            "it got an account of its own",
        )
        return Line(written.number, person, own)

    def _unknown(self, file: PhoneFile, written: _WrittenLine) -> Person:
        account = Account(
            user=written.user,
            secret=written.secret or Secret(""),
            name=written.display_name or "",
            place=file.place,
            auth_name=written.auth_name or "",
            mailbox=f"{written.user}@default" if written.has_mailbox else "",
        )
        if not self._only_files:
            self._report.lost(
                f"account {written.user}", written.where.place, "is in no file of Asterisk; it was made from the phone's file",
                "add it to Asterisk, or delete the phone",
            )  # fmt: skip
        return Person(account)

    def _settle(self, person: Person, written: _WrittenLine) -> None:
        """Let the first file that names somebody say how the name is shown, and that there is a mailbox."""
        account = person.account
        if written.display_name and not account.name and not is_number(written.display_name):
            number = account.user if account.nobody else ""
            number = parse_caller_id(account.caller_id).number or number
            caller_id = written_caller_id(written.display_name, number) if account.nobody else account.caller_id
            person.account = account = replace(account, name=written.display_name, caller_id=caller_id)
        elif written.display_name and written.display_name != person.shown:
            person.display_name = written.display_name
        if written.extension and written.extension != extension_of(account):
            person.account = account = replace(account, extension=written.extension)
            if parse_caller_id(account.caller_id).number:
                why = f"has another number in its caller id than the phone shows; {written.extension} is the extension"
                self._report.note(f"account {account.user}", written.where.place, why)
        if written.auth_name and not account.auth_name:
            person.account = account = replace(account, auth_name=written.auth_name)
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

    def _agrees(self, person: Person, written: _WrittenLine) -> bool:
        account = person.account
        return (
            written.secret in (None, Secret(""), account.secret)
            and written.auth_name in (None, account.auth_name)
            and written.display_name in (None, "", person.shown)
            and written.has_mailbox in (None, bool(account.mailbox))
        )


def _written(file: PhoneFile, number: int) -> _WrittenLine | None:
    user_key, auth_key = f"sip.TEL{number}Number", f"sip.regid{number}"
    named = ((key, value_of(file, key)) for key in (user_key, auth_key))
    name, where = next(((key, value) for key, value in named if value is not None and value.text), ("", None))
    use = value_of(file, use_of(number))
    if where is None or (use is not None and use.text == "0"):
        return None
    auth, secret = value_of(file, auth_key), value_of(file, f"sip.regpwd{number}")
    shown, extension = value_of(file, f"sip.DisplayName{number}"), value_of(file, f"sip.DisplayNum{number}")
    return _WrittenLine(
        number=number,
        user=where.text,
        auth_name=None if auth is None or not auth.text else auth.text if auth.text != where.text else "",
        extension=None if extension is None else extension.text,
        secret=None if secret is None else Secret(secret.text),
        display_name=None if shown is None else shown.text,
        has_mailbox=_has_mailbox(file) if number == 1 else None,
        name=name,
        where=where,
    )


def _has_mailbox(file: PhoneFile) -> bool | None:
    """What the phone's own file says; the common file speaks for people with and without a mailbox alike."""
    for name in (_VOICEMAIL, "sip.subscribe_event"):
        value = file.values.get(name)
        if value is not None:
            return value.text not in ("", "0")
    return None
