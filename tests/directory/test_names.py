"""Under which names people are found, and which one is shown: directories as they really are (`cases/*.ldif`)."""

from pathlib import Path

import pytest

from services.directory.contacts import shown_name
from services.directory.surnamefirst import surname_first
from shared.ldap.entry import Entry, uuid_of_dn
from shared.ldap.ldiftext import parse_ldif
from shared.ldap.mapping import PersonAttributes
from shared.ldap.source import Kind
from shared.people import PersonReader, person_from
from tests.directory.desk import PEOPLE, Mirror, ask, client_of, configuration, rows_of

PERSON = f"uid=a,{PEOPLE}"
CASES = Path(__file__).parent / "cases"
AD = {"work": ["telephoneNumber", "otherTelephone"], "mobile": ["mobile", "otherMobile"]}


def people_of(case: str) -> list[Entry]:
    """The persons of a case."""
    with (CASES / f"{case}.ldif").open("rb") as file:
        entries = [entry for _, entry in parse_ldif(case, file)]
    return [entry for entry in entries if {"inetOrgPerson", "user"} & set(entry.attributes["objectclass"])]


def mirror_of(entries: list[Entry], mapping: dict[str, list[str]] | None = None) -> Mirror:
    config = configuration()
    ldap = config.ldap.model_copy(
        update={"mapping": config.ldap.mapping.model_copy(update={"person": PersonAttributes(**(mapping or {}))})}
    )
    return Mirror(config.model_copy(update={"ldap": ldap})).load(entries)


def found(mirror: Mirror, query: str) -> list[tuple[str, str]]:
    return rows_of(ask(client_of(mirror), query))


def names(mirror: Mirror, query: str) -> list[str]:
    return list(dict.fromkeys(name for name, _ in found(mirror, query)))


def one(dn: str = PERSON, **attributes: str | tuple[str, ...]) -> Entry:
    """A person with an extension."""
    several = {name: (value,) if isinstance(value, str) else value for name, value in attributes.items()}
    given = {name.replace("__", ";").replace("_", "-").lower(): values for name, values in several.items()}
    return Entry(uuid_of_dn(dn), dn, {"astaccountname": ("1001",), **given})


def shown(dn: str = PERSON, **attributes: str | tuple[str, ...]) -> str:
    return shown_name(person_from(one(dn, **attributes), PersonAttributes()))


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("bettina", "Janssen, Bettina"),
        ("betty", "Janssen, Bettina"),
        ("betty jan", "Janssen, Bettina"),
        ("robert", "Bob M."),
        ("bob miller", "Bob M."),
        ("lefort", "Dubois, Marie"),
        ("marie lef", "Dubois, Marie"),
        ("garnier", "Garnier, Walter"),
        ("wally", "Garnier, Walter"),
        ("4711", "Garnier, Walter"),
        ("walter", "Garnier, Walter"),
        ("alain", "Blanc, Alain"),
    ],
)
def test_a_person_is_found_under_every_name_and_shown_under_the_known_one(query: str, name: str) -> None:
    assert names(mirror_of(people_of("names")), query) == [name]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("zimmer", "Zimmer, Zoé"),
        ("aki", "Zimmer, Zoé"),
        ("wolska", "Wolska, Anna"),
        ("hanna", "Wolska, Anna"),
        ("nowicka", "Wolska, Anna"),
        ("miller", "Miller, Robert (mobile)"),
    ],
)
def test_values_in_a_language_are_found_and_not_shown_where_another_one_is_spoken(query: str, name: str) -> None:
    mirror = mirror_of(people_of("options"))
    assert names(mirror, query) == [name]


def test_a_number_with_another_option_does_not_count() -> None:
    assert len(found(mirror_of(people_of("options")), "miller")) == 1


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("pl", "Nowicka, Hanna"),
        ("pl-PL, en;q=0.5", "Nowicka, Hanna"),
        ("de, pl;q=0.5", "Wolska, Anna"),
        ("", "Wolska, Anna"),
        ("nonsense;;", "Wolska, Anna"),
    ],
)
def test_a_phone_that_says_its_language_is_shown_the_names_in_it(header: str, name: str) -> None:
    client = client_of(mirror_of(people_of("options")))
    for _ in range(2):  # the second answer is a kept one
        for asked, expected in ((header, name), ("", "Wolska, Anna")):
            response = client.get("/search?q=wolska", headers={"Accept-Language": asked})
            assert f"<Name>{expected}</Name>" in response.get_data(as_text=True)


