"""The service over TFTP: real datagrams on the loopback, the vendor's order of asking, and what must not end it."""

import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from tftpy import TftpClient
from tftpy.TftpShared import TftpFileNotFoundError

from services.provision.answering import Answering
from services.provision.app import create_app
from services.provision.leftovers import LeftoverOptions
from services.provision.rendering import Renderer
from services.provision.tftp import TftpFiles, TftpServer, bind
from shared.config import Config
from shared.errors import DialtreeError
from shared.metrics import Metrics
from shared.settings import Address
from shared.web import caller_of
from tests.provision.desk import ARTICLE_MAC, configuration, load, parameters, reader_of
from tests.provision.office import ENTRIES
from tests.tools import eventually, need_tool

FIRMWARE = os.urandom(1 << 16) * 48 + b"end"
"""More than three megabytes: over 6000 blocks of the usual size."""
PHONE_FILE = f"ST2030S_{ARTICLE_MAC}.txt"
NOT_FOUND = struct.pack("!HH", 5, 1) + b"File not found\0"


class Running:
    """A server on a free port."""

    def __init__(self, config: Config, rate: int = 10_000) -> None:
        registry = CollectorRegistry()
        self.metrics = Metrics("provision", reader_of(config), registry)
        renderer = Renderer(config)
        folders = frozenset(model.folder for model in renderer.models)
        files = TftpFiles(Answering(renderer, reader_of(config), self.metrics, "tftp"), folders)
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        listener.bind(("127.0.0.1", 0))
        self.port: int = listener.getsockname()[1]
        caller = caller_of(config.provision)
        self.server = TftpServer(listener, files, lambda host: caller(host, None).allowed, self.metrics, rate)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.server.run, args=(self._stop,))
        self._thread.start()

    def end(self) -> None:
        self._stop.set()
        self._thread.join(30)
        assert not self._thread.is_alive()

    def get(self, path: str, into: Path, **options: int) -> bytes:
        target = into / "fetched"
        TftpClient("127.0.0.1", self.port, options).download(path, str(target), timeout=20)
        return target.read_bytes()

    def send(self, packet: bytes) -> bytes:
        """Send a datagram and return what comes back."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
            phone.settimeout(20)
            phone.sendto(packet, ("127.0.0.1", self.port))
            return phone.recv(1 << 16)

    def throw(self, packet: bytes) -> None:
        """Send a datagram and go away."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
            phone.sendto(packet, ("127.0.0.1", self.port))


def request(path: str, code: int = 1, *options: str) -> bytes:
    return struct.pack("!H", code) + b"".join(part.encode() + b"\0" for part in (path, "octet", *options))


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    folder = tmp_path_factory.mktemp("vendor")
    (folder / "v2030SG.2.74.zz").write_bytes(FIRMWARE)
    (folder / "TelConf2030-1.txt").write_bytes(b"#VPD\n")
    (folder / ".hidden").write_bytes(b"hidden")
    (folder.parent / "outside.zz").write_bytes(b"outside")
    (folder / "outside").symlink_to(folder / "nowhere")
    config = configuration(vendor_dir=folder, state_dir=tmp_path_factory.mktemp("state"))
    load(config, *ENTRIES)
    return config


@pytest.fixture(scope="module")
def server(config: Config) -> Iterator[Running]:
    running = Running(config)
    yield running
    running.end()


def over_http(config: Config, path: str) -> bytes:
    content: bytes = create_app(config).test_client().get(path).data
    return content


def test_a_phone_gets_everything_in_the_order_of_tftp(server: Running, config: Config, tmp_path: Path) -> None:
    general = parameters(server.get("Thomson/ST2030S", tmp_path))
    assert set(general) == {"application.fw_filename", "config.telcfg", "config.common_config"}
    assert server.get(general["application.fw_filename"], tmp_path) == FIRMWARE
    assert server.get(general["config.telcfg"], tmp_path) == b"#VPD\n"
    common = server.get(general["config.common_config"], tmp_path)
    with pytest.raises(TftpFileNotFoundError):
        server.get(f"ST2030S_{ARTICLE_MAC}.ser", tmp_path)
    own = server.get(PHONE_FILE, tmp_path)
    assert own == over_http(config, f"/provisioning/ST2030/config/{PHONE_FILE}")
    assert common == over_http(config, f"/provisioning/{general['config.common_config']}")


