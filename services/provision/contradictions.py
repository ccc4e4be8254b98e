"""Reports phones about whose model entry, User-Agent and file names disagree: one log line when that changes, and a gauge."""

import logging

from services.provision.reports import Reports, printable
from services.provision.vendors.thomson.asking import Asked
from services.provision.vendors.thomson.models import Model
from shared.mac import Mac

log = logging.getLogger("dialtree.provision")


class Contradictions:
    """What was last reported of which phone. Safe to share between threads."""

    def __init__(self) -> None:
        self._reports = Reports()

    def __len__(self) -> int:
        return len(self._reports)

    def compare(self, mac: Mac, asked: Asked, taken_for: Model) -> None:
        """Report a phone that is taken for another model than it presents itself as."""
        sentence = asked.contradiction(None if taken_for is asked.choose(None) else taken_for)
        if not sentence:
            self._reports.forget(mac)
        elif self._reports.is_new(mac, sentence):
            log.warning("phone %s: %s; correct the entry's model, or reset the phone", mac, printable(sentence))
