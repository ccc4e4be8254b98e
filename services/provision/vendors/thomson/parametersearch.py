"""Searches the catalogue for people: by name, by a word of the meaning, else by names that are nearly so. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from services.provision.vendors.thomson.catalog import Parameter, Unmanaged, load_unmanaged
from services.provision.vendors.thomson.models import Model

_COUNT: Final = re.compile(r"\.\.(keys|softkeys)\}")
_NEAR: Final = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the catalogue, with the parameters that each model has of it, in order."""

    pattern: str
    models: Mapping[Model, tuple[Parameter | Unmanaged, ...]]

    @property
    def first(self) -> Parameter | Unmanaged:
        """A parameter of it; what is said of all is said of any."""
        return next(iter(self.models.values()))[0]

    @property
    def title(self) -> str:
        """The pattern with the numbers that the largest of these models has: `sys.FeatureKeyExt{01..66}`."""
        counts = {"keys": max(model.keys for model in self.models), "softkeys": max(m.softkeys for m in self.models)}
        return _COUNT.sub(lambda match: f"..{counts[match[1]]}}}", self.pattern)

    @property
    def names(self) -> frozenset[str]:
        """Every name in it, in lower case."""
        return frozenset(parameter.name.lower() for parameters in self.models.values() for parameter in parameters)


def all_rows(models: Iterable[Model]) -> Sequence[Row]:
    """Return every row that one of these models knows, in the order of the catalogue; what nobody sets comes last."""
    found: dict[str, dict[Model, list[Parameter | Unmanaged]]] = {}
    chosen = tuple(models)
    for model in chosen:
        for parameter in model.catalog.values():
            found.setdefault(parameter.pattern, {}).setdefault(model, []).append(parameter)
    for model in chosen:
        for unmanaged in load_unmanaged(model.family).values():
            found.setdefault(unmanaged.pattern, {}).setdefault(model, []).append(unmanaged)
    return [Row(pattern, {model: tuple(own) for model, own in by.items()}) for pattern, by in found.items()]


def find_rows(rows: Sequence[Row], word: str) -> Sequence[Row]:
    """Return the row of exactly this name (with or without its section), else all that hold the word; any letter case."""
    word = word.strip().lower()
    exact = [row for row in rows if any(word in (name, _key(name)) for name in row.names)]
    if exact:
        return exact
    return [row for row in rows if any(word in name for name in row.names) or word in row.first.meaning.lower()]


def find_near(rows: Sequence[Row], word: str) -> Sequence[Row]:
    """Return rows whose names are spelt almost like the word, the nearest first."""
    word = word.strip().lower()
    by_name = {(name if "." in word else _key(name)): row for row in rows for name in row.names}
    near = (by_name[name] for name in get_close_matches(word, by_name, n=_NEAR))
    return list({row.pattern: row for row in near}.values())


def _key(name: str) -> str:
    return name.partition(".")[2]
