"""Asterisk's configuration syntax."""

import string
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.provision.importing.asteriskconf import Section, parse_conf
from services.provision.importing.report import Report
from services.provision.importing.textfile import ImportFault

words = st.text(string.ascii_letters + string.digits + "-_.", min_size=1, max_size=12)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=30)


def read(folder: Path, text: str, **others: str) -> tuple[dict[str, dict[str, str]], Report]:
    """The sections, each setting's last value, and the report."""
    for name, content in {"sip": text, **others}.items():
        (folder / f"{name}.conf").write_text(content, encoding="utf-8")
    report = Report()
    sections = parse_conf(folder / "sip.conf", report)
    return {section.name: {s.name: s.value for s in section.settings} for section in sections}, report


@settings(deadline=None)
@given(st.dictionaries(words, st.dictionaries(words.map(str.lower), texts, max_size=4), max_size=4))
def test_any_mapping_that_is_written_is_read_back(mapping: dict[str, dict[str, str]]) -> None:
    lines = []
    for section, values in mapping.items():
        lines.append(f"[{section}]")
        lines += [f"{name} = {value.replace(';', chr(92) + ';')}" for name, value in values.items()]
    expected = {  # blanks around a value are none of it
        section: {name: value.strip() for name, value in values.items()} for section, values in mapping.items()
    }
    with TemporaryDirectory() as folder:
        found, report = read(Path(folder), "\n".join(lines))
    assert found == expected
    assert list(report) == []


def test_a_section_has_its_templates_settings_before_its_own_and_templates_are_none(tmp_path: Path) -> None:
    found, report = read(
        tmp_path,
        "[base](!)\ntype=friend\nhost=dynamic\n[codecs](!,base)\nallow=alaw\nallow=ulaw\n"
        "[1001](codecs)\nhost=10.0.0.1\n[1002](base,codecs)\nsecret => x\n",
    )
    assert found == {
        "1001": {"type": "friend", "host": "10.0.0.1", "allow": "ulaw"},
        "1002": {"type": "friend", "host": "dynamic", "allow": "ulaw", "secret": "x"},
    }
    assert list(report) == []


def test_a_section_can_be_added_to(tmp_path: Path) -> None:
    found, report = read(tmp_path, "[1001]\ntype=friend\n[x]\n[1001](+)\nsecret=1\n[1003](+)\nsecret=2\n")
    assert found == {"1001": {"type": "friend", "secret": "1"}, "x": {}}
    assert [(row.what, str(row.place)) for row in report] == [("[1003](+)", "sip.conf:6"), ("secret", "sip.conf:7")]


def test_a_section_that_is_there_twice_stays_two(tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_text("[1]\ntype=endpoint\n[1]\ntype=auth\n", encoding="utf-8")
    assert [s.last("type") for s in parse_conf(tmp_path / "pjsip.conf", Report())] == ["endpoint", "auth"]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("secret=a;b", "a"),
        (r"secret=a\;b", "a;b"),
        ("secret=a ;-- not ; this --; b", "a  b"),
        ("secret=a ;--- a line", "a"),
        ("secret=a;--x\nsecret=1\n;--y--;secret=2\n--;", "a"),
        ("secret => a ", "a"),
        ("SECRET = = b", "= b"),
        ("secret=x--", "x--"),
    ],
)
def test_comments_and_signs(tmp_path: Path, line: str, value: str) -> None:
    found, report = read(tmp_path, f"; first\n[1001]\n{line}\n")
    assert found == {"1001": {"secret": value}}
    assert list(report) == []


def test_files_are_included_where_they_stand_and_patterns_too(tmp_path: Path) -> None:
    found, report = read(
        tmp_path,
        '[1001]\n#include "more.conf"\ntype=friend\n#include <x_*.conf>\n#tryinclude none.conf\n#include /etc/asterisk/y.conf\n',
        more="secret=1\n",
        x_2="[b]\n",
        x_1="[a]\n",
        y="[c]\n",
    )
    assert list(found) == ["1001", "a", "b", "c"]
    assert found["1001"] == {"secret": "1", "type": "friend"}
    assert report.is_complete
    assert [row.what for row in report] == ["#tryinclude none.conf"]


def test_what_asterisk_would_not_take_is_reported_with_its_line_and_no_value(tmp_path: Path) -> None:
    found, report = read(
        tmp_path,
        "secret=s3cret\n[1001](none)\nno equals s3cret\n#exec /bin/x s3cret\n#include none.conf\n#include sip.conf\n"
        "[1002\n[1003] (x)\n[ ]\n;-- for ever\n",
    )
    assert found == {"1001": {}, "1003": {}}
    assert [row.place.line for row in report] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]
    assert not report.is_complete
    assert "s3cret" not in str(list(report))


def test_latin_1_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.conf").write_bytes("[é]\nfullname=Élodie\n".encode("latin-1"))
    (tmp_path / "b.conf").write_bytes("\ufeff[é]\r\nfullname=Élodie\r\n".encode())
    for name in "ab":
        (section,) = parse_conf(tmp_path / f"{name}.conf", Report())
        assert (section.name, section.last("fullname")) == ("é", "Élodie")


def test_control_characters_are_reported(tmp_path: Path) -> None:
    found, report = read(tmp_path, "[1001]\nfullname=A\x07B\n")
    assert found == {"1001": {"fullname": "A B"}}
    assert [(row.what, str(row.place)) for row in report] == [("unreadable bytes", "sip.conf:2")]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImportFault, match=r"none\.conf: No such file"):
        parse_conf(tmp_path / "none.conf", Report())


