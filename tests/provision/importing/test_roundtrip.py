"""The round trip: rendering what was imported yields every `key=value` of the hand-written files."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.provision.vendors.thomson.catalog import SERIAL, load_catalog
from tests.provision.importing.desk import (
    ARTICLE_FILE,
    ARTICLE_NAME,
    SIP_CONF,
    entries_of,
    files_in,
    imported,
    lost_on_the_way,
    rendered_again,
    rows_of,
    why_of,
    written_in,
)

ARTICLE = ARTICLE_FILE.read_text(encoding="ascii")
PHONEBOOK = "sys.Phonebook1_url"
A, B, C = (f"00147F00000{n}" for n in (1, 2, 3))
ONE = "[sip]\nTEL1Number=1001\nregid1=1001\nregpwd1=one\nDisplayName1=Alice Martin\n"
TWO = "[sip]\nTEL1Number=1002\nregid1=1002\nregpwd1=two\nDisplayName1=Bob Dupin\n"
SERVERS = "RegisterServerMP1=10.0.0.1\nProxyServerMP1=10.0.0.1\nServiceDomainMP1=example.org\n"

FOLDERS: dict[str, dict[str, str]] = {
    "keys": {
        f"ST2030S_{A}.txt": f"{ONE}{SERVERS}[sys]\nFeatureKeyExt03=S/<sip:1002>\nFeatureKeyExt04=L/<sip:0199002010>\n"
        "FeatureKeyExt05=L/<sip:>\nFeatureKeyExt06=S/<sip:1002@10.0.0.1>\nFeatureKeyExt08=S/\nFeatureKeyExt09=S/<sip:>\n"
        "config_sn=201007300008\n",
    },
    "several lines": {
        f"ST2030S_{A}.txt": f"{ONE}{SERVERS}TEL2Number=1002\nregid2=1002\nregpwd2=two\nDisplayName2=Bob Dupin\n"
        "TEL02Use=1\nRegisterServerMP2=10.0.0.2\nTransportFlgMP2=1\nTEL03Use=0\nTEL3Number=\n",
        f"ST2030S_{B}.txt": f"{TWO}{SERVERS}",
    },
    "all four lines": {
        f"ST2030S_{A}.txt": "[sip]\n"
        + "".join(
            f"TEL{n}Number=100{n}\nregid{n}=auth{n}\nregpwd{n}=pw{n}\nDisplayName{n}=Person {n}\nTEL0{n}Use=1\n"
            f"DisplayNumFlag{n}=1\nDisplayNum{n}=20{n}\nRegisterServerMP{n}=10.0.0.{n}\nsw_tr_vmail_address{n}=*9{n}\n"
            f"TransportFlgMP{n}=1\n"
            for n in range(1, 5)
        ),
    },
    "a common file": {
        "ComConf2030SG.R11.txt": "[ipp]\nAutoAnsMode=1\nLanguageType=3\n"
        "[sip]\nRegisterServerMP1=10.0.0.1\n[ntp]\nNtpIP=10.0.1.44\n",
        f"ST2030S_{A}.txt": f"{ONE}[ipp]\nLanguageType=1\n",
        f"ST2030S_{B}.txt": TWO,
    },
    "two common files": {
        "ComConf2030SG.R11.txt": "[ipp]\nAutoAnsMode=1\n",
        "ComConf2022SG.txt": "[ipp]\nAutoAnsMode=0\nAutoAnsTimer=5\n",
        f"ST2030S_{A}.txt": ONE,
        f"ST2022S_{B}.txt": TWO,
    },
    "values of the common file in phone files": {
        f"ST2030S_{A}.txt": f"{ONE}[ipp]\nAutoAnsMode=1\n",
        f"ST2030S_{B}.txt": f"{TWO}[ipp]\nAutoAnsMode=1\nAutoAnsTimer=5\n",
        f"ST2030S_{C}.txt": "[sip]\nTEL1Number=1003\nregpwd1=three\n",
    },
    "one account, three phones": {
        f"ST2030S_{A}.txt": ONE,
        f"ST2030S_{B}.txt": ONE.replace("Alice Martin", "Reception"),
        f"ST2030S_{C}.txt": ONE.replace("regpwd1=one", "regpwd1=other"),
    },
    "voicemail": {
        f"ST2030S_{A}.txt": f"{ONE}VoiceMailTelNum=\nsubscribe_event=0\n",
        f"ST2030S_{B}.txt": f"{TWO}VoiceMailTelNum=*97\nsubscribe_event=1\nsw_tr_vmail_address1=*97\n",
        f"ST2030S_{C}.txt": f"{TWO}VoiceMailTelNum=\n",
    },
    "voicemail of somebody without a mailbox": {f"ST2030S_{A}.txt": f"{ONE}VoiceMailTelNum=*97\n"},
    "accents and signs": {
        f"ST2030S_{A}.txt": ONE.replace("Alice Martin", 'Élodie "L" Lefèvre, Dir. <x>').replace("=one", "=o;n=e #")
    },
    "secrets": {
        f"ST2030S_{A}.txt": f"{ONE}[sys]\nTelnetPWD=s3cret\n[autoprovision]\nDecryption_Key=0123456789abcdef\n"
    },
}


@pytest.mark.parametrize("name", FOLDERS)
@pytest.mark.parametrize("conf", ["", SIP_CONF], ids=["files alone", "with sip.conf"])
def test_phones_get_every_value_of_their_hand_written_files(tmp_path: Path, name: str, conf: str) -> None:
    files = FOLDERS[name]
    done = imported(tmp_path, conf=conf, files=files)
    assert lost_on_the_way(tmp_path, done, files) == {}


def test_the_articles_phone_makes_the_round_trip(tmp_path: Path) -> None:
    done = imported(tmp_path, files={ARTICLE_NAME: ARTICLE})
    assert done.report.is_complete
    now = rendered_again(tmp_path, done, "001F9F16E849")
    theirs = written_in(ARTICLE)
    assert len(theirs) == 49
    ours = {PHONEBOOK: "http://127.0.0.1:8080/search?q=#SEARCH"}
    assert {name: now[name] for name in theirs} == theirs | ours
    assert why_of(done, PHONEBOOK) == f"is the old server's; phones get dialtree's phonebook, {ours[PHONEBOOK]}"


def test_values_of_the_common_file_reach_its_phones(tmp_path: Path) -> None:
    files = FOLDERS["a common file"]
    done = imported(tmp_path, files=files)
    common = written_in(files["ComConf2030SG.R11.txt"])
    assert common.items() <= rendered_again(tmp_path, done, B).items()
    assert (common | {"ipp.LanguageType": "1"}).items() <= rendered_again(tmp_path, done, A).items()


def test_a_second_import_of_what_was_rendered_needs_nothing_else(tmp_path: Path) -> None:
    files = FOLDERS["keys"]
    done = imported(tmp_path, files=files)
    now = rendered_again(tmp_path, done, A)
    again = imported(tmp_path / "again", files={f"ST2030S_{A}.txt": as_file(now)})
    assert again.report.is_complete, list(again.report)
    assert entries_of(again)[f"cn=phone-{A.lower()},ou=phones"] == entries_of(done)[f"cn=phone-{A.lower()},ou=phones"]


def as_file(values: Mapping[str, str]) -> str:
    """A phone file of the parameters that belong into one."""
    lines: list[str] = []
    section = ""
    for name, text in values.items():
        own, _, key = name.partition(".")
        if load_catalog()[name].file == "common":
            continue
        lines += [f"[{own}]"] if own != section else []
        lines.append(f"{key}={text}")
        section = own
    return "\n".join(lines)


SETTABLE = sorted(
    name
    for name, parameter in load_catalog().items()
    if name != SERIAL
    and parameter.default
    and not name.startswith("sip.")
    and name.partition(".")[2] != "Decryption_Key"
)
SAMPLES = ("0", "1", "2", "5", "FR", "10.0.0.1", "L/", "S/<sip:1002>", "00:30")


@given(
    st.dictionaries(
        st.sampled_from([A, B, C]),
        st.dictionaries(st.sampled_from(SETTABLE), st.sampled_from(SAMPLES), max_size=8),
        min_size=1,
    ),
    st.dictionaries(st.sampled_from(SETTABLE), st.sampled_from(SAMPLES), max_size=5),
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_a_phone_does_not_get_is_in_the_report(phones: dict[str, dict[str, str]], common: dict[str, str]) -> None:
    files = {f"ST2030S_{mac}.txt": f"{ONE}{as_lines(values)}" for mac, values in phones.items()}
    with TemporaryDirectory() as name:
        folder = Path(name)
        done = imported(folder, files=files | {"ComConf2030.txt": as_lines(common)})
        lost = lost_on_the_way(folder, done, files)
    told = {(place.partition(":")[0], key) for _, what, place in rows_of(done) for key in what.split(", ")}
    assert {(file, key) for file, _, key in (each.partition(" ") for each in lost)} <= told
    assert [count.silent for count in done.counts if count.silent] == []


def as_lines(values: Mapping[str, str]) -> str:
    """A file that names the section before each key."""
    return "".join(f"[{name.partition('.')[0]}]\n{name.partition('.')[2]}={text}\n" for name, text in values.items())


def test_nothing_is_imported_of_an_empty_folder(tmp_path: Path) -> None:
    files_in(tmp_path / "phones", {"notes.md": "x"})
    done = imported(tmp_path, conf=SIP_CONF, files={})
    assert ("lost", "phones", "phones") in rows_of(done)
