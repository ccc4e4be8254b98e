"""What `dialtree check` says of values that would cut phones off, or let others in."""

from typing import Any

import pytest

from services.provision.check import findings
from services.provision.rendering import Renderer
from shared.findings import CONFIGURATION, Finding
from shared.ldap.entry import Entry
from tests.provision.desk import PHONE_DN, alice, configuration, filled, phone
from tests.provision.fleet import SAFE, profile

HERE = {"public_url": "http://prov.example.org", "registrar": "10.0.8.1"}


def given(*settings: str, of_profile: tuple[str, ...] = (), model: str = "ST2030", **provision: Any) -> list[Finding]:
    """What is found of a phone with these settings of its own and of its profile."""
    config = configuration(settings=SAFE | provision.pop("settings", {}), **(HERE | provision))
    own = phone(dialtreeModel=model, dialtreeProfile="Lyon", **({"dialtreeSetting": settings} if settings else {}))
    lyon = profile("Lyon", **({"dialtreeSetting": of_profile} if of_profile else {}))
    entries: tuple[Entry, ...] = (own, lyon, alice(AstAccountSecret="correct-horse-battery"))
    return list(findings(Renderer(config), filled(config, entries)))


def only(found: list[Finding]) -> Finding:
    (finding,) = found
    return finding


def test_a_sound_phone_of_each_model_has_no_finding() -> None:
    assert [given(model=model) for model in ("ST2030", "ST2022", "TB30")] == [[], [], []]


def test_provisioning_that_is_switched_off_is_found_where_it_stands() -> None:
    own = only(given("autoprovision.AutoprovisionFlag=0"))
    assert (own.where, own.what, own.is_fault) == (PHONE_DN, "dialtreeSetting", True)
    of_profile = only(given(of_profile=("autoprovision.AutoprovisionFlag=0",)))
    assert of_profile.where.startswith("cn=Lyon,")
    site = only(given(settings={"autoprovision.AutoprovisionFlag": "0"}))
    assert site[:2] == (CONFIGURATION, "provision.settings.autoprovision.AutoprovisionFlag")


def test_what_a_phone_sets_right_for_itself_is_no_finding() -> None:
    assert given("autoprovision.AutoprovisionFlag=1", of_profile=("autoprovision.AutoprovisionFlag=0",)) == []


@pytest.mark.parametrize(
    "place",
    [
        "http://other.example.org/ST2030.inf", "other.example.org/st2030", "https://prov.example.org.evil.org/", "10.0.8.165",
        "http://prov.example.org:8443/", "prov.example.org:8443/x", "http://prov.example.org:99999/",
        "http://prov.example.org@other.example.org/", "ftp://other.example.org/",
    ],
)  # fmt: skip
def test_a_server_elsewhere_is_found(place: str) -> None:
    finding = only(given(f"autoprovision.AutoprovisionHTTPServer={place}"))
    assert (finding.where, finding.is_fault) == (PHONE_DN, True)
    assert "never here again" in finding.problem


@pytest.mark.parametrize(
    "place",
    [
        "http://prov.example.org/ST2030.inf",
        "PROV.example.org/st2030",
        "prov.example.org:80",
        "http://prov.example.org./x",
    ],
)
def test_this_server_by_any_writing_is_no_finding(place: str) -> None:
    assert given(f"autoprovision.AutoprovisionHTTPServer={place}") == []


def test_tftp_elsewhere_is_a_fault_and_tftp_here_a_note() -> None:
    elsewhere = only(given("autoprovision.AutoprovisionTFTPServer=10.0.8.99"))
    here = only(given("autoprovision.AutoprovisionTFTPServer=prov.example.org"))
    assert (elsewhere.is_fault, here.is_fault) == (True, False)
    assert "`dialtree provision tftp` must run" in here.problem
    assert given("autoprovision.AutoprovisionTFTPServer=0.0.0.0") == []


def test_a_vlan_without_its_number_and_a_number_without_its_vlan_are_found() -> None:
    without = only(given("net.VLAN=1"))
    assert (without.where, "qos.VLANid1 is not set" in without.problem) == (PHONE_DN, True)
    unused = only(given(of_profile=("qos.VLANid1=20",)))
    assert (unused.where.startswith("cn=Lyon,"), "net.VLAN is 0" in unused.problem) == (True, True)
    assert given("net.VLAN=1", of_profile=("qos.VLANid1=20",)) == []
    assert given("net.VLAN=1", of_profile=("qos.VLANid1=1",)) == []


def test_an_address_that_phones_would_share_is_found() -> None:
    finding = only(given(of_profile=("net.WanModFlag=0", "net.ipwan=10.0.8.50")))
    assert "all of them 10.0.8.50" in finding.problem


def test_names_without_a_name_server_are_found() -> None:
    finding = only(given(of_profile=("net.DNSFLG=0",)))
    assert "could not find prov.example.org; name a DNS server" in finding.problem
    assert given(of_profile=("net.DNSFLG=0", "net.DNSSrv2=10.0.1.53")) == []
    assert given(of_profile=("net.DNSFLG=0",), public_url="http://10.0.8.165") == []


@pytest.mark.parametrize("anybody", ["0.0.0.0", ""])
def test_a_resync_that_anybody_may_order_is_found(anybody: str) -> None:
    finding = only(given(of_profile=(f"sip.AuthNotifyCheckSync={anybody}",)))
    assert (finding.is_fault, "anybody may make phones start anew" in finding.problem) == (True, True)


def test_resync_from_is_the_registrar_unless_the_site_says_another_one() -> None:
    assert only(given(resync_from="0.0.0.0"))[:2] == (CONFIGURATION, "provision.resync_from")
    assert given(resync_from="10.0.8.7") == []


def test_a_registrar_whose_orders_phones_would_not_obey_is_a_note() -> None:
    note = only(given(of_profile=("sip.RegisterServerMP1=10.0.9.1",)))
    assert (note.where.startswith("cn=Lyon,"), note.is_fault) == (True, False)
    assert "register at 10.0.9.1 and obey a check-sync of 10.0.8.1 only" in note.problem
    assert given(of_profile=("sip.RegisterServerMP1=10.0.9.1", "sip.AuthNotifyCheckSync=10.0.9.1")) == []
    assert given(of_profile=("sip.RegisterServerMP1=10.0.9.1",), resync_from="10.0.9.7") == []


def test_snmp_that_lets_anybody_write_is_found() -> None:
    open_to_all = ("snmp.flag=1", "snmp.commRW2=1")
    assert "snmp.commRW2 is 1" in only(given(of_profile=open_to_all)).problem
    assert given(of_profile=(*open_to_all, "snmp.filter=1")) == []
    assert given(of_profile=("snmp.commRW2=1",)) == []


def test_what_only_keeps_phones_from_hearing_of_changes_is_a_note() -> None:
    assert only(given(of_profile=("sip.sw_notify_autoprovision=0",))).is_fault is False
    assert only(given(of_profile=("cwmp.CWMPFlag=1",), model="TB30")).is_fault is False
