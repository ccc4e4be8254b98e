"""Object classes that tell what an entry is, and of which directory: for the likely reason why a filter finds nobody. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from shared.ldap.entry import Entry
from shared.ldap.source import Kind

CLASSES: Final = "objectclass"
"""As entries name it."""
_CLASS: Final = "objectClass"
_MACHINE: Final = "computer"
"""In Active Directory a computer is a `user` too."""
_AD: Final = "as in Active Directory"
_TELLING: Final[Mapping[Kind, Mapping[str, str]]] = {
    Kind.PERSON: {
        "inetOrgPerson": "",
        "user": _AD,
        "nsPerson": "as in 389 Directory Server",
        "ipaUser": "as in FreeIPA",
        "contact": _AD,
        "organizationalPerson": "",
        "person": "",
        "posixAccount": "",
        "account": "",
    },
    Kind.ACCOUNT: {"AsteriskSIPUser": "", "AsteriskAccount": "", "AsteriskExtension": ""},
    Kind.PHONE: {"dialtreePhone": "", "ieee802Device": "", "device": ""},
    Kind.GROUP: {"groupOfNames": "", "groupOfUniqueNames": "", "posixGroup": "", "groupOfURLs": "", "group": _AD},
    Kind.PROFILE: {"dialtreeProfile": ""},
}
"""The likeliest first; each with where it is usual."""
CONTAINERS: Final = frozenset(
    {
        *("organizationalunit", "organization", "dcobject", "domain", "domaindns"),
        *("container", "builtindomain", "country", "locality", "nscontainer"),
    }
)
_SAYS_NOTHING: Final = frozenset({"top", *CONTAINERS})
_NAMED: Final = 3


def describe_classes(kind: Kind, entries: Sequence[Entry], wrong: Iterable[str] = ()) -> tuple[str, str]:
    """Return what these entries are ("they are `user`, as in Active Directory"), and a filter that would find those of the kind.

    The filter is "" where no class of the kind is known. `wrong`: class names that were asked for and that nobody has.
    """
    written: dict[str, str] = {}
    counts: Counter[str] = Counter()
    machines = False
    for entry in entries:
        classes = {name.lower(): name for name in entry.attributes.get(CLASSES, ())}
        if _MACHINE in classes:
            machines = True
            continue
        written |= classes
        counts.update(classes.keys() - _SAYS_NOTHING)
    if not counts:
        return ("they are computers" if machines else "they are only containers such as organizational units"), ""
    name, origin = _best(kind, counts, written, wrong)
    if name:
        found = f"({_CLASS}={name})"
        filter_text = (
            f"(&{found}(!({_CLASS}={_MACHINE})))" if machines and name.lower() in ("user", "person") else found
        )
        count = counts[name.lower()]
        who = "they are" if count == len(entries) else f"{count} of them {'is' if count == 1 else 'are'}"
        return f"{who} `{name}`{f', {origin}' if origin else ''}", filter_text
    likeliest = sorted(counts, key=lambda each: (-counts[each], each))[:_NAMED]
    return f"they are {', '.join(f'`{written[each]}` ({counts[each]})' for each in likeliest)}", ""


def _best(kind: Kind, counts: Counter[str], written: Mapping[str, str], wrong: Iterable[str]) -> tuple[str, str]:
    """Return the class that most entries have of those that are telling, or that is spelt nearly as the one asked for."""
    telling = {name.lower(): origin for name, origin in _TELLING[kind].items()}
    for asked in (each.lower() for each in wrong):
        near = get_close_matches(asked, counts, n=1, cutoff=0.8)
        if near and asked not in telling:
            return written[near[0]], telling.get(near[0], "")
    known = [(name, origin) for name, origin in _TELLING[kind].items() if counts[name.lower()]]
    if not known:
        return "", ""
    most = max(counts[name.lower()] for name, _ in known)
    return next((name, origin) for name, origin in known if counts[name.lower()] == most)
