"""Phone and phonebook joined: what each model makes of every step of a search in the directory service, over real HTTP.

The service answers from a store with four kinds of phonebooks; the phone types, opens every menu and every page, and reads
each refusal. Neither knows of the other. Nothing here may leave a complaint, not even one of style.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest

from services.directory.app import create_app
from services.provision.vendors.thomson.simulator.complaints import Rule
from services.provision.vendors.thomson.simulator.directorykey import Encoding, SearchResult, search
from services.provision.vendors.thomson.simulator.identity import Identity
from services.provision.vendors.thomson.simulator.models import MODELS, find_model
from shared.config import Config
from shared.ldap.entry import Entry
from shared.ldap.source import Kind
from tests.directory.desk import configuration
from tests.directory.test_relations import MAC, Office, entry, group, phone
from tests.directory.test_routes import crowd
from tests.tools import free_port
from tests.web.http import ask
from tests.web.thread import served

PAGE: Final = 32
GROUP_DN: Final = "cn=sales,ou=groups,dc=example,dc=org"
BOOKS: Final = (
    {"slot": 1},
    {"slot": 2, "kind": "my-department", "name": "Département"},
    {"slot": 3, "kind": "my-site"},
    {"slot": 4, "kind": "group", "group": GROUP_DN},
    {"slot": 8, "kind": "filter", "filter": "(l=Paris)"},
)
SLOTS: Final = tuple(int(str(book["slot"])) for book in BOOKS)
MIXED: Final = "TB30 with pages that mix rows and links"
PHONES: Final = (*MODELS, MIXED)
SURNAME: Final = "Wolfeschlegelstein Hausenbergerdorff Altenburg Kieselgrund Mittelsee Obertal Neustadtlein"
NOTES: Final = {"Parts of names", "Similar names", "Names that sound alike"}


def family(surname: str, count: int, first: int) -> list[Entry]:
    """So many people of one surname, each with one number, of different sites and departments."""
    return [
        entry(
            f"uid={surname}{at},ou=people,dc=example,dc=org",
            displayName=f"{chr(65 + at % 26)}{'aeiou'[at % 5]}{at:02} {surname}",
            sn=surname,
            AstAccountName=str(first + at),
            l=("Lyon", "Paris")[at % 2],
            ou=("Sales", "Stores")[at % 3 == 0],
        )
        for at in range(count)
    ]


PEOPLE: Final = [
    *crowd(90),
    *family("Müßigang", 3, 4000),
    *family("Vanderbeck", PAGE - 1, 4100),
    *family("Lewandowska", PAGE, 4200),
    *family("Szczepaniak", PAGE + 1, 4300),
    *family(SURNAME, PAGE + 8, 4600),
    *family("O’Neill-Łęcki", 2, 4400),
    *family("R&D <Labo> 100%", 2, 4500),
    entry("uid=none,ou=people,dc=example,dc=org", displayName="Nobody Numberless", sn="Numberless"),
]
OWNER: Final = PEOPLE[95]

QUERIES: Final = {
    "one letter": "d",
    "two letters": "du",
    "a name": "alice",
    "words in any order": "ma ali",
    "exactly a page": "lewandowska",
    "one row more than a page": "szczepaniak",
    "a near miss": "mussigamg",
    "near misses and their note fill a page": "vanderbedk",
    "near misses fill a page without the note": "lewandovska",
    "near misses of several pages": "szczepanjak",
    "parts of names": "epania",
    "parts of names that fill a page with the note": "nderbec",
    "sounds": "doopang",
    "an umlaut": "müßi",
    "folded": "mussigang",
    "letters that Latin-1 lacks": "łęcki",
    "a typographic apostrophe": "o’neill",
    "nothing found": "xqzwvk",
    "a person without numbers": "numberless",
    "an extension": "2001",
    "a number": "0639980005",
    "the beginning of a number": "06399",
    "a plus": "+33639980005",
    "a lone plus": "+",
    "a blank": " ",
    "blanks around": "  alice  ",
    "nothing typed": "",
    "percent": "100%",
    "only signs": "%&=?#/",
    "an ampersand": "r&d",
    "markup": "<labo>",
    "a filter": "*)(cn=*",
    "keypad": "25423",
    "another script": "δαβιδ",
    "a long text": "alice " * 9,
}


NARROW: Final = SURNAME.lower().split(" ")
"""Words of more rows than a page holds, which leave no room for themselves in a link."""


@dataclass(frozen=True)
class Service:
    """A running directory service."""

    config: Config
    port: int

    def press(self, phone: str, text: str, slot: int = 1, encoding: Encoding = Encoding.PERCENT_UTF8) -> SearchResult:
        """Press the directory key of a phone."""
        book = next(book for book in self.config.directory.phonebooks if book.slot == slot)
        model, firmware = identity_of(phone)
        url = self.config.directory.phonebook_url(book)
        return search(url, text, MAC, model=model, firmware=firmware, encoding=encoding, log=print)

    def listed(self, phone: str, text: str, slot: int) -> list[str]:
        """The numbers of all rows for the same caller, from the interface that pages by number and knows no menus."""
        model, firmware = identity_of(phone)
        agent = Identity(MAC, find_model(model), firmware).user_agent
        numbers = list[str]()
        while True:
            query = f"q={quote(text, safe='')}&first={len(numbers) + 1}&count=100"
            answer = ask(self.port, f"/b{slot}/json/search?{query}", User_Agent=agent)
            told = json.loads(answer.body)
            rows = [row["telephone"] for row in told.get("rows", ())]
            numbers += rows
            if len(numbers) >= told.get("total", 0):
                return numbers


def identity_of(phone: str) -> tuple[str, str]:
    """Model and firmware of a phone of `PHONES`."""
    return ("TB30", "1.99.0") if phone == MIXED else (phone, "")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder, port = tmp_path_factory.mktemp("directory"), free_port()
    config = configuration(
        public_url=f"http://127.0.0.1:{port}",
        phonebooks=BOOKS,
        profiles=[{"model": "TB30", "firmware_from": "1.99", "style": "mixed"}],
    ).model_copy(update={"state_dir": folder})
    office = Office(folder, config)
    office.bring(Kind.PERSON, PEOPLE)
    office.bring(Kind.PHONE, [phone(OWNER.dn)])
    office.bring(Kind.GROUP, [group(*(person.dn for person in PEOPLE[::2]))])
    with served(create_app(config), "127.0.0.1", port):
        yield Service(config, port)


@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize("text", QUERIES.values(), ids=QUERIES.keys())
@pytest.mark.parametrize("phone", PHONES)
def test_every_phone_reaches_each_row_of_every_search_once_and_ok_dials_the_first(
    service: Service, phone: str, text: str, slot: int
) -> None:
    found = service.press(phone, text, slot)
    numbers = [row.telephone for row in found.rows]
    assert (found.complaints, found.duplicates, found.strict_exit_code) == ((), (), 0)
    assert sorted(numbers) == sorted(service.listed(phone, text, slot))
    assert found.dialled == (numbers[0] if numbers else "")
    assert set(found.messages) <= NOTES or not numbers


@pytest.mark.parametrize("phone", PHONES)
def test_what_is_found_by_a_later_step_is_told_behind_the_rows_of_every_page(service: Service, phone: str) -> None:
    pages = {
        "a near miss": 1,
        "near misses and their note fill a page": 1,
        "near misses fill a page without the note": 2,
        "near misses of several pages": 2,
        "parts of names that fill a page with the note": 1,
    }
    for name, least in pages.items():
        found = service.press(phone, QUERIES[name])
        assert set(found.messages) < NOTES, name
        assert len(found.messages) >= least, name
        assert len(found.exchanges) == len(found.messages) + (phone != MIXED and least > 1)
    assert service.press(phone, QUERIES["exactly a page"]).messages == ()
    assert len(service.press(phone, QUERIES["exactly a page"]).exchanges) == 1
    assert len(service.press(phone, QUERIES["one row more than a page"]).exchanges) > 1


@pytest.mark.parametrize("phone", MODELS)
@pytest.mark.parametrize("encoding", [Encoding.PERCENT_UTF8, Encoding.PERCENT_LATIN1, Encoding.PLUS])
@pytest.mark.parametrize("text", ["müßi", "mussi gang", "alice", "R&D 100%", "d"])
def test_every_writing_of_the_typed_text_finds_the_same(
    service: Service, phone: str, encoding: Encoding, text: str
) -> None:
    found = service.press(phone, text, encoding=encoding)
    assert found.rows
    assert (found.complaints, found.rows) == ((), service.press(phone, text).rows)


@pytest.mark.parametrize("phone", PHONES)
@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        pytest.param(f"/search?q={'+'.join(NARROW)}+#SEARCH", 400, "Search too long", id="no room for links"),
        ("/search/x?q=#SEARCH", 400, "Search not understood"),
        ("/search/w0.1-?q=#SEARCH", 200, ""),
        ("/b5/search?q=#SEARCH", 404, "Not available"),
        ("/b9/search?q=#SEARCH", 404, "Not available"),
        ("/nothing?q=#SEARCH", 404, "Not available"),
    ],
)
def test_a_refusal_is_read_by_every_phone_and_says_why(
    service: Service, phone: str, path: str, status: int, says: str
) -> None:
    model, firmware = identity_of(phone)
    found = search(f"http://127.0.0.1:{service.port}{path}", "wo", MAC, model=model, firmware=firmware, log=print)
    if status == 200:
        assert (found.complaints, bool(found.rows)) == ((), True)
    else:
        assert [complaint.rule for complaint in found.complaints] == [Rule.STATUS]
        assert found.complaints[0].message == f"answered {status} and says: {says}"
        assert (found.rows, found.dialled, found.exit_code) == ((), "", 1)


@pytest.mark.parametrize("phone", PHONES)
def test_a_service_without_its_store_is_unavailable_in_words(tmp_path: Path, phone: str) -> None:
    config = configuration(phonebooks=BOOKS).model_copy(update={"state_dir": tmp_path})
    model, firmware = identity_of(phone)
    with served(create_app(config)) as port:
        url = f"http://127.0.0.1:{port}/search?q=#SEARCH"
        found = search(url, "du", MAC, model=model, firmware=firmware, log=print)
        hint = search(url, "", MAC, model=model, firmware=firmware, log=print)
    assert [complaint.message for complaint in found.complaints] == ["answered 503 and says: Directory unavailable"]
    assert (hint.complaints, hint.messages) == ((), ("Type a name or a number",))
    gone = search(url, "du", MAC, model=model, firmware=firmware, log=print)
    assert ([complaint.rule for complaint in gone.complaints], gone.exit_code) == ([Rule.UNREACHABLE], 1)
