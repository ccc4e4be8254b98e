"""A small real HTTP server that serves hand-written files, as the article's server did, and can misbehave on purpose."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import urlsplit

from shared.mac import Mac

MAC: Final = Mac("001F9F16E849")
PHONE: Final = "/provisioning/ST2030/config/ST2030S_001F9F16E849"
COMMON: Final = "/provisioning/ST2030/config/ComConf2030SG.R11.1.SED.100804.2.72.2.txt"
DATA: Final = "/provisioning/ST2030/data/"
FIRMWARE: Final = (
    f"{DATA}v2030SG.R11.1.SED.100804.2.72.2.zz",
    f"{DATA}v2030_dsp_R11.1_SED_v320.zz",
    f"{DATA}v2030_boot_v111.zz",
)
TABLES: Final = tuple(
    DATA + name for name in ("Tone-Melodies.txt", "Tone-RG.txt", "Tone-CW.txt", "ToneTbl.zz", "LangTbl.zz")
)
TELEPHONE: Final = f"{DATA}TelConf2030SG.R11.1.SED.100804.2.72.2.txt"
STEADY_BOOT: Final = ("/ST2030.inf", f"{PHONE}.ser", f"{PHONE}.txt")

COMMON_TEXT: Final = """\
[ipp]
TimeFlag=0
LanguageType=0
[sip]
VoiceMailTelNum=*98
CallPkupSC=*8X
[sys]
CountryCode=US
FeatureKeyExt01=L/<sip:>
[ftp]
"""

PHONE_TEXT: Final = """\
[ipp]
TimeFlag=1

[sip]
TEL1Number=1001
DisplayName1=Téléphone 1001
regid1=1001
regpwd1=1234

[sys]
config_sn=201007300008
FeatureKeyExt01=L/<sip:1002>
Phonebook1_url={base}/search?q=#SEARCH
Phonebook1_name=My phone book

[ntp]
NtpIP=10.0.1.44
"""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answers; `length` False leaves Content-Length out, a number lies about it."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    length: bool | int = True


class Site:
    """What is served, by path with query, and what was asked: paths, request lines, the last request's headers."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.replies: dict[str, Reply | list[Reply]] = {}
        self.paths: list[str] = []
        self.request_lines: list[str] = []
        self.headers: dict[str, str] = {}
        self.hold = threading.Event()
        """While a path `/frozen` is asked for, the server waits for this."""
        self.lock = threading.Lock()

    @property
    def inf(self) -> str:
        return f"{self.base}/ST2030.inf"

    def text(self, path: str, text: str) -> None:
        """Serve a text file as a phone wants it."""
        self.replies[path] = Reply(text.replace("\n", "\r\n").encode("iso-8859-1"))

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace text in a file that is served."""
        reply = self.replies[path]
        assert isinstance(reply, Reply)
        assert old.encode("iso-8859-1") in reply.body
        self.replies[path] = Reply(reply.body.replace(old.encode("iso-8859-1"), new.encode("iso-8859-1")))

    def take(self) -> list[str]:
        """Return the paths asked for since the last call."""
        paths, self.paths = self.paths, []
        return paths


def article_site(site: Site) -> Site:
    """Fill the site with a stand-in for every file of the article."""
    telephone, common = f"{site.base}{TELEPHONE}", f"{site.base}{COMMON}"
    keys = ("melodies", "system_melodies", "call_waiting_tone", "tone_table", "language_table")
    lines = [
        "[application]",
        *(f"{key}={site.base}{path}" for key, path in zip(("fwurl", "dspurl", "booturl"), FIRMWARE, strict=True)),
    ]
    lines += ["", "[config]", f"telcfg={telephone}", f"common_config={common}"]
    lines += [f"{key}={site.base}{path}" for key, path in zip(keys, TABLES, strict=True)]
    lines += [f"config={site.base}/provisioning/ST2030/config/", ""]
    site.text("/ST2030.inf", "\n".join(lines))
    for path in (*FIRMWARE, *TABLES):
        site.replies[path] = Reply(b"opaque \x00\xff")
    site.replies[TELEPHONE] = Reply(b"#VPD stand-in\r\n")
    site.text(COMMON, COMMON_TEXT)
    site.text(f"{PHONE}.txt", PHONE_TEXT.format(base=site.base))
    return site


@contextmanager
def serving() -> Iterator[Site]:
    """Serve a new, empty site on a free port of loopback."""
    server = _Server(("127.0.0.1", 0), _Handler)
    site = server.site
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        site.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    """A thread a connection; all of them end before the server does."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self.site = Site(self.server_port)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_GET(self) -> None:
        assert isinstance(self.server, _Server)
        site = self.server.site
        parts = urlsplit(self.path)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        with site.lock:
            site.paths.append(path)
            site.request_lines.append(self.requestline)
            site.headers = dict(self.headers.items())
            found = site.replies.get(path, Reply(b"nothing here\n", status=404))
            reply = found if isinstance(found, Reply) else found.pop(0) if len(found) > 1 else found[0]
        if path == "/frozen":
            site.hold.wait()
        self._send(reply)

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.length is not False:
            self.send_header("Content-Length", str(len(reply.body) if reply.length is True else reply.length))
        self.end_headers()
        self.wfile.write(reply.body)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Keep the test's output quiet."""
