"""One waitress server on one listening socket: what phones may send, limits, and an end that answers who is waiting.

**One thread.** An answer waits for nothing but a local file, so threads would only hand the interpreter's lock to and fro:
each call of SQLite gives it up, and gets it back when another thread lets go. Requests are served between two rounds of
the socket loop instead, which doubles what a worker answers; a machine's other cores are for other workers.

It knows nothing of processes (`shared.workers`) and nothing of what is served.
"""

import logging
import re
import socket
import sys
import threading
import time
from collections import Counter, deque
from typing import Any, Final
from wsgiref.types import WSGIApplication

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import Task, ThreadedTaskDispatcher

from shared.connections import GRACE_SECONDS, MOST, Connection, State, excess, overdue

BACKLOG: Final = 1024
"""Connections that may wait in the kernel, for a listener of ours."""
DRAIN_SECONDS: Final = 10.0
"""How long requests in flight have to finish when a server ends."""
_FIRST_REQUEST_SECONDS: Final = 2.0
"""How long a connection that has asked nothing yet may still ask when a server ends."""
_LOOK_SECONDS: Final = 1.0
"""How often connections are looked through that wait for their clients."""
_TELL_SECONDS: Final = 60.0
_LINE: Final = re.compile(rb"(?P<method>[^ ]+) +(?P<uri>.+?)(?P<version> +HTTP/[0-9.]+)?", re.DOTALL)
_RAW: Final = re.compile(rb"[^\x21-\x7e]")

log = logging.getLogger("dialtree.connections")


class Server:
    """A waitress server; `run` in one thread, `stop` from any other."""

    def __init__(self, app: WSGIApplication, listener: socket.socket) -> None:
        """`listener` is bound and listening already; it is ours from now on."""
        logging.getLogger("waitress").setLevel(logging.ERROR)
        self._map: dict[int, Any] = {}
        self._stopping = threading.Event()
        self._tasks = _Tasks()
        self._server: Any = _TcpServer(
            app,
            self._map,
            _sock=listener,
            adj=_adjustments(),
            dispatcher=self._tasks,
            bind_socket=False,
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
        )

    def run(self) -> None:
        """Answer until `stop`; then accept nothing more, finish what was begun within `DRAIN_SECONDS`, and return."""
        while not self._stopping.is_set():
            self._turn(GRACE_SECONDS if self._server.is_crowded else _LOOK_SECONDS)
        self._server.del_channel()
        self._server.socket.close()
        deadline = time.monotonic() + DRAIN_SECONDS
        while self._close_idle() and time.monotonic() < deadline:
            self._turn(0.1)
        self._server.trigger.close()

    def stop(self) -> None:
        """Let `run` end."""
        if not self._stopping.is_set():
            self._stopping.set()
            self._server.trigger.pull_trigger()

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(timeout=0.0 if self._tasks.waiting else seconds, use_poll=True, map=self._map, count=1)
        self._tasks.run()
        self._server.make_room(time.time())

    def _close_idle(self) -> bool:
        """Close connections on which nothing happens; tell whether any is left.

        One that was accepted and has asked nothing yet may have its first request on the way: it waits a moment.
        A client whose idle connection is closed asks again on another one, as nginx does.
        """
        fresh = time.time() - _FIRST_REQUEST_SECONDS
        for channel in list(self._server.active_channels.values()):
            is_busy = channel.requests or channel.request or channel.total_outbufs_len
            if not is_busy and (channel.has_answered or channel.creation_time < fresh):
                channel.will_close = True
        return bool(self._server.active_channels)


