"""Who and what is in no phonebook, decided before an entry is stored: what is hidden is never in this service's file.

In doubt an entry is hidden: a flag that says anything but no, an account whose state cannot be read, a word of
`dialtreeHide` that names nothing known. What only decides (flags, states of accounts, but not the date on which one will
expire) is not stored either; of phones and groups only marks of the DNs that they name are, since these may be DNs
of hidden persons. Pure: no SQL, no LDAP.

The filter of the configuration is part of the LDAP search, so whom it hides does not even arrive; `why_hidden` asks it too.
"""

import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from services.directory.memberurls import MemberUrls
from shared.callerids import caller_number_of
from shared.config import Config
from shared.hiding import Hidden, mark_of
from shared.ldap.conditions import parse_condition, says_yes
from shared.ldap.dates import NEVER
from shared.ldap.descriptions import name_of_key
from shared.ldap.dn import folded_value, without_unique_id
from shared.ldap.entry import Entry, dn_key, is_dn, parent_key
from shared.ldap.filters import matches, names_in, needs_server, parse_filter
from shared.ldap.mapping import PersonAttributes
from shared.ldap.source import Kind
from shared.people import PERSON_FIELDS

_CONTROLS: Final = ("hidden", "hide", "disabled")
"""Fields of the mapping that say what is hidden, and are no content."""
MACS: Final = "mac"
HOLDERS: Final = "holders"
GROUP: Final = "group"
MEMBERS: Final = "members"
SEARCHES: Final = "searches"
"""What is stored of phones and groups, instead of attributes; all but the addresses are marks, or made of marks."""
_EXPIRES: Final = "expires at"
"""When a phone that is a person's entry will be hidden, Unix seconds; no attribute of a directory has a blank in its name."""


class Rule(StrEnum):
    """Why an entry is hidden."""

    EXCLUDED = "excluded"
    """It is at or below a DN of `directory.visibility.excluded`."""
    FLAG = "flag"
    """It has an attribute of `ldap.mapping.person.hidden`."""
    DISABLED = "disabled"
    """A condition of `ldap.mapping.person.disabled` holds."""
    UNCLEAR = "unclear"
    """An attribute of `ldap.mapping.person.hide` names what is not known, so what is to be hidden cannot be told."""
    FILTER = "filter"
    """It does not pass `directory.visibility.filter`."""


class Visibility:
    """The rules of a configuration, prepared to be asked of many entries."""

    def __init__(self, config: Config, now: Callable[[], float] = time.time) -> None:
        """`now`: Unix seconds."""
        names = config.ldap.mapping.person
        settings = config.directory.visibility
        self.now: Final = now
        self._mapping = config.ldap.mapping
        self._excluded = tuple(dn_key(dn) for dn in settings.excluded)
        self._flags = lowered(names.hidden)
        self._hide = lowered(names.hide)
        self._disabled = tuple(parse_condition(text) for text in names.disabled)
        self._known = known_names(names)
        self._caller_ids = frozenset(lowered(names.caller_id))
        self._extensions = lowered(names.extension)
        self._digits = config.numbers.longest_extension
        self._filter = parse_filter(settings.filter) if settings.filter else None
        self._for_all = hidden_for_all(config)
        self._groups = frozenset(config.directory.groups)
        self._dated = tuple(condition for condition in self._disabled if condition.date)
        self._dates = frozenset(condition.attribute for condition in self._dated)
        self._decisive = {*self._flags, *self._hide, *(condition.attribute for condition in self._disabled)}
        self._content = content_of(config) | self._dates
        self._shown = self._content - set(self._hide)
        self._member_urls = member_urls(config)

    def admit(self, kind: Kind, entry: Entry) -> Entry | Hidden | None:
        """Return what of an entry may be stored; None: nobody needs it. The same for what was admitted before."""
        if kind is Kind.GROUP:
            return self._group(entry)
        rule = self._rule(entry)
        if rule is not None:
            return Hidden(rule)
        return self._phone(entry) if kind is Kind.PHONE else self._person(entry)

    def why(self, entry: Entry) -> Rule | None:
        """Return the rule that hides a person's entry as LDAP has it, None when it is shown.

        A filter with a matching rule, which only a server can answer, is not asked.
        """
        rule = self._rule(entry)
        if rule is None and self._filter is not None and not needs_server(self._filter):
            return None if matches(self._filter, entry.attributes) else Rule.FILTER
        return rule

    def expiry(self, entry: Entry) -> float | None:
        """Return when what is stored of a person or a phone will be hidden, Unix seconds; None: never."""
        attributes = entry.attributes
        if _EXPIRES in attributes:
            return float(attributes[_EXPIRES][0])
        if attributes.keys().isdisjoint(self._dates):  # nearly everybody
            return None
        moment = min(condition.comes(attributes) for condition in self._dated)
        return moment if moment < NEVER else None

    def _rule(self, entry: Entry) -> Rule | None:
        attributes = entry.attributes
        if self._excluded and entry.dn and self._is_excluded(entry.dn):
            return Rule.EXCLUDED
        if attributes.keys().isdisjoint(self._decisive):  # nearly everybody
            return None
        if any(says_yes(value) for name in self._flags for value in attributes.get(name, ())):
            return Rule.FLAG
        now = self.now()
        if any(condition.holds(attributes, now) for condition in self._disabled):
            return Rule.DISABLED
        if any(word not in self._known for word in self._words(attributes)):
            return Rule.UNCLEAR
        return None

    def _is_excluded(self, dn: str) -> bool:
        """An entry whose DN cannot be read could be anywhere."""
        if not is_dn(dn):
            return True
        key = dn_key(dn)
        while key:
            if key in self._excluded:
                return True
            key = parent_key(key)
        return False

    def _words(self, attributes: Mapping[str, tuple[str, ...]]) -> list[str]:
        """What the entry itself hides; a value without a word is one that is not known."""
        words: list[str] = []
        for name in self._hide:
            for value in attributes.get(name, ()):
                words += value.replace(",", " ").lower().split() or [""]
        return words

    def _person(self, entry: Entry) -> Entry:
        if not entry.attributes.keys().isdisjoint(self._caller_ids):
            entry = self._without_caller(entry)
        if not self._for_all and entry.attributes.keys() <= self._shown:
            return entry
        hidden = set(self._for_all)
        for word in self._words(entry.attributes):
            hidden |= self._known[word]
        return entry._replace(
            attributes={
                key: values
                for key, values in entry.attributes.items()
                if (name := name_of_key(key)) in self._content and name not in hidden
            }
        )

    def _without_caller(self, entry: Entry) -> Entry:
        """Leave of a caller id its number alone, and only an extension that is not there already.

        Its name, or a number of the outside world, may be what the person hides.
        """
        attributes = dict(entry.attributes)
        known = {value for name in self._extensions for value in attributes.get(name, ())}
        for name in self._caller_ids & attributes.keys():
            numbers = [caller_number_of(value) for value in attributes.pop(name)]
            extensions = tuple([n for n in numbers if n and len(n) <= self._digits and n not in known])
            if extensions:
                attributes[name] = extensions
        return Entry(entry.uuid, entry.dn, attributes)

    def _phone(self, entry: Entry) -> Entry | Hidden:
        expires = self.expiry(entry)
        if not entry.dn:
            return Hidden(Rule.DISABLED) if expires is not None and expires <= self.now() else entry
        names = self._mapping.phone
        keys = [dn_key(dn) for dn in (entry.first(names.owner), entry.dn)]
        marks = [
            str(dn_mark(key)) if key else "" for key in (keys[0], parent_key(keys[0]), keys[1], parent_key(keys[1]))
        ]
        stored = {MACS: entry.values(names.mac), HOLDERS: tuple(marks)}
        return Entry(entry.uuid, "", stored if expires is None else {**stored, _EXPIRES: (repr(expires),)})

    def _group(self, entry: Entry) -> Entry | None:
        if not entry.dn:
            return entry
        key = dn_key(entry.dn)
        if key not in self._groups:
            return None
        names = self._mapping.group
        dns = (dn for name in lowered(names.member) for dn in entry.attributes.get(name, ()))
        members = {member_mark(dn) for dn in dns}
        members |= {login_mark(login) for name in lowered(names.login) for login in entry.attributes.get(name, ())}
        marks = tuple(str(mark) for mark in sorted(members))
        searches = self._member_urls.usable([u for name in lowered(names.url) for u in entry.attributes.get(name, ())])
        stored = {GROUP: (str(dn_mark(key)),), MEMBERS: marks}
        return Entry(entry.uuid, "", stored | {SEARCHES: searches} if searches else stored)


