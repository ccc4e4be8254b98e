"""JSON for everything that is no phone of the others. Pure.

The shape is ours, one object, UTF-8:

    {"total": 120, "first": 33, "note": "", "previous": "http://…", "next": "http://…",
     "rows": [{"name": "Martin, Alice", "label": "mobile", "telephone": "0639981060"}]}

`total`: of all rows of the query; `first`: the number of the first row here, from 1; `previous` and `next`: links, null
where there is nothing; `/json/search?q=…&first=33&count=32` asks for rows by their number. A refusal is
`{"error": "unavailable", "message": "…"}` with its HTTP status: `unknown` 404, `malformed` 400, `unavailable` 503, and `hint`
200, where the query says too little.
"""

import json
from typing import Final

from services.directory.dialects.markup import telephone_of, written
from services.directory.dialects.screen import Captions, Listing, Message, Profile, Screen, as_rows
from services.directory.paging import Book

PROFILE: Final = Profile("UTF-8", rows=100, style="pages", name_width=0, label_width=0, longest_url=255)


def content_type(_profile: Profile) -> str:
    """Return the value of the Content-Type header. JSON is UTF-8 whatever a profile says (RFC 8259 section 8.1)."""
    return "application/json"


def render(screen: Screen, profile: Profile, captions: Captions) -> bytes:
    """Return a message as an error; whatever else comes is a list of its rows."""
    if isinstance(screen, Message):
        return _encoded({"error": screen.outcome, "message": screen.text})
    if isinstance(screen, Book):
        return render_list(
            Listing(screen.rows, 1, len(screen.rows), screen.note, screen.previous, screen.next), profile
        )
    rows = as_rows(screen, captions)
    return render_list(Listing(tuple(rows), 1, len(rows)), profile)


def render_list(listing: Listing, profile: Profile) -> bytes:
    """Return the rows of a listing."""
    charset = profile.charset
    rows = [
        {"name": written(row.name, charset), "label": row.label, "telephone": telephone_of(row, profile)}
        for row in listing.rows
    ]
    links = {"previous": listing.previous or None, "next": listing.next or None}
    return _encoded({"total": listing.total, "first": listing.first, "note": listing.note, **links, "rows": rows})


def _encoded(value: dict[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", errors="replace") + b"\n"
