"""The labels of numbers in every language."""

import pytest

from services.directory.labels import LABELS, Labels
from services.directory.texts import Texts, texts_in
from shared.people import NUMBER_TYPES
from tests.directory.desk import configuration

LINE = 20
"""Characters of a line on the smallest display."""


@pytest.mark.parametrize("language", LABELS)
def test_every_type_of_number_has_a_label_that_fits_beside_a_name(language: str) -> None:
    assert tuple(LABELS[language]) == NUMBER_TYPES
    for label in LABELS[language].values():
        label.encode("iso-8859-1")
        assert label.isprintable()
        assert len(f"N ({label} 2)") <= LINE
    assert len(set(LABELS[language].values())) == len(NUMBER_TYPES)


@pytest.mark.parametrize("language", ["en", "fr", "de", "es", "it", "nl", "pt"])
def test_every_language_of_the_messages_has_labels(language: str) -> None:
    assert language in LABELS
    texts: Texts = texts_in(language)
    assert (texts == texts_in("en")) == (language == "en")


def test_labels_are_those_of_the_language_of_the_phones_menus() -> None:
    config = configuration()
    french = config.model_copy(update={"provision": config.provision.model_copy(update={"language": "fr"})})
    assert Labels(french).text("home") == "domicile"
    assert Labels(config).text("home") == "home"


def test_the_phonebook_may_speak_another_language_than_the_menus() -> None:
    labels = Labels(configuration(language="de"))
    assert [labels.text(label) for label in ("", "mobile", "mobile 2", "work 3")] == ["", "mobil", "mobil 2", "Büro 3"]


def test_a_language_without_labels_is_english() -> None:
    assert Labels(configuration(language="no")).text("mobile") == "mobile"


def test_a_site_may_have_words_of_its_own() -> None:
    labels = Labels(configuration(language="fr", labels={"mobile": "GSM"}))
    assert [labels.text(label) for label in ("mobile", "mobile 2", "home")] == ["GSM", "GSM 2", "domicile"]


@pytest.mark.parametrize("word", ["", "mobile\nphone", "κινητό", "x" * 15])
def test_a_label_that_phones_cannot_show_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match=r"directory\.labels\.mobile"):
        configuration(labels={"mobile": word})


def test_names_are_sorted_as_the_labels_language_does_unless_said_otherwise() -> None:
    assert configuration(language="es").phonebook_locale == "es"
    assert configuration(language="es", locale="sv").phonebook_locale == "sv"
    assert configuration().phonebook_locale == "en"
