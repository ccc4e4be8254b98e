"""`[[directory.profiles]]`: what models of phones can show, where it differs from what their vendors print."""

from typing import Annotated, Literal

from pydantic import Field

from shared.settings import Section

Version = Annotated[str, Field(pattern=r"^(\d+(\.\d+)*)?$")]


class PhoneProfile(Section):
    """The phones of a model, or of a range of its firmware; what is not given stays as it was. A later table wins."""

    dialect: Literal["thomson", "yealink", "snom", "cisco", "grandstream", "fanvil", "polycom", "gigaset", "json"] = (
        Field("thomson", description="Whose phones, as in the path `/yealink/search`")
    )
    model: str = Field("*", description="Model as in the User-Agent; `*` stands for any characters")
    firmware_from: Version = Field("", description="Oldest firmware, `2.72`; empty: any")
    firmware_to: Version = Field("", description="Newest firmware; `2.72` includes `2.72.3`; empty: any")
    charset: Literal["ISO-8859-1", "UTF-8", "ASCII"] | None = Field(None, description="Charset of the documents")
    rows: Annotated[int, Field(ge=4, le=100)] | None = Field(
        None, description="Rows of a page, never more than the vendor's limit"
    )
    style: Literal["menu", "pages", "mixed"] | None = Field(
        None, description="`menu`: menus of ranges; `mixed`: rows with links to the previous and next page"
    )
    name_width: Annotated[int, Field(ge=0, le=128)] | None = Field(
        None, description="Characters of a name with its label; 0: any"
    )
    label_width: Annotated[int, Field(ge=0, le=128)] | None = Field(
        None, description="Characters of a menu's line; 0: any"
    )
    dial_prefix: bool | None = Field(None, description="`Dial:` before each number")
    cdata: bool | None = Field(None, description="Names and numbers in CDATA sections")
