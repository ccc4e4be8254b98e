"""The one configuration model: every setting, its default and its meaning.

`shared.configfile` reads the file and the environment into it.

Nothing here opens a socket or imports a service. That two settings do not fit together is said here too, so that all
faults come at once.
"""

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from shared.ldap.mapping import Mapping
from shared.ldap.source import Kind, Scope
from shared.settings import (
    LOOPBACK_NETWORKS,
    PRIVATE_NETWORKS,
    Address,
    BaseUrl,
    FilePath,
    Listen,
    Networks,
    Password,
    Prefix,
    Region,
    Seconds,
    SecretSettings,
    Section,
    Settings,
    Texts,
)


class Bind(Section):
    """The LDAP account of one service; both empty is an anonymous bind."""

    dn: str = Field("", description="DN to bind as; empty: anonymous")
    password_file: Password | None = Field(None, description="File that holds the password of that account")

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if bool(self.dn) != bool(self.password_file):
            raise ValueError("dn and password_file belong together: give both, or none for an anonymous bind")
        return self


class Search(Section):
    """Where the entries of one kind are."""

    base: str = Field("", description="Base DN; empty: `ldap.base`")
    scope: Scope = Field("subtree", description="Scope of the search")
    filter: str = Field("", description="RFC 4515 filter; empty: the kind's own")


class PersonSearch(Search):
    """Persons."""

    filter: str = Field("(objectClass=inetOrgPerson)", description="RFC 4515 filter of persons")


class AccountSearch(Search):
    """SIP accounts."""

    filter: str = Field("(objectClass=AsteriskSIPUser)", description="RFC 4515 filter of SIP accounts")


class PhoneSearch(Search):
    """Phones."""

    filter: str = Field("(macAddress=*)", description="RFC 4515 filter of phones")


class Ldap(Section):
    """The directory, and how to follow it."""

    source: Literal["syncrepl", "ldif"] = Field(
        "syncrepl", description="`syncrepl`: OpenLDAP (RFC 4533); `ldif`: a file, read again when it changes"
    )
    ldif_file: FilePath | None = Field(None, description='The LDIF file, for `source = "ldif"`')
    urls: Texts = Field(
        (), description="LDAP servers in order of preference: `ldaps://…`, `ldap://…`, `ldapi://…` is not supported"
    )
    start_tls: bool = Field(default=False, description="StartTLS on `ldap://` connections")
    check_certificate: bool = Field(default=True, description="Check the server's certificate and name")
    ca_file: FilePath | None = Field(None, description="CA certificates, PEM; empty: the system's own")
    certificate_names: Texts = Field(
        (), description="Names to accept in the certificate where `urls` must hold an address"
    )
    connect_timeout: Seconds = Field(5, description="Seconds to wait for a connection")
    operation_timeout: Annotated[float, Field(gt=0, le=30)] = Field(
        10, description="Seconds without a byte after which a server counts as frozen (30 at most)"
    )
    poll_interval: Annotated[float, Field(ge=0.02, le=3600)] = Field(
        0.1, description="Shortest pause between two polls, seconds; polls that cost the server more come less often"
    )
    base: str = Field("", description="Base DN of all searches that name none of their own")
    person: PersonSearch = PersonSearch()
    account: AccountSearch = AccountSearch()
    phone: PhoneSearch = PhoneSearch()
    provision_bind: Bind = Bind()
    directory_bind: Bind = Bind()
    mapping: Mapping = Mapping()

    @model_validator(mode="after")
    def _source_is_named(self) -> Self:
        if self.source == "ldif" and self.ldif_file is None:
            raise ValueError('source = "ldif" needs ldif_file')
        if self.source == "syncrepl" and not self.urls:
            raise ValueError('source = "syncrepl" needs urls, such as ["ldaps://ldap.example.org"]')
        for url in self.urls:
            parts = urlsplit(url)
            if parts.scheme not in ("ldap", "ldaps") or not parts.hostname:
                raise ValueError(f"urls: {url!r} is not ldap://host or ldaps://host")
            if self.start_tls and parts.scheme == "ldaps":
                raise ValueError(f"urls: {url!r} and start_tls exclude each other; ldaps is encrypted from the start")
        return self

    def search(self, kind: Kind) -> Search:
        """Return where the entries of a kind are."""
        return {Kind.PERSON: self.person, Kind.ACCOUNT: self.account, Kind.PHONE: self.phone}[kind]


class Guard(Section):
    """Design law 11: a mass removal is held until a person accepts it."""

    share: Annotated[float, Field(gt=0, le=1)] = Field(
        0.2, description="Share of a kind's entries (or secrets) that may go at once"
    )
    least: Annotated[int, Field(ge=1)] = Field(10, description="Fewer removals than this are always believed")
    window: Seconds = Field(3600, description="Removals within this many seconds count together")


