"""The three text files the phone parses: general file, common file, phone file. Bytes in, values and complaints out."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from services.provision.vendors.thomson.simulator.complaints import Complaint, Refused, Rule, is_rejected
from services.provision.vendors.thomson.simulator.inifile import IniFile, parse_ini
from services.provision.vendors.thomson.simulator.models import GENERAL_FILE, SERIAL_KEY, TFTP_KEYS, Model
from services.provision.vendors.thomson.simulator.wire import parse_url

Values = Mapping[str, str]
"""Parameters by `section.key`, as in `sip.regid1`. An empty value is a setting that was cleared."""

SERIAL: Final = f"sys.{SERIAL_KEY}"

_SERIAL_FORM: Final = re.compile(r"[0-9]{12}")
_ACCOUNT: Final = re.compile(r"(?:TEL|regid|regpwd|DisplayName|DisplayNum)([1-9])(?:Number)?|TEL0([1-9])Use")
"""Keys of `[sip]` that put an account on a line; all models know those of four lines, whatever they have."""
_OFF: Final = ("", "0")
_PLAIN: Final = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class General:
    """The general file: the URL of each listed file by its key, and the base of the phone file with its final slash.

    `base` is "" where the phone finds its file in a way that is not simulated: by HTTPS or TFTP.
    """

    files: Mapping[str, str]
    base: str


@dataclass(frozen=True, slots=True)
class PhoneFile:
    """A phone file: its serial, and all its other values."""

    serial: str
    values: Values = field(repr=False)


def read_general(data: bytes, where: str) -> tuple[General, tuple[Complaint, ...]]:
    """Read a general file. `config` must be there, all others may be missing; a URL is absolute and names a file."""
    parsed = parse_ini(data, where, GENERAL_FILE)
    complaints = list(parsed.complaints)
    by_tftp = any(setting.key in TFTP_KEYS for setting in parsed.settings)
    urls: dict[str, str] = {}
    for setting in parsed.settings:
        if setting.key == "provision_mode":
            continue
        problem = _url_problem(setting.key, setting.value, f"{where} line {setting.line}", by_tftp=by_tftp)
        if problem is None:
            urls[setting.key] = setting.value
        else:
            complaints.append(problem)
    base = urls.pop("config", "")
    elsewhere = by_tftp or any(complaint.rule is Rule.HTTPS for complaint in complaints)
    if not base and not elsewhere and not is_rejected(complaints):  # after a wrong line the rest would be guesswork
        complaints.append(
            Complaint(Rule.MISSING_PARAMETER, where, "has no config= in [config]: phones find no phone file")
        )
    return General(urls, f"{base.removesuffix('/')}/" if base else ""), tuple(complaints)


@lru_cache(maxsize=64)
def read_common(data: bytes, where: str, model: Model) -> tuple[Values, tuple[Complaint, ...]]:
    """Read a common file. Kept, since a fleet is given the same one again and again."""
    parsed = parse_ini(data, where, model.common, model.internal)
    return _values(parsed), (*parsed.complaints, *_misfits(parsed, where, model))


@lru_cache(maxsize=256)
def read_phone(data: bytes, where: str, model: Model) -> tuple[PhoneFile, tuple[Complaint, ...]]:
    """Read a phone file, which must hold one serial of twelve digits. Kept, since the next boot brings the same one."""
    parsed = parse_ini(data, where, model.phone, model.internal)
    values = dict(_values(parsed))
    serial = values.pop(SERIAL, None)
    complaints = (*parsed.complaints, *_misfits(parsed, where, model))
    if serial is None and not is_rejected(complaints):
        complaints += (Complaint(Rule.MISSING_PARAMETER, where, "has no config_sn in [sys]"),)
    elif serial is not None and not _SERIAL_FORM.fullmatch(serial):
        line = next(setting.line for setting in parsed.settings if setting.key == SERIAL_KEY)
        complaints += (Complaint(Rule.SERIAL_FORM, f"{where} line {line}", "config_sn is not twelve digits"),)
    return PhoneFile(serial or "", values), complaints


def file_name(url: str) -> str:
    """Return what the phone compares: all after the last slash."""
    return url.rpartition("/")[2]


def _values(parsed: IniFile) -> Values:
    return {f"{setting.section}.{setting.key}": setting.value for setting in parsed.settings}


def _misfits(parsed: IniFile, where: str, model: Model) -> Iterator[Complaint]:
    """Yield what the model does not understand among the values that could be read; the serial is judged by its own rule."""
    for setting in parsed.settings:
        if setting.value and (problem := _problem(model, setting.section, setting.key, setting.value)):
            yield Complaint(problem[0], f"{where} line {setting.line}", problem[1])


@lru_cache(maxsize=8192)
def _problem(model: Model, section: str, key: str, value: str) -> tuple[Rule, str] | None:
    """Tell what is wrong with a value, whatever stands around it. Kept: a fleet's files are much alike."""
    check = model.common[section].get(key)
    if check is None:
        return None
    if not check.fits(value):
        return Rule.VALUE, f"{section}.{key} is {check.shown(value)}; expected {check.expected}"
    if section == "sip" and _line_of(key) > model.lines and value not in _OFF:
        return Rule.LINE_BEYOND, f"{section}.{key} is set, but a {model.name} has {model.lines} lines"
    return None


def _line_of(key: str) -> int:
    """Return the line that a key of `[sip]` puts an account on; 0 for any other key."""
    match = _ACCOUNT.fullmatch(key)
    return int(match[1] or match[2]) if match else 0


def _url_problem(key: str, url: str, where: str, *, by_tftp: bool) -> Complaint | None:
    if not url and key != "config":
        return Complaint(Rule.EMPTY_VALUE, where, f"{key} is empty; leave the line out")
    if by_tftp and "://" not in url:
        return Complaint(Rule.TFTP, where, f"{key} is a name for TFTP, which is not simulated")
    if not _PLAIN.fullmatch(url):
        return Complaint(Rule.URL, where, f"{key} is empty, or holds other characters than plain ASCII")
    try:
        parse_url(url)
    except Refused as refused:
        return Complaint(refused.complaint.rule, where, f"{key}: {refused.complaint.message}")
    if key != "config" and not file_name(url):
        return Complaint(Rule.URL, where, f"{key} names no file")
    return None
