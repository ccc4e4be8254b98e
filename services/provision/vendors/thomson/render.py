"""Writes the three files of a phone: `[section]`, `Key=value`, CRLF, ISO-8859-1, no comments. Pure: settings in, bytes out."""

import hashlib
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from services.provision.layers import Settings
from services.provision.vendors.thomson.catalog import SERIAL, Parameter
from services.provision.vendors.thomson.files import VendorFiles
from services.provision.vendors.thomson.models import Model
from shared.config import Provision
from shared.secret import Secret

_DIGEST_LENGTH: Final = 16
_SERIAL_DIGITS: Final = 12
_APPLICATION: Final = ("fwurl", "dspurl", "booturl")
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
    return b"".join(part for _, part in _parts(model.common, shared))


def render_general(model: Model, provision: Provision, vendor: VendorFiles, digest: str) -> bytes:
    """Return the general file (`.inf`) of a model: full URLs, vendor files only where there are any."""
    base = f"{provision.public_url}{provision.path_prefix}/{model.folder}"
    urls = {line: f"{base}/data/{quote(name)}" for line, name in vendor.lines()}
    urls["common_config"] = f"{base}/config/{model.common_name(digest)}"
    lines = ["[application]", *(f"{line}={urls[line]}" for line in _APPLICATION if line in urls), ""]
    lines += ["[config]", *(f"{line}={urls[line]}" for line in _CONFIG if line in urls), f"config={base}/config/"]
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


class PhoneTemplate:
    """The phone file as every phone has it, written once; a phone then costs only the lines that are its own."""

    def __init__(self, model: Model, shared: Settings) -> None:
        parts = tuple(_parts(model.phone, shared))
        self._lines = [part for _, part in parts]
        self._places = {name: place for place, (name, _) in enumerate(parts)}

    def render(self, own: Settings, common: str, telephone: str) -> bytes:
        """Return the phone file: the whole set, with a phone's own settings laid over the shared ones.

        `common`, `telephone`: the names of the files that the phone is given beside this one, for the serial.
        """
        lines = self._lines.copy()
        for name, setting in own.items():
            lines[self._places[name]] = _line(name, setting.value)
        at = self._places[SERIAL]
        before, after = b"".join(lines[:at]), b"".join(lines[at:])
        return before + _line(SERIAL, serial_of(before + after, common, telephone)) + after


def _parts(parameters: tuple[Parameter, ...], shared: Settings) -> Iterator[tuple[str, bytes]]:
    """Yield (section, its heading) and (parameter, its line) in order; the line of the serial is empty as yet."""
    section = ""
    for parameter in parameters:
        if parameter.section != section:
            blank = "\r\n" if section else ""
            section = parameter.section
            yield section, f"{blank}[{section}]\r\n".encode("ascii")
        name = parameter.name
        yield name, b"" if name == SERIAL else _line(name, shared[name].value)


def _line(name: str, value: str | Secret) -> bytes:
    text = value.reveal() if isinstance(value, Secret) else value
    return f"{name.partition('.')[2]}={text}\r\n".encode("latin-1")
