"""What `[provision]` and `[directory]` have in common."""

from typing import Annotated

from pydantic import Field

from shared.settings import LOOPBACK_NETWORKS, PRIVATE_NETWORKS, BaseUrl, Listen, Networks, Section


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
        "http://127.0.0.1:8080",
        description="Base URL as phones reach it; every URL in a file begins with it. Phones of the ST2030's age speak TLS 1.0 "
        "at most, so `https:` needs a server that still does",
    )