def test_the_language_of_the_site_is_that_of_its_phones() -> None:
    entry = one(cn="Anna Wolf", sn="Wolf", cn__lang_fr="Anne Loup", sn__lang_fr="Loup")
    mirror = mirror_of([entry])
    french = Mirror(
        mirror.config.model_copy(update={"provision": mirror.config.provision.model_copy(update={"language": "fr"})})
    )
    french.load([entry])
    client = client_of(french)
    assert rows_of(ask(client, "wolf")) == [("Loup, Anne", "1001")]
    assert rows_of(ask(client_of(mirror), "loup")) == [("Wolf, Anna", "1001")]
    german = client.get("/search?q=wolf", headers={"Accept-Language": "de"})
    assert "Wolf, Anna" in german.get_data(as_text=True)


def test_names_in_languages_leave_with_their_person() -> None:
    mirror = mirror_of(people_of("options"))
    count = "SELECT count(*) FROM names_in_languages"
    assert mirror.db.execute(count).fetchone() == (4,)
    mirror.change(gone=[entry.uuid for entry in people_of("options")])
    assert mirror.db.execute(count).fetchone() == (0,)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("oberbacher", ["Oberbacher, Hugo"]),
        ("ober\u00adbacher", ["Oberbacher, Hugo"]),
    ],
)
def test_format_characters_never_split_a_word(query: str, name: list[str]) -> None:
    assert names(mirror_of(people_of("invisible")), query) == name


@pytest.mark.parametrize("sign", ["\u00ad", "\u200b", "\u200d", "\ufeff", "\u202a", "\u2060", "\ufe0f", "\u034f", "😀"])
def test_no_sign_without_a_shape_splits_a_word_or_is_spelled_out(sign: str) -> None:
    mirror = mirror_of([one(cn=f"Hugo Ober{sign}bacher {sign}", sn=f"Ober{sign}bacher")])
    for query in ("oberbacher", f"ober{sign}bacher", f"hugo {sign} ober"):
        assert names(mirror, query) == ["Oberbacher, Hugo"]


@pytest.mark.parametrize("blank", ["\u00a0", "\u202f"])
def test_a_blank_that_does_not_break_is_a_blank_and_the_word_is_found_whole_too(blank: str) -> None:
    mirror = mirror_of([one(cn=f"Anna{blank}Ober{blank}bacher")])
    for query in ("oberbacher", "ober bacher", f"ober{blank}bacher"):
        assert names(mirror, query) == ["Anna Ober bacher"]
    whole = mirror_of([one(cn="Anna Oberbacher")])
    assert names(whole, f"ober{blank}bacher") == ["Anna Oberbacher"]


def test_a_list_of_attributes_gives_all_numbers_of_an_active_directory() -> None:
    assert [number for _, number in found(mirror_of(people_of("ad"), AD), "martin")] == [
        "00199002010",
        "00199002011",
        "00639981060",
        "00639981061",
    ]


def test_the_words_of_a_site_are_found_after_all_others() -> None:
    people = [
        one("uid=a,dc=x", cn="Anna Lyonnet", astaccountname="1001"),
        one("uid=b,dc=x", cn="Bruno Petit", title="Comptable Lyon", astaccountname="1002"),
        one("uid=c,dc=x", cn="Carla Roux", l=("Paris", "Lyon-Bron"), title="Comptable", astaccountname="1003"),
        one("uid=d,dc=x", cn="Denis Roy", l="Paris", title="Vendeur", astaccountname="1004"),
        one("uid=e,dc=x", cn="Emma Sand", l="Villeurbanne", astaccountname="1005"),
    ]
    mirror = mirror_of(people)
    assert names(mirror, "lyon") == ["Anna Lyonnet", "Bruno Petit", "Carla Roux"]
    assert names(mirror, "comptable paris") == ["Carla Roux"]
    assert names(mirror, "villeurbann") == ["Emma Sand"]
    assert names(mirror, "roux lyonbron") == ["Carla Roux"]


