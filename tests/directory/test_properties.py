"""What holds for any directory and any query: documents, links, hidden people."""

import random
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from services.directory.app import create_app
from services.directory.belonging import department_terms, site_terms
from services.directory.callers import Caller
from services.directory.lookup import find_rows
from services.directory.paging import EVERYTHING, Book, Layout, Span, parse_span
from services.directory.reads import reads_of
from services.directory.search import Request, Search
from services.directory.tables import DirectoryTables
from services.directory.words import parse_query
from shared.config import Config, Guard
from shared.ldap.entry import Entry
from shared.ldap.source import Change, Done, Kind, Upsert
from shared.ldap.streams import streams_of
from shared.store import Reader
from shared.writer import Store
from tests.directory.desk import Mirror, TableReader, ask, client_of, configuration, follow, person

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

GIVEN = [
    "Jean-Luc",
    "Zoé",
    "Łukasz",
    "Øyvind",
    "Ayşe",
    "Дмитрий",
    "Ελένη",
    "Anne Marie",
    "Þóra",
    "Çağrı",
    "Jo",
    "Björn",
]
SURNAMES = [
    "Dupin", "O'Brien", "d’Almeida", "Müller", "Weiß", "van 't Hoff", "Œuvrard", "Wójcik", "Гончарова", "Παππάς",
    "Smith-Jones", "de la Tour", "Brzęczyszczykiewicz", "Gonçalves", "İnönü", "Ångström", "Strauß-Köhler", "Ng", "Ødegård",
]  # fmt: skip
TYPED = [
    "a",
    "e",
    "o",
    "du",
    "mar",
    "müll",
    "jean luc",
    "1",
    "10",
    "387",
    "0199",
    "+33",
    "dupim",
    "üü",
    "xyz",
    "o'b",
    "вано",
    "%",
]


@st.composite
def directories(draw: st.DrawFn, most: int = 90) -> list[Entry]:
    """People with any name and title; no two rows of theirs have one number."""
    letters = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
    known = st.tuples(st.sampled_from(GIVEN), st.sampled_from(SURNAMES)).map(" ".join)
    name = st.one_of(known, known, known, letters)
    size = draw(st.one_of(st.integers(0, 6), st.integers(30, most)))
    several = [draw(name) for _ in range(min(size, 12))] or [""]
    dice = random.Random(draw(st.integers(0, 99)))
    return [
        person(
            f"p{at}",
            dice.choice(several),
            dice.choice(["", *SURNAMES[:4]]),
            AstAccountName=f"{1000 + at}",
            telephoneNumber=f"+33 1 99 00 {at // 100:02} {at % 100:02}" if at % 3 == 0 else (),
            mobile=f"+49 171 39200{at:02}" if at % 5 == 0 else (),
            ou=dice.choice(["Ventes", "Technik", ""]),
        )
        for at in range(size)
    ]


QUERIES = st.one_of(st.sampled_from(TYPED), st.sampled_from(SURNAMES), st.text(max_size=20))


@QUICK
@given(directories(), QUERIES, st.sampled_from(["ISO-8859-1", "UTF-8"]))
def test_following_every_link_reaches_each_row_exactly_once(entries: list[Entry], typed: str, charset: str) -> None:
    """`checked` holds each document on the way to its charset, to 32 rows and to URLs of 128 characters without `&`."""
    mirror = Mirror(configuration(charset=charset)).load(entries)
    client = client_of(mirror)
    found = find_rows(mirror.config, TableReader(mirror.db), typed, 10_000)
    assert found.total == len(found.rows)
    reached = list(_numbers(client, _asked(client, typed)))
    assert sorted(reached) == sorted(row.telephone for row in found.rows)
    assert len(set(reached)) == len(reached)


@QUICK
@given(directories(), QUERIES, st.integers(4, 32))
def test_pages_with_next_and_previous_reach_each_row_exactly_once(entries: list[Entry], typed: str, rows: int) -> None:
    profiles = [{"model": "*", "style": "mixed", "rows": rows}]
    mirror = Mirror(configuration(profiles=profiles)).load(entries)
    client = client_of(mirror)
    found = find_rows(mirror.config, TableReader(mirror.db), typed, 10_000)
    pages = list(_pages(client, _asked(client, typed)))
    assert sorted(number for page in pages for number in _own_numbers(page)) == sorted(
        row.telephone for row in found.rows
    )
    assert all(len(page) <= rows for page in pages)
    for before, page in pairwise(pages):
        assert _own_numbers(follow(client, _links(page)[0])) == _own_numbers(before)


CLASSES = ["10", "2", "33", "o", "e", "ve", "99", "387"]
"""What is found for several reasons at once: by name, number, department, keypad."""


