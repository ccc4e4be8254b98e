"""What both services understand in an entry: persons, their numbers, SIP accounts. Pure: no I/O, no Flask, no ldap3."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from shared.callerids import EXTENSION_DIGITS, Extensions, extension_of
from shared.languages import best_tag, preferred_languages
from shared.ldap.descriptions import LANGUAGE, has_options, name_of_key
from shared.ldap.entry import Entry
from shared.ldap.mapping import AccountAttributes, PersonAttributes
from shared.personnames import Names, Shown, has_letter, plain_values, shown_of
from shared.secret import Secret
from shared.text import joined_at_no_break

NumberType = Literal["extension", "work", "mobile", "home"]
NUMBER_TYPES: tuple[NumberType, ...] = ("extension", "work", "mobile", "home")
"""In the order in which a phonebook shows them."""


class Number(NamedTuple):
    """A number as the directory writes it. A named tuple, as `Person`: a first load makes them by the hundred thousand."""

    type: NumberType
    value: str


class Person(NamedTuple):
    """A person; absent names are "". Lists are in the order of the mapping's attributes, sorted within each of them.

    `numbers` is in the order of `NUMBER_TYPES`. `display_name`, `surname` and `given_name` are those of the name to show
    (`shared.personnames`).
    """

    uuid: str
    dn: str
    display_name: str
    surname: str
    given_name: str
    numbers: tuple[Number, ...]
    companies: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()
    """By which the person is found beside the shown name: every other value of every name, in every language."""
    words_in_languages: tuple[str, ...] = ()
    """Companies, departments, titles and sites that only a language knows; found, and shown nowhere."""


_ACCOUNTS: Final = AccountAttributes()
PERSON_FIELDS: Final = (
    "display_name",
    "surname",
    "given_name",
    "phonetic",
    *NUMBER_TYPES,
    "caller_id",
    "company",
    "department",
    "title",
    "site",
)
"""The fields of the mapping that are read of a person."""


@dataclass(frozen=True, slots=True)
class Account:
    """A SIP account; absent values are ""."""

    uuid: str
    dn: str
    user: str
    auth_name: str
    """By which it authenticates; "" where that is the user."""
    extension: str
    """The number that others dial; "" only where there is no user either."""
    secret: Secret
    caller_name: str
    mailbox: str


_NONE: Final = ("",)
_NAMES: Final = ("display_name", "surname", "given_name")
_NOWHERE: Final[Sequence[tuple[str, ...]]] = ((), (), (), ())
_PLACES: Final = ("company", "department", "title", "site")


class PersonReader:
    """Reads persons by one mapping: what is to be looked for is known once, since a first load reads a hundred thousand.

    For an extension that is a SIP user's (`accounts` says in which attribute), see `shared.callerids.Extensions`.
    """

    def __init__(
        self,
        names: PersonAttributes,
        language: str = "",
        *,
        accounts: AccountAttributes = _ACCOUNTS,
        extension_digits: int = EXTENSION_DIGITS,
    ) -> None:
        """`language`: of the phones that the name is shown on, a tag such as `fr-CH`; "": values without a language only."""
        lowered = names.lowered
        self._extensions = Extensions(names, accounts, extension_digits)
        self._caller_ids = frozenset(lowered["caller_id"])
        self._language = language
        self._display, self._surname, self._given_name = (lowered[field] for field in _NAMES)
        self._spelled = dict(zip(self._display, names.display_name, strict=True))
        self._parts = " or ".join((*names.surname, *names.given_name))
        self._phonetic = lowered["phonetic"]
        self._numbers = [(of, lowered[of], lowered[of][0] if len(lowered[of]) == 1 else "") for of in NUMBER_TYPES]
        self._places = [(field, lowered[field]) for field in _PLACES]
        self._named = frozenset((*self._display, *self._surname, *self._given_name))
        self._placed = frozenset(name for _, attributes in self._places for name in attributes)
        self._usual = len({*self._surname, *self._given_name}) == 2 and not self._phonetic  # noqa: PLR2004

    def read(self, entry: Entry, language: str | None = None) -> Person:
        """Read a person as a phone of the reader's language, or another one, shows it; every attribute may be absent."""
        attributes = entry.attributes
        get = attributes.get
        numbers: list[Number] = []
        may_be_user = self._extensions.concern_all or not self._caller_ids.isdisjoint(attributes)
        for of, names, only in self._numbers:
            values = get(only)
            if values is None:
                values = () if only else entry.values(names)
            elif len(values) > 1 or values[0].isspace():
                values = entry.values(names)
            if may_be_user and of == "extension" and values:
                values = self._extensions.of(entry, values)
            for value in values:
                numbers.append(Number(of, value))  # noqa: PERF401  # one value nearly always: a list costs more
        if self._placed.isdisjoint(attributes):
            places: Sequence[tuple[str, ...]] = _NOWHERE
        else:
            places = [entry.values(names) for _, names in self._places]
        if self._usual and ";" not in "".join(attributes):
            usual = self._usual_names(attributes)
            if usual is not None:
                return Person(entry.uuid, entry.dn, *usual, tuple(numbers), *places)
        shown = self._shown(entry, self._language if language is None else language)
        known = {shown.display_name} if shown.display_name else {shown.surname, shown.given_name}
        every = [*self._names_of(entry).all, *entry.values(self._phonetic), *_in_languages(attributes, self._named)]
        every += [joined for name in every for joined in joined_at_no_break(name)]
        others = tuple(dict.fromkeys(name for name in every if name not in known))
        more = _in_languages(attributes, self._placed)
        display_name, surname, given_name, _ = shown
        company, department, title, site = places
        return Person(
            entry.uuid, entry.dn, display_name, surname, given_name, tuple(numbers), company, department, title, site,
            others, more,
        )  # fmt: skip

    def name(self, entry: Entry, language: str = "") -> Shown:
        """Return only which name is shown on phones of a language (the most wanted one of a `preferredLanguage`)."""
        shown = self._shown(entry, next(iter(preferred_languages(language)), ""))
        return shown if shown.attribute else shown._replace(attribute=self._parts)

    def languages(self, entry: Entry) -> tuple[str, ...]:
        """Return the tags of the languages in which the entry has names, sorted; nearly nobody has any."""
        if not has_options(entry.attributes):
            return ()
        keys = (key.partition(LANGUAGE) for key in entry.attributes)
        return tuple(sorted({tag for name, _, tag in keys if tag and name in self._named}))

    def _usual_names(self, attributes: Mapping[str, tuple[str, ...]]) -> tuple[str, str, str] | None:
        """Return the names of an entry that gives one name alone, written in one way; None for any other.

        Nearly all entries are so, and this is much of what a first load costs.
        """
        get = attributes.get
        surnames, given_names, shown = get(self._surname[0], _NONE), get(self._given_name[0], _NONE), ""
        for name in self._display:
            values = get(name)
            if values is not None:
                if len(values) > 1 or (shown and values[0] != shown):
                    return None
                (shown,) = values
        if len(surnames) > 1 or len(given_names) > 1:
            return None
        (surname,), (given_name,) = surnames, given_names
        if shown == f"{given_name} {surname}" or shown in (f"{surname} {given_name}", f"{surname}, {given_name}"):
            is_name = shown.isprintable() and (shown[0].isalpha() or has_letter(shown))
            return (shown, surname, given_name) if is_name else None
        return None

    def _names_of(self, entry: Entry, tag: str = "") -> Names:
        """Return the names of an entry, in a language only where its tag is given."""
        get = entry.attributes.get

        def values(name: str) -> tuple[str, ...]:
            return plain_values(get(f"{name}{LANGUAGE}{tag}" if tag else name, ()))

        display = [(spelled, values(name)) for name, spelled in self._spelled.items()]
        surnames = tuple(value for name in self._surname for value in values(name))
        return Names(display, surnames, tuple(value for name in self._given_name for value in values(name)))

    def _shown(self, entry: Entry, language: str) -> Shown:
        """Return the name in a language, where the entry has a whole one: a surname alone makes none."""
        plain = self._names_of(entry)
        tag = best_tag(language, self.languages(entry)) if language else ""
        if tag:
            own = self._names_of(entry, tag)
            shown = shown_of(own._replace(surnames=own.surnames or plain.surnames), entry.dn)
            if shown.display_name or (own.surnames and own.given_names):
                return shown
        return shown_of(plain, entry.dn)


