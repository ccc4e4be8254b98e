"""Imports for these tests: files written into a folder, imported, and rendered again."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from services.provision.importing.report import Weight
from services.provision.importing.run import Imported, Sources, run_import
from services.provision.rendering import Renderer
from services.provision.vendors.thomson.catalog import SERIAL
from shared.config import Config
from shared.ldap.ldiftext import parse_ldif
from shared.mac import Mac
from tests.provision.desk import changes_in, configuration, filled_with, parameters

BASE = "dc=example,dc=org"
ARTICLE_NAME = "ST2030S_001F9F16E849.txt"
ARTICLE_FILE = Path(__file__).parents[1] / "data" / "article-phone.txt"
SIP_CONF = """
[general]
context=default
[phone](!)
type=friend
host=dynamic
[1001](phone)
secret=one
callerid="Alice Martin" <1001>
[1002](phone)
secret=two
callerid="Bob Dupin" <1002>
mailbox=1002@default
"""


def files_in(folder: Path, files: Mapping[str, str]) -> Path:
    """A folder with these files, in ISO-8859-1 as phones read them; in UTF-8 where that does not hold them."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("iso-8859-1" if max(text, default="") <= "\xff" else "utf-8"))
    return folder


def imported(
    tmp_path: Path,
    *,
    conf: str = "",
    files: Mapping[str, str] | None = None,
    config: Config | None = None,
    beside: Mapping[str, str] | None = None,
) -> Imported:
    """Import one file of Asterisk, a folder of phone files, or both. `beside`: other files of Asterisk, by their names."""
    confs = (files_in(tmp_path, {**(beside or {}), "sip.conf": conf}) / "sip.conf",) if conf else ()
    folder = files_in(tmp_path / "phones", files) if files is not None else None
    return run_import(Sources(confs, folder), BASE, config or configuration())


def entries_of(done: Imported) -> dict[str, dict[str, tuple[str, ...]]]:
    """The entries by DN, without the base."""
    return {
        entry.dn.removesuffix(f",{BASE}"): dict(entry.attributes)
        for _, entry in parse_ldif("test", done.ldif.splitlines(keepends=True))
    }


def rows_of(done: Imported) -> list[tuple[str, str, str]]:
    """The report: lost or note, what, where. What goes without saying in any import is left out."""
    return [
        ("lost" if row.weight is Weight.LOST else "note", row.what, str(place))
        for row in done.report
        for place in row.places
        if row.what not in ("parameters that no file says", SERIAL)
    ]


def why_of(done: Imported, what: str) -> str:
    """The reason of the one row of this name."""
    (why,) = [row.why for row in done.report if row.what == what]
    return why


def rendered_again(tmp_path: Path, done: Imported, mac: str, model: str = "ST2030") -> dict[str, str]:
    """What a phone of this model gets from the LDIF and the settings, its common file included."""
    settings = tomllib.loads(done.settings)
    mapping = settings.get("ldap", {}).get("mapping", {})
    config = configuration(mapping=mapping, **settings.get("provision", {}))
    path = tmp_path / "import.ldif"
    path.write_bytes(done.ldif)
    db = filled_with(config, changes_in(path, config))
    renderer = Renderer(config)
    asked = renderer.asked(model)
    common = parameters(renderer.common_of(db, asked, Mac(mac)))
    return common | parameters(renderer.phone(db, asked, Mac(mac)))


def written_in(text: str) -> dict[str, str]:
    """Every `section.key=value` of a hand-written file but the serial."""
    found: dict[str, str] = {}
    section = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            section = line[1:-1]
        elif "=" in line:
            key, _, value = line.partition("=")
            found[f"{section}.{key}"] = value
    found.pop(SERIAL, None)
    return found


def lost_on_the_way(tmp_path: Path, done: Imported, files: Mapping[str, str]) -> dict[str, str]:
    """What the phone files say and their phones do not get from the import: nothing, in a round trip."""
    lost: dict[str, str] = {}
    for name, text in files.items():
        if not name.startswith("ComConf"):
            mac = name.partition("_")[2].partition(".")[0].upper()
            now = rendered_again(tmp_path, done, mac)
            lost |= {f"{name} {key}": value for key, value in written_in(text).items() if now.get(key) != value}
    return lost
