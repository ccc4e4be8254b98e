"""Who the phone says it is. A name, not a proof."""

from dataclasses import dataclass

from shared.errors import Malformed
from shared.mac import Mac


@dataclass(frozen=True, slots=True)
class Identity:
    """A phone's address, model and firmware version (`2.72`). Raises `Malformed` for a model that is not simulated."""

    mac: Mac
    model: str = "ST2030"
    firmware: str = "2.72"

    def __post_init__(self) -> None:
        """Refuse what is not simulated."""
        if self.model != "ST2030":
            raise Malformed(f"no simulator for model {self.model!r}; ST2030 is there")

    @property
    def user_agent(self) -> str:
        """`THOMSON ST2030 hw5 fw2.72 00-1F-9F-16-E8-49`, in every request of the phone."""
        pairs = "-".join(self.mac[start : start + 2] for start in range(0, 12, 2))
        return f"THOMSON {self.model} hw5 fw{self.firmware} {pairs}"

    @property
    def phone_file(self) -> str:
        """The phone file's name without its ending; `S` is for SIP."""
        return f"{self.model}S_{self.mac}"
