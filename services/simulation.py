"""`dialtree simulate`: the options of the command turned into calls of the simulator, its results into an exit code."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.provision.vendors.thomson.simulator.directorykey import search
from services.provision.vendors.thomson.simulator.fleet import boot_fleet, consecutive_macs
from services.provision.vendors.thomson.simulator.phone import boot
from shared.mac import Mac


@dataclass(frozen=True, slots=True)
class Simulation:
    """What to simulate: one phone, or a fleet of fresh ones: several addresses, or `phones` from one address upwards."""

    url: str
    macs: tuple[Mac, ...]
    """At least one."""
    models: tuple[str, ...]
    """At least one; the phones of a fleet are of these in turn, a single phone is of the first."""
    firmware: str
    """"": the model's own."""
    state: Path | None
    text: str | None
    """What to type after pressing the directory key; None: the key is not pressed."""
    slot: int
    """Which of the phone's eight phonebooks the directory key opens."""
    phones: int
    concurrency: int
    strict: bool
    """Whether whatever is unknown or odd fails too, and not only what a phone rejects."""

    def run(self, say: Callable[[str], None]) -> int:
        """Boot, search, print; return the command's exit code: 0 where a real phone takes it all."""
        mac = self.macs[0]
        if self.phones > 1 or len(self.macs) > 1:
            macs = self.macs if len(self.macs) > 1 else consecutive_macs(mac, self.phones)
            fleet = boot_fleet(
                self.url, macs, models=self.models, firmware=self.firmware, concurrency=self.concurrency, log=say
            )
            return fleet.strict_exit_code if self.strict else fleet.exit_code
        model = self.models[0]
        booted = boot(self.url, mac, model=model, firmware=self.firmware, state=self.state, log=say)
        code = booted.strict_exit_code if self.strict else booted.exit_code
        if self.text is None or booted.exit_code:
            return code
        say("")
        found = search(booted.memory, self.text, mac, model=model, firmware=self.firmware, slot=self.slot, log=say)
        return max(code, found.strict_exit_code if self.strict else found.exit_code)