def why_hidden(entry: Entry, config: Config) -> Rule | None:
    """Return the rule that hides a person's entry as LDAP has it, None when it is shown; see `Visibility.why`."""
    return Visibility(config).why(entry)


def dn_mark(key: str) -> int:
    """Return the mark of a DN, given by its key (`dn_key`)."""
    return mark_of(f"dn {key}")


def member_mark(value: str) -> int:
    """Return the mark of the DN that a group names, with a bit string behind it or without (`uniqueMember`)."""
    return dn_mark(dn_key(without_unique_id(value)))


def member_urls(config: Config) -> MemberUrls:
    """Return the reader of groups' searches; they may compare what is stored of every person."""
    return MemberUrls(config.ldap, content_of(config) - hidden_for_all(config))


def login_mark(login: str) -> int:
    """Return the mark of a login name."""
    return mark_of(f"login {folded_value(login)}")


def hidden_for_all(config: Config) -> frozenset[str]:
    """Return the attributes, in lower case, that `directory.visibility.hidden` hides of every person."""
    known = known_names(config.ldap.mapping.person)
    return frozenset(
        name for word in config.directory.visibility.hidden for name in known.get(word.lower(), {word.lower()})
    )


def content_of(config: Config) -> frozenset[str]:
    """Return the attributes of a person, in lower case, that are content and not only said for a decision."""
    return frozenset(lowered((*config.ldap.mapping.person.names_of(fields_of(config)), *filter_attributes(config))))


def fields_of(config: Config) -> tuple[str, ...]:
    """Return the fields of the mapping that are read of a person."""
    return (*PERSON_FIELDS, "language", *(("login", "member_filter") if config.directory.groups else ()))


def filter_attributes(config: Config) -> tuple[str, ...]:
    """Return the attributes that filters of phonebooks compare."""
    books = config.directory.phonebooks
    return tuple(sorted({name for book in books if book.filter for name in names_in(parse_filter(book.filter))}))


def known_names(person: PersonAttributes) -> dict[str, frozenset[str]]:
    """Return what can be hidden: each word of the mapping and each attribute, to attributes; all in lower case."""
    fields = [field for field in type(person).model_fields if field not in _CONTROLS]
    known = {name: frozenset({name}) for name in lowered(person.names_of(fields))}
    for field in fields:
        known[field] = known.get(field, frozenset()) | frozenset(lowered(getattr(person, field)))
    caller_id = frozenset(lowered(person.caller_id))
    for name in ("extension", *lowered(person.extension)):  # the caller id says it again
        known[name] |= caller_id
    return known


def lowered(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return attribute names as entries have them."""
    return tuple(name.lower() for name in names)
