"""Key layouts: the keys that profiles give to their phones, position by position the nearest one's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.provision.explain import explain_keys, explain_phone
from services.provision.phones import Key, Phone, beyond, find_phone
from services.provision.rendering import Renderer
from services.provision.tables import ProvisionTables
from shared.config import Config
from shared.errors import EntryError
from shared.ldap.entry import Entry
from shared.ldap.source import Kind
from shared.tables import EntryChange
from tests.provision.desk import (
    ALICE_DN,
    ARTICLE_MAC,
    PEOPLE,
    PHONE_DN,
    alice,
    configuration,
    entry,
    filled,
    parameters,
    phone,
    phone_file,
    rendered,
)
from tests.provision.fleet import bob, profile

CONFIG = configuration()
HOUSE = profile("House", dialtreeKey=("1 line 1", "2 blf 1900 Door", "3 speeddial 0199 Taxi", "4 blf 1901"))
FLOOR = profile("Floor", dialtreeParent="House", dialtreeKey=("2 none", "3 blf 1902", "5 blf 1903", "6 blf 1904"))
RECEPTION = profile(
    "Reception", dialtreeParent="floor", dialtreeKey=("4 speeddial 17 Police", "5 none gone", "7 blf 1905")
)
THREE = (HOUSE, FLOOR, RECEPTION)


def found(*entries: Entry, config: Config = CONFIG) -> Phone:
    return find_phone(filled(config, entries), ARTICLE_MAC, config.ldap.mapping)


def keys(*entries: Entry) -> dict[int, tuple[str, str, str]]:
    """Kind, target and the profile's DN of each key."""
    return {key.position: tuple(key)[1:] for key in found(*entries).keys}  # type: ignore[misc]


def test_the_nearest_profile_wins_position_by_position() -> None:
    assert keys(phone(dialtreeProfile="Reception"), alice(), *THREE) == {
        1: ("line", "1", HOUSE.dn),
        3: ("blf", "1902", FLOOR.dn),
        4: ("speeddial", "17", RECEPTION.dn),
        6: ("blf", "1904", FLOOR.dn),
        7: ("blf", "1905", RECEPTION.dn),
    }


def test_the_phones_own_key_wins_over_every_profile_and_none_empties_one() -> None:
    own = phone(dialtreeProfile="Reception", dialtreeKey=("1 none", "3 NONE not here", "2 blf 1002", "6 line 1"))
    assert keys(own, alice(), *THREE) == {
        2: ("blf", "1002", ""),
        4: ("speeddial", "17", RECEPTION.dn),
        6: ("line", "1", ""),
        7: ("blf", "1905", RECEPTION.dn),
    }


def test_a_profile_may_give_a_key_again_that_one_above_emptied() -> None:
    last = profile("Last", dialtreeParent="Reception", dialtreeKey="2 blf 1906")
    assert keys(phone(dialtreeProfile="Last"), alice(), *THREE, last)[2] == ("blf", "1906", last.dn)


def test_none_where_there_is_nothing_is_no_key() -> None:
    assert found(phone(dialtreeKey=("3 none", "4 blf 1002")), alice()).keys == (Key(4, "blf", "1002"),)
    assert found(phone(dialtreeKey="3 none"), alice()).keys == ()
    empty = profile("Empty", dialtreeKey="3 none")
    assert found(phone(dialtreeProfile="Empty"), alice(), empty).keys == ()


def test_an_empty_key_is_written_every_time() -> None:
    files = [
        parameters(rendered(phone(dialtreeProfile="Reception", dialtreeKey=own), alice(), *THREE))
        for own in ("", "3 none")
    ]
    assert [file["sys.FeatureKeyExt03"] for file in files] == ["S/<sip:1902>", "L/<sip:>"]
    assert files[0].keys() == files[1].keys()
    assert files[0]["sys.config_sn"] != files[1]["sys.config_sn"]


def test_a_phone_without_a_profile_has_the_layout_of_the_default_profile() -> None:
    config = configuration(default_profile="Reception")
    assert {key.position for key in found(phone(), alice(), *THREE, config=config).keys} == {1, 3, 4, 6, 7}


# --- people


