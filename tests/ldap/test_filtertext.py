"""A filter's tree becomes text again, from which the same tree is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ldap.filters import Compare, Extensible, Filter, Group, Present, Substrings, parse_filter
from shared.ldap.filtertext import filter_text, required_parts

names = st.sampled_from(["cn", "objectClass", "2.5.4.3", "cn;lang-de"])
values = st.binary(min_size=1, max_size=6)
items = st.one_of(
    st.builds(Compare, st.sampled_from(["=", ">=", "<=", "~="]), names, values),
    st.builds(Present, names),
    st.builds(Substrings, names, values, st.lists(values, max_size=2).map(tuple), values),
    st.builds(Extensible, names, st.sampled_from(["", "caseExactMatch", "1.2.3"]), values, st.booleans()),
)
filters: st.SearchStrategy[Filter] = st.recursive(
    items,
    lambda parts: st.one_of(
        st.builds(Group, st.sampled_from(["&", "|"]), st.lists(parts, max_size=3).map(tuple)),
        st.builds(Group, st.just("!"), parts.map(lambda part: (part,))),
    ),
    max_leaves=6,
)


@given(filters)
def test_the_text_of_a_filter_is_read_as_the_same_filter(tree: Filter) -> None:
    assert parse_filter(filter_text(tree)) == tree


@pytest.mark.parametrize(
    "text",
    ["(&(a=b)(!(c=*)))", "(cn=*x*y)", "(cn=a*)", "(cn:dn:2.4.6.8.10:=x)", "(:1.2.3:=x)", "(cn=M\u00fcller \\28x\\29)"],
)
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert filter_text(parse_filter(text)) == text


def test_an_entry_must_pass_each_part_of_an_and_also_of_those_within() -> None:
    parts = required_parts(parse_filter("(&(a=1)(&(b=2)(|(c=3)(d=4))))"))
    assert [filter_text(part) for part in parts] == ["(a=1)", "(b=2)", "(|(c=3)(d=4))"]
