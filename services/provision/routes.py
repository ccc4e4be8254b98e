"""Which file a request is for, and its answer. A route parses, finds, renders, answers.

Phones of 2010 ask in odd ways (design law 8): any letter case, doubled slashes, a forgotten one. What is refused looks
the same whatever the reason (law 7), and nobody is ever redirected or shown a folder.
"""

import mimetypes
import re
from collections.abc import Callable
from typing import Final

from flask import Response, send_file

from services.provision.refusals import Refusals
from services.provision.rendering import Renderer
from shared.errors import EntryError, Unknown
from shared.mac import Mac
from shared.metrics import Metrics
from shared.store import Reader

Handler = Callable[[str], Response]
"""Takes the part of the file name that the pattern captures."""

_NO_STORE: Final = {"Cache-Control": "no-store"}


class Routes:
    """Answers paths for one configuration."""

    def __init__(self, path_prefix: str, renderer: Renderer, reader: Reader, metrics: Metrics) -> None:
        self._prefix = path_prefix.lower()
        self._data = f"{self._prefix}/st2030/data/"
        self._renderer = renderer
        self._reader = reader
        self._metrics = metrics
        self._refusals = Refusals()
        self._table: tuple[tuple[re.Pattern[str], Handler], ...] = tuple(
            (re.compile(pattern, re.IGNORECASE | re.ASCII), handler)
            for pattern, handler in (
                (r"ST2030(?:S|S-ip|S_[0-9A-F]{12})?()\.inf", self._general),
                (r"(?:config)?ComConf2030S-([0-9a-f]{16})\.txt", self._common),
                (r"(?:config)?ST2030S_([0-9A-F]{12})\.ser", self._encrypted),
                (r"(?:config)?ST2030S_([0-9A-F]{12})\.txt", self._phone),
            )
        )

    def answer(self, path: str) -> Response:
        """Return the file at a path (decoded, one slash where there were several). Raises `Unknown`, `StoreUnavailable`."""
        folder, _, name = path.rpartition("/")
        inside = not folder or f"{folder}/".lower().startswith(f"{self._prefix}/")
        if inside and not {".", ".."} & set(folder.split("/")):
            for pattern, handler in self._table:
                match = pattern.fullmatch(name)
                if match:
                    return handler(match[1])
            if f"{folder}/".lower() == self._data:
                return self._vendor_file(name)
        raise Unknown("there is nothing at this path")

    def _general(self, _: str) -> Response:
        with self._reader.snapshot() as db:
            return _text(self._renderer.general(db, self._renderer.models.usual))

    def _common(self, digest: str) -> Response:
        with self._reader.snapshot() as db:
            return _text(self._renderer.common(db, digest.lower()))

    def _phone(self, address: str) -> Response:
        mac = Mac(address.upper())
        try:
            with self._reader.snapshot() as db:
                content = self._renderer.phone(db, self._renderer.models.usual, mac)
        except (Unknown, EntryError) as error:
            self._metrics.refused("unknown" if isinstance(error, Unknown) else "faulty")
            self._refusals.refused(mac, error)
            raise Unknown("this phone is not served") from None
        self._refusals.served(mac)
        return _text(content)

    def _encrypted(self, address: str) -> Response:
        """The vendor's tool made the file, or there is none: phones ask for it at every boot and read a 404 as normal."""
        return self._vendor_file(f"ST2030S_{address}.ser")

    def _vendor_file(self, name: str) -> Response:
        path = self._renderer.vendor.find(name)
        if path is None:
            raise Unknown("there is no such vendor file")
        kind = mimetypes.types_map.get(path.suffix.lower(), "application/octet-stream")
        try:
            return send_file(path.resolve(), mimetype=kind, conditional=False, etag=False)
        except OSError:  # gone since the folder was listed
            raise Unknown("the vendor file is gone") from None


def _text(content: bytes) -> Response:
    return Response(content, content_type="text/plain; charset=iso-8859-1", headers=_NO_STORE)
