"""Which LDAP attribute holds what: the only place where an attribute name stands.

The defaults are the preset `asterisk`: stock schemas and the schema of Asterisk's realtime LDAP driver
(`reference/ldap-notes.md` section 8). A site names its own in the configuration file.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from shared.ldap.source import Kind


def split_list(value: object) -> object:
    """Let a list also be written as text with commas, as an environment variable must."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(split_list)]
"""Attributes in order of preference; the first that has a value is used."""


class _Attributes(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def names_of(self, fields: Sequence[str]) -> tuple[str, ...]:
        """Return the attributes of these fields, each once."""
        return tuple(dict.fromkeys(name for field in fields for name in getattr(self, field)))


class PersonAttributes(_Attributes):
    """What is read of a person."""

    display_name: Names = Field(("displayName", "cn"), description="Name as the person wants it shown")
    surname: Names = Field(("sn",), description="Family name")
    given_name: Names = Field(("givenName",), description="Given name")
    extension: Names = Field(("AstAccountName",), description="Internal number; several values are several numbers")
    work: Names = Field(("telephoneNumber",), description="Office numbers")
    mobile: Names = Field(("mobile",), description="Mobile numbers")
    home: Names = Field(("homePhone",), description="Home numbers")
    company: Names = Field(("o",), description="Company")
    department: Names = Field(
        ("ou", "departmentNumber"),
        description="Departments; the phonebook `my-department` and the ranking compare them",
    )
    title: Names = Field(("title",), description="Title or function, found after names")
    site: Names = Field(
        ("l",), description="Site; the phonebook `my-site`, the ranking and the dialling rules compare it"
    )


class AccountAttributes(_Attributes):
    """What is read of a SIP account."""

    user: Names = Field(("AstAccountName",), description="SIP user, which is also the extension")
    secret: Names = Field(("AstAccountSecret",), description="SIP password")
    caller_id: Names = Field(("AstAccountCallerID",), description='Caller id, `"Name" <number>`')
    mailbox: Names = Field(
        ("AstAccountMailbox",), description="Voice mailbox; an account without one gets no voicemail key"
    )


class PhoneAttributes(_Attributes):
    """What is read of a phone."""

    mac: Names = Field(("macAddress",), description="Hardware address")
    owner: Names = Field(("owner",), description="DN of the person or account that the phone belongs to")
    key: Names = Field(("dialtreeKey",), description="Function keys, `3 blf 1002 Reception`")
    setting: Names = Field(("dialtreeSetting",), description="Parameters of this phone, `sip.CallPkupSC=*8X`")


class Mapping(BaseModel):
    """The attribute mapping, a preset with the site's own names laid over it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    preset: Literal["asterisk"] = Field("asterisk", description="Names to start from")
    person: PersonAttributes = PersonAttributes()
    account: AccountAttributes = AccountAttributes()
    phone: PhoneAttributes = PhoneAttributes()

    def attributes(self, kind: Kind, fields: Sequence[str]) -> tuple[str, ...]:
        """Return the attributes to ask the server for, so that these fields of the kind can be read."""
        by_kind: dict[Kind, _Attributes] = {
            Kind.PERSON: self.person,
            Kind.ACCOUNT: self.account,
            Kind.PHONE: self.phone,
        }
        return by_kind[kind].names_of(fields)