def test_a_section_shows_no_password_when_it_is_printed(tmp_path: Path) -> None:
    (tmp_path / "sip.conf").write_text("[1001]\nsecret=s3cret\n", encoding="utf-8")
    (section,) = parse_conf(tmp_path / "sip.conf", Report())
    assert isinstance(section, Section)
    assert "s3cret" not in repr(section)


def test_names_are_compared_without_regard_to_case(tmp_path: Path) -> None:
    found, report = read(
        tmp_path, "[Base](!)\nType=friend\n[1001](BASE)\n[1001](+)\nSecret=1\n[Door]\n[DOOR](+)\nx=1\n"
    )
    assert found == {"1001": {"type": "friend", "secret": "1"}, "Door": {"x": "1"}}
    assert list(report) == []


@pytest.mark.parametrize(
    ("addition", "secrets"),
    [
        ("[1](+type=auth)", ["", "new"]), ("[1](+type=endpoint)", ["new", ""]), ("[1](+)", ["new", ""]),
        ("[1](+type=^au&context=x)", ["", "new"]), ("[1](+context=x)", ["", "new"]), ("[1](+type=aor)", ["", ""]),
        ("[1](+type=[)", ["", ""]), ("[1](+type)", ["", ""]),
    ],
)  # fmt: skip
def test_a_filter_says_which_section_is_added_to(tmp_path: Path, addition: str, secrets: list[str]) -> None:
    (tmp_path / "pjsip.conf").write_text(
        f"[1]\ntype=endpoint\n[1]\ntype=auth\ncontext=x\n{addition}\npassword=new\n", encoding="utf-8"
    )
    report = Report()
    assert [section.last("password") for section in parse_conf(tmp_path / "pjsip.conf", report)] == secrets
    assert report.is_complete == ("new" in secrets)


def test_an_addition_goes_to_a_template_only_where_its_filter_says_so(tmp_path: Path) -> None:
    found, report = read(tmp_path, "[t](!)\na=1\n[t](+TEMPLATES=restrict)\nb=2\n[x](t)\n[t](+)\nc=3\n")
    assert found == {"x": {"a": "1", "b": "2"}}
    assert [row.what for row in report] == ["[t](+)", "c"]


def test_a_sum_adds_to_the_last_value(tmp_path: Path) -> None:
    found, report = read(tmp_path, "[1]\nallow=alaw\nallow += ,ulaw\nsetvar+=a=b\n")
    assert found == {"1": {"allow": "alaw ,ulaw", "setvar": "a=b"}}
    assert list(report) == []


def test_after_an_include_the_section_of_the_including_file_goes_on(tmp_path: Path) -> None:
    found, _ = read(
        tmp_path, "[1]\n#include a.conf\nsecret=1\n#include b.conf\n", a="[2]\nsecret=2\n", b="context=of-the-newest\n"
    )
    assert found == {"1": {"secret": "1"}, "2": {"secret": "2", "context": "of-the-newest"}}


@pytest.mark.parametrize(
    "argument", [".", "<.>", '"."', "folder", "folder/", "..", "/", "<>", '""', "**", "[", "{", "a" * 5000, "\\"]
)
@pytest.mark.parametrize("directive", ["include", "tryinclude"])
def test_an_include_of_no_file_is_a_row_and_no_crash(tmp_path: Path, directive: str, argument: str) -> None:
    (tmp_path / "folder").mkdir()
    found, report = read(tmp_path, f"[1]\n#{directive} {argument}\nsecret=1\n")
    assert found == {"1": {"secret": "1"}}
    assert len(list(report)) == 1


def test_braces_and_patterns_of_includes_are_those_of_glob(tmp_path: Path) -> None:
    found, report = read(
        tmp_path, "#include {b,a}*.conf\n#include [c]?.conf\n", a1="[a1]\n", b="[b]\n", c2="[c2]\n", d="[d]\n"
    )
    assert list(found) == ["a1", "b", "c2"]
    assert list(report) == []


def test_nothing_outside_the_root_is_read(tmp_path: Path) -> None:
    inner = tmp_path / "copy" / "etc" / "asterisk"
    inner.mkdir(parents=True)
    (tmp_path / "secret.conf").write_text("[outside]\n", encoding="ascii")
    (inner / "link.conf").symlink_to(tmp_path / "secret.conf")
    (inner / "sip.conf").write_text(
        f"[1]\n#include ../../../secret.conf\n#include link.conf\n#include {tmp_path}/secret.conf\n", encoding="ascii"
    )
    report = Report()
    assert [section.name for section in parse_conf(inner / "sip.conf", report, tmp_path / "copy")] == ["1"]
    assert [row.place.line for row in report] == [2, 3, 4]


def test_without_a_root_a_file_of_this_machine_is_read_and_noted(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "x.conf").write_text("[outside]\n", encoding="ascii")
    inner = tmp_path / "copy"
    inner.mkdir()
    found, report = read(inner, f"[1]\n#include {elsewhere}/x.conf\n")
    assert list(found) == ["1", "outside"]
    assert [(row.place.line, row.why) for row in report] == [
        (2, "was read from this machine, not from below the first file")
    ]


def test_a_whole_machine_that_was_copied_is_the_tree_of_its_configuration(tmp_path: Path) -> None:
    inner = tmp_path / "etc" / "asterisk"
    inner.mkdir(parents=True)
    (tmp_path / "opt" / "pbx").mkdir(parents=True)
    (tmp_path / "opt" / "pbx" / "x.conf").write_text("[x]\n", encoding="ascii")
    found, report = read(inner, "[1]\n#include /opt/pbx/*.conf\n")
    assert list(found) == ["1", "x"]
    assert list(report) == []
