"""Trees of phone files in the layout of each system that writes them, with values that a caller chooses.

The layouts are those of hand-written folders (the article), of XiVO's provisioning (2007 to 2012) and of Wazo's; the words are
our own. `build` gives a folder's files by their paths.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from services.provision.vendors.thomson.catalog import Catalog, load_catalog

Values = Mapping[str, str]
"""By the parameter's name."""
MODELS = {"ST2030": "2.74", "ST2022": "4.78.1", "TB30": "1.74.0"}


class Desk(NamedTuple):
    """A phone of a tree: its lines as (SIP user, authentication name, password, name, number shown), and values of its own."""

    mac: str
    model: str
    lines: tuple[tuple[str, str, str, str, str], ...]
    values: Values


def hand_written(desks: list[Desk], common: Values) -> dict[str, str]:
    """One folder over HTTP: general file, common file of a free name, phone files that say only what differs."""
    files = {}
    for model in {desk.model for desk in desks}:
        files[f"{model}.inf"] = (
            "[application]\nfwurl=http://10.0.8.165/fw/new.zz\n[config]\n"
            f"telcfg=http://10.0.8.165/TelConf.txt\ncommon_config=http://10.0.8.165/Office-{model}-v7.txt\n"
            "config=http://10.0.8.165/\n"
        )
        files[f"Office-{model}-v7.txt"] = _as_file(_known(common, model))
    for desk in desks:
        lines = {name: text for line, about in enumerate(desk.lines, start=1) for name, text in _usual(line, about)}
        files[f"{desk.model}S_{desk.mac}.txt"] = _as_file({**desk.values, **lines} | {"sys.config_sn": "201007300008"})
    return files


def xivo(desks: list[Desk], common: Values) -> dict[str, str]:
    """Relative names over TFTP, common files in a folder with the older ones beside them, a general file for each phone."""
    files = {}
    for model in {desk.model for desk in desks}:
        newest = f"Thomson/{model}S_common_v2.72-201009170000.txt"
        files[newest] = _as_file(_vendors_common(model) | _known(common, model))
        files[f"Thomson/{model}S_common_v2.69-200911200000.txt"] = _as_file({"ipp.AutoHangUpTimer": "5"})
        files[f"Thomson/{model}S_v2.72.inf"] = _tftp(newest)
    for desk in desks:
        files[f"{desk.model}S_{desk.mac}.inf"] = files[f"Thomson/{desk.model}S_v2.72.inf"]
        keys = load_catalog(desk.model, 5 if desk.model == "ST2022" else 66)
        empty = "".join(f"{name.removeprefix('sys.')}=L/<sip:>\n" for name in keys if "FeatureKeyExt" in name)
        lines = {name: text for line, about in enumerate(desk.lines, start=1) for name, text in _usual(line, about)}
        values = {name: text for name, text in desk.values.items() if not name.startswith("sys.FeatureKeyExt")}
        own = {name: text for name, text in desk.values.items() if name not in values}
        repeated = "".join(f"{name.removeprefix('sys.')}={text}\n" for name, text in own.items())
        head = _as_file({**values, **lines} | {"sys.config_sn": "201009171234"}).replace("\r\n", "\n")
        files[f"{desk.model}S_{desk.mac}.txt"] = f"{head}[sys]\n{empty}{repeated}"
    return files


