"""How commands that look read the directory: whole, afresh, with progress. Nothing is stored, and no mirror need run."""

from collections.abc import Sequence

from shared.config import Bind, Config
from shared.ldap.open import open_source
from shared.ldap.source import Stream
from shared.ldap.whole import Whole, read_whole
from shared.progress import shown_progress


def read_directory(config: Config, bind: Bind, streams: Sequence[Stream], what: str = "reading the directory") -> Whole:
    """Return all that these searches find. `what`: said while it lasts. Raises `SourceUnavailable`, `LdifError`."""
    with shown_progress(what, enabled=True) as show:
        return read_whole(open_source(config.ldap, bind), streams, show)
