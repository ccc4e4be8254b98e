"""Whose phone asks decides order, phonebook, dial strings and paging, over HTTP; never what may be seen."""

import json

import pytest
from flask.testing import FlaskClient
from lxml import etree

from services.directory.answers import Visitor, answer_for
from shared.config import Config
from shared.ldap.entry import Entry, uuid_of_dn
from shared.ldap.source import Kind
from shared.mac import Mac
from shared.tables import EntryChange
from tests.directory.desk import Mirror, TableReader, checked, client_of, configuration, follow, person
from tests.directory.test_routes import crowd

ST2030 = "THOMSON ST2030 hw5 fw2.72 00-14-7F-E1-47-B3"
TB30 = "Thomson TB30 hw1 fw1.74.0 00-14-7F-E1-47-B3"
MIXED = {"model": "TB30", "style": "mixed"}
MAC = Mac("00147FE147B3")
OUTSIDE = "Yealink SIP-T46G 28.72.0.25 00:15:65:00:00:01"
PEOPLE = [
    person("anna", "Anna Petit", "Petit", telephoneNumber="+33 1 99 00 20 11", l="Lyon", departmentNumber="Sales"),
    person("berta", "Berta Petit", "Petit", telephoneNumber="+33 1 99 00 20 12", l="Paris", departmentNumber="Stores"),
    person("carl", "Carl Petit", "Petit", telephoneNumber="+33 1 99 00 20 13", l="Paris", departmentNumber="Sales"),
]
PHONE_DN = "cn=phone,ou=phones,dc=example,dc=org"
PHONE = Entry(uuid_of_dn(PHONE_DN), PHONE_DN, {"macaddress": ("00:14:7f:e1:47:b3",), "owner": (PEOPLE[2].dn,)})
LOCATIONS = [
    {"name": "Paris", "sites": ["Paris"], "base_number": "+33 1 99 00", "outside_prefix": "0"},
    {"name": "Berlin", "networks": ["192.0.2.0/24"], "region": "DE", "outside_prefix": "9"},
]


def office(*phonebooks: dict[str, object]) -> Config:
    config = configuration(allow=["0.0.0.0/0"], phonebooks=phonebooks or [{"slot": 1}])
    numbers = type(config.numbers).model_validate({"region": "FR", "outside_prefix": "0", "locations": LOCATIONS})
    return config.model_copy(update={"numbers": numbers})


def mirror(config: Config) -> Mirror:
    filled = Mirror(config)
    phone = filled.tables.admit(Kind.PHONE, PHONE)
    assert isinstance(phone, Entry)
    filled.tables.derive(filled.db, [EntryChange(Kind.PHONE, phone.uuid, None, phone)])
    return filled.load(PEOPLE)


def rows(client: FlaskClient, path: str, agent: str, peer: str = "127.0.0.1") -> list[tuple[str, str]]:
    answer = client.get(path, headers={"User-Agent": agent}, environ_base={"REMOTE_ADDR": peer})
    root = etree.fromstring(answer.data)
    return [(node.findtext("Name") or "", node.findtext("Telephone") or "") for node in root.iter("DirectoryEntry")]


def test_the_owner_s_department_comes_first_then_the_owner_s_site() -> None:
    client = client_of(mirror(office()))
    names = [name.partition(", ")[2] for name, _ in rows(client, "/search?q=petit", ST2030)]
    assert [name.partition(" ")[0] for name in names] == ["Anna", "Carl", "Berta"]
    others = [name.partition(", ")[2] for name, _ in rows(client, "/search?q=petit", OUTSIDE)]
    assert [name.partition(" ")[0] for name in others] == ["Anna", "Berta", "Carl"]


def test_numbers_are_dialled_as_at_the_owner_s_location_else_at_the_address_s() -> None:
    client = client_of(mirror(office()))
    assert {number for _, number in rows(client, "/search?q=anna", ST2030)} == {"2011"}
    assert {number for _, number in rows(client, "/search?q=anna", OUTSIDE)} == {"00199002011"}
    assert {number for _, number in rows(client, "/search?q=anna", OUTSIDE, "192.0.2.7")} == {"90033199002011"}
    assert {number for _, number in rows(client, "/search?q=anna", ST2030, "192.0.2.7")} == {"2011"}


