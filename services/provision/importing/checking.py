"""Whether the models of phones can take a value of an old file, and what the report says where they cannot."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from services.provision.importing.phonefiles import Value
from services.provision.importing.report import Report
from services.provision.importing.superseded import superseded
from services.provision.rendering import Renderer
from services.provision.values import Unwritable, shown_line
from services.provision.vendors.thomson.catalog import load_unmanaged
from services.provision.vendors.thomson.models import Model

SPELT_OUT: Final = "is spelt out: phones read ISO-8859-1, which lacks a character of it"
_ALMOST: Final = 0.9
"""How alike two names are that may be one, misspelt."""


class ValueChecker:
    """Checks values against the catalogues of the models."""

    def __init__(self, renderer: Renderer, report: Report) -> None:
        self._renderer = renderer
        self._report = report
        self._near: dict[str, str] = {}
        """Names that are no parameter, and the one that each may mean, "" for none."""

    def check(self, name: str, value: Value, models: Sequence[Model]) -> str | None:
        """Return a value as the catalogue has it; None, and a row, where no model takes it, or dialtree's own counts."""
        known = [model for model in models if name in model.catalog]
        if not known:
            self._report_unknown(name, value, models)
            return None
        ours = superseded(name, value.text, self._renderer.config)
        if ours is not None:
            add = self._report.lost if ours.is_lost else self._report.note
            add(name, value.place, ours.why, ours.mend)
            return None
        try:
            text = known[0].catalog[name].check(value.text)
        except Unwritable as error:
            if value.text:
                self._report.lost(name, value.place, str(error), "correct the value")
            else:
                self._report.note(name, value.place, "has no value; phones get dialtree's", together=True)
            return None
        if text != value.text:
            self._report.note(name, value.place, SPELT_OUT)
        return text

    def _report_unknown(self, name: str, value: Value, models: Sequence[Model]) -> None:
        unmanaged = [found for model in models if (found := load_unmanaged(model.family).get(name)) is not None]
        if not value.text:
            self._report.note(name, value.place, "has no value, and the phone does not know it", together=True)
        elif unmanaged and unmanaged[0].firmware:
            why = "is of older firmware; phones with the firmware of today ignore it"
            self._report.lost(name, value.place, why, "leave it out", together=True)
        elif unmanaged:
            self._report.note(name, value.place, "is the phone's own state, which it keeps itself", together=True)
        elif any(name in model.catalog for model in self._renderer.models):
            why = f"is no parameter of the {models[0].name}"
            self._report.lost(name, value.place, why, "leave it out", together=True)
        else:
            if name not in self._near:  # every phone may hold it
                self._near[name] = next(iter(get_close_matches(name, models[0].catalog, n=1, cutoff=_ALMOST)), "")
            near = self._near[name]
            why = f"did you mean {near}?" if near else "older firmware knew some more"
            why = f"is no parameter of these phones; {why}"
            mend = "correct the name, or leave it out; `dialtree parameters` shows what there is"
            self._report.lost(name, value.place, why, mend, together=not near)


def spelt_out(text: str) -> str | None:
    """Return a text as a phone file holds it; None where none can."""
    try:
        return shown_line(text)
    except Unwritable:
        return None