def wazo(desks: list[Desk], common: Values) -> dict[str, str]:
    """Everything in one folder over HTTP; the vendor's whole common file; phone files that name every line, used or not."""
    files = {}
    for model in {desk.model for desk in desks}:
        version = MODELS[model]
        url = "http://10.2.0.5:8667"
        files[f"{model}S.inf"] = (
            f"[application]\nfwurl={url}/binary/fw.zz\ndspurl={url}/binary/dsp.zz\nbooturl={url}/binary/boot.zz\n\n"
            f"[config]\ntelcfg={url}/telconf-{version}-1.txt\ncommon_config={url}/comconf-{version}-1.txt\nconfig={url}/\n"
        )
        files[f"telconf-{version}-1.txt"] = "#VPD 1\n; a script\n"
        files[f"comconf-{version}-1.txt"] = _as_file(_vendors_common(model) | _known(common, model))
    for desk in desks:
        most = 2 if desk.model == "ST2022" else 4
        values: dict[str, str] = {"net.DNSSrv1": "0.0.0.0", "net.VLAN": "0", "sip.CallPkupFlg": "sc", **desk.values}
        for line in range(1, most + 1):
            about = desk.lines[line - 1] if line <= len(desk.lines) else None
            values |= dict(_wazo_line(line, about))
        values |= {"sip.VoiceMailTelNum": "*98", "sip.subscribe_event": "1", "sys.config_sn": "00001285000000.000"}
        values |= {
            "sys.Phonebook1_url": "http://10.2.0.5:9498/0.1/directories/input/#SEARCH",
            "sys.Phonebook1_name": "Wazo",
        }
        files[f"{desk.model}S_{desk.mac}.txt"] = _as_file(values)
    return files


LAYOUTS: dict[str, Callable[[list[Desk], Values], dict[str, str]]] = {
    "hand-written": hand_written,
    "XiVO": xivo,
    "Wazo": wazo,
}


def _usual(line: int, about: tuple[str, str, str, str, str]) -> list[tuple[str, str]]:
    user, auth_name, password, name, number = about
    return [
        (f"sip.TEL{line}Number", user),
        (f"sip.regid{line}", auth_name),
        (f"sip.regpwd{line}", password),
        (f"sip.DisplayName{line}", name),
        (f"sip.TEL0{line}Use", "1"),
        *([(f"sip.DisplayNumFlag{line}", "1"), (f"sip.DisplayNum{line}", number)] if number != user else []),
    ]


def _wazo_line(line: int, about: tuple[str, str, str, str, str] | None) -> list[tuple[str, str]]:
    user, auth_name, password, name, number = about or ("", "", "", "", "")
    server = "10.2.0.5" if about else ""
    return [
        (f"sip.DisplayNumFlag{line}", "1" if about else "0"),
        (f"sip.DisplayNum{line}", number),
        (f"sip.DisplayName{line}", name),
        (f"sip.ProxyServerMP{line}", server),
        (f"sip.ProxyServerBK{line}", ""),
        (f"sip.regid{line}", auth_name),
        (f"sip.regpwd{line}", password),
        (f"sip.RegisterServerMP{line}", server),
        (f"sip.RegisterServerBK{line}", ""),
        (f"sip.TEL{line}Number", user),
        (f"sip.TEL0{line}Use", "1" if about else "0"),
    ]


def _vendors_common(model: str) -> dict[str, str]:
    """The vendor's whole common file: every parameter with its factory's value, and some that current firmware lacks."""
    catalog: Catalog = load_catalog(model, 5 if model == "ST2022" else 66)
    known = {name: parameter.default for name, parameter in catalog.items() if name != "sys.config_sn"}
    return known | {"sip.CodecPriority_L16": "7", "pstn.pstn_ring": "1", "ipp.Shortcut_one": ""}


def _known(values: Values, model: str) -> dict[str, str]:
    catalog = load_catalog(model, 5 if model == "ST2022" else 66)
    return {name: text for name, text in values.items() if name in catalog}


def _tftp(common: str) -> str:
    return (
        "[application]\nfw_filename=Thomson/binary/fw.zz\ndsp_filename=Thomson/binary/dsp.zz\n\n[config]\n"
        f"telcfg=Thomson/TelConf.txt\ncommon_config={common}\n\nmelodies=Thomson/Tone-Melodies.txt\n"
        "system_melodies=Thomson/Tone-RG.txt\ncall_waiting_tone=Thomson/Tone-CW.txt\n"
        "tone_table=Thomson/ToneTbl.zz\nlanguage_table=Thomson/LangTbl.zz\n"
    )


def _as_file(values: Values) -> str:
    sections: dict[str, list[str]] = {}
    for name, text in values.items():
        section, _, key = name.partition(".")
        sections.setdefault(section, []).append(f"{key}={text}")
    return "".join(f"[{section}]\r\n" + "".join(f"{line}\r\n" for line in lines) for section, lines in sections.items())