@QUICK
@given(directories(200), st.sampled_from(CLASSES), st.integers(4, 6))
def test_a_menu_of_few_lines_reaches_every_class_of_a_caller_who_belongs_somewhere(
    entries: list[Entry], typed: str, rows: int
) -> None:
    mirror = Mirror().load(
        entry._replace(attributes={**entry.attributes, "l": (("Lyon", "Paris")[at % 2],)})
        for at, entry in enumerate(entries)
    )
    search, query = Search(mirror.config), parse_query(typed)
    caller = Caller(site_terms(["Paris"]), department_terms(["Ventes"]), "")

    def reach(span: Span) -> list[str]:
        page = search.find_page(mirror.db, Request(query, span, Layout(rows=rows), caller=caller))
        if isinstance(page, Book):
            assert len(page.rows) <= rows
            return [row.telephone for row in page.rows]
        assert len(page.items) <= rows
        return [number for item in page.items for number in reach(parse_span(urlsplit(item.url).path.split("/")[-1]))]

    found = find_rows(mirror.config, TableReader(mirror.db), typed, 10_000)
    assert sorted(reach(EVERYTHING)) == sorted(row.telephone for row in found.rows)


def _asked(client: FlaskClient, typed: str) -> etree._Element:
    raw = "".join(f"%{byte:02X}" for byte in typed.encode("utf-8", errors="surrogatepass"))
    return ask(client, raw)


def _numbers(client: FlaskClient, document: etree._Element) -> Iterator[str]:
    if document.tag == "ThomsonPhoneBook":
        yield from _own_numbers(document)
    for url in _links(document):
        yield from _numbers(client, follow(client, url))


def _pages(client: FlaskClient, page: etree._Element) -> Iterator[etree._Element]:
    yield page
    while len(page) and page[-1].tag == "MenuItem":
        page = follow(client, _links(page)[-1])
        yield page


def _own_numbers(document: etree._Element) -> list[str]:
    """The numbers of a document's own rows; a row without one only tells something."""
    return [number.text for number in document.iterfind("DirectoryEntry/Telephone") if number.text]


def _links(document: etree._Element) -> list[str]:
    return [url.text or "" for url in document.iterfind("MenuItem/URL")]


# --- hidden people


@contextmanager
def _store(config: Config) -> Iterator[tuple[Store, Path]]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "directory.db"
        with closing(Store(file, DirectoryTables(config), [Kind.PERSON], secrets=(), guard=Guard())) as store:
            store.prepare()
            yield store, file


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.sampled_from(["shown", "dialtreeHidden", "nsAccountLock", "excluded", "hide work"]),
        min_size=1,
        max_size=8,
    )
)
def test_a_hidden_person_is_found_by_nothing_and_is_in_no_file(fates: list[str]) -> None:
    config = configuration(visibility={"excluded": ["ou=gone,dc=example,dc=org"]})
    people = [_person(at, fate) for at, fate in enumerate(fates)]
    stream = {stream.kind: stream for stream in streams_of(config.ldap, reads_of(config))}[Kind.PERSON]
    with _store(config) as (store, file):
        answer: list[Change | Done] = [*map(Upsert, [*people, person("last", "Last One")]), Done(b"1", complete=True)]
        store.apply(stream, "ldap://one", None, iter(answer))
        raw = b"".join(part.read_bytes() for part in file.parent.iterdir() if part.is_file()).lower()
        reader = Reader(file, DirectoryTables.name, DirectoryTables.version)
        client = create_app(config, reader).test_client()
        for at, fate in enumerate(fates):
            names, own = _names(at), {f"{20 + at}", f"0019900{9000 + at}"}
            found = [row for typed in (*names, f"019900{9000 + at}") for row in _found(config, reader, typed)]
            named = client.get(f"/lookup?number=019900{9000 + at}").data.decode()
            seen = [name for name in names if name.encode() in raw]
            if fate == "shown":
                assert own <= set(found)
                assert named
                assert seen == names
            elif fate == "hide work":
                assert own & set(found) == {f"{20 + at}"}
                assert (named, f"{9000 + at}".encode() in raw) == ("", False)
            else:
                assert (own & set(found), named, seen) == (set(), "", [])


def _names(at: int) -> list[str]:
    """A given name and a surname that occur nowhere else; near to others they may be."""
    marks = "bdfgklmprt"[at] * 3
    return [f"{marks}quetz{marks}", f"{marks}xylander{marks}"]


def _person(at: int, fate: str) -> Entry:
    name, surname = _names(at)
    flags = {"dialtreeHidden": "TRUE", "nsAccountLock": "TRUE", "hide work": "work"}
    attribute = {"hide work": "dialtreeHide"}.get(fate, fate)
    made = person(
        f"p{at}",
        f"{name} {surname}",
        surname,
        AstAccountName=f"{20 + at}",
        telephoneNumber=f"+33 1 99 00 {9000 + at}",
        **({attribute: flags[fate]} if fate in flags else {}),
    )
    return made._replace(dn=made.dn.replace("ou=people", "ou=gone")) if fate == "excluded" else made


def _found(config: Config, reader: Reader, typed: str) -> list[str]:
    return [row.telephone for row in find_rows(config, reader, typed, 100).rows]
