"""How commands that look read the directory: whole, afresh, with progress. Nothing is stored, and no mirror need run."""

from collections.abc import Sequence

from shared.config import Bind, Config
from shared.errors import SourceUnavailable
from shared.findings import Finding
from shared.ldap.emptiness import IsHidden, missing_bases
from shared.ldap.entry import dn_key
from shared.ldap.open import open_source
from shared.ldap.source import Stream
from shared.ldap.survey import Survey
from shared.ldap.whole import Found, Whole, read_found, read_whole
from shared.progress import shown_progress


def read_directory(config: Config, bind: Bind, streams: Sequence[Stream], what: str = "reading the directory") -> Whole:
    """Return all that these searches find. `what`: said while it lasts. Raises `SourceUnavailable`, `LdifError`."""
    with shown_progress(what, enabled=True) as show:
        return read_whole(open_source(config.ldap, bind), streams, show)


def read_found_entries(config: Config, bind: Bind, streams: Sequence[Stream]) -> Found:
    """Return what each of these searches finds, as the directory itself answers it. Raises `SourceUnavailable`, `LdifError`."""
    with shown_progress("reading the directory", enabled=True) as show:
        return read_found(open_source(config.ldap, bind), streams, show)


def unreadable(
    error: SourceUnavailable, survey: Survey, streams: Sequence[Stream], is_hidden: IsHidden
) -> list[Finding]:
    """Return why the directory could not be read: bases that are not there, or else what the server says, such as its limits."""
    return [*missing_bases(survey, streams, is_hidden)] or [Finding("LDAP", "search", str(error))]


def counted(found: Found) -> str:
    """Return how many entries there are, of several kinds or not."""
    return f"{len({dn_key(entry.dn) for _, entry in found})} entries"
