"""`/lookup` over HTTP: names as text and JSON, refusals that ring as nobody, and what it shares with the search."""

import json

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from shared.config import Config
from tests.directory.desk import Mirror, ask, client_of, configuration, person, reach
from tests.directory.reference import WRITINGS

PEOPLE = [
    person("alice", "Alice Martin", "Martin", AstAccountName="1001", telephoneNumber="+33 1 99 00 20 10"),
    person("elodie", "Élodie Œuvrard", "Œuvrard", AstAccountName="1002"),
    person("dimitris", "Δημήτρης Παππάς", "Παππάς", AstAccountName="1003"),
    person("reception", "Réception", telephoneNumber="+33 1 99 00 20 11"),
    person("anna", "Anna", telephoneNumber="+33 1 99 00 20 11"),
]


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return client_of(Mirror().load(PEOPLE))


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("number=1001", "Martin, Alice"),
        ("number=%2B33199002010", "Martin, Alice"),
        ("number=+33199002010", "Martin, Alice"),
        ("number=%2B33%201%2099%2000%2020%2010", "Martin, Alice"),
        ("number=sip%3A0199002010%40192.0.2.1%3Buser%3Dphone", "Martin, Alice"),
        ("number=%22Somebody%22%20%3C0199002010%3E", "Martin, Alice"),
        ("number=1002", "Œuvrard, Élodie"),
        ("number=1003", "Παππάς, Δημήτρης"),
        ("number=0199002011", "Anna / Réception"),
        ("number=0199002099", ""),
        ("number=anonymous", ""),
        ("format=text&number=1001", "Martin, Alice"),
        ("number=1001&number=1002", "Martin, Alice"),
    ],
)
def test_the_name_is_plain_text_and_nothing_else(client: FlaskClient, query: str, name: str) -> None:
    response = client.get(f"/lookup?{query}")
    assert (response.status_code, response.data.decode()) == (200, name)
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["Content-Length"] == str(len(response.data))


@pytest.mark.parametrize(
    ("accept", "format_"), [("application/json", ""), ("", "&format=json"), ("*/*", "&format=json")]
)
def test_json_is_given_to_who_asks_for_it(client: FlaskClient, accept: str, format_: str) -> None:
    response = client.get(f"/lookup?number=0199002011{format_}", headers={"Accept": accept} if accept else {})
    assert response.headers["Content-Type"] == "application/json"
    assert response.get_json() == {"number": "+33199002011", "name": "Anna / Réception", "names": ["Anna", "Réception"]}
    stranger = client.get(f"/lookup?number=0299002011{format_}", headers={"Accept": accept} if accept else {})
    assert stranger.status_code == 200
    assert stranger.get_json() == {"number": "0299002011", "name": "", "names": []}


@pytest.mark.parametrize("accept", ["*/*", "text/plain", "text/html", "application/json;q=0.5, text/plain"])
def test_text_is_given_to_everybody_else(client: FlaskClient, accept: str) -> None:
    assert client.get("/lookup?number=1001", headers={"Accept": accept}).data == b"Martin, Alice"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "number=",
        "number=%20",
        "numbers=1001",
        "number=10%0A01",
        "number=%00",
        "number=1001&format=xml",
        "number=" + "1" * 200,
    ],
)
def test_a_malformed_request_is_told_so_without_a_name(client: FlaskClient, query: str) -> None:
    response = client.get(f"/lookup?{query}")
    assert (response.status_code, response.data) == (400, b"")
    in_json = client.get(f"/lookup?{query}", headers={"Accept": "application/json"})
    assert in_json.status_code == 400
    if "format" not in query:
        assert in_json.get_json() == {"number": "", "name": "", "names": [], "error": "malformed"}


def test_a_missing_store_is_unavailable_and_no_name() -> None:
    response = client_of(None).get("/lookup?number=1001")
    assert (response.status_code, response.data) == (503, b"")
    assert int(response.headers["Retry-After"]) > 0
    in_json = client_of(None).get("/lookup?number=1001&format=json")
    assert json.loads(in_json.data)["error"] == "unavailable"
    assert json.loads(in_json.data)["name"] == ""


def test_a_head_request_has_the_length_of_the_name(client: FlaskClient) -> None:
    head = client.head("/lookup?number=1001")
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", "13")


def test_phones_and_telephone_systems_have_networks_of_their_own() -> None:
    def statuses(config: Config) -> tuple[int, int]:
        client = client_of(Mirror(config).load(PEOPLE))
        return client.get("/lookup?number=1001").status_code, client.get("/search?q=alice").status_code

    assert statuses(configuration(allow=["10.0.0.0/8"])) == (200, 404)
    assert statuses(configuration(lookup_allow=["10.0.0.0/8"])) == (404, 200)
    refused = client_of(Mirror().load(PEOPLE), configuration(lookup_allow=["10.0.0.0/8"])).get("/lookup?number=1001")
    assert refused.data == b""


def test_a_forwarding_header_that_cannot_be_believed_opens_no_door() -> None:
    client = client_of(Mirror().load(PEOPLE), configuration(trusted_proxies=["127.0.0.0/8"]))
    for forwarded, status in [("127.0.0.1", 200), ("8.8.8.8", 404), ("127.0.0.1, 127.0.0.1", 404), ("x", 404)]:
        assert client.get("/lookup?number=1001", headers={"X-Forwarded-For": forwarded}).status_code == status


@pytest.mark.parametrize("path", ["/lookup/1001", "/lookups", "/lookup1"])
def test_what_is_beside_the_path_is_unknown_to_phones(client: FlaskClient, path: str) -> None:
    response = client.get(f"{path}?number=1001")
    assert response.status_code == 404
    assert etree.fromstring(response.data).tag == "ThomsonPhoneBook"


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Alice Martin", "Élodie Lefèvre", "Réception", "Anna"]),
            st.lists(st.sampled_from(sorted(WRITINGS)), min_size=1, max_size=3, unique=True),
        ),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whom_the_search_finds_for_a_whole_number_the_lookup_names(people: list[tuple[str, list[str]]]) -> None:
    entries = [
        person(f"p{at}", name, name.partition(" ")[2], telephoneNumber=tuple(numbers))
        for at, (name, numbers) in enumerate(people)
    ]
    client = client_of(Mirror().load(entries))
    for dialled, writings in WRITINGS.values():
        for written in dict.fromkeys([dialled, *writings]):
            if not written:
                continue
            rows = reach(client, ask(client, written))
            exact = {name.partition(" (")[0] for name, number in rows if number == dialled}
            named = client.get(f"/lookup?number={written}&format=json").get_json()["names"]  # all: the text shows three
            assert set(named) == exact
