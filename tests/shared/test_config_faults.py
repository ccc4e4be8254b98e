"""Mistakes that people make in the configuration: each is one sentence that names the setting and says how to fix it."""

from pathlib import Path

import pytest

from shared.config import Config
from shared.config_faults import faults_of, warnings_of
from shared.configfile import load_config
from shared.errors import ConfigurationError

LDAP = '[ldap]\nurls = ["ldap://127.0.0.1"]\nbase = "dc=example,dc=org"\n'


def written(folder: Path, text: str) -> Path:
    file = folder / "dialtree.toml"
    file.write_text(text, encoding="utf-8")
    return file


def load(folder: Path, text: str) -> Config:
    return load_config(written(folder, text), {})


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            f'{LDAP}[provision]\nlisten = "::1:8081"\n',
            "provision.listen: '::1:8081': an IPv6 address stands in brackets; write [::1]:8081",
        ),
        (f'{LDAP}[provision]\nlisten = "10.0.0.300:80"\n', "provision.listen: '10.0.0.300:80' is not host:port"),
        (f'{LDAP}[provision]\nlisten = "[10.0.0.3]:80"\n', "provision.listen: '[10.0.0.3]:80' is not host:port"),
        (f'{LDAP}[provision]\nlisten = "-a:80"\n', "provision.listen: '-a:80' is not host:port"),
        (
            f'{LDAP}[provision]\nallow = ["10.1.2.3/8"]\n',
            (
                "provision.allow: '10.1.2.3/8' is an address within a network; write 10.0.0.0/8 for the network, "
                "or 10.1.2.3/32 for that address alone"
            ),
        ),
        (f'{LDAP}[provision]\nallow = ["10.0.0.0/33"]\n', "provision.allow: '10.0.0.0/33' is not a network"),
        (
            f'{LDAP}[ldap.provision_bind]\ndn = "cn=p"\npassword = "hunter2"\n',
            "ldap.provision_bind.password: a password never stands in this file",
        ),
        (
            '[ldap]\nurls = ["ldap://a"]\nbase = "example.org"\n',
            "ldap.base: 'example.org' is not a DN; write one such as dc=example,dc=org",
        ),
        (f'{LDAP}[ldap.person]\nbase = "people"\n', "ldap.person.base: 'people' is not a DN"),
        (f'{LDAP}[nginx]\nserver_name = "a; deny all"\n', "nginx.server_name: 'a; deny all' is no host name"),
        (f'{LDAP}[nginx]\nserver_name = ""\n', "nginx.server_name: '' is no host name"),
        (f'{LDAP}[nginx]\nserver_name = "*"\n', "nginx.server_name: '*' is no host name"),
        (
            f"{LDAP}[provison]\nworkers = 2\n",
            "provison: unknown setting at the top of the file; did you mean provision?",
        ),
        (
            f'{LDAP}[provision]\nregistar = "pbx"\n',
            "provision.registar: unknown setting; did you mean provision.registrar?",
        ),
        ('state_dir = "x"\n', "ldap: the table [ldap] is missing"),
    ],
)
def test_a_mistake_in_one_setting_is_named_with_its_fix(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    assert [str(found)[: len(fault)] for found in caught.value.faults] == [fault]
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            '[provision]\nlisten = "127.0.0.1:8082"\n',
            "directory.listen: 127.0.0.1:8082 is taken by provision.listen (127.0.0.1:8082;",
        ),
        (
            '[provision]\nworkers = 2\nlisten = "127.0.0.1:8072"\n',
            "directory.listen: 127.0.0.1:8082 is taken by provision.listen (127.0.0.1:8082;",
        ),
        (
            '[nginx]\nlisten = "0.0.0.0:8081"\n',
            "nginx.listen: 0.0.0.0:8081 is taken by provision.listen (127.0.0.1:8081;",
        ),
        (
            '[provision]\ntftp_metrics = "127.0.0.1:8082"\n',
            "provision.tftp_metrics: 127.0.0.1:8082 is taken by directory.listen",
        ),
    ],
)
def test_two_listeners_of_one_address_are_a_fault(tmp_path: Path, text: str, fault: str) -> None:
    [found] = faults_of(load(tmp_path, LDAP + text))
    assert str(found).startswith(fault)


def test_one_port_at_two_addresses_is_none(tmp_path: Path) -> None:
    assert faults_of(load(tmp_path, f'{LDAP}[provision]\nlisten = "127.0.0.2:8082"\n')) == ()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "cannot be read (No such file or directory); name the file with the CA's certificate"),
        ("", "is empty; write the CA's certificate into it"),
        ("junk", "holds no certificate in PEM form"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "holds a certificate that cannot be read"),
    ],
)
def test_a_ca_file_that_is_of_no_use_is_a_fault(tmp_path: Path, content: str | None, problem: str) -> None:
    if content is not None:
        (tmp_path / "ca.pem").write_text(content, encoding="utf-8")
    config = load(tmp_path, LDAP.replace("[ldap]", '[ldap]\nca_file = "ca.pem"'))
    [found] = faults_of(config)
    assert (found.path, problem in found.message) == ("ldap.ca_file", True)
    assert str(tmp_path / "ca.pem") in found.message


def test_the_port_of_ldaps_without_ldaps_is_a_fault(tmp_path: Path) -> None:
    [found] = faults_of(load(tmp_path, LDAP.replace("ldap://127.0.0.1", "ldap://ldap.example.org:636")))
    assert str(found) == (
        "ldap.urls: ldap://ldap.example.org:636: port 636 speaks TLS from the start; write ldaps://ldap.example.org"
    )


def warned(config: Config) -> list[str]:
    return [str(warning) for warning in warnings_of(config)]


def test_the_defaults_warn_of_nothing(tmp_path: Path) -> None:
    assert warned(load(tmp_path, LDAP)) == []


def test_a_public_url_that_leads_elsewhere_is_warned_of(tmp_path: Path) -> None:
    [warning] = warned(load(tmp_path, f'{LDAP}[directory]\npublic_url = "http://phones.example.org:9"\n'))
    assert warning.startswith(
        "directory.public_url: http://phones.example.org:9 leads to port 9, and nginx.listen is 127.0.0.1:8080"
    )


def test_a_public_url_that_leads_each_phone_to_itself_is_warned_of(tmp_path: Path) -> None:
    warnings = warned(load(tmp_path, f'{LDAP}[nginx]\nlisten = "10.0.8.165:8080"\n'))
    assert [warning.partition(" leads each phone to itself")[0] for warning in warnings] == [
        "provision.public_url: http://127.0.0.1:8080",
        "directory.public_url: http://127.0.0.1:8080",
    ]


def test_a_vendor_folder_that_is_not_there_is_warned_of(tmp_path: Path) -> None:
    [warning] = warned(load(tmp_path, f'{LDAP}[provision]\nvendor_dir = "firmware"\n'))
    assert warning.startswith(f"provision.vendor_dir: there is no folder {tmp_path / 'firmware'}")


@pytest.mark.parametrize(("mode", "is_loose"), [(0o600, False), (0o640, False), (0o644, True), (0o602, True)])
def test_a_password_file_that_others_can_read_is_warned_of(tmp_path: Path, mode: int, *, is_loose: bool) -> None:
    file = tmp_path / "password"
    file.write_text("hunter2\n", encoding="utf-8")
    file.chmod(mode)
    text = f'{LDAP}[ldap.directory_bind]\ndn = "cn=d"\npassword_file = "password"\n'
    assert [warning.partition(":")[0] for warning in warned(load(tmp_path, text))] == (
        ["ldap.directory_bind.password_file"] if is_loose else []
    )
