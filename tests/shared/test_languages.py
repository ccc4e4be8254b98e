"""Language tags: what is preferred, and which tag of a value is that of a phone."""

import pytest

from shared.languages import best_tag, preferred_languages


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("fr", ("fr",)),
        ("fr-CH, en;q=0.5", ("fr-ch", "en")),
        ("en;q=0.5, da", ("da", "en")),
        ("da, fr_CH ; q = 0.8, en;q=0", ("da", "fr-ch")),
        ("nb-NO", ("no-no",)),
        ("*, ;;, de;q=x", ()),
        ("", ()),
    ],
)
def test_the_most_wanted_language_comes_first(text: str, tags: tuple[str, ...]) -> None:
    assert preferred_languages(text) == tags


@pytest.mark.parametrize(
    ("language", "tags", "best"),
    [
        ("fr", ("de", "fr"), "fr"),
        ("fr-ch", ("fr", "fr-ca", "fr-ch"), "fr-ch"),
        ("fr-ch", ("fr-ca", "fr"), "fr"),
        ("fr-ch", ("fr-ca",), ""),
        ("pt", ("pt-pt", "pt-br"), "pt-br"),
        ("pt", ("pt-br-x", "pt-pt"), "pt-pt"),
        ("f", ("fr",), ""),
        ("", ("fr",), ""),
    ],
)
def test_a_tag_is_that_of_a_language_where_neither_contradicts_the_other(
    language: str, tags: tuple[str, ...], best: str
) -> None:
    assert best_tag(language, tags) == best
    assert best_tag(language, tags[::-1]) == best
