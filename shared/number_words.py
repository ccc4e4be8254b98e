"""The words that people write beside numbers, in the languages of Europe. Tables only; case and accents do not count.

A word that stands nowhere here makes a value unreadable, so a missing word loses a number and never dials a wrong one.
"""

import unicodedata
from enum import StrEnum
from typing import Final


class Word(StrEnum):
    """What a word says of the digits beside it; the values are the letters of a skeleton (`shared.number_text`)."""

    LABEL = "L"
    LETTER = "l"
    """A label of one letter, which is believed before a whole number only."""
    FAX = "F"
    INNER = "X"
    """The digits behind it are an extension."""
    DIRECT = "D"
    """The digits behind it belong to the number before it (Durchwahl)."""
    OR = "O"
    """Another number follows."""


def takes_back(word: str) -> bool:
    """Tell whether a word in brackets says that a number is not, or no longer, to be dialled."""
    return plain_word(word) in _WITHDRAWN


def word_of(text: str) -> Word | None:
    """Return what a word means, or None for one that nobody knows."""
    return _WORDS.get(plain_word(text))


def may_be_label(text: str) -> bool:
    """Tell whether a word that announces an extension may also say of a number what it is: `2010 (interne)`."""
    return plain_word(text) in _INNER_AND_LABEL


def plain_word(text: str) -> str:
    """Return a word without case and accents."""
    folded = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in folded if not unicodedata.combining(c))


_LABELS: Final = """
tel tele telef telefon telefone telefono telefoon telephone telephon telefonnummer telefonnr telno telnr phone phones ph
fon fone fono puh puhelin sima telefonszam telefonas talrunis τηλ τηλεφωνο тел телефон 電話 电话
no nr nro num numero numer number nummer rufnummer rufnr kontakt contact call
mobile mob mobil mobiel mobilnr mobiltelefon mobilni handy natel gsm portable port cell cellular cellulare cel celular
celulaire movil telemovel tlm telefonino kom komorka komorkowy matkapuhelin matkap kinito κιν κινητο моб мобильный
сот сотовый 携帯 手机
bureau bur buro buero office work business dienst dienstlich dienstl geschaft geschaeft gesch geschaftlich arbeit ufficio uff
lavoro oficina trabajo escritorio escritorio kantoor werk zakelijk praca sluzbowy biuro kontor arbete arbejde jobb toimisto
firma company societe entreprise раб рабочий служ служебный офис
direct directe direkt direkte ligne line ld linea diretto diretta directo directa std standard switchboard zentrale
zentralruf zentralnummer centrale central centralino centralita reception accueil empfang sekretariat secretariat
sekr secr secretary assistant assistante assistenz
home house private privat privé prive priv privee domicile dom maison casa thuis hjem hem koti podrobno domov дом домашний
fixe fix festnetz fijo fisso fixo vast fastnet stacjonarny pevna
interne intern internal interno interna internt sisainen внутр
urgence urgences emergency notfall
"""
_LETTERS: Final = "t c m p b d g h w n т м"
_FAX: Final = (
    """fax faxe telefax telecopie telecopieur telecop facs facsimile faks telefaks faxnr faxnummer факс φαξ f ф"""
)
_INNER: Final = """
x ex ext exts extn extns extension extensions poste pst int interne intern internal interno interna internt inner
app apparat nst nebenstelle nebenst kl klappe klapka w wew wewn wewnetrzny вн внутр внутренний доб добавочный ramal anexo
toestel tst tstl lok lokal lokalnr anknytning ankn ank alanumero ala εσωτ εσ εσωτερικο mellek belso linka vnitrni
内線 分机
"""
_DIRECT: Final = "dw durchwahl durchw ddi did"
_WITHDRAWN: Final = frozenset({
    "ne", "pas", "plus", "ancien", "ancienne", "vieux", "faux", "fausse", "errone", "resilie", "supprime", "invalide",
    "perime", "obsolete", "hs", "nicht", "kein", "keine", "mehr", "alt", "alte", "altes", "falsch", "gesperrt",
    "ungultig", "ungueltig", "fruher", "frueher", "ehemals", "ausser", "gekundigt", "gekuendigt", "not", "no", "dont",
    "never", "old", "wrong", "former", "formerly", "invalid", "disconnected", "defunct", "dead", "closed",
    "cancelled", "canceled", "inactive", "vecchio", "vecchia", "sbagliato", "errato", "disattivato", "viejo", "antiguo",
    "equivocado", "baja", "antigo", "errado", "oud", "niet", "fout", "stary", "nieaktualny", "gammel", "gammal", "fel",
    "ei", "pin",
})  # fmt: skip
"""Words in brackets that take a number back, or say that the digits are none: `(ne plus utiliser)`, `(alt)`."""
_OR: Final = """
ou oder or o oppure of eller tai lub albo nebo alebo vagy или або ή sau ili ali
et und u and y e i en och og ja oraz и και si sowie ainsi also alternativ alternativement alternatively resp respectively bzw
puis then dann
"""


def _table() -> dict[str, Word]:
    kinds = (
        (Word.LABEL, _LABELS),
        (Word.OR, _OR),
        (Word.LETTER, _LETTERS),
        (Word.FAX, _FAX),
        (Word.INNER, _INNER),
        (Word.DIRECT, _DIRECT),
    )
    return {plain_word(word): kind for kind, words in kinds for word in words.split()}


_WORDS: Final = _table()
_INNER_AND_LABEL: Final = frozenset(plain_word(word) for word in _INNER.split()) & frozenset(
    plain_word(word) for word in (_LABELS + " " + _LETTERS).split()
)
