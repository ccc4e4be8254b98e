"""An import from end to end: files in, LDIF, settings and a report out. Nothing is written and nothing is printed here."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from services.provision.importing.accounts import Account, key_of, merged
from services.provision.importing.asteriskconf import Section, parse_conf
from services.provision.importing.entries import Person, Phone
from services.provision.importing.fleet import Fleet
from services.provision.importing.lines import Lines, voicemail_numbers
from services.provision.importing.phonefiles import Folder, read_folder
from services.provision.importing.pjsip import is_pjsip, pjsip_accounts
from services.provision.importing.rendered import with_our_schema
from services.provision.importing.report import Place, Report
from services.provision.importing.sipconf import sip_accounts, users_accounts
from services.provision.importing.textfile import ImportFault
from services.provision.rendering import Renderer
from shared.config import Config
from shared.configfile import toml_value
from shared.ldap.ldifwriter import render_ldif

_USERS_MARKS: Final = ("hassip", "hasvoicemail", "hasiax", "registersip")


class Sources(NamedTuple):
    """What shall be imported: files of Asterisk, and a folder of phone files."""

    confs: tuple[Path, ...]
    files: Path | None


class Imported(NamedTuple):
    """What came of it. `ldif` holds passwords."""

    ldif: bytes
    settings: str
    """Lines for dialtree.toml; "" where none are needed."""
    people: int
    phones: int
    profiles: int
    report: Report

    def __repr__(self) -> str:
        return f"Imported({self.people} people, {self.phones} phones, {self.profiles} profiles)"


def run_import(sources: Sources, base: str, config: Config) -> Imported:
    """Import into entries below `base`; values that phones would get from `config` anyway are not repeated.

    Raises `ImportFault` when a file cannot be read, or none holds anything.
    """
    report = Report()
    folder = read_folder(sources.files, report) if sources.files else Folder()
    named = ("sip.TEL", "sip.regid")
    wanted = {
        key_of(value.text) for phone in folder.phones for name, value in phone.values.items() if name.startswith(named)
    }
    accounts = merged((account for path in sources.confs for account in _accounts(path, wanted, report)), report)
    if not accounts and not folder.phones and not folder.commons:
        raise ImportFault(
            "the files hold no account and no phone; name sip.conf, users.conf or pjsip.conf, and --files"
        )
    number = _voicemail_number(folder, config, report)
    update = {"provision": config.provision.model_copy(update={"voicemail_number": number})}
    renderer = Renderer(with_our_schema(config.model_copy(update=update), base))
    lines = Lines(accounts, report, only_files=not sources.confs)
    phones = [Phone(file) for file in folder.phones]
    for phone in phones:
        lines.give(phone)
    fleet = _fleet(renderer, base, lines.people, folder, phones, report)
    if folder.phones:
        _note_left_out(folder, renderer, report)
    needs_number = number != config.provision.voicemail_number
    return Imported(
        ldif=render_ldif(fleet.records()),
        settings=f"[provision]\nvoicemail_number = {toml_value(number)}\n" if needs_number else "",
        people=len(lines.people),
        phones=len(fleet.phones),
        profiles=len(fleet.profiles),
        report=report,
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


def _accounts(path: Path, wanted: Collection[str], report: Report) -> Iterator[Account]:
    sections = parse_conf(path, report)
    if not sections:
        report.lost(path.name, Place(path.name), "holds no section", "name sip.conf, users.conf or pjsip.conf")
    elif is_pjsip(sections):
        yield from pjsip_accounts(sections, wanted, report)
    elif _is_users(sections):
        yield from users_accounts(sections, report)
    else:
        yield from sip_accounts(sections, wanted, report)


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
