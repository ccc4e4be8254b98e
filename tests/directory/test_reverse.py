"""Whose number it is: writings, tails, shared numbers, strangers; without HTTP."""

import sqlite3

import pytest

from services.directory.reverse import LONGEST_NUMBER, ReverseLookup, parse_caller_number
from shared.errors import Malformed
from shared.ldap.entry import Entry
from tests.directory.desk import Mirror, configuration, person

PEOPLE = [
    person(
        "alice",
        "Alice Martin",
        "Martin",
        AstAccountName="1001",
        telephoneNumber="+33 1 99 00 20 10",
        mobile="06 39 98 10 60",
    ),
    person("peter", "Peter Meier", "Meier", telephoneNumber="+49 30 23125001"),
    person("grace", "Grace Hall", "Hall", telephoneNumber="+1 212 555 0142"),
    person("begona", "Begoña Ibáñez", "Ibáñez", telephoneNumber="+34 910 123 456"),
    person("marc", "Marc Andorra", "Andorra", telephoneNumber="+376 712345"),
    person("long", "Seven Digits", "Digits", AstAccountName="1002"),
]


def named(number: str, mirror: Mirror | None = None, **config: str) -> str:
    mirror = mirror or Mirror(configuration(**config)).load(PEOPLE)
    return ReverseLookup(mirror.config).find(mirror.db, parse_caller_number(number)).name


@pytest.mark.parametrize(
    "number",
    [
        "+33 1 99 00 20 10",
        "+33199002010",
        "+33 (0)1 99 00 20 10",
        "0033199002010",
        "33199002010",
        "0199002010",
        "01.99.00.20.10",
        "01-99-00-20-10",
        "01 99 00/20 10",
        "00199002010",
        "00033199002010",
        "sip:0199002010@192.0.2.1",
        "sip:+33199002010@pbx.example.org;user=phone",
        "SIPS:%2B33199002010@pbx.example.org:5061;transport=tls",
        "tel:+33-1-99-00-20-10",
        "<sip:0199002010@192.0.2.1;user=phone>;tag=1",
        '"Somebody Else" <0199002010>',
        "  0199002010 ",
        "٠١٩٩٠٠٢٠١٠",
        "0639981060",
        "+33639981060",
        "1001",
    ],
)
def test_any_writing_of_a_number_names_its_person(number: str) -> None:
    assert named(number) == "Martin, Alice"


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("03023125001", "Meier, Peter"),
        ("23125001", "Meier, Peter"),
        ("3023125001", "Meier, Peter"),
        ("00493023125001", "Meier, Peter"),
        ("493023125001", "Meier, Peter"),
        ("2125550142", "Hall, Grace"),
        ("5550142", "Hall, Grace"),
        ("910123456", "Ibáñez, Begoña"),
        ("9910123456", "Ibáñez, Begoña"),
        ("99002010", "Martin, Alice"),
        ("9900201", ""),
        ("90199002010", "Martin, Alice"),
        ("77770199002010", "Martin, Alice"),
        ("9990033199002010", "Martin, Alice"),
        ("+376712345", "Andorra, Marc"),
        ("00376712345", "Andorra, Marc"),
    ],
)
def test_the_longest_sensible_tail_names_a_person(number: str, name: str) -> None:
    assert named(number) == name


@pytest.mark.parametrize(
    "number",
    [
        "0499002010",  # another area
        "+49199002010",  # another country
        "0049199002010",
        "+44 5550142",
        "002010",  # six digits are everybody's
        "550142",
        "002001",
        "21001",  # extensions only exactly
        "01001",
        "001",
        "100",
        "0000000",
        "712345",
        "+1001",
        "anonymous",
        "sip:anonymous@anonymous.invalid",
        "*211001#",
        "alice 1001",
        "1001 or 1",
        "1001 / 1002",
        '1001")',
        "<>",
        "+",
    ],
)
def test_a_stranger_has_no_name(number: str) -> None:
    assert named(number) == ""


@pytest.mark.parametrize("number", ["", " ", "1" * (LONGEST_NUMBER + 1), "10\n01", "10\x0001"])
def test_what_is_no_caller_id_is_malformed(number: str) -> None:
    with pytest.raises(Malformed):
        parse_caller_number(number)


