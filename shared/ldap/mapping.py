"""Which LDAP attribute holds what: the only place where an attribute name stands.

The defaults are the preset `asterisk`: stock schemas and the schema of Asterisk's realtime LDAP driver
(`reference/ldap-notes.md` section 8). A site names its own in the configuration file.
"""

from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from shared.ldap.conditions import parse_condition
from shared.ldap.entry import AllOf
from shared.ldap.source import Kind


def split_list(value: object) -> object:
    """Let a list also be written as text with commas, as an environment variable must."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


IDENTITY: Final = "entryUUID"
"""Operational attribute (RFC 4530): what an entry stays, whatever becomes of its name."""
STAMP: Final = "entryCSN"
"""Operational attribute of OpenLDAP: another value after every change of the entry."""
MEMBERS: Final = ("member", "uniqueMember")
"""Attributes by which a server's access rules know the members of a group."""
ACCESS_RULES: Final = "olcAccess"
"""OpenLDAP's access rules in its own configuration, cn=config."""
CONTAINER_CLASSES: Final = (
    "organizationalUnit", "organization", "domain", "dcObject", "locality", "country", "container", "nsContainer",
)  # fmt: skip
"""Object classes of entries under which others stand."""

Names = Annotated[tuple[str, ...], BeforeValidator(split_list)]
"""Attributes in order of preference: all values of the first that has one; where one value is needed, the smallest."""
AllNames = Annotated[Names, AfterValidator(AllOf)]
"""Attributes that all count: all values of all of them, in the order of the list, each once."""


def _checked_conditions(value: tuple[str, ...]) -> tuple[str, ...]:
    for text in value:
        parse_condition(text)
    return value


Conditions = Annotated[Names, AfterValidator(_checked_conditions)]
"""Conditions on an attribute each, see `shared.ldap.conditions`."""