def test_a_phone_that_changes_its_transport_finds_the_names_and_the_serial_that_it_has(
    server: Running, config: Config, tmp_path: Path
) -> None:
    """What differs in the general file are places; a phone compares the last part of a path and the serial."""
    over_tftp = parameters(server.get("ST2030S.inf", tmp_path))
    by_http = parameters(over_http(config, "/ST2030S.inf"))
    assert by_http.pop("config.config").endswith("/config/")
    names = {key: value.rpartition("/")[2] for key, value in by_http.items()}
    names["application.fw_filename"] = names.pop("application.fwurl")
    assert {key: value.rpartition("/")[2] for key, value in over_tftp.items()} == names
    own = parameters(server.get(PHONE_FILE, tmp_path))
    assert own == parameters(over_http(config, f"/provisioning/ST2030/config/{PHONE_FILE}"))


@pytest.mark.parametrize(
    "path", [f"/{PHONE_FILE}", f"//{PHONE_FILE.lower()}", f"config\\{PHONE_FILE}", f"anywhere/{PHONE_FILE.upper()}"]
)
def test_a_file_is_found_however_a_phone_writes_its_name(server: Running, tmp_path: Path, path: str) -> None:
    assert server.get(path, tmp_path) == server.get(PHONE_FILE, tmp_path)


def test_a_general_file_is_given_by_address_too(server: Running, tmp_path: Path) -> None:
    assert server.get(f"ST2030S_{ARTICLE_MAC}.inf", tmp_path) == server.get("st2030.INF", tmp_path)


@pytest.mark.parametrize(
    "path",
    [
        "ST2030S_0123456789AB.txt",
        "",
        "/",
        ".",
        "..",
        "../outside.zz",
        "ST2030/data/../outside.zz",
        "ST2030/data/.hidden",
        "ST2030/data/outside",
        "../ST2030/data/v2030SG.2.74.zz",
        "v2030SG.2.74.zz",
        "ST2030/config/v2030SG.2.74.zz",
        "/etc/passwd",
        "ST2030/data/",
        "x" * 300,
        "ST2030S.inf\n",
    ],
)
def test_all_that_is_not_served_is_not_found_in_the_same_words(server: Running, path: str) -> None:
    assert server.send(request(path)) == NOT_FOUND


def test_a_client_of_another_network_is_told_the_same(config: Config) -> None:
    elsewhere = config.provision.model_copy(update={"allow": ()})
    running = Running(config.model_copy(update={"provision": elsewhere}))
    try:
        assert running.send(request(PHONE_FILE)) == NOT_FOUND
    finally:
        running.end()


def test_writing_is_refused(server: Running, config: Config) -> None:
    folder = config.provision.vendor_dir
    assert folder is not None
    before = sorted(folder.iterdir())
    assert server.send(request("ST2030/data/v2030SG.2.74.zz", code=2))[:4] == struct.pack("!HH", 5, 2)
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("size", [8, 1428, 65464])
def test_a_firmware_comes_whole_in_blocks_of_any_size(server: Running, tmp_path: Path, size: int) -> None:
    name = "ST2030/data/" + ("TelConf2030-1.txt" if size == 8 else "v2030SG.2.74.zz")
    content = b"#VPD\n" if size == 8 else FIRMWARE
    assert server.get(name, tmp_path, blksize=size) == content


def test_only_options_that_were_asked_for_are_granted(server: Running) -> None:
    path = "ST2030/data/v2030SG.2.74.zz"
    assert server.send(request(path, 1, "tsize", "0")) == b"\0\6tsize\0" + str(len(FIRMWARE)).encode() + b"\0"
    assert server.send(request(path, 1, "BLKSIZE", "99999", "windowsize", "8")) == b"\0\6blksize\00065464\0"
    for odd in (("blksize", "many"), ("blksize", "1"), ("timeout", "3")):
        assert server.send(request(path, 1, *odd)) == b"\0\3\0\1" + FIRMWARE[:512]


