"""From the configuration to a source: the one place that chooses the adapter."""

from shared.config import Bind, Ldap
from shared.ldap.ldif import LdifSource
from shared.ldap.source import Source
from shared.ldap.syncrepl import SyncreplSource


def open_source(ldap: Ldap, bind: Bind) -> Source:
    """Return the source that the configuration names, not yet connected."""
    if ldap.source == "ldif" and ldap.ldif_file is not None:
        return LdifSource(ldap.ldif_file)
    return SyncreplSource(ldap, bind)
