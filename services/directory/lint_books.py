"""Why the filter of a phonebook lists nobody, of those who are shown. Pure: no SQL, no LDAP, and nobody is named."""

from collections.abc import Sequence

from shared.ldap.classes import CLASSES, describe_classes
from shared.ldap.entry import Entry
from shared.ldap.filters import matches, names_in, parse_filter
from shared.ldap.filtertext import filter_text, required_parts
from shared.ldap.source import Kind


def why_nobody_listed(text: str, shown: Sequence[Entry]) -> str:
    """Return the likely reason and the mend. `shown`: persons who are not hidden, with the attributes that the filter names."""
    tree = parse_filter(text)
    if any(matches(tree, entry.attributes) for entry in shown):
        return "whom it lists has no number that can be dialled; mend their numbers, or correct the filter"
    for part in required_parts(tree) if shown else ():
        if any(matches(part, entry.attributes) for entry in shown):
            continue
        found = f"{filter_text(part)} matches 0 of the {len(shown)} who are shown"
        names = sorted(names_in(part), key=str.lower)
        if {name.lower() for name in names} == {CLASSES}:
            they, _ = describe_classes(Kind.PERSON, shown)
            return f"{found}; {they}, and a phonebook's filter knows only classes that entries list; correct the filter"
        absent = [name for name in names if not any(entry.attributes.get(name.lower()) for entry in shown)]
        if absent:
            unless = "or the directory service's account may not read it"
            return f"{found}: nobody has {' or '.join(absent)}, {unless}; correct the filter, or the server's ACLs"
        return f"{found}, who have other values; correct the filter"
    return "correct the filter"
