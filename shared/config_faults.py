"""What is wrong between settings, or between a setting and this machine's files: found before anything is opened.

`faults_of`: what cannot work. `warnings_of`: what works and is hardly meant. What one setting alone may
hold is `shared.settings`. Nothing here connects to a server.
"""

import os
import ssl
import stat
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from shared.config import Config
from shared.configfile import secret_files_of
from shared.errors import Fault
from shared.settings import Address

_ANY: Final = ("0.0.0.0", "::", "*")  # noqa: S104  # compared, not listened on
_PORTS: Final = {"http": 80, "https": 443}
_LDAPS_PORT: Final = 636


def faults_of(config: Config) -> tuple[Fault, ...]:
    """Return what cannot work."""
    return (*_address_faults(config), *_ldap_faults(config))


def warnings_of(config: Config) -> tuple[Fault, ...]:
    """Return what works and is hardly meant, or weakens what the site relies on."""
    return (*_url_warnings(config), *_tls_warnings(config), *_file_warnings(config))


def _address_faults(config: Config) -> Iterator[Fault]:
    addresses = [
        *(("provision.listen", config.provision.listen.of_worker(n)) for n in range(config.provision.workers)),
        *(("directory.listen", config.directory.listen.of_worker(n)) for n in range(config.directory.workers)),
        ("nginx.listen", config.nginx.listen),
    ]
    if config.nginx.tls.listen:
        addresses.append(("nginx.tls.listen", config.nginx.tls.listen))
    if config.provision.tftp_metrics:
        addresses.append(("provision.tftp_metrics", config.provision.tftp_metrics))
    for (one, first), (other, second) in combinations(addresses, 2):
        if _meet(first, second):
            problem = f"{second} is taken by {one} ({first}; worker N listens 10·(N-1) higher)"
            yield Fault(other, f"{problem}; set another port")


def _meet(one: Address, other: Address) -> bool:
    return one.port == other.port and (one.host == other.host or one.host in _ANY or other.host in _ANY)


def _ldap_faults(config: Config) -> Iterator[Fault]:
    ldap = config.ldap
    if ldap.source == "ldif":
        return
    if ldap.ca_file is not None:
        yield from _ca_faults(ldap.ca_file)
    for url in ldap.urls:
        parts = urlsplit(url)
        if parts.scheme == "ldap" and parts.port == _LDAPS_PORT:
            yield Fault(
                "ldap.urls", f"{url}: port {_LDAPS_PORT} speaks TLS from the start; write ldaps://{parts.hostname}"
            )


def _ca_faults(file: Path) -> Iterator[Fault]:
    try:
        text = file.read_bytes()
    except OSError as error:
        yield Fault(
            "ldap.ca_file", f"{file} cannot be read ({error.strerror}); name the file with the CA's certificate"
        )
        return
    if b"-----BEGIN CERTIFICATE-----" not in text:
        what = "is empty" if not text.strip() else "holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)"
        yield Fault("ldap.ca_file", f"{file} {what}; write the CA's certificate into it")
        return
    try:
        ssl.create_default_context().load_verify_locations(cafile=file)
    except (ssl.SSLError, OSError) as error:
        reason = getattr(error, "reason", None) or error.strerror or "no reason given"
        yield Fault("ldap.ca_file", f"{file} holds a certificate that cannot be read ({reason}); copy it again")


def _url_warnings(config: Config) -> Iterator[Fault]:
    front = [listen for listen in (config.nginx.listen, config.nginx.tls.listen) if listen]
    for path, url in (
        ("provision.public_url", config.provision.public_url),
        ("directory.public_url", config.directory.public_url),
    ):
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
        if port not in {listen.port for listen in front}:
            listens = " and ".join(map(str, front))
            yield Fault(
                path,
                f"{url} leads to port {port}, and nginx.listen is {listens}; set the same port unless one forwards to the other",
            )
        elif _is_loopback(parts.hostname or "") and not any(_is_loopback(listen.host) for listen in front):
            yield Fault(
                path, f"{url} leads each phone to itself; write the name or address at which phones reach nginx"
            )


def _tls_warnings(config: Config) -> Iterator[Fault]:
    for path, url in (
        ("provision.public_url", config.provision.public_url),
        ("directory.public_url", config.directory.public_url),
    ):
        if url.startswith("https:"):
            yield Fault(
                path,
                "phones of the ST2030's age speak TLS 1.0 at most, which the nginx of `dialtree export nginx`, and OpenSSL by "
                "default, refuse; use http: in the phones' network, or a front end of your own that allows TLS 1.0",
            )


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _file_warnings(config: Config) -> Iterator[Fault]:
    folder = config.provision.vendor_dir
    if folder is not None and not folder.is_dir():
        yield Fault(
            "provision.vendor_dir", f"there is no folder {folder}, so phones are offered no firmware; create it"
        )
    for path, file in secret_files_of(config):
        try:
            mode = file.stat().st_mode
        except OSError:
            continue
        if mode & (stat.S_IROTH | stat.S_IWOTH):
            yield Fault(path, f"every user of this machine can read {file}; run: chmod o= {file}")
        elif mode & stat.S_IWGRP and file.stat().st_uid != os.getuid():
            yield Fault(path, f"a group may write {file}; run: chmod g-w {file}")
