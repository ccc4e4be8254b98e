"""What becomes of the lines of a general file (`.inf`): dialtree writes its own, so each is named with what stands for it."""

from collections.abc import Iterable
from typing import Final

from services.provision.importing.phonefiles import COMMON_CONFIG, GeneralFile
from services.provision.importing.report import Report

_VENDOR_FILES: Final = frozenset(
    {
        "application.fwurl", "application.dspurl", "application.booturl", "application.fw_filename",
        "application.dsp_filename", "application.boot_filename", "config.telcfg", "config.melodies",
        "config.system_melodies", "config.call_waiting_tone", "config.tone_table", "config.language_table",
    }
)  # fmt: skip
"""Over HTTP and over TFTP (phone-spec 2.4)."""
_ADDRESS: Final = "config.config"
_OBSOLETE: Final = frozenset({"application.provision_mode", "config.provision_mode"})


def report_generals(files: Iterable[GeneralFile], report: Report) -> None:
    """Name the destination of each line but the common file's, which was followed."""
    for file in files:
        for name, value in file.written.lines:
            if not value.text:
                report.note(name, value.place, "has no value", together=True)
            elif name in _VENDOR_FILES:
                why = "names a file of the vendor; phones get the newest one of provision.vendor_dir"
                report.note(name, value.place, why, "put it there: `dialtree firmware add`", together=True)
            elif name == _ADDRESS:
                report.note(name, value.place, "is the old server's address; dialtree writes its own", together=True)
            elif name in _OBSOLETE:
                report.note(name, value.place, "is of older firmware; phones ignore it", together=True)
            elif name != COMMON_CONFIG:
                report.lost(name, value.place, "is no line of a general file", "see the vendor's guide; leave it out")
