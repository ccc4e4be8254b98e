"""The phonebooks of the configuration, and what a search in one is restricted to."""

import pytest
from pydantic import ValidationError

from services.directory.belonging import belonging_terms, department_terms, site_terms
from services.directory.callers import Caller
from services.directory.phonebooks import FilterBooks, books_of, restriction
from shared.config import Config, Phonebook
from shared.ldap.entry import Entry
from shared.people import Person
from tests.directory.desk import configuration

(LYON,) = site_terms(["Lyon"])
SALES, STORES = department_terms(["Sales", "Stores"])
CALLER = Caller((LYON,), (SALES, STORES), "")
STRANGER = Caller((), (), "")


def books(*phonebooks: dict[str, object]) -> Config:
    return configuration(phonebooks=phonebooks)


def test_without_a_setting_there_is_one_phonebook_of_everyone() -> None:
    (book,) = books_of(configuration())
    assert (book.slot, book.kind, restriction(book, CALLER)) == (1, "everyone", "")
    assert configuration().directory.phonebook_url(book) == "http://phones.example.org/search?q=#SEARCH"


def test_phonebooks_come_in_the_order_of_their_slots() -> None:
    config = books({"slot": 8}, {"slot": 2, "kind": "my-site"})
    assert [book.slot for book in books_of(config)] == [2, 8]


def test_my_site_and_my_department_ask_for_the_callers_own_terms() -> None:
    assert restriction(Phonebook(slot=2, kind="my-site"), CALLER) == f'"{LYON}"'
    assert restriction(Phonebook(slot=2, kind="my-department"), CALLER) == f'("{SALES}" OR "{STORES}")'


@pytest.mark.parametrize("caller", [None, STRANGER])
def test_a_caller_who_belongs_nowhere_gets_everyone(caller: Caller | None) -> None:
    for kind in ("my-site", "my-department"):
        assert restriction(Phonebook.model_validate({"slot": 2, "kind": kind}), caller) == ""


def test_a_group_and_a_filter_ask_for_what_the_mirror_found_whoever_calls() -> None:
    group = Phonebook(slot=3, kind="group", group="cn=sales,dc=example,dc=org")
    assert {restriction(group, caller) for caller in (None, CALLER)} == {'"==b3"'}
    assert restriction(Phonebook(slot=4, kind="filter", filter="(title=*)"), None) == '"==b4"'


def test_every_phonebook_but_everyone_in_the_first_slot_has_a_path_of_its_own() -> None:
    directory = configuration().directory
    urls = [directory.phonebook_url(book) for book in (Phonebook(slot=2), Phonebook(slot=1, kind="my-site"))]
    assert urls == [f"http://phones.example.org/b{slot}/search?q=#SEARCH" for slot in (2, 1)]


def test_a_name_is_chosen_by_language_then_english_then_any() -> None:
    names = Phonebook.model_validate({"slot": 1, "name": {"fr": "Ventes", "en": "Sales"}})
    assert [names.name_in(language) for language in ("fr", "de")] == ["Ventes", "Sales"]
    assert Phonebook.model_validate({"slot": 1, "name": {"fr": "Ventes"}}).name_in("de") == "Ventes"
    assert Phonebook(slot=1, name="Verkauf").name_in("fr") == "Verkauf"


@pytest.mark.parametrize(
    ("book", "fault"),
    [
        ({"slot": 9}, "less than or equal to 8"),
        ({"slot": 1, "kind": "group"}, "group is given if"),
        ({"slot": 1, "filter": "(cn=x)"}, "filter is given if"),
        ({"slot": 1, "kind": "group", "group": "sales"}, "is not a DN"),
        ({"slot": 1, "kind": "filter", "filter": "(cn=x"}, "is not closed"),
        ({"slot": 1, "kind": "filter", "filter": "(cn:caseExactMatch:=x)"}, "knows no matching rules"),
        ({"slot": 1, "name": {"xx": "?"}}, "name"),
    ],
)
def test_a_phonebook_that_cannot_be_is_refused(book: dict[str, object], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        books(book)


def test_two_phonebooks_cannot_have_one_slot() -> None:
    with pytest.raises(ValidationError, match="slot 3 is used twice"):
        books({"slot": 3}, {"slot": 3})


def test_a_filter_lists_whom_it_matches() -> None:
    config = books({"slot": 1}, {"slot": 5, "kind": "filter", "filter": "(&(title=*)(!(l=Lyon)))"})
    found = [
        list(FilterBooks(config).slots(Entry("u", "cn=a", attributes)))
        for attributes in ({"title": ("Head",)}, {"title": ("Head",), "l": ("lyon",)}, {})
    ]
    assert found == [[5], [], []]


def test_a_department_is_one_however_it_is_written() -> None:
    assert department_terms(["R&D  Lyon", "r&d lyon", "", " "]) == department_terms(["R&D LYON"])
    assert site_terms(["Zürich"]) == site_terms(["ZURICH"]) != site_terms(["Zug"])
    assert site_terms([" "]) == ()


def test_a_person_has_the_terms_of_site_departments_and_phonebooks() -> None:
    person = Person("u", "cn=a", "", "", "", (), departments=("Stores", "Sales"), sites=("Lyon",))
    assert belonging_terms(person, [5, 2]) == (LYON, SALES, STORES, "==b2", "==b5")
    assert belonging_terms(person._replace(sites=(), departments=()), []) == ()
