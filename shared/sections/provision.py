"""`[provision]`: the provision service, and what its phones are told."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from shared.sections.service import Service
from shared.settings import Address, FilePath, Listen, Prefix, SecretSettings, Settings, Texts


class Provision(Service):
    """The provision service and what its phones are told."""

    listen: Listen = Field(Address("127.0.0.1:8081"), description="Address of the first worker")
    tftp_listen: Listen = Field(
        Address("0.0.0.0:69"), description="UDP address of `dialtree provision tftp`, IPv4; no other command opens it"
    )
    tftp_metrics: Listen | None = Field(
        None, description="Where `dialtree provision tftp` shows its metrics by HTTP; empty: nowhere"
    )
    tftp_rate: Annotated[int, Field(ge=1, le=100000)] = Field(
        10, description="TFTP requests per second and client, four times as many at once; those above get no answer"
    )
    path_prefix: Prefix = Field(
        "/provisioning",
        description="Path below which phones find `ST2030/config/` and `ST2030/data/`, and so for each model",
    )
    vendor_dir: FilePath | None = Field(
        None, description="Folder with the vendor's firmware, tone and language files, and `.ser` files"
    )
    models_dir: FilePath = Field(
        Path("models"), description="Folder of `*.toml` files with models of your own; may be absent"
    )
    pinned_files: Texts = Field(
        (), description="Vendor files that phones get instead of the newest ones in `vendor_dir`, such as a firmware"
    )
    other_extensions: Texts = Field(
        (), description="Numbers that keys may supervise though no account has them: parking slots, queues"
    )
    registrar: str = Field("127.0.0.1", description="SIP registrar and proxy (host or address)")
    backup_registrar: str = Field("", description="Second SIP registrar and proxy")
    sip_domain: str = Field("", description="SIP domain; empty: the registrar")
    voicemail_number: str = Field("", description="Number that the message key dials, for accounts that have a mailbox")
    voicemail_transfer: str = Field(
        "",
        description="Where callers of accounts that have a mailbox are transferred, not where messages are heard; a final `X` "
        "is replaced by the extension, `*55X`",
    )
    resync_from: str = Field(
        "", description="The one address or name that may tell phones to fetch their files anew; empty: the registrar"
    )
    pickup_code: str = Field("", description="Pickup service code; a final `X` is replaced by the number, `*8X`")
    language: Literal["en", "fr", "es", "de", "it", "no", "ru", "pt", "nl"] = Field(
        "en", description="Language of the phone's menus"
    )
    country: Literal["US", "FR", "GB", "DE", "NL", "IT", "ES", "CZ", "PL", "SI", "AT"] = Field(
        "US", description="Tone plan"
    )
    time_zone: Annotated[int, Field(ge=0, le=63)] | str = Field(
        "Europe/Paris", description="IANA time zone; or the phone's own number, 0-63 (`NtpZoneNum`)"
    )
    daylight: bool = Field(default=True, description="Summer time, where the time zone has it")
    default_profile: str = Field("", description="Name or DN of the profile of phones that name none")
    ntp_server: str = Field("", description="NTP server; empty: no NTP")
    phonebook_name: str = Field("Phonebook", description="Title of a phonebook that has no name of its own")
    settings: Settings = Field({}, description='Parameters of all phones, `"sip.CallPkupSC" = "*8X"`')
    settings_file: SecretSettings = Field(
        {}, description='Secret parameters of all phones, each in a file: `"sys.WebPWD" = "secrets/web"`'
    )
