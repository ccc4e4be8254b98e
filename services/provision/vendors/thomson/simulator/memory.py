"""The phone's flash: what it installed, the serial it applied, the value of every parameter it was ever given.

The rules of inheritance are the phone's, not the server's:

* one flat set of values. Applying a file writes its values over those that are there, whichever file they came from;
* a parameter that a file leaves out keeps its value; an empty value clears it;
* the common file is applied when its *name* differs from the installed one, the phone file when its *serial* differs;
* so a common file with a new name also writes over values of the phone file, and they stay lost until the phone file
  comes with another serial. (In the field, deleting a line from the phone file brings the common value back only
  when the common file changes its name: that is what one flat set does.)

The state file holds passwords: it is written whole or not at all, readable by its owner only.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from services.provision.vendors.thomson.simulator.complaints import StateError
from services.provision.vendors.thomson.simulator.settings import PhoneFile, Values


@dataclass(frozen=True, slots=True)
class Memory:
    """What survives a reboot. A factory-fresh phone has only its MAC address and model."""

    mac: str
    model: str
    installed: Mapping[str, str] = field(default_factory=dict)
    """Name of the file last installed, by its key of the general file; for `ser` the SHA-256 of its content."""
    serial: str | None = None
    values: Values = field(default_factory=dict, repr=False)

    def has(self, key: str, name: str) -> bool:
        """Tell whether the file of that name is the one installed."""
        return self.installed.get(key) == name

    def install(self, key: str, name: str) -> "Memory":
        """Return the memory after installing a file."""
        return replace(self, installed={**self.installed, key: name})

    def apply_common(self, name: str, values: Values) -> "Memory":
        """Return the memory after applying a common file of that name."""
        return replace(self, values={**self.values, **values}).install("common_config", name)

    def apply_phone(self, file: PhoneFile) -> "Memory":
        """Return the memory after applying a phone file."""
        return replace(self, values={**self.values, **file.values}, serial=file.serial)

    def unlike(self, file: PhoneFile) -> tuple[str, ...]:
        """Return the parameters whose value in the file is not the one the phone works with, sorted."""
        return tuple(sorted(name for name, value in file.values.items() if self.values.get(name) != value))


_MEMORY: Final = TypeAdapter(Memory)


def load_memory(path: Path | None, mac: str, model: str) -> Memory:
    """Return the memory kept in a file; without a file, a factory-fresh phone. Raises `StateError`."""
    fresh = Memory(mac, model)
    if path is None:
        return fresh
    try:
        memory = _MEMORY.validate_json(path.read_bytes(), strict=True)
    except FileNotFoundError:
        return fresh
    except OSError as error:
        raise StateError(f"{path}: cannot be read: {error.strerror}") from error
    except ValidationError:
        # The cause would quote the file, and that holds passwords.
        raise StateError(f"{path}: not the memory of a simulated phone; delete it to start factory-fresh") from None
    if (memory.mac, memory.model) != (mac, model):
        raise StateError(f"{path}: the memory of {memory.model} {memory.mac}, not of {model} {mac}; name another file")
    return memory


def save_memory(path: Path | None, memory: Memory) -> None:
    """Write the memory to its file, mode 0600: after a crash the file holds the old memory or the new one. Raises `StateError`."""
    if path is None:
        return
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(_MEMORY.dump_json(memory, indent=1))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise StateError(f"{path}: cannot be written: {error.strerror}") from error
