"""The office of `tests.provision.office` behind the service's app, without HTTP."""

import sqlite3

import pytest
from flask.testing import FlaskClient

from shared.config import Config
from tests.provision.desk import ARTICLE_MAC, configuration, filled, vendor_files
from tests.provision.office import ENTRIES, client_of


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    folder = vendor_files(tmp_path_factory.mktemp("vendor"), "Tone-RG.txt", ".hidden", "readme.txt")
    (folder / "v2030SG.2.72.zz").write_bytes(b"firmware")
    (folder / f"ST2030S_{ARTICLE_MAC}.ser").write_bytes(b"made by the vendor's tool")
    (folder / "folder").mkdir()
    (folder / "folder" / "inside.zz").write_bytes(b"inside")
    (folder.parent / "secret.txt").write_bytes(b"outside")
    return configuration(vendor_dir=folder)


@pytest.fixture
def db(config: Config) -> sqlite3.Connection:
    return filled(config, ENTRIES)


@pytest.fixture
def client(config: Config, db: sqlite3.Connection) -> FlaskClient:
    return client_of(config, db)
