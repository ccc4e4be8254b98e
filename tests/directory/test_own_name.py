"""A person's own full name finds the person, in any folding and any order of words."""

import random
import unicodedata
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from services.directory.lookup import find_rows
from shared.text import fold
from tests.directory.desk import Mirror, TableReader, person
from tests.directory.test_properties import GIVEN, SURNAMES


def _without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _letters(**written: str) -> Callable[[str], str]:
    table = {ord(letter): instead for letter, instead in written.items()}
    return lambda name: name.translate(table)


FOLDINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "lower case": str.lower,
    "upper case": str.upper,
    "decomposed": lambda name: unicodedata.normalize("NFD", name),
    "composed": lambda name: unicodedata.normalize("NFC", name),
    "without accents": _without_accents,
    "ASCII": fold,
    "umlauts": _letters(ä="ae", ö="oe", ü="ue", ß="ss", Ö="Oe", Ü="Ue"),
    "ligatures": _letters(œ="oe", Œ="Oe", æ="ae", Æ="Ae", ß="ss", þ="th", Þ="Th"),
    "strokes": _letters(ø="o", Ø="O", ł="l", Ł="L", ð="d"),
    "hyphens blank": lambda name: name.replace("-", " "),
    "hyphens gone": lambda name: name.replace("-", ""),
    "apostrophes blank": lambda name: name.replace("'", " ").replace("’", " "),
    "apostrophes gone": lambda name: name.replace("'", "").replace("’", ""),
    "apostrophes typed": lambda name: name.replace("’", "'"),
}


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(GIVEN),
    st.sampled_from(SURNAMES),
    st.lists(st.sampled_from(sorted(FOLDINGS)), max_size=3),
    st.sampled_from(["composed", "decomposed"]),
    st.randoms(use_true_random=False),
)
def test_ones_own_full_name_finds_one_however_it_is_written(
    given_name: str, surname: str, foldings: list[str], kept: str, dice: random.Random
) -> None:
    """In any order of words. The directory may hold the name composed or decomposed."""
    words = f"{given_name} {surname}".split()
    dice.shuffle(words)
    typed = " ".join(words)
    for folding in foldings:
        typed = FOLDINGS[folding](typed)
    form = FOLDINGS[kept]
    others = [person("o1", "Otto Krause", "Krause"), person("o2", "Jeanne Duval", "Duval")]
    wanted = person("wanted", form(f"{given_name} {surname}"), form(surname), AstAccountName="4711")
    mirror = Mirror().load([*others, wanted])
    found = find_rows(mirror.config, TableReader(mirror.db), typed, 100)
    assert "4711" in [row.telephone for row in found.rows], typed
