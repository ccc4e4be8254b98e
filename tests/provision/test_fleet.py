"""Every model whole: golden files, each optional value blanked in turn, and any layers at all judged by the simulator."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.provision.vendors.thomson.catalog import SERIAL
from shared.config import Config
from shared.ldap.entry import Entry
from tests.provision.desk import alice, compare_with_golden, configuration, phone
from tests.provision.fleet import (
    MODELS,
    SAFE,
    SITE,
    Files,
    at_the_edge,
    bare,
    bob,
    chained,
    fitting,
    full,
    laid_out,
    model_of,
    profile,
)

KINDS = {"bare": bare, "full": full, "chained": chained, "layout": laid_out, "edge": at_the_edge}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_files_of_a_phone_are_these(name: str, kind: str) -> None:
    files = Files(name, *KINDS[kind](name))
    assert files.complaints == []
    compare_with_golden(f"{name}-{kind}.txt", files.phone)
    if kind != "full":
        compare_with_golden(f"{name}-{kind}-common.txt", files.common)
    if kind == "bare":
        compare_with_golden(f"{name}.inf", files.general)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("kind", KINDS)
def test_both_files_always_hold_their_whole_set_and_nothing_twice(name: str, kind: str) -> None:
    files = Files(name, *KINDS[kind](name))
    assert set(files.values) == set(model_of(name).catalog) - {SERIAL}


@pytest.mark.parametrize("name", MODELS)
def test_at_the_edge_every_parameter_is_as_it_was_set(name: str) -> None:
    widest = {each: max(values, key=lambda value: (len(value), value)) for each, values in fitting(name).items()}
    values = Files(name, *at_the_edge(name)).values
    computed = (
        "TEL",
        "regid",
        "regpwd",
        "DisplayName",
        "DisplayNum",
        "VoiceMailTelNum",
        "subscribe_event",
        "sw_tr_vmail_address",
    )
    servers = ("RegisterServer", "ProxyServer", "ServiceDomain")
    for each, value in widest.items():
        if not each.partition(".")[2].startswith((*computed, *servers)):
            assert values[each] == value, each


# --- every optional value blanked in turn


def blanked_settings() -> list[str]:
    optional = (
        "backup_registrar", "sip_domain", "voicemail_number", "pickup_code", "ntp_server", "phonebook_name",
    )  # fmt: skip
    return [name for name in optional if getattr(SITE.provision, name)]


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("setting", blanked_settings())
def test_a_blank_setting_of_the_configuration_leaves_whole_files(name: str, setting: str) -> None:
    with_all = Files(name, *full(name))
    without = Files(name, *full(name), config=with_settings(**{setting: ""}))
    assert without.complaints == []
    assert set(without.values) == set(with_all.values)
    assert without.values != with_all.values


def optional_values(name: str) -> list[tuple[int, str]]:
    """(which entry, which attribute) of the full phone that may be absent."""
    needed = {"objectclass", "macaddress", "owner", "astaccountname", "astaccountsecret", "dialtreemodel", "cn"}
    return [(at, key) for at, each in enumerate(full(name)) for key in each.attributes if key not in needed]


@pytest.mark.parametrize(
    ("name", "at", "attribute"), [(name, at, key) for name in MODELS for at, key in optional_values(name)]
)
def test_a_blank_attribute_of_an_entry_leaves_whole_files(name: str, at: int, attribute: str) -> None:
    entries = list(full(name))
    kept = {key: values for key, values in entries[at].attributes.items() if key != attribute}
    entries[at] = Entry(entries[at].uuid, entries[at].dn, kept)
    files = Files(name, *entries)
    assert files.complaints == []
    assert set(files.values) == set(Files(name, *full(name)).values)


@pytest.mark.parametrize("name", MODELS)
def test_every_parameter_that_may_be_empty_can_be_written_empty(name: str) -> None:
    catalog = model_of(name).catalog
    blank = [each for each, parameter in catalog.items() if parameter.kind.may_be_empty and each != SERIAL]
    empty = profile("Empty", dialtreeSetting=tuple(f"{each}=" for each in blank))
    files = Files(name, phone(dialtreeModel=name, dialtreeProfile="Empty"), alice(), empty)
    assert files.complaints == []
    kept = {each for each in blank if files.values[each]}
    assert kept <= {"sip.TEL1Number", "sip.regid1", "sip.regpwd1", "sip.DisplayName1"}


# --- any layers at all


@st.composite
def layers(draw: st.DrawFn) -> tuple[str, Config, tuple[Entry, ...]]:
    """A model, a configuration, and the entries of a phone with profiles, lines and keys: valid, whatever it is."""
    name = draw(st.sampled_from(MODELS))
    model, values = model_of(name), fitting(name)

    def chosen(names: list[str]) -> dict[str, str]:
        picked = draw(st.lists(st.sampled_from(names), max_size=8, unique=True))
        return {each: draw(st.sampled_from(values[each])) for each in picked}

    def written(of: dict[str, str]) -> tuple[str, ...]:
        return tuple(f"{each}={value}" for each, value in of.items())

    everything = [each for each in values if each not in SAFE]
    own = [each for each in everything if model.catalog[each].file == "phone"]
    lines = draw(st.lists(st.integers(2, max(2, model.lines)), max_size=3, unique=True))
    positions = draw(st.lists(st.integers(1, model.keys), max_size=6, unique=True))
    kinds = st.sampled_from(["blf 1002", "speeddial *21#", f"blf {bob().dn}", "line 1", "blf uid=gone,dc=x"])
    device = phone(
        dialtreeModel=name,
        dialtreeProfile=draw(st.sampled_from(["", "Upper", "Lower"])),
        dialtreeLine=tuple(f"{number} {bob(number).dn}" for number in lines),
        dialtreeKey=tuple(f"{position} {draw(kinds)}" for position in positions),
        dialtreeSetting=written(chosen(own)),
    )
    person = alice(
        preferredLanguage=draw(st.sampled_from(["", "it", "xx, nl;q=0.5"])), c=draw(st.sampled_from(["", "PL"]))
    )
    profiles = (
        profile("Upper", dialtreeSetting=written(chosen(everything)), dialtreeTimeZone="America/New_York"),
        profile("Lower", dialtreeParent="Upper", dialtreeSetting=written(chosen(everything))),
    )
    config = with_settings(settings=SAFE | chosen(everything))
    return name, config, (device, person, *(bob(number) for number in (2, 3, 4)), *profiles)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(layers(), st.randoms(use_true_random=False))
def test_any_valid_layers_give_files_that_a_phone_takes_and_that_are_the_same_everywhere(
    given_layers: tuple[str, Config, tuple[Entry, ...]], chance: Any
) -> None:
    name, config, entries = given_layers
    files = Files(name, *entries, config=config)
    assert files.complaints == []
    assert set(files.values) == set(model_of(name).catalog) - {SERIAL}
    shuffled = list(entries)
    chance.shuffle(shuffled)
    again = Files(name, *shuffled, config=config)
    assert (again.general, again.common, again.phone) == (files.general, files.common, files.phone)


def with_settings(**changed: Any) -> Config:
    """The site's configuration with other settings of `[provision]`."""
    own = SITE.provision.model_dump(include=SITE.provision.model_fields_set)
    return configuration(**(own | changed))
