"""The one configuration model: every setting, its default and its meaning; the sections stand in `shared.sections`.

`shared.configfile` reads the file and the environment into it.

Nothing here opens a socket or imports a service. That two settings do not fit together is said here too, so that all
faults come at once.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field

from shared.sections.directory import Directory, Language, Locale, Phonebook
from shared.sections.ldap import Bind, Guard, Ldap, PersonSearch, PhoneSearch
from shared.sections.nginx import Nginx
from shared.sections.numbers import Numbers
from shared.sections.provision import Provision
from shared.sections.service import Service
from shared.settings import FilePath, Section

__all__ = [
    "Bind", "Config", "Directory", "Guard", "Ldap", "Nginx", "Numbers", "PersonSearch", "PhoneSearch", "Phonebook", "Provision",
    "Service",
]  # fmt: skip


class Config(Section):
    """The whole of `dialtree.toml`."""

    state_dir: FilePath = Field(Path("state"), description="Folder of the mirrors' SQLite files; created, mode 0700")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged")
    ldap: Ldap
    guard: Guard = Guard()
    numbers: Numbers = Numbers()
    provision: Provision = Provision()
    directory: Directory = Directory()
    nginx: Nginx = Nginx()

    @property
    def phonebook_language(self) -> Language:
        """The language of what the phonebooks say."""
        return self.directory.language or self.provision.language

    @property
    def phonebook_locale(self) -> Locale:
        """The language by whose alphabet the phonebooks are sorted."""
        return self.directory.locale or self.phonebook_language
