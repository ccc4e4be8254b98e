"""Which file a request is for, and its answer. A route parses, finds, renders, answers.

Phones of 2010 ask in odd ways (design law 8): any letter case, doubled slashes, a forgotten one. What is refused looks
the same whatever the reason (law 7), and nobody is ever redirected or shown a folder.
"""

import mimetypes
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from flask import Response, send_file

from services.provision.contradictions import Contradictions
from services.provision.refusals import Refusals
from services.provision.rendering import Renderer
from services.provision.vendors.thomson.asking import Asked
from services.provision.vendors.thomson.filenames import FileName, FileNames, Kind
from services.provision.vendors.thomson.useragent import parse_user_agent
from shared.errors import EntryError, Unknown
from shared.mac import Mac
from shared.metrics import Metrics
from shared.store import Reader

_NO_STORE: Final = {"Cache-Control": "no-store"}


class _Asker(NamedTuple):
    """Who asks, by the names that a phone gives itself."""

    model: Asked
    mac: Mac | None
    """Of the User-Agent."""


_Handler = Callable[[FileName, _Asker], Response]


class Routes:
    """Answers paths for one configuration."""

    def __init__(self, path_prefix: str, renderer: Renderer, reader: Reader, metrics: Metrics) -> None:
        self._prefix = path_prefix.lower()
        self._data_folders = {f"{self._prefix}/{model.folder.lower()}/data" for model in renderer.models}
        self._names = FileNames(renderer.models)
        self._renderer = renderer
        self._reader = reader
        self._metrics = metrics
        self._refusals = Refusals()
        self._contradictions = Contradictions()
        self._handlers: Mapping[Kind, _Handler] = {
            "general": self._general,
            "common": self._common,
            "phone": self._phone,
            "encrypted": self._encrypted,
        }
        metrics.watch(
            "contradicting_phones",
            "Phones seen by this worker whose entry, User-Agent and file names disagree about the model",
            lambda: len(self._contradictions),
        )

    def answer(self, path: str, user_agent: str = "") -> Response:
        """Return the file at a path (decoded, one slash where there were several). Raises `Unknown`, `StoreUnavailable`."""
        folder, _, name = path.rpartition("/")
        inside = not folder or f"{folder}/".lower().startswith(f"{self._prefix}/")
        if inside and not {".", ".."} & set(folder.split("/")):
            asked = self._names.parse(name)
            if asked is not None:
                return self._handlers[asked.kind](asked, self._asker(asked, user_agent))
            if folder.lower() in self._data_folders:
                return self._vendor_file(name)
        raise Unknown("there is nothing at this path")

    def _asker(self, asked: FileName, user_agent: str) -> _Asker:
        agent = parse_user_agent(user_agent)
        if agent is None:
            return _Asker(Asked(asked.model), None)
        return _Asker(Asked(asked.model, self._renderer.models.of_user_agent(agent.model)), agent.mac)

    def _general(self, asked: FileName, asker: _Asker) -> Response:
        with self._reader.snapshot() as db:
            return _text(self._renderer.general(db, asker.model.choose(None), asked.mac or asker.mac))

    def _common(self, asked: FileName, _: _Asker) -> Response:
        with self._reader.snapshot() as db:
            return _text(self._renderer.common(db, asked.digest))

    def _phone(self, asked: FileName, asker: _Asker) -> Response:
        mac = asked.mac
        assert mac is not None  # noqa: S101  # the name of a phone file holds one
        try:
            with self._reader.snapshot() as db:
                rendered = self._renderer.rendered(db, asker.model.choose(None), mac)
        except (Unknown, EntryError) as error:
            self._metrics.refused("unknown" if isinstance(error, Unknown) else "faulty")
            self._refusals.refused(mac, error)
            raise Unknown("this phone is not served") from None
        self._refusals.served(mac)
        self._contradictions.compare(mac, asker.model, rendered.model)
        return _text(rendered.content)

    def _encrypted(self, asked: FileName, _: _Asker) -> Response:
        """The vendor's tool made the file, or there is none: phones ask for it at every boot and read a 404 as normal."""
        return self._vendor_file(f"{asked.model.prefix}_{asked.mac}.ser")

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
