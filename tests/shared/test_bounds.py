"""How much of an entry counts."""

from hypothesis import given
from hypothesis import strategies as st

from shared.bounds import LONGEST_VALUE, MOST_KEYS, bounded, excess_of
from shared.ldap.entry import Entry

DN = "uid=a,dc=example,dc=org"


def entry(**attributes: tuple[str, ...]) -> Entry:
    return Entry("u", DN, attributes)


def test_a_usual_entry_is_itself() -> None:
    usual = entry(cn=("a", "b"), sn=("x" * LONGEST_VALUE,))
    assert bounded(usual, 2) is usual
    assert list(excess_of(usual, 2)) == []


def test_the_smallest_values_count_and_the_entry_is_named() -> None:
    many = entry(cn=("c", "a", "b"))
    assert bounded(many, 2).attributes == {"cn": ("a", "b")}
    ((attribute, problem),) = excess_of(many, 2)
    assert attribute == "cn"
    assert problem == "has 3 values, of which the first 2 in order count; remove some"


def test_a_value_that_is_too_long_is_left_out_whole() -> None:
    long = entry(cn=("a", "b" * (LONGEST_VALUE + 1)), sn=("c" * (LONGEST_VALUE + 1),))
    assert bounded(long, 9).attributes == {"cn": ("a",)}
    assert [excess.attribute for excess in excess_of(long, 9)] == ["cn", "sn"]


def test_of_too_many_languages_those_without_one_stay() -> None:
    keys = {f"cn;lang-x{number:04}": ("a",) for number in range(1000)}
    many = entry(**keys, telephonenumber=("1",))
    found = bounded(many, 9).attributes
    assert len(found) == MOST_KEYS
    assert found["telephonenumber"] == ("1",)
    assert [excess.attribute for excess in excess_of(many, 9)] == ["cn;lang-x0255"]


@given(st.dictionaries(st.text("ab;", min_size=1), st.lists(st.text("abc"), min_size=1, max_size=9)))
def test_what_counts_depends_on_no_order_and_counts_again(found: dict[str, list[str]]) -> None:
    attributes = {key: tuple(values) for key, values in found.items()}
    turned = {key: tuple(reversed(attributes[key])) for key in reversed(attributes)}
    one, two = bounded(entry(**attributes), 3), bounded(entry(**turned), 3)
    assert {k: sorted(v) for k, v in one.attributes.items()} == {k: sorted(v) for k, v in two.attributes.items()}
    assert bounded(one, 3) is one
    assert (one.attributes == attributes) == (not list(excess_of(entry(**attributes), 3)))
