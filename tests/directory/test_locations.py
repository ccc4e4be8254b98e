"""Numbers of a house with several sites: read as each location writes them, dialled as each caller's phone must."""

import ipaddress
import re

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.config import Numbers
from shared.dialling import Dialler
from shared.locations import Locations
from shared.numbers import Dialable, NumberReader, Refusal
from tests.directory.desk import Mirror, configuration, person

HOUSE = Numbers.model_validate(
    {
        "region": "FR",
        "outside_prefix": "0",
        "extension_digits": 4,
        "locations": [
            {
                "name": "Paris",
                "sites": ["Paris", "Saint-Étienne"],
                "networks": ["10.1.0.0/16"],
                "base_number": "+33 1 99 00 2",
                "base_overlap": 1,
                "outside_prefix": "0",
                "exceptions": {"3631": "03631", "+33 1 99 00 60": "7", "+1": "never"},
            },
            {
                "name": "München",
                "sites": ["München"],
                "bases": ["ou=Munich,dc=example,dc=org"],
                "networks": ["10.2.0.0/16", "2001:db8::/32"],
                "region": "DE",
                "area_code": "089",
                "base_number": "+49 89 1234",
                "outside_prefix": "9",
                "least_outside_digits": 6,
            },
            {"name": "Toronto", "region": "US", "area_code": "416", "outside_prefix": "8"},
            {"name": "São Paulo", "region": "BR", "international_prefix": "0015"},
        ],
    }
)
READER = NumberReader(HOUSE)
DIALLER = Dialler(HOUSE)
PLACES = ("", "Paris", "München", "Toronto", "São Paulo")


def dialled(text: str, location: str) -> list[str]:
    """What a caller of each place sends for a number that a person of this location writes."""
    (number,) = READER.read(text, location)
    assert isinstance(number, Dialable), number
    return [DIALLER.dial(number.stored, caller) for caller in PLACES]


@pytest.mark.parametrize(
    ("location", "written", "elsewhere", "paris", "munich", "toronto", "sao_paulo"),
    [
        ("", "1001", "1001", "1001", "1001", "1001", "1001"),  # no base number: the extension is all there is
        ("Paris", "2010", "00199002010", "2010", "90033199002010", "801133199002010", "001533199002010"),
        ("Paris", "+33 1 99 00 20 10", "00199002010", "2010", "90033199002010", "801133199002010", "001533199002010"),
        ("München", "+33 1 99 00 20 10", "00199002010", "2010", "90033199002010", "801133199002010", "001533199002010"),
        ("Paris", "3010", "3010", "3010", "3010", "3010", "3010"),  # not one that the base number reaches
        ("Paris", "112", "112", "112", "112", "112", "112"),
        ("München", "112", "112", "112", "112", "112", "112"),  # an emergency number, though 49 89 1234 112 exists
        ("München", "17", "0004989123417", "0004989123417", "17", "80114989123417", "00154989123417"),
        ("München", "0", "000498912340", "000498912340", "0", "8011498912340", "0015498912340"),
        ("München", "1234-17", "0004989123417", "0004989123417", "17", "80114989123417", "00154989123417"),
        ("München", "(089) 654321", "0004989654321", "0004989654321", "9089654321", "80114989654321", "00154989654321"),
        ("München", "65 43 21", "0004989654321", "0004989654321", "9089654321", "80114989654321", "00154989654321"),
        ("Toronto", "555-0100", "00014165550100", "00014165550100", "90014165550100", "814165550100", "001514165550100"),
        ("Paris", "01 99 00 60 11", "00199006011", "711", "90033199006011", "801133199006011", "001533199006011"),
        ("Paris", "3631", "3631", "03631", "3631", "3631", "3631"),
    ],
)  # fmt: skip
def test_each_caller_dials_as_the_rules_of_the_callers_location_say(
    location: str, written: str, elsewhere: str, paris: str, munich: str, toronto: str, sao_paulo: str
) -> None:
    assert dialled(written, location) == [elsewhere, paris, munich, toronto, sao_paulo]


@pytest.mark.parametrize(
    ("location", "written", "why"),
    [
        ("Paris", "+1 416 555 0100", Refusal.EXCEPTION),
        ("München", "030 12", Refusal.TOO_SHORT),
        ("", "555-0100", Refusal.RANGE),
        ("Paris", "0899 12 34 56", Refusal.PREMIUM),
        ("Toronto", "(900) 555-0100", Refusal.PREMIUM),
    ],
)
def test_what_a_location_does_not_dial_is_left_out(location: str, written: str, why: Refusal) -> None:
    assert READER.read(written, location) == (why,)


