"""Every way in which a server can fail a phone, each found with its own reason, and what is odd and fails no phone."""

from collections.abc import Callable

import pytest

from services.provision.vendors.thomson.simulator.complaints import Complaint, Rule, Verdict, print_complaints
from tests.simulator.phones import Booted, boot_phone
from tests.simulator.server import COMMON, FIRMWARE, PHONE, TABLES, TELEPHONE, Reply, Site

TXT = f"{PHONE}.txt"
INF = "/ST2030.inf"

EDITS = [
    pytest.param(TXT, "[ntp]", "[ntp", Rule.SECTION, id="section not closed"),
    pytest.param(TXT, "[ipp]\r\n", "", Rule.NO_SECTION, id="key before a section"),
    pytest.param(TXT, "regid1=", "regid1 =", Rule.BLANKS, id="blank before the equals sign"),
    pytest.param(TXT, "regid1=", "regid1= ", Rule.BLANKS, id="blank after the equals sign"),
    pytest.param(TXT, "regid1=", " regid1=", Rule.BLANKS, id="blank before the key"),
    pytest.param(TXT, "regid1=", "; line 1\r\nregid1=", Rule.COMMENT, id="comment with semicolon"),
    pytest.param(TXT, "regid1=", "# line 1\r\nregid1=", Rule.COMMENT, id="comment with hash"),
    pytest.param(TXT, "regid1=1001", "regid1", Rule.NO_PARAMETER, id="key without value"),
    pytest.param(TXT, "regid1=1001", "=1001", Rule.NO_PARAMETER, id="value without key"),
    pytest.param(TXT, "1001\r\nregid1", "10\x0001\r\nregid1", Rule.CONTROL_CHARACTER, id="NUL"),
    pytest.param(TXT, "regid1=", "regid1=\t", Rule.CONTROL_CHARACTER, id="tab"),
    pytest.param(TXT, "Téléphone", "T\x85l", Rule.CONTROL_CHARACTER, id="C1 control character"),
    pytest.param(TXT, "regid1=1001\r\n", "regid1=1001\r\r\n", Rule.LINE_END, id="a CR too many"),
    pytest.param(TXT, "201007300008", "20100730008", Rule.SERIAL_FORM, id="serial of 11 digits"),
    pytest.param(TXT, "201007300008", "2010073000089", Rule.SERIAL_FORM, id="serial of 13 digits"),
    pytest.param(TXT, "201007300008", "1290461655.7", Rule.SERIAL_FORM, id="serial with a dot"),
    pytest.param(TXT, "201007300008", "", Rule.SERIAL_FORM, id="empty serial"),
    pytest.param(TXT, "201007300008", "20100730000²", Rule.SERIAL_FORM, id="serial with another script's digit"),
    pytest.param(TXT, "config_sn=", "Config_SN=", Rule.SERIAL_CASE, id="serial in capitals"),
    pytest.param(TXT, "config_sn=201007300008\r\n", "", Rule.MISSING_PARAMETER, id="no serial"),
    pytest.param(COMMON, "TimeFlag=", "TimeFlag =", Rule.BLANKS, id="blank in the common file"),
    pytest.param(INF, "telcfg=http://", "telcfg=//", Rule.URL, id="URL without scheme"),
    pytest.param(INF, "telcfg=http://127", "telcfg=http://user:pw@127", Rule.URL, id="URL with a password"),
    pytest.param(INF, "TelConf2030SG", "Télé", Rule.URL, id="URL outside ASCII"),
    pytest.param(INF, "TelConf2030SG.R11.1.SED.100804.2.72.2.txt", "", Rule.URL, id="URL without file name"),
    pytest.param(INF, "TelConf2030SG", "TelConf" + "x" * 90, Rule.URL_TOO_LONG, id="URL over 128 characters"),
]