class _Parser(HTTPRequestParser):
    """Takes request lines as phones of 2010 may write them (phone-spec 1.1): raw 8-bit bytes and raw blanks.

    waitress refuses both, though a directory key that is asked for "Müller" in raw bytes is well meant. They are
    percent-encoded before it looks; so are control characters, which Python's `urlsplit` would drop in silence.
    """

    def parse_header(self, header_plus: bytes) -> None:
        line, end, rest = header_plus.partition(b"\r\n")
        parts = _LINE.fullmatch(line)
        if parts is not None and _RAW.search(parts["uri"]):
            uri = _RAW.sub(lambda raw: b"%%%02X" % raw[0][0], parts["uri"])
            header_plus = parts["method"] + b" " + uri + (parts["version"] or b"") + end + rest
        try:
            super().parse_header(header_plus)
        except ValueError as error:  # `http://[/`: waitress would drop the connection without an answer
            raise ParsingError("Bad URI") from error


class _Channel(HTTPChannel):
    parser_class = _Parser
    has_answered = False
    _since = 0.0

    def received(self, data: bytes) -> bool:
        """Take what was read."""
        was_between = self.request is None
        taken: bool = super().received(data)
        if was_between:
            self._since = time.time()
        return taken

    def service(self) -> None:
        """Answer the request that is whole."""
        super().service()
        self.has_answered = True
        self._since = time.time()

    @property
    def connection(self) -> Connection:
        """What it waits for."""
        return Connection(str(self.addr[0]), self._state, self._since or self.creation_time, self.last_activity)

    @property
    def _state(self) -> State:
        if self.requests:
            return "busy"
        if self.total_outbufs_len:
            return "reading"
        return "asking" if self.request is not None or not self.has_answered else "idle"


class _TcpServer(TcpWSGIServer):
    channel_class = _Channel
    active_channels: dict[int, _Channel]  # type: ignore[assignment]  # as it is; the stubs say otherwise
    _looked = 0.0
    _told = 0.0

    def pull_trigger(self) -> None:
        """Nobody has to be woken: who served the request looks at the sockets next."""

    def maintenance(self, now: float) -> None:
        """Waitress would only mark what is old, and wait until its client reads: `make_room` closes it."""

    @property
    def is_crowded(self) -> bool:
        """Connections that do nothing are closed for new ones."""
        return len(self.active_channels) > MOST

    def make_room(self, now: float) -> None:
        """Close connections that wait for their clients for too long, or that others need the places of.

        Called between two rounds of the loop, when no socket's event is on its way to its channel.
        """
        is_due = now - self._looked > _LOOK_SECONDS
        if not is_due and not self.is_crowded:
            return
        self._looked = now if is_due else self._looked
        channels = [(channel, channel.connection) for channel in self.active_channels.values()]
        closed = set(overdue(channels, now)) if is_due else set()
        pushed = set(excess([each for each in channels if each[0] not in closed], now))
        if pushed and now - self._told > _TELL_SECONDS:
            self._told = now
            address = Counter(channel.addr[0] for channel in pushed).most_common(1)[0][0]
            log.warning("too many connections do nothing; they are closed for others, most of them of %s", address)
        for channel in closed | pushed:
            channel.handle_close()


class _Tasks(ThreadedTaskDispatcher):
    """Takes the place of waitress's threads: keeps the channels whose request is whole, and serves them when asked to."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: deque[Task] = deque()

    def add_task(self, task: Task) -> None:
        """Called by waitress, which holds a lock of the channel: serving it at once would wait for ever."""
        self.waiting.append(task)

    def run(self) -> None:
        """Serve those that wait now; what one of them asks next waits for the next round.

        Whatever a view raises is answered before it comes here, by `shared.web` or by waitress.
        """
        for _ in range(len(self.waiting)):
            self.waiting.popleft().service()


def _adjustments() -> Adjustments:
    """`shared.web` reads `X-Forwarded-For` itself, so waitress must not clear it."""
    return Adjustments(
        outbuf_high_watermark=sys.maxsize,  # to wait until a slow phone has read would be to wait for ourselves
        ident="dialtree",
        backlog=BACKLOG,
        connection_limit=MOST + 100,  # of new ones at once; from `MOST` on those that do nothing go
        max_request_header_size=32 * 1024,
        max_request_body_size=16 * 1024,
        clear_untrusted_proxy_headers=False,
        expose_tracebacks=False,
        log_socket_errors=False,
    )
