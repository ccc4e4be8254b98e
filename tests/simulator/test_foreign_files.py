"""Files and phonebooks as other servers and the vendor write them, in stand-ins of our own wording (phone-spec 1.3 and 2.4).

A phone takes each of them, so the simulator does; what is unknown to it, and what dialtree would write otherwise, it says.
"""

from itertools import chain
from typing import Final

import pytest

from services.provision.vendors.thomson.catalog import SERIAL, load_catalog
from services.provision.vendors.thomson.simulator.complaints import Rule, Verdict, is_rejected
from services.provision.vendors.thomson.simulator.directorykey import Encoding, search_url
from services.provision.vendors.thomson.simulator.models import MODELS, expand, find_model
from services.provision.vendors.thomson.simulator.phonebook import Book, Item, Menu, Row, parse_document
from services.provision.vendors.thomson.simulator.settings import read_common, read_general, read_phone

TR069: Final = (
    "CWMP{InformType,PARAMETERKEY,REBOOTCOMMANDKEY,ADDDELCOMMANDKEY,OBJECT,AuthServ}",
    "CWMPDOWNLOAD{COMMANDKEY,FAULT,STARTTIME,COMPLETETIME}",
    "TR111{UDPCRANL,STUNSrvAddr,STUNSrvPort,STUNUName,STUNpwd,STUNMaxKAP,STUNMinKAP,NATDetected}",
    "{KeepAliveMaximumDetect,DHCPInformTimer}",
    "tr069_dl_{tc,lt,scf,tt,cwt,m,sm,shce,shca,shk,ssce,ssca,ssk,pb}",
    "{tr069_acs_bak,tr069_cpe_bak,tr111_udpaddr_bak,tr111_natdet_bak}",
)
"""State of the TB30's TR-069 client, 38 keys of the vendor's common file that no server writes."""


def vendors_common_file(name: str, end: str) -> bytes:
    """Every key at its default, in sections with empty lines between them, as the vendor's file of a model holds them."""
    model = find_model(name)
    defaults = {key: parameter.default for key, parameter in load_catalog(name, model.keys, model.softkeys).items()}
    lines = list[str]()
    for section, keys in model.common.items():
        lines += [f"[{section}]", *(f"{key}={defaults[f'{section}.{key}']}" for key in keys), "", ""]
        if section == "cwmp":
            lines[-2:-2] = [f"{key}=" for key in chain.from_iterable(map(expand, TR069))]
    assert SERIAL not in lines
    return "".join(f"{line}{end}" for line in lines[:-2]).encode("iso-8859-1")


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize(("model", "keys"), [("ST2030", 762), ("ST2022", 499), ("TB30", 832)])
def test_the_vendors_common_file_is_taken_whole(model: str, keys: int, end: str) -> None:
    data = vendors_common_file(model, end)
    assert data.count(b"=") - data.count(b"==") >= keys
    values, complaints = read_common(data, "ComConf.txt", MODELS[model])
    assert {complaint.rule for complaint in complaints} <= {Rule.INTERNAL}
    assert len(values) + len(complaints) == keys


def test_a_key_that_the_next_firmware_brings_is_unknown_and_the_rest_is_taken() -> None:
    data = vendors_common_file("ST2030", "\r\n").replace(b"[net]", b"[net]\r\nBrandNewKey=1\r\n[new]\r\na=b\r\n[net]")
    values, complaints = read_common(data, "ComConf.txt", MODELS["ST2030"])
    assert [complaint.verdict for complaint in complaints] == [Verdict.UNKNOWN, Verdict.UNKNOWN, Verdict.STYLE]
    assert len(values) == 762


OLD_COMMON: Final = """\
[ipp]
DateFormat=DD_MM_YY
Shortcut_one=*98
LanguageType=1
[net]
TelnetPort=23
NATFlag=0
[pstn]
PstnFlag=0
[sip]
CodecPriority_ILBC=8
ProxyServer=10.0.0.1
[autoprovision]
AutoprovisionConfigname=ST2030S.inf
"""


def test_keys_of_old_firmware_are_unknown_and_no_error() -> None:
    values, complaints = read_common(OLD_COMMON.encode(), "ST2030S_common_v1.66.txt", MODELS["ST2030"])
    assert {complaint.rule for complaint in complaints} == {Rule.UNKNOWN_PARAMETER}
    assert (len(complaints), values) == (8, {"ipp.LanguageType": "1"})


