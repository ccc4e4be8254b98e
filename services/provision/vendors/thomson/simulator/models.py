"""The models: what each calls itself, what files it asks for, how many lines and keys it has, which parameters it knows.

Facts of phone-spec 1.2, 2.4, 3.5 and 4. No public source says anything of the ST2020; it is taken to be a ST2022.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from services.provision.vendors.thomson.simulator.checks import Check, pattern
from services.provision.vendors.thomson.simulator.rows import EVERY, LARGE, ST2022_ONLY, TB30_ONLY, Rows
from shared.errors import Malformed

Vocabulary = Mapping[str, Mapping[str, Check]]
"""What each key takes, by section and key; a section that is not there is unknown."""

SERIAL_KEY: Final = "config_sn"

GENERAL_FILE: Final[Mapping[str, frozenset[str]]] = {
    "application": frozenset(
        {"fwurl", "dspurl", "booturl", "fw_filename", "dsp_filename", "boot_filename", "provision_mode"}
    ),
    "config": frozenset(
        {
            "telcfg",
            "common_config",
            "config",
            "melodies",
            "system_melodies",
            "call_waiting_tone",
            "tone_table",
            "language_table",
        }
    ),
}
"""The keys of the general file, the same for all models; `provision_mode` was written for firmware 3 of the ST2022."""

TFTP_KEYS: Final = frozenset({"fw_filename", "dsp_filename", "boot_filename"})
"""Keys of general files that are made for TFTP, where every value is a path below the server's root (phone-spec 2.4)."""


@dataclass(frozen=True, eq=False)
class Model:
    """One model of phone; each is there once, and equal to itself only."""

    name: str
    """As in the User-Agent and in file names."""
    brand: str
    hardware: int
    firmware: str
    """The version it says it has where none is asked for."""
    lines: int
    keys: int
    softkeys: int
    rows: tuple[Rows, ...] = field(repr=False)
    verified: bool = True
    """False: no public source describes it."""
    internal: re.Pattern[str] | None = field(default=None, repr=False)
    """`section.key` of what it keeps for itself, though the vendor's common file holds it; None: nothing."""
    mixes: bool = False
    """Whether its guide documents `PhoneBook`, which mixes rows and links."""

    @property
    def file_prefix(self) -> str:
        """What the names of its phone files begin with; the last S is for SIP."""
        return f"{self.name}S_"

    @property
    def general_file(self) -> str:
        """The general file that it asks for where nobody names one."""
        return f"{self.name}S.inf"

    @cached_property
    def common(self) -> Vocabulary:
        """What a common file may hold. Without the serial: what it would mean there is not known."""
        sections: dict[str, dict[str, Check]] = {}
        for rows in self.rows:
            for section, groups in rows.items():
                known = sections.setdefault(section, {})
                known.update((key, check) for check, keys in groups for key in self._expand(keys))
        return sections

    @cached_property
    def phone(self) -> Vocabulary:
        """What a phone file may hold."""
        return {**self.common, "sys": {**self.common["sys"], SERIAL_KEY: pattern("twelve digits", "[0-9]{12}")}}

    def _expand(self, keys: str) -> Iterator[str]:
        for key in keys.split():
            yield from expand(key.replace("{KEYS}", f"{{01..{self.keys:02d}}}"))


def expand(written: str) -> Iterator[str]:
    """Yield the keys that `ReTransTimer{1..2}` or `TransportFlg{MP,BK}{1..4}` stands for."""
    match = re.search(r"\{(.+?)\}", written)
    if match is None:
        yield written
        return
    first, dots, last = match[1].partition("..")
    numbers = (f"{count:0{len(first)}}" for count in range(int(first), int(last) + 1)) if dots else match[1].split(",")
    for part in numbers:
        yield from expand(written[: match.start()] + part + written[match.end() :])


_TR069: Final = re.compile(
    r"cwmp\.(?:CWMP(?:ADDDELCOMMANDKEY|AuthServ|DOWNLOAD\w+|InformType|OBJECT|PARAMETERKEY|REBOOTCOMMANDKEY)"
    r"|DHCPInformTimer|KeepAliveMaximumDetect|tr069_\w+|tr111_\w+|TR111(?!STUNEnable$)\w+)"
)
"""State of the TB30's TR-069 client (phone-spec 3.5, [cwmp])."""

ST2030: Final = Model("ST2030", "THOMSON", 5, "2.72", lines=4, keys=66, softkeys=12, rows=(EVERY, LARGE))
ST2022: Final = Model("ST2022", "THOMSON", 2, "4.68", lines=2, keys=5, softkeys=0, rows=(EVERY, ST2022_ONLY))
TB30: Final = Model(
    "TB30", "Thomson", 1, "1.72.0", lines=4, keys=66, softkeys=12, rows=(EVERY, LARGE, TB30_ONLY),
    internal=_TR069, mixes=True,
)  # fmt: skip
ST2020: Final = replace(ST2022, name="ST2020", verified=False)

MODELS: Final = {model.name: model for model in (ST2030, ST2022, TB30, ST2020)}


def find_model(name: str) -> Model:
    """Return the model of this name. Raises `Malformed` for one that is not simulated."""
    try:
        return MODELS[name]
    except KeyError:
        raise Malformed(f"no simulator for model {name!r}; there is one for {', '.join(MODELS)}") from None
