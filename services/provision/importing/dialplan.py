"""Which extension stands for which SIP user, as the hints of a dialplan (extensions.conf) say. Nothing else of it is understood.

Source: docs.asterisk.org, "Extension State and Hints": `exten => 1234,hint,SIP/alice&Custom:DND1234`.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from services.provision.importing.accounts import key_of
from services.provision.importing.asteriskconf import Section
from services.provision.importing.callerid import is_number

_HINT: Final = re.compile(
    r"(?P<extension>[^,/]+)(?:/[^,]*)?,\s*hint\s*(?:\([^)]*\))?\s*,(?P<devices>.*)", re.IGNORECASE
)
_SAME: Final = re.compile(r"hint\s*(?:\([^)]*\))?\s*,(?P<devices>.*)", re.IGNORECASE)
_DEVICE: Final = re.compile(r"(?:SIP|PJSIP)/(?P<user>[^&,/@]+)", re.IGNORECASE)


def hinted_extensions(sections: Sequence[Section]) -> dict[str, str]:
    """Return the extensions by `key_of` the user. A user with several is left out: which one is meant cannot be told."""
    found: dict[str, set[str]] = {}
    for section in sections:
        for extension, user in _hints(section):
            found.setdefault(key_of(user), set()).add(extension)
    return {user: min(extensions) for user, extensions in found.items() if len(extensions) == 1}


def _hints(section: Section) -> Iterator[tuple[str, str]]:
    extension = ""
    for setting in section.settings:
        match = None
        if setting.name == "exten":
            extension = setting.value.partition(",")[0].strip()
            match = _HINT.fullmatch(setting.value)
        elif setting.name == "same":
            match = _SAME.fullmatch(setting.value)
        device = _DEVICE.match(match["devices"].split("&")[0].strip()) if match else None
        # a pattern (`_1XXX`) and a variable stand for many
        if device and is_number(extension) and "$" not in device["user"]:
            yield extension, device["user"].strip()