ODD = [
    pytest.param(TXT, "[ntp]", "[time]", Rule.UNKNOWN_SECTION, id="unknown section"),
    pytest.param(TXT, "[ntp]", "[NTP]", Rule.UNKNOWN_SECTION, id="section in capitals"),
    pytest.param(TXT, "[ntp]", "[cwmp]", Rule.UNKNOWN_SECTION, id="section of another model"),
    pytest.param(TXT, "[ntp]", "[ntp] ", Rule.TRAILING_BLANK, id="blank after a section"),
    pytest.param(TXT, "[ntp]", "[ntp]\r\n[ntp]", Rule.SECTION_TWICE, id="section twice"),
    pytest.param(TXT, "regid1=1001", "regid1=1001 ", Rule.TRAILING_BLANK, id="blank after the value"),
    pytest.param(TXT, "\r\n[ntp]", " \r\n[ntp]", Rule.TRAILING_BLANK, id="blank line of blanks"),
    pytest.param(TXT, "regid1=1001", "regid1=" + "1" * 249, Rule.LINE_LENGTH, id="line of 256 bytes"),
    pytest.param(TXT, "regid1=1001\r\n", "regid1=1001\n", Rule.MIXED_LINE_ENDS, id="one LF among CR LF"),
    pytest.param(TXT, "NtpIP=10.0.1.44\r\n", "NtpIP=10.0.1.44", Rule.NO_LAST_LINE_END, id="no line end at the end"),
    pytest.param(TXT, "regid1=", "regid5=", Rule.UNKNOWN_PARAMETER, id="line 5"),
    pytest.param(TXT, "regid1=", "RegId1=", Rule.UNKNOWN_PARAMETER, id="parameter in other letters"),
    pytest.param(TXT, "regid1=", "CallRetrieveSC=", Rule.UNKNOWN_PARAMETER, id="misspelling put right"),
    pytest.param(TXT, "regid1=", "BrandName=", Rule.UNKNOWN_PARAMETER, id="parameter of another model"),
    pytest.param(TXT, "regid1=", "TimeFlag=", Rule.UNKNOWN_PARAMETER, id="parameter of another section"),
    pytest.param(TXT, "FeatureKeyExt01=", "FeatureKeyExt67=", Rule.UNKNOWN_PARAMETER, id="function key 67"),
    pytest.param(TXT, "regid1=", "regid1=7\r\nregid1=", Rule.PARAMETER_TWICE, id="parameter twice"),
    pytest.param(COMMON, "CountryCode=", "Country=", Rule.UNKNOWN_PARAMETER, id="unknown in the common file"),
    pytest.param(
        COMMON, "[sys]", "[sys]\r\nconfig_sn=201007300008", Rule.UNKNOWN_PARAMETER, id="serial in the common file"
    ),
    pytest.param(INF, "telcfg=", "telconf=", Rule.UNKNOWN_PARAMETER, id="unknown in the general file"),
    pytest.param(
        INF, "[config]", "[other]\r\n[config]", Rule.UNKNOWN_SECTION, id="unknown section of the general file"
    ),
    pytest.param(INF, "\r\ntelcfg=", "\r\nbooturl=", Rule.UNKNOWN_PARAMETER, id="key of another section"),
    pytest.param(INF, "telcfg=http://", "telcfg=https://", Rule.HTTPS, id="HTTPS"),
    pytest.param(
        INF, "\r\ntelcfg=", "\r\nmelodies=\r\ntelcfg=", Rule.PARAMETER_TWICE, id="key of the general file twice"
    ),
    pytest.param(INF, "booturl=", "booturl=\r\nprovision_mode=", Rule.EMPTY_VALUE, id="nothing listed"),
    pytest.param(TXT, "NtpIP=10.0.1.44", "NtpIP=https://h/", Rule.VALUE, id="value of another kind"),
    pytest.param(COMMON, "TimeFlag=0", "TimeFlag=9", Rule.VALUE, id="value in the common file"),
]

