"""The names under which phones ask for their files, and which model asks so (phone-spec 2.2-2.4). Pure: a name in, its meaning out.

Any letter case. What stands in front of a name is the routes' affair, but for one case: a phone that was given a base URL
without a slash at its end asks for `configST2030S_<MAC>.txt`.
"""

import re
from typing import Final, Literal, NamedTuple

from services.provision.vendors.thomson.models import Model, Models
from shared.mac import Mac

Kind = Literal["general", "common", "phone", "encrypted"]
_ENDINGS: Final[dict[str, Kind]] = {"txt": "phone", "ser": "encrypted", "inf": "general"}


class FileName(NamedTuple):
    """What a name asks for."""

    kind: Kind
    model: Model
    """The first model that goes by such names."""
    mac: Mac | None = None
    """Of a phone's own file, and of a general file that is asked for by address."""
    digest: str = ""
    """Of a common file, lower case."""


class FileNames:
    """Reads names for the models of an installation."""

    def __init__(self, models: Models) -> None:
        first_first = list(models)[::-1]  # of models that share a name, the last one written here stays
        self._general = {
            name.lower(): FileName("general", model) for model in first_first for name in model.general_files
        }
        self._by_prefix = {model.prefix.lower(): model for model in first_first}
        self._by_common = {model.common_file.lower(): model for model in first_first}
        self._own = re.compile(
            rf"(?:config)?(?P<prefix>{_any_of(self._by_prefix)})_(?P<mac>[0-9a-f]{{12}})\.(?P<ending>txt|ser|inf)",
            re.ASCII,
        )
        self._common = re.compile(
            rf"(?:config)?(?P<stem>{_any_of(self._by_common)})-(?P<digest>[0-9a-f]{{16}})\.txt", re.ASCII
        )

    def parse(self, name: str) -> FileName | None:
        """Return what a name asks for, None for a name that no model's file has."""
        lower = name.lower()
        own = self._own.fullmatch(lower)
        if own:
            return FileName(_ENDINGS[own["ending"]], self._by_prefix[own["prefix"]], Mac(own["mac"].upper()))
        general = self._general.get(lower)
        if general:
            return general
        common = self._common.fullmatch(lower)
        if common:
            return FileName("common", self._by_common[common["stem"]], digest=common["digest"])
        return None


def _any_of(names: dict[str, Model]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
