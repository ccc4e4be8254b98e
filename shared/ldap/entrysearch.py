"""A stream's search answered without a server: base, scope, filter, attributes. No I/O."""

from shared.ldap.descriptions import name_of_key
from shared.ldap.dn import is_within
from shared.ldap.entry import Entry, dn_key, parent_key
from shared.ldap.filters import Filter, matches, names_in, parse_filter
from shared.ldap.source import Scope, Stream


class EntrySearch:
    """A stream's search, prepared to be asked of many entries."""

    def __init__(self, stream: Stream) -> None:
        self._filter: Filter = parse_filter(stream.filter)
        self._base = dn_key(stream.base)
        self._scope: Scope = stream.scope
        self._wanted = frozenset(name.lower() for name in stream.attributes)
        self._chosen_by = frozenset(name.lower() for name in names_in(self._filter))

    def needs(self, attribute: str) -> bool:
        """Tell whether the search asks for this attribute (in lower case), or chooses by it."""
        return attribute in self._wanted or attribute in self._chosen_by

    def chooses_by(self, attribute: str) -> bool:
        """Tell whether the filter compares this attribute (in lower case)."""
        return attribute in self._chosen_by

    def reaches(self, key: str) -> bool:
        """Tell whether the entry is the base or below it."""
        return is_within(key, self._base)

    def takes(self, key: str, entry: Entry) -> bool:
        """Tell whether the search finds this entry, which `reaches` has let pass."""
        if self._scope == "base" and key != self._base:
            return False
        if self._scope == "one" and (key == self._base or parent_key(key) != self._base):
            return False
        return matches(self._filter, entry.attributes)

    def reduced(self, entry: Entry) -> Entry:
        """Return the entry with the attributes that were asked for."""
        asked = {key: values for key, values in entry.attributes.items() if name_of_key(key) in self._wanted}
        return Entry(entry.uuid, entry.dn, asked)