def test_a_key_of_a_profile_follows_the_person_on_every_phone_at_once() -> None:
    layout = profile("Team", dialtreeKey=f"3 blf <{bob().dn}> Bob")
    other = phone(macAddress="00147F000001")
    phones = (
        phone(dialtreeProfile="Team"),
        entry("cn=other,dc=x", macAddress="00147F000001", owner=ALICE_DN, dialtreeProfile="Team"),
    )
    assert other.dn == PHONE_DN
    db = filled(CONFIG, (*phones, alice(), bob(), layout))
    before = phone_file(CONFIG, db)
    moved = bob(AstAccountName="1777")
    tables = ProvisionTables(CONFIG)
    tables.derive(db, [EntryChange(kind, moved.uuid, bob(), moved) for kind in (Kind.PERSON, Kind.ACCOUNT)])
    tables.settle(db, bulk=False)
    assert parameters(before)["sys.FeatureKeyExt03"] == "S/<sip:1002>"
    for mac in (ARTICLE_MAC, "00147F000001"):
        assert parameters(phone_file(CONFIG, db, mac))["sys.FeatureKeyExt03"] == "S/<sip:1777>"  # type: ignore[arg-type]


def test_a_key_of_somebody_who_left_is_told_of_the_profile() -> None:
    layout = profile("Team", dialtreeKey=(f"3 blf uid=gone,{PEOPLE}", "4 blf 1002"))
    (left_out,) = found(phone(dialtreeProfile="Team"), alice(), layout).left_out
    assert (left_out.dn, left_out.attribute) == (layout.dn, "dialtreeKey")
    assert f"key 3 points at uid=gone,{PEOPLE}, who has no extension" in left_out.problem


ACCOUNT_BELOW = entry(f"cn=sip,{ALICE_DN}", objectClass="AsteriskSIPUser", AstAccountName="1001", AstAccountSecret="s")
PERSON_ONLY = entry(ALICE_DN, objectClass="inetOrgPerson", displayName="Alice Martin")


@pytest.mark.parametrize(
    "target",
    [
        ALICE_DN,
        f"<{ALICE_DN}>",
        ALICE_DN.upper(),
        f"<UID = Alice , {PEOPLE.replace(',', ' , ')}>",
        f"uid=\\61lice,{PEOPLE}",
        "1001",
        "1001@pbx.example.org",
        "sip:1001",
        "<sip:1001@pbx>",
    ],
)
@pytest.mark.parametrize("kind", ["blf", "speeddial"])
def test_a_key_that_points_at_the_phones_own_owner_is_left_out_without_a_word(kind: str, target: str) -> None:
    layout = profile("Team", dialtreeKey=(f"3 {kind} {target} Alice", "4 blf 1002"))
    for people in ((alice(),), (PERSON_ONLY, ACCOUNT_BELOW)):
        telephone = found(phone(dialtreeProfile="Team"), *people, layout)
        assert [key.position for key in telephone.keys] == [4]
        assert telephone.left_out == ()


def test_a_key_at_the_account_below_the_owner_or_at_a_phone_that_is_its_own_person_is_left_out_too() -> None:
    layout = profile("Team", dialtreeKey=f"3 blf {ACCOUNT_BELOW.dn}")
    assert found(phone(dialtreeProfile="Team"), PERSON_ONLY, ACCOUNT_BELOW, layout).keys == ()
    layout = profile("Team", dialtreeKey=f"3 blf {ALICE_DN}")
    assert found(alice(macAddress="001F9F16E849", dialtreeProfile="Team"), layout).keys == ()
    layout = profile("Team", dialtreeKey=f"3 blf {ALICE_DN}")
    assert found(phone(owner=ACCOUNT_BELOW.dn, dialtreeProfile="Team"), PERSON_ONLY, ACCOUNT_BELOW, layout).keys == ()


def test_a_key_at_the_owner_that_the_phone_itself_has_stays() -> None:
    own = phone(dialtreeProfile="Team", dialtreeKey="3 blf 1001")
    assert keys(own, alice(), profile("Team", dialtreeKey="4 blf 1001")) == {3: ("blf", "1001", "")}


def test_one_layout_serves_everybody_in_it() -> None:
    people = [bob(number) for number in range(2, 6)]
    layout = profile("Team", dialtreeKey=tuple(f"{at} blf {person.dn}" for at, person in enumerate(people, 1)))
    for at, person in enumerate(people, 1):
        own = phone(owner=person.dn, dialtreeProfile="Team")
        assert {key.position for key in found(own, *people, layout).keys} == {1, 2, 3, 4} - {at}


# --- models


