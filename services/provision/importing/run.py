"""An import from end to end: files in, LDIF, settings and a report out. Nothing is written and nothing is printed here."""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from services.provision.importing.accounting import FileCount, account_for
from services.provision.importing.accounts import Account, extension_of, key_of, merged, report_missing
from services.provision.importing.asteriskconf import Section, parse_conf
from services.provision.importing.callerid import is_number
from services.provision.importing.dialplan import hinted_extensions
from services.provision.importing.entries import AUTH_NAME, EXTENSION, Person, Phone
from services.provision.importing.fleet import Fleet
from services.provision.importing.folder import read_folder
from services.provision.importing.generalfiles import report_generals
from services.provision.importing.lines import Lines, voicemail_numbers
from services.provision.importing.phonefiles import Folder
from services.provision.importing.pjsip import is_pjsip, pjsip_accounts
from services.provision.importing.rendered import with_our_schema
from services.provision.importing.report import Place, Report
from services.provision.importing.sipconf import sip_accounts, users_accounts
from services.provision.importing.textfile import ImportFault
from services.provision.rendering import Renderer
from services.provision.vendors.thomson.catalog import SERIAL
from shared.config import Config
from shared.configfile import toml_value
from shared.ldap.ldifwriter import render_ldif

_WIZARD_FILE: Final = "pjsip_wizard.conf"
_USER: Final = re.compile(r"sip\.(?:TEL[1-4]Number|regid[1-4])")
_USERS_MARKS: Final = ("hassip", "hasvoicemail", "hasiax", "registersip")


class Sources(NamedTuple):
    """What shall be imported: files of Asterisk, and a folder of phone files."""

    confs: tuple[Path, ...]
    files: Path | None
    root: Path | None = None
    """The folder that stands for the machine from which the files of Asterisk come."""
    dialplan: Path | None = None
    """Its hints say extensions; None: extensions.conf beside the first file of Asterisk, if it is there."""


class Imported(NamedTuple):
    """What came of it. `ldif` holds passwords; it is empty when nothing could be imported."""

    ldif: bytes
    settings: str
    """Lines for dialtree.toml; "" where none are needed."""
    people: int
    phones: int
    profiles: int
    report: Report
    counts: tuple[FileCount, ...] = ()
    """What became of the lines of each phone file."""

    def __repr__(self) -> str:
        return f"Imported({self.people} people, {self.phones} phones, {self.profiles} profiles)"

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all could be imported."""
        return not (self.people or self.phones or self.profiles)


def run_import(sources: Sources, base: str, config: Config) -> Imported:
    """Import into entries below `base`; values that phones would get from `config` anyway are not repeated.

    Raises `ImportFault` when a file that the caller named cannot be read.
    """
    report = Report()
    folder = read_folder(sources.files, report) if sources.files else Folder()
    accounts = _accounts(sources, _wanted(folder), report)
    if not accounts and not folder.phones and not folder.commons:
        return Imported(b"", "", 0, 0, 0, report)
    number = _voicemail_number(folder, config, report)
    update = {"provision": config.provision.model_copy(update={"voicemail_number": number})}
    renderer = Renderer(with_our_schema(config.model_copy(update=update), base))
    lines = Lines(accounts, report, only_files=not sources.confs)
    phones = [Phone(file) for file in folder.phones]
    for phone in phones:
        lines.give(phone, (renderer.models.find(phone.file.model) or renderer.models.usual).lines)
    for person in lines.people.values():
        report_missing(person.account, report)
    fleet = _fleet(renderer, base, lines.people, folder, phones, report)
    counts = _account_for(folder, fleet, report)
    if folder.phones:
        _note_left_out(folder, renderer, report)
    ldif = render_ldif(fleet.records())
    has_number = number == config.provision.voicemail_number
    return Imported(
        ldif=ldif,
        settings=_settings("" if has_number else number, ldif, config, report),
        people=len(lines.people),
        phones=len(fleet.phones),
        profiles=len(fleet.profiles),
        report=report,
        counts=counts,
    )


def _wanted(folder: Folder) -> frozenset[str]:
    """Return the `key_of` users that phone files name."""
    return frozenset(
        key_of(value.text)
        for phone in folder.phones
        for name, value in phone.values.items()
        if _USER.fullmatch(name) and value.text
    )


def _fleet(
    renderer: Renderer,
    base: str,
    people: Mapping[str, Person],
    folder: Folder,
    phones: Collection[Phone],
    report: Report,
) -> Fleet:
    ordered = [people[user] for user in sorted(people)]
    fleet = Fleet(renderer, base, ordered, report)
    for common in folder.commons:
        fleet.add_common(common)
    for phone in phones:
        fleet.add_phone(phone)
    fleet.compare()
    return fleet


def _account_for(folder: Folder, fleet: Fleet, report: Report) -> tuple[FileCount, ...]:
    report_generals(folder.generals, report)
    for common in folder.commons:
        fleet.report_unheard(common)
    for written in (file.written for files in (folder.commons, folder.phones) for file in files):
        for name, value in written.lines:
            if name == SERIAL:
                report.note(name, value.place, "is computed from what the phone gets")
    profiles = {common.place: fleet.common_texts(common) for common in folder.commons}
    return account_for(folder, fleet.rendered, profiles, report)


def _accounts(sources: Sources, wanted: Collection[str], report: Report) -> dict[str, Account]:
    """Return the accounts of all files by `key_of` their user. pjsip's objects may be spread over files."""
    pjsip: list[Section] = []
    found: list[Account] = []
    for path in sources.confs:
        sections = parse_conf(path, report, sources.root)
        if not sections:
            why = "holds no section"
            report.lost(path.name, Place(path.name), why, "name sip.conf, users.conf or pjsip.conf", whole=True)
        elif is_pjsip(sections):
            pjsip += sections
            pjsip += _wizards(path, sections, sources, report)
        elif _is_users(sections):
            found += users_accounts(sections, report)
        else:
            found += sip_accounts(sections, wanted, report)
    accounts = merged([*pjsip_accounts(pjsip, wanted, report), *found], report)
    hints = _hints(sources, report)
    for key, account in accounts.items():
        if key in hints and extension_of(account) == account.user and not is_number(account.user):
            accounts[key] = replace(account, extension=hints[key])
            report.note(f"account {account.user}", account.place, f"has the extension {hints[key]}, as a hint says")
    return accounts


