"""Why a phonebook is empty: one fault with the likely reason, instead of silence. Nobody is named, hidden or not.

The directory is looked at only where nobody is found, or nobody has what is needed.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from services.directory.contacts import contacts_of, shown_name
from services.directory.phonebooks import books_of
from services.directory.visibility import Rule, Visibility, hidden_for_all
from shared.config import Config
from shared.findings import CONFIGURATION, Finding
from shared.ldap.emptiness import Asked, IsHidden, names_like, why_nothing
from shared.ldap.entry import Entry
from shared.ldap.source import Kind, Stream
from shared.ldap.survey import Survey
from shared.ldap.whole import Found
from shared.locations import Locations
from shared.numbers import NumberReader, Refusal
from shared.people import NUMBER_TYPES, Person, PersonReader

_SETTINGS: Final = {
    Rule.EXCLUDED: "directory.visibility.excluded",
    Rule.FLAG: "ldap.mapping.person.hidden",
    Rule.DISABLED: "ldap.mapping.person.disabled",
    Rule.UNCLEAR: "ldap.mapping.person.hide",
    Rule.FILTER: "directory.visibility.filter",
}
_MAPPING: Final = "ldap.mapping.person"
_LIKE_NUMBERS: Final = re.compile("phone|mobile|cell|pager|exten")
_LIKE_NAMES: Final = re.compile("name$|^cn$|^sn$|gecos")


def empty_phonebook(config: Config, streams: Sequence[Stream], found: Found, survey: Survey) -> Iterator[Finding]:
    """Yield why the phonebook shows nobody, or nobody's name; nothing where it shows somebody's. `found`: by the streams."""
    visibility = Visibility(config)
    by_kind = {stream.kind: stream for stream in streams}
    needed = [Kind.PERSON]
    if any(book.kind.startswith("my-") for book in books_of(config)):
        needed.append(Kind.PHONE)
    kinds = {kind for kind, _ in found}
    for kind in needed:
        if kind not in kinds:
            yield why_nothing(survey, _asked(config, by_kind[kind]), is_hidden_by(visibility))
    people = [entry for kind, entry in found if kind is Kind.PERSON]
    if not people:
        return
    shown = [each for entry in people if isinstance(each := visibility.admit(Kind.PERSON, entry), Entry)]
    if not shown:
        yield _all_hidden(visibility, people)
        return
    yield from _without(config, by_kind[Kind.PERSON], people, shown, survey)


def is_hidden_by(visibility: Visibility) -> IsHidden:
    """Return whether a DN is excluded by the configuration, so that not even a container of that name is told."""
    return lambda dn: visibility.why(Entry("", dn, {})) is Rule.EXCLUDED


def _asked(config: Config, stream: Stream) -> Asked:
    search, shown = config.ldap.search(stream.kind), config.directory.visibility.filter
    own = ((f"ldap.{stream.kind}.filter", search.filter_text),)
    hiding = ((_SETTINGS[Rule.FILTER], shown),) if shown and stream.kind is Kind.PERSON else ()
    return Asked(stream, own + hiding)


def _all_hidden(visibility: Visibility, people: Sequence[Entry]) -> Finding:
    rules = Counter(rule for entry in people if (rule := visibility.why(entry)) is not None)
    by = ", ".join(f"{count} by {_SETTINGS[rule]}" for rule, count in sorted(rules.items()))
    setting = _SETTINGS[max(sorted(rules), key=rules.__getitem__)]
    problem = (
        f"everybody is hidden ({len(people)}: {by}), so the phonebook is empty; correct these settings, or the entries"
    )
    return Finding(CONFIGURATION, setting, problem)


def _without(
    config: Config, stream: Stream, people: Sequence[Entry], shown: Sequence[Entry], survey: Survey
) -> Iterator[Finding]:
    """Of those who are shown: nobody has a number, or one that can be dialled, or a name."""
    read, names = PersonReader(config.ldap.mapping.person).read, config.ldap.mapping.person
    numbers, locations = NumberReader(config.numbers), Locations(config.numbers)

    def has_row(person: Person) -> bool:
        location = locations.of_person(person.dn, person.sites)
        return bool(contacts_of(person, numbers, location=location, locale=config.phonebook_locale)[0])

    if not any(has_row(read(entry)) for entry in shown):
        mapped = names.names_of(NUMBER_TYPES)
        if any(read(entry).numbers for entry in shown):
            yield _all_refused(config, [read(entry) for entry in shown])
        elif {name.lower() for name in mapped} <= hidden_for_all(config):
            problem = "hides every kind of number of everybody, so the phonebook is empty; leave one kind out"
            yield Finding(CONFIGURATION, "directory.visibility.hidden", problem)
        elif any(read(entry).numbers for entry in people):
            problem = "hides the numbers of all who are shown, so the phonebook is empty; correct the entries"
            yield Finding(CONFIGURATION, f"{_MAPPING}.hide", problem)
        else:
            like = names_like(survey, stream, _LIKE_NUMBERS, mapped)
            yield _nobody_has("number", len(shown), mapped, like, survey)
    if not any(shown_name(read(entry)) for entry in shown):
        mapped = names.names_of(("display_name", "surname", "given_name"))
        yield _nobody_has("name", len(shown), mapped, names_like(survey, stream, _LIKE_NAMES, mapped), survey)


def _nobody_has(what: str, count: int, mapped: Sequence[str], like: Sequence[str], survey: Survey) -> Finding:
    unless = f", or the account ({survey.account}) may not read it" if survey.account else ""
    problem = f"nobody of the {count} who are found has a {what}: none has {' or '.join(mapped)}{unless}"
    mend = (
        f"they have {', '.join(like)}; name it in {_MAPPING}"
        if like
        else f"name the attribute that holds it in {_MAPPING}"
    )
    return Finding(CONFIGURATION, _MAPPING, f"{problem}; {mend}")


def _all_refused(config: Config, people: Sequence[Person]) -> Finding:
    """The reason that most numbers are refused for."""
    numbers, locations = NumberReader(config.numbers), Locations(config.numbers)
    reasons: Counter[str] = Counter()
    for person in people:
        location = locations.of_person(person.dn, person.sites)
        for number in person.numbers:
            refused = [each for each in numbers.read(number.value, location) if isinstance(each, Refusal)]
            reasons.update(map(str, refused))
    ((reason, count), *_) = reasons.most_common(1) or [("", 0)]
    problem = (
        f"not one number can be dialled (refused: {reasons.total()}), so the phonebook is empty; "
        f"the usual reason ({count}): {reason}; check numbers.region, now {config.numbers.region}, and the entries"
    )
    return Finding(CONFIGURATION, "numbers", problem)
