"""From a query to a page: reads the tables in one snapshot, never more than a bounded number of rows. No HTTP, no XML.

One question to the index says whether a page holds all; then those rows are read, ranked and shown. Where there are more,
the answer is one class after the other (`matching.Rule`; in each the caller's own department first, then the own site). How
many rows a menu has to share out decides how: up to 2,048 places are read and cut into ranges of whole books; beyond that
the places are cut evenly into at most twelve ranges, without counting what lies between. So one letter costs the same among
a thousand people and among a million. A menu that has fewer lines than there are classes ends with a line for the rest.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from services.directory.callers import Caller
from services.directory.labels import Labels
from services.directory.languagenames import TERM, name_at
from services.directory.matches import Found, Matches, ranges_of
from services.directory.matching import Match, Plan, Rule
from services.directory.paging import (
    EVERYTHING,
    LAST_PLACE,
    MENUS,
    Book,
    Ends,
    Item,
    Layout,
    Links,
    Menu,
    Page,
    Row,
    Span,
    Step,
    items_of,
    labels_of,
    share_out,
)
from services.directory.phonebooks import restriction
from services.directory.plans import Planner
from services.directory.vocabulary import Vocabulary
from services.directory.words import Query
from shared.config import Config
from shared.dialling import Dialler
from shared.numbers import NumberReader
from shared.sections.directory import Phonebook

_LINKS_OF_A_PAGE: Final = 2
"""Lines that `previous` and `next` take of a mixed page."""
_NOTE: Final = 1
"""Line of a page that says by which step it was found."""
_OWN_DEPARTMENT, _OWN_SITE, _OTHERS = range(3)


@dataclass(frozen=True, slots=True)
class Request:
    """What a phone asks. `book`: None for everyone; `caller`: None for a phone that nobody is known to own."""

    query: Query
    span: Span = EVERYTHING
    layout: Layout = MENUS
    book: Phonebook | None = None
    caller: Caller | None = None


class Hit(NamedTuple):
    """A row, why it was found (one match for each typed word) and how near to the caller: 0 department, 1 site, 2 others."""

    found: Found
    matches: tuple[Match, ...]
    nearness: int


@dataclass(frozen=True, slots=True)
class _Class:
    """Rows of one rank: `code` is that of links."""

    code: int
    matches: Matches


class Search:
    """Finds pages in the tables of the directory service, as the configuration reads and dials numbers."""

    def __init__(self, config: Config) -> None:
        numbers = NumberReader(config.numbers)
        self.dialler = Dialler(config.numbers)
        self.labels = Labels(config)
        self.planner = Planner(numbers, config.phonebook_language)
        self.public_url = config.directory.public_url

    def find_page(self, db: sqlite3.Connection, asked: Request) -> Page:
        """Return the rows of a span, or the menu that leads to them; the query is not empty. Raises `SearchTooLong`."""
        return _Answer(db, asked, self).page()

    def find_rows(self, db: sqlite3.Connection, asked: Request, limit: int) -> tuple[list[Row], int]:
        """Return the first rows of all, in the order of pages, and how many there are."""
        answer = _Answer(db, asked, self)
        _, hits, total = answer.hits(limit)
        return [answer.row(hit.found) for hit in hits], total

    def explain(self, db: sqlite3.Connection, asked: Request, limit: int) -> tuple[Step, list[tuple[Row, Hit]], int]:
        """Return the step that found something, the first rows with why they were found, and how many there are."""
        answer = _Answer(db, asked, self)
        step, hits, total = answer.hits(limit)
        return step, [(answer.row(hit.found), hit) for hit in hits], total


class _Answer:
    """One request being answered."""

    def __init__(self, db: sqlite3.Connection, asked: Request, search: Search) -> None:
        self._db = db
        self._asked = asked
        self._planner = search.planner
        self._dialler = search.dialler
        self._labels = search.labels
        self._public_url = search.public_url
        self._location = asked.caller.location if asked.caller else ""
        self._language = asked.caller.language if asked.caller else ""
        self._restriction = restriction(asked.book, asked.caller) if asked.book else ""
        self._own = _own_terms(asked.caller)

    def page(self) -> Page:
        span, vocabulary = self._asked.span, Vocabulary(self._db)
        if span.rank >= 0:
            plan = self._planner.plan(vocabulary, self._asked.query, self._location, span.step)
            return self._part(plan, span) if plan.asked else Book(())
        for plan in self._planner.plans(vocabulary, self._asked.query, self._location):
            page = self._whole(plan)
            if page is not None:
                return page
        return Book(())

    def hits(self, limit: int) -> tuple[Step, list[Hit], int]:
        for plan in self._planner.plans(Vocabulary(self._db), self._asked.query, self._location):
            classes = list(self._classes(plan))
            total = sum(each.matches.count() for each in classes)
            if total:
                hits = [hit for hit in map(self._judge(plan), self._first(classes, limit)) if hit]
                return plan.step, sorted(hits, key=_order) if total <= self._lines(plan) else hits, total
        return Step.WORDS, [], 0

    def row(self, found: Found) -> Row:
        name = found.name
        if self._language and f" {TERM} " in found.terms:
            name = name_at(self._db, found.place, self._language) or name
        return Row(name, self._labels.text(found.label), self._dialler.dial(found.telephone, self._location))

    def _whole(self, plan: Plan) -> Page | None:
        lines = self._lines(plan)
        found = Matches(self._db, self._restricted(plan.upto(plan.rules[-1]))).few(lines)
        if found is not None:
            hits = sorted(filter(None, map(self._judge(plan), found)), key=_order)
            return Book(tuple(self.row(hit.found) for hit in hits), step=plan.step) if hits else None
        if self._asked.layout.style != "menu":
            return self._onward(plan, EVERYTHING._replace(rank=0, step=plan.step, way="onward"))
        return self._menu(plan, list(self._classes(plan)), EVERYTHING)

    def _part(self, plan: Plan, span: Span) -> Page:
        if span.way == "onward":
            return self._rest(plan, span) if self._asked.layout.style == "menu" else self._onward(plan, span)
        if span.way == "back":
            return self._back(plan, span)
        classes = [each for each in self._classes(plan, span) if each.code == span.rank]
        lines = self._lines(plan)
        rows = [row for each in classes for row in each.matches.rows(lines + 1)]
        if len(rows) <= lines:
            return Book(tuple(map(self.row, rows)), step=plan.step)
        return self._menu(plan, classes, span) or Book((), step=plan.step)

    def _rest(self, plan: Plan, span: Span) -> Page:
        """Return the classes that a menu had no lines for."""
        classes = [each for each in self._classes(plan) if each.code >= span.rank]
        return self._menu(plan, classes, EVERYTHING) or Book((), step=plan.step)

    def _menu(self, plan: Plan, classes: Sequence[_Class], span: Span) -> Page | None:
        rows = self._lines(plan)
        held = [(each, places) for each in classes if (places := each.matches.places())]
        if sum(len(places) for _, places in held) <= rows:
            found = self._first([each for each, _ in held], rows)
            return Book(tuple(map(self.row, found)), step=plan.step) if found else None
        items: list[Item] = []
        links = self._links(plan)
        lines = rows
        rest: list[tuple[_Class, list[str]]] = []
        if len(held) > rows:
            lines = rows - 1
            held, rest = held[:lines], held[lines:]
        shares = share_out([-(-len(places) // rows) for _, places in held], lines)
        for (each, places), share in zip(held, shares, strict=True):
            ranges = list(ranges_of(each.matches, places, share, rows))
            names = each.matches.names([place for ends in ranges for place in ends])
            named = [Ends(first, names[first], names[last]) for first, last in ranges]
            items += items_of(named, span._replace(rank=each.code, step=plan.step), links)
        if rest:
            items.append(self._item_of(rest, links.to(Span(0, LAST_PLACE, rest[0][0].code, plan.step, "onward"))))
        return Menu(tuple(items), step=plan.step)

    def _item_of(self, rest: Sequence[tuple[_Class, list[str]]], url: str) -> Item:
        """Return the line that leads to several classes, named by the first row of all and the last one."""
        (_, places), (end, _) = rest[0], rest[-1]
        first, last = int(places[0]), end.matches.last(end.matches.low, end.matches.high)
        names = end.matches.names([first, last])
        (label,) = labels_of([(names[first], names[last])])
        return Item(label, url)

    def _onward(self, plan: Plan, span: Span) -> Page:
        found: list[tuple[int, Found]] = []
        size = self._size(plan)
        for each in self._classes(plan, span):
            if each.code >= span.rank:
                found += [(each.code, row) for row in each.matches.rows(size + 1 - len(found))]
            if len(found) > size:
                break
        return self._paged(plan, found[:size], following=found[size:])

    def _back(self, plan: Plan, span: Span) -> Page:
        found = self._before(plan, span, self._size(plan))
        onward = Span(span.high + 1, LAST_PLACE, span.rank, span.step, "onward")
        return self._paged(plan, found, url=self._links(plan).to(onward))

    def _before(self, plan: Plan, span: Span, limit: int) -> list[tuple[int, Found]]:
        found: list[tuple[int, Found]] = []
        for each in reversed(list(self._classes(plan, span))):
            if each.code <= span.rank and len(found) < limit:
                rows = each.matches.rows(limit - len(found), backwards=True)
                found += [(each.code, row) for row in rows]
        return found[::-1]

    def _paged(
        self, plan: Plan, found: Sequence[tuple[int, Found]], following: Sequence[tuple[int, Found]] = (), url: str = ""
    ) -> Book:
        links, previous = self._links(plan), ""
        if following:
            code, row = following[0]
            url = links.to(Span(row.place, LAST_PLACE, code, plan.step, "onward"))
        if found:
            code, row = found[0]
            back = Span(0, row.place - 1, code, plan.step, "back")
            previous = links.to(back) if self._before(plan, back, 1) else ""
        return Book(tuple(self.row(row) for _, row in found), previous=previous, next=url, step=plan.step)

    def _classes(self, plan: Plan, span: Span = EVERYTHING) -> Iterator[_Class]:
        """Yield the classes of a plan in order; the places of a span bound the class that it names."""
        for rule in plan.rules:
            for nearness in (_OWN_DEPARTMENT, _OWN_SITE, _OTHERS) if any(self._own) else (_OTHERS,):
                expression = self._nearer(plan.only(rule), nearness)
                if not expression:
                    continue
                code = 3 * rule + nearness
                low, high = (span.low, span.high) if code == span.rank else (0, LAST_PLACE)
                yield _Class(code, Matches(self._db, self._restricted(expression), low, high))

    def _nearer(self, expression: str, nearness: int) -> str:
        """Return the expression for those rows only that are so near to the caller, "" where there cannot be any."""
        nearer = [f'"{term}"' for terms in self._own[:nearness] for term in terms]
        if nearness < _OTHERS:
            own = [f'"{term}"' for term in self._own[nearness]]
            expression = f"({expression}) AND ({' OR '.join(own)})" if own else ""
        return f"({expression}) NOT ({' OR '.join(nearer)})" if nearer and expression else expression

    def _restricted(self, expression: str) -> str:
        return f"({expression}) AND {self._restriction}" if self._restriction else expression

    def _judge(self, plan: Plan) -> "_Judge":
        return _Judge(plan, self._own)

    def _first(self, classes: Sequence[_Class], limit: int) -> list[Found]:
        found: list[Found] = []
        for each in classes:
            if len(found) < limit:
                found += each.matches.rows(limit - len(found))
        return found

    def _lines(self, plan: Plan) -> int:
        """Return how many rows or items fit on a page beside the note."""
        return self._asked.layout.rows - (_NOTE if plan.step != Step.WORDS else 0)

    def _size(self, plan: Plan) -> int:
        """Return how many rows fit on one of several pages."""
        mixed = self._asked.layout.style == "mixed"
        return max(1, self._lines(plan) - (_LINKS_OF_A_PAGE if mixed else 0))

    def _links(self, plan: Plan) -> Links:
        book, layout = self._asked.book, self._asked.layout
        path = f"/b{book.slot}" if book and not (book.slot == 1 and book.kind == "everyone") else ""
        return Links(self._public_url, path, plan.query, layout.longest_url)


@dataclass(frozen=True, slots=True)
class _Judge:
    """Says why a row was found, or None where the index only made it likely."""

    plan: Plan
    own: tuple[tuple[str, ...], tuple[str, ...]]

    def __call__(self, found: Found) -> Hit | None:
        matches = self.plan.matches(found.terms, found.digits)
        if not matches:
            return None
        for nearness, terms in enumerate(self.own):
            if any(f" {term} " in found.terms for term in terms):
                return Hit(found, matches, nearness)
        return Hit(found, matches, _OTHERS)


def _own_terms(caller: Caller | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if caller is None:
        return (), ()
    return caller.departments, caller.sites


def _order(hit: Hit) -> tuple[Rule, int, int, int]:
    """By class, then by the words that fit better, then by place."""
    rules = [match.rule for match in hit.matches]
    return max(rules), hit.nearness, sum(rules), hit.found.place