def test_another_program_fetches_a_firmware(server: Running) -> None:
    need_tool("curl")
    url = f"tftp://127.0.0.1:{server.port}/ST2030/data/v2030SG.2.74.zz"
    done = subprocess.run(["curl", "-s", "--max-time", "60", url], capture_output=True, check=True)
    assert done.stdout == FIRMWARE


def test_what_is_no_request_ends_nothing(server: Running, tmp_path: Path) -> None:
    shapes = [b"", b"\0", b"\0\1", b"\0\1\0", b"\0\1a", b"\0\1a\0b", b"\0\1\xff\0octet\0", b"\0\3\0\1data", b"\0\4\0\1"]
    shapes += [
        b"\0\5",
        b"\0\5\0\1",
        b"\0\6",
        b"\xff\xff\xff",
        b"\0\1a\0octet\0blksize",
        b"\0\1a\0octet\0\0\0",
        b"\0\4\0",
    ]
    shapes += [os.urandom(1 << 15), request(PHONE_FILE, 1, "blksize", "²"), b"\0\1" + b"\0" * 600]
    for shape in shapes:
        server.throw(shape)
    assert server.get(PHONE_FILE, tmp_path)


def test_what_is_no_acknowledgement_ends_only_its_own_transfer(server: Running, tmp_path: Path) -> None:
    for shape in (b"", b"\0\4", b"\xff\xff\xff", b"\0\5\0\0\0", b"\0\4\0\0\0\0\0", b"\0\1a\0b\0"):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
            phone.settimeout(20)
            phone.sendto(request("ST2030/data/v2030SG.2.74.zz"), ("127.0.0.1", server.port))
            block, session = phone.recvfrom(1024)
            assert block[:4] == b"\0\3\0\1"
            phone.sendto(shape, session)
    assert server.get(PHONE_FILE, tmp_path)


def test_a_block_that_was_lost_is_sent_again(server: Running) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.settimeout(30)
        phone.sendto(request("ST2030/data/v2030SG.2.74.zz"), ("127.0.0.1", server.port))
        first, session = phone.recvfrom(1024)
        again, same = phone.recvfrom(1024)  # not acknowledged
        assert (first, session) == (again, same)
        phone.sendto(b"\0\5\0\0enough\0", session)


def test_a_phone_may_ask_for_one_file_after_another_from_one_port(server: Running) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.settimeout(20)
        phone.sendto(request("ST2030/data/v2030SG.2.74.zz"), ("127.0.0.1", server.port))
        assert phone.recv(1024)[4:] == FIRMWARE[:512]
        phone.sendto(request("ST2030/data/TelConf2030-1.txt"), ("127.0.0.1", server.port))
        assert phone.recv(1024)[4:] == b"#VPD\n"


def test_one_address_cannot_take_every_place(config: Config) -> None:
    running = Running(config)
    phones = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(20)]
    try:
        for phone in phones:
            phone.sendto(request("ST2030/data/v2030SG.2.74.zz"), ("127.0.0.1", running.port))
        eventually(lambda: len(running.server._sessions) == 16)
        for phone in phones[:16]:
            assert phone.recv(1024)[:4] == b"\0\3\0\1"
    finally:
        running.end()
        for phone in phones:
            phone.close()


def test_a_port_that_is_taken_is_one_sentence_with_the_mend() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        address = Address(f"127.0.0.1:{other.getsockname()[1]}")
        with pytest.raises(DialtreeError, match=r"cannot be bound: .*provision\.tftp_listen") as caught:
            bind(address)
    assert "\n" not in str(caught.value)