WAZO_PHONE: Final = """\

[ipp]
LanguageType=1

[net]
DNSSrv1=0.0.0.0
VLAN=0

[sip]
CallPkupFlg=sc
CallPkupSC=*8X
DisplayNumFlag1=1
DisplayNum1=1001
DisplayName1=Zoé Roy
ProxyServerMP1=10.0.0.5
regid1=k2j5h7
regpwd1=q8w7e6
TEL1Number=k2j5h7
TEL01Use=1
DisplayNumFlag3=0
TEL03Use=0
TransportFlgMP1=0

[sys]
config_sn=201007300008
CountryCode=FR
Phonebook1_url=http://10.100.100.100:9498/0.1/directories/lookup/default/thomson?xivo_user_uuid=00000000-1111-2222-3333-444444444444&term=#SEARCH
Phonebook1_name=Annuaire
FeatureKeyExt01=L/<sip:>
FeatureKeyExt02=L/<sip:>
FeatureKeyExt01=S/<sip:1002>

[qos]

[ntp]
NTPFlag=1
NtpIP=10.0.0.5
NtpZoneNum=22
"""


@pytest.mark.parametrize("model", MODELS)
def test_a_phone_file_of_another_server_is_taken(model: str) -> None:
    file, complaints = read_phone(WAZO_PHONE.encode("iso-8859-1"), "x.txt", MODELS[model])
    assert [complaint.rule for complaint in complaints] == [Rule.VALUE]  # the URL is longer than 128 characters
    assert not is_rejected(complaints)
    assert file.values["sys.FeatureKeyExt01"] == "S/<sip:1002>"


def test_a_serial_that_is_no_twelve_digits_is_rejected_whoever_writes_it() -> None:
    data = WAZO_PHONE.replace("201007300008", "000001290461655.7").encode("iso-8859-1")
    _, complaints = read_phone(data, "x.txt", MODELS["ST2030"])
    assert [complaint.rule for complaint in complaints if complaint.verdict is Verdict.REJECTED] == [Rule.SERIAL_FORM]


HTTP_INF: Final = """\
[application]
fwurl=http://10.0.0.5:8667/Thomson/binary/v2022SG.081010.3.65.1.zz

[config]
telcfg=http://10.0.0.5:8667/Thomson/TelConf2022SG_v3.65.1.txt
common_config=http://10.0.0.5:8667/Thomson/ST2022S_common_v3.65-200811100000.txt
config=http://10.0.0.5:8667/

melodies=http://10.0.0.5:8667/Thomson/Tone-Melodies.txt
"""
TFTP_INF: Final = """\
[application]
provision_mode=auto_provisioning
fw_filename=Thomson/binary/v2030SG.080227.1.59.3.zz

[config]
telcfg=Thomson/TelConf2030SG_v1.59.3.txt
common_config=Thomson/ST2030S_common_v1.59-200803190001.txt
"""


def test_a_general_file_of_another_server_is_taken() -> None:
    general, complaints = read_general(HTTP_INF.encode(), "ST2022S.inf")
    assert complaints == ()
    assert (len(general.files), general.base) == (4, "http://10.0.0.5:8667/")


def test_a_general_file_for_tftp_is_known_as_one_and_not_rejected() -> None:
    general, complaints = read_general(TFTP_INF.encode(), "ST2030S.inf")
    assert {complaint.rule for complaint in complaints} == {Rule.TFTP}
    assert (general.files, general.base) == ({}, "")


GUIDES_BOOK: Final = """<ThomsonPhoneBook>
<DirectoryEntry><Name>Noël, Aimée</Name><Telephone>0199002010</Telephone></DirectoryEntry>
<DirectoryEntry><Name>Noir, Bruno</Name><Telephone>1002</Telephone></DirectoryEntry>
</ThomsonPhoneBook>
"""
GUIDES_MENU: Final = """<ThomsonPhoneMenu>
<MenuItem><Name>Abel -> Dupin</Name><URL>http://10.0.0.5/get.php?from=A&to=D</URL></MenuItem>
<MenuItem><Name>Durand -> Zola</Name><URL>http://10.0.0.5/get.php?from=D&to=Z</URL></MenuItem>
</ThomsonPhoneMenu>
"""
GUIDES_MIXED: Final = """<PhoneBook>
<MenuItem><Name>Previous page</Name><URL>http://10.0.0.5/page1</URL></MenuItem>
<DirectoryEntry><Name>Noir, Bruno</Name><Telephone>1002</Telephone></DirectoryEntry>
<MenuItem><Name>Next page</Name><URL>http://10.0.0.5/page3</URL></MenuItem>
</PhoneBook>
"""
AIMEE: Final = Row("Noël, Aimée", "0199002010")
BRUNO: Final = Row("Noir, Bruno", "1002")


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1"])
def test_the_guides_directory_is_read_in_either_charset(charset: str) -> None:
    read = parse_document(GUIDES_BOOK.encode(charset), "url")
    assert isinstance(read, Book)
    assert read.rows == (AIMEE, BRUNO)
    assert [complaint.rule for complaint in read.complaints] == ([Rule.CHARSET] if charset != "utf-8" else [])


