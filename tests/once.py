"""What a mirror leaves after its first poll of an LDIF file: a service's own store, for commands that read it."""

from shared.config import Config
from shared.ldap.ldif import LdifSource
from shared.ldap.source import Done, Reads, Upsert
from shared.ldap.streams import streams_of
from shared.tables import Tables
from shared.writer import Store


def mirror_once(config: Config, tables: Tables, reads: Reads) -> None:
    """Read the file of the configuration into the service's store, as `reads` asks."""
    config.state_dir.mkdir(mode=0o700)
    store = Store(config.state_dir / f"{tables.name}.db", tables, tuple(reads), secrets=(), guard=config.guard)
    store.prepare()
    assert config.ldap.ldif_file is not None
    source = LdifSource(config.ldap.ldif_file)
    for stream in streams_of(config.ldap, reads):
        found = [item for item in source.poll(stream, None) if isinstance(item, Upsert)]
        store.apply(stream, "test", None, iter([*found, Done(None, complete=True)]))
    store.close()
