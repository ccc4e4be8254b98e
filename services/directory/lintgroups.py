"""What of the groups that phonebooks list cannot be followed: members who are nobody, searches that are not answered here.

Hidden persons are never reported: a member is passed over in silence where a rule hides it, or where that is not known.
Pure: no SQL, no LDAP, no printing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from services.directory.memberurls import UnusableUrlError, stored_search
from services.directory.visibility import MEMBERS, SEARCHES, Visibility, dn_mark, login_mark, lowered, member_urls
from shared.config import Config, Phonebook
from shared.findings import CONFIGURATION, Finding
from shared.ldap.dn import is_within, without_unique_id
from shared.ldap.entry import Entry, dn_key, is_dn
from shared.ldap.entrysearch import EntrySearch
from shared.ldap.filters import FilterError, names_in, parse_filter
from shared.ldap.source import Kind, Stream

Everything = Callable[[], Mapping[str, Entry]]
"""Reads what `everything_of` asks for, by the key of the DN; called when a member is not among the persons who are shown."""
_CLASS: Final = "objectClass"


class Shown(NamedTuple):
    """The persons whom the phonebook may show, and those whom a rule hides."""

    people: tuple[Entry, ...]
    callable: frozenset[str]
    """Those of them, by the key of the DN, who have a number that can be dialled."""
    hidden: tuple[Entry, ...]


def everything_of(config: Config) -> Stream:
    """Return the search for all entries, whatever they are: who a member is that is no person who is shown."""
    person = config.ldap.person
    names = (_CLASS, *config.ldap.mapping.person.login, *sorted(names_in(parse_filter(person.filter_text))))
    return Stream(Kind.PERSON, config.ldap.base or person.base, "subtree", f"({_CLASS}=*)", tuple(dict.fromkeys(names)))


def lint_groups(config: Config, groups: Iterable[Entry], shown: Shown, everything: Everything) -> Iterator[Finding]:
    """Yield what is wrong with the groups that phonebooks list. `groups`: all of them, as LDAP has them."""
    by_key = {dn_key(group.dn): group for group in groups}
    members = _Members(config, by_key, shown, everything)
    for key in sorted(config.directory.groups & by_key.keys()):
        yield from members.unresolved(by_key[key])
        yield from _unusable(config, by_key[key])
    for book in sorted(config.directory.phonebooks, key=lambda book: book.slot):
        if book.kind == "group":
            problem = members.why_empty(book)
            if problem:
                yield Finding(CONFIGURATION, f"directory.phonebooks (slot {book.slot})", problem)


def _unusable(config: Config, group: Entry) -> Iterator[Finding]:
    urls = member_urls(config)
    for name in config.ldap.mapping.group.url:
        for value in sorted(group.attributes.get(name.lower(), ())):
            try:
                urls.read(value)
            except UnusableUrlError as problem:
                yield Finding(group.dn, name, f"{value!r} finds nobody: {problem}")


class _Members:
    """Who the members of groups are."""

    def __init__(self, config: Config, groups: Mapping[str, Entry], shown: Shown, everything: Everything) -> None:
        self._config = config
        self._groups = groups
        self._visibility = Visibility(config, lambda: 0)
        self._names = config.ldap.mapping.group
        self._login = lowered(config.ldap.mapping.person.login)
        self._shown = {dn_key(person.dn): person for person in shown.people}
        self._callable = shown.callable
        self._hidden = {dn_key(person.dn) for person in shown.hidden}
        self._logins = {mark for person in (*shown.people, *shown.hidden) for mark in self._login_marks(person)}
        self._excluded = tuple(dn_key(dn) for dn in config.directory.visibility.excluded)
        self._everything = everything
        self._read: Mapping[str, Entry] | None = None
        self._person = EntrySearch(
            Stream(Kind.PERSON, config.ldap.person.base or config.ldap.base, config.ldap.person.scope,
                   config.ldap.person.filter_text, ())
        )  # fmt: skip

    def unresolved(self, group: Entry) -> Iterator[Finding]:
        """Yield each member of a group that is nobody, once."""
        for name in self._names.member:
            for value in sorted(filter(str.strip, group.attributes.get(name.lower(), ()))):
                problem = self._why_nobody(without_unique_id(value))
                if problem:
                    yield Finding(group.dn, name, f"{value!r} is not found: {problem}", is_fault=False)
        for name in self._names.login:
            for value in sorted(filter(str.strip, group.attributes.get(name.lower(), ()))):
                problem = self._why_no_login(value)
                if problem:
                    yield Finding(group.dn, name, f"{value!r} is not found: {problem}", is_fault=False)

    def why_empty(self, book: Phonebook) -> str:
        """Return why the phonebook of a group lists nobody, "" when it lists somebody."""
        group = self._groups.get(dn_key(book.group))
        if group is None:
            entry = self._all().get(dn_key(book.group))
            if entry is None:
                return f"there is no group {book.group}; correct the DN or ldap.group"
            classes = ", ".join(sorted(entry.attributes.get(_CLASS.lower(), ())))
            return (
                f"{book.group} is no group by ldap.group (its classes: {classes}); correct the DN or ldap.group.filter"
            )
        if self._lists_somebody(group):
            return ""
        values = [v for name in lowered(self._names.member) for v in group.attributes.get(name, ()) if v.strip()]
        others = any(group.attributes.get(name) for name in lowered((*self._names.login, *self._names.url)))
        if not values and not others:
            return f"{book.group} lists nobody who is in the phonebook: it has no member; add members"
        if not others and all(dn_key(without_unique_id(value)) in self._groups for value in values):
            return (
                f"{book.group} lists nobody who is in the phonebook: all its members are groups, and groups within groups are "
                "not followed; add the people themselves"
            )
        return f"{book.group} lists nobody who is in the phonebook; add members"

    def _lists_somebody(self, group: Entry) -> bool:
        stored = self._visibility.admit(Kind.GROUP, group)
        if not isinstance(stored, Entry):
            return False
        marks = {int(mark) for mark in stored.attributes.get(MEMBERS, ())}
        searches = [stored_search(text) for text in stored.attributes.get(SEARCHES, ())]
        return any(
            dn_mark(key) in marks
            or not marks.isdisjoint(self._login_marks(person))
            or any(search.finds(person) for search in searches)
            for key, person in self._shown.items()
            if key in self._callable
        )

    def _why_nobody(self, dn: str) -> str:
        key = dn_key(dn)
        if key in self._shown or self._is_hidden(key):
            return ""
        if not is_dn(dn):
            return "it is no DN; correct it"
        if key in self._groups:
            return "it is a group, and groups within groups are not followed; add the people themselves"
        base = everything_of(self._config).base
        if not is_within(key, dn_key(base)):
            return f"it is outside of {base}, below which everything is read; correct the DN, or the base"
        entry = self._all().get(key)
        if entry is None:
            return "there is no such entry, or the service's account may not read it; remove it, or correct the DN"
        return self._why_no_person(key, entry)

    def _why_no_login(self, login: str) -> str:
        mark = login_mark(login)
        if mark in self._logins:
            return ""
        entries = [(key, entry) for key, entry in self._all().items() if mark in self._login_marks(entry)]
        if not entries:
            return "nobody has this login name; remove it, or correct it"
        problems = [self._why_no_person(key, entry) for key, entry in entries if not self._is_hidden(key)]
        return problems[0] if problems and all(problems) else ""

    def _why_no_person(self, key: str, entry: Entry) -> str:
        """Return why an entry that is not shown is no person; "" when it is one, and so hidden."""
        try:
            if self._person.reaches(key) and self._person.takes(key, entry):
                return ""
        except FilterError:  # only a server can say, so it may be a hidden person
            return ""
        classes = ", ".join(sorted(entry.attributes.get(_CLASS.lower(), ())))
        return f"it is no person by ldap.person (its classes: {classes}); remove it, or correct ldap.person"

    def _is_hidden(self, key: str) -> bool:
        return key in self._hidden or any(is_within(key, base) for base in self._excluded)

    def _login_marks(self, person: Entry) -> set[int]:
        return {login_mark(value) for name in self._login for value in person.attributes.get(name, ()) if value.strip()}

    def _all(self) -> Mapping[str, Entry]:
        if self._read is None:
            self._read = self._everything()
        return self._read
