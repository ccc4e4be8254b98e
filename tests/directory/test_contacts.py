"""From a person to the rows of a phonebook."""

import pytest

from services.directory.contacts import LONGEST_NAME, contacts_of, shown_name
from shared.dialling import Dialler
from shared.ldap.entry import Entry
from shared.ldap.mapping import PersonAttributes
from shared.numbers import NumberReader
from shared.people import Person, person_from
from tests.directory.desk import configuration, person

NAMES = PersonAttributes()
NUMBERS = NumberReader(configuration().numbers)


def rows(entry: Entry) -> list[tuple[str, str, str]]:
    contacts, _ = contacts_of(person_from(entry, NAMES), NUMBERS)
    dialler = Dialler(configuration().numbers)
    return [(contact.name, contact.label, dialler.dial(contact.telephone)) for contact in contacts]


def named(display_name: str, surname: str, given_name: str = "") -> str:
    return shown_name(Person("", "", display_name, surname, given_name, ()))


@pytest.mark.parametrize(
    ("display_name", "surname", "shown"),
    [
        ("Jean Dupin", "Dupin", "Dupin, Jean"),
        ("Dupin Jean", "Dupin", "Dupin, Jean"),
        ("Dupin, Jean", "Dupin", "Dupin, Jean"),
        ("Jean DUPIN", "Dupin", "DUPIN, Jean"),
        ("Élodie Lefevre", "Lefèvre", "Lefevre, Élodie"),
        ("Anna van der Berg", "van der Berg", "van der Berg, Anna"),
        ("Jean Dupin", "Durand", "Jean Dupin"),
        ("Jean-Dupin", "Dupin", "Jean-Dupin"),
        ("Accueil", "Accueil", "Accueil"),
        ("Salle 12", "", "Salle 12"),
        ("Martin Martin", "Martin", "Martin, Martin"),
        ("  Jean\tDupin\n", "Dupin", "Dupin, Jean"),
        ("Jean\x00\x1b\u202e\ufffeDupin", "Dupin", "Dupin, Jean"),
    ],
)
def test_the_surname_comes_first(display_name: str, surname: str, shown: str) -> None:
    assert named(display_name, surname) == shown


def test_without_a_display_name_the_parts_are_put_together() -> None:
    assert named("", "Dupin", "Jean") == "Dupin, Jean"
    assert named("", "Dupin") == "Dupin"
    assert named("", "", "Jean") == "Jean"


def test_a_long_name_is_cut() -> None:
    assert len(named("x" * 1000, "")) == LONGEST_NAME


def test_each_number_is_a_row_in_the_order_of_types_and_labelled() -> None:
    entry = person(
        "jean",
        "Jean Dupin",
        "Dupin",
        mobile=("06 39 98 10 60", "06 39 98 10 61"),
        homePhone="01 99 00 60 11",
        telephoneNumber="+33 1 99 00 20 10",
        AstAccountName="1002",
    )
    assert rows(entry) == [
        ("Dupin, Jean", "", "1002"),
        ("Dupin, Jean", "work", "00199002010"),
        ("Dupin, Jean", "mobile", "00639981060"),
        ("Dupin, Jean", "mobile 2", "00639981061"),
        ("Dupin, Jean", "home", "00199006011"),
    ]


def test_an_office_number_needs_no_label_where_there_is_no_extension() -> None:
    entry = person("jean", "Jean Dupin", "Dupin", telephoneNumber=("01 99 00 20 10", "01 99 00 20 11"))
    assert [label for _, label, _ in rows(entry)] == ["", "work 2"]


def test_one_number_in_two_attributes_is_one_row() -> None:
    entry = person("jean", "Jean Dupin", "Dupin", telephoneNumber="06 39 98 10 60", mobile="+33 639981060")
    assert rows(entry) == [("Dupin, Jean", "", "00639981060")]


def test_what_cannot_be_dialled_is_counted() -> None:
    entry = person("jean", "Jean Dupin", "Dupin", mobile=("*21*1001#", "appeler l'accueil", "1001 / 1002"))
    contacts, undialable = contacts_of(person_from(entry, NAMES), NUMBERS)
    assert [contact.telephone for contact in contacts] == ["1001", "1002"]
    assert undialable == 2


def test_without_any_name_the_number_is_shown() -> None:
    assert rows(person("x", "")) == [("1001", "", "1001")]
