"""From the configuration to the searches that find what a service reads. No I/O, and no adapter is chosen here."""

from shared.config import Ldap
from shared.errors import ConfigurationError, Fault
from shared.ldap.filters import FilterError, needs_server, parse_filter
from shared.ldap.source import Kind, Read, Reads, Stream


def streams_of(ldap: Ldap, reads: Reads) -> tuple[Stream, ...]:
    """Return the search of each kind; raises `ConfigurationError` with every filter that cannot be used."""
    streams = tuple(_stream(ldap, kind, read) for kind, read in reads.items())
    faults = tuple(fault for stream in streams for fault in _filter_faults(ldap, stream))
    if faults:
        raise ConfigurationError(faults)
    return streams


def _stream(ldap: Ldap, kind: Kind, read: Read) -> Stream:
    search = ldap.search(kind)
    filter_text = f"(&{search.filter_text}{read.filter})" if read.filter else search.filter_text
    names = dict.fromkeys((*ldap.mapping.attributes(kind, read.fields), *read.attributes))
    asked = tuple(name for name in names if name.lower() not in read.without)
    return Stream(kind, search.base or ldap.base, search.scope, filter_text, asked, read.rules)


def _filter_faults(ldap: Ldap, stream: Stream) -> list[Fault]:
    path = f"ldap.{stream.kind}.filter"
    try:
        if ldap.source == "ldif" and needs_server(parse_filter(stream.filter)):
            return [Fault(path, "a file knows no matching rules; write it without :=")]
        parse_filter(stream.filter)
    except FilterError as error:
        return [Fault(path, str(error))]
    return []
