"""The lines of the phone's auto-provisioning (APS) log, in the phone's own wording.

The wording is known for the lines that a published log shows. Where the phone's own line is not known (a file
downloaded for the first time, tables, errors) the line follows the pattern of its neighbours.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

START: Final = "Autoprovision Process start"
BEGIN_GENERAL: Final = "Begin General file download..."
BEGIN_MAC: Final = "Begin Mac config download..."
TRY_TXT: Final = "Now will try to search txt file!"
SERIAL_SAME: Final = "Serial number is the same!"
SERIAL_DIFFERS: Final = "Serial number is not the same!"
ENCRYPTED: Final = "MacConfig is encrypted: content and serial cannot be checked!"
BEGIN_UPGRADE: Final = "Begin upgrading config file..."
CHECK: Final = "Check config file syntax"
CHECKED: Final = "Check config file syntax successfully!"
UPGRADED: Final = "Upgrading config file successfully!"
NOTHING_TO_UPGRADE: Final = "No upgrading config file required..."
REBOOT: Final = "Reboot....."
END: Final = "Autoprovision Process End"


@dataclass(frozen=True, slots=True)
class Part:
    """A file that the general file may list: its key, what the log calls it when it begins, has it, and downloads it."""

    key: str
    begin: str
    same: str | None
    label: str

    @property
    def begin_line(self) -> str:
        """The line before the phone looks at this file."""
        return f"Begin {self.begin} download..."


FIRMWARE: Final = (
    Part("fwurl", "Firmware", "Firmware filename is the same!", "Firmware"),
    Part("dspurl", "DSP", "DSP filename is the same!", "DSP"),
    Part("booturl", "Boot Code", "BOOT code filename is the same!", "BOOT code"),
)
"""Fetched first, in this order; the phone reboots before it looks at anything else."""

FILES: Final = (
    Part("melodies", "Melody", None, "Melody"),
    Part("system_melodies", "System Melody", None, "System Melody"),
    Part("call_waiting_tone", "Call Waiting Tone", None, "Call Waiting Tone"),
    Part("tone_table", "Tone Table", None, "Tone Table"),
    Part("language_table", "Language Table", None, "Language Table"),
    Part("telcfg", "Telephone Config", "Telephone config filename is the same!", "Telephone config"),
)
"""Fetched next, in this order. The published log says nothing where a melody is the same."""

COMMON: Final = Part("common_config", "Common Config", "Common Config filename is the same!", "Common Config")


def general_downloaded(name: str) -> str:
    """The general file came."""
    return f"General file: {name} download successfully!"


def downloaded(label: str, url: str) -> str:
    """A file came."""
    return f"{label}: {path_of(url)} download successfully!"


def not_found(url: str) -> str:
    """A file is not on the server."""
    return f"Error: {path_of(url)} file not found!"


def transfer_error(url: str) -> str:
    """A file did not come whole, or not in a way that the phone reads."""
    return f"Error: {path_of(url)} transfer error!"


def wrong(url: str) -> str:
    """A file came, and the phone skips it."""
    return f"Error: {path_of(url)} file wrong!"


def path_of(url: str) -> str:
    """Return the path of a URL as the log shows it, without the first slash."""
    return urlsplit(url).path.lstrip("/")