def _in_languages(attributes: Mapping[str, tuple[str, ...]], names: frozenset[str]) -> tuple[str, ...]:
    """Return the values of these attributes that only a language knows, or only an ear (`;phonetic`); sorted."""
    if not has_options(attributes):
        return ()
    keys = (key for key in attributes if ";" in key and name_of_key(key) in names)
    return plain_values(value for key in keys for value in attributes[key])


def person_from(
    entry: Entry,
    names: PersonAttributes,
    language: str = "",
    *,
    accounts: AccountAttributes = _ACCOUNTS,
    extension_digits: int = EXTENSION_DIGITS,
) -> Person:
    """Read one person; see `PersonReader`."""
    return PersonReader(names, language, accounts=accounts, extension_digits=extension_digits).read(entry)


def account_from(entry: Entry, names: AccountAttributes, extension_digits: int = EXTENSION_DIGITS) -> Account:
    """Read a SIP account; the name is cut out of a caller id such as `"Alice" <1001>`. For the number see `extension_of`."""
    caller_id, user = entry.first(names.caller_id), entry.first(names.user)
    auth_name = entry.first(names.auth_name)
    return Account(
        uuid=entry.uuid,
        dn=entry.dn,
        user=user,
        auth_name="" if auth_name == user else auth_name,
        extension=entry.first(names.extension) or extension_of(caller_id, user, extension_digits),
        secret=Secret(entry.first(names.secret)),
        caller_name=caller_name_of(caller_id),
        mailbox=entry.first(names.mailbox),
    )


def caller_name_of(caller_id: str) -> str:
    r"""Return the name in a caller id such as `"Alice \"Ali\" Martin" <1001>`; "" where it has none."""
    name = re.sub(r"\s*<[^<>]*>\s*$", "", caller_id).strip()
    if len(name) > 1 and name.startswith('"') and name.endswith('"'):
        return re.sub(r"\\(.)", r"\1", name[1:-1]).strip()
    return name.strip('"')