def test_a_house_of_one_site_may_have_a_base_number_too() -> None:
    house = Numbers(
        base_number="+33 1 99 00", outside_prefix="0", extension_digits=4, exceptions={"+33 1 99 00 66": "never"}
    )
    reader, dialler = NumberReader(house), Dialler(house)
    (number,) = reader.read("01 99 00 20 10")
    assert isinstance(number, Dialable)
    assert reader.read("2010") == (number._replace(keys=("2010", *number.keys)),)
    assert dialler.dial(number.stored) == "2010"
    assert reader.read("6601") == (Refusal.EXCEPTION,)


def test_never_binds_the_people_of_its_location_only() -> None:
    assert dialled("(416) 555-0100", "Toronto")[1] == "00014165550100"


def test_exceptions_of_the_house_hold_at_every_location() -> None:
    house = Numbers.model_validate(
        {
            "exceptions": {"118218": "never", "+33 825": "never"},
            "locations": [{"name": "Lyon", "exceptions": {"15": "015"}}],
        }
    )
    reader = NumberReader(house)
    for location in ("", "Lyon"):
        assert reader.read("118 218", location) == (Refusal.EXCEPTION,)
        assert reader.read("0825 12 34 56", location) == (Refusal.EXCEPTION,)
    assert [Dialler(house).dial("15", location) for location in ("", "Lyon")] == ["15", "015"]


def test_the_longest_exception_counts() -> None:
    house = Numbers(exceptions={"+33 1": "81", "+33 1 99": "899"})
    assert Dialler(house).dial("+33 199002010 0199002010") == "899002010"


def test_an_extension_and_its_whole_number_are_one() -> None:
    stored = {READER.read(text, "Paris")[0] for text in ("2010", "+33 1 99 00 20 10", "01.99.00.20.10")}
    assert len({number.stored for number in stored if isinstance(number, Dialable)}) == 1
    assert len({number.digits for number in stored if isinstance(number, Dialable)}) == 1


@pytest.mark.parametrize(
    ("dn", "site", "location"),
    [
        ("uid=a,dc=example,dc=org", "", ""),
        ("uid=a,dc=example,dc=org", "PARIS", "Paris"),
        ("uid=a,dc=example,dc=org", "saint-etienne", "Paris"),
        ("uid=a,dc=example,dc=org", "Lyon", ""),
        ("UID=a, OU=munich , dc=Example,dc=org", "", "München"),
        ("uid=a,ou=sales,ou=Munich,dc=example,dc=org", "", "München"),
        ("uid=a,ou=sales,ou=Munich,dc=example,dc=org", "Paris", "Paris"),
        ("uid=a,ou=big munich,dc=example,dc=org", "", ""),
    ],
)
def test_a_person_belongs_to_the_location_of_the_site_else_of_the_nearest_base(
    dn: str, site: str, location: str
) -> None:
    assert Locations(HOUSE).of_person(dn, (site,)) == location


@pytest.mark.parametrize(
    ("address", "location"),
    [("10.1.2.3", "Paris"), ("10.2.0.1", "München"), ("2001:db8::1", "München"), ("10.3.0.1", "")],
)
def test_a_phone_belongs_to_the_location_of_its_network(address: str, location: str) -> None:
    assert Locations(HOUSE).of_address(ipaddress.ip_address(address)) == location


@pytest.mark.parametrize(
    ("location", "typed"),
    [
        ("Paris", "2010 0199002010 00199002010 33199002010 0033199002010 00033199002010 330199002010"),
        ("München", "2010 0033199002010 90033199002010 33199002010 0199002010"),
        ("Toronto", "2010 01133199002010 801133199002010 33199002010"),
    ],
)
def test_a_number_is_found_by_the_beginning_of_any_writing_of_the_callers_location(location: str, typed: str) -> None:
    (number,) = READER.read("2010", "Paris")
    assert isinstance(number, Dialable)
    for writing in typed.split():
        for size in range(1, len(writing) + 1):
            begins = READER.key_prefixes(writing[:size], location)
            assert any(key.startswith(begin) for begin in begins for key in number.keys), writing[:size]