def test_every_value_of_company_title_and_department_is_found() -> None:
    entry = one(cn="Ada", o=("Nord", "Sud"), title=("Clerk", "Auditor"), ou=("Sales", "Stores"), departmentnumber="77x")
    mirror = mirror_of([entry])
    for query in ("nord", "sud", "clerk", "auditor", "sales", "stores", "77x"):
        assert names(mirror, query) == ["Ada"], query


def test_how_a_name_is_spoken_is_searched_and_never_shown() -> None:
    entry = one(cn="山田 花子", msds_phoneticdisplayname="やまだ はなこ", cn__phonetic="Hanako Yamada")
    mirror = mirror_of([entry], {"phonetic": ["msDS-PhoneticDisplayName"]})
    assert names(mirror, "yamada") == names(mirror, "hanako") == names(mirror, "shan")
    assert "yamada" not in names(mirror, "yamada")[0].lower()


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("hm", "H&M"), ("att", "AT&T"), ("vanderberg", "van der Berg, Anna"), ("derberg", "van der Berg, Anna"),
        ("jl moreau", "Moreau, Jean-Luc"), ("24 7", "Hotline 24/7"), ("24/7", "Hotline 24/7"), ("247", "Hotline 24/7"),
        ("hotline 24 7", "Hotline 24/7"), ("rd", "R & D"), ("stjohn", "St. John, Mary"), ("mt roy", "Roy, Marie Thérèse"),
    ],
)  # fmt: skip
def test_names_are_found_as_people_write_them_together(query: str, name: str) -> None:
    written = {
        "H&M": "", "AT&T": "", "Anna van der Berg": "van der Berg", "Jean-Luc Moreau": "Moreau", "Hotline 24/7": "",
        "R & D": "", "Mary St. John": "St. John", "Marie Thérèse Roy": "Roy",
    }  # fmt: skip
    people = [
        one(f"uid=p{at},dc=x", displayname=text, sn=surname, astaccountname=f"{1800 + at}") if surname
        else one(f"uid=p{at},dc=x", displayname=text, astaccountname=f"{1800 + at}")
        for at, (text, surname) in enumerate(written.items())
    ]  # fmt: skip
    assert names(mirror_of(people), query) == [name]


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        ({"displayname": "4711", "cn": "Walter Garnier", "sn": "Garnier"}, "Garnier, Walter"),
        ({"cn": "4711", "sn": "Garnier", "givenname": "Walter"}, "Garnier, Walter"),
        ({"cn": "4711"}, "4711"),
        ({"cn": ("4711", "12")}, "12"),
        ({"cn": "4711", "sn": "12"}, "4711"),
        ({"displayname": (" ", "\u00a0", "\u200b"), "cn": " ", "sn": "Roy", "givenname": " "}, "Roy"),
        (
            {"cn": ("W. Garnier", "Walter Garnier", "Walter J. Garnier"), "sn": "Garnier", "givenname": "Walter"},
            "Garnier, Walter",
        ),
        ({"cn": ("Walter Roy", "Walter Roi"), "sn": ("Roi", "Roy"), "givenname": "Walter"}, "Roi, Walter"),
        ({"displayname": ("Bob Roy", "Bob A. Roy"), "cn": "Robert Roy", "sn": "Roy"}, "Roy, Bob"),
        ({"displayname": "bob", "cn": "Robert Roy", "sn": "Roy"}, "bob"),
        ({"displayname": "😀", "cn": "Robert Roy", "sn": "Roy"}, "Roy, Robert"),
        ({"cn": ("Wang Wei", "王伟"), "sn": "Wang", "givenname": "Wei"}, "Wang, Wei"),
        ({"displayname": "王伟", "cn": "Wang Wei", "sn": "Wang"}, "王伟"),
        ({"cn": ("Plato",), "sn": "Plato"}, "Plato"),
        ({}, ""),
    ],
)
def test_the_name_that_people_know_is_shown(attributes: dict[str, str | tuple[str, ...]], name: str) -> None:
    assert shown(PERSON, **attributes) == name


