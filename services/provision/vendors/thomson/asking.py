"""Which model a phone is: what its entry says, else its User-Agent, else the file it asks for. Pure.

The entry wins, because an administrator wrote it; the others are only names that a phone gives itself (design law 13). That
they disagree is worth a report: a phone was exchanged, or an entry copied.
"""

from typing import NamedTuple

from services.provision.vendors.thomson.models import Model


class Asked(NamedTuple):
    """What a request says of the phone's model."""

    file: Model
    """By the name of the file."""
    agent: Model | None = None
    """By the User-Agent; None where it names no model."""

    def choose(self, entry: Model | None) -> Model:
        """Return the model that the phone is taken for. `entry`: what its entry says."""
        return entry or self.agent or self.file

    def contradiction(self, entry: Model | None) -> str:
        """Return the sentence that reports a disagreement, "" where there is none."""
        chosen = self.choose(entry)
        against = []
        if self.agent is not None and not chosen.goes_as(self.agent):
            against.append(f"its User-Agent says {self.agent.name}")
        if not chosen.goes_as(self.file):
            against.append(f"the file it asks for says {self.file.name}")
        if not against:
            return ""
        winner = "its entry" if entry else "its User-Agent"
        return f"{winner} says {chosen.name}, which counts, but {' and '.join(against)}"
