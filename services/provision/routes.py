"""From the path of a request over HTTP to the response; which file it is stands in `answering`.

Phones of 2010 ask in odd ways (design law 8): any letter case, doubled slashes, a forgotten one. What is refused looks
the same whatever the reason (law 7), and nobody is ever redirected or shown a folder.
"""

import mimetypes
from typing import Final

from flask import Response, send_file

from services.provision.answering import Answering
from services.provision.rendering import Renderer
from shared.errors import Unknown
from shared.lean import WholeResponse
from shared.metrics import Metrics
from shared.store import Reader

_TEXT: Final = "text/plain; charset=iso-8859-1"


class Routes:
    """Answers paths for one configuration."""

    def __init__(self, path_prefix: str, renderer: Renderer, reader: Reader, metrics: Metrics) -> None:
        self._below = f"{path_prefix.lower()}/"
        self._data_folders = {f"{self._below}{model.folder.lower()}/data" for model in renderer.models}
        self._answering = Answering(renderer, reader, metrics, "http")

    def answer(self, path: str, user_agent: str = "", address: str = "") -> Response:
        """Return the file at a path (decoded, one slash where there were several), for the client with this address.

        Raises `Unknown`, `StoreUnavailable`.
        """
        at, _, name = path.rpartition("/")
        folder = at.lower()
        inside = not folder or f"{folder}/".startswith(self._below)
        if not inside or ("/." in folder and {".", ".."} & set(folder.split("/"))):
            raise Unknown("there is nothing at this path")
        content = self._answering.answer(name, user_agent, in_data=folder in self._data_folders, address=address)
        if isinstance(content, bytes):
            response = WholeResponse(content, content_type=_TEXT)
            response.headers.add("Cache-Control", "no-store")
            return response
        kind = mimetypes.types_map.get(content.suffix.lower(), "application/octet-stream")
        try:
            return send_file(content.resolve(), mimetype=kind, conditional=False, etag=False)
        except OSError:  # gone since the folder was listed
            raise Unknown("the vendor file is gone") from None
