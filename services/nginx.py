"""Renders nginx's configuration, `deploy/nginx/dialtree.conf.template`, from ours. Pure but for reading the template.

What nginx does is said in the template; here stand only the values, and how they are written so that nginx reads
them as they are meant. In the template `%{name}` is a value, and what stands between `# if name` and `# end` is left out
where that value is empty.
"""

import re
from pathlib import Path
from string import Template
from typing import Final

from services.directory.dialects.screen import Message, Outcome
from services.directory.dialects.table import DIALECTS, THOMSON, Dialect
from services.directory.profiles import Profiles
from services.directory.texts import texts_in
from shared.config import Config, Service
from shared.errors import ConfigurationError, DialtreeError, Fault
from shared.settings import Address, Network

LOG_FOLDER: Final = Path("/var/log/nginx")
_TEMPLATE: Final = Path(__file__).resolve().parents[1] / "deploy" / "nginx" / "dialtree.conf.template"
_OPTIONAL: Final = re.compile(r"^ *# if (\w+)\n(.*?)^ *# end\n", re.MULTILINE | re.DOTALL)
_WILDCARDS: Final = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "*": "127.0.0.1"}  # noqa: S104  # named, not listened on
_BURST: Final = 4
"""Seconds of provisioning requests that a client may ask at once: a phone asks for about ten files at boot, then for none."""
_MOST_BLANKS: Final = 6
"""Of a search: seven words."""
_NOT_QUOTABLE: Final = re.compile(r"[$\x00-\x1f\x7f]")
"""nginx reads a `$` as the beginning of a variable even between quotation marks, and knows no way to write it."""


class _NginxTemplate(Template):
    """`%{name}`, since nginx's own variables begin with a dollar sign and its named locations with an @."""

    delimiter = "%"


def render_nginx(config: Config, log_folder: Path = LOG_FOLDER) -> str:
    """Return what belongs into nginx's `http { }`.

    Raises `ConfigurationError` when nginx cannot be given a value, `DialtreeError` when the template is not there.
    """
    faults: list[Fault] = []

    def quoted(path: str, value: object) -> str:
        if _NOT_QUOTABLE.search(str(value)):
            faults.append(Fault(path, f"nginx cannot be told {str(value)!r}: it holds a $ or a control character"))
        return '"{}"'.format(str(value).replace("\\", "\\\\").replace('"', '\\"'))

    provision, directory, front = config.provision, config.directory, config.nginx
    values = {
        "provision_workers": _servers(provision),
        "directory_workers": _servers(directory),
        "provision_networks": _networks(provision.allow),
        "directory_networks": _networks(directory.allow),
        "provision_rate": str(front.provision_rate),
        "provision_burst": str(_BURST * front.provision_rate),
        "connections": str(front.connections),
        "most_blanks": str(_MOST_BLANKS),
        "spaced_searches": "\n".join(_spaced_search(blanks) for blanks in range(1, _MOST_BLANKS + 1)),
        "directory_rate": str(front.directory_rate),
        "directory_burst": str(2 * front.directory_rate),
        "lookup_networks": _networks(directory.lookup_allow),
        "lookup_rate": str(front.lookup_rate),
        "lookup_burst": str(2 * front.lookup_rate),
        "listen": str(front.listen),
        "server_name": front.server_name,
        "access_log": quoted("log folder", log_folder / "dialtree.access.log"),
        "error_log": quoted("log folder", log_folder / "dialtree.error.log"),
        "tls_listen": str(front.tls.listen or ""),
        "tls_certificate": quoted("nginx.tls.certificate", front.tls.certificate),
        "tls_key": quoted("nginx.tls.key", front.tls.key),
        "path_prefix": re.escape(provision.path_prefix),
        "vendor_dir": quoted("provision.vendor_dir", provision.vendor_dir.resolve()) if provision.vendor_dir else "",
        "dialects": "|".join(dialect.name for dialect in DIALECTS),
        "dialect_agents": "\n".join(_agent(dialect) for dialect in DIALECTS),
        "default_dialect": THOMSON.name,
        **_refusals(config),
    }
    if faults:
        raise ConfigurationError(tuple(faults))
    text = _OPTIONAL.sub(lambda block: block[2] if values[block[1]] else "", _read_template())
    return _NginxTemplate(text).substitute(values)


def _read_template() -> str:
    try:
        text = _TEMPLATE.read_text(encoding="utf-8")
    except OSError as error:
        raise DialtreeError(f"{_TEMPLATE} cannot be read ({error.strerror}); run from a checkout") from error
    return text


def _servers(service: Service) -> str:
    """A worker that does not answer is left alone for one second only: it is started again faster than that."""
    addresses = (service.listen.of_worker(index) for index in range(service.workers))
    return "\n".join(f"    server {_reachable(address)} max_fails=1 fail_timeout=1s;" for address in addresses)


def _reachable(address: Address) -> str:
    return f"{_WILDCARDS[address.host]}:{address.port}" if address.host in _WILDCARDS else str(address)


def _networks(networks: tuple[Network, ...]) -> str:
    return "\n".join(f"    {network} 1;" for network in dict.fromkeys(networks))


def _agent(dialect: Dialect) -> str:
    return f'    "~*{dialect.agents.pattern}" {dialect.name};'


def _spaced_search(blanks: int) -> str:
    """A line of a map from a request line to the target of a search whose query holds so many raw blanks."""
    names = [f"dialtree_word{number}" for number in range(blanks + 1)]
    words = " ".join(f"(?<{name}>[^\\x00-\\x20\\x7f]*)" for name in names[1:])
    dialects = "|".join(dialect.name for dialect in DIALECTS)
    path = rf"/+(?:b[1-8]/+)?(?:(?:{dialects})/+)?search/*[?][^\x00-\x20\x7f]*"
    line = f"^(?:GET|HEAD) +(?:https?://[^/ ]*)?(?<{names[0]}>{path}) {words}(?: HTTP/1[.][01])$"
    target = "%20".join(f"${{{name}}}" for name in names)
    return f'    "~{line}" "{target}";'


def _refusals(config: Config) -> dict[str, str]:
    """The documents of every dialect for the cases in which no worker is asked, as lines of nginx's maps."""
    texts, profiles = texts_in(config.phonebook_language), Profiles(config)
    told: tuple[tuple[str, str, Outcome], ...] = (
        ("unknown", texts.unknown, "unknown"),
        ("blanks", texts.blanks, "malformed"),
        ("busy", texts.busy, "unavailable"),
        ("unavailable", texts.unavailable, "unavailable"),
    )
    readings = [profiles.reading("", dialect.name) for dialect in DIALECTS]
    types = [f'    {r.dialect.name} "{r.dialect.content_type(r.profile)}";' for r in readings]
    documents = {
        f"directory_{name}": "\n".join(
            f"    {r.dialect.name} {_string(r.dialect.render(Message(texts.phonebook, text, outcome), r.profile, texts.captions))};"
            for r in readings
        )
        for name, text, outcome in told
    }
    return {"directory_types": "\n".join(types), **documents}


def _string(document: bytes) -> str:
    return "'{}'".format(document.decode("ascii").replace("\\", "\\\\").replace("'", "\\'"))