@pytest.mark.parametrize(("model", "most"), [("ST2022", 5), ("ST2030", 66)])
def test_keys_beyond_those_of_the_model_are_left_out_with_a_note(model: str, most: int) -> None:
    layout = profile("Team", dialtreeKey=tuple(f"{at} blf 1{at:03}" for at in (1, 5, 6, 66, 67, 999)))
    own = phone(dialtreeProfile="Team", dialtreeModel=model, dialtreeKey=("0 blf 1002", "70 line 1"))
    db = filled(CONFIG, (own, alice(), layout))
    renderer = Renderer(CONFIG)
    result = renderer.rendered(db, renderer.models.usual, ARTICLE_MAC)
    values = parameters(result.content)
    assert values["sys.FeatureKeyExt01"] == "L/<sip:>"  # the owner's own
    assert values["sys.FeatureKeyExt05"] == "S/<sip:1005>"
    assert not any(name in values for name in ("sys.FeatureKeyExt00", "sys.FeatureKeyExt67", "sys.FeatureKeyExt70"))
    told = [note for note in result.notes if f"keys 1 to {most}" in note]
    assert len(told) == len(result.notes)
    positions = {0: PHONE_DN, 70: PHONE_DN, 67: layout.dn, 999: layout.dn} | (
        {6: layout.dn, 66: layout.dn} if most == 5 else {}
    )
    assert {note.partition(":")[0] + note.partition("key ")[2].partition(" ")[0] for note in told} == {
        f"{dn}{position}" for position, dn in positions.items()
    }


def test_a_phone_with_keys_of_its_model_alone_is_the_same_object() -> None:
    telephone = found(phone(dialtreeProfile="Reception"), alice(), *THREE)
    assert beyond(telephone, 66, CONFIG.ldap.mapping) is telephone


# --- what is wrong, and where it comes from


def test_a_misspelt_key_of_a_profile_is_a_fault_of_the_profile() -> None:
    broken = profile("Team", dialtreeKey="three blf 1002")
    with pytest.raises(EntryError) as refused:
        found(phone(dialtreeProfile="Team"), alice(), broken)
    assert (refused.value.dn, refused.value.attribute) == (broken.dn, "dialtreeKey")
    twice = profile("Team", dialtreeKey=("3 blf 1002", "03 none"))
    with pytest.raises(EntryError, match="position 3 twice"):
        found(phone(dialtreeProfile="Team"), alice(), twice)


def test_a_value_that_no_file_can_hold_is_refused_at_the_entry_that_gives_it() -> None:
    layout = profile("Team", dialtreeKey=f"3 blf {'1' * 200}")
    with pytest.raises(EntryError) as refused:
        rendered(phone(dialtreeProfile="Team", dialtreeKey="4 blf 1002"), alice(), layout)
    assert (refused.value.dn, refused.value.attribute) == (layout.dn, "dialtreeKey")


def test_explain_names_the_profile_that_gives_a_key() -> None:
    own = phone(dialtreeProfile="Reception", dialtreeKey="3 blf 1002")
    explanation = explain_phone(Renderer(CONFIG), filled(CONFIG, (own, alice(), *THREE)), ARTICLE_MAC)
    last = {each.parameter.name: each.settings[-1] for each in explanation.parameters}
    assert [
        (last[f"sys.FeatureKeyExt0{at}"].where, str(last[f"sys.FeatureKeyExt0{at}"].value)) for at in (1, 3, 4, 6)
    ] == [
        ("", "L/<sip:>"),
        (PHONE_DN, "S/<sip:1002>"),
        (RECEPTION.dn, "L/<sip:17>"),
        (FLOOR.dn, "S/<sip:1904>"),
    ]


def test_explain_names_the_person_behind_a_key_whatever_is_written_there() -> None:
    layout = profile("Team", dialtreeKey=(f"3 blf {bob().dn} Robert", "4 blf 1003 Front desk", "5 speeddial 0199 Taxi"))
    own = phone(dialtreeProfile="Team", dialtreeKey=("6 blf 1002 Old name", "7 line 1 Mine", "8 blf 1999"))
    below = entry(f"cn=sip,{bob(3).dn}", objectClass="AsteriskSIPUser", AstAccountName="1003", AstAccountSecret="s")
    carol = entry(bob(3).dn, objectClass="inetOrgPerson", displayName="Carol Faure")
    db = filled(CONFIG, (own, alice(), bob(displayName="Bob Blanc"), below, carol, layout))
    explanation = explain_phone(Renderer(CONFIG), db, ARTICLE_MAC)
    told = explain_keys(db, explanation.phone, explanation.profiles)
    assert [(each.key.position, each.label, each.where) for each in told] == [
        (3, "Bob Blanc", layout.dn),
        (4, "Carol Faure", layout.dn),
        (5, "Taxi", layout.dn),
        (6, "Bob Blanc", PHONE_DN),
        (7, "Mine", PHONE_DN),
        (8, "", PHONE_DN),
    ]


