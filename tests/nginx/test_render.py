"""The configuration that is printed, as nginx itself checks it."""

import re
import shutil
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest

from services.nginx import render_nginx
from shared.errors import ConfigurationError, DialtreeError
from tests.nginx.conftest import config_of, front
from tests.tools import free_port, need_tool
from tests.web.http import ask, need_ipv6


def certificate(folder: Path) -> dict[str, str]:
    """Make a key and a certificate for 127.0.0.1."""
    key, chain = folder / "front key.pem", folder / "front.pem"
    command = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
    program = need_tool("openssl")
    subprocess.run([program, *command.split(), "-keyout", key, "-out", chain], check=True, capture_output=True)
    return {"certificate": str(chain), "key": str(key)}


@pytest.mark.parametrize(
    "sections",
    [
        pytest.param({}, id="defaults"),
        pytest.param({"provision": {"workers": 3}, "directory": {"workers": 64}}, id="many workers"),
        pytest.param({"directory": {"listen": "[::1]:9000"}}, id="IPv6"),
        pytest.param({"directory": {"listen": "0.0.0.0:9000"}, "provision": {"listen": "[::]:9001"}}, id="wildcards"),
        pytest.param({"provision": {"vendor_dir": '/srv/vendor files; "x" \\ {y} # é \''}}, id="odd vendor folder"),
        pytest.param({"provision": {"path_prefix": ""}}, id="no prefix"),
        pytest.param({"provision": {"path_prefix": "/a.b/c~d-e/"}}, id="prefix with signs"),
        pytest.param({"provision": {"allow": "10.0.0.0/8, 10.0.0.0/8, 2001:db8::/32"}}, id="networks"),
        pytest.param({"nginx": {"server_name": "phones.example.org *.example.net"}}, id="names"),
        pytest.param({"directory": {"charset": "UTF-8"}}, id="UTF-8"),
    ],
)
def test_nginx_accepts_what_is_rendered(tmp_path: Path, sections: dict[str, Any]) -> None:
    assert "test is successful" in front(config_of(tmp_path, **sections), tmp_path / "n").check()


def test_all_values_are_filled_in(tmp_path: Path) -> None:
    assert not re.search(r"%\{|# (if|end)\b", render_nginx(config_of(tmp_path)))


def test_every_worker_is_an_upstream_and_a_wildcard_is_asked_on_loopback(tmp_path: Path) -> None:
    config = config_of(
        tmp_path, provision={"listen": "0.0.0.0:8081", "workers": 2}, directory={"listen": "[::]:8082", "workers": 2}
    )
    servers = re.findall(r"server (\S+) max_fails", render_nginx(config))
    assert servers == ["127.0.0.1:8081", "127.0.0.1:8091", "[::1]:8082", "[::1]:8092"]


@pytest.mark.parametrize(
    ("sections", "path"),
    [
        ({"provision": {"vendor_dir": "/srv/$home"}}, "provision.vendor_dir"),
        ({"provision": {"vendor_dir": "/srv/a\nb"}}, "provision.vendor_dir"),
    ],
)
def test_what_nginx_cannot_be_told_is_refused_by_name(tmp_path: Path, sections: dict[str, Any], path: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        render_nginx(config_of(tmp_path, **sections))
    assert [fault.path for fault in caught.value.faults] == [path]


def test_a_tls_server_answers_beside_the_plain_one(tmp_path: Path) -> None:
    plain, encrypted = free_port(), free_port()
    tls = certificate(tmp_path) | {"listen": f"127.0.0.1:{encrypted}"}
    config = config_of(tmp_path, nginx={"listen": f"127.0.0.1:{plain}", "tls": tls})
    with front(config, tmp_path / "n"):
        assert ask(plain, "/healthz").status == 404
        context = ssl.create_default_context(cafile=tls["certificate"])
        assert ask(encrypted, "/healthz", tls=context).status == 404


def test_the_front_answers_on_ipv6(tmp_path: Path) -> None:
    need_ipv6()
    port = free_port()
    with front(config_of(tmp_path, nginx={"listen": f"[::1]:{port}"}), tmp_path / "n"):
        assert ask(port, "/healthz", host="::1").status == 404


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    with front(config, tmp_path / "one"), pytest.raises(DialtreeError, match="something answers there already"):
        front(config, tmp_path / "two").start()


def test_a_private_nginx_leaves_nothing_outside_its_folder_and_no_process(tmp_path: Path) -> None:
    nginx = front(config_of(tmp_path), tmp_path / "n")
    with nginx:
        pid = int((tmp_path / "n" / "nginx.pid").read_text(encoding="ascii"))
    assert not Path(f"/proc/{pid}").exists()
    assert [file.name for file in tmp_path.iterdir()] == ["n"]
    shutil.rmtree(tmp_path / "n")