REPLIES = [
    pytest.param(TXT, Reply(status=404, body=b"gone"), Rule.NOT_FOUND, id="no phone file"),
    pytest.param(TXT, Reply(status=503, body=b"later"), Rule.STATUS, id="phone file unavailable"),
    pytest.param(
        TXT, Reply(status=302, headers={"Location": "/other.txt"}), Rule.REDIRECT, id="redirect of the phone file"
    ),
    pytest.param(TXT, Reply(), Rule.EMPTY, id="empty phone file"),
    pytest.param(f"{PHONE}.ser", Reply(status=403), Rule.STATUS, id="refused .ser"),
    pytest.param(f"{PHONE}.ser", Reply(), Rule.EMPTY, id="empty .ser"),
    pytest.param(COMMON, Reply(status=404), Rule.NOT_FOUND, id="no common file"),
    pytest.param(COMMON, Reply(), Rule.EMPTY, id="empty common file"),
    pytest.param(TELEPHONE, Reply(), Rule.EMPTY, id="empty telephone file"),
    pytest.param(TELEPHONE, Reply(status=404), Rule.NOT_FOUND, id="no telephone file"),
    pytest.param(FIRMWARE[1], Reply(status=404), Rule.NOT_FOUND, id="no DSP file"),
    pytest.param(TABLES[3], Reply(status=404), Rule.NOT_FOUND, id="no tone table"),
    pytest.param(INF, Reply(status=404), Rule.NOT_FOUND, id="no general file"),
    pytest.param(INF, Reply(), Rule.EMPTY, id="empty general file"),
    pytest.param(INF, Reply(b"[config]\r\n"), Rule.MISSING_PARAMETER, id="general file without config"),
    pytest.param(INF, Reply(status=301, headers={"Location": "/st2030.inf"}), Rule.REDIRECT, id="redirect"),
    pytest.param(INF, Reply(status=304), Rule.REDIRECT, id="not modified"),
    pytest.param(
        INF,
        Reply(b"2\r\n[c\r\n0\r\n\r\n", headers={"Transfer-Encoding": "chunked"}, length=False),
        Rule.CHUNKED,
        id="chunked",
    ),
    pytest.param(INF, Reply(b"\x1f\x8b", headers={"Content-Encoding": "gzip"}), Rule.CONTENT_ENCODING, id="gzip"),
    pytest.param(
        INF, Reply(b"[config]", headers={"Content-Length": "9"}), Rule.CONTENT_LENGTH, id="two Content-Lengths"
    ),
    pytest.param(INF, Reply(b"[config]", length=-1), Rule.CONTENT_LENGTH, id="negative Content-Length"),
    pytest.param(INF, Reply(b"[config]", length=9), Rule.TRUNCATED, id="truncated"),
    pytest.param(INF, Reply(b"[config]", length=7), Rule.RESPONSE, id="longer than announced"),
    pytest.param(INF, Reply(b"[", length=10_000_000), Rule.TOO_LARGE, id="too large"),
    pytest.param(INF, Reply(headers={"X-Padding": "x" * 9000}), Rule.RESPONSE, id="endless header"),
    pytest.param(INF, Reply(headers={"X Y": "z"}), Rule.RESPONSE, id="header that is none"),
]


@pytest.mark.parametrize(("path", "old", "new", "rule"), EDITS)
def test_a_wrong_line_is_found(site: Site, path: str, old: str, new: str, rule: Rule) -> None:
    site.edit(path, old, new)
    _is_refused(boot_phone(site), rule)


@pytest.mark.parametrize(("path", "reply", "rule"), REPLIES)
def test_a_wrong_answer_is_found(site: Site, path: str, reply: Reply, rule: Rule) -> None:
    site.replies[path] = reply
    _is_refused(boot_phone(site), rule)


@pytest.mark.parametrize(("path", "old", "new", "rule"), ODD)
def test_what_is_odd_is_told_and_the_phone_takes_the_file(
    site: Site, path: str, old: str, new: str, rule: Rule
) -> None:
    site.edit(path, old, new)
    booted = boot_phone(site)
    assert (booted.rules, booted.result.steady) == ([rule], True), booted.result.complaints
    assert (booted.result.exit_code, booted.result.strict_exit_code) == (0, 1)
    assert booted.log[-1] == str(booted.result.complaints[-1])
    assert booted.value("sip.VoiceMailTelNum") == "*98"
    assert booted.value("sip.DisplayName1") == "Téléphone 1001"


def test_answers_without_content_length_are_read_to_their_end_and_told(site: Site) -> None:
    for path in (COMMON, TXT):
        reply = site.replies[path]
        assert isinstance(reply, Reply)
        site.replies[path] = Reply(reply.body, length=False)
    booted = boot_phone(site)
    assert (booted.rules, booted.result.exit_code) == ([Rule.NO_LENGTH, Rule.NO_LENGTH], 0)
    assert booted.value("sip.VoiceMailTelNum") == "*98"
    assert booted.value("sip.DisplayName1") == "Téléphone 1001"


def test_an_answer_without_content_length_that_has_no_end_is_refused(site: Site) -> None:
    site.replies[TXT] = Reply(b"[sys]\r\n" * 40_000, length=False)
    _is_refused(boot_phone(site), Rule.TOO_LARGE)


