"""The same directory for every vendor's phones, over HTTP: paths, User-Agents, input pages, pages by number, refusals."""

import json
from typing import Final
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from lxml import etree
from werkzeug.test import TestResponse

from services.directory.answers import Visitor, answer_for
from services.directory.dialects.table import BY_NAME, DIALECTS, Dialect
from tests.directory.agents import AGENTS
from tests.directory.desk import Mirror, TableReader, client_of, configuration, person
from tests.directory.test_routes import COMPANY, crowd

NUMBERS: Final = {"grandstream": "phonenumber", "gigaset": "hm"}
ALICE: Final = ["1001", "00199002010", "00639981060"]


def get(client: FlaskClient, path: str, agent: str = "curl/8.5.0") -> TestResponse:
    return client.get(path, headers={"User-Agent": agent})


def numbers_of(dialect: str, body: bytes) -> list[str]:
    """The numbers of a document, in its order, without rows that only tell something."""
    if dialect == "json":
        found = [row["telephone"] for row in json.loads(body)["rows"]]
    elif dialect == "polycom":
        links = [str(link.get("href")) for link in etree.fromstring(body).iter("a")]
        found = [link.removeprefix("tel://") for link in links if link.startswith("tel://")]
    else:
        found = [node.text or "" for node in etree.fromstring(body).iter(NUMBERS.get(dialect, "Telephone"))]
    return [number for number in found if number]


@pytest.mark.parametrize("dialect", BY_NAME)
def test_every_vendor_s_path_gives_the_same_people(dialect: str) -> None:
    client = client_of(Mirror().load(COMPANY))
    answer = get(client, f"/{dialect}/search?q=alice")
    assert answer.status_code == 200
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert numbers_of(dialect, answer.data) == ALICE


@pytest.mark.parametrize("dialect", AGENTS)
def test_a_user_agent_gives_at_search_what_the_vendor_s_path_gives(dialect: str) -> None:
    client = client_of(Mirror().load(COMPANY))
    answer = get(client, "/search?q=alice", AGENTS[dialect])
    assert answer.data == get(client, f"/{dialect}/search?q=alice").data
    assert answer.headers["Content-Type"] == BY_NAME[dialect].content_type(BY_NAME[dialect].profile)


@pytest.mark.parametrize("path", ["/b2/search", "/b2/snom/search"])
def test_a_phonebook_s_slot_has_every_path_and_its_own_title(path: str) -> None:
    config = configuration(phonebooks=[{"slot": 2, "name": "Sales"}])
    answer = get(client_of(Mirror(config).load(COMPANY)), f"{path}?q=alice", AGENTS["snom"])
    assert numbers_of("snom", answer.data) == ALICE
    assert etree.fromstring(answer.data).findtext("Title") == "Sales"


@pytest.mark.parametrize("path", ["/b3/search", "/b9/search", "/aastra/search", "/yealink", "/yealink/search/a/b"])
def test_a_path_of_nobody_is_unknown_in_the_words_of_the_phone(path: str) -> None:
    answer = get(client_of(Mirror().load(COMPANY)), f"{path}?q=alice", AGENTS["cisco"])
    assert answer.status_code == 404
    assert etree.fromstring(answer.data).findtext("Text") == "Not available"


@pytest.mark.parametrize("dialect", [dialect for dialect in DIALECTS if dialect.asks], ids=lambda dialect: dialect.name)
def test_an_empty_query_is_answered_with_the_input_page_that_leads_back(dialect: Dialect) -> None:
    name = dialect.name
    answer = get(client_of(None), f"/{name}/search")
    assert answer.status_code == 200
    assert f"http://phones.example.org/{name}/search".encode() in answer.data
    assert b"Name or number" in answer.data
    assert any(mark in answer.data for mark in (b">q<", b'name="q"'))


@pytest.mark.parametrize("dialect", [d for d in DIALECTS if not d.asks], ids=lambda dialect: dialect.name)
def test_without_an_input_page_an_empty_query_is_told_what_to_type(dialect: Dialect) -> None:
    answer = get(client_of(None), f"/{dialect.name}/search")
    assert answer.status_code == 200
    assert b"Type a name or a number" in answer.data


@pytest.mark.parametrize("dialect", BY_NAME)
def test_what_is_unavailable_malformed_or_unknown_says_so_in_every_dialect(dialect: str) -> None:
    refused = client_of(Mirror().load(COMPANY), configuration(allow=["10.0.0.0/8"]))
    for client, path, status, text in (
        (client_of(None), f"/{dialect}/search?q=a", 503, b"Directory unavailable"),
        (client_of(Mirror().load(COMPANY)), f"/{dialect}/search/x?q=a", 400, b"Search not understood"),
        (refused, f"/{dialect}/search?q=a", 404, b"Not available"),
    ):
        answer = get(client, path)
        assert answer.status_code == status
        assert text in answer.data
        assert ("Retry-After" in answer.headers) == (status == 503)


def test_a_query_of_another_vendor_s_name_is_understood() -> None:
    client = client_of(Mirror().load(COMPANY))
    for query in ("name=alice", "term=alice", "search=alice", "n=alice", "NAME=alice"):
        assert numbers_of("yealink", get(client, f"/yealink/search?{query}").data) == ALICE


