"""The order of names in each language: whole lists, each in the order in which its speakers expect them."""

import sqlite3
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.directory.collation import LOCALES, sort_key
from shared.sections.directory import Locale

SORTED: dict[Locale, str] = {
    "en": "Abel Ångström Ashe Brown Çelik Clark Étienne Evans Łukasz Lyons Muller Müller Munro Ñíguez Nolan Øster Zola",
    "fr": "Abadie Cote Coté Côte Côté Dupin Élie Emery Œuvrard Offner Zidane",
    "de": "Abel Ackermann Ähnlich Altmann Goethe Göthe Gott Groß Grosse Mueller Müller Muller Öhler Otto Zimmer",
    "es": "Cano Caña Chacón Cobo Llorente López Luna Nuñez Núñez Nuria Ñandú Ocaña",
    "it": "Abate Cantù Canuto De\u00a0Luca Nicolò Nicosia",
    "nl": "Dekker IJsbrand Ilsink Visser Yperen Zwart",
    "pt": "Ana Ângela António Conceição Conde Zé",
    "sv": "Aronsson Müller Myrberg Zetterberg Åberg Ähn Ärlig Öberg Österman",
    "fi": "Aalto Virtanen Wirta Zidbäck Åkesson Äijälä Öhman",
    "da": "Andersen Hansen Myhre Müller Zeuthen Ærø Ørsted Østergaard Aagaard Åkjær",
    "nb": "Abel Hansen Zahl Ærlig Ødegaard Ås Aasen",
    "nn": "Zahl Æsop Øy Åmot",
    "no": "Zahl Æsop Øy Åmot",
    "is": "Anna Árni Björn Davíð Edda Éva Þór Ægir Ösp",
    "fo": "Anna Ásla Zoe Ævar Ørn Åge",
    "et": "Saar Sild Šein Zoo Žukov Tamm Vaher Wilde Õun Ämarik Öpik Ülle Xenia Yrjö",
    "lv": "Cers Čaks Gailis Ģirts Ieva Yvonna Jansons Kalns Ķirsis Lapa Ļaudis Zars Žagars",
    "lt": "Cibas Čepas Ieva Yla Ivanas Jonas Salys Šalys Zuokas Žukas",
    "pl": "Adam Ązik Baran Cytryn Ćwik Dąb Lwow Łagowski Maj Nowak Ńak Ozon Ósmak Sowa Święty Zych Źrebak Żak",
    "cs": "Cibulka Čapek Dvořák Hus Chalupa Jirásek Rybář Řehoř Svoboda Šimek Zeman Žák",
    "sk": "Adam Ädam Cibula Čapek Horák Chovan Ivan Oto Ôsmy Šoltés Zeman Žilka",
    "sl": "Cankar Čuk Ćosić Drnovšek Đurić Erjavec Šega Zupan Žagar",
    "hr": "Cvitan Čačić Ćosić Dragić Džaja Đaković Lukić Ljubić Novak Njegoš Šarić Zidar Žarko",
    "bs": "Cvitan Čačić Ćosić Dragić Džaja Đaković",
    "hu": "Cukor Csaba Dudás Dzeta Dzsida Gál Győri Lyka Nagy Nyíri Orbán Ősi Öveges Szabó Tóth Tyukod Udvari Ürge Zoltán Zsolt",
    "ro": "Avram Ăndrei Âna Bălan Iorga Îndrei Stan Șerban Toma Țepeș",
    "sq": "Cani Çela Drita Dhimitri Elira Ëndra Gashi Gjoni Luan Llesh Nora Njazi Rama Rroku Sala Shala Tana Thaçi Zana Zhani",
    "tr": "Cem Çelik Galip Ğan Hakan Işık İnan Oğuz Öztürk Selim Şahin Ufuk Ünal",
    "cy": "Cynan Charles David Ddu Gwyn Ngaio Lewis Llwyd Rowan Rhys Tudur Thomas",
    "el": "Αλέξης Άννα Βασίλης Γιάννης Δημήτρης Ελένη Ζωή Ηλίας Θωμάς Ωραία Alice",
    "ru": "Анна Борис Елена Ёлкин Жанна Игорь Йозеф Яна Anna",
    "uk": "Галина Ґалаґан Дарія Єва Іван Їжак Йосип Яна Anna",
    "bg": "Ангел Борис Йордан Щерев Ъгленов Юлия Anna",
}


def in_order(names: list[str], locale: Locale) -> list[str]:
    """Sorted from the wrong end, since sorting keeps equal names as they come."""
    backwards = names[::-1]
    return sorted(backwards, key=lambda name: sort_key(name, locale))


@pytest.mark.parametrize("locale", SORTED)
def test_names_stand_where_the_language_puts_them(locale: Locale) -> None:
    names = SORTED[locale].split(" ")
    assert in_order(names, locale) == names


@pytest.mark.parametrize("locale", ["en", "fr", "sv", "hu", "ru"])
def test_a_surname_stands_before_longer_ones_whatever_follows(locale: Locale) -> None:
    names = [
        "Dupin",
        "Dupin, Jean",
        "Dupin, Jéan",
        "Dupin, Zoé",
        "Dupin-Martin, Anna",
        "Dupin Martin, Eva",
        "Dupinel, Anna",
        "Obrian, Ann",
        "O'Brien, Ann",
        "OBrien, Bob",
        "O’Brien, Carl",
        "Obrod, Ann",
    ]
    assert in_order(names, locale) == names


def test_doubled_letters_of_hungarian_count_as_two() -> None:
    names = ["Kasza", "Kassai", "Kassza"]
    assert sort_key("Kassza", "hu").startswith("kas~s~a")
    assert in_order(names, "hu") == ["Kassai", "Kasza", "Kassza"]


def test_other_scripts_stand_where_they_are_transliterated() -> None:
    names = ["Dimas", "Δημήτρης", "Dumas", "Иванов", "Jansen"]
    assert in_order(names, "fr") == names


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn"]), max_size=20)


@given(NAMES, st.sampled_from(LOCALES))
def test_both_ways_to_write_an_accent_sort_the_same(name: str, locale: Locale) -> None:
    assert sort_key(unicodedata.normalize("NFD", name), locale) == sort_key(unicodedata.normalize("NFC", name), locale)


@given(NAMES, NAMES, st.sampled_from(LOCALES))
def test_sqlite_sorts_keys_as_python_does(one: str, two: str, locale: Locale) -> None:
    keys = [sort_key(one, locale), sort_key(two, locale)]
    db = sqlite3.connect(":memory:")
    assert db.execute("SELECT ? < ?", keys).fetchone() == (keys[0] < keys[1],)


@given(NAMES, st.sampled_from(LOCALES))
def test_no_key_holds_a_control_character(name: str, locale: Locale) -> None:
    assert all(c >= " " for c in sort_key(name, locale))


@given(st.text("abcdefghijklmnopqrstuvwxyz -', ABC", max_size=20))
def test_plain_names_sort_as_the_general_way_does(name: str) -> None:
    assert sort_key(name + "é", "fr") == f"{sort_key(name + 'e', 'fr')} {name.lower()}é"
