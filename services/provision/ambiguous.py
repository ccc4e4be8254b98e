"""Which attributes of an entry have several values where only one counts: `check` says so. Pure; no value is looked at."""

from collections.abc import Iterable, Iterator
from typing import Final

from services.provision.reads import READS
from shared.ldap.entry import Entry
from shared.ldap.mapping import Mapping
from shared.ldap.source import Kind

_SEVERAL: Final = {
    Kind.PERSON: ("display_name", "surname", "given_name"),
    Kind.PHONE: ("mac", "key", "setting", "line"),
    Kind.PROFILE: ("name", "setting", "file", "key"),
}
"""Fields of which every value counts, and names, of which people have several."""
_NUMBERS: Final = "user"
"""An account's, whose other values are numbers in the phonebook: worth knowing, no fault."""


class Ambiguous:
    """Finds them by one mapping."""

    def __init__(self, names: Mapping) -> None:
        self._fields = {
            kind: tuple(
                ([(name.lower(), name) for name in getattr(getattr(names, kind.value), field)], field != _NUMBERS)
                for field in read.fields
                if field not in _SEVERAL.get(kind, ())
            )
            for kind, read in READS.items()
        }

    def rows(self, kind: Kind, entries: Iterable[Entry]) -> Iterator[tuple[str, str, str, str, int, bool]]:
        """Yield identity, kind, DN, attribute, number of values, and whether it is a fault, each attribute once."""
        for entry in entries:
            attributes = entry.attributes
            if all(len(values) == 1 for values in attributes.values()):  # nearly all
                continue
            told: set[str] = set()
            for names, is_fault in self._fields[kind]:
                used, attribute = next(((name, shown) for name, shown in names if attributes.get(name)), ("", ""))
                count = len(attributes[used]) if used else 0
                if count > 1 and used not in told:
                    told.add(used)
                    yield entry.uuid, kind, entry.dn, attribute, count, is_fault