@contextmanager
def command(config: Config, folder: Path, more: str = "") -> Iterator[int]:
    """`dialtree provision tftp` as a process; gives its port. `more`: lines of `[provision]`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ldif = folder / "none.ldif"
    ldif.write_text("", encoding="ascii")
    file = folder / "dialtree.toml"
    file.write_text(
        f'state_dir = "{config.state_dir}"\n[ldap]\nsource = "ldif"\nldif_file = "{ldif}"\n'
        f'[provision]\ntftp_listen = "127.0.0.1:{port}"\nvendor_dir = "{config.provision.vendor_dir}"\n{more}',
        encoding="utf-8",
    )
    running = subprocess.Popen(
        [sys.executable, "-m", "services.cli", "--config", str(file), "provision", "tftp"], stderr=subprocess.PIPE
    )
    try:
        eventually(lambda: _first_word(port) is not None or running.poll() is not None)
        yield port
    finally:
        running.terminate()
        _, told = running.communicate(timeout=30)
    assert running.returncode == 0, told
    assert b"s3cret" not in told


def test_the_command_serves_until_it_is_told_to_end(config: Config, tmp_path: Path) -> None:
    with command(config, tmp_path) as port:
        assert _first_word(port) == b"\0\3\0\1"


def test_the_command_answers_no_other_networks_than_those_allowed(config: Config, tmp_path: Path) -> None:
    with command(config, tmp_path, 'allow = ["10.0.0.0/8"]\n') as port:
        assert _first_word(port) == NOT_FOUND[:4]


def test_the_command_has_the_rate_of_the_configuration(config: Config, tmp_path: Path) -> None:
    with command(config, tmp_path, "tftp_rate = 1\n") as port, socket.socket(type=socket.SOCK_DGRAM) as phone:
        for number in range(50):
            phone.sendto(request(f"ST2030S_0000000000{number:02X}.txt"), ("127.0.0.1", port))
        phone.settimeout(1.5)
        got = 0
        with suppress(TimeoutError):
            while phone.recv(1024):
                got += 1
        assert got < 10


def _first_word(port: int) -> bytes | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.settimeout(0.5)
        phone.sendto(request(PHONE_FILE), ("127.0.0.1", port))
        try:
            return phone.recv(1024)[:4]
        except OSError:
            return None


SIGN = "left-over DHCP options"


def told_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if SIGN in record.getMessage()]


def test_a_phone_that_asks_for_a_folder_is_told_of_once_with_the_reason(
    config: Config, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    running = Running(config)
    try:
        with caplog.at_level("WARNING"):
            assert running.send(request("provisioning/ST2030/config/")) == NOT_FOUND
            (sentence,) = told_of(caplog)
            assert sentence.startswith(
                "the phone at 127.0.0.1 asks by TFTP for the folder provisioning/ST2030/config/,"
            )
            assert "66, 67 or 150; delete them" in sentence
            for _ in range(3):
                assert running.send(request("provisioning/ST2030/config/")) == NOT_FOUND
            assert running.send(request("/ST2022/data")) == NOT_FOUND
            assert len(told_of(caplog)) == 1
            assert running.get(PHONE_FILE, tmp_path)
    finally:
        running.end()


@pytest.mark.parametrize(
    ("path", "is_folder"),
    [
        ("provisioning/ST2030/config/", True),
        ("provisioning/ST2030/config", True),
        ("provisioning\\ST2030\\CONFIG\\", True),
        ("config/", True),
        ("/", True),
        ("any/folder/", True),
        ("provisioning/ST2030", True),
        ("tb30/data", True),
        ("ST2030S_00147F0000FF.txt", False),
        ("ST2030S_00147F0000FF.ser", False),
        ("provisioning/ST2030/config/nothing.txt", False),
        ("config.txt", False),
        ("", False),
    ],
)
def test_what_looks_like_a_folder(path: str, is_folder: bool, caplog: pytest.LogCaptureFixture) -> None:  # noqa: FBT001
    leftovers = LeftoverOptions(["ST2030", "TB30"])
    for _ in range(2):
        leftovers.refused("10.0.8.123", path)
    leftovers.refused("10.0.8.124", path)
    assert [sentence.split()[3] for sentence in told_of(caplog)] == ["10.0.8.123", "10.0.8.124"] * is_folder


def test_a_client_that_is_not_answered_is_not_told_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = configuration(state_dir=tmp_path, allow=["10.0.0.0/8"])
    load(config, *ENTRIES)
    running = Running(config)
    try:
        assert running.send(request("provisioning/ST2030/config/")) == NOT_FOUND
    finally:
        running.end()
    assert told_of(caplog) == []
