"""What ldapsearch (OpenLDAP) writes beside the entries: search references, and how the search ended. Pure."""

from collections.abc import Sequence
from typing import Final

from shared.ldap.ldiflines import error_at

_WORDS: Final = frozenset({"search", "result", "ref", "matcheddn", "text", "control", "pagedresults"})
_SUCCESS: Final = "0"


class SearchResult:
    """The records of a file that are no entries. A search that was cut short is an error: entries may be missing."""

    def __init__(self, name: str) -> None:
        """`name`: the file's, for messages."""
        self._name = name
        self._open_page = 0

    def takes(self, record: Sequence[tuple[int, str, str]]) -> bool:
        """Tell whether a record (line number, attribute in lower case, value) is one of ldapsearch's. Raises `LdifError`."""
        if not all(attribute in _WORDS for _, attribute, _ in record):
            return False
        for number, attribute, value in record:
            if attribute == "result" and value.split()[:1] != [_SUCCESS]:
                problem = f"the search ended with result {value.strip()}, so entries may be missing; export all of them"
                raise error_at(self._name, number, problem)
            if attribute == "pagedresults":
                cookie = value.partition("cookie=")[2].strip()
                self._open_page = number if cookie else 0
        return True

    def check(self) -> None:
        """Raise `LdifError` when a page of results is the last in the file and not that of the search."""
        if self._open_page:
            problem = "the search has more pages than the file, so entries are missing; export all of them"
            raise error_at(self._name, self._open_page, problem)
