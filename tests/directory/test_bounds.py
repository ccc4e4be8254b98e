"""No person costs more than thousands of usual ones, whatever the entry holds."""

import random

import pytest

from services.directory.contacts import LONGEST_NUMBER, MOST_ROWS, Contact, contacts_of
from services.directory.lint import lint
from services.directory.tables import DirectoryTables
from shared.ldap.entry import Entry
from shared.ldap.mapping import PersonAttributes
from shared.ldap.source import Kind
from shared.numbers import NumberReader
from shared.people import person_from
from tests.directory.desk import configuration, person

NUMBERS = NumberReader(configuration().numbers)


def numbered(count: int) -> Entry:
    usual = person("a", "Jean Dupin", "Dupin", givenName="Jean")
    numbers = tuple(f"+33 1 99 {number:06}" for number in range(count))
    return usual._replace(attributes={**usual.attributes, "telephonenumber": numbers})


def rows(entry: Entry, most: int = MOST_ROWS) -> tuple[list[Contact], int]:
    return contacts_of(person_from(entry, PersonAttributes()), NUMBERS, most=most)


def size(entry: Entry, most: int) -> int:
    return sum(len("".join(row)) for row in rows(entry, most)[0])


def test_a_person_has_so_many_rows_and_no_more() -> None:
    shown, left_out = rows(numbered(1000))
    assert (len(shown), left_out) == (64, 936)
    assert len(rows(numbered(1000), 7)[0]) == 7


def test_which_rows_those_are_depends_on_no_order() -> None:
    entry = numbered(500)
    values = list(entry.attributes["telephonenumber"])
    random.Random(1).shuffle(values)
    assert rows(entry) == rows(entry._replace(attributes={**entry.attributes, "telephonenumber": tuple(values)}))


def test_what_the_rows_of_a_person_hold_grows_with_their_number_alone() -> None:
    assert size(numbered(1000), 1000) <= 4.1 * size(numbered(250), 1000)


def test_the_sort_key_of_a_person_with_a_usual_count_of_numbers_holds_all_of_them() -> None:
    few, _ = rows(numbered(16))
    assert few[0].sort.count("~") == 16
    many, _ = rows(numbered(17))
    assert many[0].sort.count("~") == 16
    assert many[0].sort.startswith(few[0].sort.rpartition("\x1f")[0])


def test_numbers_beyond_those_in_the_key_tell_persons_apart() -> None:
    one, other = numbered(20), numbered(20)
    changed = (*other.attributes["telephonenumber"][:-1], "+33 1 99 99 99 99")
    other = other._replace(attributes={**other.attributes, "telephonenumber": changed})
    assert rows(one)[0][0].sort != rows(other)[0][0].sort


@pytest.mark.parametrize("attribute", ["cn", "displayname", "title", "departmentnumber", "o", "l"])
def test_names_and_places_without_end_make_rows_of_a_bounded_size(attribute: str) -> None:
    entry = numbered(2)
    values = tuple(f"word{number} other{number} third{number}" for number in range(5000))
    hostile = entry._replace(attributes={**entry.attributes, attribute: values})
    admitted = DirectoryTables(configuration()).admit(Kind.PERSON, hostile)
    assert isinstance(admitted, Entry)
    assert max(len(row.terms) for row in rows(admitted)[0]) < 50_000


@pytest.mark.parametrize(
    "value", ["0199002010 / " * 1000, "1" * 100_000, "/;," * 1000], ids=["list", "digits", "signs"]
)
def test_a_long_value_is_no_number(value: str) -> None:
    entry = person("a", "Jean Dupin", "Dupin", telephoneNumber=value)
    assert rows(entry) == ([], 1)


def test_numbers_that_cannot_be_dialled_are_not_all_read(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = person("a", "Jean Dupin", "Dupin", givenName="Jean")
    values = tuple(f"call me {number}" for number in range(5000))
    read: list[str] = []
    numbers = NumberReader(configuration().numbers)
    original = numbers.read

    def counted(text: str, place: str) -> object:
        read.append(text)
        return original(text, place)

    monkeypatch.setattr(numbers, "read", counted)
    entry = entry._replace(attributes={**entry.attributes, "telephonenumber": values})
    assert contacts_of(person_from(entry, PersonAttributes()), numbers) == ([], 5000)
    assert len(read) <= 8 * 64 + 1


def test_lint_names_who_loses_numbers_and_how_to_keep_them() -> None:
    problems = [(finding.what, finding.problem) for finding in lint(configuration(), [(Kind.PERSON, numbered(300))])]
    assert problems == [
        ("numbers", "there are 256, of which the phonebook shows 64; remove some, or raise directory.rows_per_person"),
        ("telephonenumber", "has 300 values, of which the first 256 in order count; remove some"),
    ]
    more = configuration(rows_per_person=300)
    assert lint(more, [(Kind.PERSON, numbered(200))]) == ()


def test_lint_names_a_value_that_is_too_long() -> None:
    entry = person("a", "Jean Dupin", "Dupin", telephoneNumber="1" * (LONGEST_NUMBER + 1), mobile="+33 6 39 98 10 60")
    (finding,) = lint(configuration(), [(Kind.PERSON, entry)])
    assert finding.what == "telephonenumber"
    assert finding.problem.startswith("'11111111111111111111'… is left out: it is longer than 256 characters")


def test_groups_may_have_any_number_of_members() -> None:
    book = {"slot": 1, "kind": "group", "group": "cn=all,dc=example,dc=org"}
    members = tuple(f"uid=u{number},dc=example,dc=org" for number in range(5000))
    tables = DirectoryTables(configuration(phonebooks=[book]))
    admitted = tables.admit(Kind.GROUP, Entry("g", "cn=all,dc=example,dc=org", {"member": members}))
    assert isinstance(admitted, Entry)
    assert max(map(len, admitted.attributes.values())) == 5000
