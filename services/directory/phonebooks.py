"""The phonebooks of the configuration: whom each one lists, and what a search in one is restricted to. Pure: no SQL, no page.

`everyone` restricts nothing. `my-department` and `my-site` compare the caller's own terms; a caller who is not known, or
belongs to none, gets everyone: what a phone says of itself is no proof of anything (design law 13), so nothing is kept from
it either, and an empty phonebook would look like a fault. A group or a filter restricts to a term that the mirror gives
to those it lists.
"""

from collections.abc import Iterator

from services.directory.belonging import slot_term
from services.directory.callers import Caller
from shared.config import Config, Phonebook
from shared.ldap.entry import Entry
from shared.ldap.filters import Filter, matches, parse_filter


def books_of(config: Config) -> tuple[Phonebook, ...]:
    """Return the phonebooks in the order of their slots."""
    return tuple(sorted(config.directory.phonebooks, key=lambda book: book.slot))


def restriction(book: Phonebook, caller: Caller | None) -> str:
    """Return the FTS5 expression that every row of this phonebook fulfils for this caller; "": all rows do."""
    terms = [f'"{term}"' for term in _asked(book, caller)]
    return f"({' OR '.join(terms)})" if len(terms) > 1 else "".join(terms)


def _asked(book: Phonebook, caller: Caller | None) -> tuple[str, ...]:
    if book.kind in ("group", "filter"):
        return (slot_term(book.slot),)
    if caller is None or book.kind == "everyone":
        return ()
    if book.kind == "my-department":
        return caller.departments
    return caller.sites


class FilterBooks:
    """The phonebooks that a filter defines, prepared to be asked of many entries."""

    def __init__(self, config: Config) -> None:
        self._filters: tuple[tuple[int, Filter], ...] = tuple(
            (book.slot, parse_filter(book.filter)) for book in books_of(config) if book.kind == "filter"
        )

    def slots(self, entry: Entry) -> Iterator[int]:
        """Yield the slots of those that list this person."""
        return (slot for slot, tree in self._filters if matches(tree, entry.attributes))
