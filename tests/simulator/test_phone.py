"""Booting: the order of requests, what is remembered, what is inherited."""

import json
import stat
from pathlib import Path

import pytest

from services.provision.vendors.thomson.simulator.complaints import Rule, StateError
from services.provision.vendors.thomson.simulator.phone import boot
from shared.errors import Malformed
from tests.simulator.phones import boot_phone
from tests.simulator.server import COMMON, FIRMWARE, MAC, PHONE, STEADY_BOOT, TABLES, TELEPHONE, Reply, Site

GOLDEN = Path(__file__).parent / "golden"
ARTICLE_LOG = """\
Begin General file download...
General file: ST2030.inf download successfully!
Begin Firmware download...
Firmware filename is the same!
Begin DSP download...
DSP filename is the same!
Begin Boot Code download...
BOOT code filename is the same!
Begin Melody download...
Begin Common Config download...
Common Config filename is the same!
Begin Mac config download...
Error: provisioning/ST2030/config/ST2030S_001F9F16E849.ser file not found!
Now will try to search txt file!
MacConfig: provisioning/ST2030/config/ST2030S_001F9F16E849.txt download successfully!
Serial number is not the same!
Begin upgrading config file...
Check config file syntax
Check config file syntax successfully!
Upgrading config file successfully!
Reboot.....
Begin General file download...
General file: ST2030.inf download successfully!
Begin Firmware download...
Firmware filename is the same!
Begin DSP download...
Begin Telephone Config download...
Telephone config filename is the same!
Begin Common Config download...
Common Config filename is the same!
Begin Mac config download...
Error: provisioning/ST2030/config/ST2030S_001F9F16E849.ser file not found!
Now will try to search txt file!
MacConfig: provisioning/ST2030/config/ST2030S_001F9F16E849.txt download successfully!
Serial number is the same!
Begin upgrading config file...
No upgrading config file required...
Autoprovision Process End
""".splitlines()


def test_a_factory_fresh_phone_boots_three_times_in_the_order_of_the_article(site: Site) -> None:
    booted = boot_phone(site)
    assert booted.result.complaints == ()
    assert (booted.result.steady, booted.result.exit_code, booted.result.boots) == (True, 0, 3)
    boot_a = ["/ST2030.inf", *FIRMWARE]
    boot_b = ["/ST2030.inf", *TABLES, TELEPHONE, COMMON, f"{PHONE}.ser", f"{PHONE}.txt"]
    assert site.paths == [*boot_a, *boot_b, *STEADY_BOOT]
    assert [exchange.path for exchange in booted.result.exchanges] == site.paths
    assert [exchange.status for exchange in booted.result.exchanges].count(404) == 2


def test_a_steady_phone_asks_for_three_files(site: Site, tmp_path: Path) -> None:
    boot_phone(site, tmp_path / "phone.json")
    site.take()
    booted = boot_phone(site, tmp_path / "phone.json")
    assert (booted.result.steady, booted.result.boots) == (True, 1)
    assert site.paths == list(STEADY_BOOT)


def test_the_log_is_the_golden_log(site: Site) -> None:
    assert boot_phone(site).log == (GOLDEN / "factory-fresh.aps.txt").read_text().splitlines()


def test_the_log_holds_the_lines_of_the_article_in_their_order(site: Site, tmp_path: Path) -> None:
    boot_phone(site, tmp_path / "phone.json")
    site.edit(f"{PHONE}.txt", "201007300008", "201007300009")
    lines = iter(boot_phone(site, tmp_path / "phone.json").log)
    assert [wanted for wanted in ARTICLE_LOG if wanted not in lines] == []


def test_the_phone_says_who_it_is(site: Site) -> None:
    boot_phone(site)
    assert site.headers["User-Agent"] == "THOMSON ST2030 hw5 fw2.72 00-1F-9F-16-E8-49"
    assert set(site.request_lines) == {f"GET {path} HTTP/1.1" for path in site.paths}


