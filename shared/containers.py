"""Entries under which others stand, watched for their DNs: no server reports what a moved branch took with it.

Only digests of their DNs and stamps are kept, in memory: they are there to be compared, and a branch may be hidden. (A branch
that went away and came back between two looks has its DN, and another stamp.) What to do about it is decided elsewhere.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from shared.errors import RefreshRequired
from shared.hiding import mark_of
from shared.ldap.entry import dn_key
from shared.ldap.mapping import CONTAINER_CLASSES
from shared.ldap.source import Change, Delete, Done, Kind, Present, Source, Stream, Upsert

_FILTER: Final = f"(|{''.join(f'(objectClass={name})' for name in CONTAINER_CLASSES)})"


class Containers:
    """The containers at and below one base, as one server shows them."""

    def __init__(self, base: str) -> None:
        self._stream = Stream(Kind.CONTAINER, base, "subtree", _FILTER, ())
        self._marks: dict[str, int] = {}
        self._cookie: bytes | None = None
        self._server = ""

    def have_moved(self, source: Source, server: str) -> bool:
        """Ask what changed, and tell whether a container came, went, moved or was edited. The first answer tells nothing.

        Raises `SourceUnavailable`.
        """
        if server != self._server:
            self._server, self._cookie = server, None
        first = not self._marks
        try:
            changed = self._apply(source.poll(self._stream, self._cookie), whole=self._cookie is None)
        except RefreshRequired:
            changed = self._apply(source.poll(self._stream, None), whole=True)
        return changed and not first

    def _apply(self, answer: Iterable[Change | Done], *, whole: bool) -> bool:
        marks = dict(self._marks)
        mentioned: set[str] = set()
        for item in answer:
            match item:
                case Upsert(entry):
                    marks[entry.uuid] = mark_of(f"{entry.dn}\0{entry.stamp}")
                    mentioned.add(entry.uuid)
                case Present(uuids):
                    mentioned.update(uuids)
                case Delete(uuids):
                    for uuid in uuids:
                        marks.pop(uuid, None)
                case Done():
                    if whole or item.complete:
                        marks = {uuid: mark for uuid, mark in marks.items() if uuid in mentioned}
                    self._cookie = item.cookie
        changed = marks != self._marks
        self._marks = marks
        return changed


def containers_of(streams: Sequence[Stream]) -> tuple[Containers, ...]:
    """Return the containers of all that these streams find: below each base that is not below another."""
    bases = {dn_key(stream.base): stream.base for stream in streams}
    return tuple(
        Containers(base)
        for key, base in bases.items()
        if not any(key != other and (key.endswith(f",{other}") or not other) for other in bases)
    )