def test_a_gigaset_base_asks_by_fields_and_by_number() -> None:
    client = client_of(Mirror().load(crowd(40)))
    asked = "/gigaset/search?command=get_list&type=pb&ln=Dup*&fn=*&hm=*&count=10"
    whole = [number for first in (1, 11, 21, 31) for number in gigaset(client, f"{asked}&first={first}")[1]]
    assert len(set(whole)) == len(whole) == 40
    attributes, last = gigaset(client, f"{asked}&last=-1")
    assert attributes == {"response": "get_list", "type": "pb", "total": "80", "first": "71", "last": "80"}
    assert last == gigaset(client, f"{asked}&first=71")[1]
    assert gigaset(client, f"{asked}&last=20")[1] == gigaset(client, f"{asked}&first=11")[1]
    assert gigaset(client, "/gigaset/search?ln=nobody*&fn=*")[0]["notfound"] == "ln"
    assert gigaset(client, "/gigaset/search?type=pr&ln=Dup*")[0]["type"] == "pr"


def test_the_file_name_that_a_grandstream_phone_adds_is_not_searched() -> None:
    client = client_of(Mirror().load(COMPANY))
    for name in ("phonebook.xml", "gs_phonebook.xml"):
        assert numbers_of("grandstream", get(client, f"/grandstream/search?q=alice/{name}").data) == ALICE


@pytest.mark.parametrize("window", ["first=1&last=2", "first=-1", "count=-1", "first=x", "last=-2", "first=99999999"])
def test_a_window_that_is_none_is_malformed(window: str) -> None:
    answer = get(client_of(Mirror().load(COMPANY)), f"/gigaset/search?ln=a*&{window}")
    assert answer.status_code == 400
    assert etree.fromstring(answer.data).findtext("errorid") == "2"


def test_json_leads_through_all_rows_by_its_links_and_back() -> None:
    client = client_of(Mirror().load(crowd(70)))
    url, seen, back = "/json/search?q=du&count=25", list[str](), list[str | None]()
    while url:
        page = json.loads(get(client, url).data)
        seen += [row["telephone"] for row in page["rows"]]
        assert page["first"] + len(page["rows"]) - 1 <= page["total"]
        back.append(page["previous"])
        parts = urlsplit(page["next"] or "")
        url = f"{parts.path}?{parts.query}" if page["next"] else ""
    assert len(seen) == len(set(seen)) == page["total"] > 100
    assert back[0] is None
    assert all(link and link.startswith("http://phones.example.org/json/search?q=") for link in back[1:])


def test_a_json_list_ends_with_a_page_of_one_row_that_leads_back_only() -> None:
    people = [
        person(f"u{number}", f"Dupin {number}", "Dupin", AstAccountName=f"{1000 + number}") for number in range(3)
    ]
    client = client_of(Mirror().load(people))
    first = json.loads(get(client, "/json/search?q=dupin&count=2").data)
    parts = urlsplit(first["next"])
    last = json.loads(get(client, f"{parts.path}?{parts.query}").data)
    assert [row["telephone"] for row in first["rows"]] == ["1000", "1001"]
    assert [row["telephone"] for row in last["rows"]] == ["1002"]
    assert (last["first"], last["total"], last["next"]) == (3, 3, None)
    assert last["previous"]
    exact = json.loads(get(client, "/json/search?q=dupin&count=3").data)
    assert (len(exact["rows"]), exact["next"], exact["previous"]) == (3, None, None)


def test_what_explain_shows_is_what_the_phone_gets() -> None:
    mirror = Mirror().load(COMPANY)
    client, reader = client_of(mirror), TableReader(mirror.db)
    for path, agent, query in (
        ("/search", AGENTS["thomson"], "Élodie"),
        ("/search", AGENTS["snom"], "alice"),
        ("/json/search", "", "dup je"),
        ("/nothing", AGENTS["yealink"], "x"),
        ("/search", "", ""),
        ("/search", "", "x " * 80),
    ):
        given = client.get(path, query_string={"q": query}, headers={"User-Agent": agent})
        shown = answer_for(mirror.config, reader, query, path=path, visitor=Visitor(agent))
        assert shown == (given.status_code, given.headers["Content-Type"], given.data)


def test_texts_and_labels_are_in_the_language_of_the_phones() -> None:
    client = client_of(Mirror(configuration(language="fr")).load(COMPANY))
    assert etree.fromstring(get(client, "/snom/search?q=zzz").data).findtext("Text") == "Aucun résultat"
    names = [node.text for node in etree.fromstring(get(client, "/snom/search?q=alice").data).iter("Name")]
    assert names == ["Martin, Alice", "Martin, Alice (bureau)", "Martin, Alice (mobile)"]
    labels = [row["label"] for row in json.loads(get(client, "/json/search?q=alice").data)["rows"]]
    assert labels == ["", "bureau", "mobile"]


def test_the_phonebook_of_everyone_has_its_name_on_the_path_without_a_slot() -> None:
    config = configuration(phonebooks=[{"slot": 1, "name": {"en": "All", "fr": "Tous"}}], language="fr")
    answer = get(client_of(Mirror(config).load(COMPANY)), "/snom/search?q=alice")
    assert etree.fromstring(answer.data).findtext("Title") == "Tous"


def gigaset(client: FlaskClient, path: str) -> tuple[dict[str, str], list[str]]:
    root = etree.fromstring(get(client, path).data)
    return {str(key): str(value) for key, value in root.attrib.items()}, [str(node.text) for node in root.iter("hm")]
