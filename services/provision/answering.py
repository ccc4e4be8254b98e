"""Which file a name is for, and its content or its place: what HTTP and TFTP have in common.

Nothing here knows a protocol's requests, answers or folders. What is refused raises `Unknown`, whatever the reason (law 7).
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from services.provision.contradictions import Contradictions
from services.provision.notes import Notes
from services.provision.refusals import Refusals
from services.provision.rendering import Renderer
from services.provision.scanning import Scanning
from services.provision.vendors.thomson.asking import Asked
from services.provision.vendors.thomson.filenames import FileName, FileNames, Kind
from services.provision.vendors.thomson.render import Transport
from services.provision.vendors.thomson.useragent import parse_user_agent
from shared.errors import EntryError, Unknown
from shared.mac import Mac
from shared.metrics import Metrics
from shared.store import Reader

Answer = bytes | Path
"""What was rendered, or a vendor file, whole in `provision.vendor_dir`."""


class _Asker(NamedTuple):
    """Who asks, by the names that a phone gives itself."""

    model: Asked
    mac: Mac | None
    """Of the User-Agent."""
    address: str
    """Of the client; "" where it does not matter."""


_Handler = Callable[[FileName, _Asker], Answer]


class Answering:
    """Answers names for one configuration and one transport. Safe to share between threads."""

    def __init__(self, renderer: Renderer, reader: Reader, metrics: Metrics, over: Transport) -> None:
        self._names: Final = FileNames(renderer.models)
        self._renderer = renderer
        self._reader = reader
        self._metrics = metrics
        self._over = over
        self._refusals = Refusals()
        self._scanning = Scanning()
        self._contradictions = Contradictions()
        self._notes = Notes()
        self._handlers: Mapping[Kind, _Handler] = {
            "general": self._general,
            "common": self._common,
            "phone": self._phone,
            "encrypted": self._encrypted,
        }
        metrics.watch(
            "scanning_addresses",
            "Addresses that lately asked this worker for many phones that are not served",
            lambda: len(self._scanning),
        )
        metrics.watch(
            "contradicting_phones",
            "Phones seen by this worker whose entry, User-Agent and file names disagree about the model",
            lambda: len(self._contradictions),
        )
        metrics.watch(
            "incomplete_phones",
            "Phones seen by this worker that got a file without keys that point at nobody",
            lambda: len(self._notes),
        )

    def answer(self, name: str, user_agent: str = "", *, in_data: bool, address: str = "") -> Answer:
        """Return what a name asks for, in any letter case.

        `in_data`: it was asked for in a model's folder of vendor files, so that any of these is meant too.
        `address`: the client's.
        Raises `Unknown`, `StoreUnavailable`.
        """
        asked = self._names.parse(name)
        if asked is not None:
            return self._handlers[asked.kind](asked, self._asker(asked, user_agent, address))
        if in_data:
            return self._vendor_file(name)
        raise Unknown("there is nothing at this path")

    def _asker(self, asked: FileName, user_agent: str, address: str) -> _Asker:
        agent = parse_user_agent(user_agent)
        if agent is None:
            return _Asker(Asked(asked.model), None, address)
        return _Asker(Asked(asked.model, self._renderer.models.of_user_agent(agent.model)), agent.mac, address)

    def _general(self, asked: FileName, asker: _Asker) -> Answer:
        with self._reader.snapshot() as db:
            return self._renderer.general(db, asker.model.choose(None), asked.mac or asker.mac, self._over)

    def _common(self, asked: FileName, _: _Asker) -> Answer:
        with self._reader.snapshot() as db:
            return self._renderer.common(db, asked.digest)

    def _phone(self, asked: FileName, asker: _Asker) -> Answer:
        mac = asked.mac
        assert mac is not None  # noqa: S101  # the name of a phone file holds one
        try:
            with self._reader.snapshot() as db:
                rendered = self._renderer.rendered(db, asker.model.choose(None), mac)
        except (Unknown, EntryError) as error:
            self._metrics.refused("unknown" if isinstance(error, Unknown) else "faulty")
            scans = self._scanning.refused(asker.address, mac)
            if not (scans and isinstance(error, Unknown)):  # a fault of an entry is told of whoever asks
                self._refusals.refused(mac, error)
            raise Unknown("this phone is not served") from None
        self._refusals.served(mac)
        self._contradictions.compare(mac, asker.model, rendered.model)
        self._notes.tell(mac, rendered.notes)
        return rendered.content

    def _encrypted(self, asked: FileName, _: _Asker) -> Answer:
        """The vendor's tool made the file, or there is none: phones ask for it at every boot and read a 404 as normal."""
        return self._vendor_file(f"{asked.model.prefix}_{asked.mac}.ser")

    def _vendor_file(self, name: str) -> Answer:
        path = self._renderer.vendor.find(name)
        if path is None:
            raise Unknown("there is no such vendor file")
        return path
