"""The service over HTTP: whole documents, decoding of what was typed, refusals, and three directories."""

import sqlite3
from pathlib import Path

import pytest

from services.directory.app import create_app
from services.directory.querystring import typed_text
from shared.ldap.entry import Entry
from tests.directory.compare import compare_with_golden
from tests.directory.desk import (
    Mirror,
    ask,
    checked,
    client_of,
    configuration,
    follow,
    items_of,
    person,
    rows_of,
)

COMPANY = [
    person(
        "alice",
        "Alice Martin",
        "Martin",
        AstAccountName="1001",
        telephoneNumber="+33 1 99 00 20 10",
        mobile="06 39 98 10 60",
    ),
    person("jean", "Jean Dupin", "Dupin", AstAccountName="1002"),
    person("elodie", "Élodie Lefèvre", "Lefèvre", AstAccountName="1003"),
    person("lukasz", "Łukasz Œuvrard", "Œuvrard", AstAccountName="1004"),
    person("dimitri", "Дмитрий Иванов", "Иванов", AstAccountName="1005"),
    person("rnd", "R & D <Labo>", AstAccountName="1006"),
]


def crowd(count: int) -> list[Entry]:
    """People whose names are all different and in order."""
    given = ["Alice", "Bruno", "Chloé", "David", "Emma", "Franck", "Gaëlle", "Hugo", "Inès", "Jules"]
    surnames = [
        f"{begin}{end}" for begin in ("Dupin", "Durand", "Martin", "Moreau", "Petit") for end in ("", "eau", "ez", "ot")
    ]
    names = [(first, last) for last in surnames for first in given]
    return [
        person(
            f"p{at}",
            f"{first} {last}",
            last,
            AstAccountName=str(2000 + at),
            mobile=f"06 39 98 {at // 100:02} {at % 100:02}",
        )
        for at, (first, last) in enumerate(names[:count])
    ]


@pytest.mark.parametrize(
    ("golden", "typed"),
    [
        ("one-hit", "dup je"),
        ("several-numbers", "ALICE"),
        ("accents", "lefevre"),
        ("transliterated", "oeu"),
        ("other-script", "ivanov"),
        ("escaped", "labo"),
        ("no-hit", "nobody"),
        ("number", "0199002010"),
        ("empty", "%20%20"),
    ],
)
def test_a_search_is_answered_with_exactly_this_document(golden: str, typed: str) -> None:
    response = client_of(Mirror().load(COMPANY)).get(f"/search?q={typed}")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/xml; charset=ISO-8859-1"
    compare_with_golden(f"{golden}.xml", response.data)


def test_utf_8_is_written_by_setting() -> None:
    response = client_of(Mirror(configuration(charset="UTF-8")).load(COMPANY)).get("/search?q=luk")
    assert response.headers["Content-Type"] == "text/xml; charset=UTF-8"
    compare_with_golden("utf-8.xml", response.data, "utf-8")


def test_a_query_under_the_minimum_length_is_told_so() -> None:
    client = client_of(Mirror(configuration(min_query=3)).load(COMPANY))
    response = client.get("/search?q=al")
    assert response.status_code == 200
    compare_with_golden("too-short.xml", response.data)
    assert rows_of(ask(client, "al al")) == rows_of(ask(client, "al"))
    assert rows_of(ask(client, "ali")) != rows_of(ask(client, "al"))


def test_more_than_a_page_is_a_menu_of_books() -> None:
    client = client_of(Mirror().load(crowd(100)))
    response = client.get("/search?q=dup")
    compare_with_golden("menu.xml", response.data)
    label, url = items_of(ask(client, "dup"))[0]
    assert url.startswith("http://phones.example.org/search/")
    assert len(rows_of(follow(client, url))) == 32
    assert label == "Dupin - Dupineau, Franck"


def test_more_than_a_menu_of_books_is_a_menu_of_menus() -> None:
    people = [
        person(f"{at}-{entry.uuid}", entry.attributes["displayname"][0] + f" {at}")
        for at in range(6)
        for entry in crowd(200)
    ]
    client = client_of(Mirror().load(people))
    compare_with_golden("nested-menu.xml", client.get("/search?q=1001").data)
    document = ask(client, "1001")
    below = follow(client, items_of(document)[0][1])
    assert len(items_of(below)) == 2


def test_an_empty_directory_finds_nobody_and_says_so_with_an_empty_book() -> None:
    response = client_of(Mirror().load([])).get("/search?q=dup")
    assert response.status_code == 200
    compare_with_golden("no-hit.xml", response.data)


def test_a_store_that_is_missing_is_unavailable() -> None:
    response = client_of(None).get("/search?q=dup")
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    compare_with_golden("unavailable.xml", response.data)


def test_a_store_that_is_broken_is_unavailable(tmp_path: Path) -> None:
    config = configuration().model_copy(update={"state_dir": tmp_path})
    (tmp_path / "directory.db").write_bytes(b"no database" * 1000)
    status, _ = checked(create_app(config).test_client(), "/search", b"q=dup")
    assert status == 503


def test_an_empty_query_needs_no_store() -> None:
    assert checked(client_of(None), "/search", b"")[0] == 200


@pytest.mark.parametrize("path", ["/search/1", "/search/2-1", "/search/1-2-3", "/search/%00", "/search/é-1"])
def test_a_link_that_is_none_of_ours_is_malformed(path: str) -> None:
    response = client_of(Mirror().load(COMPANY)).get(f"{path}?q=a")
    assert response.status_code == 400
    compare_with_golden("malformed.xml", response.data)