@pytest.mark.parametrize(
    ("dn", "values", "name"),
    [
        ("cn=Walter Garnier,dc=x", ("4711", "Walt Garnier", "Walter Garnier"), "Garnier, Walter"),
        ("CN=walter  garnier,dc=x", ("Al Garnier", "Walter Garnier"), "Garnier, Walter"),
        (r"cn=Garnier\, Walter,dc=x", ("Al Garnier", "Garnier, Walter"), "Garnier, Walter"),
        ("uid=wg+cn=Walter Garnier,dc=x", ("Al Garnier", "Walter Garnier"), "Garnier, Walter"),
        ("cn=Wally,dc=x", ("Wally", "Walter Garnier"), "Wally"),
        ("cn=4711,dc=x", ("4711", "Walter Garnier"), "Garnier, Walter"),
        ("cn=e4711,dc=x", ("e4711", "Walter Garnier"), "Garnier, Walter"),
        ("cn=e4711,dc=x", ("e4711",), "Garnier"),
    ],
)
def test_of_several_common_names_the_one_in_the_rdn_is_shown_unless_it_names_an_account(
    dn: str, values: tuple[str, ...], name: str
) -> None:
    for order in (values, values[::-1]):
        assert shown(dn, cn=order, sn="Garnier") == name


@pytest.mark.parametrize(
    ("written", "surname", "name"),
    [
        ("Marie Dubois (née Lefort)", "Dubois", "Dubois, Marie (née Lefort)"),
        ("Dubois (née Lefort), Marie", "Dubois", "Dubois (née Lefort), Marie"),
        ("Dubois (née Lefort) Marie", "Dubois", "Dubois (née Lefort), Marie"),
        ("Marie Dubois née Lefort", "Dubois", "Dubois, Marie née Lefort"),
        ("Anna Vogel geb. Krause", "Vogel", "Vogel, Anna geb. Krause"),
        ("Martin Luther King, Jr.", "King", "King, Martin Luther, Jr."),
        ("Martin Luther King Jr.", "King", "King, Martin Luther Jr."),
        ("King Jr., Martin Luther", "King", "King Jr., Martin Luther"),
        ("John Smith III", "Smith", "Smith, John III"),
        ('Robert "Bob" Miller', "Miller", 'Miller, Robert "Bob"'),
        ("Robert Miller „Bob“", "Miller", "Miller, Robert „Bob“"),
        ("Dr. Eva Straßer", "Straßer", "Straßer, Dr. Eva"),
        ("Dr. Straßer", "Straßer", "Dr. Straßer"),
        ("Hans Müller, MBA", "Müller", "Müller, Hans, MBA"),
        ("Prof. Dr. Hans Müller (Lyon)", "Müller", "Müller, Prof. Dr. Hans (Lyon)"),
        ("Dupin (Accueil)", "Dupin", "Dupin (Accueil)"),
        ("Yo-Yo Ma", "Ma", "Ma, Yo-Yo"),
        ("Jean Dupin - Lyon", "Dupin", "Jean Dupin - Lyon"),
    ],
)
def test_what_people_write_around_a_name_is_not_torn_off(written: str, surname: str, name: str) -> None:
    assert surname_first(written, surname) == name


def test_a_hidden_attribute_is_hidden_in_every_language() -> None:
    config = configuration(visibility={"hidden": ["given_name", "display_name"]})
    entry = one(cn="A", cn__lang_fr="B", givenname__lang_fr="C", sn__lang_fr="D", sn="E")
    admitted = Mirror(config).tables.admit(Kind.PERSON, entry)
    assert isinstance(admitted, Entry)
    assert admitted.attributes.keys() == {"astaccountname", "sn", "sn;lang-fr"}


def test_the_order_in_which_a_server_gives_values_never_matters() -> None:
    values = {"cn": ("A B", "C D"), "sn": ("B", "D"), "mobile": ("06 1", "06 2"), "l": ("X", "Y"), "o": ("P", "Q")}
    turned = {name: each[::-1] for name, each in values.items()}
    reader = PersonReader(PersonAttributes())
    assert reader.read(one(PERSON, **values)) == reader.read(one(PERSON, **turned))
