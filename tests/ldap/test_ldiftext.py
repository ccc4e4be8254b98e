"""The text of LDIF files: every point of RFC 2849 that is read, and the line of every error."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import LdifError
from shared.ldap.entry import Entry, uuid_of_dn
from shared.ldap.ldiftext import parse_ldif

A_UUID = "9b3ea52a-7b0d-1041-889c-475ee5dbb667"


def parse(text: str | bytes) -> list[Entry]:
    raw = text.encode() if isinstance(text, str) else text
    return [entry for _, entry in parse_ldif("x.ldif", raw.splitlines(keepends=True))]


def attributes_of(text: str | bytes) -> dict[str, tuple[str, ...]]:
    (entry,) = parse(text)
    return dict(entry.attributes)


def test_an_entry_is_its_dn_and_its_attributes() -> None:
    (entry,) = parse("dn: uid=a,dc=x\nuid: a\ncn: A B\nCN: Second\n")
    assert entry == Entry(uuid_of_dn("UID=A, dc=x"), "uid=a,dc=x", {"uid": ("a",), "cn": ("A B", "Second")})


def test_entries_are_apart_by_empty_lines_however_many() -> None:
    text = "\n\ndn: uid=a\nuid: a\n\n\n\ndn: uid=b\nuid: b\n\n"
    assert [entry.dn for entry in parse(text)] == ["uid=a", "uid=b"]


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "version: 1\n", "version: 1\n\n# nothing\n  \n"])
def test_a_file_may_hold_no_entry(text: str) -> None:
    assert parse(text) == []


@pytest.mark.parametrize(
    "head", ["version: 1\n", "version:1\n\n", "# first\nversion: 1\n", "\ufeffversion: 1\n", "\ufeff"]
)
def test_a_version_or_a_byte_order_mark_may_come_first(head: str) -> None:
    assert attributes_of(f"{head}dn: uid=a\nuid: a\n") == {"uid": ("a",)}


def test_windows_line_ends_and_a_missing_last_one_are_read() -> None:
    assert attributes_of("dn: uid=a\r\nuid: a\r\ncn: A\r\n B") == {"uid": ("a",), "cn": ("AB",)}


def test_a_folded_line_continues_after_its_first_blank() -> None:
    text = "dn: uid=a,\n dc=x\ndescr\n iption:: UMO\n  0w6lu\ncn: one\n   two\n"
    with pytest.raises(LdifError, match=r"x\.ldif, line 3: .*base64"):
        parse(text)
    assert attributes_of(text.replace("\n  0w6", "\n 0w6")) == {
        "description": (base64.b64decode("UMO0w6lu").decode(),),
        "cn": ("one  two",),
    }


def test_comments_are_left_out_folded_ones_too_and_do_not_end_an_entry() -> None:
    text = "# before\ndn: uid=a\n# in\n between: x\nuid: a\n#cn: no\ncn: yes\n"
    assert attributes_of(text) == {"uid": ("a",), "cn": ("yes",)}


def test_blanks_before_a_value_are_no_part_of_it_those_after_are() -> None:
    assert attributes_of("dn:uid=a\nuid:   a \ncn:\n") == {"uid": ("a ",), "cn": ("",)}


def test_base64_values_and_dns_are_decoded() -> None:
    def b64(text: str) -> str:
        return base64.b64encode(text.encode()).decode()

    (entry,) = parse(f"dn:: {b64('cn=Élodie')}\ncn::{b64('Élodie')}\nsn:: \n")
    assert entry.dn == "cn=Élodie"
    assert entry.attributes == {"cn": ("Élodie",), "sn": ("",)}


def test_values_are_utf8_or_else_latin_1() -> None:
    assert attributes_of(b"dn: uid=a\ncn: \xc3\x89lodie\nsn: \xc9lodie\ntitle:: yQ==\n") == {
        "cn": ("Élodie",),
        "sn": ("Élodie",),
        "title": ("É",),
    }


def test_values_in_a_language_stand_apart_and_other_options_do_not_count() -> None:
    text = "dn: uid=a\ncn;Lang-FR: Dorothée\ncn: Dora\ncn;lang-de;x-y: Dorothea\n1.2.3;binary: x\n"
    assert attributes_of(text) == {"cn": ("Dora",), "cn;lang-fr": ("Dorothée",)}


def test_an_entry_uuid_of_the_file_is_the_identity() -> None:
    (entry,) = parse("dn: uid=a\nEntryUUID: 9B3EA52A-7B0D-1041-889C-475EE5DBB667\n")
    assert entry.uuid == A_UUID


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("uid: a\n", 1, "begins with dn:"),
        ("dn: uid=a\nuid: a\n\ncn: b\n", 4, "begins with dn:"),
        ("dn: uid=a\nuid: a\n\nversion: 1\n", 4, "begins with dn:"),
        ("version: 2\n", 1, "only version: 1"),
        ("dn: nonsense\nuid: a\n", 1, "not a DN"),
        ("dn:\nuid: a\n", 1, "not a DN"),
        ("dn: uid=a\n\nuid: a\n", 1, "uid=a has no attribute"),
        ("dn: uid=a\nuid: a\ndn: uid=b\nuid: b\n", 3, "put an empty line before it"),
        ("dn: uid=a\nuid a\n", 2, "no colon"),
        ("dn: uid=a\nuid: a\nfoo\n bar\nbaz: 1\n", 3, "no colon"),
        ("dn: uid=a\nu_id: a\n", 2, "'u_id' is not an attribute name"),
        ("dn: uid=a\n: a\n", 2, "'' is not an attribute name"),
        ("dn: uid=a\njpegPhoto:< file:///x.jpg\n", 2, "URL"),
        ("dn: uid=a\nchangetype: modify\nreplace: cn\n", 2, "change record"),
        ("dn: uid=a\ncontrol: 1.2.3 true\n", 2, "change record"),
        ("dn: uid=a\nuid: a\nuid:: a*b\n", 3, "not base64"),
        ("dn: uid=a\nuid:: YQ\n", 2, "not base64"),
        (" folded: a\n", 1, "continuation"),
        ("dn: uid=a\nuid: a\n\n cn: a\n", 4, "continuation"),
        (
            "dn: uid=a\nuid: a\n\ndn: uid=b\nuid: b\n\n# x\ndn: UID=a\nuid: a\n",
            8,
            "the entry of line 1 has the same DN",
        ),
        ("dn: uid=a\nentryUUID: 1234\n", 2, "not a UUID"),
        (
            f"dn: uid=a\nentryUUID: {A_UUID}\n\ndn: uid=b\nentryUUID: {A_UUID}\n",
            4,
            "the entry of line 1 has the same entryUUID",
        ),
    ],
)
def test_an_error_names_the_file_the_line_and_the_problem(text: str, line: int, problem: str) -> None:
    for spelled in (text, text.replace("\n", "\r\n")):
        with pytest.raises(LdifError) as caught:
            parse(spelled)
        assert str(caught.value).startswith(f"x.ldif, line {line}: ")
        assert problem in str(caught.value)


NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True).filter(
    lambda name: name not in ("dn", "changetype", "control", "entryuuid", "version")
)
ENTRIES = st.dictionaries(
    st.text(min_size=1), st.dictionaries(NAMES, st.lists(st.text(), min_size=1, max_size=3), min_size=1), max_size=5
)


@given(ENTRIES, st.integers(2, 76), st.sampled_from(["\n", "\r\n"]))
def test_what_is_written_is_read_back(entries: dict[str, dict[str, list[str]]], width: int, end: str) -> None:
    by_dn = {
        f"cn=\\{number:02x}{name.encode().hex()}": content for number, (name, content) in enumerate(entries.items())
    }
    lines = ["version: 1", ""]
    for dn, content in by_dn.items():
        lines += [
            "# an entry",
            f"dn: {dn}",
            *(written(name, value) for name, values in content.items() for value in values),
            "",
        ]
    text = "".join(folded(line, width) + "\n" for line in lines).replace("\n", end)
    found = [(entry.dn, {name: list(values) for name, values in entry.attributes.items()}) for entry in parse(text)]
    assert found == list(by_dn.items())


def written(name: str, value: str) -> str:
    """One line as RFC 2849 wants it: base64 unless the value is a SAFE-STRING."""
    safe = value.isascii() and not set(value) & set("\0\r\n") and value[:1] not in (" ", ":", "<") and value[-1:] != " "
    return f"{name}: {value}" if safe else f"{name}:: {base64.b64encode(value.encode()).decode()}"


def folded(line: str, width: int) -> str:
    return "\n ".join(line[at : at + width] for at in range(0, len(line), width))


@given(st.binary(max_size=80))
def test_any_bytes_are_entries_or_an_error(raw: bytes) -> None:
    try:
        parse(b"dn: uid=a\nuid: a\n" + raw)
    except LdifError as error:
        assert str(error).startswith("x.ldif, line ")  # noqa: PT017  # both ends are right, this one speaks clearly