def _wizards(path: Path, sections: Collection[Section], sources: Sources, report: Report) -> tuple[Section, ...]:
    """Read pjsip_wizard.conf beside pjsip.conf, as Asterisk does, unless that includes it."""
    beside = path.parent / _WIZARD_FILE
    is_read = path.name == _WIZARD_FILE or any(section.place.file.endswith(_WIZARD_FILE) for section in sections)
    if path.name != "pjsip.conf" or is_read or beside in sources.confs or not beside.is_file():
        return ()
    report.note(_WIZARD_FILE, Place(_WIZARD_FILE), "was read too, as Asterisk reads it")
    return parse_conf(beside, report, sources.root)


def _hints(sources: Sources, report: Report) -> Mapping[str, str]:
    """Return the extensions that the dialplan's hints say. Only a dialplan that was named has to be there."""
    beside = sources.confs[0].parent / "extensions.conf" if sources.confs else None
    path = sources.dialplan or beside
    if path is None or (path == beside and not path.is_file()):
        return {}
    if path != sources.dialplan:
        report = Report()  # nobody asked for it
    try:
        return hinted_extensions(parse_conf(path, report, sources.root))
    except ImportFault:
        if path == sources.dialplan:
            raise
        return {}


def _settings(number: str, ldif: bytes, config: Config, report: Report) -> str:
    """Return what dialtree.toml has to say for these entries to be read."""
    tables = [f"[provision]\nvoicemail_number = {toml_value(number)}\n"] if number else []
    names = config.ldap.mapping
    for table, field, attribute, have in (
        ("account", "auth_name", AUTH_NAME, names.account.auth_name),
        ("account", "extension", EXTENSION, names.account.extension),
        ("person", "extension", EXTENSION, names.person.extension),
    ):
        if f"\n{attribute}: ".encode() not in ldif or attribute in have:
            continue
        line, table_line = f"{field} = {toml_value([attribute, *have])}", f"[ldap.mapping.{table}]"
        if any(table_line in known for known in tables):
            tables[-1] += f"{line}\n"
        else:
            tables.append(f"{table_line}\n{line}\n")
        why = "stands in an attribute of deploy/ldap/dialtree.schema, which the mapping has to name"
        mend = f"write {line} into {table_line} of dialtree.toml, or use --settings"
        report.note(field, Place("import.ldif"), why, mend)
    return "\n".join(tables)


def _is_users(sections: Collection[Section]) -> bool:
    return any(section.last(mark) for section in sections for mark in _USERS_MARKS)


def _voicemail_number(folder: Folder, config: Config, report: Report) -> str:
    """Return the number that most phones call to hear messages: it is one for all phones."""
    own = config.provision.voicemail_number
    numbers = Counter(number for phone in folder.phones for number in voicemail_numbers(phone))
    if not numbers or own in numbers:
        return own
    chosen = max(sorted(numbers), key=lambda number: numbers[number])
    place = next(phone.place for phone in folder.phones if chosen in voicemail_numbers(phone))
    mend = f"write voicemail_number = {toml_value(chosen)} into [provision] of dialtree.toml, or use --settings"
    report.note("voicemail number", place, f"is one for all phones: {chosen}", mend)
    return chosen


def _note_left_out(folder: Folder, renderer: Renderer, report: Report) -> None:
    said = {name for phone in folder.phones for name in phone.values}
    said |= {name for common in folder.commons for name in common.values}
    models = {renderer.models.find(phone.model) or renderer.models.usual for phone in folder.phones}
    if any(parameter.name not in said for model in models for parameter in model.phone):
        what, why = "parameters that no file says", "phones get dialtree's values"
        report.note(what, folder.phones[0].place, why, "see `dialtree explain`")
