"""Whom people find: each line of queries.txt over the directory of people.ldif."""

import unicodedata

from services.directory.contacts import shown_name
from shared.ldap.mapping import PersonAttributes
from shared.people import person_from
from tests.directory.relevance.table import Answer, complaints, parse_line, read_lines, read_people

LINES = read_lines()


def test_the_suite_is_large_and_names_only_people_of_its_directory() -> None:
    assert len(LINES) >= 200
    shown = {shown_name(person_from(entry, PersonAttributes())) for entry in read_people()}
    names = {unicodedata.normalize("NFC", name) for name in shown}
    assert {wanted.name for line in LINES for wanted in line.everybody} <= names


def test_callers_of_the_suite_are_people_of_its_directory() -> None:
    uids = {entry.attributes["uid"][0] for entry in read_people()}
    assert {line.caller for line in LINES} <= uids | {""}


def test_no_line_asks_twice() -> None:
    asked = [(line.query, line.caller) for line in LINES]
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
