"""`[numbers]`: how numbers are read and dialled."""

from typing import Annotated

from pydantic import Field

from shared.settings import Region, Section


class Numbers(Section):
    """How numbers are read and dialled at this site."""

    region: Region = Field("FR", description="Country of the site: national numbers are read as this country's")
    outside_prefix: Annotated[str, Field(pattern=r"^[0-9*#]{0,4}$")] = Field(
        "", description="Dialled before every number outside the house"
    )
    extension_digits: Annotated[int, Field(ge=1, le=9)] = Field(
        5, description="Numbers of at most this many digits are extensions, dialled as they are"
    )
