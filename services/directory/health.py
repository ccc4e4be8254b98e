"""What the directory service warns of: a phonebook in which nobody is. It names no entry, and nothing of who is hidden but that."""

import sqlite3
from collections.abc import Iterator
from typing import Final

from services.directory.phonebooks import books_of, restriction
from shared.config import Config
from shared.health import Warned, empty_kinds, nothing_found
from shared.ldap.source import Kind

_ANY_HIDDEN: Final = "SELECT 1 FROM hidden WHERE kind = ? LIMIT 1"
_ANY_ROW: Final = "SELECT 1 FROM contacts LIMIT 1"
_ANY_LISTED: Final = "SELECT 1 FROM contact_terms WHERE contact_terms MATCH ? LIMIT 1"
_SEE: Final = "`dialtree lint` says why"


class DirectoryHealth:
    """The `Health` of the directory service."""

    codes: tuple[str, ...] = ("no-person", "all-hidden", "no-number", "no-phone", "phonebook-empty")

    def __init__(self, config: Config) -> None:
        books = books_of(config)
        self._chosen = tuple(book for book in books if book.kind in ("group", "filter"))
        self._needs_callers = any(book.kind.startswith("my-") for book in books)

    def warnings(self, db: sqlite3.Connection) -> Iterator[Warned]:
        """Yield what is suspicious now; where the whole phonebook is empty, not each part of it."""
        if self._needs_callers and any(empty_kinds(db, (Kind.PHONE,))):
            yield nothing_found("directory", "lint", Kind.PHONE)
        if any(empty_kinds(db, (Kind.PERSON,))):
            if db.execute(_ANY_HIDDEN, (Kind.PERSON,)).fetchone():
                yield Warned("all-hidden", f"everybody is hidden, so the phonebook is empty; {_SEE}")
            else:
                yield nothing_found("directory", "lint", Kind.PERSON)
        elif not db.execute(_ANY_ROW).fetchone():
            yield Warned("no-number", f"nobody has a number that can be dialled, so the phonebook is empty; {_SEE}")
        else:
            for book in self._chosen:
                if not db.execute(_ANY_LISTED, (restriction(book, None),)).fetchone():
                    yield Warned("phonebook-empty", f"the phonebook of slot {book.slot} lists nobody; {_SEE}")
