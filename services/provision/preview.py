"""What a phone would get right now, made by the code that serves it; for the command line."""

from typing import Literal

from services.provision.rendering import Renderer
from shared.config import Config
from shared.mac import Mac
from shared.store import Reader


def render_file(
    config: Config, reader: Reader, mac: Mac, file: Literal["inf", "common", "phone"], model: str = ""
) -> bytes:
    """Return the file byte for byte, secrets included, as asked for by a phone of this model, see `Renderer.asked`.

    Raises `Unknown` for an address that no entry has, `EntryError` for a phone that is refused (it says why),
    `StoreUnavailable`, `ConfigurationError`.
    """
    renderer = Renderer(config)
    asked = renderer.asked(model)
    with reader.snapshot() as db:
        if file == "inf":
            return renderer.general(db, asked, mac)
        return renderer.common_of(db, asked, mac) if file == "common" else renderer.phone(db, asked, mac)