def test_a_change_of_a_layout_changes_its_phones_and_their_serials_alone() -> None:
    team = phone(dialtreeProfile="Team")
    plain = entry("cn=other,dc=x", macAddress="00147F000001", owner=ALICE_DN)

    def files(key: str) -> tuple[bytes, bytes]:
        db = filled(CONFIG, (team, plain, alice(), profile("Team", dialtreeKey=key)))
        return phone_file(CONFIG, db), phone_file(CONFIG, db, "00147F000001")  # type: ignore[arg-type]

    before, after = files("3 blf 1002"), files("3 blf 1003")
    assert before[0] != after[0]
    assert before[1] == after[1]
    serial, name = "sys.config_sn", "sys.FeatureKeyExt03"
    old, new = parameters(before[0]), parameters(after[0])
    assert {each for each in old if old[each] != new[each]} == {serial, name}
    assert files("3 blf 1003 Anna") == files("3 blf 1003 Bert")


# --- the rule itself


KINDS = st.sampled_from(["none", "blf 1{}", "speeddial 2{}", "line 1"])
LAYER = st.dictionaries(st.integers(1, 5), KINDS, max_size=5)


def written(layer: dict[int, str], level: int) -> tuple[str, ...]:
    return tuple(f"{position} {kind.format(f'{level}{position}')}" for position, kind in layer.items())


@given(st.lists(LAYER, min_size=2, max_size=4))
def test_the_last_layer_that_speaks_of_a_position_decides_it(layers: list[dict[int, str]]) -> None:
    names = [f"p{level}" for level in range(len(layers) - 1)]
    profiles = [
        profile(
            name,
            **({"dialtreeKey": written(layer, level)} if layer else {}),
            **({"dialtreeParent": names[level - 1]} if level else {}),
        )
        for level, (name, layer) in enumerate(zip(names, layers, strict=False))
    ]
    last = len(layers) - 1
    own = phone(dialtreeProfile=names[-1], **({"dialtreeKey": written(layers[-1], last)} if layers[-1] else {}))
    expected = {}
    for level, layer in enumerate(layers):
        for position, kind in layer.items():
            expected[position] = kind.format(f"{level}{position}").split()
    expected = {position: words for position, words in expected.items() if words[0] != "none"}
    got = found(own, alice(), *profiles).keys
    assert {key.position: [key.kind, key.target] for key in got} == expected
    assert [key.position for key in got] == sorted(expected)


# --- how a target is written


@pytest.mark.parametrize(
    "target", ["1002", "sip:1002", "SIP:1002", "sips:1002", "tel:1002", "<sip:1002>", "<SIP:1002>"]
)
@pytest.mark.parametrize(("kind", "letter"), [("blf", "S"), ("speeddial", "L")])
def test_a_scheme_is_not_doubled(kind: str, letter: str, target: str) -> None:
    values = parameters(rendered(phone(dialtreeKey=f"3 {kind} {target} Bob"), alice()))
    assert values["sys.FeatureKeyExt03"] == f"{letter}/<sip:1002>"


def test_an_address_with_parameters_is_no_name_of_an_entry() -> None:
    assert found(phone(dialtreeKey="3 blf sip:1002@pbx;user=phone"), alice()).keys == (
        Key(3, "blf", "1002@pbx;user=phone"),
    )
    assert found(phone(dialtreeKey="3 blf <sip:1002@pbx;user=phone> x"), alice()).keys == (
        Key(3, "blf", "1002@pbx;user=phone"),
    )


@pytest.mark.parametrize("value", ["3 blf sip:", "3 blf <sip:>", "3 none1", "none", "3 blf <1002>"])
def test_what_is_no_target_is_refused(value: str) -> None:
    with pytest.raises(EntryError, match="is not a key"):
        found(phone(dialtreeKey=value), alice())
