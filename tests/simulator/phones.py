"""Booting a phone in a test: the article's phone, with short limits."""

from dataclasses import dataclass
from pathlib import Path

from services.provision.vendors.thomson.simulator.complaints import Rule
from services.provision.vendors.thomson.simulator.phone import BootResult, boot
from tests.simulator.server import MAC, Site


@dataclass(frozen=True, slots=True)
class Booted:
    """A boot's result, and its log."""

    result: BootResult
    log: list[str]

    @property
    def rules(self) -> list[Rule]:
        """The rules that were broken, in order."""
        return [complaint.rule for complaint in self.result.complaints]

    def value(self, name: str) -> str | None:
        """What the phone works with."""
        return self.result.memory.values.get(name)


def boot_phone(
    site: Site, state: Path | None = None, *, max_boots: int = 6, timeout: float = 5.0, absolute_form: bool = False
) -> Booted:
    """Boot the article's phone from a site."""
    log: list[str] = []
    result = boot(
        site.inf, MAC, state=state, max_boots=max_boots, timeout=timeout, absolute_form=absolute_form, log=log.append
    )
    return Booted(result, log)
