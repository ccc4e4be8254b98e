"""The LDIF writer: what it writes is read back, as RFC 2849 wants it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.ldap.ldiftext import parse_ldif
from shared.ldap.ldifwriter import Record, render_ldif

names = st.from_regex(r"(?!dn\Z|control\Z|changetype\Z|entryuuid\Z)[a-z][a-z0-9-]{0,20}", fullmatch=True)
values = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
attributes = st.dictionaries(names, st.lists(values, min_size=1, max_size=3), min_size=1, max_size=4)


@settings(deadline=None)
@given(st.lists(attributes, min_size=1, max_size=4))
def test_whatever_is_written_is_read_back(entries: list[dict[str, list[str]]]) -> None:
    records = [
        Record(f"cn={at},dc=example", tuple((name, value) for name, several in entry.items() for value in several))
        for at, entry in enumerate(entries)
    ]
    written = render_ldif(records)
    assert all(len(line) <= 76 for line in written.split(b"\n"))
    assert written.isascii()
    read = [entry.attributes for _, entry in parse_ldif("test", written.splitlines(keepends=True))]
    assert read == [{name: tuple(several) for name, several in entry.items()} for entry in entries]


def test_a_record_shows_no_value_when_it_is_printed() -> None:
    assert "s3cret" not in repr(Record("cn=x", (("AstAccountSecret", "s3cret"),)))


def test_plain_text_stays_plain_and_all_else_is_base64() -> None:
    record = Record("cn=é", (("sn", "Martin"), ("cn", " x"), ("description", "x "), ("ou", ""), ("l", "<x")))
    assert render_ldif([record]).decode() == "dn:: Y249w6k=\nsn: Martin\ncn:: IHg=\ndescription:: eCA=\nou:\nl:: PHg=\n"
