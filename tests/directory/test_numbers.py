"""From a written number to what is dialled and searched. The numbers are from ranges that are reserved for fiction."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.config import Numbers
from shared.dialling import Dialler
from shared.locations import DEFAULT, rules_of
from shared.numbering import country_of
from shared.numberkeys import NumberKeys
from shared.numbers import Dialable, LocationReader, NumberReader, Refusal

FRANCE = Numbers(region="FR", outside_prefix="0", extension_digits=4)
PLAIN = Numbers(region="FR", outside_prefix="", extension_digits=4)
GERMANY = Numbers(region="DE", outside_prefix="0", extension_digits=4)
AMERICA = Numbers(region="US", outside_prefix="9", extension_digits=4)


def read(site: Numbers, text: str) -> list[str]:
    """What each number is dialled as at this site, or why not."""
    dialler = Dialler(site)
    found = NumberReader(site).read(text)
    return [number.name if isinstance(number, Refusal) else dialler.dial(number.stored) for number in found]


@pytest.mark.parametrize(
    ("site", "written", "dialled"),
    [
        (FRANCE, "1001", "1001"),
        (FRANCE, " 10 01 ", "1001"),
        (FRANCE, "112", "112"),
        (FRANCE, "01 99 00 20 10", "00199002010"),
        (FRANCE, "+33 1 99 00 20 10", "00199002010"),
        (FRANCE, "0033199002010", "00199002010"),
        (FRANCE, "+33 (0)1 99 00 20 10", "00199002010"),
        (FRANCE, "+33(0)199002010", "00199002010"),
        (FRANCE, "+33 ( 0 ) 1 99 00 20 10", "00199002010"),
        (FRANCE, "tel:+33-1-99-00-20-10", "00199002010"),
        (FRANCE, "01\u00a099\u00a000\u00a020\u00a010", "00199002010"),
        (FRANCE, "٠١٩٩٠٠٢٠١٠", "00199002010"),
        (FRANCE, "+49 (89) 123456", "0004989123456"),
        (FRANCE, "+49 (089) 123456", "0004989123456"),
        (FRANCE, "+49 (0)89 123456", "0004989123456"),
        (FRANCE, "+39 (0)6 12345678", "000390612345678"),  # Italy: the 0 belongs to the number
        (FRANCE, "+39 06 12345678", "000390612345678"),
        (FRANCE, "+34 912 34 56 78", "00034912345678"),
        (FRANCE, "01 99 00 20 10 ext. 5", "00199002010"),
        (FRANCE, "01 99 00 20 10 poste 512", "00199002010"),
        (FRANCE, "+33199002010x5", "00199002010"),
        (PLAIN, "+33 1 99 00 20 10", "0199002010"),
        (PLAIN, "+44 20 7946 0000", "00442079460000"),
        (GERMANY, "(089) 123456", "0089123456"),
        (GERMANY, "089/123456", "0089123456"),
        (GERMANY, "089 / 123456", "0089123456"),
        (AMERICA, "(416) 555-0100", "914165550100"),
        (AMERICA, "+1 416 555 0100", "914165550100"),
        (AMERICA, "+44 20 7946 0000", "9011442079460000"),
    ],
)
def test_one_number_is_dialled_so(site: Numbers, written: str, dialled: str) -> None:
    assert read(site, written) == [dialled]


@pytest.mark.parametrize(
    ("site", "written", "why"),
    [
        (FRANCE, "", Refusal.EMPTY),
        (FRANCE, " - ", Refusal.EMPTY),
        (FRANCE, "alice", Refusal.LETTERS),
        (FRANCE, "0800 FLOWERS", Refusal.LETTERS),
        (FRANCE, "*21*0199002010#", Refusal.FEATURE_CODE),
        (FRANCE, "*21*A#", Refusal.FEATURE_CODE),
        (FRANCE, "*8", Refusal.FEATURE_CODE),
        (FRANCE, "#", Refusal.FEATURE_CODE),
        (FRANCE, "＊21", Refusal.FEATURE_CODE),
        (FRANCE, "99999999999999999999", Refusal.LENGTH),
        (FRANCE, "01 99 00", Refusal.LENGTH),
        (FRANCE, "0001/0002", Refusal.UNCLEAR),
        (FRANCE, "+999 1234567", Refusal.COUNTRY),
        (FRANCE, "1" * 300, Refusal.LENGTH),
        (FRANCE, "118 218", Refusal.LENGTH),
        (FRANCE, "08 99 12 34 56", Refusal.PREMIUM),
        (FRANCE, "+33 899 12 34 56", Refusal.PREMIUM),
        (GERMANY, "0900 5 123456", Refusal.PREMIUM),
        (FRANCE, "+49 900 5 123456", Refusal.PREMIUM),
        (AMERICA, "(900) 555-0100", Refusal.PREMIUM),
        (FRANCE, "+979 1 2345 6789", Refusal.PREMIUM),  # international premium rate service
        (AMERICA, "555-0100", Refusal.NO_AREA_CODE),
    ],
)
def test_what_cannot_be_dialled_is_left_out_with_the_reason(site: Numbers, written: str, why: Refusal) -> None:
    assert read(site, written) == [why.name]


@pytest.mark.parametrize(
    ("site", "written", "dialled"),
    [
        (FRANCE, "1001 / 1002", ["1001", "1002"]),
        (FRANCE, "1001;1002", ["1001", "1002"]),
        (FRANCE, "01 99 00 20 10, 06 39 98 10 60", ["00199002010", "00639981060"]),
        (FRANCE, "01 99 00 20 10 / 11", ["00199002010", "COMPLETION"]),
        (FRANCE, "01 99 00 20 10 / 1002", ["00199002010", "COMPLETION"]),
        (FRANCE, "101 / 1002", ["UNCLEAR"]),
        (FRANCE, "1001 / Accueil", ["UNCLEAR"]),
        (FRANCE, "1001 / *21*1002#", ["FEATURE_CODE"]),
        (GERMANY, "089 123456 / 089 654321", ["0089123456", "0089654321"]),
    ],
)
def test_two_numbers_are_never_joined(site: Numbers, written: str, dialled: list[str]) -> None:
    assert read(site, written) == dialled


@pytest.mark.parametrize(
    ("written", "writings"),
    [
        ("1001", ["1001"]),
        (
            "+33 1 99 00 20 10",
            ["0199002010", "33199002010", "0033199002010", "00199002010", "00033199002010"],
        ),
        ("+49 89 123456", ["4989123456", "004989123456", "0004989123456", "089123456"]),
    ],
)
def test_a_number_is_found_by_the_beginning_of_any_of_its_writings(written: str, writings: list[str]) -> None:
    reader = NumberReader(FRANCE)
    (number,) = reader.read(written)
    assert isinstance(number, Dialable)
    typed = {writing[:size] for writing in writings for size in range(1, len(writing) + 1)}
    others = {digits[:-1] + str((int(digits[-1]) + 1) % 10) for digits in typed}
    for digits in sorted(typed | others):
        found = any(key.startswith(begin) for begin in reader.key_prefixes(digits) for key in number.keys)
        assert found == (digits in typed), digits


EXAMPLES = [
    example
    for region in ("FR", "DE", "GB", "US", "IT", "ES", "CH", "AR", "BR", "HU", "RU", "JP", "AU", "MX", "FI", "SM")
    for kind in (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
    if (example := phonenumbers.example_number_for_type(region, kind)) is not None
]


@st.composite
def written_numbers(draw: st.DrawFn) -> str:
    example = draw(st.sampled_from(EXAMPLES))
    nsn = phonenumbers.national_significant_number(example)
    kept = draw(st.integers(0, len(nsn)))
    nsn = nsn[:kept] + draw(st.text("0123456789", min_size=len(nsn) - kept, max_size=len(nsn) - kept + 1))
    code = example.country_code
    return draw(
        st.sampled_from(
            [
                f"+{code} {nsn}",
                f"+{code} (0){nsn}",
                f"+{code} (0{nsn[:2]}) {nsn[2:]}",
                f"+{code} ({nsn[:2]}) {nsn[2:]}",
                f"00{code}{nsn}",
                phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL),
                f"{code}{nsn}",
                f"0{nsn}",
                f"(0{nsn[:2]}) {nsn[2:5]}-{nsn[5:]}",
                nsn,
            ]
        )
    )


@settings(max_examples=300, deadline=None)
@given(
    written_numbers(),
    st.sampled_from(["FR", "DE", "GB", "US", "IT", "AR", "CA", "GG"]),
    st.sampled_from(["", "0"]),
    st.sampled_from(["", "89"]),
)
def test_the_fast_way_gives_what_libphonenumber_gives(written: str, region: str, outside: str, area: str) -> None:
    site = Numbers(region=region, outside_prefix=outside, extension_digits=4, area_code=area)
    rules = rules_of(site)
    reader = LocationReader(rules[DEFAULT], NumberKeys(rules), site)
    assert reader.read(written) == reader._read_slowly(written)


@settings(max_examples=500, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", " ", "  ", ".", "-", "(", ") ", " (", "-(0)", "+", "/"]),
            st.text("0123456789", min_size=1, max_size=5),
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(["", "+", "+33 ", "0", "00", "(0", "+49 (0)"]),
    st.sampled_from(["FR", "DE", "GB", "US", "IT", "AR", "NO", "RU", "ES", "HU"]),
)
def test_the_fast_way_reads_no_text_otherwise_than_the_slow_way(
    parts: list[tuple[str, str]], begin: str, region: str
) -> None:
    written = begin + "".join(separator + digits for separator, digits in parts)
    site = Numbers(region=region, international_prefix="00")
    rules = rules_of(site)
    reader = LocationReader(rules[DEFAULT], NumberKeys(rules), site)
    assert reader.read(written) == reader._read_slowly(written)


@settings(max_examples=300, deadline=None)
@given(written_numbers(), st.sampled_from(["FR", "DE", "GB", "US", "IT", "AR"]))
def test_what_is_dialled_is_what_libphonenumber_dials_from_the_region(written: str, region: str) -> None:
    site = Numbers(region=region, outside_prefix="", extension_digits=1)
    (found,) = NumberReader(site).read(written)
    if isinstance(found, Refusal) or "(" in written:
        return
    number = phonenumbers.parse(written, region)
    expected = phonenumbers.normalize_digits_only(phonenumbers.format_out_of_country_calling_number(number, region))
    dialled = Dialler(site).dial(found.stored)
    trunk = country_of(number.country_code).trunk
    if phonenumbers.is_valid_number(number) or dialled == expected:
        assert dialled == expected
    else:  # it knows no layout with a trunk prefix: without one, 0112 345678 would call 112
        assert dialled == trunk + expected


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_no_text_becomes_anything_but_digits(text: str) -> None:
    for site in (FRANCE, GERMANY, AMERICA):
        for dialled in read(site, text):
            assert dialled in Refusal.__members__ or (dialled.isascii() and dialled.isdigit())


@pytest.mark.parametrize("kind", ["FIXED_LINE", "MOBILE", "TOLL_FREE", "SHARED_COST", "PREMIUM_RATE"])
def test_cost_is_what_libphonenumber_says_in_every_country(kind: str) -> None:
    reader = NumberReader(Numbers(region="FR", shared_cost=False))
    expected = {"PREMIUM_RATE": Refusal.PREMIUM, "SHARED_COST": Refusal.SHARED_COST}
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        example = phonenumbers.example_number_for_type(region, getattr(phonenumbers.PhoneNumberType, kind))
        if example is not None:
            (found,) = reader.read(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164))
            assert (found if isinstance(found, Refusal) else None) == expected.get(kind), region


def test_shared_cost_numbers_are_dialled_unless_the_site_says_no() -> None:
    assert read(FRANCE, "0820 12 34 56") == ["00820123456"]
    assert read(Numbers(region="FR", shared_cost=False), "0820 12 34 56") == ["SHARED_COST"]


@pytest.mark.parametrize(
    ("region", "area_code", "written", "stored"),
    [
        ("GB", "20", "0112 345678", "+44 112345678 0112345678"),
        ("DE", "89", "0190 123456", "+49 190123456 0190123456"),
        ("DE", "89", "49 171 1234567", "AMBIGUOUS"),
        ("DE", "89", "171 1234567", "AMBIGUOUS"),
        ("DE", "89", "1 212 555 0123", "AMBIGUOUS"),
        ("DE", "89", "123456", "+49 89123456 089123456"),
        ("DE", "89", "116117", "NO_SUCH_NUMBER"),
        ("DE", "89", "089 1234-0 DW 56", "+49 8912340 08912340"),
        ("AT", "1", "+43 1 51234 DW 78", "+43 15123478 015123478"),
        ("FR", "", "+8 495 123 45 67", "COUNTRY"),
        ("FR", "", "+4 989 123456", "COUNTRY"),
        ("FR", "", "01 99 00 20 10 (ne plus utiliser)", "LETTERS"),
        ("DE", "", "(früher) 089 123456", "LETTERS"),
        ("FR", "", "PIN 1234", "LETTERS"),
    ],
)
def test_digits_that_may_mean_another_number_are_not_dialled_for_it(
    region: str, area_code: str, written: str, stored: str
) -> None:
    (found,) = NumberReader(Numbers(region=region, area_code=area_code)).read(written)
    assert (found.name if isinstance(found, Refusal) else found.stored) == stored
