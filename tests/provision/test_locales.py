"""Languages and countries as directories write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.provision.vendors.thomson.locales import COUNTRIES, LANGUAGES, country_of, language_of


@pytest.mark.parametrize(
    ("preferred", "language"),
    [
        ("fr", "fr"),
        ("fr-CA", "fr"),
        ("de_AT", "de"),
        ("DE", "de"),
        ("nb-NO", "no"),
        ("nn", "no"),
        ("da, fr-CH;q=0.8, en;q=0.7", "fr"),
        ("en;q=0.5, nl", "nl"),
        ("en;q=0, it;q=0.1", "it"),
        ("es, pt", "es"),
        ("*", None),
        ("sv", None),
        ("", None),
        ("français", None),
    ],
)
def test_the_most_wanted_language_that_the_phone_has(preferred: str, language: str | None) -> None:
    assert language_of(preferred) == language


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("FR", "FR"),
        ("fr", "FR"),
        (" GB ", "GB"),
        ("UK", "GB"),
        ("CA", "US"),
        ("Germany", "DE"),
        ("Österreich", "AT"),
        ("Slovenija", "SI"),
        ("Belgium", None),
        ("BE", None),
        ("", None),
    ],
)
def test_a_country_is_its_tone_plan(written: str, country: str | None) -> None:
    assert country_of(written) == country


@given(st.text())
def test_any_text_is_a_known_language_and_country_or_none(text: str) -> None:
    assert language_of(text) in (*LANGUAGES, None)
    assert country_of(text) in (*COUNTRIES, None)
