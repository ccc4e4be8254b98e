"""From what a directory says of a person's language and country to the phone's own numbers and codes. Pure.

The phone knows nine languages and eleven tone plans (phone-spec 3.3); of any other the weaker layer stands.
"""

import re
from typing import Final

LANGUAGES: Final = ("en", "fr", "es", "de", "it", "no", "ru", "pt", "nl")
"""In the order of `LanguageType`."""
COUNTRIES: Final = ("US", "FR", "GB", "DE", "NL", "IT", "ES", "CZ", "PL", "SI", "AT")
"""Tone plans, `CountryCode`: ISO 3166 codes."""
_NORWEGIAN: Final = {"nb": "no", "nn": "no"}
_TONES_OF: Final = {"CA": "US", "UK": "GB"}
"""Canada rings as the United States do; UK is no ISO code, and written all the same."""
_NAMES: Final = {
    "united states": "US", "united states of america": "US", "usa": "US", "canada": "US",
    "france": "FR",
    "united kingdom": "GB", "great britain": "GB", "united kingdom of great britain and northern ireland": "GB",
    "germany": "DE", "deutschland": "DE", "allemagne": "DE",
    "netherlands": "NL", "the netherlands": "NL", "nederland": "NL",
    "italy": "IT", "italia": "IT", "italie": "IT",
    "spain": "ES", "españa": "ES", "espagne": "ES",
    "czech republic": "CZ", "czechia": "CZ", "česko": "CZ", "česká republika": "CZ",
    "poland": "PL", "polska": "PL",
    "slovenia": "SI", "slovenija": "SI",
    "austria": "AT", "österreich": "AT",
}  # fmt: skip
"""What `co` holds, in lower case: the English name (AD writes that one) and the country's own."""
_PREFERENCE: Final = re.compile(
    r"\s*(?P<language>[A-Za-z]{1,8}|\*)(?:[-_][A-Za-z0-9]{1,8})*\s*(?:;\s*q\s*=\s*(?P<quality>[01](?:\.\d{0,3})?)\s*)?"
)


def language_of(preferred: str) -> str | None:
    """Return the phone's language for a `preferredLanguage` (RFC 2798 2.7: written as `Accept-Language`), or None.

    `da, fr-CH;q=0.8, en;q=0.7` is `fr`: the most wanted one of those that the phone has.
    """
    wanted: list[tuple[float, int, str]] = []
    for place, text in enumerate(preferred.split(",")):
        match = _PREFERENCE.fullmatch(text)
        if match is None:
            continue
        language = match["language"].lower()
        language = _NORWEGIAN.get(language, language)
        quality = float(match["quality"] or 1)
        if language in LANGUAGES and quality > 0:
            wanted.append((-quality, place, language))
    return min(wanted)[2] if wanted else None


def country_of(written: str) -> str | None:
    """Return the tone plan for a country as `c` (ISO 3166) or `co` (its name) writes it, or None."""
    text = written.strip()
    code = _TONES_OF.get(text.upper(), text.upper())
    return code if code in COUNTRIES else _NAMES.get(text.lower())
