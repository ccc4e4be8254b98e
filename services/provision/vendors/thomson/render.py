"""Writes the three files of a phone: `[section]`, `Key=value`, CRLF, ISO-8859-1, no comments. Pure: settings in, bytes out."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Final, Literal
from urllib.parse import quote

from services.provision.layers import Settings
from services.provision.vendors.thomson.catalog import SERIAL, Parameter
from services.provision.vendors.thomson.files import VendorFiles
from services.provision.vendors.thomson.models import Model
from shared.config import Provision
from shared.secret import Secret

_DIGEST_LENGTH: Final = 16
_SERIAL_DIGITS: Final = 12
Transport = Literal["http", "tftp"]
"""By what a phone fetches its files: the general file is the only one that differs."""
_APPLICATION: Final = ("fwurl", "dspurl", "booturl")
_OVER_TFTP: Final = {"fwurl": "fw_filename", "dspurl": "dsp_filename", "booturl": "boot_filename"}
"""What these lines are called where their values are no URLs (phone-spec 2.4)."""
_CONFIG: Final = (
    "telcfg", "common_config", "melodies", "system_melodies", "call_waiting_tone", "tone_table", "language_table",
)  # fmt: skip


def serial_of(unsigned: bytes, common_name: str, telephone_name: str) -> str:
    """Return `config_sn` (design law 1): twelve digits of a hash over everything that the phone would apply.

    `unsigned` is the phone file without the serial. The only place that decides what a serial is.
    """
    content = b"\0".join((unsigned, common_name.encode(), telephone_name.encode()))
    number = int.from_bytes(hashlib.sha256(content).digest()) % 10**_SERIAL_DIGITS
    return str(number).zfill(_SERIAL_DIGITS)


def common_digest(content: bytes) -> str:
    """Return the digest by which a common file is named: 16 lower-case hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()[:_DIGEST_LENGTH]


def render_common(model: Model, shared: Settings) -> bytes:
    """Return the common file: its whole set of parameters."""
    return "".join(part for _, part in _parts(model.common, shared)).encode("latin-1")


def render_general(
    model: Model, provision: Provision, vendor: VendorFiles, digest: str, over: Transport = "http"
) -> bytes:
    """Return the general file (`.inf`) of a model, vendor files only where there are any.

    Full URLs over HTTP; paths below the root of the server over TFTP, where there is no `config`: a phone looks for its own
    file in the root (phone-spec 2.3). What a serial is made of is the same: names of files, never their places.
    """
    if over == "http":
        base = f"{provision.public_url}{provision.path_prefix}/{model.folder}"
        places = {line: f"{base}/data/{quote(name)}" for line, name in vendor.lines()}
        own = [f"config={base}/config/"]
    else:
        base, own = model.folder, []
        places = {line: f"{base}/data/{name}" for line, name in vendor.lines() if _is_plain(name)}
    places["common_config"] = f"{base}/config/{model.common_name(digest)}"
    keys = {line: _OVER_TFTP[line] if over == "tftp" else line for line in _APPLICATION}
    lines = ["[application]", *(f"{keys[line]}={places[line]}" for line in _APPLICATION if line in places), ""]
    lines += ["[config]", *(f"{line}={places[line]}" for line in _CONFIG if line in places), *own]
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _is_plain(name: str) -> bool:
    """Say whether a name can stand in a file and in a request over TFTP as it is, where nothing is percent-encoded."""
    return name.isascii() and name.isprintable()


class PhoneTemplate:
    """The phone file as every phone has it, written once; a phone then costs only the lines that are its own."""

    def __init__(self, model: Model, shared: Settings) -> None:
        parts = tuple(_parts(model.phone, shared))
        self._lines = [part for _, part in parts]
        self._places = {name: (place, _beginning(name)) for place, (name, _) in enumerate(parts)}
        self._serial = self._places[SERIAL][0]

    def render(self, own: Mapping[str, str | Secret], common: str, telephone: str) -> bytes:
        """Return the phone file: the whole set, with a phone's own settings laid over the shared ones.

        `common`, `telephone`: the names of the files that the phone is given beside this one, for the serial.
        """
        lines = self._lines.copy()
        for name, value in own.items():
            place, beginning = self._places[name]
            lines[place] = f"{beginning}{value.reveal() if isinstance(value, Secret) else value}\r\n"
        at = self._serial
        before, after = "".join(lines[:at]).encode("latin-1"), "".join(lines[at:]).encode("latin-1")
        serial = serial_of(before + after, common, telephone)
        return b"%b%b%b" % (before, _line(SERIAL, serial).encode("ascii"), after)


def _parts(parameters: tuple[Parameter, ...], shared: Settings) -> Iterator[tuple[str, str]]:
    """Yield (section, its heading) and (parameter, its line) in order; the line of the serial is empty as yet."""
    section = ""
    for parameter in parameters:
        if parameter.section != section:
            blank = "\r\n" if section else ""
            section = parameter.section
            yield section, f"{blank}[{section}]\r\n"
        name = parameter.name
        yield name, "" if name == SERIAL else _line(name, shared[name].value)


def _line(name: str, value: str | Secret) -> str:
    return f"{_beginning(name)}{value.reveal() if isinstance(value, Secret) else value}\r\n"


def _beginning(name: str) -> str:
    return f"{name.partition('.')[2]}="
