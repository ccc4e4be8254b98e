"""Tells of phones that left-over DHCP options send to TFTP although they were to use HTTP: one log line a phone.

A phone that was given a URL in option 43 and a server in option 66 or 150 asks that server by TFTP for the folder of its own
file, `provisioning/ST2030/config/`, and gets no further. Nothing here decides what is answered.
"""

import logging
from collections.abc import Iterable
from typing import Final

from services.provision.reports import Reports, printable

log = logging.getLogger("dialtree.tftp")

_FOLDERS: Final = frozenset({"config", "data"})
"""The last parts of the folders that general files name."""


class LeftoverOptions:
    """Which phones were told of. For one thread."""

    def __init__(self, folders: Iterable[str]) -> None:
        """`folders`: of the models, any letter case."""
        self._folders = _FOLDERS | {folder.lower() for folder in folders}
        self._reports = Reports()

    def refused(self, host: str, path: str) -> None:
        """Tell of a phone that asked for a folder, the first time that it does. `path`: what it asked for, and was refused."""
        if self._is_folder(path) and self._reports.is_new(host, "asked for a folder"):
            log.warning(
                "the phone at %s asks by TFTP for the folder %s, not for a file: this is the sign of left-over DHCP options "
                "66, 67 or 150; delete them, and let option 43 alone name the URL of the general file",
                host,
                printable(path),
            )

    def _is_folder(self, path: str) -> bool:
        path = path.rstrip("\0").replace("\\", "/")
        return path.endswith("/") or path.rpartition("/")[2].lower() in self._folders
