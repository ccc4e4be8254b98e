"""A real nginx before real workers of the sample service, started once for this folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.demo.nginx import PrivateNginx
from shared.config import Config
from tests.tools import eventually, free_port, need_tool
from tests.web.sample import answers, running_sample

VENDOR_FILE = b"firmware \x00\xff" * 20_000


def config_of(folder: Path, **sections: Any) -> Config:
    """Return a configuration whose front and services listen on free ports."""
    sections.setdefault("nginx", {})
    for name in ("provision", "directory", "nginx"):
        sections[name] = {"listen": f"127.0.0.1:{free_port(10)}"} | sections.get(name, {})
    return Config.model_validate({"ldap": {"source": "ldif", "ldif_file": str(folder / "none.ldif")}} | sections)


def front(config: Config, folder: Path) -> PrivateNginx:
    need_tool("nginx")
    return PrivateNginx(config, folder)


@dataclass(frozen=True, slots=True)
class Front:
    """nginx and what stands behind it."""

    port: int
    config: Config
    folder: Path

    def logs(self) -> str:
        """Return all that nginx wrote into its logs."""
        return "".join(file.read_text(encoding="utf-8", errors="replace") for file in self.folder.glob("*.log"))


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Two workers as the directory, one as provisioning, a vendor folder, generous rates."""
    folder = tmp_path_factory.mktemp("front")
    vendor = folder / "vendor files"
    (vendor / "sub").mkdir(parents=True)
    (vendor / "v2030SG.zz").write_bytes(VENDOR_FILE)
    (vendor / "SHA256SUMS").write_text("of no phone's concern", encoding="ascii")
    (vendor / "HELD").write_text("of no phone's concern", encoding="ascii")
    (vendor / "empty.txt").touch()
    (vendor / "ST2030S_001F9F16E849.ser").write_bytes(b"encrypted")
    (vendor / ".hidden").write_bytes(b"hidden")
    (folder / "outside.txt").write_bytes(b"outside")
    config = config_of(
        folder,
        provision={"vendor_dir": str(vendor)},
        directory={"workers": 2},
        nginx={"provision_rate": 10_000, "directory_rate": 10_000},
    )
    nginx = front(config, folder / "nginx")
    behind = [
        running_sample(folder, listen=config.directory.listen, workers=2),
        running_sample(folder, listen=config.provision.listen),
    ]
    with behind[0], behind[1], nginx:
        for address in (config.directory.listen, config.directory.listen.of_worker(1), config.provision.listen):
            eventually(lambda port=address.port: answers(port))  # type: ignore[misc]
        yield Front(config.nginx.listen.port, config, folder / "nginx")
