"""Where a person belongs (site, departments, phonebooks), as terms of the index. Pure: no SQL, no LDAP, no page.

A row of the phonebook carries its person's terms, so "my department only" or "my site first" is one more look-up in the
index. A term is short and says nothing to a reader: `==d` and a digest of the folded text, so that `R&D Lyon` and
`r&d  LYON` are one department. No word and no number key begins with `==` (`services.directory.words`).
"""

import hashlib
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Final

from shared.people import Person
from shared.text import fold

_SITE: Final = "==s"
_DEPARTMENT: Final = "==d"
_SLOT: Final = "==b"
_DIGEST_BYTES: Final = 5


def site_terms(sites: Iterable[str]) -> tuple[str, ...]:
    """Return the terms of sites, each once, sorted."""
    return tuple(sorted({term for site in sites if (term := _term(_SITE, site))}))


def department_terms(departments: Iterable[str]) -> tuple[str, ...]:
    """Return the terms of departments, each once, sorted."""
    return tuple(sorted({term for department in departments if (term := _term(_DEPARTMENT, department))}))


def slot_term(slot: int) -> str:
    """Return the term of what a phonebook of a group or a filter lists."""
    return f"{_SLOT}{slot}"


def belonging_terms(person: Person, slots: Collection[int]) -> tuple[str, ...]:
    """Return all terms of a person: site, departments, and the phonebooks that list this person."""
    if not (person.sites or person.departments or slots):
        return ()
    return (
        *site_terms(person.sites),
        *department_terms(person.departments),
        *(slot_term(slot) for slot in sorted(slots)),
    )


@lru_cache(maxsize=8192)
def _term(prefix: str, text: str) -> str:
    folded = " ".join(fold(text).split())
    return prefix + hashlib.blake2b(folded.encode(), digest_size=_DIGEST_BYTES).hexdigest() if folded else ""
