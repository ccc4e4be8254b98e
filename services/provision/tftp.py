"""The provision service over TFTP, for phones that DHCP sends here with option 66 or 150. It only ever reads.

`tftpy` has the protocol: packets, blocks, repetition. Its server loop is not used: a malformed packet would end it, it reads
any file below a root, and takes as many sessions as come. The loop here keeps each session's faults to that session.

**Refusals.** Whatever is not served is "file not found" (law 7), writing is an "access violation", and what is no request
gets no answer at all. Nor does a request while the store cannot be read: TFTP has no word for "later", and a phone repeats.

**Rates.** Who asks too often gets no answer either, see `tftplimits`; of what is refused a log has one line an address and minute.

**Who asks** is the sender's address, held to `provision.allow`. There is no proxy in between. IPv4 only, as the phones.
"""

import io
import logging
import os
import selectors
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, BinaryIO, Final, NamedTuple

from tftpy.TftpContexts import TftpContextServer
from tftpy.TftpPacketTypes import TftpPacketRRQ, TftpPacketWRQ
from tftpy.TftpShared import MIN_BLKSIZE, TftpErrors, TftpException, TftpTimeout, TftpTimeoutExpectACK
from tftpy.TftpStates import TftpState, TftpStateExpectACK

from services.provision.answering import Answering
from services.provision.leftovers import LeftoverOptions
from services.provision.reports import printable
from services.provision.tftplimits import Limits, Quiet
from shared.errors import DialtreeError, Unavailable, Unknown, crash_report
from shared.metrics import Metrics
from shared.settings import Address

_MOST_SESSIONS: Final = 256
_MOST_OF_ONE: Final = 16
"""Transfers at a time of one address: several phones may be behind it, but it must not take the place of all others."""
_REPEAT_SECONDS: Final = 2.0
_REPEATS: Final = 5
_LONGEST_SECONDS: Final = 900.0
"""A firmware of several MB over a poor line takes minutes; a session that goes on for longer is none."""
_LARGEST_BLOCK: Final = 65464
"""RFC 2348."""
_LONGEST_PACKET: Final = 1024
"""Of a request or an acknowledgement; what is cut off here is no request."""
_LONGEST_NAME: Final = 200

log = logging.getLogger("dialtree.tftp")


class Refused(Exception):
    """A request is answered with an error packet. `code`: of RFC 1350."""

    def __init__(self, code: int, why: str) -> None:
        self.code = code
        super().__init__(why)


class TftpFiles:
    """Which file a name over TFTP is for."""

    def __init__(self, answering: Answering, folders: frozenset[str]) -> None:
        """`folders`: of the models, any letter case."""
        self._answering = answering
        self.leftovers: Final = LeftoverOptions(folders)
        self._data_folders = {(folder.lower(), "data") for folder in folders}

    def open(self, path: str, address: str = "") -> BinaryIO:
        """Return the content for the client with this address. Raises `Unknown`, `StoreUnavailable`.

        A phone's own file is asked for in the root, a general file with or without a folder, all else as the general file
        has it, perhaps below the general file's folder. So the folder counts for vendor files only.
        """
        if len(path) > _LONGEST_NAME or not path.isprintable():
            raise Unknown("there is nothing at this path")
        *folders, name = [part for part in path.replace("\\", "/").split("/") if part] or [""]
        if {".", ".."} & {*folders, name}:
            raise Unknown("there is nothing at this path")
        in_data = tuple(folder.lower() for folder in folders[-2:]) in self._data_folders
        content = self._answering.answer(name, in_data=in_data, address=address)
        if isinstance(content, bytes):
            return io.BytesIO(content)
        try:
            return content.open("rb")
        except OSError:  # gone since the folder was listed
            raise Unknown("the vendor file is gone") from None