@pytest.mark.parametrize("path", ["/", "/other", "/search/1-2/3", "/search/../search/x/y"])
def test_another_path_is_unknown(path: str) -> None:
    response = client_of(Mirror().load(COMPANY)).get(path)
    assert response.status_code == 404
    compare_with_golden("unknown.xml", response.data)


def test_a_refused_client_gets_what_an_unknown_path_gives() -> None:
    client = client_of(Mirror().load(COMPANY), configuration(allow=["10.0.0.0/8"]))
    response = client.get("/search?q=alice")
    assert response.status_code == 404
    compare_with_golden("unknown.xml", response.data)


def test_a_query_that_is_too_long_for_a_menu_is_told_so() -> None:
    parts = [f"part{at}" for at in range(10, 26)]
    name = " ".join(parts)
    client = client_of(Mirror().load(person(f"p{at}", name, AstAccountName=f"10{at}") for at in range(40)))
    response = client.get("/search?q=" + "+".join(parts))
    assert response.status_code == 400
    compare_with_golden("too-long.xml", response.data)
    single = client_of(Mirror().load([person("p", name)]))
    assert len(rows_of(ask(single, "+".join(parts)))) == 1


@pytest.mark.parametrize("typed", [b"x" * 5000, b"a+" * 2500, b"%FF" * 1600, b"1+" * 2500, bytes(range(1, 256)) * 19])
def test_five_thousand_characters_are_answered(typed: bytes) -> None:
    status, _ = checked(client_of(Mirror().load(COMPANY)), "/search", b"q=" + typed)
    assert status in (200, 400)


def test_more_words_than_any_name_has_are_too_long() -> None:
    words = "+".join(f"{at}x" for at in range(10, 80))
    response = client_of(Mirror().load(COMPANY)).get(f"/search?q={words}")
    assert response.status_code == 400
    compare_with_golden("too-long.xml", response.data)


@pytest.mark.parametrize(
    ("query_string", "typed"),
    [
        (b"q=dup+jean", "dup jean"),
        (b"q=dup%20jean", "dup jean"),
        (b"q=dup jean", "dup jean"),
        (b"q=Lef%C3%A8vre", "Lefèvre"),
        (b"q=Lef%E8vre", "Lefèvre"),
        ("q=Lefèvre".encode(), "Lefèvre"),
        ("q=Lefèvre".encode("latin-1"), "Lefèvre"),
        (b"q=100%", "100%"),
        (b"q=%zz%4", "%zz%4"),
        (b"q=a%00b", "a\0b"),
        (b"name=x&q=dup&id=4&q=other", "dup"),
        (b"q=a=b", "a=b"),
        (b"q", ""),
        (b"", ""),
        (b"Q=dup", "dup"),
        (b"NAME=dup", "dup"),
        (b"lang=fr&term=dup&limit=8", "dup"),
        (b"search=dup", "dup"),
        (b"command=get_list&type=pb&ln=Dup*&fn=*&hm=*", "Dup"),
        (b"command=get_list&type=pb&ln=Dup*&fn=Je*", "Dup Je"),
        (b"id=4", ""),
    ],
)
def test_what_was_typed_is_decoded(query_string: bytes, typed: str) -> None:
    assert typed_text(query_string.decode("latin-1")) == typed


@pytest.mark.parametrize(
    "typed", [b"lef%C3%A8", b"LEF%E8", "lefè".encode(), "LEFÈ".encode("latin-1"), b"lefe", b"%00lefe%00"]
)
def test_every_encoding_of_a_name_finds_it(typed: bytes) -> None:
    assert rows_of(ask(client_of(Mirror().load(COMPANY)), typed)) == [("Lefèvre, Élodie", "1003")]


def test_an_edit_of_a_name_is_searched_at_once() -> None:
    mirror = Mirror().load([*COMPANY, *crowd(50)])
    client = client_of(mirror)
    mirror.change([person("jean", "Jean Nouveau", "Nouveau", AstAccountName="1002")])
    assert rows_of(ask(client, "nouv")) == [("Nouveau, Jean", "1002")]
    assert rows_of(ask(client, "dupin jean")) == []


def test_a_head_request_has_the_length_of_the_answer() -> None:
    client = client_of(Mirror().load(COMPANY))
    head = client.head("/search?q=alice")
    assert head.data == b""
    assert head.headers["Content-Length"] == client.get("/search?q=alice").headers["Content-Length"]


def test_what_was_left_out_is_a_metric() -> None:
    left_out = [person("a", "A", telephoneNumber=("*8", "1001")), person("b", "B", telephoneNumber="none")]
    text = client_of(Mirror().load([*COMPANY, *left_out])).get("/metrics").get_data(as_text=True)
    assert "dialtree_directory_undialable_numbers 2.0\n" in text
    assert "dialtree_directory_people_without_number 1.0\n" in text
    assert "dialtree_directory_people_hidden 0.0\n" in text
    assert "dialtree_directory_undialable_numbers NaN\n" in client_of(None).get("/metrics").get_data(as_text=True)


def test_how_many_answers_were_made_and_not_kept_from_before_is_a_metric() -> None:
    client = client_of(Mirror().load(COMPANY))
    for query in ("alice", "alice", "jean"):
        ask(client, query)
    assert "dialtree_directory_answers_made 2.0\n" in client.get("/metrics").get_data(as_text=True)


def test_a_damaged_index_is_unavailable_and_not_empty(tmp_path: Path) -> None:
    mirror = Mirror().load(COMPANY)
    mirror.db.execute("DROP TABLE contact_terms")
    client = client_of(mirror)
    with pytest.raises(sqlite3.OperationalError):
        mirror.db.execute("SELECT * FROM contact_terms")
    assert checked(client, "/search", b"q=alice")[0] == 503
