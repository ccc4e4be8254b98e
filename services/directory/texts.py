"""What a phone shows beside names and numbers, in the languages of the phones. Pure: texts, no decisions.

One language is a `Texts`; a language that is not here is English.
"""

from typing import Final, NamedTuple

from services.directory.dialects.screen import Captions


class Texts(NamedTuple):
    """The texts of a language, at most 32 characters each. `short` holds `{least}`.

    What nginx says too is ASCII: `phonebook`, `blanks`, `unknown`, `unavailable`, `busy`.
    """

    phonebook: str
    prompt: str
    empty: str
    short: str
    long: str
    malformed: str
    blanks: str
    unknown: str
    unavailable: str
    busy: str
    parts: str
    near: str
    sounds: str
    captions: Captions


_TEXTS: Final = {
    "en": Texts(
        "Phonebook", "Name or number", "Type a name or a number", "Type at least {least} letters", "Search too long",
        "Search not understood", "No blanks: type + or wait",
        "Not available", "Directory unavailable", "Too many searches, please wait",
        "Parts of names", "Similar names",
        "Names that sound alike",
        Captions("Previous page", "Next page", "Dial", "Edit", "Exit", "No entries", "More: type more letters"),
    ),
    "fr": Texts(
        "Annuaire", "Nom ou numéro", "Tapez un nom ou un numéro", "Tapez au moins {least} lettres", "Recherche trop longue",
        "Recherche incomprise", "Sans espace: tapez + ou attendez",
        "Non disponible", "Annuaire indisponible", "Trop de recherches, patientez",
        "Parties de noms", "Noms semblables",
        "Noms de même son",
        Captions("Page précédente", "Page suivante", "Appeler", "Modifier", "Quitter", "Aucun résultat", "Suite : précisez"),
    ),
    "de": Texts(
        "Telefonbuch", "Name oder Nummer", "Name oder Nummer eingeben", "Mindestens {least} Buchstaben", "Suche zu lang",
        "Suche nicht verstanden", "Keine Leerzeichen: + oder warten",
        "Nicht vorhanden", "Telefonbuch nicht erreichbar", "Zu viele Suchen, bitte warten",
        "Namensteile", "Ähnliche Namen",
        "Ähnlich klingende Namen",
        Captions("Vorige Seite", "Nächste Seite", "Wählen", "Ändern", "Ende", "Keine Einträge", "Weitere: mehr eingeben"),
    ),
    "es": Texts(
        "Agenda", "Nombre o número", "Escriba un nombre o número", "Escriba al menos {least} letras", "Búsqueda muy larga",
        "Búsqueda no entendida", "Sin espacios: use + o espere",
        "No disponible", "Agenda no disponible", "Demasiadas consultas, espere",
        "Partes de nombres", "Nombres parecidos",
        "Nombres que suenan igual",
        Captions("Página anterior", "Página siguiente", "Llamar", "Editar", "Salir", "Sin resultados", "Más: escriba más"),
    ),
    "it": Texts(
        "Rubrica", "Nome o numero", "Digitare un nome o numero", "Digitare almeno {least} lettere", "Ricerca troppo lunga",
        "Ricerca non capita", "Senza spazi: usare + o attendere",
        "Non disponibile", "Rubrica non disponibile", "Troppe ricerche, attendere",
        "Parti di nomi", "Nomi simili",
        "Nomi dal suono simile",
        Captions("Pagina precedente", "Pagina seguente", "Chiama", "Modifica", "Esci", "Nessun risultato", "Altri: precisare"),
    ),
    "nl": Texts(
        "Telefoonboek", "Naam of nummer", "Typ een naam of nummer", "Typ minstens {least} letters", "Zoekopdracht te lang",
        "Zoekopdracht onduidelijk", "Geen spaties: typ + of wacht",
        "Niet beschikbaar", "Telefoonboek onbereikbaar", "Te veel zoekvragen, wacht even",
        "Delen van namen", "Gelijkende namen",
        "Gelijkklinkende namen",
        Captions("Vorige pagina", "Volgende pagina", "Bellen", "Wijzigen", "Einde", "Geen resultaten", "Meer: typ verder"),
    ),
    "pt": Texts(
        "Agenda", "Nome ou número", "Digite um nome ou número", "Digite pelo menos {least} letras", "Pesquisa longa demais",
        "Pesquisa não entendida", "Sem brancos: use + ou aguarde",
        "Sem acesso", "Agenda fora do ar", "Muitas pesquisas, aguarde",
        "Partes de nomes", "Nomes semelhantes",
        "Nomes de som parecido",
        Captions("Página anterior", "Página seguinte", "Ligar", "Editar", "Sair", "Sem resultados", "Mais: digite mais"),
    ),
}  # fmt: skip
ENGLISH: Final = _TEXTS["en"]


def texts_in(language: str) -> Texts:
    """Return the texts of a language (`fr`, `fr-CA`); English where there are none."""
    return _TEXTS.get(language.partition("-")[0].lower(), ENGLISH)
