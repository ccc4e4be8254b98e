"""Values of an old server that dialtree's own take the place of: they lead phones back to it. Pure."""

from typing import Final, NamedTuple

from services.provision.vendors.thomson.phonebooks import addresses
from shared.config import Config

_PRESETS: Final = ("autoprovision.AutoprovisionHTTPServer", "autoprovision.AutoprovisionTFTPServer")
_SWITCH: Final = "autoprovision.AutoprovisionFlag"


class Superseded(NamedTuple):
    """Why a value is not carried over, for the report. `is_lost`: somebody may have meant it."""

    why: str
    mend: str
    is_lost: bool = False


def superseded(name: str, text: str, config: Config) -> Superseded | None:
    """Return why phones get dialtree's own value of a parameter instead of this one; None where they do not."""
    books = {address.name: address.value for address in addresses(config)}
    if name in books and text != books[name]:
        mend = "see `[[directory.phonebooks]]` for further phonebooks"
        return Superseded(f"is the old server's; phones get dialtree's phonebook, {books[name]}", mend)
    if name in _PRESETS and text:
        why = "names the old server and outranks DHCP; it is left empty, so that DHCP leads phones to dialtree"
        return Superseded(why, "set it in [provision.settings] if phones shall have a preset")
    if name == _SWITCH and text == "0":
        return Superseded("would keep phones from ever asking again; they get 1", "", is_lost=True)
    return None
