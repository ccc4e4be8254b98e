"""The strict parser: takes what a correct writer writes, and never falls over."""

from hypothesis import given
from hypothesis import strategies as st

from services.provision.vendors.thomson.simulator.complaints import Rule
from services.provision.vendors.thomson.simulator.inifile import LINE_LIMIT, parse_ini
from services.provision.vendors.thomson.simulator.models import ST2030
from services.provision.vendors.thomson.simulator.settings import read_common, read_general, read_phone

PRINTABLE = st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_categories=["Cc"])
VALUES = st.text(PRINTABLE, max_size=200).map(lambda text: text.strip(" "))
SECTIONS = st.fixed_dictionaries(
    {},
    optional={
        section: st.dictionaries(st.sampled_from(sorted(keys)), VALUES, max_size=8) if keys else st.just({})
        for section, keys in ST2030.common.items()
    },
)


@given(SECTIONS.filter(bool), st.sampled_from(["\r\n", "\n"]), st.booleans())
def test_what_a_correct_writer_writes_is_read_back(sections: dict[str, dict[str, str]], end: str, gaps: bool) -> None:  # noqa: FBT001 - drawn
    lines: list[str] = []
    for section, values in sections.items():
        lines += [f"[{section}]", *(f"{key}={value}" for key, value in values.items()), *([""] if gaps else [])]
    read = parse_ini("".join(line + end for line in lines).encode("iso-8859-1"), "common", ST2030.common)
    assert read.complaints == ()
    assert {(setting.section, setting.key): setting.value for setting in read.settings} == {
        (section, key): value for section, pairs in sections.items() for key, value in pairs.items()
    }


@given(
    st.binary(max_size=400)
    | st.text("[sy]=\r\n config_n;#0123456789é", max_size=400).map(lambda text: text.encode("iso-8859-1"))
)
def test_no_bytes_make_it_fall_over(data: bytes) -> None:
    read_general(data, "file")
    read_common(data, "file", ST2030)
    read_phone(data, "file", ST2030)
    parsed = parse_ini(data, "file", ST2030.phone)
    assert parsed.complaints or b"\n" in data


@given(SECTIONS.filter(bool), st.data())
def test_one_control_character_anywhere_is_found(sections: dict[str, dict[str, str]], data: st.DataObject) -> None:
    text = "".join(
        f"[{section}]\r\n" + "".join(f"{k}={v}\r\n" for k, v in values.items()) for section, values in sections.items()
    )
    place = data.draw(st.integers(0, len(text)))
    character = data.draw(st.sampled_from("\x00\x07\t\x0b\x1b\x7f\x85\x9f"))
    damaged = (text[:place] + character + text[place:]).encode("iso-8859-1")
    assert parse_ini(damaged, "common", ST2030.common).complaints


def test_utf8_shows_where_it_holds_a_control_character() -> None:
    parsed = parse_ini("[sip]\r\nDisplayName1=À\r\n".encode(), "file", ST2030.phone)
    assert [complaint.rule for complaint in parsed.complaints] == [Rule.CONTROL_CHARACTER]


def test_a_line_of_the_full_length_is_taken() -> None:
    line = "DisplayName1=".ljust(LINE_LIMIT, "x")
    assert parse_ini(f"[sip]\r\n{line}\r\n".encode(), "file", ST2030.phone).complaints == ()
