"""Many phones at once."""

import pytest

from services.provision.vendors.thomson.simulator.complaints import Rule
from services.provision.vendors.thomson.simulator.fleet import boot_fleet, consecutive_macs
from shared.errors import Malformed
from shared.mac import Mac
from tests.simulator.server import MAC, PHONE, PHONE_TEXT, Site


def test_twenty_phones_boot_to_steady_state(site: Site) -> None:
    macs = consecutive_macs(MAC, 20)
    for mac in macs:
        site.text(f"{PHONE.removesuffix(MAC)}{mac}.txt", PHONE_TEXT.format(base=site.base))
    lines: list[str] = []
    result = boot_fleet(site.inf, macs, concurrency=8, log=lines.append)
    assert (result.phones, result.steady, result.complaints, result.exit_code) == (20, 20, (), 0)
    assert result.requests == len(site.paths) == 20 * 17
    assert {f"{PHONE.removesuffix(MAC)}{mac}.ser" for mac in macs} <= set(site.paths)
    assert 0 < result.boot_times.least <= result.boot_times.median <= result.boot_times.p99 <= result.seconds
    assert 0 < result.request_times.least <= result.request_times.p99 <= result.boot_times.p99
    assert lines[0] == "20 phones: 20 steady, 0 not"
    assert [line.split(":")[0] for line in lines[2:]] == ["boot", "request"]


def test_a_phone_that_the_server_does_not_know_is_named(site: Site) -> None:
    macs = consecutive_macs(MAC, 3)
    lines: list[str] = []
    result = boot_fleet(site.inf, macs, concurrency=1, log=lines.append)
    assert (result.steady, result.exit_code) == (1, 1)
    assert [(mac, complaint.rule) for mac, complaint in result.complaints] == [
        (mac, Rule.NOT_FOUND) for mac in macs[1:]
    ]
    assert lines[0].startswith("001F9F16E84A: ")


def test_many_complaints_are_counted_not_printed(empty: Site) -> None:
    lines: list[str] = []
    boot_fleet(empty.inf, consecutive_macs(MAC, 13), concurrency=4, log=lines.append)
    assert lines[10:12] == ["... and 3 more complaints", "13 phones: 0 steady, 13 not"]


def test_a_fleet_may_mix_models_each_with_files_of_its_own(site: Site) -> None:
    prefixes = ("ST2030S_", "ST2022S_", "TB30S_")
    macs = consecutive_macs(MAC, 6)
    config = PHONE.rpartition("/")[0]
    inf = site.replies["/ST2030.inf"]
    for number, mac in enumerate(macs):
        site.text(f"{config}/{prefixes[number % 3]}{mac}.txt", PHONE_TEXT.format(base=site.base))
    for prefix in prefixes:
        site.replies[f"/{prefix[:-1]}.inf"] = inf
    result = boot_fleet(f"{site.base}/", macs, models=("ST2030", "ST2022", "TB30"), concurrency=2, log=print)
    assert (result.steady, result.complaints) == (6, ())
    assert {path for path in site.paths if path.endswith(".inf")} == {f"/{prefix[:-1]}.inf" for prefix in prefixes}
    assert {path for path in site.paths if "S_" in path and path.endswith(".txt")} == {
        f"{config}/{prefixes[number % 3]}{mac}.txt" for number, mac in enumerate(macs)
    }


def test_addresses_are_counted_upwards_and_end() -> None:
    assert consecutive_macs(Mac("001F9F0000FF"), 2) == ("001F9F0000FF", "001F9F000100")
    assert consecutive_macs(Mac("FFFFFFFFFFFF"), 1) == ("FFFFFFFFFFFF",)
    for first, count in ((Mac("FFFFFFFFFFFF"), 2), (MAC, 0)):
        with pytest.raises(Malformed):
            consecutive_macs(first, count)
