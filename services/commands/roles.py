"""What running either service takes, and the configuration that a command is called with. No click command stands here.

The tables of a service are imported when it is asked for: neither waits for the other's at its start.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from services.commands.running import warn_of_another_configuration
from services.directory.paging import url_faults
from services.directory.reads import read_faults, reads_of
from services.provision.layers import setting_faults
from services.provision.reads import READS
from services.provision.vendors.thomson.models import load_models
from shared.config import Bind, Config, Service
from shared.config_faults import faults_of
from shared.configfile import DEFAULT_FILE, FILE_VARIABLE, ServiceName, load_config
from shared.errors import ConfigurationError, Fault
from shared.ldap.source import Reads
from shared.ldap.streams import streams_of
from shared.store import Reader
from shared.tables import Tables


@dataclass(frozen=True, slots=True)
class Role:
    """One of the two services, with all that following the directory for it takes."""

    name: ServiceName
    service: Service
    bind: Bind
    reads: Reads
    tables: Tables

    def database(self, config: Config) -> Path:
        """The service's SQLite file."""
        return config.state_dir / f"{self.name}.db"

    def reader(self, config: Config) -> Reader:
        """Open that file for reading."""
        return Reader(self.database(config), self.tables.name, self.tables.version)


class ConfigFile:
    """The `--config` of a call; the file is read when a subcommand first needs it."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    @property
    def is_there(self) -> bool:
        """Whether a file is named, or stands where one is looked for."""
        return self._path is not None or FILE_VARIABLE in os.environ or DEFAULT_FILE.exists()

    def load(self, service: ServiceName | None = None) -> Config:
        """Read and check everything that can be checked without a network.

        `service`: the one that the caller runs or describes; the other one's secrets need not be
        readable then. Raises `ConfigurationError`.
        """
        config = load_config(self._path, service=service)
        faults = (
            *faults_of(config),
            *_filter_faults(config),
            *setting_faults(config, load_models(config)),
            *url_faults(config),
            *read_faults(config),
        )
        if faults:
            raise ConfigurationError(faults)
        return config

    def load_running(self, service: ServiceName) -> Config:
        """Do what `load` does, and say when the running service has another configuration (design law 16)."""
        config = self.load(service)
        warn_of_another_configuration(config, service)
        return config


def _filter_faults(config: Config) -> tuple[Fault, ...]:
    try:
        streams_of(config.ldap, {**reads_of(config), **READS})
    except ConfigurationError as error:
        return error.faults
    return ()


def provision_role(config: Config) -> Role:
    """Return the provision service."""
    from services.provision.tables import ProvisionTables  # noqa: PLC0415  # see above

    return Role(
        name="provision",
        service=config.provision,
        bind=config.ldap.provision_bind,
        reads=READS,
        tables=ProvisionTables(config),
    )


def directory_role(config: Config) -> Role:
    """Return the directory service."""
    from services.directory.tables import DirectoryTables  # noqa: PLC0415  # see above

    return Role(
        name="directory",
        service=config.directory,
        bind=config.ldap.directory_bind,
        reads=reads_of(config),
        tables=DirectoryTables(config),
    )
