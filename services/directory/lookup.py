"""What the directory key would find, for the command line: rows instead of pages, and why each one was found."""

from dataclasses import dataclass
from typing import NamedTuple

from services.directory.callers import find_caller
from services.directory.matching import Match, Rule
from services.directory.paging import Row, Step
from services.directory.phonebooks import books_of
from services.directory.search import Hit, Request, Search
from services.directory.words import parse_query
from shared.config import Config
from shared.mac import Mac
from shared.store import Reader


class Reason(NamedTuple):
    """Why a row was found. `matches`: for each typed word the rule, and the row's own word or number by which it holds.

    `nearness`: 0 the caller's own department, 1 the own site, 2 neither.
    """

    matches: tuple[Match, ...]
    nearness: int

    @property
    def rule(self) -> Rule:
        """The row's class: the worst rule that it needs."""
        return max(match.rule for match in self.matches)


@dataclass(frozen=True, slots=True)
class Found:
    """The first rows, how many there are in all, the step that found them, and the reason for each row."""

    rows: tuple[Row, ...]
    total: int
    step: Step = Step.WORDS
    reasons: tuple[Reason, ...] = ()


def find_rows(
    config: Config, reader: Reader, query: str, limit: int, *, mac: Mac | None = None, slot: int = 0
) -> Found:
    """Return what a query finds, at most `limit` rows; nothing for an empty query. Raises `StoreUnavailable`.

    `mac`: of the phone that asks; `slot`: of the phonebook, 0 for everyone's.
    """
    asked = parse_query(query)
    if not asked.words:
        return Found((), 0)
    book = next((book for book in books_of(config) if book.slot == slot), None)
    with reader.snapshot() as db:
        request = Request(asked, book=book, caller=find_caller(db, mac) if mac else None)
        step, hits, total = Search(config).explain(db, request, limit)
    return Found(tuple(row for row, _ in hits), total, step, tuple(reason_of(hit) for _, hit in hits))


def reason_of(hit: Hit) -> Reason:
    """Return why a row was found, each match with the row's whole word or number."""
    return Reason(tuple(match._replace(term=_term(match, hit)) for match in hit.matches), hit.nearness)


def _term(match: Match, hit: Hit) -> str:
    """Return the row's whole term that a match found only the beginning of; of a part of a number, the number."""
    if match.rule == Rule.NUMBER_PART:
        return hit.found.digits
    begins = match.term.strip()
    return next((term for term in hit.found.terms.split() if term.startswith(begins)), begins)