def test_absolute_form_request_lines_are_sent_on_demand(site: Site) -> None:
    assert boot_phone(site, absolute_form=True).result.steady
    assert site.request_lines[0] == f"GET {site.base}/ST2030.inf HTTP/1.1"


def test_the_base_of_the_phone_file_needs_no_final_slash(site: Site) -> None:
    site.edit("/ST2030.inf", "/ST2030/config/\r\n", "/ST2030/config\r\n")
    assert boot_phone(site).result.steady
    assert site.paths[-1] == f"{PHONE}.txt"


def test_a_general_file_without_vendor_files_is_enough(site: Site) -> None:
    site.text("/ST2030.inf", f"[application]\n[config]\nconfig={site.base}/provisioning/ST2030/config/\n")
    booted = boot_phone(site)
    assert (booted.result.steady, booted.result.boots) == (True, 2)
    assert site.paths == [*STEADY_BOOT, *STEADY_BOOT]


def test_a_model_that_is_not_simulated_is_refused(site: Site) -> None:
    with pytest.raises(Malformed, match="ST2040"):
        boot(site.inf, MAC, model="ST2040", log=print)


def test_the_phone_file_is_applied_over_the_common_file(site: Site) -> None:
    booted = boot_phone(site)
    assert booted.value("ipp.TimeFlag") == "1"
    assert booted.value("ipp.LanguageType") == "0"
    assert booted.value("sip.DisplayName1") == "Téléphone 1001"
    assert booted.result.memory.serial == "201007300008"
    assert booted.value("sys.config_sn") is None


def test_a_new_serial_makes_the_phone_apply_the_change_and_reboot_once(site: Site, tmp_path: Path) -> None:
    boot_phone(site, tmp_path / "phone.json")
    site.edit(f"{PHONE}.txt", "Téléphone 1001", "Alice")
    site.edit(f"{PHONE}.txt", "201007300008", "999900001111")
    site.take()
    booted = boot_phone(site, tmp_path / "phone.json")
    assert (booted.result.boots, booted.value("sip.DisplayName1")) == (2, "Alice")
    assert site.paths == [*STEADY_BOOT, *STEADY_BOOT]


def test_a_parameter_that_is_left_out_keeps_its_old_value(site: Site, tmp_path: Path) -> None:
    boot_phone(site, tmp_path / "phone.json")
    site.edit(f"{PHONE}.txt", "NtpIP=10.0.1.44\r\n", "")
    site.edit(f"{PHONE}.txt", "201007300008", "201007300009")
    booted = boot_phone(site, tmp_path / "phone.json")
    assert booted.result.steady
    assert booted.value("ntp.NtpIP") == "10.0.1.44"


def test_an_empty_value_clears_a_parameter(site: Site, tmp_path: Path) -> None:
    boot_phone(site, tmp_path / "phone.json")
    site.edit(f"{PHONE}.txt", "NtpIP=10.0.1.44", "NtpIP=")
    site.edit(f"{PHONE}.txt", "201007300008", "201007300009")
    assert boot_phone(site, tmp_path / "phone.json").value("ntp.NtpIP") == ""


def test_a_common_file_changed_under_its_old_name_is_never_seen(site: Site, tmp_path: Path) -> None:
    boot_phone(site, tmp_path / "phone.json")
    site.edit(COMMON, "*98", "*99")
    site.take()
    booted = boot_phone(site, tmp_path / "phone.json")
    assert booted.result.steady
    assert COMMON not in site.paths
    assert booted.value("sip.VoiceMailTelNum") == "*98"


def test_a_common_file_under_a_new_name_is_applied(site: Site, tmp_path: Path) -> None:
    boot_phone(site, tmp_path / "phone.json")
    _rename_common(site)
    site.edit(f"{PHONE}.txt", "201007300008", "201007300009")
    site.take()
    booted = boot_phone(site, tmp_path / "phone.json")
    assert site.paths == ["/ST2030.inf", "/ComConf-2.txt", f"{PHONE}.ser", f"{PHONE}.txt", *STEADY_BOOT]
    assert booted.result.steady
    assert booted.value("sip.VoiceMailTelNum") == "*99"
    assert booted.value("ipp.TimeFlag") == "1"