@pytest.mark.parametrize(
    "number",
    [
        "+33 1\u200c99 00 20 10",
        "\u202a+33199002010\u202c",
        "01\xa099\xa000\xa020\xa010",
        "\ufeff0199002010",
        "+33\u201119\u20119002010",
        "0199002010#",
        "+33199002010#",
        "+33199002010;npdi",
        "tel:+33199002010;npdi;rn=+33199",
        "sip:+33199002010;npdi@192.0.2.1;user=phone",
        "+33199002010;ext=12",
        "Tel. 01 99 00 20 10",
        "01 99 00 20 10 x12",
        "+330199002010",
        "++33199002010",
    ],
)
def test_what_carriers_and_programs_add_to_a_number_does_not_count(number: str) -> None:
    assert named(number) == "Martin, Alice"


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("+39 06 69812345", "+39669812345"),
        ("+39 06 69812345", "0039669812345"),
        ("+39 347 1234567", "+390347 1234567"),
        ("+54 9 11 2345-6789", "+541123456789"),
        ("+54 9 11 2345-6789", "+5491123456789"),
        ("+54 11 2345-6789", "+5491123456789"),
        ("+52 55 1234 5678", "+5215512345678"),
    ],
)
def test_a_digit_that_carriers_leave_out_or_add_hides_nobody(stored: str, asked: str) -> None:
    mirror = Mirror().load([*PEOPLE, person("c", "Carla", telephoneNumber=stored)])
    assert named(asked, mirror) == "Carla"
    assert named(asked[:-1] + str((int(asked[-1]) + 1) % 10), mirror) == ""


def test_a_carrier_digit_names_nobody_where_the_number_as_it_is_asked_is_somebody_else_s() -> None:
    people = [
        person("a", "Anna", telephoneNumber="+54 9 11 2345-6789"),
        person("b", "Bruno", telephoneNumber="+54 11 2345-6789"),
    ]
    mirror = Mirror().load(people)
    assert [named(asked, mirror) for asked in ("+5491123456789", "+541123456789")] == ["Anna", "Bruno"]


def test_an_outside_prefix_that_is_configured_is_read_as_one() -> None:
    assert named("90199002010", outside_prefix="9") == "Martin, Alice"
    assert named("900493023125001", outside_prefix="9") == "Meier, Peter"


def test_a_local_number_is_no_number_of_another_area() -> None:
    people = [person("eva", "Eva Straßer", "Straßer", telephoneNumber="+49 231 25001")]
    mirror = Mirror(configuration(region="DE")).load([*PEOPLE, *people])
    assert named("23125001", mirror) == ""  # it is the end of both
    assert named("23125001", Mirror(configuration(region="DE")).load(PEOPLE)) == "Meier, Peter"


def test_a_tail_of_two_numbers_names_nobody() -> None:
    people = [
        person("a", "Anna", telephoneNumber="+33 1 99 00 20 10"),
        person("b", "Bruno", telephoneNumber="+33 2 99 00 20 10"),
    ]
    mirror = Mirror().load(people)
    assert named("99002010", mirror) == ""
    assert named("199002010", mirror) == "Anna"
    assert named("0299002010", mirror) == "Bruno"


def test_two_countries_that_write_a_number_alike_name_nobody_by_it() -> None:
    people = [
        person("a", "Anna", telephoneNumber="+49 30 23125001"),
        person("b", "Bruno", telephoneNumber="+43 3023125001"),
    ]
    mirror = Mirror().load(people)
    assert named("03023125001", mirror) == ""
    assert named("+433023125001", mirror) == "Bruno"


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["Réception", "Anna Köhler"], "Réception / Köhler, Anna"),
        (["Anna Köhler", "Réception"], "Réception / Köhler, Anna"),
        (["Anna Köhler", "anna köhler"], "Köhler, Anna"),
        (["Zoé", "Anna", "Luc"], "Anna / Luc / Zoé"),
        (["D", "C", "B", "A"], "A / B / C / …"),
    ],
)
def test_a_shared_number_shows_its_names_in_a_fixed_order(names: list[str], shown: str) -> None:
    people = [
        person(f"p{at}", name, name.split(" ")[1] if " " in name else "", telephoneNumber="+33 1 99 00 20 10")
        for at, name in enumerate(names)
    ]
    assert named("0199002010", Mirror().load(people)) == shown


def test_the_number_is_told_in_its_international_form() -> None:
    mirror = Mirror().load(PEOPLE)
    reverse = ReverseLookup(mirror.config)
    for asked, told in [
        ("0199002010", "+33199002010"),
        ("5550142", "+12125550142"),
        ("1001", "1001"),
        ("+33 1 23", "+33123"),
        ("anonymous", ""),
    ]:
        assert reverse.find(mirror.db, parse_caller_number(asked)).number == told


def test_a_number_that_half_a_country_shares_costs_no_more() -> None:
    crowd: list[Entry] = [
        person(f"p{at:03}", f"Person {at:03}", telephoneNumber="+33 1 99 00 20 10") for at in range(300)
    ]
    mirror = Mirror().load(crowd)
    assert named("0199002010", mirror) == "Person 000 / Person 001 / Person 002 / …"


def test_the_question_is_answered_by_an_index() -> None:
    mirror = Mirror().load(PEOPLE)
    asked: list[str] = []
    mirror.db.set_trace_callback(asked.append)
    assert named("0199002010", mirror) == "Martin, Alice"
    mirror.db.set_trace_callback(None)
    assert len(asked) == 1
    assert "contacts_by_tail" in plan_of(mirror.db, asked[0])


def plan_of(db: sqlite3.Connection, question: str) -> str:
    return " ".join(str(row[3]) for row in db.execute(f"EXPLAIN QUERY PLAN {question}"))
