"""`[nginx]`: the front of both services."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.settings import Address, FilePath, Listen, Section, ServerName


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
    server_name: ServerName = Field("_", description="Host name of the server block, or several; `_`: any")
    provision_rate: Annotated[int, Field(ge=1, le=100000)] = Field(
        10,
        description="Provisioning requests per second and client, four times as many at once: a phone asks for 10 at boot",
    )
    directory_rate: Annotated[int, Field(ge=1, le=100000)] = Field(20, description="Searches per second and client")
    lookup_rate: Annotated[int, Field(ge=1, le=100000)] = Field(
        200, description="Callers' names per second and telephone system"
    )
    connections: Annotated[int, Field(ge=1, le=65535)] = Field(
        64, description="Requests in progress at a time of one client"
    )
    tls: NginxTls = NginxTls()
