"""What stands behind a name to tell a person's numbers apart, in the languages of the phones. Pure: texts, no decisions.

Which number has a label is decided in `contacts.py`, which writes the type of the number, from the second on with its
count (`mobile 2`); here it becomes a word of the site's language (English where that has none here), or the site's own
(`directory.labels`).
"""

from typing import Final

from shared.config import Config
from shared.people import NumberType

LABELS: Final[dict[str, dict[NumberType, str]]] = {
    "en": {"extension": "ext.", "work": "work", "mobile": "mobile", "home": "home"},
    "fr": {"extension": "poste", "work": "bureau", "mobile": "mobile", "home": "domicile"},
    "de": {"extension": "intern", "work": "Büro", "mobile": "mobil", "home": "privat"},
    "es": {"extension": "ext.", "work": "oficina", "mobile": "móvil", "home": "casa"},
    "it": {"extension": "interno", "work": "ufficio", "mobile": "cellulare", "home": "casa"},
    "nl": {"extension": "intern", "work": "werk", "mobile": "mobiel", "home": "thuis"},
    "pt": {"extension": "ramal", "work": "escritório", "mobile": "móvel", "home": "casa"},
}
"""Short, since a name gives way to its label on a display; in ISO-8859-1."""


class Labels:
    """The labels of a configuration."""

    def __init__(self, config: Config) -> None:
        words = LABELS.get(config.phonebook_language, LABELS["en"]) | config.directory.labels
        self._words: dict[str, str] = {str(number_type): word for number_type, word in words.items()}

    def text(self, label: str) -> str:
        """Return the words for a label of `contacts.py`: `mobile 2`, or ""."""
        number_type, blank, count = label.partition(" ")
        return f"{self._words[number_type]}{blank}{count}" if label else ""