class _Start(TftpState):  # type: ignore[misc]  # tftpy has no types
    """A session's first state: takes the request, in place of tftpy's, which would look for files on the disk."""

    def __init__(self, context: Any, open_file: Callable[[str], BinaryIO]) -> None:
        super().__init__(context)
        self._open = open_file

    def handle(self, pkt: Any, raddress: str, rport: int) -> Any:  # noqa: ARG002  # tftpy's names
        context = self.context
        context.tidport = rport
        if isinstance(pkt, TftpPacketWRQ):
            raise Refused(TftpErrors.AccessViolation, "writing")
        if not isinstance(pkt, TftpPacketRRQ):
            raise TftpException("no request")
        context.file_to_transfer = pkt.filename
        context.fileobj = self._open(pkt.filename)
        context.options = _accepted(pkt.options, context.fileobj)
        if context.options:
            self.sendOACK()  # acknowledged as block 0
        else:
            context.next_block = 1
            context.pending_complete = self.sendDAT()
        return TftpStateExpectACK(context)


def _accepted(asked: dict[str, str], file: BinaryIO) -> dict[str, str]:
    """Return the options that are granted (RFC 2347: none that was not asked for; what is not understood is left out)."""
    granted = {}
    for name, value in asked.items():
        if name.lower() == "blksize" and value.isdecimal() and int(value) >= MIN_BLKSIZE:
            granted["blksize"] = str(min(int(value), _LARGEST_BLOCK))
        elif name.lower() == "tsize":
            granted["tsize"] = str(file.seek(0, os.SEEK_END))
            file.seek(0)
    return granted


class _Peer(NamedTuple):
    host: str
    port: int


class _Session:
    """One transfer."""

    def __init__(self, peer: _Peer, request: bytes, open_file: Callable[[str], BinaryIO]) -> None:
        self.peer = peer
        self.request = request
        self.began = time.monotonic()
        self.context: Any = TftpContextServer(*peer, _REPEAT_SECONDS, "", retries=_REPEATS, flock=False)
        self.context.state = _Start(self.context, open_file)
        self.socket: socket.socket = self.context.sock
        self.socket.connect(peer)  # from now on the kernel lets nobody else speak

    @property
    def is_done(self) -> bool:
        return self.context.state is None

    @property
    def name(self) -> str:
        """What was asked for, for the log."""
        return printable(str(self.context.file_to_transfer or "?")[:_LONGEST_NAME])

    def start(self) -> None:
        """Take the request. Raises `Refused`, `DialtreeError`, what tftpy raises."""
        self.context.start(self.request)

    def refuse(self, code: int) -> None:
        """Send an error."""
        self.context.state.sendError(code)

    def is_replaced_by(self, request: bytes) -> bool:
        """Say whether a further request from the same port is a new one, and not the same once more by impatience."""
        return request != self.request or bool(self.context.pending_complete)

    def go_on(self) -> None:
        """Take a packet."""
        self.context.timeout_expectACK = False
        try:
            self.context.cycle()
        except TftpTimeoutExpectACK:
            self.context.timeout_expectACK = True

    def repeat(self) -> None:
        """Send the last packet again if it is time. Raises `TftpException` after the last time."""
        if time.monotonic() - self.began > _LONGEST_SECONDS:
            raise TftpException("it takes too long")
        try:
            self.context.checkTimeout(time.time())
        except TftpTimeout:
            self.context.retry_count += 1
            if self.context.retry_count > _REPEATS:
                raise TftpException("the phone went away") from None
            self.context.last_update = time.time()
            self.context.timeout_expectACK = False
            self.context.state.resendLast()

    def end(self) -> None:
        self.context.end()


