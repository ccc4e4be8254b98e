"""Why there is no phone to provision: one fault with the likely reason for each kind that is not found. No secret is read here."""

from collections.abc import Iterator, Sequence

from services.provision.health import NEEDED
from shared.config import Config
from shared.findings import CONFIGURATION, Finding
from shared.ldap.emptiness import Asked, why_nothing
from shared.ldap.source import Kind, Stream
from shared.ldap.survey import Survey
from shared.ldap.whole import Found

_FIELDS = ((Kind.ACCOUNT, "user"), (Kind.ACCOUNT, "secret"), (Kind.PHONE, "mac"), (Kind.PERSON, "display_name"))
"""What every entry of the kind should have."""


def empty_directory(config: Config, streams: Sequence[Stream], found: Found, survey: Survey) -> Iterator[Finding]:
    """Yield why nothing of a kind is found, and what not one of those has that are. `found`: by the streams."""
    kinds = {kind for kind, _ in found}
    for stream in streams:
        if stream.kind in NEEDED and stream.kind not in kinds:
            own = (f"ldap.{stream.kind}.filter", config.ldap.search(stream.kind).filter_text)
            yield why_nothing(survey, Asked(stream, (own,)))
    for kind, field in _FIELDS:
        names = tuple(name.lower() for name in config.ldap.mapping.attributes(kind, (field,)))
        entries = [entry for each, entry in found if each is kind]
        if entries and not any(entry.values(names) for entry in entries):
            written = " or ".join(config.ldap.mapping.attributes(kind, (field,)))
            unless = f", or the account ({survey.account}) may not read it" if survey.account else ""
            problem = f"none of the {len(entries)} {kind} entries has {written}{unless}"
            mend = (
                "correct the mapping, the filter, or the server's ACLs"
                if unless
                else "correct the mapping, or the filter"
            )
            yield Finding(CONFIGURATION, f"ldap.mapping.{kind}.{field}", f"{problem}; {mend}")
