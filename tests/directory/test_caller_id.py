"""Accounts whose SIP user is no number: people are found by the extension in their caller id, and dialled by it."""

from tests.directory.desk import Mirror, ask, client_of, person, rows_of


def account(user: str, caller_id: str, name: str = "Alice Martin") -> Mirror:
    own = person("alice", name, "Martin", AstAccountName=user, AstAccountCallerID=caller_id)
    return Mirror().load([own])


def test_somebody_is_found_by_name_and_by_extension_and_dialled_by_the_extension() -> None:
    client = client_of(account("pc-1001-a8f3", '"Alice Martin" <1001>'))
    for query in ("martin", "1001"):
        assert rows_of(ask(client, query)) == [("Martin, Alice", "1001")]
    assert rows_of(ask(client, "a8f3")) == []


def test_another_caller_id_is_another_number_at_once() -> None:
    mirror = account("pc-1001-a8f3", "Alice <1001>")
    mirror.change(
        [person("alice", "Alice Martin", "Martin", AstAccountName="pc-1001-a8f3", AstAccountCallerID="<1009>")]
    )
    assert rows_of(ask(client_of(mirror), "martin")) == [("Martin, Alice", "1009")]


def test_a_caller_id_for_the_outside_world_is_not_the_extension() -> None:
    assert rows_of(ask(client_of(account("1001", "Alice <+33199002010>")), "martin")) == [("Martin, Alice", "1001")]


def test_the_service_that_knows_people_finds_the_caller_by_extension() -> None:
    client = client_of(account("pc-1001-a8f3", '"Alice Martin" <1001>'))
    assert client.get("/lookup?number=1001").text.strip() == "Martin, Alice"
