"""The office of `tests.provision.office`: a real store, and the service's app upon it."""

import pytest
from flask.testing import FlaskClient

from services.provision.app import create_app
from shared.config import Config
from tests.provision.desk import ARTICLE_MAC, configuration, load, vendor_files
from tests.provision.office import ENTRIES


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    folder = vendor_files(tmp_path_factory.mktemp("vendor"), "Tone-RG.txt", ".hidden", "readme.txt")
    (folder / "v2030SG.2.72.zz").write_bytes(b"firmware")
    (folder / f"ST2030S_{ARTICLE_MAC}.ser").write_bytes(b"made by the vendor's tool")
    (folder / "folder").mkdir()
    (folder / "folder" / "inside.zz").write_bytes(b"inside")
    (folder.parent / "secret.txt").write_bytes(b"outside")
    config = configuration(vendor_dir=folder, state_dir=tmp_path_factory.mktemp("state"))
    load(config, *ENTRIES)
    return config


@pytest.fixture
def client(config: Config) -> FlaskClient:
    return create_app(config).test_client()
