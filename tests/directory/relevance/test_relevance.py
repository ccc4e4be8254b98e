"""Whom people find: each line of queries.txt over the directory of people.ldif, of values.txt over values.ldif."""

import unicodedata
from functools import cache

import pytest

from services.directory.belonging import department_terms, site_terms
from services.directory.callers import Caller
from services.directory.contacts import shown_name
from services.directory.paging import Step
from services.directory.search import Request, Search
from services.directory.words import parse_query
from shared.config import Provision
from shared.ldap.mapping import PersonAttributes
from shared.people import Person, person_from
from tests.directory.desk import Mirror, configuration
from tests.directory.relevance.table import Answer, Line, StepName, complaints, parse_line, read_lines, read_people

LINES = read_lines()
VALUE_LINES = read_lines("values")
STEPS: dict[Step, StepName] = {Step.WORDS: "", Step.PARTS: "part", Step.NEAR: "near", Step.SOUNDS: "sounds"}


@pytest.fixture(scope="module")
def mirror() -> Mirror:
    """The site is in Paris: its phones, and the sounds of its names, are French."""
    config = configuration().model_copy(update={"provision": Provision(language="fr")})
    return Mirror(config).load(read_people())


@pytest.mark.parametrize("line", [pytest.param(line, id=line.title) for line in LINES])
def test_people_find_whom_they_mean(mirror: Mirror, line: Line) -> None:
    asked = Request(parse_query(line.query), caller=caller_of(line.caller))
    step, found, total = Search(mirror.config).explain(mirror.db, asked, 1000)
    rows = [Answer(unicodedata.normalize("NFC", row.name), row.label, row.telephone) for row, _ in found]
    assert total == len(rows)
    assert complaints(line, rows, STEPS[step]) == [], f"queries.txt:{line.number}, {line.heading}"


@pytest.fixture(scope="module")
def values_mirror() -> Mirror:
    """A directory whose attributes have several values, and which shows other names than cn."""
    return Mirror(configuration()).load(read_people("values"))


@pytest.mark.parametrize("line", [pytest.param(line, id=line.title) for line in VALUE_LINES])
def test_people_are_found_under_every_value(values_mirror: Mirror, line: Line) -> None:
    step, found, total = Search(values_mirror.config).explain(values_mirror.db, Request(parse_query(line.query)), 1000)
    rows = [Answer(row.name, row.label, row.telephone) for row, _ in found]
    assert total == len(rows)
    assert complaints(line, rows, STEPS[step]) == [], f"values.txt:{line.number}, {line.heading}"


def caller_of(uid: str) -> Caller | None:
    """The owner of the phone that asks, as the service knows the owner of a phone by its MAC address."""
    if not uid:
        return None
    person = persons()[uid]
    return Caller(site_terms(person.sites), department_terms(person.departments), "")


@cache
def persons() -> dict[str, Person]:
    return {entry.attributes["uid"][0]: person_from(entry, PersonAttributes()) for entry in read_people()}


def test_the_suite_is_large_and_names_only_people_of_its_directory() -> None:
    assert len(LINES) >= 200
    names = {unicodedata.normalize("NFC", shown_name(person)) for person in persons().values()}
    assert {wanted.name for line in LINES for wanted in line.everybody} <= names


def test_callers_of_the_suite_are_people_of_its_directory() -> None:
    assert {line.caller for line in LINES} <= persons().keys() | {""}


def test_no_line_asks_twice() -> None:
    for lines in (LINES, VALUE_LINES):
        asked = [(line.query, line.caller) for line in lines]
        assert [one for one in dict.fromkeys(asked) if asked.count(one) > 1] == []


def test_a_wrong_answer_is_complained_of() -> None:
    jean, alice = Answer("Dupin, Jean", "", "1002"), Answer("Martin, Alice", "", "1001")
    home = Answer("Martin, Alice", "home", "00199007001")
    line = parse_line(1, "", "x | Dupin, Jean; Martin, Alice =1001 | Martin, Alice (home) | Roux, Camille")
    assert complaints(line, [jean, alice, home], "") == []
    assert complaints(line, [alice, jean, home], "") == [
        "1. is Martin, Alice =1001, not Dupin, Jean",
        "2. is Dupin, Jean =1002, not Martin, Alice =1001",
    ]
    assert complaints(line, [jean, alice], "") == ["Martin, Alice (home) is missing"]
    assert complaints(line, [jean, alice, home, home], "") == ["Martin, Alice =00199007001 stands there twice"]
    assert complaints(line, [jean, alice, home, Answer("Roux, Camille", "", "1")], "") == ["Roux, Camille was found"]
    assert complaints(line, [jean, alice, home], "near") == ["the step is 'near', not ''"]
    assert complaints(parse_line(1, "", "x | nobody"), [jean], "") == ["Dupin, Jean was found"]
    alone = parse_line(1, "", "x | Dupin, Jean | | * | part")
    assert complaints(alone, [jean, alice], "part") == ["Martin, Alice was found"]
