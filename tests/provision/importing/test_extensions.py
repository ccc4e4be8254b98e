"""Where the SIP user is no number, others still dial one: phone, caller id, hint."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli import main
from services.provision.importing.run import Imported
from shared.ldap.ldiftext import parse_ldif
from shared.ldap.mapping import PersonAttributes
from shared.people import Number, person_from
from tests.provision.importing.desk import entries_of, files_in, imported, rendered_again, rows_of, why_of

A = "001F9F000001"
ZZ9 = "[zz9]\ntype=friend\nhost=dynamic\nsecret=one\n"
PHONE = "[sip]\nTEL1Number=zz9\nregid1=zz9\nregpwd1=one\n"


def entry(done: Imported) -> dict[str, tuple[str, ...]]:
    """The one person."""
    return next(found for dn, found in entries_of(done).items() if dn.startswith("uid="))


@pytest.mark.parametrize(
    ("dialplan", "extension"),
    [
        ("[x]\nexten => 1234,hint,SIP/zz9\n", "1234"),
        ("[x]\nexten => 1234,1,NoOp\nsame => hint,PJSIP/ZZ9&Custom:DND1234,CustomPresence:1234\n", "1234"),
        ("[x]\nexten=1234,hint(name),SIP/zz9\n", "1234"),
        ("[x]\nexten => _1XXX,hint,SIP/zz9\nexten => 1234,1,Dial(SIP/zz9)\n", ""),
        ("[x]\nexten => 1234,hint,SIP/other\n", ""),
        ("[x]\nexten => 1234,hint,SIP/zz9\n[y]\nexten => 1235,hint,SIP/zz9\n", ""),
        ("#include none.conf\n#exec /bin/x\n", ""),
    ],
)
def test_a_hint_says_the_extension(tmp_path: Path, dialplan: str, extension: str) -> None:
    done = imported(tmp_path, conf=ZZ9, beside={"extensions.conf": dialplan})
    found = entry(done).get("astaccountcallerid", ("",))
    assert found == ((f"<{extension}>" if extension else ""),)
    assert done.report.is_complete
    assert [what for _, what, _ in rows_of(done)] == (["account zz9"] if extension else [])


def test_a_number_that_is_a_user_needs_no_hint(tmp_path: Path) -> None:
    conf = ZZ9.replace("zz9", "1001")
    done = imported(tmp_path, conf=conf, beside={"extensions.conf": "[x]\nexten => 1234,hint,SIP/1001\n"})
    assert "astaccountcallerid" not in entry(done)


def test_the_number_in_the_caller_id_counts_more_than_a_hint(tmp_path: Path) -> None:
    conf = f'{ZZ9}callerid="Alice" <1001>\n'
    done = imported(tmp_path, conf=conf, beside={"extensions.conf": "[x]\nexten => 1234,hint,SIP/zz9\n"})
    assert entry(done)["astaccountcallerid"] == ('"Alice" <1001>',)


def test_the_number_that_the_phone_shows_counts_most_and_the_caller_id_stays(tmp_path: Path) -> None:
    conf = f'{ZZ9}callerid="Alice" <0199002010>\n'
    done = imported(tmp_path, conf=conf, files={f"ST2030S_{A}.txt": f"{PHONE}DisplayNum1=1234\nDisplayNumFlag1=1\n"})
    found = entry(done)
    assert (found["astaccountcallerid"], found["dialtreeextension"]) == (('"Alice" <0199002010>',), ("1234",))
    assert done.settings == (
        '[ldap.mapping.account]\nextension = ["dialtreeExtension"]\n\n'
        '[ldap.mapping.person]\nextension = ["dialtreeExtension", "AstAccountName"]\n'
    )
    assert rendered_again(tmp_path, done, A)["sip.DisplayNum1"] == "1234"
    assert "1234 is the extension" in why_of(done, "account zz9")


def test_a_long_number_that_the_phone_shows_is_an_extension_of_the_phonebook_too(tmp_path: Path) -> None:
    text = f"{PHONE}DisplayNum1=0339720101\nDisplayNumFlag1=1\n"
    done = imported(tmp_path, files={f"ST2030S_{A}.txt": text})
    assert entry(done)["dialtreeextension"] == ("0339720101",)
    (person,) = [
        found for _, found in parse_ldif("x", done.ldif.splitlines(keepends=True)) if found.dn.startswith("uid=")
    ]
    names = PersonAttributes(extension=("dialtreeExtension", "AstAccountName"))
    assert person_from(person, names).numbers == (Number("extension", "0339720101"),)
    assert rendered_again(tmp_path, done, A)["sip.DisplayNum1"] == "0339720101"


def test_a_phone_that_shows_its_user_goes_on_following_it(tmp_path: Path) -> None:
    text = PHONE.replace("zz9", "1001") + "DisplayNum1=1001\nDisplayNumFlag1=1\n"
    done = imported(tmp_path, files={f"ST2030S_{A}.txt": text})
    assert "dialtreesetting" not in entries_of(done)[f"cn=phone-{A.lower()},ou=phones"]
    why = "shows the SIP user, as the phone does without it"
    assert why_of(done, "sip.DisplayNum1, sip.DisplayNumFlag1") == why


def test_the_command_takes_a_dialplan_a_root_and_several_files(tmp_path: Path) -> None:
    files_in(
        tmp_path,
        {
            "pjsip.endpoint.conf": "#include /opt/more.conf\n[zz9]\ntype=endpoint\nauth=zz9\naors=zz9\n",
            "pjsip.auth.conf": "[zz9]\ntype=auth\nusername=zz9\npassword=s3cret\n",
            "tree/opt/more.conf": "[udp]\ntype=transport\n",
            "dial.conf": "[x]\nexten => 1234,hint,PJSIP/zz9\n",
        },
    )
    done = CliRunner().invoke(
        main,
        [
            "import", "sip-conf", str(tmp_path / "pjsip.endpoint.conf"), str(tmp_path / "pjsip.auth.conf"),
            "--dialplan", str(tmp_path / "dial.conf"), "--root", str(tmp_path / "tree"), "--output", "-",
        ],
    )  # fmt: skip
    assert done.exit_code == 0
    assert "AstAccountSecret: s3cret" in done.stdout
    assert "AstAccountCallerID:: PDEyMzQ+" in done.stdout  # <1234>
    missing = CliRunner().invoke(main, ["import", "sip-conf", str(tmp_path / "dial.conf"), "--dialplan", "none.conf"])
    assert (missing.exit_code, "none.conf" in missing.stderr) == (2, True)
    no_root = CliRunner().invoke(
        main, ["import", "sip-conf", str(tmp_path / "dial.conf"), "--root", str(tmp_path / "none")]
    )
    assert (no_root.exit_code, "does not exist" in no_root.stderr) == (2, True)
