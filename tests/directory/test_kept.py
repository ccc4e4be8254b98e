"""Answers are kept until the tables change, and only for those who would get the same one."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.directory.answers import Answers, Asked, Visitor, asked_by
from services.directory.kept import Kept
from services.directory.reads import reads_of
from services.directory.tables import DirectoryTables
from shared.config import Config, Guard
from shared.errors import DialtreeError, Malformed, StoreUnavailable
from shared.ldap.entry import Entry, uuid_of_dn
from shared.ldap.source import Done, Kind, Upsert
from shared.ldap.streams import streams_of
from shared.sections.numbers import Numbers
from shared.store import Reader
from shared.tables import EntryChange
from shared.writer import Store
from tests.directory.desk import Mirror, TableReader, configuration, person

NAMES = ["Anna Petit", "Berta Petit", "Carl Petit", "Dora Dupin", "Émile Dupin", "Fanny Martin"]
TOWNS = ["Lyon", "Paris", "Berlin"]
MACS = ["00147FE147B1", "00147FE147B2", "00147FE147B3"]
AGENTS = ["", "Yealink SIP-T46G 28.72.0.25", *(f"THOMSON ST2030 hw5 fw2.72 {mac}" for mac in MACS)]


def office(**directory: object) -> Config:
    phonebooks = [{"slot": 1}, {"slot": 2, "kind": "my-site"}]
    config = configuration("0", "FR", phonebooks=phonebooks, **directory)
    abroad = {
        "name": "Berlin",
        "sites": ["Berlin"],
        "networks": ["192.0.2.0/24"],
        "region": "DE",
        "outside_prefix": "9",
    }
    numbers = Numbers.model_validate({"region": "FR", "outside_prefix": "0", "locations": [abroad]})
    return config.model_copy(update={"numbers": numbers})


def people(towns: list[str]) -> list[Entry]:
    return [
        person(f"p{at}", name, telephoneNumber=f"+33 1 99 00 20 1{at}", l=town)
        for at, (name, town) in enumerate(zip(NAMES, towns, strict=False))
    ]


def mirror(config: Config, towns: list[str]) -> Mirror:
    """A directory in which the first people own the phones."""
    filled = Mirror(config)
    for mac, owner in zip(MACS, people(towns), strict=False):
        dn = f"cn={mac},ou=phones,dc=example,dc=org"
        phone = filled.tables.admit(Kind.PHONE, Entry(uuid_of_dn(dn), dn, {"macaddress": (mac,), "owner": (owner.dn,)}))
        assert isinstance(phone, Entry)
        filled.tables.derive(filled.db, [EntryChange(Kind.PHONE, phone.uuid, None, phone)])
    return filled.load(people(towns))


def asking(answers: Answers) -> Callable[..., bytes]:
    """How a phone asks: the body it gets, or the error."""

    def ask(typed: str, path: str = "/search", agent: str = "", address: str = "127.0.0.1", more: str = "") -> bytes:
        try:
            return answers.answer(asked_by(path) or Asked(), f"q={typed}{more}", Visitor(agent, address)).body
        except DialtreeError as error:
            return str(error).encode()

    return ask


# --- what keeps


def test_an_answer_is_made_once_in_an_edition() -> None:
    kept = Kept[str, str](10)
    assert [kept.answer(1, "a", str.upper), kept.answer(1, "a", str.lower)] == ["A", "A"]
    assert kept.made == 1


def test_another_edition_forgets_all_answers_of_the_one_before() -> None:
    kept = Kept[str, str](10)
    kept.answer(1, "a", str.upper)
    assert kept.answer(2, "a", str.lower) == "a"
    assert kept.answer(1, "a", lambda _: "made anew") == "made anew"


def test_of_too_many_answers_the_oldest_goes() -> None:
    kept = Kept[str, str](2)
    for question in "abc":
        kept.answer(1, question, str.upper)
    assert [kept.answer(1, question, lambda _: "anew") for question in "bca"] == ["B", "C", "anew"]


def test_where_none_are_to_be_kept_each_is_made() -> None:
    kept = Kept[str, str](0)
    assert [kept.answer(1, "a", str.upper), kept.answer(1, "a", str.lower)] == ["A", "a"]


def test_an_error_is_not_kept() -> None:
    kept = Kept[str, str](10)

    def fail(_: str) -> str:
        raise Malformed("too long")

    with pytest.raises(Malformed):
        kept.answer(1, "a", fail)
    assert kept.answer(1, "a", str.upper) == "A"


def test_threads_get_answers_of_the_edition_and_the_question_they_asked_for() -> None:
    kept = Kept[tuple[int, int], tuple[int, int]](1)

    def ask(at: int) -> bool:
        question = (at % 3, at % 5)
        return kept.answer(question[0], question, lambda asked: asked) == question

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(5000)))


# --- for whom, and until when


def test_a_search_is_answered_from_before_until_the_directory_changes() -> None:
    config = office()
    filled = mirror(config, TOWNS)
    answers = Answers(config, TableReader(filled.db))
    ask = asking(answers)
    first = ask("petit")
    assert (ask("petit") == first, answers.made) == (True, 1)
    filled.change([person("p0", "Anna Petit-Dupont", telephoneNumber="+33 1 99 00 20 10")])
    assert b"Petit-Dupont" in ask("petit")
    filled.change(gone=[person("p0", "").uuid])
    assert b"Anna" not in ask("petit")
    assert answers.made == 3


def test_one_question_is_one_however_it_is_written() -> None:
    config = office()
    answers = Answers(config, TableReader(mirror(config, TOWNS).db))
    ask = asking(answers)
    assert len({ask(typed) for typed in ("%C3%89mile", "%C9mile", "emile", "+EMILE+")}) == 1
    assert answers.made == 1


def test_owners_of_one_site_share_an_answer_and_others_get_their_own() -> None:
    config = office()
    answers = Answers(config, TableReader(mirror(config, ["Lyon", "Lyon", "Paris"]).db))
    one, same, other = (asking(answers)("petit", "/b2/search", agent) for agent in AGENTS[2:])
    assert one == same != other
    assert answers.made == 2


def test_addresses_of_another_location_get_an_answer_of_their_own() -> None:
    config = office()
    ask = asking(Answers(config, TableReader(mirror(config, TOWNS).db)))
    assert b"<Telephone>00199002010<" in ask("anna")
    assert b"<Telephone>90033199002010<" in ask("anna", address="192.0.2.7")


def test_whatever_makes_answers_differ_makes_questions_differ() -> None:
    config = office(profiles=[{"dialect": "thomson", "model": "ST2022", "rows": 4}])
    answers = Answers(config, TableReader(mirror(config, [*TOWNS, *TOWNS]).db))
    ask, everyone, owner = asking(answers), "0199002", AGENTS[2]
    other_model = owner.replace("ST2030", "ST2022")
    menu = ask(everyone, agent=other_model)  # another profile of the same dialect
    asked = [
        menu,
        ask(everyone, agent=owner),
        ask(everyone, "/b2/search", owner),
        ask(everyone),
        ask(everyone, agent="snom320"),
        ask(everyone, agent="PolycomSoundPointIP-UA/4.0"),  # the profile is snom's
        ask(everyone, "/yealink/search"),
        ask(everyone, "/json/search"),
        ask(everyone, "/json/search", more="&first=2"),
        ask(everyone, "/json/search", more="&count=1"),
        ask(everyone, "/gigaset/search"),
        ask(everyone, "/gigaset/search", more="&type=pr"),
    ]
    first, last = re.findall("http://phones.example.org(/search/[^?]+)", menu.decode("latin-1"))
    asked.append(ask(everyone, last, other_model))
    assert first != last
    assert len(set(asked)) == answers.made == len(asked)


def test_what_is_longer_than_a_phone_sends_is_not_kept() -> None:
    config = office()
    answers = Answers(config, TableReader(mirror(config, TOWNS).db))
    assert asking(answers)("petit" * 100) == asking(answers)("petit" * 100)
    assert answers.made == 0


def test_without_a_store_nothing_is_answered_from_before(tmp_path: Path) -> None:
    config = office().model_copy(update={"state_dir": tmp_path})
    tables = DirectoryTables(config)
    file = tmp_path / "directory.db"
    store = Store(file, tables, [Kind.PERSON], secrets=(), guard=Guard())
    store.prepare()
    stream = next(stream for stream in streams_of(config.ldap, reads_of(config)) if stream.kind is Kind.PERSON)
    store.apply(stream, "ldap://one", None, iter([*map(Upsert, people(TOWNS)), Done(b"1", complete=True)]))
    answers = Answers(config, Reader(file, tables.name, tables.version, trusted=0.0))
    assert b"Anna" in asking(answers)("petit")
    store.close()
    file.unlink()
    with pytest.raises(StoreUnavailable):
        answers.answer(Asked(), "q=petit", Visitor())


Step = tuple[str, str, str, str, int]


@settings(max_examples=100)
@given(
    st.integers(1, 3),
    st.lists(
        st.tuples(
            st.sampled_from(["petit", "PETIT", "dupin", "p", "1990020", "nobody", "%C3%A9", ""]),
            st.sampled_from(["/search", "/b2/search", "/yealink/search", "/json/search", "/search/w0.1-zz"]),
            st.sampled_from(AGENTS),
            st.sampled_from(["127.0.0.1", "192.0.2.7"]),
            st.integers(-8, len(NAMES) - 1),  # who moves before; mostly nobody
        ),
        max_size=20,
    ),
)
def test_whoever_asks_gets_the_very_bytes_that_would_be_made_now(most: int, steps: list[Step]) -> None:
    config = office()
    filled = mirror(config, [*TOWNS, *TOWNS])
    reader = TableReader(filled.db)
    keeping = asking(Answers(office(kept_answers=most), reader))
    making = asking(Answers(office(kept_answers=0), reader))
    for at, (typed, path, agent, address, moves) in enumerate(steps):
        if moves >= 0:
            filled.change([people([TOWNS[(at + moves) % 3]] * len(NAMES))[moves]])
        for _ in range(2):
            assert keeping(typed, path, agent, address) == making(typed, path, agent, address)
