"""A setting that decides what is stored changes a fingerprint of the mirror, so its rows are made anew or asked for again."""

from typing import Any

import pytest

from services.directory.reads import reads_of
from services.directory.tables import DirectoryTables
from services.provision.layers import Site
from services.provision.reads import READS
from services.provision.tables import ProvisionTables
from services.provision.vendors.thomson.models import load_models
from services.provision.vendors.thomson.render import render_common
from shared.config import Config
from shared.configfile import settings_of
from shared.ldap.streams import streams_of

GROUP = "cn=sales,ou=groups,dc=example,dc=org"
SINCE_THEY_DECIDE_NOTHING_THAT_IS_STORED = frozenset({
    "state_dir", "log_level", "ldap.source", "ldap.ldif_file", "ldap.urls", "ldap.start_tls",
    "ldap.check_certificate", "ldap.ca_file", "ldap.certificate_names", "ldap.connect_timeout",
    "ldap.operation_timeout", "ldap.poll_interval", "ldap.provision_bind.dn",
    "ldap.provision_bind.password_file", "ldap.directory_bind.dn", "ldap.directory_bind.password_file",
    "ldap.mapping.preset", "guard.share", "guard.least", "guard.window", "provision.listen",
    "provision.workers", "provision.allow", "provision.trusted_proxies", "provision.tftp_listen",
    "provision.tftp_metrics", "provision.path_prefix", "provision.vendor_dir", "provision.models_dir",
    "provision.pinned_files", "provision.other_extensions", "provision.voicemail_number",
    "provision.settings_file", "directory.listen", "directory.workers", "directory.allow",
    "directory.trusted_proxies", "directory.charset", "directory.min_query", "directory.labels",
    "directory.lookup_allow", "directory.kept_answers", "directory.profiles", "nginx.listen",
    "nginx.server_name", "nginx.provision_rate", "nginx.directory_rate", "nginx.lookup_rate",
    "nginx.tls.listen", "nginx.tls.certificate", "nginx.tls.key",
    "provision.public_url", "provision.registrar", "provision.backup_registrar", "provision.sip_domain",
    "provision.pickup_code", "provision.country", "provision.time_zone", "provision.daylight", "provision.ntp_server",
    "provision.phonebook_name", "directory.public_url", "provision.voicemail_transfer", "provision.tftp_rate",
    "ldap.complete_read_interval", "nginx.connections",
})  # fmt: skip
"""`ldap.urls`, `source` and `ldif_file`: a cookie belongs to a server. `preset`: the mapping that it gives is compared.

`path_prefix`, `vendor_dir` and the like are read when a phone asks; `settings_file` holds secrets, in phones' files too. What
stands in phones' own files (`registrar`, `time_zone`, …) is put there when a phone asks.
"""
OTHER: dict[str, Any] = {
    "numbers.region": "DE",
    "numbers.area_code": "1",
    "numbers.base_number": "+33 1 99 00",
    "numbers.outside_prefix": "9",
    "numbers.international_prefix": "00",
    "numbers.exceptions": {"3631": "03631"},
    "numbers.locations": [{"name": "Lyon", "sites": ["Lyon"]}],
    "provision.language": "fr",
    "provision.settings": {"ipp.AutoAnsTimer": "1"},
    "directory.language": "fr",
    "directory.locale": "sv",
    "directory.phonebooks": [{"slot": 2, "kind": "everyone"}],
    "directory.visibility.filter": "(title=Boss)",
    "directory.visibility.excluded": ["ou=x,dc=example,dc=org"],
    "directory.visibility.hidden": ["home"],
    "ldap.mapping.person.disabled": ["x=TRUE"],
}
DECIDING = [path for path, _ in settings_of() if path not in SINCE_THEY_DECIDE_NOTHING_THAT_IS_STORED]


def config_of(**tables: dict[str, Any]) -> Config:
    book = {"slot": 1, "kind": "group", "group": GROUP}
    base: dict[str, dict[str, Any]] = {
        "ldap": {"source": "ldif", "ldif_file": "x.ldif"},
        "directory": {"phonebooks": [book]},
    }
    for name, values in tables.items():
        base.setdefault(name, {}).update(values)
    return Config.model_validate(base)


def with_other(path: str, value: object) -> Config:
    if path == "numbers.base_overlap":  # of a number only
        return config_of(numbers={"base_number": "+33 1 99 00 2", "base_overlap": 1})
    table, *between, name = path.split(".")
    values: dict[str, Any] = {name: value}
    for each in reversed(between):
        values = {each: values}
    return config_of(**{table: values})


def other_value(path: str, default: object) -> object:
    if path in OTHER:
        return OTHER[path]
    endings = {"base": "ou=other,dc=example,dc=org", "scope": "one", "filter": "(cn=other)"}
    ending = path.rpartition(".")[2]
    if ending in endings:
        return endings[ending]
    if isinstance(default, int):
        return not default if isinstance(default, bool) else default - 1 if default > 1 else default + 1
    return "http://other.example.org" if path.endswith("_url") else ["other"] if isinstance(default, tuple) else "other"


def stored_by(config: Config) -> set[object]:
    """What the files of both mirrors depend on; common files are rendered at each start, and compared."""
    streams = (*streams_of(config.ldap, reads_of(config)), *streams_of(config.ldap, READS))
    models = load_models(config)
    site = Site(config, models)
    return {
        ("directory", DirectoryTables(config).fingerprint),
        ("provision", ProvisionTables(config).fingerprint),
        *((number, stream.kind, stream.fingerprint) for number, stream in enumerate(streams)),
        *((model.name, render_common(model, site.shared(model, ()))) for model in models),
    }


@pytest.mark.parametrize("path", DECIDING)
def test_a_setting_that_decides_what_is_stored_is_in_a_fingerprint(path: str) -> None:
    default = dict(settings_of())[path].default
    assert stored_by(with_other(path, other_value(path, default))) != stored_by(config_of())


def test_the_settings_that_decide_nothing_exist() -> None:
    assert {path for path, _ in settings_of()} >= SINCE_THEY_DECIDE_NOTHING_THAT_IS_STORED


@pytest.mark.parametrize(
    "path",
    [
        path
        for path, _ in settings_of()
        if path.startswith(("numbers.", "directory.visibility.", "ldap.mapping.person."))
    ],
)
def test_a_setting_of_the_phonebook_is_in_the_fingerprint_of_its_mirror(path: str) -> None:
    """The rows, not only the provision service's files."""
    default = dict(settings_of())[path].default
    before, after = config_of(), with_other(path, other_value(path, default))
    assert DirectoryTables(before).fingerprint != DirectoryTables(after).fingerprint


def test_a_default_profile_is_in_the_fingerprint_of_the_phones() -> None:
    other = config_of(provision={"default_profile": "other"})
    assert ProvisionTables(other).fingerprint != ProvisionTables(config_of()).fingerprint
