import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.provision.values import Unwritable, exact_line, shown_line

SECRETS = ["pässwörd", "with blank inside", "#$%&=[];"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Noémie Œuvrard", "Noémie OEuvrard"),
        ("Łukasz Wójcik", "Lukasz Wójcik"),
        ("Seán O’Brien", "Seán O'Brien"),
        ("  Alice \t", "Alice"),
        ("Zoe\u0308", "Zoë"),
        ("", ""),
    ],
)
def test_a_name_is_written_in_the_phones_letters(text: str, line: str) -> None:
    if "\t" in text:
        with pytest.raises(Unwritable, match=r"control character U\+0009"):
            shown_line(text)
    else:
        assert shown_line(text) == line


def test_characters_of_other_scripts_are_named() -> None:
    with pytest.raises(Unwritable, match=r"А \(U\+0410\) л \(U\+043B\).*Latin letters"):
        shown_line("Алл")


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\r\nTelnetPWD=owned"])
def test_a_line_break_is_refused(text: str) -> None:
    for line in (shown_line, exact_line):
        with pytest.raises(Unwritable, match="line break"):
            line(text)


@pytest.mark.parametrize("text", ["a\0b", "\x1b[2J", "a\x7f", "a\x85b", "é\x9f"])
def test_a_control_character_is_refused(text: str) -> None:
    for line in (shown_line, exact_line):
        with pytest.raises(Unwritable, match="control character"):
            line(text)


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_is_written_as_it_is(text: str) -> None:
    assert exact_line(text) == text


@pytest.mark.parametrize("text", ["pœil", "пароль", " secret", "secret "])
def test_a_secret_is_refused_rather_than_changed_and_never_quoted(text: str) -> None:
    with pytest.raises(Unwritable) as refused:
        exact_line(text)
    assert text.strip() not in str(refused.value)


@settings(deadline=None)
@given(st.text())
def test_any_text_is_one_line_of_iso_8859_1_or_refused(text: str) -> None:
    for line in (shown_line, exact_line):
        try:
            written = line(text)
        except Unwritable:
            continue
        assert len(written.encode("iso-8859-1").splitlines()) <= 1
        assert len(written.splitlines()) <= 1
        assert written == written.strip()
