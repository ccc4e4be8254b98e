"""Who the phone says it is. A name, not a proof."""

from dataclasses import dataclass

from services.provision.vendors.thomson.simulator.models import ST2030, Model
from shared.mac import Mac


@dataclass(frozen=True, slots=True)
class Identity:
    """A phone's address, model and firmware version (`2.72`; "": the model's own)."""

    mac: Mac
    model: Model = ST2030
    firmware: str = ""

    @property
    def user_agent(self) -> str:
        """`THOMSON ST2030 hw5 fw2.72 00-1F-9F-16-E8-49`, in every request of the phone (phone-spec 1.2)."""
        pairs = "-".join(self.mac[start : start + 2] for start in range(0, 12, 2))
        model = self.model
        return f"{model.brand} {model.name} hw{model.hardware} fw{self.firmware or model.firmware} {pairs}"

    @property
    def phone_file(self) -> str:
        """The phone file's name without its ending."""
        return f"{self.model.file_prefix}{self.mac}"

    def general_url(self, url: str) -> str:
        """Return the URL of the general file: the given one, or with the model's own file name where it names a folder."""
        return f"{url}{self.model.general_file}" if url.endswith("/") else url