class TftpServer:
    """Serves one socket; `run` in one thread, `stop` by an event."""

    def __init__(
        self,
        listener: socket.socket,
        files: TftpFiles,
        is_allowed: Callable[[str], bool],
        metrics: Metrics,
        rate: int = 50,
    ) -> None:
        """`listener` is bound already; it is ours from now on. `rate`: requests per second and address."""
        logging.getLogger("tftpy").setLevel(logging.CRITICAL)  # it tells every packet
        self._listener = listener
        self._files = files
        self._is_allowed = is_allowed
        self._metrics = metrics
        self._limits = Limits(rate)
        self._quiet = Quiet()
        self._sessions: dict[_Peer, _Session] = {}
        self._selector = selectors.DefaultSelector()
        listener.setblocking(False)
        self._selector.register(listener, selectors.EVENT_READ)

    def run(self, stop: threading.Event) -> None:
        """Answer until `stop`; transfers in flight are cut off then, and phones ask again."""
        looked = time.monotonic()
        while not stop.is_set():
            for key, _ in self._selector.select(0.2):
                session: _Session | None = key.data
                if session is None:
                    self._accept()
                elif self._sessions.get(session.peer) is session:  # not replaced a moment ago
                    self._guarded(session, session.go_on)
            if time.monotonic() - looked > _REPEAT_SECONDS / 4:
                looked = time.monotonic()
                for each in list(self._sessions.values()):
                    self._guarded(each, each.repeat)
        for each in list(self._sessions.values()):
            self._end(each)
        self._selector.close()
        self._listener.close()

    def _accept(self) -> None:
        try:
            request, address = self._listener.recvfrom(_LONGEST_PACKET)
        except OSError:  # an earlier answer could not be delivered
            return
        peer = _Peer(*address)
        if not self._limits.allow(peer.host, is_known=self._is_allowed(peer.host)):
            self._metrics.request("tftp", 429, 0.0)
            self._quiet.tell(peer.host, "asks too often and gets no answer")
            return
        before = self._sessions.get(peer)
        if before is not None:
            if not before.is_replaced_by(request):
                return
            self._end(before)
        of_one = Counter(known.host for known in self._sessions)[peer.host]
        if len(self._sessions) >= _MOST_SESSIONS or of_one >= _MOST_OF_ONE:
            log.debug("%s is left to ask again: too many transfers", peer.host)
            return
        try:
            session = _Session(peer, request, lambda path: self._open(peer, path))
        except OSError as error:
            log.warning("%s cannot be answered: %s", peer.host, error.strerror)
            return
        self._sessions[peer] = session
        self._selector.register(session.socket, selectors.EVENT_READ, session)
        self._guarded(session, session.start)

    def _open(self, peer: _Peer, path: str) -> BinaryIO:
        if not self._is_allowed(peer.host):
            raise Unknown("this client is not answered")
        try:
            return self._files.open(path, peer.host)
        except Unknown:
            self._files.leftovers.refused(peer.host, path)
            raise

    def _guarded(self, session: _Session, step: Callable[[], None]) -> None:
        """Take a step of a session; whatever breaks ends that session alone."""
        try:
            step()
            if session.is_done:
                self._finish(session, 200, "sent")
        except (Refused, Unknown) as error:
            code = error.code if isinstance(error, Refused) else TftpErrors.FileNotFound
            self._guarded_refusal(session, code)
            self._finish(session, 404, "not found" if isinstance(error, Unknown) else "refused")
        except Unavailable as error:
            log.warning("%s", error)
            self._finish(session, 503, "unavailable")
        except (TftpException, OSError, ValueError, struct.error):  # what phones send, and phones that go away
            self._finish(session, 400, "broken off")
        except Exception as error:  # noqa: BLE001  # the outermost loop: one request must not end the service
            log.error("a transfer failed: %s", crash_report(error))  # noqa: TRY400  # the report has the traceback
            self._finish(session, 503, "failed")

    def _guarded_refusal(self, session: _Session, code: int) -> None:
        try:
            session.refuse(code)
        except OSError as error:
            log.debug("%s cannot be told: %s", session.peer.host, error.strerror)

    def _finish(self, session: _Session, status: int, outcome: str) -> None:
        seconds = time.monotonic() - session.began
        self._metrics.request("tftp", status, seconds)
        sent = session.context.metrics.bytes
        line = f"{session.name} {outcome} {sent} {seconds * 1000:.1f}"
        if status == 200:  # noqa: PLR2004
            log.info("%s %s", session.peer.host, line)
        else:
            self._quiet.tell(session.peer.host, line)
        self._end(session)

    def _end(self, session: _Session) -> None:
        self._sessions.pop(session.peer, None)
        self._selector.unregister(session.socket)
        session.end()


def bind(address: Address) -> socket.socket:
    """Return a bound socket. Raises `DialtreeError` with the mend."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        listener.bind((address.host, address.port))
    except OSError as error:
        listener.close()
        mend = "another TFTP server may have it; stop that one, or change provision.tftp_listen"
        if isinstance(error, PermissionError):
            mend = "ports below 1024 need CAP_NET_BIND_SERVICE: AmbientCapabilities= of systemd, or start it as root"
        raise DialtreeError(f"UDP {address} cannot be bound: {error.strerror}; {mend}") from None
    return listener