class Numbers(Section):
    """How numbers are read and dialled at this site."""

    region: Region = Field("FR", description="Country of the site: national numbers are read as this country's")
    outside_prefix: Annotated[str, Field(pattern=r"^[0-9*#]{0,4}$")] = Field(
        "", description="Dialled before every number outside the house"
    )
    extension_digits: Annotated[int, Field(ge=1, le=9)] = Field(
        5, description="Numbers of at most this many digits are extensions, dialled as they are"
    )


class Service(Section):
    """What both services have."""

    listen: Listen
    workers: Annotated[int, Field(ge=1, le=64)] = Field(
        1, description="Processes; worker N listens 10·(N-1) ports higher"
    )
    allow: Networks = Field(
        PRIVATE_NETWORKS, description="Client networks that are answered; others get the uniform refusal"
    )
    trusted_proxies: Networks = Field(
        LOOPBACK_NETWORKS, description="Where nginx runs: only from there `X-Forwarded-For` is believed, one hop"
    )
    public_url: BaseUrl = Field(
        "http://127.0.0.1:8080", description="Base URL as phones reach it; every URL in a file begins with it"
    )


class Provision(Service):
    """The provision service and what its phones are told."""

    listen: Listen = Field(Address("127.0.0.1:8081"), description="Address of the first worker")
    path_prefix: Prefix = Field(
        "/provisioning", description="Path below which phones find `ST2030/config/` and `ST2030/data/`"
    )
    vendor_dir: FilePath | None = Field(
        None, description="Folder with the vendor's firmware, tone and language files, and `.ser` files"
    )
    registrar: str = Field("127.0.0.1", description="SIP registrar and proxy (host or address)")
    backup_registrar: str = Field("", description="Second SIP registrar and proxy")
    sip_domain: str = Field("", description="SIP domain; empty: the registrar")
    voicemail_number: str = Field("", description="Number that the message key dials, for accounts that have a mailbox")
    pickup_code: str = Field("", description="Pickup service code; a final `X` is replaced by the number, `*8X`")
    language: Literal["en", "fr", "es", "de", "it", "no", "ru", "pt", "nl"] = Field(
        "en", description="Language of the phone's menus"
    )
    country: Literal["US", "FR", "GB", "DE", "NL", "IT", "ES", "CZ", "PL", "SI", "AT"] = Field(
        "US", description="Tone plan"
    )
    time_zone: Annotated[int, Field(ge=0, le=63)] = Field(22, description="`NtpZoneNum`, 22 is Paris (phone-spec 3.3)")
    daylight: bool = Field(default=True, description="Summer time")
    ntp_server: str = Field("", description="NTP server; empty: no NTP")
    phonebook_name: str = Field("Phonebook", description="Title of the phonebook on the phone")
    settings: Settings = Field({}, description='Parameters of all phones, `"sip.CallPkupSC" = "*8X"`')
    settings_file: SecretSettings = Field(
        {}, description='Secret parameters of all phones, each in a file: `"sys.WebPWD" = "secrets/web"`'
    )


class Directory(Service):
    """The directory service."""

    listen: Listen = Field(Address("127.0.0.1:8082"), description="Address of the first worker")
    charset: Literal["ISO-8859-1", "UTF-8"] = Field("ISO-8859-1", description="Charset of the XML")
    min_query: Annotated[int, Field(ge=1, le=10)] = Field(1, description="Letters or digits a query must have")

    @property
    def search_url(self) -> str:
        """The URL that phones are given, with the token that they replace (`phone-spec.md` 1.1)."""
        return f"{self.public_url}/search?q=#SEARCH"


class NginxTls(Section):
    """An additional HTTPS server for phones that can."""

    listen: Listen | None = Field(None, description="Address of the HTTPS server; empty: none")
    certificate: FilePath | None = Field(None, description="Certificate chain, PEM")
    key: FilePath | None = Field(None, description="Private key, PEM")

    @model_validator(mode="after")
    def _whole_or_none(self) -> Self:
        if len({self.listen is None, self.certificate is None, self.key is None}) != 1:
            raise ValueError("listen, certificate and key belong together: give all three, or none")
        return self


class Nginx(Section):
    """The front that `dialtree export nginx` renders."""

    listen: Listen = Field(Address("127.0.0.1:8080"), description="Address that phones reach")
    server_name: str = Field("_", description="Host name of the server block")
    provision_rate: Annotated[int, Field(ge=1, le=100000)] = Field(
        50, description="Provisioning requests per second and client"
    )
    directory_rate: Annotated[int, Field(ge=1, le=100000)] = Field(20, description="Searches per second and client")
    tls: NginxTls = NginxTls()


class Config(Section):
    """The whole of `dialtree.toml`."""

    state_dir: FilePath = Field(Path("state"), description="Folder of the mirrors' SQLite files; created, mode 0700")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged")
    ldap: Ldap
    guard: Guard = Guard()
    numbers: Numbers = Numbers()
    provision: Provision = Provision()
    directory: Directory = Directory()
    nginx: Nginx = Nginx()
