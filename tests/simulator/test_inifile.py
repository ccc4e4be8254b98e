"""The strict parser: takes what a correct writer writes, and never falls over."""

from hypothesis import given
from hypothesis import strategies as st

from services.provision.vendors.thomson.simulator.complaints import Rule
from services.provision.vendors.thomson.simulator.inifile import LINE_LIMIT, parse_ini
from services.provision.vendors.thomson.simulator.parameters import COMMON_FILE, GENERAL_FILE, PHONE_FILE
from services.provision.vendors.thomson.simulator.settings import read_common, read_general, read_phone

PRINTABLE = st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_categories=["Cc"])
VALUES = st.text(PRINTABLE, max_size=200).map(lambda text: text.strip(" "))
SECTIONS = st.fixed_dictionaries(
    {},
    optional={
        section: st.dictionaries(st.sampled_from(sorted(keys)), VALUES, max_size=8) if keys else st.just({})
        for section, keys in COMMON_FILE.items()
    },
)


@given(SECTIONS.filter(bool), st.sampled_from(["\r\n", "\n"]), st.booleans())
def test_what_a_correct_writer_writes_is_read_back(sections: dict[str, dict[str, str]], end: str, gaps: bool) -> None:  # noqa: FBT001 - drawn
    lines: list[str] = []
    for section, values in sections.items():
        lines += [f"[{section}]", *(f"{key}={value}" for key, value in values.items()), *([""] if gaps else [])]
    read, complaints = read_common("".join(line + end for line in lines).encode("iso-8859-1"), "common")
    assert complaints == ()
    assert read == {f"{section}.{key}": value for section, pairs in sections.items() for key, value in pairs.items()}


@given(
    st.binary(max_size=400)
    | st.text("[sy]=\r\n config_n;#0123456789é", max_size=400).map(lambda text: text.encode("iso-8859-1"))
)
def test_no_bytes_make_it_fall_over(data: bytes) -> None:
    for read in (read_common, read_phone, read_general):
        read(data, "file")
    parsed = parse_ini(data, "file", PHONE_FILE)
    assert parsed.complaints or b"\n" in data


@given(SECTIONS.filter(bool), st.data())
def test_one_control_character_anywhere_is_found(sections: dict[str, dict[str, str]], data: st.DataObject) -> None:
    text = "".join(
        f"[{section}]\r\n" + "".join(f"{k}={v}\r\n" for k, v in values.items()) for section, values in sections.items()
    )
    place = data.draw(st.integers(0, len(text)))
    character = data.draw(st.sampled_from("\x00\x07\t\x0b\x1b\x7f\x85\x9f"))
    _, complaints = read_common((text[:place] + character + text[place:]).encode("iso-8859-1"), "common")
    assert complaints


def test_utf8_shows_where_it_holds_a_control_character() -> None:
    parsed = parse_ini("[sip]\r\nDisplayName1=À\r\n".encode(), "file", PHONE_FILE)
    assert [complaint.rule for complaint in parsed.complaints] == [Rule.CONTROL_CHARACTER]


def test_a_line_of_the_full_length_is_taken() -> None:
    line = "DisplayName1=".ljust(LINE_LIMIT, "x")
    assert parse_ini(f"[sip]\r\n{line}\r\n".encode(), "file", PHONE_FILE).complaints == ()


def test_the_model_knows_as_many_parameters_as_the_vendors_common_file_holds() -> None:
    assert sum(len(keys) for keys in COMMON_FILE.values()) == 762
    assert PHONE_FILE["sys"] - COMMON_FILE["sys"] == {"config_sn"}
    assert sum(len(keys) for keys in GENERAL_FILE.values()) == 11


def test_numbered_parameters_begin_and_end_where_the_phones_do() -> None:
    sip, sys = COMMON_FILE["sip"], COMMON_FILE["sys"]
    assert {"TEL1Number", "TEL04Use", "TrVoiceMailFlg0", "TLSPortBK0", "ProxyServerMP4"} <= sip
    assert not {"TEL0Number", "TEL1Use", "TEL05Use", "DisplayName0", "ProxyServerMP0", "ProxyServerMP5"} & sip
    assert {"FeatureKeyExt01", "FeatureKeyExt66", "FKExt09_sec", "VPNesp1", "Phonebook8_url", "softkey12"} <= sys
    assert not {"FeatureKeyExt1", "FeatureKeyExt00", "VPNesp01", "Phonebook9_url", "softkey13"} & sys
