"""`[directory]`: the directory service, and what its phonebooks hold."""

from typing import Annotated, Literal

from pydantic import Field

from shared.sections.service import Service
from shared.settings import Address, Listen


class Directory(Service):
    """The directory service."""

    listen: Listen = Field(Address("127.0.0.1:8082"), description="Address of the first worker")
    charset: Literal["ISO-8859-1", "UTF-8"] = Field("ISO-8859-1", description="Charset of the XML")
    min_query: Annotated[int, Field(ge=1, le=10)] = Field(1, description="Letters or digits a query must have")

    @property
    def search_url(self) -> str:
        """The URL that phones are given, with the token that they replace (`phone-spec.md` 1.1)."""
        return f"{self.public_url}/search?q=#SEARCH"
