"""What phones would get from imported entries, made by the code that serves phones."""

from collections import ChainMap
from collections.abc import Iterable
from collections.abc import Mapping as MappingOf
from pathlib import Path

from services.provision.importing.entries import AUTH_NAME, EXTENSION, Phone
from services.provision.reads import READS
from services.provision.rendering import Renderer
from services.provision.workbench import filled_tables
from shared.config import Config, Ldap
from shared.errors import EntryError
from shared.ldap.ldiftext import parse_ldif
from shared.ldap.ldifwriter import Record, render_ldif
from shared.ldap.mapping import AccountAttributes, Mapping
from shared.ldap.streams import streams_of
from shared.ldap.whole import found_by
from shared.mac import Mac

Texts = MappingOf[str, str]
"""Values by the parameter's name."""


def with_our_schema(config: Config, base: str) -> Config:
    """Return the configuration with the attributes of our own schema, since that is what an import writes."""
    mapping = Mapping(account=AccountAttributes(auth_name=(AUTH_NAME,), extension=(EXTENSION,)))
    ldap = Ldap(source="ldif", ldif_file=Path("none.ldif"), base=base, mapping=mapping)
    return config.model_copy(update={"ldap": ldap})


def render_all(renderer: Renderer, records: Iterable[Record], phones: Iterable[Phone]) -> dict[Mac, Texts | EntryError]:
    """Return each phone's values, those of its own and of its common file together, or why it is refused."""
    written = render_ldif(records).splitlines(keepends=True)
    streams = streams_of(renderer.config.ldap, READS)
    found: dict[Mac, Texts | EntryError] = {}
    commons: dict[bytes, dict[str, str]] = {}
    with filled_tables(renderer.config, found_by(streams, dict(parse_ldif("import", written)))) as db:
        for phone in phones:
            mac, model = phone.file.mac, renderer.models.usual
            try:
                own = renderer.phone(db, model, mac)
                common = renderer.common_of(db, model, mac)
            except EntryError as error:
                found[mac] = error
                continue
            if common not in commons:
                commons[common] = _texts(common)
            found[mac] = ChainMap(_texts(own), commons[common])
    return found


def _texts(file: bytes) -> dict[str, str]:
    """Read a file of our own, whose form is certain."""
    texts: dict[str, str] = {}
    section = ""
    for line in file.decode("iso-8859-1").split("\r\n"):
        key, equals, text = line.partition("=")
        if equals:
            texts[section + key] = text
        elif line:
            section = f"{line[1:-1]}."
    return texts
