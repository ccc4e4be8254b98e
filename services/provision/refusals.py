"""Reports phones that are refused: one log line when a phone's reason changes, not one a request.

Nothing here decides anything, and no value of a secret attribute ever reaches it: `EntryError` carries none.
"""

import logging

from services.provision.reports import Reports, printable
from shared.errors import EntryError, Unknown
from shared.mac import Mac

log = logging.getLogger("dialtree.provision")


class Refusals:
    """What was last reported of which phone. Safe to share between threads."""

    def __init__(self) -> None:
        self._reports = Reports()

    def refused(self, mac: Mac, error: Unknown | EntryError) -> None:
        """Report a refusal unless its reason is the one reported last."""
        reason = str(error)
        if self._reports.is_new(mac, reason):
            level = logging.INFO if isinstance(error, Unknown) else logging.WARNING
            log.log(level, "phone %s is refused: %s", mac, printable(reason))

    def served(self, mac: Mac) -> None:
        """Forget a phone that is well again, and say so."""
        if self._reports.forget(mac):
            log.info("phone %s is served again", mac)
