"""`dialtree import sip-conf`: what it writes, what it shows, how it ends; and that a real slapd takes it."""

import os
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from services.cli import main
from services.commands.importing import show_report
from services.demo.slapd import PrivateSlapd
from services.provision.importing.run import Sources, run_import
from services.provision.reads import READS
from shared.config import Config
from shared.ldap.source import Upsert
from shared.ldap.streams import streams_of
from shared.ldap.syncrepl import SyncreplSource
from tests.provision.desk import configuration
from tests.provision.importing.desk import ARTICLE_FILE, ARTICLE_NAME, BASE, SIP_CONF, files_in
from tests.tools import need_tool

GOLDEN = Path(__file__).parent / "golden"
SCHEMAS = Path(__file__).resolve().parents[3] / "deploy" / "ldap"
A, B, C = (f"00147F00000{n}" for n in (1, 2, 3))
OFFICE = {
    "ComConf2030SG.R11.txt": "[ipp]\nAutoAnsMode=1\n[sip]\nRegisterServerMP1=10.0.0.1\nVoiceMailTelNum=*97\n[sys]\nNoSuchKey=1\n",
    f"ST2030S_{A}.txt": "[sip]\nTEL1Number=1001\nregid1=1001\nregpwd1=one\nDisplayName1=Élodie\n[ntp]\nNtpIP=10.0.1.44\n"
    "[sys]\nFeatureKeyExt03=S/<sip:1002>\nTelnetPWD=s3cret\n",
    f"ST2030S_{B}.txt": "[sip]\nTEL1Number=1002\nregid1=1002\nregpwd1=two\n[ntp]\nNtpIP=10.0.1.44\n[ipp]\nAutoAnsTimer=5\n",
    f"ST2030S_{C}.txt": "[sip]\nTEL1Number=1002\nregid1=1002\nregpwd1=three\nTEL2Number=1001\nTEL02Use=1\n[ntp]\nNtpIP=10.0.1.44\n",
}
CONF = f"{SIP_CONF}nat=yes\n[1003](phone)\n[provider]\ntype=peer\nhost=sip.example.net\nsecret=s3cret\n"
SITE = """
[ldap]
source = "ldif"
ldif_file = "x"
base = "o=x"
[provision]
ntp_server = "10.0.1.44"
"""


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with sip.conf and, in phones/, the files of an office; the command runs in it."""
    monkeypatch.chdir(files_in(tmp_path, {"sip.conf": CONF}))
    files_in(tmp_path / "phones", OFFICE)
    return tmp_path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["import", "sip-conf", *arguments])


def compare(name: str, text: str) -> None:
    """Compare a golden file whole; `GOLDEN=write` writes it anew."""
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        (GOLDEN / name).write_text(text, encoding="utf-8")
    assert text == (GOLDEN / name).read_text(encoding="utf-8")


def test_the_ldif_and_the_report_of_an_office_are_these(office: Path) -> None:
    done = run_import(Sources((office / "sip.conf",), office / "phones"), BASE, configuration())
    shown = StringIO()
    show_report(done, Console(file=shown, width=160))
    compare("office.ldif", done.ldif.decode("ascii"))
    compare("office-report.txt", shown.getvalue())
    compare("office-settings.toml", done.settings)


def test_the_ldif_of_the_article_is_this(tmp_path: Path) -> None:
    files_in(tmp_path, {ARTICLE_NAME: ARTICLE_FILE.read_text(encoding="ascii")})
    compare("article.ldif", run_import(Sources((), tmp_path), BASE, configuration()).ldif.decode("ascii"))


def test_files_are_private_and_nothing_that_is_shown_holds_a_password(office: Path) -> None:
    done = call("sip.conf", "--files", "phones", "--output", "people.ldif", "--settings", "settings.toml")
    assert done.exit_code == 1
    for name in ("people.ldif", "settings.toml"):
        assert (office / name).stat().st_mode & 0o777 == 0o600
    compare("office.ldif", (office / "people.ldif").read_text(encoding="ascii"))
    compare("office-settings.toml", (office / "settings.toml").read_text(encoding="utf-8"))
    assert "not everything was carried over" in done.output
    for secret in ("s3cret", "three"):
        assert secret not in done.output


def test_all_carried_over_is_zero_and_the_terminal_gets_the_ldif_only_on_demand(office: Path) -> None:
    files_in(office, {"sip.conf": SIP_CONF})
    done = call("sip.conf", "--output", "-")
    assert done.exit_code == 0
    assert "AstAccountSecret: one" in done.stdout
    assert "everything was carried over" in done.stderr
    assert not (office / "import.ldif").exists()


def test_a_file_that_is_there_is_overwritten_only_by_force_and_is_private_then(office: Path) -> None:
    (office / "import.ldif").write_text("precious", encoding="utf-8")
    refused = call("sip.conf")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "import.ldif is there already" in refused.stderr
    assert (office / "import.ldif").read_text(encoding="utf-8") == "precious"
    assert call("sip.conf", "--force").exit_code == 1
    assert (office / "import.ldif").read_text(encoding="utf-8").startswith("dn: ou=people")
    assert (office / "import.ldif").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "arguments", [("none.conf",), ("--files", "none"), (), ("sip.conf", "--output", "none/x.ldif")]
)
def test_what_cannot_be_read_or_written_is_two(office: Path, arguments: tuple[str, ...]) -> None:
    done = call(*arguments)
    assert done.exit_code == 2
    assert not (office / "import.ldif").exists()


def test_the_sites_own_configuration_is_not_repeated(office: Path) -> None:
    files_in(
        office,
        {
            "dialtree.toml": '[ldap]\nsource = "ldif"\nldif_file = "x"\nbase = "o=x"\n[provision]\nntp_server = "10.0.1.44"\n'
        },
    )
    assert call("sip.conf", "--files", "phones").exit_code == 1
    written = (office / "import.ldif").read_text(encoding="ascii")
    assert "ntp.NtpIP" not in written
    assert "dn: ou=people,o=x\n" in written


def test_a_real_slapd_takes_names_of_their_own_for_authentication_and_extension(tmp_path: Path) -> None:
    need_tool("slapd")
    text = "[sip]\nTEL1Number=zz9\nregid1=auth9\nregpwd1=x\nDisplayNum1=1234\n"
    folder = files_in(tmp_path / "phones", {f"ST2030S_{A}.txt": text, f"ST2030S_{B}.txt": text.replace("x\n", "y\n")})
    conf = (
        files_in(tmp_path, {"sip.conf": "[zz9]\ntype=friend\nhost=dynamic\ncallerid=Zoé <0199002010>\n"}) / "sip.conf"
    )
    done = run_import(Sources((conf,), folder), BASE, configuration())
    assert done.ldif.count(b"\ndialtreeAuthName: auth9\n") == 2
    assert done.ldif.count(b"\ndialtreeExtension: 1234\n") == 1
    schemas = (SCHEMAS / "asterisk.schema", SCHEMAS / "dialtree.schema")
    with PrivateSlapd(tmp_path / "slapd", schemas=schemas, suffix=BASE) as slapd:
        slapd.modify(f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: x\n")
        slapd.modify(done.ldif.decode("ascii"))


def test_a_real_slapd_takes_the_entries_and_gives_them_back(office: Path) -> None:
    need_tool("slapd")
    done = run_import(Sources((office / "sip.conf",), office / "phones"), BASE, configuration())
    schemas = (SCHEMAS / "asterisk.schema", SCHEMAS / "dialtree.schema")
    with PrivateSlapd(office / "slapd", schemas=schemas, suffix=BASE) as slapd:
        slapd.modify(f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: x\n")
        slapd.modify(done.ldif.decode("ascii"))
        (office / "password").write_text(slapd.root_password, encoding="utf-8")
        config = Config.model_validate(
            {
                "ldap": {
                    "urls": [slapd.url],
                    "base": BASE,
                    "provision_bind": {"dn": slapd.root_dn, "password_file": str(office / "password")},
                }
            }
        )
        source = SyncreplSource(config.ldap, config.ldap.provision_bind)
        source.connect()
        try:
            found = {
                str(stream.kind): sum(isinstance(each, Upsert) for each in source.poll(stream, None))
                for stream in streams_of(config.ldap, READS)
            }
        finally:
            source.close()
    assert found == {"person": done.people, "account": done.people + 1, "phone": done.phones, "profile": done.profiles}