class _Attributes(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    @cached_property
    def lowered(self) -> MappingOf[str, tuple[str, ...]]:
        """The attributes of each field as entries name them, in lower case; for `Entry.values` as good as the fields."""
        fields = ((field, getattr(self, field)) for field in type(self).model_fields)
        return {field: type(names)(name.lower() for name in names) for field, names in fields}

    def names_of(self, fields: Sequence[str]) -> tuple[str, ...]:
        """Return the attributes of these fields, each once."""
        return tuple(dict.fromkeys(name for field in fields for name in getattr(self, field)))


class PersonAttributes(_Attributes):
    """What is read of a person."""

    display_name: Names = Field(("displayName", "cn"), description="Name to show; every value of every one is found")
    surname: Names = Field(("sn",), description="Family name")
    given_name: Names = Field(("givenName",), description="Given name")
    phonetic: AllNames = Field(
        (), description="How names are spoken or read, such as `msDS-PhoneticDisplayName`: searched, never shown"
    )
    extension: AllNames = Field(("AstAccountName",), description="Internal number; several values are several numbers")
    caller_id: Names = Field(
        ("AstAccountCallerID",),
        description="Caller id of the account; its number is the extension where `extension` names the SIP user",
    )
    work: AllNames = Field(("telephoneNumber",), description="Office numbers")
    mobile: AllNames = Field(("mobile",), description="Mobile numbers")
    home: AllNames = Field(("homePhone",), description="Home numbers")
    company: AllNames = Field(("o",), description="Companies")
    department: AllNames = Field(
        ("ou", "departmentNumber"),
        description="Departments; the phonebook `my-department` and the ranking compare them",
    )
    language: Names = Field(("preferredLanguage",), description="Language, written as RFC 2798 says: `fr-CH, en;q=0.5`")
    country: Names = Field(("c", "co"), description="Country, ISO 3166 code or name: the tone plan")
    title: AllNames = Field(("title",), description="Titles or functions, found after names")
    site: AllNames = Field(
        ("l",),
        description="Sites, found last; the phonebook `my-site`, the ranking and the dialling rules compare them",
    )
    login: Names = Field(("uid",), description="Names by which the `memberUid` of a group means a person; all count")
    member_filter: Names = Field(
        ("objectClass",), description="Further attributes that the filter of a group's `memberURL` may compare"
    )
    hidden: Names = Field(
        ("dialtreeHidden",),
        description="Flags: a person with one that says anything but `FALSE`, `no`, `off` or `0` is hidden",
    )
    hide: Names = Field(
        ("dialtreeHide",), description="Names what of a person is hidden: words of this table (`mobile`) or attributes"
    )
    disabled: Conditions = Field(
        (
            "pwdAccountLockedTime=000001010000Z",
            "nsAccountLock",
            "loginDisabled",
            "shadowExpire<=today",
            "accountExpires<=now(filetime)",
            "userAccountControl&2",
        ),
        description="Whose account is disabled or has expired, and so hidden: `NAME` (a flag), `NAME=VALUE`, `NAME&BITS`,"
        " `NAME<=today` (days since 1970), `NAME<=now` (generalized time), `NAME<=now(filetime)`, `NAME<=now(seconds)`",
    )


class GroupAttributes(_Attributes):
    """What is read of a group."""

    member: AllNames = Field(("member", "uniqueMember"), description="DNs of the members")
    login: AllNames = Field(("memberUid",), description="Login names of the members")
    url: AllNames = Field(("memberURL",), description="Searches that find the members, as LDAP URLs (RFC 4516)")


class AccountAttributes(_Attributes):
    """What is read of a SIP account."""

    user: Names = Field(("AstAccountName",), description="SIP user, by which the phone registers")
    auth_name: Names = Field((), description="Name by which the phone authenticates; without one it is the SIP user")
    extension: Names = Field(
        (), description="Number that others dial; without one it is the number in the caller id, else the SIP user"
    )
    secret: Names = Field(("AstAccountSecret",), description="SIP password")
    caller_id: Names = Field(("AstAccountCallerID",), description='Caller id, `"Name" <number>`')
    mailbox: Names = Field(
        ("AstAccountMailbox",), description="Voice mailbox; an account without one gets no voicemail key"
    )
    registrar: Names = Field((), description="Registrar and proxy of this account alone")
    backup_registrar: Names = Field((), description="Second registrar and proxy of this account alone")
    transport: Names = Field((), description="Transport of this account alone: `udp`, `tcp` or `tls`")

    @property
    def number(self) -> tuple[str, ...]:
        """The attributes that say which number others dial."""
        return (*self.extension, *self.caller_id)


class PhoneAttributes(_Attributes):
    """What is read of a phone."""

    mac: Names = Field(("macAddress",), description="Hardware address")
    owner: Names = Field(("owner",), description="DN of the person or account that the phone belongs to")
    key: Names = Field(("dialtreeKey",), description="Function keys, `3 blf 1002 Reception`")
    setting: Names = Field(("dialtreeSetting",), description="Parameters of this phone, `sip.CallPkupSC=*8X`")
    line: Names = Field(("dialtreeLine",), description="Further lines, `2 uid=alice,ou=people,dc=example,dc=org`")
    model: Names = Field(
        ("dialtreeModel",), description="Model; without one it is known by what the phone says and asks for"
    )
    profile: Names = Field(("dialtreeProfile",), description="Name or DN of the phone's profile")


class ProfileAttributes(_Attributes):
    """What is read of a profile."""

    name: Names = Field(("cn",), description="Name by which phones and other profiles refer to it")
    parent: Names = Field(("dialtreeParent",), description="Name or DN of the profile above")
    setting: Names = Field(("dialtreeSetting",), description="Parameters of its phones, `sip.CallPkupSC=*8X`")
    time_zone: Names = Field(("dialtreeTimeZone",), description="IANA time zone, `Europe/Paris`")
    language: Names = Field(("preferredLanguage",), description="Language of its phones")
    country: Names = Field(("c", "co"), description="Country of its phones: the tone plan")
    key: Names = Field(("dialtreeKey",), description="Function keys of its phones, `3 blf 1002 Reception`")
    file: Names = Field(("dialtreeFile",), description="Vendor files that its phones get instead of the newest ones")


WRITTEN_BY_ASTERISK: Final = frozenset(
    (
        "AstAccountDefaultUser", "AstAccountExpirationTimestamp", "AstAccountFullContact", "AstAccountIPAddress",
        "AstAccountIpAddr", "AstAccountLastms", "AstAccountLastQualifyMilliseconds", "AstAccountPort",
        "AstAccountRegistrationServer", "AstAccountRegServer", "AstAccountUserAgent",
    )
)  # fmt: skip
"""What Asterisk's realtime driver writes when a phone registers (`realtime_update_peer` of chan_sip, and `res_ldap.conf`)."""


class Mapping(BaseModel):
    """The attribute mapping, a preset with the site's own names laid over it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    preset: Literal["asterisk"] = Field("asterisk", description="Names to start from")
    person: PersonAttributes = PersonAttributes()
    group: GroupAttributes = GroupAttributes()
    account: AccountAttributes = AccountAttributes()
    phone: PhoneAttributes = PhoneAttributes()
    profile: ProfileAttributes = ProfileAttributes()

    def attributes(self, kind: Kind, fields: Sequence[str]) -> tuple[str, ...]:
        """Return the attributes to ask the server for, so that these fields of the kind can be read."""
        by_kind: dict[Kind, _Attributes] = {
            Kind.PERSON: self.person,
            Kind.GROUP: self.group,
            Kind.ACCOUNT: self.account,
            Kind.PHONE: self.phone,
            Kind.PROFILE: self.profile,
        }
        return by_kind[kind].names_of(fields)
