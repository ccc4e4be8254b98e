"""How an entry is written into the store."""

import json

from hypothesis import given
from hypothesis import strategies as st

from shared.batch import _body

ATTRIBUTES = st.dictionaries(st.text(), st.lists(st.text(), min_size=1).map(tuple))


@given(ATTRIBUTES)
def test_attributes_are_stored_as_json_writes_them_in_order_and_without_blanks(
    attributes: dict[str, tuple[str, ...]],
) -> None:
    assert _body(attributes) == json.dumps(attributes, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