WRITINGS = (
    "0199002010",
    "00199002010",
    "33199002010",
    "0033199002010",
    "00033199002010",
    "+33 (0)1 99 00 20 10",
    "2010",
)


@given(st.sampled_from(WRITINGS), st.data())
def test_a_number_is_found_by_any_three_digits_or_more_of_any_writing(writing: str, data: st.DataObject) -> None:
    (number,) = READER.read("2010", "Paris")
    assert isinstance(number, Dialable)
    digits = re.sub(r"\D", "", writing)
    at = data.draw(st.integers(0, len(digits) - 3))
    typed = digits[at : data.draw(st.integers(at + 3, len(digits)))]
    begins = (*READER.key_prefixes(typed, "Paris"), *READER.part_prefixes(typed, "Paris"))
    is_lead = (
        "000330".find(typed) >= 0 and typed not in number.digits
    )  # all digits stand before the number: too many have them
    assert is_lead or typed in number.digits or any(key.startswith(begin) for begin in begins for key in number.keys)


@given(st.text("0123456789", max_size=2))
def test_two_digits_are_no_part(typed: str) -> None:
    assert READER.part_prefixes(typed) == ()


def test_a_number_is_found_by_its_end_in_its_digits() -> None:
    (number,) = READER.read("17", "München")
    assert isinstance(number, Dialable)
    assert number.digits == "4989123417"
    assert number.keys == ("17", "+4989123417", "089123417")


REGIONS = ("FR", "DE", "GB", "US", "IT", "CH", "ES", "NL", "BE", "AU", "JP", "PL")


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(REGIONS), st.sampled_from(REGIONS), st.sampled_from(["FIXED_LINE", "MOBILE"]))
def test_every_caller_dials_what_libphonenumber_dials_from_there(person: str, caller: str, kind: str) -> None:
    example = phonenumbers.example_number_for_type(person, getattr(phonenumbers.PhoneNumberType, kind))
    assert example is not None
    house = Numbers.model_validate({"locations": [{"name": name, "region": name} for name in REGIONS]})
    (found,) = NumberReader(house).read(
        phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL), person
    )
    assert isinstance(found, Dialable)
    expected = phonenumbers.format_out_of_country_calling_number(example, caller)
    assert Dialler(house).dial(found.stored, caller) == phonenumbers.normalize_digits_only(expected)


@pytest.mark.parametrize(
    ("settings_of_house", "fault"),
    [
        ({"region": "SG"}, "SG has several international prefixes"),
        ({"locations": [{"name": "X", "region": "BR"}]}, "location 'X': BR has several international prefixes"),
        ({"locations": [{"name": "X"}, {"name": "X"}]}, "two locations 'X'"),
        ({"locations": [{"name": ""}]}, "at least 1 character"),
        ({"base_number": "0199002"}, "is not the beginning of a number"),
        ({"base_number": "+49 89 1234"}, "is not a number of FR, which begin with +33"),
        ({"locations": [{"name": "X", "region": "DE", "base_number": "+33 1"}]}, "is not a number of DE"),
        ({"exceptions": {"*21": "15"}}, "is neither a number"),
        ({"exceptions": {"15": "*15"}}, "says neither which digits are dialled nor"),
        ({"base_number": "+33 1 99 00 2", "base_overlap": 7}, "base_overlap"),
        ({"area_code": "(089)"}, "area_code"),
    ],
)
def test_rules_that_cannot_work_are_refused(settings_of_house: dict[str, object], fault: str) -> None:
    with pytest.raises(ValueError, match=re.escape(fault)):
        Numbers.model_validate(settings_of_house)


def test_the_mirror_reads_a_persons_numbers_as_the_persons_location_writes_them() -> None:
    config = configuration().model_copy(update={"numbers": HOUSE})
    mirror = Mirror(config).load(
        [
            person("hans", "Hans Huber", "Huber", l="München", telephoneNumber="65 43 21"),
            person("jean", "Jean Dupin", "Dupin", l="Paris", telephoneNumber="2010"),
        ]
    )
    rows = mirror.db.execute("SELECT name, telephone FROM contacts ORDER BY place").fetchall()
    assert rows == [("Dupin, Jean", "+33 199002010 0199002010"), ("Huber, Hans", "+49 89654321 089654321")]
