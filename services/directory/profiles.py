"""Which phone asks, and what its model can show: from the User-Agent to a dialect, a profile and a MAC address. Pure.

A User-Agent identifies a phone and proves nothing (design law 13): it chooses how an answer looks and who comes first in it,
never what may be seen.
"""

import re
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final, NamedTuple

from services.directory.dialects.screen import Profile
from services.directory.dialects.table import BY_NAME, Dialect, dialect_of
from shared.config import Config
from shared.mac import Mac, parse_mac
from shared.sections.profiles import PhoneProfile

_MODEL: Final = {
    "thomson": r"(?:thomson|technicolor) (?P<model>\w+)",
    "yealink": r"yealink (?P<model>[\w-]+)",
    "snom": r"\bsnom(?P<model>\w+)",
    "cisco": r"\bcisco[/-](?:cp-)?(?P<model>\w+)",
    "grandstream": r"grandstream(?: model hw)? (?P<model>\w+)",
    "fanvil": r"fanvil (?P<model>[\w-]+)",
    "polycom": r"polycom(?P<model>[\w-]+?)-ua",
    "gigaset": r"gigaset (?P<model>\w+)",
    "json": r"(?P<model>)",
}
"""Where vendors write their models, without regard to case."""
_MODELS: Final = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _MODEL.items()}
_FIRMWARE: Final = re.compile(r"(?<![\w.])(?:fw|SW )?(\d+(?:\.\d+)+)", re.IGNORECASE)
_MAC: Final = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|[0-9a-f]{12})(?![0-9a-f])", re.IGNORECASE
)
_LONGEST: Final = 256
"""Characters of a User-Agent that are read."""


class Phone(NamedTuple):
    """What a User-Agent says of a phone. `firmware`: its numbers, empty where none is given; `mac`: None likewise."""

    model: str
    firmware: tuple[int, ...]
    mac: Mac | None


class Reading(NamedTuple):
    """How a phone is answered."""

    dialect: Dialect
    profile: Profile
    phone: Phone


class Profiles:
    """The profiles of a site: what the vendors print, then what the configuration says.

    No model differs from its vendor's dialect without a setting. The guide of the TB30 shows menus as well as `PhoneBook`,
    which mixes rows and links, and names no firmware that mixes: menus are what each of them knows.
    """

    def __init__(self, config: Config) -> None:
        self._rules = config.directory.profiles
        self._charset = config.directory.charset
        self._cached = lru_cache(maxsize=4096)(self._reading)

    def reading(self, user_agent: str, dialect: str = "") -> Reading:
        """Return how the phone of a User-Agent is answered; `dialect`: that of the path, "" where it names none."""
        return self._cached(user_agent[:_LONGEST], dialect)

    def _reading(self, user_agent: str, name: str) -> Reading:
        dialect = BY_NAME[name] if name else dialect_of(user_agent)
        phone = phone_of(user_agent, dialect.name)
        profile = dialect.profile
        if dialect.name == "thomson":
            profile = replace(profile, charset=self._charset)
        for rule in self._rules:
            if _matches(rule, dialect, phone):
                profile = _changed(profile, rule, dialect.profile.rows)
        return Reading(dialect, profile, phone)


def phone_of(user_agent: str, dialect: str) -> Phone:
    """Read a User-Agent: `THOMSON ST2030 hw5 fw2.72 00-14-7F-E1-47-B3` (phone-spec 1.2), or as other vendors write it."""
    model, mac = _MODELS[dialect].search(user_agent), _MAC.search(user_agent)
    firmware = _FIRMWARE.search(user_agent, model.end() if model else 0)
    return Phone(
        model["model"].upper() if model else "",
        version_of(firmware[1]) if firmware else (),
        parse_mac(mac[0]) if mac else None,
    )


def version_of(text: str) -> tuple[int, ...]:
    """Return the numbers of a firmware's version, which compare as versions do: `1.72.0`."""
    return tuple(int(part) for part in text.split("."))


def _matches(rule: PhoneProfile, dialect: Dialect, phone: Phone) -> bool:
    if rule.dialect != dialect.name or not fnmatchcase(phone.model, rule.model.upper()):
        return False
    if not (rule.firmware_from or rule.firmware_to):
        return True
    if not phone.firmware:
        return False
    from_, to = rule.firmware_from, rule.firmware_to
    until = phone.firmware[: len(version_of(to))] if to else ()
    return (not from_ or phone.firmware >= version_of(from_)) and (not to or until <= version_of(to))


def _changed(profile: Profile, rule: PhoneProfile, most_rows: int) -> Profile:
    wanted = {
        "charset": rule.charset,
        "rows": None if rule.rows is None else min(rule.rows, most_rows),
        "style": rule.style,
        "name_width": rule.name_width,
        "label_width": rule.label_width,
        "dial_prefix": rule.dial_prefix,
        "cdata": rule.cdata,
    }
    return replace(profile, **{name: value for name, value in wanted.items() if value is not None})  # type: ignore[arg-type]
