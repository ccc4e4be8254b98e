"""The types of settings: how each is written in the file, and what is refused. The settings themselves: `shared.config`."""

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import phonenumbers
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from shared.ldap.entry import is_dn
from shared.ldap.mapping import split_list
from shared.secret import Secret

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOOPBACK_NETWORKS: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
PRIVATE_NETWORKS: tuple[Network, ...] = (
    *LOOPBACK_NETWORKS,
    *(ipaddress.ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16")),
    *(ipaddress.ip_network(text) for text in ("fc00::/7", "fe80::/10")),
)
_ADDRESS = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^:\[\]]+):(?P<port>\d{1,5})")
_HOST = re.compile(r"(?!-)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*", re.ASCII)
_BARE_IPV6 = re.compile(r"[0-9a-fA-F:]*:[0-9a-fA-F:.]*:\d{1,5}")
_SERVER_NAME = re.compile(r"_|(?:\*?\.)?[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*(?:\.\*)?")


class Section(BaseModel):
    """A table of the file: unknown keys are refused, values do not change once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, validate_default=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_none(cls, values: object) -> object:
        """TOML has no null: the empty text stands for "none" where a setting may be absent."""
        if not isinstance(values, dict):
            return values
        absent = {name for name, field in cls.model_fields.items() if field.default is None}
        return {name: value for name, value in values.items() if not (value == "" and name in absent)}


class Address(str):
    """`host:port` of a listening socket, IPv6 in brackets."""

    __slots__ = ()

    @property
    def host(self) -> str:
        """The host without brackets."""
        return self.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port, 1-65535."""
        return int(self.rpartition(":")[2])

    def of_worker(self, index: int) -> "Address":
        """Return the address of worker `index` (0 is the first): ten ports apart, so that services do not meet."""
        return Address(f"{self.rpartition(':')[0]}:{self.port + 10 * index}")


class SecretFile:
    """A secret and the file it was read from; prints as the path only. `secret`: as it was when it was read."""

    __slots__ = ("path", "secret")

    def __init__(self, path: Path) -> None:
        """Raises `ValueError`, see `current`."""
        self.path = path
        self.secret = self.current()

    def current(self) -> Secret:
        """Return the secret as the file has it now. Raises `ValueError`: no file, none that may be read, an empty one."""
        try:
            text = self.path.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(
                f"cannot read {self.path}: {error.__class__.__name__}; give a readable file that holds the secret"
            ) from error
        if not text:
            raise ValueError(f"{self.path} is empty; write the secret into it")
        return Secret(text)

    def __repr__(self) -> str:
        return str(self.path)


def _parse_address(value: object) -> Address:
    text = str(value)
    match = _ADDRESS.fullmatch(text)
    if match is None and _BARE_IPV6.fullmatch(text):
        host, _, port = text.rpartition(":")
        raise ValueError(f"{text!r}: an IPv6 address stands in brackets; write [{host}]:{port}")
    if match is None or not 1 <= int(match["port"]) <= 65535 or not _is_host(match["host"]):  # noqa: PLR2004
        raise ValueError(f"{text!r} is not host:port, such as 127.0.0.1:8081 or [::1]:8081")
    return Address(f"{match['host']}:{int(match['port'])}")


def _is_host(text: str) -> bool:
    """Tell whether the text is an IP address, IPv6 in brackets, or a host name; digits and dots alone are an address."""
    if text == "*":
        return True
    if text.startswith("[") or not re.search("[A-Za-z]", text):
        try:
            address = ipaddress.ip_address(text.strip("[]"))
        except ValueError:
            return False
        return (address.version == 6) == text.startswith("[")  # noqa: PLR2004
    return _HOST.fullmatch(text) is not None


def _parse_networks(value: object) -> object:
    values = split_list(value)
    return tuple(map(_parse_network, values)) if isinstance(values, list | tuple) else values