@pytest.mark.parametrize(("old", "new"), [("config=http:", "config=https:"), ("fwurl=http://127", "fw_filename=a/127")])
def test_a_phone_file_that_comes_by_https_or_tftp_is_not_simulated_and_that_is_said(
    site: Site, old: str, new: str
) -> None:
    site.edit(INF, "\r\nconfig=http:", f"\r\n{new}" if old.startswith("config") else "\r\nmelodies=http:")
    if not old.startswith("config"):
        site.edit(INF, old, new)
    booted = boot_phone(site)
    assert Rule.MISSING_PARAMETER not in booted.rules
    assert {Rule.HTTPS, Rule.TFTP} & set(booted.rules)
    assert not any("S_" in path for path in site.paths)
    assert (booted.result.steady, booted.result.exit_code) == (False, 1)


def test_a_key_that_is_not_known_changes_nothing_in_the_phone(site: Site) -> None:
    site.edit(TXT, "regid1=1001", "regidX=1001")
    booted = boot_phone(site)
    assert "sip.regidX" not in booted.result.memory.values


def test_complaints_are_printed_by_verdict_the_gravest_last_and_never_a_rejection_left_out() -> None:
    by_verdict = {Verdict.STYLE: Rule.SECTION_TWICE, Verdict.UNKNOWN: Rule.VALUE, Verdict.REJECTED: Rule.COMMENT}
    complaints = [
        Complaint(rule, f"file line {line}", "is odd") for line in range(30) for rule in reversed(by_verdict.values())
    ]
    log: list[str] = []
    print_complaints(complaints, log.append)
    assert [line.partition(":")[0] for line in log] == ["style"] * 21 + ["unknown"] * 21 + ["rejected"] * 30
    assert log[20] == "style: ... and 10 more"
    assert log[-1] == "rejected: file line 29: is odd [comment]"


def test_every_rule_has_one_verdict_and_each_verdict_has_rules() -> None:
    verdicts = {rule: Complaint(rule, "", "").verdict for rule in Rule}
    assert set(verdicts.values()) == set(Verdict)
    assert verdicts[Rule.SERIAL_FORM] is verdicts[Rule.REDIRECT] is Verdict.REJECTED
    assert verdicts[Rule.UNKNOWN_PARAMETER] is Verdict.UNKNOWN


def test_a_complaint_names_file_and_line_and_no_value(site: Site) -> None:
    site.edit(f"{PHONE}.txt", "regpwd1=1234", "regpwd1=  hunter2")
    booted = boot_phone(site)
    assert str(booted.result.complaints[0]) == (
        "rejected: ST2030S_001F9F16E849.txt line 8: has a blank beside the key or before the value [blanks]"
    )
    assert not any("hunter2" in line for line in booted.log)


def test_a_parameter_of_another_section_is_sent_home(site: Site) -> None:
    site.edit(f"{PHONE}.txt", "regid1=", "TimeFlag=")
    assert (
        boot_phone(site).result.complaints[0].message
        == "sets TimeFlag, which is not known in [sip]; it belongs into [ipp]"
    )


def test_all_wrong_files_are_reported_at_once(site: Site) -> None:
    site.edit(f"{PHONE}.txt", "regid1=", "regid1 =")
    site.edit(COMMON, "TimeFlag=", "TimeFlag: ")
    site.replies[TABLES[0]] = Reply(status=404)
    assert boot_phone(site).rules == [Rule.NOT_FOUND, Rule.NO_PARAMETER, Rule.BLANKS]


def test_a_skipped_file_changes_nothing_in_the_phone(site: Site) -> None:
    site.edit(f"{PHONE}.txt", "regid1=", "regid1 =")
    booted = boot_phone(site)
    assert booted.result.memory.serial is None
    assert booted.value("sip.TEL1Number") is None
    assert booted.value("sip.VoiceMailTelNum") == "*98"
    assert "Error: provisioning/ST2030/config/ST2030S_001F9F16E849.txt file wrong!" in booted.log


def test_a_newline_in_a_display_name_that_sets_a_password_is_found(site: Site) -> None:
    site.edit(f"{PHONE}.txt", "Téléphone 1001", "Eve\r\nregpwd1=mine")
    assert boot_phone(site).rules == [Rule.PARAMETER_TWICE]


def _clock(site: Site, count: int, change: Callable[[str, int], str]) -> None:
    reply = site.replies[f"{PHONE}.txt"]
    assert isinstance(reply, Reply)
    text = reply.body.decode("iso-8859-1")
    site.replies[f"{PHONE}.txt"] = [Reply(change(text, number).encode("iso-8859-1")) for number in range(count)]


