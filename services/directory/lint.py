"""What of a directory the phonebook cannot show, or not as it is meant: found before somebody looks in vain.

Entries come as LDAP has them; what is hidden is left out first, so that nothing of it is ever reported. Each finding names
the entry, the attribute and the mend. Pure: no SQL, no LDAP, no printing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from services.directory.contacts import LONGEST_NUMBER, MOST_VALUES, Contact, contacts_of, shown_name
from services.directory.dialects.markup import name_of, written
from services.directory.dialects.screen import Profile
from services.directory.labels import Labels
from services.directory.lint_books import why_nobody_listed
from services.directory.lintgroups import Everything, Shown, lint_groups
from services.directory.paging import Row
from services.directory.phonebooks import FilterBooks, books_of
from services.directory.profiles import Profiles
from services.directory.visibility import Visibility
from services.directory.words import spellings_of
from shared.bounds import bounded, excess_of
from shared.config import Config
from shared.findings import CONFIGURATION, Finding, in_order
from shared.ldap.entry import Entry, dn_key
from shared.ldap.source import Kind
from shared.locations import DEFAULT, Locations
from shared.numbers import NumberReader, Refusal
from shared.people import NUMBER_TYPES, Number, Person, PersonReader
from shared.text import fold

_NAMED: Final = 3
"""How many entries a message names."""


class _Known(NamedTuple):
    """A person who is shown."""

    entry: Entry
    person: Person
    location: str
    rows: tuple[Contact, ...]
    """Without their terms, which would be most of the memory."""

    @property
    def name(self) -> str:
        return shown_name(self.person)


def lint(config: Config, found: Iterable[tuple[Kind, Entry]], everything: Everything = dict) -> tuple[Finding, ...]:
    """Return every finding.

    `found`: each entry as a kind that finds it, with what the service's searches ask for. `everything`: see `Everything`.
    """
    visibility = Visibility(config)
    people: list[_Known] = []
    groups: list[Entry] = []
    hidden: list[Entry] = []
    of_bounds: list[Finding] = []
    numbers, locations = NumberReader(config.numbers), Locations(config.numbers)
    mapping = config.ldap.mapping
    reader = PersonReader(
        mapping.person,
        config.phonebook_language,
        accounts=mapping.account,
        extension_digits=config.numbers.longest_extension,
    )
    for kind, entry in found:
        if kind is Kind.GROUP:
            groups.append(entry)
            continue
        admitted = visibility.admit(kind, entry)
        if not isinstance(admitted, Entry):
            hidden.append(entry)
        elif kind is Kind.PERSON:
            of_bounds += (Finding(entry.dn, *excess) for excess in excess_of(admitted, MOST_VALUES))
            admitted = bounded(admitted, MOST_VALUES)
            person = reader.read(admitted)
            location = locations.of_person(person.dn, person.sites)
            most = config.directory.rows_per_person
            rows, _ = contacts_of(person, numbers, location=location, locale=config.phonebook_locale, most=most)
            people.append(_Known(admitted, person, location, tuple(row._replace(terms="") for row in rows)))
    people.sort(key=lambda known: dn_key(known.person.dn))  # what is told must not depend on the order of the answer
    callable_people = frozenset(dn_key(known.person.dn) for known in people if known.rows)
    shown = Shown(tuple(known.entry for known in people), callable_people, tuple(hidden))
    findings = (
        *of_bounds,
        *(finding for known in people for finding in _of_numbers(config, numbers, known)),
        *(finding for known in people for finding in _of_name(config, known)),
        *_of_displays(config, people),
        *_of_twins(config, people),
        *_of_shared_numbers(people),
        *_of_phonebooks(config, people),
        *lint_groups(config, groups, shown, everything),
        *_of_sites(config, people),
    )
    return in_order(findings)


def _of_numbers(config: Config, numbers: NumberReader, known: _Known) -> Iterator[Finding]:
    names = config.ldap.mapping.person.lowered
    counted = set(known.person.numbers)  # a SIP user is none where the number in the caller id stands for it
    written = dict.fromkeys(
        (attribute, value)
        for number_type in NUMBER_TYPES
        for attribute in names[number_type]
        for value in known.entry.values((attribute,))
        if Number(number_type, value) in counted
    )
    dialable: set[str] = set()
    for attribute, value in written:
        if len(value) > LONGEST_NUMBER:
            problem = (
                f"{value[:20]!r}… is left out: it is longer than {LONGEST_NUMBER} characters; give each number a value"
            )
            yield Finding(known.person.dn, attribute, problem)
            continue
        read = numbers.read(value, known.location)
        dialable |= {one.stored for one in read if not isinstance(one, Refusal)}
        refusals = dict.fromkeys(one for one in read if isinstance(one, Refusal))
        if refusals:
            is_whole = all(isinstance(one, Refusal) for one in read)
            what = f"{value!r} is" if is_whole else f"part of {value!r} is"
            is_fault = not all(refusal.is_note for refusal in refusals)
            yield Finding(known.person.dn, attribute, f"{what} left out: {'; '.join(refusals)}", is_fault=is_fault)
    most = config.directory.rows_per_person
    if len(dialable) > most:
        problem = f"there are {len(dialable)}, of which the phonebook shows {most}; remove some, or raise directory.rows_per_person"
        yield Finding(known.person.dn, "numbers", problem)
    if not known.person.numbers:
        problem = "there is none to show, so the person is in no phonebook; add one if people should call"
        yield Finding(known.person.dn, "numbers", problem, is_fault=False)
    elif not known.rows:
        problem = "none of them can be dialled, so nobody finds the person; mend one of them"
        yield Finding(known.person.dn, "numbers", problem)


def _of_name(config: Config, known: _Known) -> Iterator[Finding]:
    attribute = " or ".join(config.ldap.mapping.person.display_name)
    name = known.name
    if known.rows and not name:
        yield Finding(known.person.dn, attribute, "is missing, so the phonebook shows the number only; give it a name")
    elif known.rows and not spellings_of(name, fold(name)):
        problem = f"{name!r} holds no letter that can be typed, so nobody finds it by name; write it in letters"
        yield Finding(known.person.dn, attribute, problem)


def _of_displays(config: Config, people: Sequence[_Known]) -> Iterator[Finding]:
    """Names that do not fit the narrowest display of the site with the longest of their labels."""
    labels, attribute, profile = (
        Labels(config),
        " or ".join(config.ldap.mapping.person.display_name),
        _narrowest(config),
    )
    shown: dict[str, dict[str, str]] = defaultdict(dict)
    cut: list[tuple[_Known, str]] = []
    for known in people:
        for row in known.rows:
            text = name_of(Row(row.name, labels.text(row.label), ""), profile)
            shown[text].setdefault(fold(known.name), known.person.dn)
        longest = max((labels.text(row.label) for row in known.rows), key=len, default="")
        line = Row(known.name, longest, "")
        if known.rows and known.name and name_of(line, profile) != written(line.text, profile.charset):
            cut.append((known, name_of(line, profile)))
    for known, text in cut:
        others = sorted(dn for name, dn in shown[text].items() if name != fold(known.name))
        if others:
            problem = f"is too long for the display and looks there like that of {others[0]}: {text!r}; shorten one of the two"
            yield Finding(known.person.dn, attribute, problem)
        else:
            width = f"the {profile.name_width} characters of the display"
            problem = f"is longer, label included, than {width}, which shows {text!r}; shorten it"
            yield Finding(known.person.dn, attribute, problem, is_fault=False)


def _narrowest(config: Config) -> Profile:
    """Return how a phone shows names that says nothing of itself, no wider than any model of the configuration; width 0 is any."""
    profile = Profiles(config).reading("").profile
    widths = [width for rule in config.directory.profiles if (width := rule.name_width)]
    return replace(profile, name_width=min((width for width in (profile.name_width, *widths) if width), default=0))


def _of_twins(config: Config, people: Sequence[_Known]) -> Iterator[Finding]:
    """Rows that are shown once for two entries (`services.directory.twins`)."""
    attribute = " or ".join(config.ldap.mapping.person.display_name)
    same: dict[str, list[str]] = defaultdict(list)
    for known in people:
        for row in known.rows if known.name else ():
            same[row.who].append(known.person.dn)
    for first, *others in same.values():
        for other in others:
            problem = f"name and number are those of {first} too, so they are shown once; delete one entry if it is one person"
            yield Finding(other, attribute, problem, is_fault=False)


def _of_shared_numbers(people: Sequence[_Known]) -> Iterator[Finding]:
    owners: dict[str, dict[str, str]] = defaultdict(dict)
    for known in people:
        for row in known.rows:
            number = f"+{row.digits}" if row.telephone.startswith("+") else row.digits
            owners[number].setdefault(fold(known.name), known.person.dn)
    for number, dns in owners.items():
        first, *others = sorted(dns.values())
        if others:
            more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
            problem = f"{number} is that of {', '.join(others[:_NAMED])}{more} too; correct it unless they share it"
            yield Finding(first, "numbers", problem, is_fault=False)


def _of_phonebooks(config: Config, people: Sequence[_Known]) -> Iterator[Finding]:
    filters = FilterBooks(config)
    listed = Counter(slot for known in people if known.rows for slot in filters.slots(known.entry))
    shown = [known.entry for known in people]
    for book in books_of(config):
        where = f"directory.phonebooks (slot {book.slot})"
        if book.kind == "filter" and not listed[book.slot]:
            yield Finding(CONFIGURATION, where, f"{book.filter} lists nobody: {why_nobody_listed(book.filter, shown)}")


def _of_sites(config: Config, people: Sequence[_Known]) -> Iterator[Finding]:
    if not config.numbers.locations:
        return
    sites = Counter(site for known in people if known.location == DEFAULT for site in known.person.sites)
    for site, count in sites.items():
        problem = (
            f"none has the site {site!r} (people: {count}), so their numbers are read by the rules of [numbers] itself; "
            "add it to `sites` of a location, or correct the entries"
        )
        yield Finding(CONFIGURATION, "numbers.locations", problem, is_fault=False)