def _parse_network(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return ipaddress.ip_network(value)
    except ValueError:
        pass
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise ValueError(f"{value!r} is not a network such as 10.0.0.0/8 or fd00::/8") from None
    host = value.partition("/")[0]
    raise ValueError(
        f"{value!r} is an address within a network; write {network} for the network, "
        f"or {host}/{network.max_prefixlen} for that address alone"
    )


def _parse_server_name(value: str) -> str:
    wrong = [name for name in value.split() if not _SERVER_NAME.fullmatch(name)]
    if wrong or not value.split():
        raise ValueError(
            f"{value!r} is no host name, nor several with blanks between (`phones.example.org`, `_` for any)"
        )
    return " ".join(value.split())


def _parse_base_dn(value: str) -> str:
    if value and not is_dn(value):
        parts = ",".join(f"dc={part}" for part in value.split(".")) if _HOST.fullmatch(value) else "dc=example,dc=org"
        raise ValueError(f"{value!r} is not a DN; write one such as {parts}")
    return value


def _parse_base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{value!r} is not a base URL such as http://phones.example.org")
    if not value.isascii() or any(c.isspace() or c == "&" for c in value):
        raise ValueError(f"{value!r} holds a blank, an & or a character that is not ASCII; phones cannot follow it")
    return value.rstrip("/")


def _parse_prefix(value: str) -> str:
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)*/?", value):
        raise ValueError(f"{value!r} is not a path such as /provisioning")
    return value.rstrip("/")


def _against_folder(value: object, info: ValidationInfo) -> object:
    if not isinstance(value, (str, Path)) or str(value) == "":
        return value
    folder = (info.context or {}).get("folder", Path())
    return Path(folder) / Path(value).expanduser()


def _read_secret(value: object, info: ValidationInfo) -> object:
    if isinstance(value, SecretFile):
        return value
    return SecretFile(Path(str(_against_folder(value, info))))


def _split_dns(value: object) -> object:
    """As text, for an environment variable, DNs are parted by semicolons."""
    return [part.strip() for part in value.split(";") if part.strip()] if isinstance(value, str) else value


def _parse_dns(value: tuple[str, ...]) -> tuple[str, ...]:
    for dn in value:
        if not is_dn(dn):
            raise ValueError(f"{dn!r} is not a DN such as ou=service,dc=example,dc=org")
    return value


def _parse_region(value: str) -> str:
    region = value.upper()
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"{value!r} is not a two-letter country code such as FR")
    return region


def _parse_setting_names(value: dict[str, Any]) -> dict[str, Any]:
    for name in value:
        if not re.fullmatch(r"[a-z]+\.[A-Za-z0-9_-]+", name):
            raise ValueError(f"{name!r} is not section.Parameter, such as sip.CallPkupSC")
    return value


FilePath = Annotated[Path, BeforeValidator(_against_folder)]
Listen = Annotated[Address, BeforeValidator(_parse_address)]
BaseUrl = Annotated[str, AfterValidator(_parse_base_url)]
Prefix = Annotated[str, AfterValidator(_parse_prefix)]
Password = Annotated[SecretFile, BeforeValidator(_read_secret)]
Networks = Annotated[tuple[Network, ...], BeforeValidator(_parse_networks)]
ServerName = Annotated[str, AfterValidator(_parse_server_name)]
"""Names of a server block of nginx, with blanks between."""
BaseDn = Annotated[str, AfterValidator(_parse_base_dn)]
"""A DN; "" stands for none."""
Dns = Annotated[tuple[str, ...], BeforeValidator(_split_dns), AfterValidator(_parse_dns)]
Texts = Annotated[tuple[str, ...], BeforeValidator(split_list)]
Region = Annotated[str, AfterValidator(_parse_region)]
Seconds = Annotated[float, Field(gt=0, le=86400)]
Settings = Annotated[dict[str, str], AfterValidator(_parse_setting_names)]
SecretSettings = Annotated[dict[str, Password], AfterValidator(_parse_setting_names)]