def test_the_guides_menu_is_read_with_its_bare_ampersands() -> None:
    read = parse_document(GUIDES_MENU.encode(), "url")
    assert isinstance(read, Menu)
    assert [item.url.partition("?")[2] for item in read.items] == ["from=A&to=D", "from=D&to=Z"]
    assert {complaint.verdict for complaint in read.complaints} == {Verdict.STYLE}


def test_the_guides_mixed_book_is_the_tb30s_and_unknown_to_the_others() -> None:
    read = parse_document(GUIDES_MIXED.encode(), "url", mixes=True)
    back, on = Item("Previous page", "http://10.0.0.5/page1"), Item("Next page", "http://10.0.0.5/page3")
    assert read == Book((BRUNO,), (back,), (on,))
    other = parse_document(GUIDES_MIXED.encode(), "url", mixes=False)
    assert [complaint.rule for complaint in other.complaints] == [Rule.UNUSUAL_ROOT]
    assert [model.name for model in MODELS.values() if model.mixes] == ["TB30"]


@pytest.mark.parametrize(
    ("document", "rows", "texts"),
    [
        pytest.param(
            '<?xml version="1.0" encoding="UTF-8" ?>\n<ThomsonPhoneBook>\n<DirectoryEntry>\n  '
            "<Name><![CDATA[Noël, Aimée]]></Name>\n  <Telephone><![CDATA[0199002010]]></Telephone>\n"
            "</DirectoryEntry>\n<MenuItem><Item><![CDATA[[Back]]]></Item><URL>http://10.0.0.5/service/ipbx/"
            "web_services.php/phonebook/local/?vendor=thomson&amp;amp;name=no</URL></MenuItem></ThomsonPhoneBook>",
            (AIMEE,),
            (),
            id="XiVO: CDATA, a way back with Item, an ampersand escaped twice, Latin-1 under a UTF-8 declaration",
        ),
        pytest.param(
            '<?xml version="1.0" encoding="UTF-8" ?>\n<ThomsonPhoneBook>\n<DirectoryEntry>\n<Name>Noir, Bruno</Name>\n'
            "<Telephone>Dial:1002</Telephone>\n</DirectoryEntry>\n</ThomsonPhoneBook>\n",
            (BRUNO,),
            (),
            id="Wazo: Dial",
        ),
        pytest.param(
            "<ThomsonPhoneBook>\n\t<DirectoryEntry>\n\t\t<Name>Aucune entree</Name>\n\t\t<Telephone></Telephone>\n"
            "\t</DirectoryEntry>\n</ThomsonPhoneBook>",
            (),
            ("Aucune entree",),
            id="XiVO's older script: nothing found",
        ),
        pytest.param(
            "\n\n<ThomsonPhoneBook>\n<DirectoryEntry>\n\t<Name>Noël, Aimée</Name>\n\t<Telephone>0199002010</Telephone>\n"
            "</DirectoryEntry>\n<DirectoryEntry>\n\t<Name>Marks & Co, Ann</Name>\n\t<Telephone></Telephone>\n"
            "</DirectoryEntry>\n</ThomsonPhoneBook>\n",
            (AIMEE,),
            ("Marks & Co, Ann",),
            id="by hand: empty lines, no declaration, a bare ampersand, somebody without a number",
        ),
    ],
)
def test_the_phonebooks_of_other_servers_are_shown(
    document: str, rows: tuple[Row, ...], texts: tuple[str, ...]
) -> None:
    read = parse_document(document.encode("iso-8859-1"), "url")
    assert isinstance(read, Book)
    assert (read.rows, read.texts) == (rows, texts)
    assert not is_rejected(read.complaints)


def test_what_xivo_puts_behind_the_typed_text_is_asked_for() -> None:
    url, complaints = search_url("http://10.0.0.5/search.php?name=#SEARCH&id=7", "no", Encoding.PLUS)
    assert (url, [complaint.verdict for complaint in complaints]) == (
        "http://10.0.0.5/search.php?name=no&id=7",
        [Verdict.STYLE],
    )