def test_names_are_shown_in_the_language_that_the_owner_prefers_else_in_the_phone_s() -> None:
    own = PEOPLE[2]._replace(attributes={**PEOPLE[2].attributes, "preferredlanguage": ("de;q=0.5, pl-PL",)})
    anna = PEOPLE[0]._replace(
        attributes={**PEOPLE[0].attributes, "displayname;lang-pl": ("Hanna Mala",), "sn;lang-pl": ("Mala",)}
    )
    filled = mirror(office())
    filled.change([own, anna])
    client = client_of(filled)
    for _ in range(2):  # kept answers are kept for each language
        assert [name for name, _ in rows(client, "/search?q=hanna", ST2030)] == ["Mala, Hanna"]
        assert [name for name, _ in rows(client, "/search?q=hanna", OUTSIDE)] == ["Petit, Anna"]
    polish = {"User-Agent": OUTSIDE, "Accept-Language": "pl, en;q=0.7"}
    assert "Mala, Hanna" in client.get("/search?q=petit", headers=polish).get_data(as_text=True)
    assert "Mala" not in client.get("/search?q=mala", headers=polish | {"Accept-Language": "en"}).get_data(as_text=True)


def test_mine_is_the_owner_s_and_everyone_s_for_a_stranger() -> None:
    client = client_of(mirror(office({"slot": 1}, {"slot": 2, "kind": "my-department"})))
    assert [name[:11] for name, _ in rows(client, "/b2/search?q=petit", ST2030)] == ["Petit, Anna", "Petit, Carl"]
    assert len(rows(client, "/b2/search?q=petit", OUTSIDE)) == 3
    assert len(rows(client, "/b2/yealink/search?q=petit", ST2030)) == 2


def test_a_mac_address_that_is_given_is_whose_phone_it_is() -> None:
    filled = mirror(office())
    reader = TableReader(filled.db)
    named = answer_for(filled.config, reader, "petit", visitor=Visitor(mac=MAC))
    known = answer_for(filled.config, reader, "petit", visitor=Visitor(ST2030))
    assert named == known
    assert named != answer_for(filled.config, reader, "petit")


@pytest.mark.parametrize(("agent", "dialect"), [(TB30, ""), ("", "snom"), ("", "cisco"), ("", "polycom")])
def test_every_row_is_reached_once_by_the_links_to_the_next_page_and_back(agent: str, dialect: str) -> None:
    filled = Mirror(configuration(allow=["0.0.0.0/0"], profiles=[MIXED])).load(crowd(90))
    client = client_of(filled)
    client.environ_base["HTTP_USER_AGENT"] = agent
    whole = answer_for(filled.config, TableReader(filled.db), "du", path="/json/search")
    path = f"/{dialect}/search" if dialect else "/search"
    seen, pages, root = list[str](), 0, page_of(client, f"{path}?q=du")
    while True:
        links, numbers = links_of(root), numbers_of(root)
        assert 0 < len(numbers) <= 32
        seen, pages = seen + numbers, pages + 1
        assert ("Previous page" in links) == (pages > 1)
        if "Next page" not in links:
            break
        following = page_of(client, links["Next page"])
        assert numbers_of(page_of(client, links_of(following)["Previous page"])) == numbers
        root = following
    assert pages > 1
    assert len(seen) == len(set(seen)) == json.loads(whole.body)["total"]


def test_a_tb30_gets_menus_and_where_it_is_set_rows_and_links_in_one_book() -> None:
    client = client_of(Mirror(configuration()).load(crowd(90)))
    client.environ_base["HTTP_USER_AGENT"] = TB30
    assert checked(client, "/search", b"q=du")[1].tag == "ThomsonPhoneMenu"
    client = client_of(Mirror(configuration(profiles=[MIXED])).load(crowd(90)))
    client.environ_base["HTTP_USER_AGENT"] = TB30
    status, root = checked(client, "/search", b"q=du")
    assert (status, root.tag) == (200, "PhoneBook")
    assert len(root) == 31
    link = root.findtext("MenuItem/URL") or ""
    assert follow(client, link).tag == "PhoneBook"


def page_of(client: FlaskClient, url: str) -> etree._Element:
    answer = client.get(url.removeprefix("http://phones.example.org"))
    assert answer.status_code == 200, answer.data
    return etree.fromstring(answer.data)


def links_of(root: etree._Element) -> dict[str, str]:
    """Captions and URLs of the links to other pages, whatever the dialect calls them."""
    found = {str(node.text): str(node.get("href")) for node in root.iter("a")}
    for node in root.iter("MenuItem", "SoftKeyItem"):
        found[node.findtext("Label") or node.findtext("Name") or ""] = node.findtext("URL") or ""
    return found


def numbers_of(root: etree._Element) -> list[str]:
    links = [str(node.get("href")) for node in root.iter("a")]
    dialled = [link.removeprefix("tel://") for link in links if link.startswith("tel://")]
    return dialled + [node.text for node in root.iter("Telephone") if node.text]
