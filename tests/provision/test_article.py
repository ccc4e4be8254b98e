"""The article that started the project: its phone, in LDAP and configuration, gets the article's files."""

from pathlib import Path

from services.provision.vendors.thomson.catalog import SERIAL
from shared.config import Config
from tests.provision.desk import (
    ARTICLE_MAC,
    changes_in,
    configuration,
    filled,
    filled_with,
    general_file,
    parameters,
    phone_file,
    vendor_files,
)

DATA = Path(__file__).parent / "data"
VENDOR_FILES = (
    "LangTbl.zz",
    "TelConf2030SG.R11.1.SED.100804.2.72.2.txt",
    "Tone-CW.txt",
    "Tone-Melodies.txt",
    "Tone-RG.txt",
    "ToneTbl.zz",
    "v2030_boot_v111.zz",
    "v2030_dsp_R11.1_SED_v320.zz",
    "v2030SG.R11.1.SED.100804.2.72.2.zz",
)
KEYS = {f"sys.FeatureKeyExt{n:02d}": "L/" if n <= 7 else "S/" for n in range(1, 11)}
CODECS = {
    "sys.CodecJitterBufMult": "g711a(2/3/7)g711mu(1/3/5)g729(2/3/4)g723(1/2/3)",
    "sys.CodecPktime": "g711a(20)g711mu(20)g729(30)g723(30)",
    "sys.CodecPriority": "g711a(1)g711mu(2)g729(3)g723(4)",
    "sys.CodecAdaptivePlayout": "g711a(1)g711mu(1)g729(1)g723(1)",
}


def article(vendor_dir: Path | None = None) -> Config:
    return configuration(
        directory={"public_url": "http://myhomeserver.mydomain.fr:8000"},
        public_url="http://10.0.8.165",
        path_prefix="/provisioning",
        vendor_dir=vendor_dir,
        registrar="10.0.8.165",
        backup_registrar="10.0.3.1",
        pickup_code="*8X",
        language="fr",
        country="FR",
        time_zone=22,
        ntp_server="10.0.1.44",
        phonebook_name="My phone book",
        settings=KEYS | CODECS,
    )


def lines_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


def test_the_articles_phone_gets_every_parameter_of_the_articles_file_but_the_serial() -> None:
    config = article()
    ours = parameters(phone_file(config, filled_with(config, changes_in(DATA / "article.ldif", config)), ARTICLE_MAC))
    theirs = parameters((DATA / "article-phone.txt").read_bytes().replace(b"\n", b"\r\n"))
    assert len(theirs) == 50
    assert ours.keys() >= theirs.keys()
    assert {name: ours[name] for name in theirs if name != SERIAL} == {
        name: value for name, value in theirs.items() if name != SERIAL
    }


def test_the_sections_stand_in_the_articles_order() -> None:
    config = article()
    ours = phone_file(config, filled_with(config, changes_in(DATA / "article.ldif", config)), ARTICLE_MAC)
    theirs = (DATA / "article-phone.txt").read_text(encoding="ascii")
    assert [line for line in lines_of(ours.decode("iso-8859-1")) if line[0] == "["] == [
        line for line in lines_of(theirs) if line[0] == "["
    ]


def test_the_general_file_is_the_articles_line_by_line_but_for_the_common_files_name(tmp_path: Path) -> None:
    config = article(vendor_files(tmp_path / "data", *VENDOR_FILES))
    ours = lines_of(general_file(config, filled(config, ())).decode("ascii"))
    theirs = lines_of((DATA / "article-general.txt").read_text(encoding="ascii"))
    common = theirs.index(
        "common_config=http://10.0.8.165/provisioning/ST2030/config/ComConf2030SG.R11.1.SED.100804.2.72.2.txt"
    )
    assert ours[common].startswith("common_config=http://10.0.8.165/provisioning/ST2030/config/ComConf2030S-")
    theirs[common] = ours[common]
    assert ours == theirs
