"""What phones ask for and how they are answered: paths, names, headers, files from disk, a store that is away."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from services.provision.app import create_app
from services.provision.preview import render_file
from shared.config import Config
from shared.errors import EntryError, Unknown
from shared.mac import Mac
from tests.provision.desk import ARTICLE_MAC, configuration, load, parameters, reader_of, vendor_files
from tests.provision.office import ENTRIES, PHONE_FILE, common_path, whole

# --- the general file


@pytest.mark.parametrize(
    "name",
    [
        "ST2030.inf",
        "st2030.INF",
        "ST2030S.inf",
        "ST2030S-ip.inf",
        "ST2030S_001F9F16E849.inf",
        "ST2030S_aaaaaaaaaaaa.inf",
    ],
)
@pytest.mark.parametrize("folder", ["/", "/provisioning/", "/Provisioning/ST2030/", "/provisioning//"])
def test_the_general_file_has_many_names_and_one_content(client: FlaskClient, folder: str, name: str) -> None:
    answer = client.get(folder + name)
    assert answer.status_code == 200
    assert answer.data == client.get("/ST2030.inf").data
    assert answer.headers["Content-Length"] == str(len(answer.data))


@pytest.mark.parametrize("prefix", ["", "/provisioning", "/a/b"])
def test_every_url_of_the_general_file_is_answered(config: Config, tmp_path: Path, prefix: str) -> None:
    own = configuration(
        vendor_dir=config.provision.vendor_dir,
        path_prefix=prefix,
        public_url="http://phones.example.org",
        state_dir=tmp_path,
    )
    load(own, *ENTRIES)
    client = create_app(own).test_client()
    urls = re.findall(r"=http://phones\.example\.org(\S+)", client.get("/ST2030.inf").text)
    assert len(urls) == 4
    assert all(url.startswith(f"{prefix}/ST2030/") for url in urls)
    for url in urls:
        path = url + f"ST2030S_{ARTICLE_MAC}.txt" if url.endswith("/") else url
        with client.get(path) as answer:
            assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/elsewhere/ST2030.inf", "/provisioningST2030.inf", "/ST2031.inf", "/ST2030S_12.inf"])
def test_other_places_and_names_are_unknown(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


# --- the common file


def test_the_common_file_is_served_by_its_digest(client: FlaskClient) -> None:
    folder, _, name = common_path(client).rpartition("/")
    answer = client.get(f"{folder}/{name}")
    assert answer.status_code == 200
    assert "sys.VAD" in parameters(answer.data)
    for other in (f"/{name.upper()}", f"//{name}", name):
        assert client.get(folder + other).data == answer.data


@pytest.mark.parametrize("digest", ["0123456789abcdef", "", "0123"])
def test_any_other_digest_is_unknown(client: FlaskClient, digest: str) -> None:
    assert client.get(f"/provisioning/ST2030/config/ComConf2030S-{digest}.txt").status_code == 404


# --- the phone file


@pytest.mark.parametrize(
    "path",
    [
        "/provisioning/ST2030/config/ST2030S_001f9f16e849.TXT",
        "/provisioning/st2030/CONFIG/st2030s_001F9F16E849.txt",
        "/provisioning/ST2030/config//ST2030S_001F9F16E849.txt",
        "/provisioning//ST2030/config/ST2030S_001F9F16E849.txt",
        "/provisioning/ST2030/configST2030S_001F9F16E849.txt",
        "/provisioning/ST2030S_001F9F16E849.txt",
        "/ST2030S_001F9F16E849.txt",
    ],
)
def test_a_phone_file_is_found_however_it_is_asked_for(client: FlaskClient, path: str) -> None:
    usual = client.get(PHONE_FILE)
    assert usual.status_code == 200
    assert whole(client.get(path)) == whole(usual)


def test_a_phone_file_says_its_length_and_is_not_kept(client: FlaskClient) -> None:
    answer = client.get(PHONE_FILE)
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert answer.headers["Content-Type"] == "text/plain; charset=iso-8859-1"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Transfer-Encoding" not in answer.headers


def test_head_is_get_without_the_body(client: FlaskClient) -> None:
    get, head = client.get(PHONE_FILE), client.head(PHONE_FILE)
    assert (head.status_code, head.data, sorted(head.headers)) == (200, b"", sorted(get.headers))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_are_not_allowed(client: FlaskClient, method: str) -> None:
    answer = client.open(PHONE_FILE, method=method)
    assert answer.status_code == 405
    assert b"s3cret" not in answer.data


def test_a_preview_is_what_the_phone_gets(client: FlaskClient, config: Config) -> None:
    reader = reader_of(config)
    assert render_file(config, reader, ARTICLE_MAC, "phone") == client.get(PHONE_FILE).data
    assert render_file(config, reader, ARTICLE_MAC, "inf") == client.get("/ST2030.inf").data
    assert render_file(config, reader, ARTICLE_MAC, "common") == client.get(common_path(client)).data


def test_a_preview_says_why_a_phone_is_refused(config: Config) -> None:
    with pytest.raises(EntryError, match=r"owner: names uid=nobody"):
        render_file(config, reader_of(config), Mac("00147F000001"), "phone")
    with pytest.raises(Unknown):
        render_file(config, reader_of(config), Mac("AAAAAAAAAAAA"), "phone")


# --- the store is away


def test_without_a_store_phones_are_told_to_come_back() -> None:
    client = create_app(configuration()).test_client()
    for path in ("/ST2030.inf", PHONE_FILE, "/provisioning/ST2030/config/ComConf2030S-0123456789abcdef.txt"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.headers["Content-Length"] == str(len(answer.data))


# --- files from disk


def test_a_missing_encrypted_file_is_a_404_without_a_store() -> None:
    client = create_app(configuration()).test_client()
    assert client.get("/provisioning/ST2030/config/ST2030S_BBBBBBBBBBBB.ser").status_code == 404


def test_a_vendor_made_encrypted_file_is_served(client: FlaskClient) -> None:
    with client.get(f"/provisioning/ST2030/config/ST2030S_{ARTICLE_MAC.lower()}.ser") as answer:
        assert (answer.status_code, answer.data) == (200, b"made by the vendor's tool")


@pytest.mark.parametrize("name", ["v2030SG.2.72.zz", "V2030sg.2.72.ZZ"])
def test_a_vendor_file_is_served_with_its_length(client: FlaskClient, name: str) -> None:
    with client.get(f"/provisioning/ST2030/data/{name}", headers={"Range": "bytes=0-1"}) as answer:
        assert (answer.status_code, answer.data) == (200, b"firmware")
        assert answer.headers["Content-Length"] == "8"


@pytest.mark.parametrize(
    "name", [".hidden", "folder", "folder/", "folder/inside.zz", "../secret.txt", "..", "%2e%2e/secret.txt", "nothing"]
)
def test_nothing_else_of_the_disk_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/provisioning/ST2030/data/{name}").status_code == 404


def test_without_a_vendor_folder_there_are_no_vendor_files() -> None:
    client = create_app(configuration()).test_client()
    assert client.get("/provisioning/ST2030/data/v2030SG.2.72.zz").status_code == 404


def test_a_vendor_file_that_goes_away_is_unknown(config: Config, tmp_path: Path) -> None:
    folder = vendor_files(tmp_path / "data", "ToneTbl.zz")
    client = create_app(configuration(vendor_dir=folder)).test_client()
    with client.get("/provisioning/ST2030/data/ToneTbl.zz") as answer:
        assert answer.status_code == 200
    (folder / "ToneTbl.zz").unlink()
    assert client.get("/provisioning/ST2030/data/ToneTbl.zz").status_code == 404


# --- HEAD


@pytest.mark.parametrize(
    "path",
    [
        "/ST2030.inf",
        PHONE_FILE,
        "/provisioning/ST2030/data/v2030SG.2.72.zz",
        "/nothing",
        "/healthz",
        "/readyz",
        "/metrics",
    ],
)
def test_head_is_as_long_as_get_and_has_no_body(client: FlaskClient, path: str) -> None:
    with client.get(path) as got, client.head(path) as head:
        assert (head.status_code, b"".join(head.iter_encoded())) == (got.status_code, b"")
        assert head.headers["Content-Type"] == got.headers["Content-Type"]
        if path != "/metrics":  # what it counts changes meanwhile
            assert head.headers["Content-Length"] == str(len(got.data)) != "0"
