"""A directory read whole and at once, for commands that look at it instead of following it.

What is known of an entry is what the streams ask for, and the attributes by which they choose: enough to answer the same
searches again after a change that has not been made yet.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from shared.ldap.entry import Entry, dn_key
from shared.ldap.entrysearch import EntrySearch
from shared.ldap.filters import names_in, parse_filter
from shared.ldap.source import Kind, Source, Stream, Upsert

Whole = Mapping[str, Entry]
"""Entries by the key of their DN."""


def read_whole(source: Source, streams: Sequence[Stream], show: Callable[[int], None] = lambda _: None) -> Whole:
    """Read everything that the streams find. `show` is told how many there are so far. Raises `SourceUnavailable`, `LdifError`."""
    chosen_by = sorted(
        {"objectclass"}.union(*(map(str.lower, names_in(parse_filter(stream.filter))) for stream in streams))
    )
    entries: dict[str, Entry] = {}
    source.connect()
    try:
        for stream in streams:
            for item in source.poll(replace(stream, attributes=(*stream.attributes, *chosen_by)), None):
                if isinstance(item, Upsert):
                    key = dn_key(item.entry.dn)
                    known = entries.get(key)
                    attributes = {**known.attributes, **item.entry.attributes} if known else item.entry.attributes
                    entries[key] = Entry(item.entry.uuid, item.entry.dn, attributes)
                    show(len(entries))
    finally:
        source.close()
    return entries


Found = Sequence[tuple[Kind, Entry]]
"""Entries, each as a kind that finds it, with what was asked for."""


def read_found(source: Source, streams: Sequence[Stream], show: Callable[[int], None] = lambda _: None) -> Found:
    """Read what each stream finds, as the directory itself answers it: a server knows its schema, and `found_by` does not.

    `show` is told how many there are so far. Raises `SourceUnavailable`, `LdifError`.
    """
    found: list[tuple[Kind, Entry]] = []
    source.connect()
    try:
        for stream in streams:
            for item in source.poll(stream, None):
                if isinstance(item, Upsert):
                    found.append((stream.kind, item.entry))
                    show(len(found))
    finally:
        source.close()
    return found


def found_by(streams: Sequence[Stream], whole: Whole) -> Iterator[tuple[Kind, Entry]]:
    """Yield what the streams find: each entry, as each kind that finds it, with what was asked for."""
    for stream in streams:
        search = EntrySearch(stream)
        for key, entry in whole.items():
            if search.reaches(key) and search.takes(key, entry):
                yield stream.kind, search.reduced(entry)