def test_a_clock_as_serial_is_a_reboot_loop(site: Site) -> None:
    _clock(site, 10, lambda text, number: text.replace("201007300008", f"2010073000{number:02}"))
    booted = boot_phone(site)
    _is_refused(booted, Rule.REBOOT_LOOP)
    assert booted.result.boots == 3
    assert "from 201007300000 to 201007300001" in booted.result.complaints[0].message


def test_content_that_changes_with_every_boot_is_a_reboot_loop(site: Site) -> None:
    def change(text: str, number: int) -> str:
        return text.replace("201007300008", f"2010073000{number:02}").replace("My phone book", f"Book {number}")

    _clock(site, 10, change)
    booted = boot_phone(site)
    _is_refused(booted, Rule.REBOOT_LOOP)
    assert booted.result.boots == 6
    assert booted.result.complaints[0].message == (
        "still reboots after 6 boots: the serial differs every time: "
        "... -> 201007300001 -> 201007300002 -> 201007300003 -> 201007300004"
    )


def test_two_workers_that_disagree_are_a_reboot_loop(site: Site) -> None:
    _clock(
        site, 10, lambda text, number: text.replace("8\r\n", "9\r\n").replace("1001", "1009") if number % 2 else text
    )
    booted = boot_phone(site)
    _is_refused(booted, Rule.REBOOT_LOOP)
    assert booted.result.boots == 6
    assert "201007300008 -> 201007300009 -> 201007300008" in booted.result.complaints[0].message


def test_a_common_file_with_another_name_every_time_is_a_reboot_loop(site: Site) -> None:
    reply = site.replies["/ST2030.inf"]
    assert isinstance(reply, Reply)
    site.replies["/ST2030.inf"] = [Reply(reply.body.replace(b"ComConf2030SG", b"ComConf%d" % n)) for n in range(10)]
    for number in range(10):
        site.replies[COMMON.replace("ComConf2030SG", f"ComConf{number}")] = Reply(b"[ftp]\r\n")
    booted = boot_phone(site)
    _is_refused(booted, Rule.REBOOT_LOOP)
    message = booted.result.complaints[0].message
    assert message.startswith("still reboots after 6 boots: the Common Config differs every time: ... -> ComConf2.R11")
    assert "serial" not in message


def test_a_firmware_with_another_name_every_time_is_a_reboot_loop_found_within_the_boots_allowed(site: Site) -> None:
    reply = site.replies["/ST2030.inf"]
    assert isinstance(reply, Reply)
    site.replies["/ST2030.inf"] = [Reply(reply.body.replace(b"v2030SG", b"v%d" % n)) for n in range(10)]
    for number in range(10):
        site.replies[FIRMWARE[0].replace("v2030SG", f"v{number}")] = Reply(b"opaque")
    booted = boot_phone(site, max_boots=4)
    _is_refused(booted, Rule.REBOOT_LOOP)
    assert booted.result.boots == 4
    names = " -> ".join(f"v{number}.R11.1.SED.100804.2.72.2.zz" for number in range(4))
    assert booted.result.complaints[0].message == (
        f"still reboots after 4 boots: the Firmware differs every time: {names}"
    )


def test_an_encrypted_file_that_differs_every_time_is_a_reboot_loop(site: Site) -> None:
    site.replies[f"{PHONE}.ser"] = [Reply(b"sealed %d" % number) for number in range(10)]
    booted = boot_phone(site)
    _is_refused(booted, Rule.REBOOT_LOOP)
    assert "the encrypted phone file differs every time" in booted.result.complaints[0].message


def test_a_server_that_never_answers_is_given_up(site: Site) -> None:
    site.replies["/frozen"] = Reply(b"late")
    site.edit("/ST2030.inf", TELEPHONE, "/frozen")
    booted = boot_phone(site, timeout=0.3)
    assert Rule.UNREACHABLE in booted.rules
    assert booted.result.exit_code == 1


def test_a_server_that_is_not_there_is_reported(site: Site) -> None:
    site.base = "http://127.0.0.1:1"
    _is_refused(boot_phone(site), Rule.UNREACHABLE)


def _is_refused(booted: Booted, rule: Rule) -> None:
    assert booted.rules == [rule], booted.result.complaints
    assert (booted.result.steady, booted.result.exit_code) == (False, 1)
    assert booted.log[-1] == str(booted.result.complaints[-1])