def test_a_new_common_file_under_the_old_serial_loses_the_phones_own_values(site: Site, tmp_path: Path) -> None:
    boot_phone(site, tmp_path / "phone.json")
    _rename_common(site)
    booted = boot_phone(site, tmp_path / "phone.json")
    assert booted.value("ipp.TimeFlag") == "0"
    assert booted.rules == [Rule.SERIAL_KEPT]
    assert "ipp.TimeFlag" in booted.result.complaints[0].message
    assert booted.result.exit_code == 1


def test_a_phone_file_changed_under_its_old_serial_is_a_fault(site: Site, tmp_path: Path) -> None:
    boot_phone(site, tmp_path / "phone.json")
    site.edit(f"{PHONE}.txt", "regpwd1=1234", "regpwd1=s3cr3t")
    booted = boot_phone(site, tmp_path / "phone.json")
    assert booted.rules == [Rule.SERIAL_KEPT]
    assert booted.value("sip.regpwd1") == "1234"
    assert not any("s3cr3t" in line for line in booted.log)


def test_function_keys_may_be_listed_twice_and_the_last_wins(site: Site) -> None:
    site.edit(
        f"{PHONE}.txt", "FeatureKeyExt01=L/<sip:1002>", "FeatureKeyExt01=L/<sip:>\r\nFeatureKeyExt01=S/<sip:1003>"
    )
    assert boot_phone(site).value("sys.FeatureKeyExt01") == "S/<sip:1003>"


def test_an_encrypted_phone_file_is_taken_as_it_is(site: Site, tmp_path: Path) -> None:
    site.replies[f"{PHONE}.ser"] = Reply(b"\x00\x01sealed")
    booted = boot_phone(site, tmp_path / "phone.json")
    assert booted.result.steady
    assert f"{PHONE}.txt" not in site.paths
    assert "MacConfig is encrypted: content and serial cannot be checked!" in booted.log
    assert boot_phone(site, tmp_path / "phone.json").result.boots == 1
    site.replies[f"{PHONE}.ser"] = Reply(b"\x00\x02sealed")
    assert boot_phone(site, tmp_path / "phone.json").result.boots == 2


def test_the_state_file_is_readable_by_its_owner_only(site: Site, tmp_path: Path) -> None:
    state = tmp_path / "phone.json"
    boot_phone(site, state)
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [state]


def test_a_phone_stopped_in_mid_boot_goes_on_where_it_was(site: Site, tmp_path: Path) -> None:
    stopped = boot_phone(site, tmp_path / "phone.json", max_boots=1)
    assert stopped.rules == [Rule.REBOOT_LOOP]
    site.take()
    assert boot_phone(site, tmp_path / "phone.json").result.boots == 2
    assert not set(FIRMWARE) & set(site.paths)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("not json", "not the memory"),
        ('{"mac": "001F9F16E849", "model": "ST2030", "serial": 7}', "not the memory"),
        (json.dumps({"mac": "001F9F000001", "model": "ST2030"}), "001F9F000001"),
    ],
)
def test_an_unusable_state_is_refused_and_kept(site: Site, tmp_path: Path, content: str, reason: str) -> None:
    state = tmp_path / "phone.json"
    state.write_text(content)
    with pytest.raises(StateError, match=reason):
        boot_phone(site, state)
    assert state.read_text() == content


def test_a_state_that_cannot_be_written_is_refused(site: Site, tmp_path: Path) -> None:
    with pytest.raises(StateError, match="cannot be written"):
        boot_phone(site, tmp_path / "no such folder" / "phone.json")


def test_the_result_prints_no_password(site: Site) -> None:
    assert "regpwd1" not in repr(boot_phone(site).result)


def _rename_common(site: Site) -> None:
    reply = site.replies[COMMON]
    assert isinstance(reply, Reply)
    site.replies["/ComConf-2.txt"] = Reply(reply.body.replace(b"*98", b"*99"))
    site.edit("/ST2030.inf", COMMON, "/ComConf-2.txt")
