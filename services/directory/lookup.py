"""What the directory key would find, for the command line: rows instead of pages."""

from dataclasses import dataclass

from services.directory.paging import Row
from services.directory.search import Request, Search
from services.directory.words import parse_query
from shared.config import Config
from shared.store import Reader


@dataclass(frozen=True, slots=True)
class Found:
    """The first rows, and how many there are in all."""

    rows: tuple[Row, ...]
    total: int


def find_rows(config: Config, reader: Reader, query: str, limit: int) -> Found:
    """Return what a query finds, at most `limit` rows; nothing for an empty query. Raises `StoreUnavailable`."""
    asked = parse_query(query)
    with reader.snapshot() as db:
        if not asked.words:
            return Found((), 0)
        rows, total = Search(config).find_rows(db, Request(asked), limit)
    return Found(tuple(rows), total)
