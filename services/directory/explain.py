"""Why the phonebook shows what it shows, and what it hides, for an administrator at a terminal. Nothing here prints or reads LDAP.

Whom the rules of visibility hide is in no file of this service, so `hidden_from` is given entries fresh from LDAP.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from services.directory.answers import Answer, Asked, Visitor, answer_for, asked_by
from services.directory.callers import Owner, find_owner
from services.directory.contacts import words_of_names
from services.directory.lookup import Reason, reason_of
from services.directory.matching import Match, Rule
from services.directory.paging import Row, Step
from services.directory.phonebooks import books_of
from services.directory.profiles import Profiles, Reading
from services.directory.search import Request, Search
from services.directory.visibility import Rule as HidingRule
from services.directory.visibility import Visibility, content_of
from services.directory.words import Query, parse_query
from shared.batch import find_entries
from shared.config import Config, Phonebook
from shared.errors import Malformed
from shared.ldap.entry import Entry
from shared.ldap.source import Kind
from shared.mac import Mac
from shared.people import Person, person_from
from shared.store import Reader

STEPS: Final = {
    Step.WORDS: "words, their beginnings, numbers and keypad spelling, as typed",
    Step.PARTS: "parts of words, since nothing begins as typed",
    Step.NEAR: "near misses, since nothing holds what was typed",
    Step.SOUNDS: "what sounds alike, since nothing is spelt nearly so",
}
_RULES: Final = {
    Rule.EXACT: "{0} is {1}",
    Rule.BEGINS: "{0} begins {1}",
    Rule.NUMBER_PART: "{0} is a part of the number {1}",
    Rule.ELSEWHERE: "{0} begins a word of company, department or title",
    Rule.SITE: "{0} begins a word of the site",
    Rule.KEYPAD: "{0} spells {1} on the keypad",
    Rule.KEYPAD_BEGINS: "{0} spells the beginning of {1} on the keypad",
    Rule.PART: "{0} is a part of {1}",
    Rule.NEAR: "near miss: {0} ~ {1}, distance 1",
    Rule.NEAR_BEGINS: "near miss: {0} ~ the beginning of {1}, distance 1",
    Rule.FAR: "near miss: {0} ~ {1}, distance 2",
    Rule.SOUND: "{0} sounds like {1}",
}
_NEARNESS: Final = ("; the caller's department, so before others", "; the caller's site, so before others", "")


_HIDES: Final = {
    HidingRule.EXCLUDED: "its DN is at or below one of directory.visibility.excluded",
    HidingRule.FLAG: "its entry has the flag of ldap.mapping.person.hidden",
    HidingRule.DISABLED: "its account is disabled (ldap.mapping.person.disabled)",
    HidingRule.UNCLEAR: "ldap.mapping.person.hide names what is not known, so all of it is hidden",
    HidingRule.FILTER: "it does not pass directory.visibility.filter",
}
_DN_OF: Final = (
    """SELECT e.dn FROM contacts c JOIN entries e ON e.kind = 'person' AND e.uuid = c.person WHERE c.place = ?"""
)


class ExplainedRow(NamedTuple):
    """A row that was found. `stored`: the number as the tables keep it; `row` has what this caller dials."""

    row: Row
    stored: str
    dn: str
    why: str


class Explanation(NamedTuple):
    """A search, and all that it came from."""

    caller: str
    """Who asks, a sentence."""
    book: str
    """Which phonebook, a sentence."""
    step: Step
    rows: tuple[ExplainedRow, ...]
    total: int
    reading: Reading
    """Dialect, profile and what the User-Agent says."""
    answer: Answer
    """The very bytes."""


class HiddenMatch(NamedTuple):
    """An entry that would have been found, or something of one that was, and the rule that hides it, a sentence."""

    dn: str
    why: str


def explain_search(config: Config, reader: Reader, query: str, limit: int, visitor: Visitor, path: str) -> Explanation:
    """Return why a phone gets what it gets. Raises `StoreUnavailable`, and `Malformed` for a path or a slot that is none."""
    asked = asked_by(path)
    if asked is None:
        raise Malformed(f"{path} is no path of a phonebook; write /search, /b2/search or /yealink/search")
    book = _book(config, asked)
    reading = Profiles(config).reading(visitor.user_agent, asked.dialect)
    mac = visitor.mac or reading.phone.mac
    with reader.snapshot() as db:
        owner = find_owner(db, mac) if mac else None
        who = _caller(config, db, mac, owner)
        request = Request(parse_query(query), book=book, caller=owner.caller if owner else None)
        found = Search(config).explain(db, request, limit) if request.query.words else (Step.WORDS, [], 0)
        step, hits, total = found
        rows = tuple(
            ExplainedRow(row, hit.found.telephone, _dn_of(db, hit.found.place), sentence_of(reason_of(hit)))
            for row, hit in hits
        )
    answer = answer_for(config, reader, query, path=path, visitor=visitor)
    return Explanation(who, _book_sentence(book), step, rows, total, reading, answer)


def hidden_from(config: Config, query: str, found: Iterable[tuple[Kind, Entry]]) -> Iterator[HiddenMatch]:
    """Yield what of these entries, as LDAP has them, the query would have found if it were not hidden."""
    visibility, asked, content = Visibility(config), parse_query(query), content_of(config)
    for kind, entry in found:
        if kind is not Kind.PERSON or not _would_match(config, entry, asked):
            continue
        rule = visibility.why(entry)
        if rule is not None:
            yield HiddenMatch(entry.dn, _HIDES[rule])
            continue
        admitted = visibility.admit(kind, entry)
        shown = admitted.attributes if isinstance(admitted, Entry) else {}
        for name in sorted((entry.attributes.keys() & content) - shown.keys()):
            yield HiddenMatch(entry.dn, f"{name} is hidden, by directory.visibility.hidden or by the entry itself")


def sentence_of(reason: Reason) -> str:
    """Return why a row was found and, where it is so, why it stands before others that were found by the same rule."""
    return ", ".join(map(_rule, reason.matches)) + _NEARNESS[reason.nearness]


def _rule(match: Match) -> str:
    return _RULES[match.rule].format(match.typed, match.term)


def _would_match(config: Config, entry: Entry, query: Query) -> bool:
    """Say whether each word begins a word of the name, or stands in a number: less than the search does, enough to explain."""
    person = _person(config, entry)
    words = words_of_names(person)
    digits = ["".join(filter(str.isdigit, number.value)) for number in person.numbers]
    return bool(query.words) and all(
        any(known.startswith(word) for known in words)
        or (word.isdigit() and any(word.lstrip("0") in d for d in digits))
        for word in query.words
    )


def _person(config: Config, entry: Entry) -> Person:
    mapping = config.ldap.mapping
    return person_from(
        entry,
        mapping.person,
        config.phonebook_language,
        accounts=mapping.account,
        extension_digits=config.numbers.longest_extension,
    )


def _book(config: Config, asked: Asked) -> Phonebook | None:
    books = {book.slot: book for book in books_of(config)}
    if asked.slot and asked.slot not in books:
        there = ", ".join(map(str, books))
        raise Malformed(f"there is no phonebook in slot {asked.slot}; directory.phonebooks has {there}")
    return books.get(asked.slot)


def _book_sentence(book: Phonebook | None) -> str:
    if book is None:
        return "everyone"
    what = {"group": f"the group {book.group}", "filter": f"whom {book.filter} lists"}.get(book.kind, book.kind)
    return f"slot {book.slot}: {what}"


def _caller(config: Config, db: sqlite3.Connection, mac: Mac | None, owner: Owner | None) -> str:
    if mac is None:
        return "nobody is known; give --mac to ask as a phone"
    if owner is None:
        return f"{mac}: no entry has this address, or its owner is hidden or no person"
    (entry,) = find_entries(db, Kind.PERSON, [owner.person])
    person = _person(config, entry)
    place = f"site {', '.join(person.sites) or 'unknown'}, departments {', '.join(person.departments) or 'unknown'}"
    return f"{mac} is the phone of {person.dn}: {place}, location {owner.caller.location or 'that of [numbers] itself'}"


def _dn_of(db: sqlite3.Connection, place: int) -> str:
    row = db.execute(_DN_OF, (place,)).fetchone()
    return str(row[0]) if row else ""
